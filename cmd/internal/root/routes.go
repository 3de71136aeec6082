package root

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot/dump"
)

// wayMissing tells that a node has no way to the address that packets are for, where they vanish on that node.
func wayMissing(a *asked, told *fact.Root) *fact.Root {
	w, ok := a.way()
	if told != nil || !ok || w.delivered {
		return told
	}
	switch {
	case w.from == w.to && w.seen:
		return a.noLocalRoute(&w, w.out)
	case w.arrived:
		if r := a.noLocalRoute(&w, w.on); r != nil {
			return r
		}
		return a.noRoute(&w)
	case w.seen:
		return a.noRoute(&w)
	}
	return nil
}

// silent reports whether nobody said why packets vanish.
func (a *asked) silent() bool { return a.finding.Example.Outcome == fact.Hang }

// said reports whether the client got an ICMP error with one of these codes, of IPv4 and of IPv6.
func (a *asked) said(v4, v6 uint8) bool {
	c := a.finding.Example
	return c.Outcome == fact.Unreachable && slices.ContainsFunc(c.Errors, func(e fact.ICMPError) bool {
		return e.ToClient && (!e.V6 && e.Type == 3 && e.Code == v4 || e.V6 && e.Type == 1 && e.Code == v6) // RFC 792, RFC 4443, section 3.1
	})
}

// says reports whether what the client is told, if anything, is what a node says that has such a route (net/ipv4/route.c, ip_error).
func (a *asked) says(r *dump.Route) bool {
	switch {
	case a.silent():
		return true
	case r == nil:
		return a.said(0, 0)
	case r.Type == "unreachable":
		return a.said(1, 3)
	case r.Type == "prohibit":
		return a.said(13, 1)
	}
	return false
}

// best returns the route that a dump has for an address: the longest of all tables, one that leads somewhere before others.
func best(d *dump.Dump, to netip.Addr) (r *dump.Route) {
	for i := range d.Routes {
		x := &d.Routes[i]
		if x.Type == "throw" || !x.To.Contains(to) {
			continue
		}
		if r == nil || x.To.Bits() > r.To.Bits() || x.To.Bits() == r.To.Bits() && x.Leads() && !r.Leads() {
			r = x
		}
	}
	return r
}

// routeText says what a dump has instead of a route that leads to an address.
func routeText(r *dump.Route) string {
	switch {
	case r == nil:
		return "none at all"
	case r.Default():
		return "none but its default route"
	}
	return fmt.Sprintf("only %s %s", r.Type, r.To)
}

// follows reports whether packets went on as they do without a route of their own: nowhere, or where there is a default route by the uplink, unless a
// firewall lets nothing of that kind out.
func follows(r *dump.Route, out map[fact.InterfaceKind]bool) bool {
	return len(out) == 0 || len(out) == 1 && out[fact.Uplink] && r != nil && r.Leads()
}

// noLocalRoute tells that a node has no route to one of its own pods. That a default route leads there can't be.
func (a *asked) noLocalRoute(w *way, out map[fact.InterfaceKind]bool) *fact.Root {
	d := a.dump(w.to, dump.Routes)
	if d == nil {
		return nil
	}
	r := best(d, w.target)
	if r != nil && r.Leads() && !r.Default() || !follows(r, out) || !a.says(r) {
		return nil
	}
	lacks := func(x netip.Addr) bool {
		r := best(d, x)
		return r == nil || !r.Leads() || r.Default()
	}
	if x := a.works(func(x, peer netip.Addr) bool { return a.placeOf(x) == w.to && lacks(x) && a.placeOf(peer) != w.to }); x.IsValid() {
		return a.dumped(unbelieved, d, fmt.Sprintf("Node %s, where %s is, has no route to it (%s), but %s, for which it has none either, does answer.",
			w.to, a.called(w.target), routeText(r), a.called(x)))
	}
	return a.dumped("route-missing", d, fmt.Sprintf("Node %s, where %s is and the packets end, has no route to it: %s.", w.to, a.called(w.target), routeText(r)))
}

// noRoute tells that the node that packets come from has no route to the node that they go to, or does not know where in its tunnel that is.
func (a *asked) noRoute(w *way) *fact.Root {
	d := a.dump(w.from, dump.Routes)
	if d == nil {
		return nil
	}
	r := best(d, w.target)
	missing := r == nil || !r.Leads() || r.Default() && (a.othersRouted(d, w) || a.routedBack(w))
	switch {
	case !missing && !r.Default():
		return a.notForwarded(w, d, r)
	case !missing:
		return nil // whoever it leads to may know the way
	case !a.says(r):
		return nil
	case w.arrived || w.outer.IsValid() && a.nodeHas(w.to, w.outer):
		return a.dumped(unbelieved, d, fmt.Sprintf("Node %s has no route to %s (%s), but packets get from it to %s.", w.from, a.called(w.target), routeText(r), w.to))
	case w.outer.IsValid() || !follows(r, w.out):
		return nil
	}
	if x := a.between(w); x.IsValid() {
		return a.dumped(unbelieved, d, fmt.Sprintf("Node %s has no route to %s (%s), but it exchanges packets with %s on %s.",
			w.from, a.called(w.target), routeText(r), a.called(x), w.to))
	}
	return a.dumped("route-missing", d, fmt.Sprintf("Node %s has no route to %s on %s: %s.", w.from, a.called(w.target), w.to, routeText(r)))
}

// shortly is how long before its packets vanish others show that a way is there, if the finding's own client never got an answer: then nothing broke
// just now.
const shortly = 60e9

