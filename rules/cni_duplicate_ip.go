package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var cniDuplicateIP = Rule{
	ID: "cni-duplicate-ip", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "two machines have one address",
	Text: "Two link-layer addresses claim one IP address in turns: two pods, or a pod and a node, have the same one. A sender reaches the one " +
		"or the other as the entry in its neighbour table flips: connections work, are refused or hang in turns. An address manager (IPAM) that lost or " +
		"restored its state hands out addresses that are in use.",
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
		"ip neigh show {backend-ip} ; bridge fdb show   # on the node: behind which veth is each of the two link-layer addresses?",
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
		contest := n.Contested()
		if contest == nil || s.oneMachine(n, contest) {
			continue
		}
		c := s.reaching(r, n.Addr, contest[0].Time, contest[len(contest)-1].Time)
		if !s.livesWithPods(n.Addr) && !s.takenByPod(n) && (len(c.hits) == 0 || !answerTogether(contest)) {
			continue
		}
		done[n.Addr] = true
		list = append(list, s.duplicate(r, c, n, contest))
	}
	for _, a := range s.severalNodes() {
		turns := s.betweenNodes(a)
		if done[a] || turns == nil {
			continue
		}
		if c := s.reaching(r, a, turns[0].start, turns[len(turns)-1].start); len(c.hits) > 0 {
			list = append(list, s.apart(r, c, a, turns))
		}
	}
	return list
}

// answerTogether reports whether two answer the same question. Of a bond's interfaces (balance-alb) each answers others.
func answerTogether(contest []fact.Claim) bool {
	const soon = 100e6
	for i := 1; i < len(contest); i++ {
		if contest[i].Answer && contest[i-1].Answer && contest[i].Time-contest[i-1].Time <= soon {
			return true
		}
	}
	return false
}

