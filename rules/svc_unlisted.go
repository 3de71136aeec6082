package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var svcUnlisted = Rule{
	ID: "svc-unlisted", Layer: LayerService, Severity: Info, Since: "0.1.0",
	Title: "a Service answers that is not in the cluster's snapshot",
	Text: "A Service's address is translated and answered, and the snapshot of the cluster has no such Service. It was deleted between the packets " +
		"and the snapshot; or it was deleted before, and a node's rules outlive it, because its kube-proxy no longer hears of " +
		"changes. Such a node keeps sending clients to the old pods until these are gone, and then to nobody.",
	Needs: "a snapshot with the Services of several namespaces, default/kubernetes among them; connections to an address among theirs that are " +
		"translated and answered; no Service there. Warning where new ones are before and after the snapshot",
	ToldFrom: []string{
		"svc-no-dnat: there nothing is translated",
		"cap-snapshot-old: there the packets come after the snapshot, and the Service may be newer",
		"a snapshot of some namespaces: the Service may be in another one",
	},
	NextSteps: []string{
		"kubectl get svc -A -o wide | grep -wF {service-shown}   # is there one now?",
		"iptables-save -t nat | grep {service-ip} ; nft list ruleset | grep {service-ip} ; ipvsadm -Ln | grep {service-ip}   # on the client's node",
		"kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=50   # does it reach the API server?",
	},
	Sources: []string{"kubernetes pkg/proxy/iptables/proxier.go (syncProxyRules)"},
	judge:   judgeUnlisted,
}

func judgeUnlisted(r *Rule, s *scene) []Finding {
	taken := s.Cluster.Taken
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Service.IsValid() && x.Backend.IsValid() && x.Signs&fact.SignAnswered != 0
	}) {
		if a := s.Address(x.Service.Addr()); a != nil && a.Unlisted {
			cs.add(x.Service.Addr().String(), hit{x, &x.Examples[0], placeOf(&x.Examples[0])})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		if f.First > taken+fact.KubeletReport { // a newer one is cap-snapshot-old's
			continue
		}
		last := int64(0)
		for _, h := range c.hits {
			last = max(last, h.reach.LastStart)
		}
		f.Title = fmt.Sprintf("Service %s answers, but is not in the snapshot", f.Service)
		f.Explanation = fmt.Sprintf("%s to %s were translated to %s and answered. No Service of the snapshot has %s.",
			count(f.Count, "connection", "connections"), f.Service, f.Backend, f.Service.Addr())
		f.Because = []string{"the address is in the range of the snapshot's Services, which are in several namespaces", "its packets are translated: it was a Service's"}
		switch {
		case f.First < taken-fact.KubeletReport && last > taken+fact.KubeletReport:
			f.Severity, f.Certainty = Warning, Inferred
			f.Explanation += " New connections are translated before and after the snapshot: the node's rules seem to outlive the Service."
			f.Because = append(f.Because, fmt.Sprintf("the last new connection began %s after the snapshot", round(last-taken)))
		case f.First < taken:
			f.Explanation += " It was deleted before the snapshot was taken, or the node's rules outlive it."
		default:
			f.Explanation += " It was deleted in the minutes before the snapshot was taken, or created after it."
		}
		list = append(list, f.fill())
	}
	return list
}
