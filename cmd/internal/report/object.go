package report

import "github.com/netsift/netsift/analyze/fact"

// Named returns an address with the name of its object before it: "default/client (10.244.1.5)". Without an object it is the address alone, and
// without an address nothing.
func Named(o *fact.Object, address string) string {
	if o == nil || address == "" {
		return address
	}
	return Clean(o.String()) + " (" + address + ")"
}

// NamedBackend is Named with the node that a pod is on.
func NamedBackend(o *fact.Object, address string) string {
	s := Named(o, address)
	if o != nil && o.Node != "" && s != "" {
		s += " on " + Clean(o.Node)
	}
	return s
}

// Parties returns the objects of the parties, of none where there are none.
func Parties(o *fact.Objects) fact.Objects {
	if o == nil {
		return fact.Objects{}
	}
	return *o
}
