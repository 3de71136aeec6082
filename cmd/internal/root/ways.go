package root

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// way is how far the packets of a finding got in one direction.
type way struct {
	// flow is the direction, from and to the names of the nodes at its ends, "" where not known. target is the address that they go to.
	flow     fact.Direction
	from, to string
	target   netip.Addr
	// seen says that the node they come from shows them, arrived that the one they go to does; delivered that they went out to the target's own interface.
	seen, arrived, delivered bool
	// outer is where a tunnel took them from their node, zero without one.
	outer netip.Addr
	// out and on are the kinds of interfaces by which they went out, outside of tunnels: on the node they come from, and on the one they go to.
	out, on map[fact.InterfaceKind]bool
}

// way follows the example of a finding: the answers, where there are some that vanish, else the client's packets.
func (a *asked) way() (w way, ok bool) {
	c := a.finding.Example
	if c == nil || !a.finding.Backend.IsValid() {
		return w, false
	}
	client, server := a.placeOf(a.finding.Client), a.placeOf(a.finding.Backend.Addr())
	w = way{flow: fact.ToServer, from: client, to: server, target: a.finding.Backend.Addr()}
	if c.Flow[fact.ToClient].Packets > 0 {
		w = way{flow: fact.ToClient, from: server, to: client, target: a.finding.Client}
		if c.SNAT.IsValid() {
			w.target = c.SNAT.Addr()
			w.to = a.placeOf(w.target)
		}
	}
	if w.from == "" || w.to == "" {
		return w, false
	}
	w.out, w.on = map[fact.InterfaceKind]bool{}, map[fact.InterfaceKind]bool{}
	for i := range c.Legs {
		l := &c.Legs[i]
		node := a.nodeCalled(l.Node)
		for k := range l.Views {
			v := &l.Views[k]
			if v.Flow != w.flow {
				continue
			}
			w.seen = w.seen || node == w.from
			w.arrived = w.arrived || node == w.to && w.from != w.to
			w.delivered = w.delivered || v.Out() && v.Role.LeadsTo(w.target)
			switch inside := len(l.Encap) > 0; {
			case inside && node == w.from && w.flow == fact.ToServer:
				w.outer = l.Encap[0].Dst
			case inside && node == w.from:
				w.outer = l.Encap[0].Src
			case inside || !v.Out():
			case node == w.from:
				w.out[v.Role.Kind] = true
			case node == w.to:
				w.on[v.Role.Kind] = true
			}
		}
	}
	return w, true
}

// placeOf returns the name of the node on which an address is, or whose it is; "" where that is not known.
func (a *asked) placeOf(x netip.Addr) string {
	if p := a.names.Pod(x, a.span); p != nil {
		return p.Node
	}
	if o := a.names.Client(x, a.span); o != nil && o.Kind == "Node" {
		return o.Name
	}
	if n := a.nodeOf(x); n != nil {
		return n.Name
	}
	return ""
}

// sighting is a view of a finding's example, and the node that shows it.
type sighting struct {
	node string
	view *fact.View
}

// farthest returns where packets of a direction got to last; without a view if none is seen.
func (a *asked) farthest(d fact.Direction) (s sighting) {
	c := a.finding.Example
	if c == nil {
		return s
	}
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			if v := &c.Legs[i].Views[k]; v.Flow == d && (s.view == nil || v.First >= s.view.First) {
				s = sighting{c.Legs[i].Node, v}
			}
		}
	}
	if s.view != nil {
		s.node = a.nodeCalled(s.node)
	}
	return s
}

// nodeHas reports whether a node has an address.
func (a *asked) nodeHas(node string, x netip.Addr) bool {
	o := a.names.Client(x, a.span)
	return o != nil && o.Kind == "Node" && o.Name == node
}
