package snapshot

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// Snapshot returns the snapshot that the names are from, nil where packets show that it is of another cluster.
func (n *Names) Snapshot() *Snapshot {
	if n.foreign {
		return nil
	}
	return n.snapshot
}

// Pod returns the only pod that had an address of its own all the time, nil if that is not known.
func (n *Names) Pod(a netip.Addr, t Span) *Pod {
	if n.unknown(a) {
		return nil
	}
	if h := n.pod(a, t); h != nil {
		return h.pod
	}
	return nil
}

// Holders returns the pods that had an address at any time.
func (n *Names) Holders(a netip.Addr) (list []*Pod) {
	for _, h := range n.holders[a] {
		if h.pod != nil && !n.unknown(a) {
			list = append(list, h.pod)
		}
	}
	return list
}

// Held reports whether anything of the snapshot has, or had, an address.
func (n *Names) Held(a netip.Addr) bool {
	_, node := n.nodes[a]
	return node || len(n.holders[a]) > 0 || len(n.services[a]) > 0
}

// ServicesAt returns the Services that have, or had later, an address as their ClusterIP.
func (n *Names) ServicesAt(a netip.Addr) []*Service {
	if n.unknown(a) {
		return nil
	}
	return n.services[a]
}

// NodeAt returns the only node that has an address, nil if that is not known.
func (n *Names) NodeAt(a netip.Addr) *Node {
	if n.unknown(a) {
		return nil
	}
	return n.nodes[a]
}

// Denied reports whether packets show that an address is something else than the snapshot says.
func (n *Names) Denied(a netip.Addr) bool { return n.unknown(a) }

// Service returns the Service that a called address is of, and the index of its port, -1 if it has none of that number; nil if it is not
// known which.
func (n *Names) Service(a netip.AddrPort, proto fact.Proto, t Span) (*Service, int) {
	o := n.Called(a, proto, t)
	if o == nil || o.Kind != "Service" {
		return nil, -1
	}
	for i := range n.snapshot.Services {
		s := &n.snapshot.Services[i]
		if s.Namespace != o.Namespace || s.Name != o.Name {
			continue
		}
		for _, protocol := range protocols(proto) {
			for k, p := range s.Ports {
				if p.Protocol == protocol && (p.Port == a.Port() || p.NodePort == a.Port()) {
					return s, k
				}
			}
		}
		return s, -1
	}
	return nil, -1
}

// Object returns what a pod is called.
func (p *Pod) Object() fact.Object { return podObject(p) }

// Since is when a pod may have had its address at the earliest, in Unix nanoseconds.
func (p *Pod) Since() int64 { return p.since() }

// Over reports whether a pod has come to its end.
func (p *Pod) Over() bool { return p.ended() != 0 }

// ConditionOf returns a condition of a pod or node, nil where it has none of the type.
func ConditionOf(list []Condition, kind string) *Condition {
	for i := range list {
		if list[i].Type == kind {
			return &list[i]
		}
	}
	return nil
}

// PodPort returns the number of a port of a pod, 0 where it has none of the name.
func (p *Pod) PodPort(x PortOrName, protocol string) uint16 {
	if x.Name == "" {
		return x.Port
	}
	for _, c := range p.Containers {
		for _, port := range c.Ports {
			if port.Name == x.Name && port.Protocol == protocol {
				return port.Port
			}
		}
	}
	return 0
}
