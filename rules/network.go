package rules

import "net/netip"

// network returns the network that an address is routed by, if nothing closer is known: a node's pods have a /24 each, or a /64.
func network(a netip.Addr) netip.Prefix {
	bits := 24
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// sameNetwork reports whether two addresses lie in one such network.
func sameNetwork(a, b netip.Addr) bool { return a.IsValid() && network(a).Contains(b) }
