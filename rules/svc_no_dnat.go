package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var svcNoDNAT = Rule{
	ID: "svc-no-dnat", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "a Service's address is never translated",
	Text: "Packets to a Service's address are sent on untranslated: kube-proxy has no rules for it on this node (it is down, " +
		"or late, or the Service no longer exists). In iptables mode the packets leave the node with the Service's " +
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
			return c.Phase == fact.PhaseHandshake && s.bothWays(c) && (s.leavesUntranslated(c) || s.endsOnNode(c))
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
			f.Explanation = fmt.Sprintf("The packets of %s to %s leave the node with the Service's address as their destination, and nobody answers.",
				count(f.Count, "connection", "connections"), f.Service)
			f.Because = []string{fmt.Sprintf("a packet to %s goes out by another interface than the client's, untranslated", f.Service)}
		} else {
			f.Certainty = Inferred
			f.Explanation = fmt.Sprintf("The packets of %s to %s end on the client's node, neither translated nor refused.",
				count(f.Count, "connection", "connections"), f.Service)
			f.Because = []string{"packets to other Services are seen after translation on the same node, these are not"}
		}
		f.Because = append(f.Because, "the address is a Service's: "+knownBy(h.conn.KnownBy))
		list = append(list, f.fill())
	}
	return list
}

// translatedAround reports whether the same node translates calls to the same address both before and after those of x: the node has its rules, and
// what goes on untranslated is a retry from before the capture that keeps its old entry (ct-syn-stale), or one call of many.
func (s *scene) translatedAround(x *fact.Reach, c *fact.Connection) bool {
	t, ok := index(s, newTranslations)[translatedAt{x.Called, x.Proto, s.captureOf(c)}]
	return ok && t[0] < x.First && t[1] > x.LastStart
}

// translations has when the first of such calls began that was answered, and when the last did.
type translations map[translatedAt][2]int64

func newTranslations(s *scene) translations {
	m := translations{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if !y.Backend.IsValid() || y.Signs&fact.SignAnswered == 0 {
			continue
		}
		k := translatedAt{y.Called, y.Proto, s.captureOf(&y.Examples[0])}
		t, ok := m[k]
		if !ok {
			t = [2]int64{y.First, y.LastStart}
		}
		m[k] = [2]int64{min(t[0], y.First), max(t[1], y.LastStart)}
	}
	return m
}

func knownBy(e fact.ServiceEvidence) string {
	switch e {
	case fact.Translated:
		return "it was translated"
	case fact.RejectedByNode:
		return "the node refused it"
	case fact.OtherConnection:
		return "it is in the range of others that were translated"
	case fact.DNSAnswer:
		return "a DNS answer has it"
	case fact.Snapshot:
		return "the cluster's snapshot has it"
	}
	return "unknown"
}

// endsOnNode reports whether a connection's packets reach the node's own stack (two interfaces or more: the pod's and the
// bridge, or come in from outside) and are never seen again, while translations of others are in plain sight there; where
// IPVS translates, the Service's address on the bridge says nothing.
func (s *scene) endsOnNode(c *fact.Connection) bool {
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
	others := index(s, newTranslators)[legs[0].Node]
	return others.seen && !others.ipvs
}

// translators says of nodes whether translations are in plain sight there, and whether IPVS makes some.
type translators map[string]struct{ seen, ipvs bool }

func newTranslators(s *scene) translators {
	m := translators{}
	for k := range s.Reach {
		for i := range s.Reach[k].Examples {
			e := &s.Reach[k].Examples[i]
			if e.KnownBy != fact.Translated || e.Outcome != fact.OK {
				continue
			}
			legs := s.onNodes(e)
			if len(legs) < 2 {
				continue
			}
			in := 0
			for _, v := range legs[0].Views {
				if v.In() && v.Flow == fact.ToServer {
					in++
				}
			}
			t := m[legs[0].Node]
			t.seen, t.ipvs = true, t.ipvs || in > 1
			m[legs[0].Node] = t
		}
	}
	return m
}
