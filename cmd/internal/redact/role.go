package redact

import "github.com/netsift/netsift/analyze/fact"

// role returns a role with another address of the pod that is behind the interface.
func (r *Redaction) role(x fact.InterfaceRole) fact.InterfaceRole {
	x.Pod = r.Addr(x.Pod)
	return x
}
