package filter

import (
	"fmt"
	"strings"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Error reports a mistake in an expression.
type Error struct {
	// Column counts the expression's characters from 1; At is the word there, "" at the end.
	Column int
	At     string
	// What is wrong, in the words of a sentence's end.
	What string
}

// Error implements error.
func (e *Error) Error() string {
	if e.At == "" {
		return fmt.Sprintf("at its end: %s", e.What)
	}
	return fmt.Sprintf("at column %d, %q: %s", e.Column, e.At, e.What)
}

const (
	// maxLength bounds an expression in bytes, maxDepth its parentheses: it comes from a command line.
	maxLength, maxDepth = 64 << 10, 200
)

// Parse reads an expression; an empty one matches everything.
func Parse(s string) (Filter, error) {
	if len(s) > maxLength {
		return Filter{}, &Error{Column: 1, At: s[:20] + "...", What: fmt.Sprintf("longer than %d bytes", maxLength)}
	}
	p := &parser{words: split(s)}
	if len(p.words) == 0 {
		return Filter{}, nil
	}
	root, err := p.expression()
	if err == nil && !p.end() {
		what := "and, or, or the end expected"
		if p.word() == ")" {
			what = "no parenthesis is open"
		}
		err = p.fail("%s", what)
	}
	if err != nil {
		return Filter{}, err
	}
	return Filter{root, p.names}, nil
}

// word is a token; column counts characters from 1.
type word struct {
	text   string
	column int
}

// split cuts an expression into words. Parentheses and ! stand for themselves.
func split(s string) []word {
	var list []word
	start, column := -1, 0
	flush := func(end int) {
		if start >= 0 {
			list[len(list)-1].text = s[start:end]
			start = -1
		}
	}
	for i, r := range s {
		column++
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			flush(i)
		case r == '(' || r == ')' || r == '!':
			flush(i)
			list = append(list, word{string(r), column})
		case start < 0:
			start = i
			list = append(list, word{column: column})
		}
	}
	flush(len(s))
	return list
}

// parser is a recursive descent. As in tcpdump, and and or have the same precedence, not has a higher one.
type parser struct {
	words []word
	at    int
	depth int
	// last holds the qualifiers of the primitive before: "host A or B" means host B too.
	last primitive
	// names are the objects that were asked for.
	names []Name
}

func (p *parser) end() bool { return p.at == len(p.words) }

// word returns the current word in small letters, "" at the end.
func (p *parser) word() string {
	if p.end() {
		return ""
	}
	return strings.ToLower(p.words[p.at].text)
}

// take steps over the current word if it is one of these.
func (p *parser) take(any ...string) bool {
	w := p.word()
	for _, a := range any {
		if w == a && w != "" {
			p.at++
			return true
		}
	}
	return false
}

func (p *parser) fail(format string, args ...any) error {
	e := &Error{What: fmt.Sprintf(format, args...)}
	if !p.end() {
		e.Column, e.At = p.words[p.at].column, p.words[p.at].text
	}
	return e
}

func (p *parser) expression() (node, error) {
	x, err := p.term()
	for err == nil {
		var y node
		switch {
		case p.take("and", "&&"):
			if y, err = p.term(); err == nil {
				x = and{x, y}
			}
		case p.take("or", "||"):
			if y, err = p.term(); err == nil {
				x = either{x, y}
			}
		default:
			return x, nil
		}
	}
	return nil, err
}

func (p *parser) term() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("nested more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	if p.take("not", "!") {
		x, err := p.term()
		if err != nil {
			return nil, err
		}
		return not{x}, nil
	}
	if p.take("(") {
		return p.parenthesis()
	}
	return p.primitive()
}

// parenthesis reads the rest of an expression in parentheses.
func (p *parser) parenthesis() (node, error) {
	x, err := p.expression()
	if err == nil && !p.take(")") {
		err = p.fail("a closing parenthesis is missing")
	}
	return x, err
}

// protocols are the names that may stand alone or before host, net and port.
var protocols = map[string]protocol{
	"ip":    {network: decode.NetIPv4},
	"ip6":   {network: decode.NetIPv6},
	"arp":   {network: decode.NetARP},
	"tcp":   {numbers: []uint8{wire.ProtoTCP}},
	"udp":   {numbers: []uint8{wire.ProtoUDP}},
	"sctp":  {numbers: []uint8{132}},
	"icmp":  {network: decode.NetIPv4, numbers: []uint8{wire.ProtoICMP}},
	"icmp6": {network: decode.NetIPv6, numbers: []uint8{wire.ProtoICMPv6}},
}

// tunnels are the names that may stand alone or before the number of a virtual network.
var tunnels = func() map[string]decode.EncapKind {
	m := map[string]decode.EncapKind{}
	for k := range decode.UDPTunnels().All() {
		m[k.String()] = k
	}
	return m
}()

