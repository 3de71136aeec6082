package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// describe fills in what a header that gopacket has read says.
func describe(l *Layer, from gopacket.Layer) {
	switch h := from.(type) {
	case *layers.Ethernet:
		l.Summary = h.SrcMAC.String() + " to " + h.DstMAC.String()
		l.add("destination", "%s", h.DstMAC)
		l.add("source", "%s", h.SrcMAC)
		if h.Length > 0 {
			l.add("length", "%d", h.Length)
		} else {
			l.add("type", "%s", etherType(h.EthernetType))
		}
	case *layers.LinuxSLL:
		l.Summary = h.PacketType.String()
		l.add("packet type", "%s (%d)", h.PacketType, uint16(h.PacketType))
		l.add("hardware type", "%d", h.AddrType)
		if len(h.Addr) > 0 {
			l.add("address", "%s", h.Addr)
		}
		l.add("protocol", "%s", etherType(h.EthernetType))
	case *layers.Loopback:
		l.add("family", "%s (%d)", h.Family, uint8(h.Family))
	case *layers.PPP:
		l.add("protocol", "%s", h.PPPType)
	case *layers.PPPoE:
		l.Summary = fmt.Sprintf("session %d", h.SessionId)
		l.add("code", "%s", h.Code)
		l.add("session", "%d", h.SessionId)
		l.add("length", "%d", h.Length)
	case *layers.Dot1Q:
		l.Summary = fmt.Sprintf("VLAN %d", h.VLANIdentifier)
		l.add("priority", "%d", h.Priority)
		l.add("drop eligible", "%s", yes(h.DropEligible))
		l.add("VLAN", "%d", h.VLANIdentifier)
		l.add("type", "%s", etherType(h.Type))
	case *layers.LLC:
		l.add("DSAP", "0x%02x", h.DSAP)
		l.add("SSAP", "0x%02x", h.SSAP)
		l.add("control", "0x%04x", h.Control)
	case *layers.SNAP:
		l.add("organization", "%s", hex.EncodeToString(h.OrganizationalCode))
		l.add("type", "%s", etherType(h.Type))
	case *layers.MPLS:
		l.Summary = fmt.Sprintf("label %d", h.Label)
		l.add("label", "%d", h.Label)
		l.add("traffic class", "%d", h.TrafficClass)
		l.add("bottom of stack", "%s", yes(h.StackBottom))
		l.add("TTL", "%d", h.TTL)
	case *layers.ARP:
		describeARP(l, h)
	case *layers.IPv4:
		describeIPv4(l, h)
	case *layers.IPv6:
		l.Summary = h.SrcIP.String() + " to " + h.DstIP.String()
		l.add("traffic class", "0x%02x (DSCP %d, %s)", h.TrafficClass, h.TrafficClass>>2, ecn(h.TrafficClass))
		l.add("flow label", "0x%05x", h.FlowLabel)
		l.add("payload length", "%d", h.Length)
		l.add("next header", "%s (%d)", protocolName(uint8(h.NextHeader)), uint8(h.NextHeader))
		l.add("hop limit", "%d", h.HopLimit)
		l.add("source", "%s", h.SrcIP)
		l.add("destination", "%s", h.DstIP)
	case *layers.IPv6HopByHop:
		l.add("next header", "%s (%d)", protocolName(uint8(h.NextHeader)), uint8(h.NextHeader))
		for _, o := range h.Options {
			l.add("option", "%d: %s", o.OptionType, hex.EncodeToString(o.OptionData))
		}
	case *layers.IPv6Destination:
		l.add("next header", "%s (%d)", protocolName(uint8(h.NextHeader)), uint8(h.NextHeader))
		for _, o := range h.Options {
			l.add("option", "%d: %s", o.OptionType, hex.EncodeToString(o.OptionData))
		}
	case *layers.IPv6Routing:
		l.add("next header", "%s (%d)", protocolName(uint8(h.NextHeader)), uint8(h.NextHeader))
		l.add("routing type", "%d", h.RoutingType)
		l.add("segments left", "%d", h.SegmentsLeft)
		for _, a := range h.SourceRoutingIPs {
			l.add("address", "%s", a)
		}
	case *layers.IPv6Fragment:
		l.Summary = fragmentOf(int(h.FragmentOffset)*8, h.MoreFragments)
		l.add("next header", "%s (%d)", protocolName(uint8(h.NextHeader)), uint8(h.NextHeader))
		l.add("offset", "%d", int(h.FragmentOffset)*8)
		l.add("more fragments", "%s", yes(h.MoreFragments))
		l.add("identification", "0x%08x", h.Identification)
	case *layers.IPSecAH:
		l.Summary = fmt.Sprintf("SPI 0x%08x", h.SPI)
		l.add("SPI", "0x%08x", h.SPI)
		l.add("sequence", "%d", h.Seq)
	case *layers.IPSecESP:
		l.Summary = fmt.Sprintf("SPI 0x%08x", h.SPI)
		l.add("SPI", "0x%08x", h.SPI)
		l.add("sequence", "%d", h.Seq)
		l.add("encrypted", "%s", bytesOf(len(h.Encrypted)))
	case *layers.GRE:
		l.Summary = "carries " + etherType(h.Protocol)
		l.add("version", "%d", h.Version)
		l.add("protocol", "%s", etherType(h.Protocol))
		if h.KeyPresent {
			l.add("key", "%d", h.Key)
		}
		if h.SeqPresent {
			l.add("sequence", "%d", h.Seq)
		}
		if h.AckPresent {
			l.add("acknowledgement", "%d", h.Ack)
		}
		if h.ChecksumPresent {
			l.add("checksum", "0x%04x", h.Checksum)
		}
	case *layers.VXLAN:
		l.Summary = fmt.Sprintf("VNI %d", h.VNI)
		l.add("VNI", "%d", h.VNI)
		if h.GBPExtension {
			l.add("group policy", "%d", h.GBPGroupPolicyID)
		}
	case *layers.ERSPANII:
		l.add("session", "%d", h.SessionID)
	case *layers.TCP:
		describeTCP(l, h)
	case *layers.UDP:
		l.Summary = fmt.Sprintf("%d to %d", uint16(h.SrcPort), uint16(h.DstPort))
		l.add("source port", "%d", uint16(h.SrcPort))
		l.add("destination port", "%d", uint16(h.DstPort))
		l.add("length", "%d", h.Length)
		l.add("checksum", "0x%04x", h.Checksum)
	case *layers.SCTP:
		l.Summary = fmt.Sprintf("%d to %d", uint16(h.SrcPort), uint16(h.DstPort))
		l.add("source port", "%d", uint16(h.SrcPort))
		l.add("destination port", "%d", uint16(h.DstPort))
		l.add("verification tag", "0x%08x", h.VerificationTag)
		l.add("checksum", "0x%08x", h.Checksum)
	case *layers.ICMPv4:
		describeICMPv4(l, h)
	default:
		if !describeICMPv6(l, from) {
			l.add("all", "%s", gopacket.LayerString(from))
		}
	}
}

