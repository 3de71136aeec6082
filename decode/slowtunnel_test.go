package decode_test

import (
	"net/netip"

	"github.com/netsift/netsift/decode"
)

// The slow decoder's tunnels.

func (s *slow) enter(kind decode.EncapKind, vni uint32) bool {
	if len(s.kinds) == decode.MaxDepth {
		s.stopped = true
		return false
	}
	s.kinds, s.vnis = append(s.kinds, kind), append(s.vnis, vni)
	s.network, s.proto, s.hasPorts, s.srcPort, s.dstPort = 0, 0, false, 0, 0
	s.src, s.dst, s.ipLen, s.payload = netip.Addr{}, netip.Addr{}, 0, nil
	s.moreFragments = false
	return true
}

func (s *slow) datagram(p packetBytes) {
	s.ports(p.b)
	h, _, ok := s.head(p.b, 8)
	if !ok {
		return
	}
	if n := num(h[4:6]); n != 0 {
		if n < 8 {
			s.stopped = true
			return
		}
		p = p.bound(n)
	}
	p = p.skip(8)
	s.payload = p.b
	is := func(port int, ports ...int) bool {
		for _, q := range ports {
			if port == q {
				return true
			}
		}
		return false
	}
	src, dst := num(h[0:2]), num(h[2:4])
	switch {
	case is(dst, 4789, 8472, 4444):
		s.vxlan(p, false)
	case is(dst, 6081, 5555):
		s.geneve(p, false)
	case is(src, 4789, 8472, 4444):
		s.vxlan(p, true)
	case is(src, 6081, 5555):
		s.geneve(p, true)
	}
}

func (s *slow) vxlan(p packetBytes, bySource bool) {
	if len(p.b) == 0 || p.b[0]&8 == 0 {
		return
	}
	if len(p.b) < 8 {
		if !bySource && s.enter(decode.EncapVXLAN, 0) {
			s.stopped = true
		}
		return
	}
	plain := num(p.b[:4]) == 0x08000000 && p.b[7] == 0
	plausible := slowPlausible(p.b[8:])
	if bySource && !(plain && plausible) || !plain && !plausible {
		return
	}
	if s.enter(decode.EncapVXLAN, uint32(num(p.b[4:7]))) {
		s.ethernet(p.skip(8))
	}
}

func (s *slow) geneve(p packetBytes, bySource bool) {
	if len(p.b) == 0 || p.b[0]>>6 != 0 {
		return
	}
	if len(p.b) < 8 {
		if !bySource && s.enter(decode.EncapGeneve, 0) {
			s.stopped = true
		}
		return
	}
	n, t := 8+4*int(p.b[0]), num(p.b[2:4])
	if t < 0x600 || bySource && (len(p.b) < n || t != 0x6558 || !slowPlausible(p.b[n:])) {
		return
	}
	if !s.enter(decode.EncapGeneve, uint32(num(p.b[4:7]))) {
		return
	}
	if _, _, ok := s.head(p.b, n); ok {
		s.etherType(t, p.skip(n))
	}
}

func (s *slow) tunnel(proto byte, p packetBytes) {
	if p.wire <= 0 {
		return
	}
	if proto == 47 {
		s.gre(p)
		return
	}
	version := 4
	if proto == 41 {
		version = 6
	}
	if len(p.b) > 0 && int(p.b[0]>>4) != version {
		if proto == 41 {
			s.stopped = true
			return
		}
		if p.b[0]>>4 == 6 {
			version = 6
		}
	}
	kind := map[[2]int]decode.EncapKind{
		{4, 1}: decode.Encap4in4, {6, 1}: decode.Encap6in4, {4, 2}: decode.Encap4in6, {6, 2}: decode.Encap6in6,
	}[[2]int{version, int(s.network)}]
	if !s.enter(kind, 0) {
		return
	}
	if proto == 41 {
		s.ip6(p)
	} else {
		s.ip(p)
	}
}

func (s *slow) gre(p packetBytes) {
	n, t := 4, 0
	var key []byte
	if len(p.b) >= 4 {
		t = num(p.b[2:4])
		if p.b[0]&0xc0 != 0 {
			n += 4
		}
		if p.b[0]&0x20 != 0 {
			if len(p.b) >= n+4 {
				key = p.b[n : n+4]
			}
			n += 4
		}
		if p.b[0]&0x10 != 0 {
			n += 4
		}
		if p.b[1]&0x80 != 0 && t == 0x880b {
			n += 4
		}
	}
	if len(p.b) < n {
		key = nil
	}
	if !s.enter(decode.EncapGRE, uint32(num(key))) {
		return
	}
	h, _, ok := s.head(p.b, n)
	if !ok {
		return
	}
	p = p.skip(n)
	for end := h[0]&0x40 == 0; !end; {
		r, _, ok := s.head(p.b, 4)
		if !ok {
			return
		}
		if _, _, ok := s.head(p.b, 4+int(r[3])); !ok {
			return
		}
		end = num(r[:2]) == 0 && r[3] == 0
		p = p.skip(4 + int(r[3]))
	}
	s.inGRE(t, h[0]&0x10 != 0, p)
}

func (s *slow) inGRE(t int, sequence bool, p packetBytes) {
	behind := 0
	switch t {
	case 0x0800, 0x86dd, 0x0806, 0x6558, 0x8847, 0x8848:
		s.etherType(t, p)
		return
	case 0x880b:
		s.ppp(p)
		return
	case 0x883e:
		if _, _, ok := s.head(p.b, 1); !ok {
			return
		}
		if p.b[0]>>4 != 4 {
			behind = 4
		}
		if _, _, ok := s.head(p.b, behind); ok {
			s.ip(p.skip(behind))
		}
		return
	case 0x6400:
	case 0x88be:
		if sequence {
			behind = 8
		}
	case 0x22eb:
		h, _, ok := s.head(p.b, 12)
		if !ok {
			return
		}
		behind = 12 + 8*int(h[11]%2)
	default:
		return
	}
	if _, _, ok := s.head(p.b, behind); ok {
		s.ethernet(p.skip(behind))
	}
}
