package cluster

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// machine is what is known of a machine on which somebody captured: a node, or a mere host, which is a pod's network namespace or a
// client outside of the cluster.
type machine struct {
	// opens: connections of its own begin by leaving it. forwards: packets come in and go out again. wraps: packets pass it encapsulated.
	opens, forwards, wraps bool
	// addressed has the addresses that packets came in for, crowded says that there are more.
	addressed list[netip.Addr]
	crowded   bool
}

// machineOf returns on which machine a capture was taken.
func (k *Cluster) machineOf(capture int) uint16 { return k.sources[capture].Machine }

// isHost reports whether a machine is a mere host. What it would show if it were a node must not be missing for a filter's sake: all
// that comes in has to be for those of its addresses that its own connections come from. A Service's address never opens any.
func (k *Cluster) isHost(id uint16) bool {
	m, ok := k.machines[id]
	if !ok || !m.opens || m.forwards || m.wraps || m.crowded {
		return false
	}
	return !slices.ContainsFunc(m.addressed.all(), func(a netip.Addr) bool { return k.addresses[a].opensOn != id+1 })
}

// crossed enters how a connection's packets cross the machines that show them.
func (k *Cluster) crossed(c *fact.Connection) {
	for i := range c.Legs {
		l := &c.Legs[i]
		for v := range l.Views {
			v := &l.Views[v]
			if v.Hardware == hardwareLoopback {
				continue
			}
			id := k.machineOf(int(v.Capture))
			m := k.machines[id]
			m.wraps = m.wraps || len(l.Encap) > 0
			if v.In() {
				m.forwards = m.forwards || goesOn(c, k, id, v.Flow)
				to := l.Dst
				if v.Flow == fact.ToClient {
					to = l.Src
				}
				if len(l.Encap) == 0 && !m.addressed.add(to.Addr()) {
					m.crowded = true
				}
			}
			k.machines[id] = m
		}
	}
}

// goesOn reports whether packets of one direction of a connection go out by an interface of a machine.
func goesOn(c *fact.Connection, k *Cluster, id uint16, flow fact.Direction) bool {
	for i := range c.Legs {
		for n := range c.Legs[i].Views {
			v := &c.Legs[i].Views[n]
			if v.Out() && v.Flow == flow && v.Hardware != hardwareLoopback && k.machineOf(int(v.Capture)) == id {
				return true
			}
		}
	}
	return false
}
