package root

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/cluster"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot/dump"
)

// hairpin tells why a pod that calls itself through its Service does not get its own packets back.
func hairpin(a *asked, told *fact.Root) *fact.Root {
	p := a.names.Pod(a.finding.Client, a.span)
	if told != nil || p == nil || p.Node == "" {
		return told
	}
	me := p.Object()
	if l, d := a.port(p.Node, a.finding.Client); l != nil && l.Hairpin == "off" && !a.bridgeUnseen(p.Node) {
		if a.answered(func(y *fact.Reach) bool { return y.Client == a.finding.Client && y.Backend.Addr() == y.Client }) {
			return a.dumped(unbelieved, d, fmt.Sprintf("Hairpin mode is off on %s, the port of bridge %s that leads to pod %s, but the pod does reach itself.",
				l.Name, l.Master, nameOf(&p.Meta)), me)
		}
		return a.dumped("hairpin-mode", d, fmt.Sprintf("Hairpin mode is off on %s, the port of bridge %s that leads to pod %s: the bridge sends no frame back out of it.",
			l.Name, l.Master, nameOf(&p.Meta)), me)
	}
	return a.notMasqueraded(p.Node, me)
}

// answered reports whether a way that a condition has is answered while the finding was seen.
func (a *asked) answered(is func(*fact.Reach) bool) bool {
	return slices.ContainsFunc(a.facts.Reach, func(y fact.Reach) bool {
		return y.Signs&fact.SignAnswered != 0 && y.LastStart >= a.span.First && y.First <= a.span.Last && is(&y)
	})
}

// bridgeUnseen reports whether a dump says that iptables does not see what bridges of a node forward. Then a pod's packets to itself are routed, and
// come to the bridge from the node: hairpin mode is not asked for (net/bridge/br_forward.c, should_deliver).
func (a *asked) bridgeUnseen(node string) bool {
	d := a.dump(node, dump.Settings)
	return d != nil && d.Limits.Unseen
}

// port returns the link on a node that leads to a pod, and the dump that has it; nil where that is not known. It is known by the interface
// that shows the pod's packets, or by the port of the bridge that has the pod's link-layer address.
func (a *asked) port(node string, pod netip.Addr) (*cluster.Link, *dump.Dump) {
	d := a.detailed(node)
	if d == nil {
		return nil, nil
	}
	if c := a.finding.Example; c != nil {
		for i := range c.Legs {
			if a.nodeCalled(c.Legs[i].Node) != node {
				continue
			}
			for k := range c.Legs[i].Views {
				v := &c.Legs[i].Views[k]
				if !v.Role.LeadsTo(pod) || v.Mixed || v.Hardware == 0 {
					continue
				}
				if n := slices.IndexFunc(d.Links, func(l cluster.Link) bool { return l.Index == v.Interface }); n >= 0 && isPodLink(&d.Links[n]) {
					return &d.Links[n], d
				}
			}
		}
	}
	neighbours, forwards := a.dump(node, dump.Neighbours), a.dump(node, dump.Forwarding)
	if neighbours == nil || forwards == nil {
		return nil, nil
	}
	for _, n := range neighbours.Neighbours {
		if n.Addr != pod || n.MAC == 0 {
			continue
		}
		for _, f := range forwards.Forwards {
			if f.MAC != n.MAC || f.To.IsValid() {
				continue
			}
			if k := slices.IndexFunc(d.Links, func(l cluster.Link) bool { return l.Name == f.Device && l.Master == n.Device }); k >= 0 {
				return &d.Links[k], d
			}
		}
	}
	return nil, nil
}

// detailed returns the dump of a node's links that says what kind they are (ip -d link), or else any; nil without one.
func (a *asked) detailed(node string) (d *dump.Dump) {
	for i := range a.snapshot.Dumps {
		x := &a.snapshot.Dumps[i]
		if x.Kind != dump.Links || x.Node != node || node == "" {
			continue
		}
		if d == nil || slices.ContainsFunc(x.Links, func(l cluster.Link) bool { return l.Kind != "" && l.Kind != "loopback" }) {
			d = x
		}
	}
	return d
}

// isPodLink reports whether a link may lead to a pod.
func isPodLink(l *cluster.Link) bool {
	return (l.Kind == "veth" || l.Kind == "netkit" || l.Kind == "") && !strings.HasPrefix(l.Name, "eth") && l.Name != "lo"
}

// notMasqueraded tells that a node's rules do not masquerade what a backend sends to itself, where its packets have its own address at both ends.
func (a *asked) notMasqueraded(node string, me fact.Object) *fact.Root {
	f, r := a.finding, a.rules()
	if !f.Backend.IsValid() || f.Backend.Addr() != f.Client || f.Example == nil || f.Example.SNAT.IsValid() || r.service == nil || r.dump.Kind == dump.IPVS || r.dump.Node != node {
		return nil
	}
	i := slices.IndexFunc(r.service.Backends, func(b dump.Backend) bool { return b.AddrPort == f.Backend })
	switch {
	case i < 0 || a.before(r.dump):
		return nil
	case !r.service.Backends[i].Masqueraded:
		return a.dumped("masquerade-missing", r.dump, fmt.Sprintf(
			"The rules on %s translate %s to %s but don't mark packets that %s sends to itself for masquerading: they come back with the pod's own address as source, and the pod drops them.",
			node, f.Service, f.Backend, f.Client), me)
	case !r.dump.Masquerades:
		return a.dumped("masquerade-missing", r.dump, fmt.Sprintf(
			"The rules on %s mark packets that %s sends to itself, but none masquerades marked packets: they come back with the pod's own address as source, and the pod drops them.",
			node, f.Client), me)
	}
	return nil
}
