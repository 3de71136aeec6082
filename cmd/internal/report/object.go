package report

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// Named returns an address with the name of its object before it: "default/client (10.244.1.5)"; of a Service the port goes with the name:
// "svc default/web:80 (10.96.0.50)". Without an object it is the address alone, and without an address nothing.
func Named(o *fact.Object, address string) string {
	if o == nil || address == "" {
		return address
	}
	if end, err := netip.ParseAddrPort(address); err == nil && o.Kind == "Service" {
		return fmt.Sprintf("%s:%d (%s)", Clean(o.String()), end.Port(), end.Addr())
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

// Name returns an object's name alone, "" for none.
func Name(o *fact.Object) string {
	if o == nil {
		return ""
	}
	return o.String()
}

// Parties returns the objects of the parties, of none where there are none.
func Parties(o *fact.Objects) fact.Objects {
	if o == nil {
		return fact.Objects{}
	}
	return *o
}
