package build

import (
	"encoding/binary"
	"net/netip"
)

// IP protocol numbers.
const (
	protoICMP   = 1
	protoIPIP   = 4
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
	// protoFragment is IPv6's fragment header.
	protoFragment = 44
	protoSCTP     = 132
)

// The TCP flags.
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
)

// packet is an IP packet on its way. It is passed by value; the data it points to is never changed.
type packet struct {
	proto    uint8
	src, dst netip.AddrPort // the ports are 0 for ICMP errors, the identifier for echoes
	ttl      uint8
	id       uint16
	df       bool
	tcp      *segment
	udp      []byte
	sctp     *chunks
	icmp     *message
	// torn says that all fragments but the first were lost.
	torn bool
	// from is the pod that sent it, for a hairpin; nil for others.
	from *Pod
}

// segment is a TCP segment, or a super-packet of several.
type segment struct {
	seq, ack     uint32
	flags        uint8
	window       uint16
	mss          uint16 // option of a SYN; 0 for none
	scale        uint8  // option of a SYN
	tsval, tsecr uint32
	timestamps   bool
	sack         [][2]uint32
	cookie       []byte // Fast Open option (RFC 7413); empty and not nil asks for one
	payload      []byte
	// size is how much each segment of a super-packet carries.
	size int
}

// message is an ICMP or ICMPv6 message.
type message struct {
	kind, code uint8
	word       uint32
	// quote is the packet that an error is about, nil for an echo.
	quote   *packet
	payload []byte
}

func (p *packet) tuple() tuple { return tuple{p.proto, p.src, p.dst} }

// segments is how many packets a network card makes of it.
func (p *packet) segments() int {
	if p.tcp == nil || p.tcp.size == 0 || len(p.tcp.payload) <= p.tcp.size {
		return 1
	}
	return (len(p.tcp.payload) + p.tcp.size - 1) / p.tcp.size
}

// split cuts a super-packet into the packets on a wire without offload.
func (p *packet) split() []packet {
	n := p.segments()
	if n == 1 {
		return []packet{*p}
	}
	var parts []packet
	for i := range n {
		s := *p.tcp
		s.payload = p.tcp.payload[i*s.size : min(len(p.tcp.payload), (i+1)*s.size)]
		s.seq += uint32(i * s.size)
		if i < n-1 {
			s.flags &^= flagPSH | flagFIN
		}
		q := *p
		q.tcp, q.id = &s, p.id+uint16(i)
		parts = append(parts, q)
	}
	return parts
}

// clamp lowers the MSS that a SYN announces to what fits into packets of mtu bytes.
func (p *packet) clamp(mtu int) {
	if p.tcp == nil || p.tcp.mss == 0 {
		return
	}
	headers := 40
	if p.src.Addr().Is6() {
		headers = 60
	}
	s := *p.tcp
	s.mss = min(s.mss, uint16(mtu-headers))
	p.tcp = &s
}

// wireLen is the length of the largest IP packet that it makes on a wire, if nothing cuts it.
func (p *packet) wireLen() int { q := p.split()[0]; return len(q.bytes()) }

// bytes is the IP packet as tcpdump sees it: the network card has yet to finish the transport checksums.
func (p *packet) bytes() []byte {
	var body []byte
	switch {
	case p.tcp != nil:
		body = p.tcp.bytes(p.src, p.dst)
	case p.udp != nil:
		body = make([]byte, 8, 8+len(p.udp))
		binary.BigEndian.PutUint16(body, p.src.Port())
		binary.BigEndian.PutUint16(body[2:], p.dst.Port())
		binary.BigEndian.PutUint16(body[4:], uint16(8+len(p.udp)))
		binary.BigEndian.PutUint16(body[6:], partial(p.src.Addr(), p.dst.Addr(), protoUDP, 8+len(p.udp)))
		body = append(body, p.udp...)
	case p.sctp != nil:
		body = p.sctp.bytes(p.src, p.dst)
	case p.icmp != nil:
		body = p.icmp.bytes(p)
	}
	return header(p.src.Addr(), p.dst.Addr(), p.proto, p.ttl, p.id, p.df, 0, false, body)
}

