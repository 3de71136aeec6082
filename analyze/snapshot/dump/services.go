package dump

import (
	"net/netip"
	"slices"
	"strings"
)

// Service is what the rules of a node do with what is for an address and port of a Service.
type Service struct {
	// Protocol is tcp, udp or sctp. At is what is called; its address is zero for a NodePort, which any address of the node has.
	Protocol string
	At       netip.AddrPort
	// Backends are those that it may be translated to. Refused says that it is rejected or dropped.
	Backends []Backend
	Refused  bool
}

// Backend is what a Service's address is translated to. Masqueraded says that a connection of the backend with itself gets another source.
type Backend struct {
	netip.AddrPort
	Masqueraded bool
}

// Find returns what the rules do with what is for an address and port, nil where they have nothing on it.
func (d *Dump) Find(protocol string, at netip.AddrPort) *Service {
	var found *Service
	for i := range d.Services {
		s := &d.Services[i]
		if s.Protocol != protocol || s.At != at && (s.At.Addr().IsValid() || s.At.Port() != at.Port()) {
			continue
		}
		if found == nil || len(s.Backends) > 0 || found.At.Addr() != at.Addr() {
			found = s
		}
	}
	return found
}

// chains are the chains of kube-proxy, by name, and what leads to them.
type chains struct {
	*parser
	named map[string]*chain
	heads []head
	// before is the room there was.
	before int
}

func newChains(p *parser) *chains { return &chains{p, map[string]*chain{}, nil, *p.room} }

// head is a rule for the address of a Service.
type head struct {
	protocol string
	at       netip.AddrPort
	to       string
	refused  bool
}

// chain is one of kube-proxy's: of a Service it leads to those of endpoints, and each of them translates.
type chain struct {
	to     []string
	dnat   []netip.AddrPort
	marked []netip.Addr
	// done is set once backends are looked for.
	done     bool
	backends []Backend
}

func (c *chains) chain(name string) *chain {
	x := c.named[name]
	if x == nil {
		x = &chain{}
		if c.take(1) {
			c.named[strings.Clone(name)] = x
		}
	}
	return x
}

// lead notes that a chain leads to another.
func (c *chains) lead(from, to string) {
	if c.take(1) {
		x := c.chain(from)
		x.to = append(x.to, strings.Clone(to))
	}
}

// translate notes that a chain translates to an endpoint.
func (c *chains) translate(from, to string) {
	if a, err := netip.ParseAddrPort(to); err == nil && c.take(1) {
		x := c.chain(from)
		x.dnat = append(x.dnat, a)
	}
}

// mostMarked bounds chain.marked: an endpoint has one address.
const mostMarked = 4

// mark notes that a chain masquerades what an endpoint sends itself.
func (c *chains) mark(from, source string) {
	source, _, _ = strings.Cut(source, "/")
	if a, err := netip.ParseAddr(source); err == nil {
		if x := c.chain(from); len(x.marked) < mostMarked {
			x.marked = append(x.marked, a)
		}
	}
}

// head notes a rule for an address of a Service.
func (c *chains) head(protocol string, at netip.AddrPort, to string, refused bool) {
	if protocol = protocols[protocol]; protocol != "" && at.Port() != 0 && c.take(1) {
		c.dump.IPv4, c.dump.IPv6 = c.dump.IPv4 || at.Addr().Is4(), c.dump.IPv6 || at.Addr().Is6()
		c.heads = append(c.heads, head{protocol, at, strings.Clone(to), refused})
	}
}

// deepest is how many chains follow each other at most: of an outer address, of the Service, of the endpoint.
const deepest = 4

// backends returns what a chain translates to in the end.
func (c *chains) backends(name string, depth int) []Backend {
	x := c.named[name]
	if x == nil || depth > deepest {
		return nil
	}
	if x.done {
		return x.backends
	}
	x.done = true // also against circles
	for _, a := range x.dnat {
		x.backends = append(x.backends, Backend{a, slices.Contains(x.marked, a.Addr())})
	}
	for _, to := range x.to {
		more := c.backends(to, depth+1)
		if !c.take(len(more)) {
			break
		}
		x.backends = append(x.backends, more...)
	}
	return x.backends
}

// finish makes Services of what was noted.
func (c *chains) finish() error {
	kept := len(c.heads)
	for _, h := range c.heads {
		list := c.backends(h.to, 0)
		if !c.take(len(list)) {
			return ErrFull
		}
		kept += len(list)
		c.dump.Services = append(c.dump.Services, Service{h.protocol, h.at, list, h.refused})
	}
	if c.lacks {
		return ErrFull
	}
	*c.room = c.before - kept // the chains are not
	return nil
}
