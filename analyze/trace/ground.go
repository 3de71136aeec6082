package trace

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// ground is what walks ask of interfaces and tunnels: there may be thousands of each, and as many walks.
type ground struct {
	faces map[atFace]*fact.Interface
	kinds map[kindOn]*fact.Interface
	pods  map[podOn]*fact.Interface
	// errors has the first ICMP error about the packets of each tunnel that has any.
	errors map[fact.Encap]*fact.ICMPError
}

// atFace is an interface as a view has it; kindOn is something that an interface of a node does, podOn a pod that one leads to.
type (
	atFace struct {
		capture int
		index   uint32
		name    string
	}
	kindOn struct {
		node string
		kind fact.InterfaceKind
	}
	podOn struct {
		node string
		pod  netip.Addr
	}
)

func newGround(f *fact.Facts) *ground {
	g := &ground{
		faces: map[atFace]*fact.Interface{}, kinds: map[kindOn]*fact.Interface{}, pods: map[podOn]*fact.Interface{}, errors: map[fact.Encap]*fact.ICMPError{},
	}
	for i := range f.Interfaces {
		x := &f.Interfaces[i]
		node := f.Captures[x.Capture].Node
		first(g.faces, atFace{x.Capture, x.Index, x.Name}, x)
		first(g.kinds, kindOn{node, x.Role.Kind}, x)
		if x.Role.Kind == fact.Veth {
			first(g.pods, podOn{node, x.Role.Pod}, x)
		}
	}
	for i := range f.Tunnels {
		if t := &f.Tunnels[i]; len(t.Errors) > 0 {
			first(g.errors, wayOf(&t.Encap), &t.Errors[0])
		}
	}
	return g
}

// first enters x where nothing has its key yet.
func first[K comparable, V any](m map[K]*V, k K, x *V) {
	if m[k] == nil {
		m[k] = x
	}
}

// wayOf returns a tunnel without what differs between its packets.
func wayOf(e *fact.Encap) fact.Encap {
	return fact.Encap{Kind: e.Kind, Src: e.Src, Dst: e.Dst, Port: e.Port}
}

// find returns an interface of a node that does something, nil without one.
func (g *ground) find(node string, kind fact.InterfaceKind) *fact.Interface {
	return g.kinds[kindOn{node, kind}]
}

// leadsTo returns an interface of a node that leads to a pod, nil without one.
func (g *ground) leadsTo(node string, pod netip.Addr) *fact.Interface {
	return g.pods[podOn{node, pod}]
}

// mtu returns the MTU of a view's interface, 0 if not known.
func (g *ground) mtu(v *fact.View) uint32 {
	if x := g.faces[atFace{int(v.Capture), v.Interface, v.Name}]; x != nil {
		return x.MTU
	}
	return 0
}