func describeARP(l *Layer, h *layers.ARP) {
	names := map[uint16]string{1: "request", 2: "reply"}
	name := names[h.Operation]
	if name == "" {
		name = "operation"
	}
	address := func(b []byte) string {
		if a, ok := netip.AddrFromSlice(b); ok {
			return a.String()
		}
		return hex.EncodeToString(b)
	}
	switch h.Operation {
	case 1:
		l.Summary = "who has " + address(h.DstProtAddress) + "? tell " + address(h.SourceProtAddress)
	case 2:
		l.Summary = address(h.SourceProtAddress) + " is at " + hardware(h.SourceHwAddress)
	}
	l.add("operation", "%s (%d)", name, h.Operation)
	l.add("sender hardware address", "%s", hardware(h.SourceHwAddress))
	l.add("sender address", "%s", address(h.SourceProtAddress))
	l.add("target hardware address", "%s", hardware(h.DstHwAddress))
	l.add("target address", "%s", address(h.DstProtAddress))
}

func describeIPv4(l *Layer, h *layers.IPv4) {
	l.Summary = h.SrcIP.String() + " to " + h.DstIP.String()
	offset, more := int(h.FragOffset)*8, h.Flags&layers.IPv4MoreFragments != 0
	if offset > 0 || more {
		l.Summary += ", " + fragmentOf(offset, more)
	}
	l.add("header length", "%d", int(h.IHL)*4)
	l.add("DSCP", "%d", h.TOS>>2)
	l.add("ECN", "%s", ecn(h.TOS))
	total := strconv.Itoa(int(h.Length))
	if len(h.Contents) >= 4 && h.Contents[2] == 0 && h.Contents[3] == 0 {
		total = "0 (still to be cut into segments)"
	}
	l.add("total length", "%s", total)
	l.add("identification", "0x%04x (%d)", h.Id, h.Id)
	l.add("don't fragment", "%s", yes(h.Flags&layers.IPv4DontFragment != 0))
	l.add("more fragments", "%s", yes(more))
	l.add("fragment offset", "%d", offset)
	l.add("TTL", "%d", h.TTL)
	l.add("protocol", "%s (%d)", protocolName(uint8(h.Protocol)), uint8(h.Protocol))
	l.add("checksum", "0x%04x, %s", h.Checksum, headerSum(h.Contents))
	l.add("source", "%s", h.SrcIP)
	l.add("destination", "%s", h.DstIP)
	for _, o := range h.Options {
		l.add("option", "%d: %s", o.OptionType, hex.EncodeToString(o.OptionData))
	}
}

