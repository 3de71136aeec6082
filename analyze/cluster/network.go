package cluster

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/kube"
)

// network is what is known of a network of the size of a node's pods.
type network struct {
	// inner: addresses in it speak inside of tunnels. tunnel: tunnels end in it.
	inner, tunnel bool
	// backends has some of the addresses in it that Services were translated to.
	backends list[netip.Addr]
	// worn and fresh have some of the machines at which packets from it came in outside of tunnels, RSTs aside: with a TTL that a router had
	// lowered, or with an untouched one.
	worn, fresh list[uint16]
}

// owner is an address of a captured machine's own.
type owner struct {
	addr    netip.Addr
	machine uint16
}

func (k *Cluster) mark(a netip.Addr, set func(*network)) { k.networks.change(kube.PodNetwork(a), set) }

// owns enters that packets of a machine's own came from a, and left by the only interface that showed them.
func (k *Cluster) owns(a netip.Addr, machine uint16) {
	k.owners.change(kube.PodNetwork(a), func(l *list[owner]) { l.add(owner{a, machine}) })
}

// nearPods reports whether an address lies in a network that pods were seen in: where they speak inside of tunnels, behind interfaces
// of a node that are theirs alone, or where a Service's backends live, unless that is the nodes' own network. Backends there run in the network of their host, as
// kube-apiserver does.
func (k *Cluster) nearPods(a netip.Addr) bool { return k.podNetwork(kube.PodNetwork(a)) }

func (k *Cluster) podNetwork(p netip.Prefix) bool {
	n := k.networks.get(p)
	return n.inner || !k.hostNetwork(p) && (k.interfaces.leadInto(p).pods > 0 || slices.ContainsFunc(n.backends.all(), func(a netip.Addr) bool {
		x := k.seen(a)
		return !k.isNeighbour(a, &x)
	}))
}

// came enters that packets from a came in at a machine outside of tunnels.
func (k *Cluster) came(a netip.Addr, ttl uint8, machine uint16) {
	k.mark(a, func(n *network) {
		if fact.Untouched(ttl) {
			n.fresh.add(machine)
		} else {
			n.worn.add(machine)
		}
	})
}

// beyondRouters reports whether whatever comes in at a machine from the network of a has passed a router, as what pods of another node send has.
func (k *Cluster) beyondRouters(a netip.Addr, machine uint16) bool {
	p := kube.PodNetwork(a)
	n := k.networks.get(p)
	return n.worn.has(machine) && !n.fresh.has(machine) && int(n.fresh.n) < len(n.fresh.item) && !k.hostNetwork(p)
}

// nearTunnels reports whether an address lies in a network in which tunnels end: that of the nodes.
func (k *Cluster) nearTunnels(a netip.Addr) bool { return k.networks.get(kube.PodNetwork(a)).tunnel }

// nearNodes reports whether an address lies in a network in which a captured node has an address of its own.
func (k *Cluster) nearNodes(a netip.Addr) bool { return k.nodeNetwork(kube.PodNetwork(a)) }

func (k *Cluster) nodeNetwork(p netip.Prefix) bool {
	l := k.owners.get(p)
	return slices.ContainsFunc(l.all(), func(o owner) bool { return !k.isHost(o.machine) && !k.seen(o.addr).backend })
}

// hostNetwork reports whether a network is the nodes' own and has no pods in it: tunnels end there, or a node has an address there
// and no interface leads to a single address of it, as it does where pods share the nodes' network (AWS VPC CNI, Azure CNI).
func (k *Cluster) hostNetwork(p netip.Prefix) bool {
	return k.networks.get(p).tunnel || k.nodeNetwork(p) && k.interfaces.leadInto(p).all == 0
}

// podNetworks returns the networks that pods were seen in, in order.
func (k *Cluster) podNetworks() []netip.Prefix {
	var list []netip.Prefix
	for p := range k.networks.all() {
		if k.podNetwork(p) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	return list
}
