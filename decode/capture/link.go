package capture

import "fmt"

// LinkType is a link-layer header type as in pcap and pcapng files, https://www.tcpdump.org/linktypes.html.
type LinkType uint16

// The link types that are decoded.
const (
	LinkNull      LinkType = 0
	LinkEthernet  LinkType = 1
	LinkRaw12     LinkType = 12 // DLT_RAW of most systems, found in files written by old programs
	LinkRaw14     LinkType = 14 // DLT_RAW of OpenBSD
	LinkRaw       LinkType = 101
	LinkLoop      LinkType = 108
	LinkLinuxSLL  LinkType = 113
	LinkIPv4      LinkType = 228
	LinkIPv6      LinkType = 229
	LinkLinuxSLL2 LinkType = 276
)

// String returns the name as on tcpdump.org without its prefix (EN10MB for 1, as tcpdump -L says), or the number.
func (t LinkType) String() string {
	switch t {
	case LinkNull:
		return "NULL"
	case LinkEthernet:
		return "EN10MB"
	case LinkRaw, LinkRaw12, LinkRaw14:
		return "RAW"
	case LinkLoop:
		return "LOOP"
	case LinkLinuxSLL:
		return "LINUX_SLL"
	case LinkIPv4:
		return "IPV4"
	case LinkIPv6:
		return "IPV6"
	case LinkLinuxSLL2:
		return "LINUX_SLL2"
	}
	return fmt.Sprintf("LINKTYPE_%d", uint16(t))
}
