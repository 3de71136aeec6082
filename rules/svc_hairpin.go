package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var svcHairpin = Rule{
	ID: "svc-hairpin", Layer: LayerService, Severity: Info, Since: "0.1.0",
	Title: "a pod reached itself through a Service",
	Text: "kube-proxy chose the client pod itself as the backend. It works: the bridge sends the packet back in through the " +
		"port that it came from (hairpin mode), and the source is rewritten so that the answer returns through the node.",
	Needs: "the connection's packets to the client's own address, and their answer",
	ToldFrom: []string{
		"svc-hairpin-drop: there the packet or its answer never comes back",
	},
	NextSteps: []string{"nothing to do; know that the pod sees the node's address as the client of such connections"},
	Sources:   []string{"kubernetes pkg/kubelet hairpin mode", "linux net/bridge/br_forward.c"},
	judge: func(r *Rule, s *scene) []Finding {
		var cs causes
		for _, x := range s.open(r, hairpins) {
			if x.Outcome == fact.OK {
				cs.add(x.Called.String(), hit{x, &x.Examples[0], placeOf(&x.Examples[0])})
			}
		}
		var list []Finding
		for _, c := range cs.list {
			f := c.finding(r)
			f.Title = fmt.Sprintf("%s reaches itself through Service %s, and it works", f.Client, f.Service)
			f.Explanation = fmt.Sprintf("%s to %s were translated to the client's own address %s and answered.",
				count(f.Count, "connection", "connections"), f.Service, f.Backend)
			if snat := c.hits[0].conn.SNAT; snat.IsValid() {
				f.Explanation += fmt.Sprintf(" The source was rewritten to %s.", snat.Addr())
			}
			f.Because = []string{"client and backend are the same address, and the exchange was completed"}
			list = append(list, f.fill())
		}
		return list
	},
}