// known lists the words, for the error about an unknown one.
func known() string {
	list := "host, net, port, portrange, src, dst, ip, ip6, tcp, udp, sctp, icmp, icmp6, arp, pod, svc, ns, node, deploy, sts, ds"
	last := ""
	for k := range decode.UDPTunnels().All() {
		if last != "" {
			list += ", " + last
		}
		last = k.String()
	}
	return list + " and " + last
}

var kinds = map[string]kind{"host": hostKind, "net": netKind, "port": portKind, "portrange": rangeKind, "proto": protoKind}

// foreign are words of tcpdump's that ask for things not looked at here.
var foreign = map[string]bool{
	"ether": true, "link": true, "gateway": true, "broadcast": true, "multicast": true, "vlan": true, "mpls": true, "pppoed": true,
	"pppoes": true, "less": true, "greater": true, "len": true, "inbound": true, "outbound": true, "ifname": true, "on": true,
	"rarp": true, "llc": true, "wlan": true, "fddi": true, "tr": true, "decnet": true, "protochain": true, "rnr": true,
}

// primitive reads one: [protocol] [side] [kind] value, a protocol alone, or a value alone, with the last qualifiers.
func (p *parser) primitive() (node, error) {
	var x primitive
	w := p.word()
	name := ""
	if k, ok := tunnels[w]; ok {
		p.at++
		return p.tunnel(k)
	}
	switch {
	case strings.ContainsAny(w, "[]&=<>"):
		return nil, p.fail("tests of bytes are not supported, only host, net, port, portrange and protocols")
	case foreign[w]:
		return nil, p.fail("%s is not supported, only host, net, port, portrange and protocols", w)
	}
	if proto, ok := protocols[w]; ok {
		x.protocol, name = proto, w
		p.at++
	}
	qualified, err := p.side(&x)
	if err != nil {
		return nil, err
	}
	if k, ok := objects[p.word()]; ok {
		if x.kind, x.object, qualified = objectKind, k, true; name != "" {
			return nil, p.fail("%s goes before no object; write: %s and %s ...", name, name, p.word())
		}
		p.at++
	} else if k, ok := kinds[p.word()]; ok {
		x.kind, qualified = k, true
		if err := p.fits(name, &x); err != nil {
			return nil, err
		}
		p.at++
	}
	switch {
	case name != "" && !qualified:
		p.last = primitive{}
		return &x, nil
	case p.end(), w == "and", w == "or", w == "&&", w == "||", w == ")":
		return nil, p.fail("a host, net, port, portrange, object or protocol expected")
	case !qualified:
		if x = p.last; x.kind == noKind && x.side == anySide && !isValue(w) {
			return nil, p.fail("unknown word; %s are known", known())
		}
	}
	p.last = x
	if qualified && p.take("(") {
		return p.parenthesis()
	}
	return p.value(x)
}

// side reads src, dst, "src or dst" or "src and dst", and reports whether there was any.
func (p *parser) side(x *primitive) (bool, error) {
	switch {
	case p.take("src"):
		x.side = srcSide
		if mark := p.at; p.take("or", "||") {
			if x.side = anySide; !p.take("dst") {
				p.at = mark
				return false, p.fail("after src, or goes with dst only: src or dst host 10.0.0.1")
			}
		} else if p.take("and", "&&") {
			if x.side = bothSides; !p.take("dst") {
				p.at = mark
				return false, p.fail("after src, and goes with dst only: src and dst host 10.0.0.1")
			}
		}
		return true, nil
	case p.take("dst"):
		x.side = dstSide
		if p.take("or") {
			x.side = anySide
			if !p.take("src") {
				return false, p.fail("after dst or, src expected")
			}
		}
		return true, nil
	}
	return false, nil
}

// fits returns an error if the protocol may not stand before the kind.
func (p *parser) fits(name string, x *primitive) error {
	switch x.kind {
	case hostKind, netKind:
		if len(x.numbers) > 0 {
			return p.fail("%s has ports, not addresses; write: %s and %s ...", name, name, p.word())
		}
	case portKind, rangeKind:
		if name == "arp" || name == "icmp" || name == "icmp6" {
			return p.fail("%s has no ports", name)
		}
	case protoKind:
		if x.side != anySide || name != "" && name != "ip" && name != "ip6" {
			return p.fail("only ip and ip6 go before proto")
		}
	}
	return nil
}

// tunnel reads the rest after a tunnel's word: a number of a virtual network, or nothing.
func (p *parser) tunnel(k decode.EncapKind) (node, error) {
	x := &primitive{tunnel: k}
	if w := p.word(); k.HasVNI() && w != "" && w[0] >= '0' && w[0] <= '9' {
		n, err := p.number(1<<24 - 1)
		if err != nil {
			return nil, err
		}
		x.vni, x.hasVNI = uint32(n), true
	}
	p.last = primitive{}
	return x, nil
}
