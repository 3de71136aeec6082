package redact

import "github.com/netsift/netsift/analyze/fact"

// role returns a role with another address and name of the pod that is behind the interface.
func (r *Redaction) role(x fact.InterfaceRole) fact.InterfaceRole {
	x.Pod, x.Object = r.Addr(x.Pod), r.object(x.Object)
	return x
}
