package snapshot

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// Compare marks in facts what a snapshot of their cluster lacks, so that rules can judge it. It must have been held against them ([Names.Fit]).
// Lists that facts share with others stay as they are.
func (n *Names) Compare(f *fact.Facts) {
	s := n.snapshot
	if n.foreign || s.Heard == 0 {
		return
	}
	f.Cluster.Taken = s.Taken
	pods, services := n.listsPods(), n.listsServices()
	f.Addresses = slices.Clone(f.Addresses)
	for i := range f.Addresses {
		switch x := &f.Addresses[i]; x.Role {
		case fact.RolePod:
			x.Unlisted = pods && x.Sent > 0 && n.lacksPod(x)
		case fact.RoleService:
			x.Unlisted = services && !n.denied[x.Addr] && !n.Held(x.Addr) && n.AmongServices(x.Addr)
		}
	}
}

// listsPods reports whether the snapshot has the pods of more than one namespace: what is not among those of one may be in another that was not
// asked for.
func (n *Names) listsPods() bool {
	list := n.snapshot.Pods
	return slices.ContainsFunc(list, func(p Pod) bool { return p.Namespace != list[0].Namespace })
}

// listsServices reports likewise. default/kubernetes, which each cluster has, is among those of all namespaces.
func (n *Names) listsServices() bool {
	list := n.snapshot.Services
	return slices.ContainsFunc(list, func(s Service) bool { return s.Namespace != list[0].Namespace }) &&
		slices.ContainsFunc(list, func(s Service) bool { return s.Namespace == "default" && s.Name == "kubernetes" })
}

// lacksPod reports whether a pod that speaks is none of the snapshot's, although it has an address of a network that the snapshot's pods have theirs
// from. One whose address was another's before came later, too.
func (n *Names) lacksPod(x *fact.Address) bool {
	if n.denied[x.Addr] || !n.ofPods(x.Addr) {
		return false
	}
	if _, node := n.nodes[x.Addr]; node {
		return false
	}
	for _, h := range n.holders[x.Addr] {
		if h.until == 0 || h.until >= x.First {
			return false
		}
	}
	return true
}

// ofPods reports whether an address lies in a node's network for pods, or beside a pod of the snapshot.
func (n *Names) ofPods(a netip.Addr) bool {
	for i := range n.snapshot.Nodes {
		if slices.ContainsFunc(n.snapshot.Nodes[i].PodNetworks, func(p netip.Prefix) bool { return p.Contains(a) }) {
			return true
		}
	}
	return n.podNetworks[around(a, 24, 64)]
}

// AmongServices reports whether an address lies among the ClusterIPs of the snapshot's Services.
func (n *Names) AmongServices(a netip.Addr) bool { return n.serviceNetworks[around(a, 12, 108)] }

// enterNetworks enters where pods and Services have their addresses: a node's pods in a /24 or /64, Services in a /12 or /108, which are the usual
// ranges (kube-controller-manager, --node-cidr-mask-size; kube-apiserver, --service-cluster-ip-range).
func (n *Names) enterNetworks() {
	for a := range n.holders {
		n.podNetworks[around(a, 24, 64)] = true
	}
	for a := range n.services {
		n.serviceNetworks[around(a, 12, 108)] = true
	}
}

// around returns the network of so many bits that an address of either family lies in.
func around(a netip.Addr, v4, v6 int) netip.Prefix {
	if a.Is6() {
		v4 = v6
	}
	p, _ := a.Prefix(v4)
	return p
}