func (s *scene) duplicate(r *Rule, c *cause, n *fact.Neighbour, contest []fact.Claim) Finding {
	var shown []Evidence
	for k := range contest[:min(len(contest), 6)] {
		shown = append(shown, Evidence{contest[k].Ref, claims(n.Addr, &contest[k])})
	}
	first, second := contest[0].MAC, contest[1].MAC
	f := neighbourFinding(r, c, Place{Backend: netip.AddrPortFrom(n.Addr, 0)}, uint64(len(contest)), contest[0].Time, contest[len(contest)-1].Time, shown)
	f.Title = fmt.Sprintf("two machines have the address %s: %s and %s", n.Addr, first, second)
	f.Explanation = fmt.Sprintf("%s and %s both claim on %s, in turns, to have %s. ", first, second, n.Node, n.Addr)
	f.Because = []string{fmt.Sprintf("%s: %d claims of the address within %s, alternating between the two",
		resolution(n.Addr), len(contest), round(contest[len(contest)-1].Time-contest[0].Time))}
	if !s.livesWithPods(n.Addr) && !s.takenByPod(n) {
		f.Certainty = Possible
		f.Explanation += "It is not a pod's address: a machine with two interfaces in one network may answer on both (net.ipv4.conf.all.arp_ignore). "
	}
	if len(c.hits) == 0 {
		f.Severity = Warning
		f.Explanation += "No connection to it fails in this capture."
	} else {
		f.Explanation += fmt.Sprintf("%s to or from it failed: which of the two is reached changes with the neighbour tables.", count(f.Count, "connection", "connections"))
		for _, x := range s.byEnd(n.Addr) {
			if concerns(x, n.Addr) && x.Outcome == fact.OK {
				f.Because = append(f.Because, "other connections to it work at the same time")
				break
			}
		}
	}
	hurt := map[*fact.Reach]bool{}
	for _, h := range c.hits {
		hurt[h.reach] = true
	}
	for _, x := range s.byEnd(n.Addr) { // what works was retransmitted for the same reason
		if concerns(x, n.Addr) && !hurt[x] {
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
	for _, x := range s.openAmong(r, s.byEnd(a), func(x *fact.Reach) bool {
		return (concerns(x, a) || slices.Contains(tunnelEnds(&x.Examples[0]), a)) && (x.Failed() || x.Late()) && x.Last >= first-before && x.First <= last+after
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
	if !claimant(n, a).CameIn && !claimant(n, b).CameIn {
		return true
	}
	all := index(s, newClaims)
	ofA, ofB := all[claimsOn{n.Node, n.Addr.Is4(), a}], all[claimsOn{n.Node, n.Addr.Is4(), b}]
	few, other := ofA, b
	if len(ofB) < len(ofA) {
		few, other = ofB, a
	}
	if slices.ContainsFunc(few, func(m *fact.Neighbour) bool { return m != n && claimant(m, other) != nil }) {
		return true
	}
	return len(ofA) > many || len(ofB) > many // n is in both
}

// claimsOn is a link-layer address that claims addresses of a family on a node.
type claimsOn struct {
	node string
	v4   bool
	mac  fact.MAC
}

// claimed has the neighbours that link-layer addresses claim to be.
type claimed map[claimsOn][]*fact.Neighbour

func newClaims(s *scene) claimed {
	m := claimed{}
	for i := range s.Neighbours {
		n := &s.Neighbours[i]
		if n.Addr.IsLinkLocalUnicast() {
			continue
		}
		for k := range n.Claimants {
			c := claimsOn{n.Node, n.Addr.Is4(), n.Claimants[k].MAC}
			if list := m[c]; len(list) == 0 || list[len(list)-1] != n {
				m[c] = append(list, n)
			}
		}
	}
	return m
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

// visit is a connection that came to, or from, an address behind an interface of a node.
type visit struct {
	node  string
	start int64
	conn  *fact.Connection
}

// betweenNodes returns the nodes on which an interface leads to an address, each in turn with its connections; nil unless it is two in turns. What
// every node has for itself, as Docker's bridge has 172.17.0.2 on each, is not called from elsewhere.
func (s *scene) betweenNodes(a netip.Addr) []visit {
	if !s.calledFromElsewhere(a) {
		return nil
	}
	var all []visit
	for _, x := range s.byEnd(a) {
		if x.Client != a && x.Destination.Addr() != a {
			continue
		}
		for k := range x.Examples {
			c := &x.Examples[k]
			for l := range c.Legs {
				if slices.ContainsFunc(c.Legs[l].Views, func(v fact.View) bool { return v.Role.LeadsTo(a) }) {
					all = append(all, visit{c.Legs[l].Node, c.Start, c})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(x, y visit) int { return cmp.Compare(x.start, y.start) })
	all = slices.CompactFunc(all, func(x, y visit) bool { return x.node == y.node })
	if len(all) < 3 { // one, the other, and one again
		return nil
	}
	return all
}

// severalNodes returns the addresses to which interfaces of more than one node lead.
func (s *scene) severalNodes() []netip.Addr {
	var list []netip.Addr
	nodes, several := map[netip.Addr]string{}, map[netip.Addr]bool{}
	for i := range s.Interfaces {
		x := &s.Interfaces[i]
		a, node := x.Role.Pod, s.Captures[x.Capture].Node
		if !a.IsValid() || s.Captures[x.Capture].Host {
			continue
		}
		if other, ok := nodes[a]; ok && other != node && !several[a] {
			several[a] = true
			list = append(list, a)
		}
		nodes[a] = node
	}
	return list
}

// apart makes a finding of an address that pods of two nodes have.
func (s *scene) apart(r *Rule, c *cause, a netip.Addr, turns []visit) Finding {
	first, last := turns[0], turns[len(turns)-1]
	var shown []Evidence
	for _, v := range turns[:min(len(turns), 4)] {
		if len(v.conn.Marks) > 0 {
			shown = append(shown, Evidence{v.conn.Marks[0].Ref, fmt.Sprintf("a connection of %s on %s", a, v.node)})
		}
	}
	f := neighbourFinding(r, c, Place{Backend: netip.AddrPortFrom(a, 0)}, uint64(len(turns)), first.start, last.start, shown)
	f.Certainty = Inferred
	f.Title = fmt.Sprintf("two pods have the address %s: one on %s, one on %s", a, first.node, turns[1].node)
	f.Explanation = fmt.Sprintf("An interface on %s leads to %s, and so does one on %s. %s to or from it failed: which of the two is reached depends on where the packets come from.",
		first.node, a, turns[1].node, count(f.Count, "connection", "connections"))
	f.Because = []string{fmt.Sprintf("connections of the address use the one and the other in turns, %d times within %s", len(turns)-1, round(last.start-first.start))}
	return f.without("ip neigh").fill()
}

// calledFromElsewhere reports whether an address is that of a Service's backend, or calls or is called through a tunnel.
func (s *scene) calledFromElsewhere(a netip.Addr) bool {
	for _, x := range s.byEnd(a) {
		if x.Backend.Addr() == a && x.Service.IsValid() || (x.Backend.Addr() == a || x.Client == a) && tunnelEnds(&x.Examples[0]) != nil {
			return true
		}
	}
	return false
}
