package dump

import (
	"net/netip"
	"strings"
)

// types are those of routes (ip-route(8)).
const types = `(unicast|local|broadcast|multicast|throw|unreachable|prohibit|blackhole|anycast|nat)`

// Route is a route of any table.
type Route struct {
	// Type is unicast, local, throw, unreachable, prohibit or blackhole: routes for many at once are left out.
	Type string
	To   netip.Prefix
	// Via is the next hop, zero without one; of several the first. Device is the link.
	Via    netip.Addr
	Device string
}

// Default reports whether a route is for all that no other is for.
func (r *Route) Default() bool { return r.To.Bits() == 0 }

// Leads reports whether packets are sent on by it.
func (r *Route) Leads() bool { return r.Type == "unicast" || r.Type == "local" }

// route reads a line of ip route: "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink". Next hops of several stand indented below it.
func (p *parser) route(line string) {
	words := strings.Fields(line)
	d := p.dump
	if len(words) == 0 {
		return
	}
	if words[0] == "nexthop" {
		if n := len(d.Routes); n > 0 && d.Routes[n-1].Device == "" {
			d.Routes[n-1].hop(words)
		}
		return
	}
	r := Route{Type: "unicast"}
	switch words[0] {
	case "broadcast", "multicast", "anycast", "nat":
		return
	case "unicast", "local", "throw", "unreachable", "prohibit", "blackhole":
		r.Type = strings.Clone(words[0])
		words = words[1:]
	}
	if len(words) == 0 {
		p.odd = true
		return
	}
	p.local(after(words, "src"))
	r.hop(words)
	switch to := words[0]; {
	case to == "default":
		r.To = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
		if strings.Contains(line, "::") || strings.Contains(line, "fe80:") || r.Via.Is6() {
			r.To = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
		}
	case strings.Contains(to, "/"):
		x, err := netip.ParsePrefix(to)
		if err != nil {
			p.odd = true
			return
		}
		r.To = x.Masked()
	default:
		a, err := netip.ParseAddr(to)
		if err != nil {
			p.odd = true
			return
		}
		r.To = netip.PrefixFrom(a, a.BitLen())
	}
	if p.take(1) {
		d.Routes = append(d.Routes, r)
	}
}

// hop reads where a route leads.
func (r *Route) hop(words []string) {
	r.Device = strings.Clone(after(words, "dev"))
	via := after(words, "via")
	if via == "inet" || via == "inet6" {
		via = after(words, via)
	}
	if a, err := netip.ParseAddr(via); err == nil {
		r.Via = a
	}
}
