package cluster

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// machine is a machine on which packets were captured: a node, or a mere host, which is a pod's network namespace or a client outside
// of the cluster.
type machine struct {
	// opens: connections of its own begin by leaving it. forwards: packets come in and go out again. wraps: packets pass it encapsulated.
	opens, forwards, wraps bool
	// addressed has the addresses that packets came in for, crowded says that there are more.
	addressed list[netip.Addr]
	crowded   bool
}

// machineOf returns on which machine a capture was taken.
func (k *Cluster) machineOf(capture int) uint16 { return k.sources[capture].Machine }

// isHost reports whether a machine is a mere host. A filter may have removed what would show that it is a node. So all packets that come
// in must be for addresses of its own. An address is its own if it opens connections, which a Service's address never does, or if packets
// for it end here after a node has forwarded them.
func (k *Cluster) isHost(id uint16) bool {
	m := &k.machines[id]
	if m.forwards || m.wraps || m.crowded || !m.opens && m.addressed.n == 0 {
		return false
	}
	return !slices.ContainsFunc(m.addressed.all(), func(a netip.Addr) bool {
		x := k.seen(a)
		return x.opensOn != id+1 && x.reachedOn != id+1
	})
}

// crossed enters how a connection's packets cross the machines that show them.
func (k *Cluster) crossed(c *fact.Connection) {
	for i := range c.Legs {
		l := &c.Legs[i]
		for n := range l.Views {
			v := &l.Views[n]
			if v.Hardware == hardwareLoopback {
				continue
			}
			id := k.machineOf(int(v.Capture))
			m := &k.machines[id]
			m.wraps = m.wraps || len(l.Encap) > 0
			if v.In() && len(l.Encap) == 0 {
				if f := &c.Flow[v.Flow]; f.Packets > uint64(f.Resets) { // a RST may be made by others in its sender's name
					k.came(source(l, v.Flow), v.TTL, id)
				}
				goesOn := shows(c, v.Flow, (*fact.View).Out, func(x uint16) bool { return k.machineOf(int(x)) == id })
				m.forwards = m.forwards || goesOn
				to := destination(l, v.Flow)
				m.crowded = !m.addressed.add(to) || m.crowded
				if !goesOn && k.forwarded(c, v.Flow, id) {
					k.change(to, func(x *address) { x.reachedOn = lower(x.reachedOn, id+1) })
				}
			}
		}
	}
}

// forwarded reports whether packets of one direction came in to, and went out of, a machine other than this one.
func (k *Cluster) forwarded(c *fact.Connection, flow fact.Direction, not uint16) bool {
	for i := range c.Legs {
		for n := range c.Legs[i].Views {
			v := &c.Legs[i].Views[n]
			id := k.machineOf(int(v.Capture))
			if v.Flow == flow && v.In() && id != not && v.Hardware != hardwareLoopback &&
				shows(c, flow, (*fact.View).Out, func(x uint16) bool { return k.machineOf(int(x)) == id }) {
				return true
			}
		}
	}
	return false
}

// shows reports whether a view of one direction of a connection is of a kind, in a capture that in accepts.
func shows(c *fact.Connection, flow fact.Direction, is func(*fact.View) bool, in func(capture uint16) bool) bool {
	for i := range c.Legs {
		for n := range c.Legs[i].Views {
			if v := &c.Legs[i].Views[n]; v.Flow == flow && is(v) && v.Hardware != hardwareLoopback && in(v.Capture) {
				return true
			}
		}
	}
	return false
}