// headerSum says whether the checksum of an IPv4 header is right (RFC 791, section 3.1).
func headerSum(b []byte) string {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	if sum == 0xffff {
		return "right"
	}
	return "wrong"
}

func fragmentOf(offset int, more bool) string {
	switch {
	case offset == 0 && more:
		return "the first fragment"
	case more:
		return fmt.Sprintf("a fragment from byte %d on", offset)
	case offset > 0:
		return fmt.Sprintf("the last fragment, from byte %d on", offset)
	}
	return "not fragmented"
}

// ecn names the last two bits of the DS field (RFC 3168, section 5).
func ecn(tos uint8) string {
	return [...]string{"not ECN-capable", "ECT(1)", "ECT(0)", "congestion experienced"}[tos&3]
}

func describeTCP(l *Layer, h *layers.TCP) {
	var flags []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"SYN", h.SYN},
		{"FIN", h.FIN},
		{"RST", h.RST},
		{"PSH", h.PSH},
		{"ACK", h.ACK},
		{"URG", h.URG},
		{"ECE", h.ECE},
		{"CWR", h.CWR},
		{"NS", h.NS},
	} {
		if f.set {
			flags = append(flags, f.name)
		}
	}
	set := strings.Join(flags, " ")
	if set == "" {
		set = "none"
	}
	l.Summary = fmt.Sprintf("%d to %d, %s, seq %d", uint16(h.SrcPort), uint16(h.DstPort), set, h.Seq)
	if h.ACK {
		l.Summary += fmt.Sprintf(", ack %d", h.Ack)
	}
	if n := len(h.LayerPayload()); n > 0 {
		l.Summary += ", " + bytesOf(n)
	}
	l.add("source port", "%d", uint16(h.SrcPort))
	l.add("destination port", "%d", uint16(h.DstPort))
	l.add("sequence number", "%d", h.Seq)
	l.add("acknowledgement", "%d", h.Ack)
	l.add("header length", "%d", int(h.DataOffset)*4)
	l.add("flags", "%s", set)
	l.add("window", "%d", h.Window)
	l.add("checksum", "0x%04x", h.Checksum)
	if h.URG {
		l.add("urgent pointer", "%d", h.Urgent)
	}
	for _, o := range h.Options {
		if name, value := tcpOption(&o); name != "" {
			l.add(name, "%s", value)
		}
	}
}

// quotedTCP is how much of a TCP header an ICMP error has to quote (RFC 792): the ports and the sequence number.
const quotedTCP = 8

// cutTCP reads the beginning of a header that is not whole.
func (x *work) cutTCP(b []byte) {
	l := x.message("TCP", b)
	src, dst, seq := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[4:])
	l.Summary = fmt.Sprintf("%d to %d, seq %d", src, dst, seq)
	l.add("source port", "%d", src)
	l.add("destination port", "%d", dst)
	l.add("sequence number", "%d", seq)
	x.stop("the rest of the TCP header is not there, or contradicts itself")
}

// tcpOption returns an option's name and value, "" for padding.
func tcpOption(o *layers.TCPOption) (name, value string) {
	b := o.OptionData
	be := func(i int) uint32 { return uint32(b[i])<<24 | uint32(b[i+1])<<16 | uint32(b[i+2])<<8 | uint32(b[i+3]) }
	switch {
	case o.OptionType == layers.TCPOptionKindNop, o.OptionType == layers.TCPOptionKindEndList:
		return "", ""
	case o.OptionType == layers.TCPOptionKindMSS && len(b) == 2:
		return "MSS", strconv.Itoa(int(b[0])<<8 | int(b[1]))
	case o.OptionType == layers.TCPOptionKindWindowScale && len(b) == 1:
		return "window scale", fmt.Sprintf("%d (times %d)", b[0], 1<<min(b[0], 14)) // RFC 7323, section 2.3
	case o.OptionType == layers.TCPOptionKindSACKPermitted:
		return "SACK permitted", "yes"
	case o.OptionType == layers.TCPOptionKindTimestamps && len(b) == 8:
		return "timestamps", fmt.Sprintf("%d, echo %d", be(0), be(4))
	case o.OptionType == layers.TCPOptionKindSACK && len(b)%8 == 0:
		var blocks []string
		for i := 0; i < len(b); i += 8 {
			blocks = append(blocks, fmt.Sprintf("%d-%d", be(i), be(i+4)))
		}
		return "SACK", strings.Join(blocks, " ")
	}
	return fmt.Sprintf("option %d", o.OptionType), hex.EncodeToString(b)
}

