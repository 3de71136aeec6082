package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var capSnapshotOld = Rule{
	ID: "cap-snapshot-old", Layer: LayerCapture, Severity: Info, Since: "0.1.0",
	Title: "the snapshot of the cluster is older than some of the packets",
	Text: "The packets have pods and Services that are newer than the snapshot. They have no name, and of the causes that the snapshot suggests it " +
		"is not known whether they still hold: readiness, endpoints and policies change all the time.",
	Needs: "a snapshot with the nodes and the pods or Services of several namespaces; addresses in their networks that are seen for the " +
		"first time more than five minutes after its latest entry, and are not in it",
	NextSteps: []string{
		"kubectl get pods,svc,endpointslices,nodes,networkpolicies,namespaces,deployments,replicasets,statefulsets,daemonsets,configmaps -A -o json   # once more, into the file for --cluster, while it fails",
	},
	judge: judgeSnapshotOld,
}

func judgeSnapshotOld(r *Rule, s *scene) []Finding {
	if s.Cluster.Taken == 0 {
		return nil
	}
	after := s.Cluster.Taken + fact.KubeletReport
	unlisted := func(a netip.Addr) *fact.Address {
		if x := s.Address(a); x != nil && x.Unlisted {
			return x
		}
		return nil
	}
	before := map[netip.Addr]bool{} // Services that were called already then: svc-unlisted asks about these
	for i := range s.Reach {
		if x := &s.Reach[i]; x.First <= after && x.Service.IsValid() {
			before[x.Service.Addr()] = true
		}
	}
	var pods, services []string
	said := map[netip.Addr]bool{}
	say := func(list *[]string, a netip.Addr) {
		if !said[a] {
			said[a] = true
			*list = append(*list, a.String())
		}
	}
	var cs causes
	for i := range s.Reach {
		x := &s.Reach[i]
		if x.First <= after {
			continue
		}
		found := false
		for _, a := range []netip.Addr{x.Client, x.Backend.Addr()} {
			if y := unlisted(a); y != nil && y.Role == fact.RolePod && y.First > after {
				say(&pods, a)
				found = true
			}
		}
		if a := x.Service.Addr(); x.Signs&fact.SignAnswered != 0 && unlisted(a) != nil && !before[a] {
			say(&services, a)
			found = true
		}
		if found {
			cs.add("", hit{x, &x.Examples[0], placeOf(&x.Examples[0])})
		}
	}
	if len(cs.list) == 0 {
		return nil
	}
	f := cs.list[0].finding(r)
	var lacks []string
	for _, kind := range []struct {
		list      []string
		one, many string
	}{{pods, "pod", "pods"}, {services, "Service", "Services"}} {
		if n := len(kind.list); n > 0 {
			lacks = append(lacks, fmt.Sprintf("%s (%s)", count(uint64(n), kind.one, kind.many), several(kind.list)))
		}
	}
	f.Explanation = fmt.Sprintf("It lacks %s, seen in packets more than %s after its latest entry.", several(lacks), round(fact.KubeletReport))
	f.Because = []string{"the addresses are in the networks of the snapshot's pods or Services, and no object in it has them"}
	return []Finding{f.fill()}
}
