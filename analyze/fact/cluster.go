package fact

import (
	"net/netip"
	"slices"
)

// Cluster is what is known of the cluster as a whole.
type Cluster struct {
	// PodNetworks are the networks in which pods were seen, in order: a /24 each, or a /64 of IPv6.
	PodNetworks []netip.Prefix
	// NodePorts is the range of the cluster's NodePorts.
	NodePorts PortRange
	// Taken is the latest time that a snapshot of the cluster speaks of, in Unix nanoseconds: it was taken then, or some minutes later, see
	// KubeletReport. 0 without a snapshot, or where that can't be told.
	Taken int64
}

// KubeletReport is how old the latest word of a kubelet is at most, in nanoseconds: it reports its node's status each five minutes also where
// nothing changes (kubelet, nodeStatusReportFrequency).
const KubeletReport = 300e9

// NearPods reports whether an address lies in a network in which pods were seen.
func (c *Cluster) NearPods(a netip.Addr) bool {
	i, ok := slices.BinarySearchFunc(c.PodNetworks, a, func(p netip.Prefix, a netip.Addr) int { return p.Addr().Compare(a) })
	return ok || i > 0 && c.PodNetworks[i-1].Contains(a)
}

// PortRange is a range of ports, both ends included.
type PortRange struct{ First, Last uint16 }

// Contains reports whether a port lies in the range.
func (r PortRange) Contains(port uint16) bool { return r.First <= port && port <= r.Last }

// AddressRole is what an IP address is in a cluster.
type AddressRole uint8

// The roles.
const (
	RoleUnknown AddressRole = iota
	RolePod
	RoleNode
	RoleService
)

// String returns the role's name: "", pod, node, service.
func (r AddressRole) String() string {
	return [...]string{"", "pod", "node", "service"}[r]
}

// Address is an IP address and what is known of it.
type Address struct {
	Addr netip.Addr
	Role AddressRole
	// Node is the label of the capture on whose node it lives, "" if not known.
	Node string
	// DNSServer says that it answers DNS queries.
	DNSServer bool
	// Because is the evidence for the role.
	Because string
	// Sent counts packets seen from it, First and Last bound them; 0 where nothing came from it.
	Sent        uint64
	First, Last int64
	// Unlisted says that it is a pod's or a Service's, and that a snapshot of this cluster which has those of several namespaces has it not.
	Unlisted bool
}

// Address returns what is known of an address, nil where it was not seen.
func (f *Facts) Address(a netip.Addr) *Address {
	i, ok := slices.BinarySearchFunc(f.Addresses, a, func(x Address, a netip.Addr) int { return x.Addr.Compare(a) })
	if !ok {
		return nil
	}
	return &f.Addresses[i]
}

// Role returns what an address is.
func (f *Facts) Role(a netip.Addr) AddressRole {
	if x := f.Address(a); x != nil {
		return x.Role
	}
	return RoleUnknown
}

// InterfaceKind is what an interface does for its machine.
type InterfaceKind uint8

// The kinds of interfaces.
const (
	InterfaceUnknown InterfaceKind = iota
	Veth                           // leads to a pod: a veth, or what takes its place (netkit, macvlan)
	Bridge                         // joins veths, and is the pods' gateway
	TunnelDevice                   // packets that go in leave by another interface encapsulated, and the reverse
	Uplink                         // leads to other machines
	Loopback
)

// String returns veth, bridge, tunnel device, uplink or loopback; "" for InterfaceUnknown.
func (k InterfaceKind) String() string {
	return [...]string{"", "veth", "bridge", "tunnel device", "uplink", "loopback"}[k]
}

// InterfaceRole is an interface's kind and pod.
type InterfaceRole struct {
	Kind InterfaceKind
	// Pod is the address behind a Veth, zero where it is not known.
	Pod netip.Addr
	// Object is whose address Pod is, nil where it has no name.
	Object *Object
}

// LeadsTo reports whether the interface is that of the pod with address a.
func (r InterfaceRole) LeadsTo(a netip.Addr) bool { return r.Kind == Veth && r.Pod == a }

// String returns the role's name in output: "veth 10.244.1.5", "uplink"; "" unknown.
func (r InterfaceRole) String() string {
	if r.Pod.IsValid() {
		return r.Kind.String() + " " + r.Pod.String()
	}
	return r.Kind.String()
}

// Interface is an interface of a capture.
type Interface struct {
	// Capture is the index of the file, Index the kernel's index (LINUX_SLL2) or that in the file.
	Capture int
	Index   uint32
	// Hardware is the ARPHRD type, 0 where the capture has none.
	Hardware uint16
	// Name, Role: see View.
	Name string
	Role InterfaceRole
	// MTU is as a dump of the node's links says it, in bytes; 0 without one.
	MTU uint32
}