// works returns a pod that packets show to be reached while the finding was seen, or shortly before, from a peer, and as a condition has it; zero
// without one.
func (a *asked) works(is func(pod, peer netip.Addr) bool) netip.Addr {
	f, since := a.finding, a.span.First-shortly
	for i := range a.facts.Reach {
		y := &a.facts.Reach[i]
		if y.Signs&fact.SignAnswered != 0 && y.First < a.span.First && y.Client == f.Client && y.Backend.Addr() == f.Backend.Addr() {
			since = a.span.First
		}
	}
	for i := range a.facts.Reach {
		y := &a.facts.Reach[i]
		if y.Signs&fact.SignAnswered == 0 || !y.Backend.IsValid() || y.LastStart < since || y.First > a.span.Last {
			continue
		}
		for _, ends := range [][2]netip.Addr{{y.Backend.Addr(), y.Client}, {y.Client, y.Backend.Addr()}} {
			if a.nodeOf(ends[0]) != nil && is(ends[0], ends[1]) {
				return ends[0]
			}
		}
	}
	return netip.Addr{}
}

// between returns a pod on the node that packets go to which a pod on the one that they come from speaks with, zero without one.
func (a *asked) between(w *way) netip.Addr {
	return a.works(func(x, peer netip.Addr) bool {
		return a.placeOf(x) == w.to && a.nodeOf(peer) != nil && a.placeOf(peer) == w.from
	})
}

// othersRouted reports whether a node has routes of its own to the pods of other nodes than the two that packets travel between: pods are not where its default
// route leads.
func (a *asked) othersRouted(d *dump.Dump, w *way) bool {
	for i := range a.snapshot.Nodes {
		n := &a.snapshot.Nodes[i]
		if n.Name == w.from || n.Name == w.to {
			continue
		}
		for _, p := range n.PodNetworks {
			if r := best(d, p.Addr()); r != nil && r.Leads() && !r.Default() {
				return true
			}
		}
	}
	return false
}

// routedBack reports whether the node that packets go to has a route of its own to the pods of the node that they come from.
func (a *asked) routedBack(w *way) bool {
	d := a.dump(w.to, dump.Routes)
	if d == nil {
		return false
	}
	for i := range a.snapshot.Nodes {
		n := &a.snapshot.Nodes[i]
		for _, p := range n.PodNetworks {
			if r := best(d, p.Addr()); n.Name == w.from && r != nil && r.Leads() && !r.Default() {
				return true
			}
		}
	}
	return false
}

// notForwarded tells that a VXLAN does not know behind which node the next hop of a route is, or takes it for another. Only one that learns nothing is asked.
func (a *asked) notForwarded(w *way, routes *dump.Dump, r *dump.Route) *fact.Root {
	links, neighbours, forwards := a.dump(w.from, dump.Links), a.dump(w.from, dump.Neighbours), a.dump(w.from, dump.Forwarding)
	if links == nil || neighbours == nil || a.between(w).IsValid() || w.out[fact.Uplink] || w.arrived || w.outer.IsValid() && a.nodeHas(w.to, w.outer) {
		return nil
	}
	static := false
	for _, l := range links.Links {
		static = static || l.Name == r.Device && l.Static
	}
	if !static {
		return nil
	}
	hop := r.Via
	if !hop.IsValid() {
		hop = w.target
	}
	var m fact.MAC
	for _, n := range neighbours.Neighbours {
		if n.Addr == hop && n.Device == r.Device && n.MAC != 0 {
			m = n.MAC
		}
	}
	way := fmt.Sprintf("Node %s routes packets for %s through %s (%s)", w.from, a.called(w.target), r.Device, source(routes))
	// Where the next hop is not known, packets wait before the VXLAN; where its node is not, they go in.
	entered := w.outer.IsValid() || w.out[fact.TunnelDevice] || w.out[fact.InterfaceUnknown]
	switch {
	case m == 0 && (entered || !a.silent() && !a.said(1, 3)):
		return nil
	case m != 0 && (!a.silent() || !entered && a.showsTunnel(w.from)):
		return nil
	case m == 0:
		return a.dumped("fdb-missing", neighbours, fmt.Sprintf("%s, but has no link-layer address for the next hop %s there.", way, hop))
	case forwards == nil:
		return nil
	}
	var to netip.Addr
	for _, f := range forwards.Forwards {
		if f.MAC == m && f.Device == r.Device && f.To.IsValid() {
			to = f.To
			if a.nodeHas(w.to, to) {
				return nil
			}
		}
	}
	switch {
	case w.outer.IsValid() && w.outer != to:
		return nil
	case !to.IsValid():
		return a.dumped("fdb-missing", forwards, fmt.Sprintf("%s, but its forwarding database does not know which node %s, the link-layer address of next hop %s, is behind.", way, m, hop))
	}
	return a.dumped("fdb-missing", forwards, fmt.Sprintf("%s, but its forwarding database has %s, the link-layer address of next hop %s, behind %s, which is not %s.", way, m, hop, to, w.to))
}

// showsTunnel reports whether captures of a node show what goes in to its tunnels.
func (a *asked) showsTunnel(node string) bool {
	of := map[int]bool{}
	for i := range a.facts.Captures {
		of[i] = a.nodeCalled(a.facts.Captures[i].Node) == node
	}
	return slices.ContainsFunc(a.facts.Interfaces, func(x fact.Interface) bool { return of[x.Capture] && x.Role.Kind == fact.TunnelDevice })
}

// called names an address by its pod.
func (a *asked) called(x netip.Addr) string {
	if p := a.names.Pod(x, a.span); p != nil {
		return fmt.Sprintf("pod %s (%s)", nameOf(&p.Meta), x)
	}
	return x.String()
}
