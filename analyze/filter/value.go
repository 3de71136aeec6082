package filter

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// services are the names of ports that people write.
var services = map[string]uint16{
	"ssh": 22, "domain": 53, "http": 80, "ntp": 123, "https": 443, "bgp": 179, "ldap": 389, "mysql": 3306, "postgresql": 5432,
}

// numbers are the names of protocols after proto; tcpdump wants a backslash before some of them.
var numbers = map[string]uint8{
	"icmp": wire.ProtoICMP, "ipip": wire.ProtoIPv4, "tcp": wire.ProtoTCP, "udp": wire.ProtoUDP, "ipv6": wire.ProtoIPv6, "gre": wire.ProtoGRE,
	"esp": 50, "ah": 51, "icmp6": wire.ProtoICMPv6, "sctp": 132,
}

// isValue tells a value from an unknown word.
func isValue(w string) bool {
	if w == "" {
		return false
	}
	_, err := netip.ParseAddr(w)
	return err == nil || w[0] >= '0' && w[0] <= '9' || strings.Contains(w, ":")
}

// value reads the value of a primitive.
func (p *parser) value(x primitive) (node, error) {
	if p.end() {
		return nil, p.fail("a value expected")
	}
	w := p.word()
	if x.kind == noKind {
		x.kind = hostKind
		if strings.Contains(w, "/") {
			x.kind = netKind
		}
	}
	var err error
	switch x.kind {
	case hostKind:
		err = p.host(&x)
	case netKind:
		err = p.network(&x)
	case portKind:
		x.from, err = p.port()
		x.to = x.from
	case rangeKind:
		err = p.ports(&x)
	case protoKind:
		err = p.proto(&x)
	case objectKind:
		err = p.objectName(&x)
	}
	if err != nil {
		return nil, err
	}
	return &x, nil
}

func (p *parser) host(x *primitive) error {
	a, err := netip.ParseAddr(p.word())
	if err != nil {
		if _, err := netip.ParsePrefix(p.word()); err == nil {
			return p.fail("that is a network: write net %s", p.word())
		}
		return p.fail("an IP address expected; names are not looked up")
	}
	if a = a.Unmap().WithZone(""); !p.family(x, a) {
		return p.fail("no such address in %s", familyName[x.network])
	}
	x.net = netip.PrefixFrom(a, a.BitLen())
	p.at++
	return nil
}

var familyName = map[decode.Network]string{decode.NetIPv4: "IPv4", decode.NetIPv6: "IPv6", decode.NetARP: "ARP"}

// family reports whether an address is of the protocol that was named before it.
func (p *parser) family(x *primitive, a netip.Addr) bool {
	return !(x.network == decode.NetIPv6 && a.Is4() || (x.network == decode.NetIPv4 || x.network == decode.NetARP) && a.Is6())
}

// network reads a network: 10.244.0.0/16, 10.244 (which is the same), fd00::/8, or 10.244.0.0 mask 255.255.0.0.
func (p *parser) network(x *primitive) error {
	w := p.word()
	address, length, hasLength := strings.Cut(w, "/")
	bits := -1
	if dots := strings.Count(address, "."); !strings.Contains(address, ":") && dots < 3 && isValue(address) {
		bits = 8 * (dots + 1)
		address += strings.Repeat(".0", 3-dots)
	}
	a, err := netip.ParseAddr(address)
	if err != nil || a.Zone() != "" {
		return p.fail("a network expected, such as 10.244.0.0/16 or fd00::/8")
	}
	a = a.Unmap()
	if bits < 0 {
		bits = a.BitLen()
	}
	if hasLength {
		n, err := strconv.ParseUint(length, 10, 8)
		if err != nil || int(n) > a.BitLen() {
			return p.fail("the length of a prefix is a number from 0 to %d", a.BitLen())
		}
		bits = int(n)
	}
	mark := p.at
	p.at++
	if !hasLength && p.take("mask") {
		if bits, err = p.mask(a); err != nil {
			return err
		}
	}
	x.net = netip.PrefixFrom(a, bits)
	switch end := p.at; {
	case !p.family(x, a):
		p.at = mark
		return p.fail("no such network in %s", familyName[x.network])
	case x.net.Masked() != x.net:
		p.at = mark
		return p.fail("has bits behind its prefix; did you mean %s, or host?", x.net.Masked())
	default:
		p.at = end
	}
	return nil
}

// mask reads an IPv4 network mask.
func (p *parser) mask(a netip.Addr) (bits int, err error) {
	m, perr := netip.ParseAddr(p.word())
	if perr != nil || !m.Is4() || !a.Is4() {
		return 0, p.fail("an IPv4 mask expected, such as 255.255.0.0")
	}
	b := m.As4()
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	for v&(1<<31) != 0 {
		v <<= 1
		bits++
	}
	if v != 0 {
		return 0, p.fail("a mask has all its ones in front")
	}
	p.at++
	return bits, nil
}

// number reads one up to limit.
func (p *parser) number(limit uint64) (uint64, error) {
	n, err := strconv.ParseUint(p.word(), 10, 64)
	if err != nil || n > limit {
		return 0, p.fail("a number from 0 to %d expected", limit)
	}
	p.at++
	return n, nil
}

func (p *parser) port() (uint16, error) {
	n, ok := portOf(p.word())
	if !ok {
		return 0, p.fail("a port from 1 to 65535 expected")
	}
	p.at++
	return n, nil
}

func portOf(w string) (uint16, bool) {
	if n, ok := services[w]; ok {
		return n, true
	}
	n, err := strconv.ParseUint(w, 10, 16)
	return uint16(n), err == nil && n > 0
}

// ports reads a range of ports. As in tcpdump it may be written backwards.
func (p *parser) ports(x *primitive) error {
	a, b, ok := strings.Cut(p.word(), "-")
	from, ok1 := portOf(a)
	to, ok2 := portOf(b)
	if !ok || !ok1 || !ok2 {
		return p.fail("a range of ports expected, such as 30000-32767")
	}
	x.from, x.to = min(from, to), max(from, to)
	p.at++
	return nil
}

// proto reads the number of a protocol, or its name.
func (p *parser) proto(x *primitive) error {
	if n, ok := numbers[strings.TrimPrefix(p.word(), `\`)]; ok {
		x.numbers = []uint8{n}
		p.at++
		return nil
	}
	n, err := p.number(255)
	x.numbers = []uint8{uint8(n)}
	return err
}
