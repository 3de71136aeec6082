// Package kube is the vocabulary of Kubernetes and of the CNIs: the names, numbers and sizes that they have by default, each with
// its source. It knows no packets and imports nothing of this module.
package kube

import (
	"net/netip"
)

// NodePorts are by default 30000 to 32767 (kube-apiserver, --service-node-port-range).
const FirstNodePort, LastNodePort = 30000, 32767

// Sizes of networks, in bits of prefix.
const (
	// PodNetwork4 and PodNetwork6 are what a node's pods share: kube-controller-manager gives each node a /24, or a /64 of IPv6
	// (--node-cidr-mask-size-ipv4, --node-cidr-mask-size-ipv6).
	PodNetwork4, PodNetwork6 = 24, 64
	// ServiceNetwork4 and ServiceNetwork6 are what ClusterIPs share: a /20 is the smallest range that managed clusters give them, a
	// /112 the smallest usual one of IPv6. A larger one would take hosts outside of the cluster for Services.
	ServiceNetwork4, ServiceNetwork6 = 20, 112
)

// PodNetwork returns the network around an address that the pods of one node share.
func PodNetwork(a netip.Addr) netip.Prefix { return around(a, PodNetwork4, PodNetwork6) }

// ServiceNetwork returns the network around a ClusterIP in which others are taken for ClusterIPs too.
func ServiceNetwork(a netip.Addr) netip.Prefix { return around(a, ServiceNetwork4, ServiceNetwork6) }

func around(a netip.Addr, bits4, bits6 int) netip.Prefix {
	bits := bits6
	if a.Is4() {
		bits = bits4
	}
	p, _ := a.Prefix(bits) // the zero Prefix of the zero Addr
	return p
}

// CalicoMAC is the link-layer address of the host's side of all of Calico's veths, on every node
// (https://docs.tigera.io/calico/latest/reference/faq).
const CalicoMAC = 0xeeeeeeeeeeee
