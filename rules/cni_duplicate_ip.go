package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

var cniDuplicateIP = Rule{
	ID: "cni-duplicate-ip", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "two machines have one address",
	Text: "Two link-layer addresses claim one IP address in turns: two pods, or a pod and a node, have got the same one. Whoever sends there reaches the one " +
		"or the other, as the entry in its neighbour table flips: connections work, are refused or hang in turns. An address manager (IPAM) that lost or " +
		"restored its state gives out addresses that are in use.",
	Needs: "answers or announcements (ARP, neighbour discovery) for the address from two link-layer addresses on one interface, in turns or to the same " +
		"question; or from pods of two nodes in turns, with connections to the address that fail",
	Explains: []string{"app-refused", "ct-stale-reset", "ct-stale-blackhole", "cni-no-reply", "tcp-loss"},
	ToldFrom: []string{
		"a pod that was replaced by one with its address: there the old link-layer address is silent from then on",
		"proxy ARP, and a machine with two interfaces in one network (ARP flux): there the two answer for other addresses, too",
		"app-refused: there nobody accepts, whoever is asked",
		"ct-stale-reset: there the old pod is gone, and new connections are answered",
	},
	NextSteps: []string{
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # which pods have it? Those with hostNetwork share their node's",
		"ip neigh show {backend-ip} ; bridge fdb show | grep -i -e {mac1} -e {mac2}   # on the node: behind which veth is each?",
		"grep -l . /var/lib/cni/networks/*/{backend-ip} ; crictl pods -o json | grep -wF {backend-ip}   # on the node (host-local IPAM): who has the lease, and who else the address?",
		"kubectl delete pod -n NAMESPACE POD   # CAREFUL: ends it. The one that the API does not know, or knows as finished; first be sure that the address manager's state is right again",
	},
	Sources: []string{
		"RFC 826", "RFC 5227, section 1", "RFC 4861, section 7.2", "linux net/ipv4/arp.c (arp_process), net/core/neighbour.c (neigh_update)",
		"kubernetes #43910", "https://github.com/aws/amazon-vpc-cni-k8s/issues/711",
	},
	judge: judgeDuplicateIP,
}

func judgeDuplicateIP(r *Rule, s *scene) []Finding {
	var list []Finding
	done := map[netip.Addr]bool{}
	for i := range s.Neighbours {
		n := &s.Neighbours[i]
		if done[n.Addr] || n.Addr.IsLinkLocalUnicast() {
			continue
		}
		contest, elsewhere := n.Contested(), ""
		if contest == nil || s.oneMachine(n, contest) {
			if contest, elsewhere = s.contestedBetweenNodes(n); contest == nil {
				continue
			}
		}
		c := s.reaching(r, n.Addr, contest[0].Time, contest[len(contest)-1].Time)
		if len(c.hits) == 0 && (elsewhere != "" || !s.livesWithPods(n.Addr) && !s.takenByPod(n)) {
			continue
		}
		done[n.Addr] = true
		list = append(list, s.duplicate(r, c, n, contest, elsewhere))
	}
	return list
}

func (s *scene) duplicate(r *Rule, c *cause, n *fact.Neighbour, contest []fact.Claim, elsewhere string) Finding {
	var shown []Evidence
	for k := range contest[:min(len(contest), 6)] {
		shown = append(shown, Evidence{contest[k].Ref, claims(n.Addr, &contest[k])})
	}
	first, second := contest[0].MAC, contest[1].MAC
	f := neighbourFinding(r, c, Place{Backend: netip.AddrPortFrom(n.Addr, 0)}, uint64(len(contest)), contest[0].Time, contest[len(contest)-1].Time, shown)
	f.Title = fmt.Sprintf("two machines have the address %s: %s and %s", n.Addr, first, second)
	f.Explanation = fmt.Sprintf("%s and %s both say on %s that %s is theirs, in turns. ", first, second, n.Node, n.Addr)
	f.Because = []string{fmt.Sprintf("%s finds %d claims of the address, each by the other one than the claim before, within %s",
		resolution(n.Addr), len(contest), round(contest[len(contest)-1].Time-contest[0].Time))}
	if elsewhere != "" {
		f.Certainty = Inferred
		f.Explanation = fmt.Sprintf("A pod on %s (%s) and a pod on %s (%s) both have the address %s at the same time. ", n.Node, first, elsewhere, second, n.Addr)
	}
	if !s.livesWithPods(n.Addr) && !s.takenByPod(n) {
		f.Certainty = Possible
		f.Explanation += "It is no pod's address: a machine with two interfaces in one network may answer by both (net.ipv4.conf.all.arp_ignore). "
	}
	if len(c.hits) == 0 {
		f.Severity = Warning
		f.Explanation += "No connection to it fails in this capture."
	} else {
		f.Explanation += fmt.Sprintf("%s to or from it did not end well: who is reached changes with the neighbour tables.", count(f.Count, "connection", "connections"))
		for i := range s.Reach {
			if x := &s.Reach[i]; concerns(x, n.Addr) && x.Outcome == fact.OK {
				f.Because = append(f.Because, "other connections to it work at the same time")
				break
			}
		}
	}
	f.NextSteps = slices.Clone(f.NextSteps)
	for i := range f.NextSteps {
		f.NextSteps[i] = strings.NewReplacer("{mac1}", first.String(), "{mac2}", second.String()).Replace(f.NextSteps[i])
	}
	for i := range s.Reach { // what works was retransmitted for the same reason
		if x := &s.Reach[i]; concerns(x, n.Addr) && !slices.ContainsFunc(c.hits, func(h hit) bool { return h.reach == x }) {
			f.covers = append(f.covers, x)
		}
	}
	return f.fill()
}