// header puts an IP header before body. offset is that of an IPv4 fragment in bytes, more its MF flag.
func header(src, dst netip.Addr, proto, ttl uint8, id uint16, df bool, offset int, more bool, body []byte) []byte {
	if src.Is4() {
		b := make([]byte, 20, 20+len(body))
		b[0] = 0x45
		binary.BigEndian.PutUint16(b[2:], uint16(20+len(body)))
		binary.BigEndian.PutUint16(b[4:], id)
		frag := uint16(offset / 8)
		if df {
			frag |= 0x4000
		}
		if more {
			frag |= 0x2000
		}
		binary.BigEndian.PutUint16(b[6:], frag)
		b[8], b[9] = ttl, proto
		s, d := src.As4(), dst.As4()
		copy(b[12:], s[:])
		copy(b[16:], d[:])
		binary.BigEndian.PutUint16(b[10:], ^fold(sum(b)))
		return append(b, body...)
	}
	b := make([]byte, 40, 40+len(body))
	b[0] = 0x60
	binary.BigEndian.PutUint16(b[4:], uint16(len(body)))
	b[6], b[7] = proto, ttl
	s, d := src.As16(), dst.As16()
	copy(b[8:], s[:])
	copy(b[24:], d[:])
	return append(b, body...)
}

func (s *segment) bytes(src, dst netip.AddrPort) []byte {
	b := make([]byte, 20, 60+len(s.payload))
	binary.BigEndian.PutUint16(b, src.Port())
	binary.BigEndian.PutUint16(b[2:], dst.Port())
	binary.BigEndian.PutUint32(b[4:], s.seq)
	binary.BigEndian.PutUint32(b[8:], s.ack)
	b[13] = s.flags
	binary.BigEndian.PutUint16(b[14:], s.window)
	if s.flags&flagSYN != 0 && s.mss != 0 {
		b = append(b, 2, 4, byte(s.mss>>8), byte(s.mss), 4, 2)
		if s.timestamps {
			b = binary.BigEndian.AppendUint32(append(b, 8, 10), s.tsval)
			b = binary.BigEndian.AppendUint32(b, s.tsecr)
		} else {
			b = append(b, 1, 1)
		}
		b = append(b, 1, 3, 3, s.scale)
	} else if s.timestamps {
		b = binary.BigEndian.AppendUint32(append(b, 1, 1, 8, 10), s.tsval)
		b = binary.BigEndian.AppendUint32(b, s.tsecr)
	}
	if s.cookie != nil {
		b = append(append(b, 34, byte(2+len(s.cookie))), s.cookie...)
	}
	if len(s.sack) > 0 {
		b = append(b, 1, 1, 5, byte(2+8*len(s.sack)))
		for _, e := range s.sack {
			b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, e[0]), e[1])
		}
	}
	for len(b)%4 != 0 {
		b = append(b, 1)
	}
	b[12] = byte(len(b) / 4 << 4)
	binary.BigEndian.PutUint16(b[16:], partial(src.Addr(), dst.Addr(), protoTCP, len(b)+len(s.payload)))
	return append(b, s.payload...)
}

func (m *message) bytes(p *packet) []byte {
	b := []byte{m.kind, m.code, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(b[4:], m.word)
	if m.quote != nil {
		// Linux quotes as much as fits into 576 bytes, of IPv6 into 1280 (RFC 1812, section 4.3.2.3; RFC 4443, section 3.1).
		room := 576 - 28
		if p.src.Addr().Is6() {
			room = 1280 - 48
		}
		q := m.quote.bytes()
		b = append(b, q[:min(len(q), room)]...)
	} else {
		b = append(b, m.payload...)
	}
	s := sum(b)
	if p.proto == protoICMPv6 {
		s += uint64(partial(p.src.Addr(), p.dst.Addr(), protoICMPv6, len(b)))
	}
	binary.BigEndian.PutUint16(b[2:], ^fold(s))
	return b
}

// partial is the sum over the pseudo header, not complemented: the checksum field's value until a network card
// completes it (CHECKSUM_PARTIAL).
func partial(src, dst netip.Addr, proto uint8, length int) uint16 {
	s, d := src.AsSlice(), dst.AsSlice()
	return fold(sum(s) + sum(d) + uint64(proto) + uint64(length))
}

func sum(b []byte) (s uint64) {
	for ; len(b) > 1; b = b[2:] {
		s += uint64(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		s += uint64(b[0]) << 8
	}
	return s
}

func fold(s uint64) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