func describeICMPv4(l *Layer, h *layers.ICMPv4) {
	l.Summary = h.TypeCode.String()
	l.add("type", "%d", h.TypeCode.Type())
	l.add("code", "%d", h.TypeCode.Code())
	l.add("meaning", "%s", h.TypeCode)
	l.add("checksum", "0x%04x", h.Checksum)
	switch t, code := h.TypeCode.Type(), h.TypeCode.Code(); {
	case t == 0 || t == 8 || t == 13 || t == 14:
		l.add("identifier", "%d", h.Id)
		l.add("sequence", "%d", h.Seq)
	case t == 3 && code == 4: // RFC 1191, section 4
		l.Summary += fmt.Sprintf(", MTU %d", h.Seq)
		l.add("MTU of the next hop", "%d", h.Seq)
	}
}

// describeICMPv6 reports whether a header is one of ICMPv6.
func describeICMPv6(l *Layer, from gopacket.Layer) bool {
	options := func(list layers.ICMPv6Options) {
		for _, o := range list {
			switch {
			case o.Type == layers.ICMPv6OptSourceAddress || o.Type == layers.ICMPv6OptTargetAddress:
				l.add(o.Type.String(), "%s", hardware(o.Data))
			case o.Type == layers.ICMPv6OptMTU && len(o.Data) == 6:
				l.add("MTU", "%d", uint32(o.Data[2])<<24|uint32(o.Data[3])<<16|uint32(o.Data[4])<<8|uint32(o.Data[5]))
			default:
				l.add("option", "%d: %s", uint8(o.Type), hex.EncodeToString(o.Data))
			}
		}
	}
	switch h := from.(type) {
	case *layers.ICMPv6:
		l.Summary = h.TypeCode.String()
		l.add("type", "%d", h.TypeCode.Type())
		l.add("code", "%d", h.TypeCode.Code())
		l.add("meaning", "%s", h.TypeCode)
		l.add("checksum", "0x%04x", h.Checksum)
		if b := h.LayerPayload(); h.TypeCode.Type() == layers.ICMPv6TypePacketTooBig && len(b) >= 4 {
			mtu := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
			l.Summary += fmt.Sprintf(", MTU %d", mtu)
			l.add("MTU", "%d", mtu)
		}
	case *layers.ICMPv6Echo:
		l.add("identifier", "%d", h.Identifier)
		l.add("sequence", "%d", h.SeqNumber)
	case *layers.ICMPv6RouterSolicitation:
		options(h.Options)
	case *layers.ICMPv6RouterAdvertisement:
		l.add("hop limit", "%d", h.HopLimit)
		l.add("router lifetime", "%d", h.RouterLifetime)
		options(h.Options)
	case *layers.ICMPv6NeighborSolicitation:
		l.Summary = "who has " + h.TargetAddress.String() + "?"
		l.add("target", "%s", h.TargetAddress)
		options(h.Options)
	case *layers.ICMPv6NeighborAdvertisement:
		l.Summary = "says where " + h.TargetAddress.String() + " is"
		l.add("target", "%s", h.TargetAddress)
		l.add("flags", "0x%02x", h.Flags)
		options(h.Options)
	case *layers.ICMPv6Redirect:
		l.add("target", "%s", h.TargetAddress)
		l.add("destination", "%s", h.DestinationAddress)
		options(h.Options)
	default:
		return false
	}
	return true
}

// chunkNames are those of SCTP's chunks by type (RFC 9260, section 3.2).
var chunkNames = []string{
	"DATA", "INIT", "INIT ACK", "SACK", "HEARTBEAT", "HEARTBEAT ACK", "ABORT", "SHUTDOWN", "SHUTDOWN ACK", "ERROR", "COOKIE ECHO", "COOKIE ACK",
	"ECNE", "CWR", "SHUTDOWN COMPLETE",
}

