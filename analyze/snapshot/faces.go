package snapshot

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// Walk names a walk's parties, and the pods behind its interfaces.
func (n *Names) Walk(w *fact.Walk) {
	if w.Connection == nil {
		return
	}
	n.Connection(w.Connection)
	t := Span{w.Connection.Start, w.Connection.End}
	for i := range w.Ways {
		way := &w.Ways[i]
		for _, hops := range [][]fact.Hop{way.Hops, way.Copies} {
			for k := range hops {
				n.face(&hops[k].Role, t)
			}
		}
		if way.Next != nil {
			next := *way.Next
			n.face(&next.Role, t)
			way.Next = &next
		}
	}
}

// Where names the pods behind the interfaces between which packets vanish.
func (n *Names) Where(w *fact.Where, t Span) {
	if w != nil {
		n.face(&w.After.Role, t)
		n.face(&w.Before.Role, t)
	}
}

// Facts names the parties of the connections and lookups that facts keep, and the pods behind interfaces.
func (n *Names) Facts(f *fact.Facts) {
	for i := range f.Reach {
		for k := range f.Reach[i].Examples {
			c := &f.Reach[i].Examples[k]
			n.Connection(c)
			for l := range c.Legs {
				for v := range c.Legs[l].Views {
					n.face(&c.Legs[l].Views[v].Role, Span{c.Start, c.End})
				}
			}
		}
	}
	for i := range f.Lookups {
		n.Lookup(&f.Lookups[i])
	}
	n.Interfaces(f)
	n.DNS(&f.DNS, f.Captures)
}

// Interfaces names the pods behind interfaces. Other facts stay as they are: the list is a new one.
func (n *Names) Interfaces(f *fact.Facts) {
	t := between(f.Captures)
	f.Interfaces = slices.Clone(f.Interfaces)
	for i := range f.Interfaces {
		n.face(&f.Interfaces[i].Role, t)
	}
}

// DNS names the servers of captures.
func (n *Names) DNS(d *fact.DNSTotals, captures []fact.Capture) {
	t := between(captures)
	d.Servers = slices.Clone(d.Servers)
	for i := range d.Servers {
		d.Servers[i].Object = n.Reached(d.Servers[i].Server, fact.UDP, t)
	}
}

// face names the pod behind an interface.
func (n *Names) face(r *fact.InterfaceRole, t Span) {
	if !r.Pod.IsValid() {
		return
	}
	if r.Object = n.Client(r.Pod, t); r.Object != nil && r.Object.Kind != "Pod" {
		r.Object = nil
	}
}
