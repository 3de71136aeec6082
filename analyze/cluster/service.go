package cluster

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/kube"
)

// called is an address and port that connections were made to.
type called struct {
	// translated: connections to it were.
	translated bool
	// refusal is how connections to it were refused; the zero value if none was.
	refusal refusal
}

// refusal is how a connection was refused that was never translated.
type refusal struct {
	opens bool
	// icmp and reset: by port-unreachable or a RST in answer to the SYN, which left the machine icmpBy or resetBy.
	icmp, reset     bool
	icmpBy, resetBy uint16
	// tunnelled: its packets were seen inside a tunnel. Packets to another node have been translated before, or needed no translation.
	tunnelled bool
}

// tells reports whether r is better evidence than other.
func (r refusal) tells(other refusal) bool {
	rank := func(r refusal) int {
		switch {
		case r.tunnelled:
			return 0
		case r.icmp:
			return 2
		}
		return 1
	}
	if a, b := rank(r), rank(other); a != b {
		return a > b
	}
	return r.icmpBy < other.icmpBy
}

// serviceRange has some of the Services' addresses in a network.
type serviceRange struct {
	translated list[netip.Addr]
	refused    list[netip.AddrPort]
}

// translated enters that a connection was translated, and to what.
func (k *Cluster) translated(c *fact.Connection) {
	e, backend := c.Called, c.Destination.Addr()
	k.called.change(e, func(x *called) { x.translated = true })
	if !k.masqueraded(c) {
		k.change(backend, func(x *address) { x.backend = true })
		k.mark(backend, func(n *network) { n.backends.add(backend) })
	}
	if k.nodePorts.Contains(e.Port()) {
		k.ports[e.Port()] = true
		return
	}
	k.change(e.Addr(), func(x *address) { x.service = true })
	k.inRange(e.Addr(), func(r *serviceRange) { r.translated.add(e.Addr()) })
}

// masqueraded reports whether a connection leaves the pods' networks under an address of the node. Between pods nothing rewrites the source
// of a connection, but for a pod that reaches itself, and for NodePorts (KUBE-MARK-MASQ).
func (k *Cluster) masqueraded(c *fact.Connection) bool {
	return c.SNAT.IsValid() && c.SNAT.Addr() != c.Client.Addr() && c.Destination.Addr() != c.Client.Addr() && !k.nodePorts.Contains(c.Called.Port())
}

// refused enters that a connection to e was refused, in a way that kube-proxy may have refused it.
func (k *Cluster) refused(e netip.AddrPort, r refusal) {
	k.called.change(e, func(x *called) {
		if x.refusal == (refusal{}) || r.tells(x.refusal) {
			x.refusal = r
		}
	})
	if r.icmp && !k.nodePorts.Contains(e.Port()) {
		k.change(e.Addr(), func(x *address) {
			if !x.refuses || e.Port() < x.refused {
				x.refuses, x.refused = true, e.Port()
			}
		})
		k.inRange(e.Addr(), func(s *serviceRange) { s.refused.add(e) })
	}
}

func (k *Cluster) inRange(a netip.Addr, set func(*serviceRange)) {
	k.ranges.change(kube.ServiceNetwork(a), set)
}

// refusalOf returns how a connection was refused, and whether it was so that a node may have done it.
func (k *Cluster) refusalOf(c *fact.Connection) (r refusal, ok bool) {
	if c.Outcome != fact.Refused {
		return r, false
	}
	r.opens = c.Proto.Opens()
	for i := range c.Errors {
		if e := &c.Errors[i]; e.Refuses() && e.MadeHere && !r.icmp {
			r.icmp, r.icmpBy = true, k.machineOf(e.Ref.Capture)
		}
	}
	if x := c.Reset; x != nil && x.InHandshake && x.MadeHere {
		r.reset, r.resetBy = true, k.machineOf(x.Ref.Capture)
	}
	for i := range c.Legs {
		r.tunnelled = r.tunnelled || len(c.Legs[i].Encap) > 0
	}
	return r, r.icmp || r.reset
}

// refusedEndpoint reports whether the node refused some connection to e by ICMP, as kube-proxy does.
func (k *Cluster) refusedEndpoint(e netip.AddrPort) bool {
	r := k.called.get(e).refusal
	r.reset = false
	return r.icmp && k.refusedByNode(e, r)
}

// refusedByNode reports whether the node itself refused a connection that it never translated, to an address that nobody speaks from:
// kube-proxy's REJECT of a Service without endpoints.
func (k *Cluster) refusedByNode(e netip.AddrPort, r refusal) bool {
	icmp, reset := r.icmp && !k.isHost(r.icmpBy), r.reset && !k.isHost(r.resetBy)
	host := k.host(e.Addr())
	if k.nodePorts.Contains(e.Port()) && (host == fact.RoleNode || r.opens && r.icmp) {
		// A closed TCP port answers with RST, one of SCTP with ABORT: the ICMP error is a rule's. UDP has nothing else to answer with.
		return r.opens && r.icmp
	}
	if host != fact.RoleUnknown || k.speaks(e.Addr()) || k.nearPods(e.Addr()) || r.tunnelled {
		return false
	}
	// A REJECT rule for an address outside of the cluster looks the same; Services' addresses are private ones, or lie beside others.
	if !e.Addr().IsPrivate() && !k.nearTranslated(e.Addr()) && !k.ports[e.Port()] {
		return false
	}
	// A node also answers with RST for its own addresses, on ports that nobody listens on: an address must be known to be a
	// Service's for that to mean more.
	return icmp || reset && k.service(e) != fact.NotAService
}

// nearTranslated reports whether an address lies near one that was called and translated.
func (k *Cluster) nearTranslated(a netip.Addr) bool {
	r := k.ranges.get(kube.ServiceNetwork(a))
	for _, x := range r.translated.all() {
		if k.host(x) != fact.RoleNode {
			return true
		}
	}
	return false
}

// nearRefused reports whether an address lies near one to which the node refused connections as kube-proxy does.
func (k *Cluster) nearRefused(a netip.Addr) bool {
	r := k.ranges.get(kube.ServiceNetwork(a))
	for _, e := range r.refused.all() {
		if k.refusedEndpoint(e) {
			return true
		}
	}
	return false
}

// service returns why an endpoint is taken for a Service's: the evidence of other connections and of lookups.
func (k *Cluster) service(e netip.AddrPort) fact.ServiceEvidence {
	a := e.Addr()
	if k.called.get(e).translated || k.refusedEndpoint(e) {
		return fact.OtherConnection
	}
	if k.ports[e.Port()] && (k.host(a) == fact.RoleNode || !k.speaks(a)) {
		return fact.OtherConnection
	}
	if k.seen(a).named && !k.nearPods(a) {
		return fact.DNSAnswer
	}
	if !k.speaks(a) && !k.nearPods(a) && k.host(a) == fact.RoleUnknown && (k.nearTranslated(a) || k.nearRefused(a)) {
		return fact.OtherConnection
	}
	return fact.NotAService
}
