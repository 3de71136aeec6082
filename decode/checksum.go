package decode

import (
	"encoding/binary"

	"github.com/netsift/netsift/decode/wire"
)

// Checksum is what a checksum says of the bytes that it covers.
type Checksum uint8

// The verdicts on a checksum.
const (
	ChecksumUnknown Checksum = iota // there is none, or not all that it covers was captured
	ChecksumRight
	ChecksumWrong
	// ChecksumPartial is wrong, too, and means nothing: a network card would have completed it, or that of the packet inside, which it
	// covers as it will be then (https://docs.kernel.org/networking/checksum-offloads.html, LCO). There is none between virtual machines.
	ChecksumPartial
)

// OuterChecksum verifies the checksum of the UDP packet (RFC 768; RFC 8200, section 8.1) that is outermost around an encapsulated one; data are
// the frame's captured bytes. Of a packet that its own machine sends, or one on the same host, a network card may have yet to complete it.
func OuterChecksum(p *Packet, data []byte) Checksum {
	if p.Stack == 0 || p.Has&(HasOuterFragment|HasSegmentation) != 0 {
		return ChecksumUnknown
	}
	addresses, udp, at := outerUDP(p, data)
	if udp == nil || udp.Checksum() == 0 {
		return ChecksumUnknown
	}
	pseudo := add(uint64(wire.ProtoUDP)+uint64(len(udp)), addresses)
	switch {
	case folded(add(pseudo, udp)) == 0xffff:
		return ChecksumRight
	case folded(pseudo) == udp.Checksum(), completed(p, data, pseudo, udp, at) == 0xffff:
		return ChecksumPartial
	}
	return ChecksumWrong
}

// completed is the sum over a UDP packet, which begins at byte at of the frame, from that over its pseudo header on, as if the checksum of the
// transport packet inside were complete: what that covers adds up to the complement of its pseudo header. 0 where it is complete already.
func completed(p *Packet, data []byte, pseudo uint64, udp wire.UDP, at int) uint16 {
	field, ok := map[uint8]int{wire.ProtoTCP: 16, wire.ProtoUDP: 6}[p.Proto]
	if !ok || int(p.Inner) > len(data) {
		return 0
	}
	inner, n := data[p.Inner:], 0
	covered := uint64(p.Proto)
	switch v4, v6 := wire.IPv4(inner), wire.IPv6(inner); {
	case p.Network == NetIPv4 && v4.Valid() && v4.HeaderLen() >= wire.IPv4Len:
		n = v4.HeaderLen()
		covered = add(covered, inner[12:wire.IPv4Len])
	case p.Network == NetIPv6 && v6.Valid() && v6.NextHeader() == p.Proto:
		n = wire.IPv6Len
		covered = add(covered, inner[8:wire.IPv6Len])
	default:
		return 0
	}
	around := int(p.Inner) + n - at // the bytes in front of the transport packet
	if around < wire.UDPLen || around > len(udp) || around%2 != 0 || n > int(p.IPLen) {
		return 0
	}
	covered += uint64(int(p.IPLen) - n)
	if sum := udp[around:]; len(sum) < field+2 || binary.BigEndian.Uint16(sum[field:]) != folded(covered) {
		return 0 // it is not for a network card to complete
	}
	return folded(add(pseudo, udp[:around]) + uint64(^folded(covered)))
}

// maxPadding is how many bytes an inner Ethernet frame may be filled up with behind its IP packet.
const maxPadding = 46

// outerUDP returns the addresses of the outermost header, the whole UDP packet behind it, nil where it is none or was cut, and at which byte of
// the frame that begins.
func outerUDP(p *Packet, data []byte) (addresses []byte, _ wire.UDP, at int) {
	from := int(p.Inner) + int(p.IPLen) - int(p.OuterIPLen)
	for at := max(from, 0); at <= from+maxPadding && at+int(p.OuterIPLen) <= len(data); at++ {
		b := data[at:][:p.OuterIPLen]
		n := 0
		if v4 := wire.IPv4(b); v4.Valid() && v4.Plain() && v4.TotalLen() == len(b) && v4.Protocol() == wire.ProtoUDP {
			addresses, n = b[12:wire.IPv4Len], wire.IPv4Len
		} else if v6 := wire.IPv6(b); v6.Valid() && v6.Version() == 6 && wire.IPv6Len+v6.PayloadLen() == len(b) && v6.NextHeader() == wire.ProtoUDP {
			addresses, n = b[8:wire.IPv6Len], wire.IPv6Len
		} else {
			continue
		}
		if udp := wire.UDP(b[n:]); udp.Valid() && udp.Len() == len(udp) {
			return addresses, udp, at + n
		}
	}
	return nil, nil, 0
}

// folded is a sum with its carries added to it.
func folded(sum uint64) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// add adds up 16-bit words; the last one is filled up with a zero byte (RFC 1071).
func add(sum uint64, b []byte) uint64 {
	for len(b) >= 2 {
		sum += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	return sum
}