func chunkName(kind uint8) string {
	if int(kind) < len(chunkNames) {
		return chunkNames[kind]
	}
	return fmt.Sprintf("chunk %d", kind)
}

// describeChunk fills in the first fields of a chunk, as far as its bytes are there.
func describeChunk(l *Layer, b []byte) {
	long := func(i int) uint32 { return uint32(b[i])<<24 | uint32(b[i+1])<<16 | uint32(b[i+2])<<8 | uint32(b[i+3]) }
	short := func(i int) uint32 { return uint32(b[i])<<8 | uint32(b[i+1]) }
	switch {
	case b[0] == 0 && len(b) >= 16:
		l.add("TSN", "%d", long(4))
		l.add("stream", "%d", short(8))
		l.add("stream sequence", "%d", short(10))
		l.add("payload protocol", "%d", long(12))
		l.add("data", "%s", bytesOf(len(b)-16))
	case (b[0] == 1 || b[0] == 2) && len(b) >= 20:
		l.add("initiate tag", "0x%08x", long(4))
		l.add("receiver window", "%d", long(8))
		l.add("outbound streams", "%d", short(12))
		l.add("inbound streams", "%d", short(14))
		l.add("initial TSN", "%d", long(16))
	case b[0] == 3 && len(b) >= 16:
		l.add("cumulative TSN", "%d", long(4))
		l.add("receiver window", "%d", long(8))
		l.add("gap blocks", "%d", short(12))
	case b[0] == 7 && len(b) >= 8:
		l.add("cumulative TSN", "%d", long(4))
	}
}

// layerName is how a kind of header is called.
func layerName(t gopacket.LayerType) string {
	switch t {
	case layers.LayerTypeLinuxSLL:
		return "Linux SLL"
	case layers.LayerTypeDot1Q:
		return "VLAN"
	case layers.LayerTypeICMPv4:
		return "ICMP"
	case layers.LayerTypeIPSecAH:
		return "AH"
	case layers.LayerTypeIPSecESP:
		return "ESP"
	case layers.LayerTypeIPv6HopByHop:
		return "IPv6 hop-by-hop options"
	case layers.LayerTypeIPv6Destination:
		return "IPv6 destination options"
	case layers.LayerTypeIPv6Routing:
		return "IPv6 routing"
	case layers.LayerTypeIPv6Fragment:
		return "IPv6 fragment"
	case layers.LayerTypeICMPv6NeighborSolicitation:
		return "Neighbor solicitation"
	case layers.LayerTypeICMPv6NeighborAdvertisement:
		return "Neighbor advertisement"
	case layers.LayerTypeICMPv6RouterSolicitation:
		return "Router solicitation"
	case layers.LayerTypeICMPv6RouterAdvertisement:
		return "Router advertisement"
	case layers.LayerTypeICMPv6Redirect:
		return "Redirect"
	case layers.LayerTypeICMPv6Echo:
		return "ICMPv6 echo"
	case layers.LayerTypeDHCPv4:
		return "DHCP"
	}
	return t.String()
}

func etherType(t layers.EthernetType) string {
	name := layers.EthernetTypeMetadata[t].Name
	switch {
	case name == "Dot1Q":
		name = "VLAN"
	case name == "" || strings.HasPrefix(name, "Unknown"):
		return fmt.Sprintf("0x%04x", uint16(t))
	}
	return fmt.Sprintf("%s (0x%04x)", name, uint16(t))
}

func protocolName(p uint8) string {
	switch p {
	case 1:
		return "ICMP"
	case 50:
		return "ESP"
	case 51:
		return "AH"
	case 58:
		return "ICMPv6"
	case 59:
		return "none"
	}
	name := layers.IPProtocolMetadata[p].Name
	if name == "" || strings.HasPrefix(name, "Unknown") {
		return "unknown"
	}
	return name
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func bytesOf(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

func hardware(b []byte) string { return net.HardwareAddr(b).String() }

// maxText is how much of a payload is shown as text.
const maxText = 160

// printable returns the beginning of bytes that are text, "" of others.
func printable(b []byte) string {
	cut := b[:min(len(b), maxText)]
	for len(b) > len(cut) && len(cut) > 0 && !utf8.RuneStart(b[len(cut)]) {
		cut = cut[:len(cut)-1]
	}
	if !utf8.Valid(cut) {
		return ""
	}
	s := string(cut)
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t' }) {
		return ""
	}
	s = strings.TrimSpace(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(s))
	if len(cut) < len(b) && s != "" {
		s += "..."
	}
	return s
}
