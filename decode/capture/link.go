package capture

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