// concerns reports whether an address is at one of the ends of x.
func concerns(x *fact.Reach, a netip.Addr) bool {
	return x.Backend.Addr() == a || x.Called.Addr() == a || x.Client == a
}

// reaching returns what failed or was late with an address at one end, near the time of a contest.
func (s *scene) reaching(r *Rule, a netip.Addr, first, last int64) *cause {
	const before, after = 60e9, 120e9 // an entry that nobody confirms is asked for again within a minute (base_reachable_time, delay_probe_time)
	c := &cause{key: a.String()}
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return concerns(x, a) && (x.Failed() || x.Late()) && x.Last >= first-before && x.First <= last+after
	}) {
		c.hits = append(c.hits, hit{x, &x.Examples[0], placeOf(&x.Examples[0])})
	}
	slices.SortStableFunc(c.hits, func(a, b hit) int { return cmp.Compare(b.reach.Count, a.reach.Count) })
	return c
}

// oneMachine reports whether both claimants are the interfaces of one machine, or one of them answers for others: it is the captured machine
// itself that claims, both are known by another address, too (ARP flux), or one has many addresses (proxy ARP, a virtual router).
func (s *scene) oneMachine(n *fact.Neighbour, contest []fact.Claim) bool {
	const many = 3
	a, b := contest[0].MAC, contest[1].MAC
	if calico := fact.MAC(0xeeeeeeeeeeee); a == calico || b == calico { // all of its interfaces have it, and answer for anybody
		return true
	}
	others := map[fact.MAC]int{}
	for i := range s.Neighbours {
		m := &s.Neighbours[i]
		if m.Node != n.Node || m.Addr.Is4() != n.Addr.Is4() || m.Addr.IsLinkLocalUnicast() {
			continue
		}
		x, y := claimant(m, a), claimant(m, b)
		switch {
		case m == n:
			if !x.CameIn && !y.CameIn {
				return true
			}
			continue
		case x != nil && y != nil:
			return true
		case x != nil:
			others[a]++
		case y != nil:
			others[b]++
		}
	}
	return others[a] >= many || others[b] >= many
}

func claimant(n *fact.Neighbour, m fact.MAC) *fact.Claimant {
	for i := range n.Claimants {
		if n.Claimants[i].MAC == m {
			return &n.Claimants[i]
		}
	}
	return nil
}

// takenByPod reports whether an address that the machine itself claims is claimed from behind a pod's interface, too.
func (s *scene) takenByPod(n *fact.Neighbour) bool {
	own, pod := false, false
	for i := range n.Claimants {
		c := &n.Claimants[i]
		own = own || !c.CameIn
		pod = pod || c.CameIn && slices.ContainsFunc(c.Places, func(p fact.Place) bool { return s.kindOf(p) == fact.Veth })
	}
	return own && pod
}

// contestedBetweenNodes returns claims of an address by pods of two nodes in turns, and the other node; nil without such. What every node has for
// itself, as Docker's bridge is 172.17.0.1 on each, is not called from elsewhere.
func (s *scene) contestedBetweenNodes(n *fact.Neighbour) (contest []fact.Claim, elsewhere string) {
	if !s.livesWithPods(n.Addr) || !s.calledFromElsewhere(n.Addr) {
		return nil, ""
	}
	here := s.localClaimant(n)
	for i := range s.Neighbours {
		m := &s.Neighbours[i]
		if m.Addr != n.Addr || m.Node == n.Node || here == nil {
			continue
		}
		there := s.localClaimant(m)
		if there == nil || there.MAC == here.MAC || here.Last < there.First || there.Last < here.First || here.Count < 2 && there.Count < 2 {
			continue
		}
		list := []fact.Claim{firstOf(n, here.MAC), firstOf(m, there.MAC)}
		if here.Last > there.Last {
			return append(list, fact.Claim{MAC: here.MAC, Time: here.Last}), m.Node
		}
		return append(list, fact.Claim{MAC: there.MAC, Time: there.Last}), m.Node
	}
	return nil, ""
}

func firstOf(n *fact.Neighbour, m fact.MAC) fact.Claim {
	i := slices.IndexFunc(n.Turns, func(c fact.Claim) bool { return c.MAC == m })
	if i < 0 {
		return fact.Claim{MAC: m}
	}
	return n.Turns[i]
}

// localClaimant returns who claims an address from behind a bridge or an interface of a pod's, nil where it is nobody or several.
func (s *scene) localClaimant(n *fact.Neighbour) *fact.Claimant {
	var found *fact.Claimant
	for i := range n.Claimants {
		c := &n.Claimants[i]
		if !c.CameIn || !slices.ContainsFunc(c.Places, func(p fact.Place) bool { return s.kindOf(p) == fact.Veth || s.kindOf(p) == fact.Bridge }) {
			continue
		}
		if found != nil {
			return nil
		}
		found = c
	}
	return found
}

// calledFromElsewhere reports whether an address is that of a Service's backend, or is called through a tunnel.
func (s *scene) calledFromElsewhere(a netip.Addr) bool {
	for i := range s.Reach {
		if x := &s.Reach[i]; x.Backend.Addr() == a && (x.Service.IsValid() || len(x.Examples) > 0 && tunnelEnds(&x.Examples[0]) != nil) {
			return true
		}
	}
	return false
}
