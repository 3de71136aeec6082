package rules

import "github.com/netsift/netsift/analyze/fact"

// graceful is how long a pod that is told to end may take (terminationGracePeriodSeconds, 30 s by default), with the seconds that
// kube-proxy and the kubelet take to notice. The kubelet goes on probing it.
const graceful = 35e9

// probes reports whether x is what a kubelet does all day (kubernetes pkg/probe): the node dials a pod of its own, directly, from its bridge's
// address or its own. Nothing else lives in both the node's network and the same machine and calls pods without a Service, but who debugs.
func (s *scene) probes(x *fact.Reach) bool {
	if x.Proto != fact.TCP || x.Service.IsValid() || !x.Backend.IsValid() || s.Role(x.Client) != fact.RoleNode || s.Role(x.Backend.Addr()) == fact.RoleNode {
		return false
	}
	for i := range x.Examples {
		if tunnelEnds(&x.Examples[i]) != nil {
			return false // by way of the network, as other components do
		}
	}
	return s.isPod(x)
}
