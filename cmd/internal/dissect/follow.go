package dissect

import (
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// dissected are the kinds of headers that gopacket is asked to read. It knows many more, of which pods and nodes see none.
var dissected = map[gopacket.LayerType]bool{
	layers.LayerTypeEthernet: true, layers.LayerTypeLinuxSLL: true, layers.LayerTypeLoopback: true, layers.LayerTypePPP: true, layers.LayerTypePPPoE: true,
	layers.LayerTypeDot1Q: true, layers.LayerTypeLLC: true, layers.LayerTypeSNAP: true, layers.LayerTypeMPLS: true, layers.LayerTypeARP: true,
	layers.LayerTypeIPv4: true, layers.LayerTypeIPv6: true, layers.LayerTypeIPv6HopByHop: true, layers.LayerTypeIPv6Routing: true,
	layers.LayerTypeIPv6Destination: true, layers.LayerTypeIPv6Fragment: true, layers.LayerTypeIPSecAH: true, layers.LayerTypeIPSecESP: true,
	layers.LayerTypeGRE: true, layers.LayerTypeERSPANII: true, layers.LayerTypeVXLAN: true,
	layers.LayerTypeTCP: true, layers.LayerTypeUDP: true, layers.LayerTypeSCTP: true, layers.LayerTypeICMPv4: true, layers.LayerTypeIGMP: true,
	layers.LayerTypeICMPv6: true, layers.LayerTypeICMPv6Echo: true, layers.LayerTypeICMPv6RouterSolicitation: true,
	layers.LayerTypeICMPv6RouterAdvertisement: true, layers.LayerTypeICMPv6NeighborSolicitation: true, layers.LayerTypeICMPv6NeighborAdvertisement: true,
	layers.LayerTypeICMPv6Redirect: true, layers.LayerTypeDHCPv4: true,
}

// layerType returns what a decoder reads, as far as it says it. Of a nested decoder that guesses nothing is known.
func layerType(d gopacket.Decoder) (t gopacket.LayerType, known bool) {
	switch d := d.(type) {
	case gopacket.LayerType:
		return d, true
	case layers.EthernetType:
		return d.LayerType(), true
	case layers.IPProtocol:
		return d.LayerType(), true
	case layers.PPPType:
		return d.LayerType(), true
	}
	return 0, false
}

// unknownName says whose bytes a decoder would read that is not asked.
func unknownName(d gopacket.Decoder) string {
	switch d := d.(type) {
	case layers.EthernetType:
		return fmt.Sprintf("EtherType 0x%04x", uint16(d))
	case layers.IPProtocol:
		return fmt.Sprintf("%s (IP protocol %d)", protocolName(uint8(d)), uint8(d))
	case layers.PPPType:
		return fmt.Sprintf("PPP protocol 0x%04x", uint16(d))
	}
	return ""
}

// link returns who reads a frame.
func (x *work) link(t capture.LinkType) next {
	n := next{data: x.frame}
	switch t {
	case capture.LinkEthernet:
		n.decoder = layers.LayerTypeEthernet
	case capture.LinkLinuxSLL:
		n.decoder = layers.LayerTypeLinuxSLL
	case capture.LinkLinuxSLL2:
		n.own = (*work).sll2
	case capture.LinkNull, capture.LinkLoop:
		n.decoder = layers.LayerTypeLoopback
	case capture.LinkRaw, capture.LinkRaw12, capture.LinkRaw14, capture.LinkIPv4, capture.LinkIPv6:
		n = raw(x.frame)
	}
	if n.decoder == nil && n.own == nil {
		x.stop("link type %s is not known", t)
		x.rest(x.frame, "")
	}
	return n
}

// raw returns who reads an IP packet.
func raw(b []byte) next {
	n := next{data: b, decoder: layers.LayerTypeIPv4}
	if len(b) > 0 && b[0]>>4 == 6 {
		n.decoder = layers.LayerTypeIPv6
	}
	return n
}

// sll2 reads the header of a cooked capture of all interfaces, which gopacket does not know.
func (x *work) sll2(b []byte) next {
	h := wire.SLL2(b)
	if !h.Valid() {
		x.stop("the header of LINUX_SLL2 has %d bytes, and %d were captured", wire.SLL2Len, len(b))
		x.rest(b, "")
		return next{}
	}
	l := x.message("Linux SLL2", b[:wire.SLL2Len])
	protocol := layers.EthernetType(h.Protocol())
	what := [...]string{"to this host", "broadcast", "multicast", "to another host", "from this host"}
	kind := fmt.Sprintf("%d", h.PacketType())
	if n := int(h.PacketType()); n < len(what) {
		kind = what[n]
	}
	l.Summary = fmt.Sprintf("interface %d, %s", h.Interface(), kind)
	l.add("protocol", "%s", etherType(protocol))
	l.add("interface", "%d", h.Interface())
	l.add("hardware type", "%d", h.Hardware())
	l.add("packet type", "%s (%d)", kind, h.PacketType())
	if n := int(h.AddrLen()); n > 0 {
		l.add("address", "%s", hardware(b[12:12+min(n, 8)]))
	}
	return x.cooked(h.Protocol(), b[wire.SLL2Len:])
}

// cooked returns who reads what follows a cooked header: the protocol is an EtherType, or says a frame of another form.
func (x *work) cooked(protocol uint16, b []byte) next {
	n := next{data: b}
	switch protocol {
	case wire.SLLProtocolLLC:
		n.decoder = layers.LayerTypeLLC
	default:
		n.decoder = layers.EthernetType(protocol)
	}
	return n
}

// behind returns who reads what follows a header: gopacket, as it says itself, unless this package knows better.
func (x *work) behind(l gopacket.Layer, proposed gopacket.Decoder) next {
	payload := l.LayerPayload()
	n := next{data: payload, decoder: proposed}
	switch l := l.(type) {
	case *layers.UDP:
		return x.datagram(uint16(l.SrcPort), uint16(l.DstPort), payload)
	case *layers.TCP:
		return x.segment(uint16(l.SrcPort), uint16(l.DstPort), payload)
	case *layers.SCTP:
		return next{data: payload, own: (*work).chunk}
	case *layers.ICMPv4:
		if t := l.TypeCode.Type(); t == 3 || t == 4 || t == 5 || t == 11 || t == 12 { // RFC 792: they quote a packet
			return raw(payload)
		}
	case *layers.ICMPv6:
		if l.TypeCode.Type() >= 1 && l.TypeCode.Type() <= 4 && len(payload) > 4 { // RFC 4443, section 2.1; a word comes first
			return raw(payload[4:])
		}
	case *layers.GRE:
		if l.RoutingPresent {
			x.stop("GRE with source routes (RFC 1701) is not read")
			return next{}
		}
	case *layers.IPSecESP:
		x.stop("the rest is encrypted")
		return next{}
	case *layers.IPv4:
		if l.FragOffset == 0 { // also of a packet of which more fragments follow: the first has the headers
			return next{data: payload, decoder: l.Protocol}
		}
	case *layers.IPv6Fragment:
		if l.FragmentOffset == 0 {
			return next{data: payload, decoder: l.NextHeader}
		}
	case *layers.LinuxSLL:
		return x.cooked(uint16(l.EthernetType), payload)
	}
	switch proposed {
	case nil, gopacket.LayerTypePayload, gopacket.LayerTypeZero:
		x.rest(payload, "")
		return next{}
	case gopacket.LayerTypeFragment:
		x.rest(payload, "Fragment")
		return next{}
	}
	return n
}

// datagram returns who reads the payload of UDP. A port is a guess, which the header behind it has to confirm.
func (x *work) datagram(src, dst uint16, b []byte) next {
	const (
		dhcpServer, dhcpClient = 67, 68
		mdns, llmnr            = 5353, 5355
	)
	either := func(port uint16) bool { return src == port || dst == port }
	kind := x.tunnels.Kind(dst)
	if kind == decode.EncapNone {
		kind = x.tunnels.Kind(src)
	}
	switch {
	case len(b) == 0:
		return next{}
	case either(wire.DNSPort), either(mdns), either(llmnr):
		return next{data: b, own: (*work).dns}
	case kind == decode.EncapVXLAN && wire.VXLAN(b).Valid() && wire.VXLAN(b).HasVNI():
		return next{data: b, decoder: layers.LayerTypeVXLAN}
	case kind == decode.EncapGeneve && wire.Geneve(b).Valid() && wire.Geneve(b).Version() == 0:
		return next{data: b, own: (*work).geneve}
	case slices.ContainsFunc(decode.EncapWireGuard.Ports(), either) && len(b) >= 4 && b[0] >= 1 && b[0] <= 4 && b[1]|b[2]|b[3] == 0:
		x.wireguard(b)
		return next{}
	case either(dhcpServer) && either(dhcpClient):
		return next{data: b, decoder: layers.LayerTypeDHCPv4}
	}
	x.rest(b, "")
	return next{}
}

// geneve reads a header. gopacket takes an option's length for four bits, of which it has five.
func (x *work) geneve(b []byte) next {
	h := wire.Geneve(b)
	n := min(h.HeaderLen(), len(b))
	l := x.message("Geneve", b[:n])
	protocol := layers.EthernetType(h.Protocol())
	l.Summary = fmt.Sprintf("VNI %d", h.VNI())
	l.add("VNI", "%d", h.VNI())
	l.add("protocol", "%s", etherType(protocol))
	l.add("OAM", "%s", yes(b[1]&0x80 != 0))
	l.add("critical options", "%s", yes(b[1]&0x40 != 0))
	for o := b[wire.GeneveLen:n]; len(o) >= 4; { // RFC 8926, section 3.5
		size := min(4+4*int(o[3]&0x1f), len(o))
		l.add("option", "class 0x%02x%02x, type 0x%02x: %s", o[0], o[1], o[2], hex.EncodeToString(o[4:size]))
		o = o[size:]
	}
	if n < h.HeaderLen() {
		x.stop("the header goes on behind the bytes that were captured")
		return next{}
	}
	return next{data: b[n:], decoder: protocol}
}

// wireguard reads the header of a message (https://www.wireguard.com/protocol/).
func (x *work) wireguard(b []byte) {
	l := x.message("WireGuard", b)
	kind := [...]string{"", "handshake initiation", "handshake response", "cookie reply", "data"}[b[0]]
	l.Summary = kind + ", " + bytesOf(len(b))
	l.add("type", "%s (%d)", kind, b[0])
	x.stop("the rest is encrypted")
}

// segment returns who reads the payload of TCP.
func (x *work) segment(src, dst uint16, b []byte) next {
	switch {
	case len(b) == 0:
		return next{}
	case src == wire.DNSPort || dst == wire.DNSPort:
		return next{data: b, own: (*work).dnsOverTCP}
	case isTLS(b):
		return next{data: b, own: (*work).tls}
	case isHTTP(b):
		return next{data: b, own: (*work).http}
	}
	x.rest(b, "")
	return next{}
}

// chunk reads a chunk of SCTP (RFC 9260, section 3.2). gopacket takes all that follows a DATA chunk for its data, and others may follow.
func (x *work) chunk(b []byte) next {
	if len(b) < 4 {
		return next{}
	}
	length := int(b[2])<<8 | int(b[3])
	l := x.message("SCTP "+chunkName(b[0]), b[:min(max(length, 4), len(b))])
	l.Summary = bytesOf(length)
	l.add("type", "%s (%d)", chunkName(b[0]), b[0])
	l.add("flags", "0x%02x", b[1])
	l.add("length", "%d", length)
	if length < 4 {
		x.stop("a chunk of SCTP says that it has %d bytes", length)
		return next{}
	}
	padded := (length + 3) &^ 3
	describeChunk(l, b[:min(length, len(b))])
	if length > len(b) {
		x.stop("the packet goes on behind the bytes that were captured")
	}
	if padded >= len(b) {
		return next{}
	}
	return next{data: b[padded:], own: (*work).chunk}
}
