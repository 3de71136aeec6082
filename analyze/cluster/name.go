package cluster

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// Name gives a connection all that its own packets do not show: whether it called a Service, its backend, whether a node made the RST or
// ICMP error that refused it, and the roles of its interfaces. It may be named again when more is known.
func (k *Cluster) Name(c *fact.Connection) {
	if r := c.Reset; r != nil {
		r.ByNode = r.MadeHere && !k.isHost(k.machineOf(r.Ref.Capture)) || k.leftTunnelFresh(r) || k.cameFresh(r)
	}
	for i := range c.Errors {
		e := &c.Errors[i]
		e.ByNode = e.MadeHere && !k.isHost(k.machineOf(e.Ref.Capture))
	}
	k.nameEnds(c)
	for i := range c.Legs {
		for n := range c.Legs[i].Views {
			v := &c.Legs[i].Views[n]
			v.Name, v.Role = k.face(placeOf(v), v.Interface)
		}
	}
}

// nameEnds tells a Service's address from a backend's.
func (k *Cluster) nameEnds(c *fact.Connection) {
	c.Service, c.KnownBy, c.Backend = c.Called, fact.Translated, c.Destination
	if c.Destination != c.Called {
		return
	}
	c.Backend = netip.AddrPort{}
	if r, ok := k.refusalOf(c); ok && k.refusedByNode(c.Called, r) {
		c.KnownBy = fact.RejectedByNode
		return
	}
	if c.KnownBy = k.service(c.Called); c.KnownBy == fact.NotAService {
		c.Service, c.Backend = c.Backend, c.Called
	}
}

// leftTunnelFresh reports whether a RST in a tunnel has more TTL left than what pods send through it: the node at the other end made it,
// in a pod's name.
func (k *Cluster) leftTunnelFresh(r *fact.Reset) bool {
	if len(r.Encap) == 0 {
		return false
	}
	usual := k.tunnels.get(tunnel{r.Encap[0].Src, r.Encap[0].Dst})
	return usual != 0 && r.TTL > usual
}

// cameFresh reports whether a RST came in to a node with an untouched TTL, though whatever else comes in from there has passed a router: a
// machine beside the node made it, in a pod's name.
func (k *Cluster) cameFresh(r *fact.Reset) bool {
	m := k.machineOf(r.Ref.Capture)
	return !r.MadeHere && len(r.Encap) == 0 && fact.Untouched(r.TTL) && !k.isHost(m) && k.beyondRouters(r.Src.Addr(), m)
}

// Facts returns what is known of the cluster as a whole.
func (k *Cluster) Facts() fact.Cluster {
	return fact.Cluster{PodNetworks: k.podNetworks(), NodePorts: k.nodePorts}
}

// IsHost reports whether the machine on which a capture was taken is a mere host, and no node.
func (k *Cluster) IsHost(capture int) bool { return k.isHost(k.machineOf(capture)) }
