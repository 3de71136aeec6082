package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var svcNoDNAT = Rule{
	ID: "svc-no-dnat", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "a Service's address is never translated",
	Text: "Packets to a Service's address go their way untranslated: kube-proxy has no rules for it on this node (it is down, " +
		"or behind, or the Service does not exist any more). In iptables mode the packets leave the node with the Service's " +
		"address as the destination; in nftables mode the node drops them.",
	Needs: "an address known to be a Service's, and the untranslated packet leaving the node; or its end on the node while " +
		"other Services are translated there",
	Explains: []string{"cni-no-reply", "cni-reject"},
	ToldFrom: []string{
		"svc-no-endpoints: there the node refuses at once",
		"svc-hairpin-drop: there the packet ends at the client's own interface",
		"cni-no-reply: there the packet is translated and delivered",
		"eBPF load balancing: there the pod's socket calls the backend directly and no Service's address is on the wire",
	},
	NextSteps: []string{
		"kubectl get svc -A -o wide | grep -wF {service-shown}   # does the Service exist?",
		"iptables-save -t nat | grep {service-ip} ; nft list ruleset | grep {service-ip} ; ipvsadm -Ln | grep {service-ip}   # on the client's node",
		"kubectl -n kube-system get pods -o wide -l k8s-app=kube-proxy   # does kube-proxy run on that node?",
		"kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=50   # does it reach the API server?",
	},
	Sources: []string{"kubernetes pkg/proxy/iptables/proxier.go", "kubernetes pkg/proxy/nftables/proxier.go"},
	judge:   judgeNoDNAT,
}

func judgeNoDNAT(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return (x.Outcome == fact.Hang || x.Outcome == fact.Unreachable) && x.Service.IsValid() && !x.Backend.IsValid() &&
			!s.Cluster.NodePorts.Contains(x.Called.Port()) && s.Role(x.Called.Addr()) != fact.RoleNode
	}) {
		c := example(x, func(c *fact.Connection) bool {
			return c.Phase == fact.PhaseHandshake && s.bothWays(c) && (s.leavesUntranslated(c) || s.endsOnNode(x, c))
		})
		if c != nil && !s.translatedAround(x, c) {
			cs.add(x.Called.String(), hit{x, c, Place{Client: x.Client, Service: x.Called}})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		f.Title = fmt.Sprintf("Service %s is not translated on the client's node", f.Service)
		if s.leavesUntranslated(h.conn) {
			f.Explanation = fmt.Sprintf("%s to %s leave the node with the Service's address as their destination, and nobody answers.",
				count(f.Count, "connection", "connections"), f.Service)
			f.Because = []string{fmt.Sprintf("a packet to %s goes out by another interface than the client's, untranslated", f.Service)}
		} else {
			f.Certainty = Inferred
			f.Explanation = fmt.Sprintf("%s to %s end on the client's node: neither translated nor refused.",
				count(f.Count, "connection", "connections"), f.Service)
			f.Because = []string{"other Services' packets are seen again after translation on the same node, these are not"}
		}
		f.Because = append(f.Because, "the address is a Service's: "+knownBy(h.conn.KnownBy))
		list = append(list, f.fill())
	}
	return list
}

// translatedAround reports whether the same node translates calls to the same address both before and after those of x: the node has its rules, and
// what goes on untranslated is a retry from before the capture that keeps its old entry (ct-syn-stale), or one call of many.
func (s *scene) translatedAround(x *fact.Reach, c *fact.Connection) bool {
	before, after := false, false
	for _, y := range s.byCalled[x.Called] {
		if y.Proto == x.Proto && y.Backend.IsValid() && y.Signs&fact.SignAnswered != 0 && s.captureOf(&y.Examples[0]) == s.captureOf(c) {
			before, after = before || y.First < x.First, after || y.LastStart > x.LastStart
		}
	}
	return before && after
}

func knownBy(e fact.ServiceEvidence) string {
	switch e {
	case fact.Translated:
		return "it was translated"
	case fact.RejectedByNode:
		return "the node refused it"
	case fact.OtherConnection:
		return "it lies among others that were translated"
	case fact.DNSAnswer:
		return "a DNS answer said so"
	case fact.Snapshot:
		return "the cluster's snapshot says so"
	}
	return "unknown"
}

// endsOnNode reports whether a connection's packets reach the node's own stack (two interfaces or more: the pod's and the
// bridge, or come in from outside) and are never seen again, while translations of others are in plain sight there; where
// IPVS translates, the Service's address on the bridge says nothing.
func (s *scene) endsOnNode(x *fact.Reach, c *fact.Connection) bool {
	legs := s.onNodes(c)
	if !s.whole(c) || len(legs) != 1 || len(c.Errors) > 0 {
		return false
	}
	places := 0
	for _, v := range legs[0].Views {
		if !v.In() || v.Flow != fact.ToServer {
			return false
		}
		places++
	}
	if places < 2 {
		return false
	}
	alive := false
	for _, y := range s.Reach {
		for i := range y.Examples {
			e := &y.Examples[i]
			if e.KnownBy != fact.Translated || e.Outcome != fact.OK {
				continue
			}
			others := s.onNodes(e)
			if len(others) < 2 || others[0].Node != legs[0].Node {
				continue
			}
			in := 0
			for _, v := range others[0].Views {
				if v.In() && v.Flow == fact.ToServer {
					in++
				}
			}
			if in > 1 {
				return false // IPVS
			}
			alive = true
		}
	}
	return alive
}
