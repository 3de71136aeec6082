package decode_test

import (
	"net/netip"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// slow is a second decoder: recursive, on byte slices alone, without views, offsets or tricks. It steps from header
// to header in the plainest way and is the fast one's second opinion.
type slow struct {
	network          decode.Network
	src, dst         netip.Addr
	proto            byte
	srcPort, dstPort int
	hasPorts         bool
	fragOffset       int
	moreFragments    bool
	ipLen            int
	kinds            []decode.EncapKind
	vnis             []uint32
	tcp              bool
	stamps           []uint32
	payload          []byte // what was captured of it
	stopped          bool
}

func num(b []byte) int {
	n := 0
	for _, c := range b {
		n = n<<8 + int(c)
	}
	return n
}

// head returns b[:n], b[n:]; ok is false where b is too short, which is noted as a stop.
func (s *slow) head(b []byte, n int) (head, rest []byte, ok bool) {
	if len(b) < n {
		s.stopped = true
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// packet is the captured bytes of a packet and its length on the wire.
type packetBytes struct {
	b    []byte
	wire int
}

func (p packetBytes) skip(n int) packetBytes { return packetBytes{p.b[n:], p.wire - n} }

func (p packetBytes) bound(n int) packetBytes {
	if n < p.wire {
		p.wire = n
	}
	if n < len(p.b) {
		p.b = p.b[:n]
	}
	return p
}

func slowly(link int, data []byte, wireLen int) *slow {
	s := &slow{}
	p := packetBytes{data, max(wireLen, len(data))}
	switch link {
	case 1:
		s.ethernet(p)
	case 12, 14, 101, 228:
		s.ip(p)
	case 229:
		s.ip6(p)
	case 113:
		if h, _, ok := s.head(p.b, 16); ok {
			s.cooked(num(h[2:4]), num(h[14:16]), p.skip(16))
		}
	case 276:
		if h, _, ok := s.head(p.b, 20); ok {
			s.cooked(num(h[8:10]), num(h[0:2]), p.skip(20))
		}
	default:
		s.stopped = true
	}
	return s
}

func (s *slow) cooked(hardware, protocol int, p packetBytes) {
	switch {
	case hardware == 824 || protocol == 1:
	case protocol == 4:
		s.llc(p)
	case protocol == 7:
		s.ppp(p)
	default:
		s.etherType(protocol, p)
	}
}

func (s *slow) ethernet(p packetBytes) {
	if h, _, ok := s.head(p.b, 14); ok {
		s.typeOrLength(num(h[12:14]), p.skip(14))
	}
}

func (s *slow) typeOrLength(t int, p packetBytes) {
	if t <= 1500 {
		s.llc(p.bound(t))
		return
	}
	s.etherType(t, p)
}

func (s *slow) etherType(t int, p packetBytes) {
	switch t {
	case 0x0800:
		s.ip(p)
	case 0x86dd:
		s.ip6(p)
	case 0x0806:
		s.network = decode.NetARP
		s.head(p.b, 8)
	case 0x8100, 0x88a8, 0x9100:
		if h, _, ok := s.head(p.b, 4); ok {
			s.typeOrLength(num(h[2:4]), p.skip(4))
		}
	case 0x8847, 0x8848:
		s.mpls(p)
	case 0x8864:
		if h, _, ok := s.head(p.b, 6); ok {
			s.ppp(p.skip(6).bound(num(h[4:6])))
		}
	case 0x6558:
		s.ethernet(p)
	}
}

func (s *slow) llc(p packetBytes) {
	h, _, ok := s.head(p.b, 3)
	if !ok {
		return
	}
	switch string(h) {
	case "\x06\x06\x03":
		s.ip(p.skip(3))
	case "\xaa\xaa\x03":
		h, _, ok := s.head(p.b, 8)
		if ok && (num(h[3:6]) == 0 || num(h[3:6]) == 0xf8) {
			s.etherType(num(h[6:8]), p.skip(8))
		}
	}
}

func (s *slow) ppp(p packetBytes) {
	if len(p.b) >= 2 && p.b[0] == 0xff {
		p = p.skip(2)
	}
	n := 2
	if len(p.b) > 0 && p.b[0]%2 == 1 {
		n = 1
	}
	h, _, ok := s.head(p.b, n)
	if !ok {
		return
	}
	switch num(h) {
	case 0x21:
		s.ip(p.skip(n))
	case 0x57:
		s.ip6(p.skip(n))
	case 0x281, 0x283:
		s.mpls(p.skip(n))
	}
}

func (s *slow) mpls(p packetBytes) {
	for bottom := false; !bottom; {
		h, _, ok := s.head(p.b, 4)
		if !ok {
			return
		}
		bottom = h[2]%2 == 1
		p = p.skip(4)
	}
	h, _, ok := s.head(p.b, 1)
	if !ok {
		return
	}
	switch h[0] >> 4 {
	case 4:
		s.ip(p)
	case 6:
		s.ip6(p)
	case 0:
		if len(p.b) >= 4 && slowPlausible(p.b[4:]) {
			s.ethernet(p.skip(4))
		} else if slowPlausible(p.b) {
			s.ethernet(p)
		}
	}
}

func slowPlausible(b []byte) bool {
	if len(b) < 14 {
		return false
	}
	t, rest := num(b[12:14]), b[14:]
	for t == 0x8100 || t == 0x88a8 || t == 0x9100 {
		if len(rest) < 4 {
			return true
		}
		t, rest = num(rest[2:4]), rest[4:]
	}
	switch t {
	case 0x0800:
		return len(rest) == 0 || rest[0]>>4 == 4
	case 0x86dd:
		return len(rest) == 0 || rest[0]>>4 == 6
	}
	return t == 0x0806 || t == 0x8847 || t == 0x8864
}

func (s *slow) ip(p packetBytes) {
	if len(p.b) > 0 && p.b[0]>>4 == 6 {
		s.ip6(p)
		return
	}
	h, _, ok := s.head(p.b, 20)
	if !ok {
		return
	}
	n, total := int(h[0]%16)*4, num(h[2:4])
	if total == 0 {
		total = p.wire
	}
	if h[0]>>4 != 4 || n < 20 || total < n && num(h[2:4]) != 0 {
		s.stopped = true
		return
	}
	s.network = decode.NetIPv4
	s.src, _ = netip.AddrFromSlice(h[12:16])
	s.dst, _ = netip.AddrFromSlice(h[16:20])
	s.proto, s.ipLen = h[9], total
	s.fragOffset, s.moreFragments = num(h[6:8])%0x2000*8, h[6]&0x20 != 0
	p = p.bound(total)
	s.payload = p.b
	if _, _, ok := s.head(p.b, n); !ok {
		return
	}
	p = p.skip(n)
	s.payload = p.b
	if s.fragOffset == 0 {
		s.protocol(h[9], p)
	}
}

func (s *slow) ip6(p packetBytes) {
	if len(p.b) > 0 && p.b[0]>>4 != 6 {
		s.stopped = true
		return
	}
	h, rest, ok := s.head(p.b, 40)
	if !ok {
		return
	}
	total := 40 + num(h[4:6])
	if total == 40 {
		switch h[6] {
		case 0:
			if n := wire.IPv6Extension(rest).JumboLen(); n != 0 {
				total = 40 + int(min(n, 1<<30))
			}
		case 6, 17:
			if p.wire > 48 {
				total = p.wire
			}
		}
	}
	s.network = decode.NetIPv6
	s.src, _ = netip.AddrFromSlice(h[8:24])
	s.dst, _ = netip.AddrFromSlice(h[24:40])
	s.proto, s.ipLen = h[6], total
	s.fragOffset, s.moreFragments = 0, false
	p = p.bound(total).skip(40)
	s.payload = p.b
	s.protocol(h[6], p)
}

func (s *slow) protocol(proto byte, p packetBytes) {
	s.proto = proto
	s.payload = p.b
	switch {
	case proto == 6:
		s.segment(p)
	case proto == 17:
		s.datagram(p)
	case proto == 1 || proto == 58:
		if h, _, ok := s.head(p.b, 8); ok {
			s.payload = p.b[8:]
			if proto == 1 && (h[0] == 0 || h[0] == 8) || proto == 58 && (h[0] == 128 || h[0] == 129) {
				s.hasPorts, s.srcPort, s.dstPort = true, num(h[4:6]), num(h[4:6])
			}
		}
	case proto == 132:
		s.ports(p.b)
		if _, rest, ok := s.head(p.b, 12); ok {
			s.payload = rest
		}
	case proto == 51:
		h, _, ok := s.head(p.b, 12)
		if !ok {
			return
		}
		n := (int(h[1]) + 2) * 4
		if _, _, ok := s.head(p.b, n); !ok || n < 12 {
			s.stopped = true
			return
		}
		s.protocol(h[0], p.skip(n))
	case proto == 4 || proto == 41 || proto == 47:
		s.tunnel(proto, p)
	case s.network == decode.NetIPv6 && proto == 44:
		h, _, ok := s.head(p.b, 8)
		if !ok {
			return
		}
		s.proto = h[0]
		s.fragOffset, s.moreFragments = num(h[2:4])/8*8, h[3]%2 == 1
		s.payload = p.b[8:]
		if s.fragOffset == 0 {
			s.protocol(h[0], p.skip(8))
		}
	case s.network == decode.NetIPv6 && (proto == 0 || proto == 43 || proto == 60 || proto == 135 || proto == 139 || proto == 140):
		h, _, ok := s.head(p.b, 8)
		if !ok {
			return
		}
		n := 8 + 8*int(h[1])
		if _, _, ok := s.head(p.b, n); ok {
			s.protocol(h[0], p.skip(n))
		}
	}
}

func (s *slow) ports(b []byte) {
	if len(b) >= 4 {
		s.hasPorts, s.srcPort, s.dstPort = true, num(b[0:2]), num(b[2:4])
	}
}

func (s *slow) segment(p packetBytes) {
	s.ports(p.b)
	h, rest, ok := s.head(p.b, 20)
	if !ok {
		return
	}
	s.tcp = true
	n := int(h[12]>>4) * 4
	if n < 20 {
		s.stopped = true
		return
	}
	options := rest[:min(n-20, len(rest))]
	for len(options) > 0 && options[0] != 0 {
		if options[0] == 1 {
			options = options[1:]
			continue
		}
		if len(options) < 2 || options[1] < 2 || int(options[1]) > len(options) {
			break
		}
		if options[0] == 8 && options[1] == 10 {
			s.stamps = []uint32{uint32(num(options[2:6])), uint32(num(options[6:10]))}
		}
		options = options[options[1]:]
	}
	if _, rest, ok := s.head(p.b, n); ok {
		s.payload = rest
	} else {
		s.payload = nil // the header's length is known
	}
}
