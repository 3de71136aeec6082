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
	// ChecksumPartial is wrong, too: it covers the pseudo header alone, for a network card to go on with (Linux, CHECKSUM_PARTIAL).
	ChecksumPartial
)

// OuterChecksum verifies the checksum of the UDP packet (RFC 768; RFC 8200, section 8.1) that is outermost around an encapsulated one; data are
// the frame's captured bytes. Of a packet that its own machine sends, or one on the same host, a network card may have yet to complete it.
func OuterChecksum(p *Packet, data []byte) Checksum {
	if p.Stack == 0 || p.Has&(HasOuterFragment|HasSegmentation) != 0 {
		return ChecksumUnknown
	}
	addresses, udp := outerUDP(p, data)
	if udp == nil || udp.Checksum() == 0 {
		return ChecksumUnknown
	}
	pseudo := add(uint64(wire.ProtoUDP)+uint64(len(udp)), addresses)
	switch {
	case folded(add(pseudo, udp)) == 0xffff:
		return ChecksumRight
	case folded(pseudo) == udp.Checksum():
		return ChecksumPartial
	}
	return ChecksumWrong
}

// maxPadding is how many bytes an inner Ethernet frame may be filled up with behind its IP packet.
const maxPadding = 46

// outerUDP returns the addresses of the outermost header and the whole UDP packet behind it, nil where it is none or was cut.
func outerUDP(p *Packet, data []byte) (addresses []byte, _ wire.UDP) {
	from := int(p.Inner) + int(p.IPLen) - int(p.OuterIPLen)
	for at := max(from, 0); at <= from+maxPadding && at+int(p.OuterIPLen) <= len(data); at++ {
		b := data[at:][:p.OuterIPLen]
		if v4 := wire.IPv4(b); v4.Valid() && v4.Plain() && v4.TotalLen() == len(b) && v4.Protocol() == wire.ProtoUDP {
			addresses, b = b[12:wire.IPv4Len], b[wire.IPv4Len:]
		} else if v6 := wire.IPv6(b); v6.Valid() && v6.Version() == 6 && wire.IPv6Len+v6.PayloadLen() == len(b) && v6.NextHeader() == wire.ProtoUDP {
			addresses, b = b[8:wire.IPv6Len], b[wire.IPv6Len:]
		} else {
			continue
		}
		if udp := wire.UDP(b); udp.Valid() && udp.Len() == len(udp) {
			return addresses, udp
		}
	}
	return nil, nil
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
