package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var svcSNATClientLost = Rule{
	ID: "svc-snat-client-lost", Layer: LayerService, Severity: Info, Since: "0.1.0",
	Title: "the backend does not see its client's address",
	Text: "A client from outside called a NodePort or load balancer with externalTrafficPolicy Cluster: the node rewrites the " +
		"source to its own, so that the answer comes back through it. The backend sees the node as its client, in its logs " +
		"and in its NetworkPolicies.",
	Needs: "the connection on the client's side and on the backend's, with different sources",
	ToldFrom: []string{
		"svc-hairpin: there the source is rewritten because client and backend are one pod",
		"egress masquerading: there only the source changes, not the destination",
	},
	NextSteps: []string{
		"kubectl get svc -A -o 'custom-columns=NS:.metadata.namespace,NAME:.metadata.name,POLICY:.spec.externalTrafficPolicy,PORTS:.spec.ports[*].nodePort' | grep -w {service-port}",
		"where the client's address matters: externalTrafficPolicy: Local (then only nodes with a backend answer), or PROXY protocol / X-Forwarded-For in front",
	},
	Sources: []string{"https://kubernetes.io/docs/tutorials/services/source-ip/"},
	judge: func(r *Rule, s *scene) []Finding {
		var cs causes
		for _, x := range s.open(r, func(x *fact.Reach) bool {
			return x.Outcome == fact.OK && x.Service.IsValid() && x.Backend.IsValid() && x.Backend.Addr() != x.Client
		}) {
			c := example(x, func(c *fact.Connection) bool { return c.SNAT.IsValid() && c.SNAT.Addr() != c.Client.Addr() })
			if c != nil && s.Role(x.Client) != fact.RolePod && s.Role(x.Client) != fact.RoleNode {
				cs.add(x.Called.String(), hit{x, c, placeOf(c)})
			}
		}
		var list []Finding
		for _, c := range cs.list {
			f := c.finding(r)
			snat := c.hits[0].conn.SNAT.Addr()
			f.Title = fmt.Sprintf("%s sees %s instead of its client %s", f.Backend, snat, f.Client)
			f.Explanation = fmt.Sprintf("%s from %s to %s reached the backend with source %s: externalTrafficPolicy is Cluster.",
				count(f.Count, "connection", "connections"), f.Client, f.Service, snat)
			f.Because = []string{fmt.Sprintf("the same connection has source %s before and %s after translation", f.Client, snat)}
			list = append(list, f.fill())
		}
		return list
	},
}
