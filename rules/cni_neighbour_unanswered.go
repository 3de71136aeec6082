package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var cniNeighbourUnanswered = Rule{
	ID: "cni-neighbour-unanswered", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "a question for a neighbour's link-layer address is never answered",
	Text: "A pod or node asks, by ARP or IPv6 neighbour discovery, for the link-layer address of its gateway, of another node or of a pod, again and again, and " +
		"gets no answer, though the neighbour is there. Its packets wait for the answer and are discarded: not one of them leaves. Usual causes: a filter that drops " +
		"ICMPv6 or ARP, a bridge port or a switch that does not deliver, a stale entry in a tunnel's table, or proxy ARP that is switched off.",
	Needs: "three questions or more over two seconds without an answer, in a capture that would show it and shows others; and a sign that the address is " +
		"in use, or that packets should go through it: it answers somebody else, it sends packets meanwhile, or packets for other addresses are lost without it",
	Explains: []string{"cni-reject", "cni-no-reply", "dns-no-response", "dns-intermittent-timeout", "tcp-loss", "cni-tunnel-rejected"},
	ToldFrom: []string{
		"a pod that is gone: its node asks for it as long as anybody sends to it, and it sends nothing itself",
		"a probe for a duplicate address, which is answered only where there is one",
		"a question that is flooded to interfaces where its answer does not pass",
		"cni-no-reply: there the packets leave",
	},
	NextSteps: []string{
		"ip neigh | grep -e INCOMPLETE -e FAILED   # where it is asked for: in the pod, or on the node",
		"tcpdump -eni any arp or icmp6   # on the machine that should answer: does the question come in, and does an answer go out?",
		"ebtables -L ; nft list ruleset | grep -e arp -e icmpv6   # on the node: ICMPv6 types 133 to 137 must pass, whatever a policy says",
		"sysctl -a | grep -e proxy_arp -e arp_ignore -e proxy_ndp   # on the node: Calico needs proxy_arp on its pods' interfaces",
		"bridge fdb show ; bridge link   # on the node: is the port forwarding, does the tunnel device know where the neighbour is?",
	},
	Sources: []string{
		"RFC 826", "RFC 4861, sections 7.2.2 and 10", "RFC 4890, section 4.4", "linux net/core/neighbour.c (neigh_timer_handler, ucast_solicit, mcast_solicit)",
		"cloudnativelabs/kube-router #1895", "https://docs.tigera.io/calico/latest/reference/faq: why do pods see 169.254.1.1",
	},
	judge: judgeNeighbourUnanswered,
}

func judgeNeighbourUnanswered(r *Rule, s *scene) []Finding {
	var order []netip.Addr
	byTarget := map[netip.Addr][]unheard{}
	for i := range s.Neighbours {
		n := &s.Neighbours[i]
		for k := range n.Askers {
			u := unheard{Neighbour: n, by: &n.Askers[k]}
			if !s.unheardOf(&u) {
				continue
			}
			if byTarget[n.Addr] == nil {
				order = append(order, n.Addr)
			}
			byTarget[n.Addr] = append(byTarget[n.Addr], u)
		}
	}
	var list []Finding
	for _, a := range order {
		list = append(list, s.unansweredFinding(r, byTarget[a], share(len(order))))
	}
	return list
}

// unheard is a neighbour and who asks for it without an answer.
type unheard struct {
	*fact.Neighbour
	by *fact.Asker
	// there says why the neighbour should have answered. gone says that nothing shows that it is alive.
	there string
	gone  bool
	// stranded are the ways whose packets wait for the answer.
	stranded []*fact.Reach
}

// unheardOf reports whether the questions were put often enough, the answers would have been seen, and the neighbour should have answered.
func (s *scene) unheardOf(u *unheard) bool {
	const often, long, healed = 3, 1.9e9, 5e9 // the kernel asks three times, a second apart, before it gives up
	run := &u.by.Run
	if run.Count < often || run.Last-run.First < long || run.Ended != 0 && run.Ended-run.First < healed || !s.showsAnswers(u) || s.goesThrough(u) {
		return false
	}
	u.there = s.isThere(u)
	if u.there == "" {
		if u.stranded = s.strandedAt(u); len(u.stranded) == 0 {
			return false
		}
		u.there, u.gone = "packets for other addresses should go through it, and are lost", true
	}
	return true
}

// own reports whether an address is one of the capturing machine itself: it alone claims it, by what goes out.
func (u *unheard) own() bool {
	return len(u.Claimants) > 0 && !slices.ContainsFunc(u.Claimants, func(c fact.Claimant) bool { return c.CameIn })
}

// fromHere reports whether the capturing machine itself asks.
func (u *unheard) fromHere() bool { return u.by.WentOut && !u.by.CameIn }

// showsAnswers reports whether the capture would have shown an answer: it goes to the machine that asks, by way of the interface that showed the
// question. A broadcast also shows where its answer does not pass.
func (s *scene) showsAnswers(u *unheard) bool {
	c := &s.Captures[u.by.Capture]
	if !c.Whole() || (c.In == 0) != (c.Out == 0) || !s.othersAnswered(u) {
		return false
	}
	if u.own() && slices.ContainsFunc(u.Claimants, func(x fact.Claimant) bool { return slices.Contains(x.Places, u.by.Place) }) || u.fromHere() {
		return true
	}
	kind := s.kindOf(u.by.Place)
	switch {
	case !u.by.CameIn: // the capture does not say which way
		return s.getsAnswers(u.by.Addr, u.Node)
	case kind == fact.Uplink, kind == fact.TunnelDevice:
		return false
	}
	return u.own() || kind == fact.Veth || u.by.Alone
}

// othersAnswered reports whether the captures of the node show an answer to anybody.
func (s *scene) othersAnswered(u *unheard) bool {
	return index(s, newQuestions).answered[atNode{u.Node, netip.Addr{}}]
}

// getsAnswers reports whether the captures of a node show answers to an asker.
func (s *scene) getsAnswers(asker netip.Addr, node string) bool {
	return index(s, newQuestions).answered[atNode{node, asker}]
}

// atNode is an address as one node's captures show it.
type atNode struct {
	node string
	addr netip.Addr
}

// questions is who asks for whom.
type questions struct {
	// answered has who got answers, and by the zero address the nodes whose captures show any.
	answered map[atNode]bool
	// asked has who was asked for, by has what an address asks itself.
	asked map[atNode]bool
	by    map[netip.Addr][]*fact.Asker
}

func newQuestions(s *scene) *questions {
	q := &questions{answered: map[atNode]bool{}, asked: map[atNode]bool{}, by: map[netip.Addr][]*fact.Asker{}}
	for i := range s.Neighbours {
		n := &s.Neighbours[i]
		if len(n.Askers) > 0 {
			q.asked[atNode{n.Node, n.Addr}] = true
		}
		for k := range n.Askers {
			a := &n.Askers[k]
			q.by[a.Addr] = append(q.by[a.Addr], a)
			if a.Answered > 0 {
				q.answered[atNode{n.Node, a.Addr}], q.answered[atNode{n.Node, netip.Addr{}}] = true, true
			}
		}
	}
	return q
}

// meanwhile reports whether a time lies in the run of unanswered questions, late enough to be no last word of what went away.
func (u *unheard) meanwhile(t int64) bool { return t > u.by.Run.First+1e9 && t <= u.by.Run.Last }

// isThere says why a neighbour should have answered, "" where nothing says so.
func (s *scene) isThere(u *unheard) string {
	const near = 60e9
	pod := s.livesWithPods(u.Addr) && !u.own()
	for i := range u.Askers {
		a := &u.Askers[i]
		if a == u.by || a.Answered == 0 || a.Addr == u.Addr {
			continue
		}
		if u.meanwhile(a.LastAnswer) || !pod && a.LastAnswer > u.by.Run.First-near && a.First < u.by.Run.Last+near {
			return fmt.Sprintf("it answers %s", a.Addr)
		}
	}
	switch calico := netip.AddrFrom4([4]byte{169, 254, 1, 1}); {
	case u.own():
		return "it is an address of the captured machine itself"
	case u.Addr == calico && u.by.CameIn:
		return "it is the gateway of Calico's pods, for which their node answers"
	case s.Role(u.Addr) == fact.RoleNode && s.lastSeen(u.Addr) > u.by.Run.First+1e9:
		return "it sends other packets meanwhile"
	}
	if slices.ContainsFunc(u.Claimants, func(c fact.Claimant) bool { return u.meanwhile(c.First) || u.meanwhile(c.Last) }) || s.asksMeanwhile(u) {
		return "it sends other packets meanwhile"
	}
	for _, x := range s.byEnd(u.Addr) {
		if !u.meanwhile(x.First) && !u.meanwhile(x.LastStart) {
			continue
		}
		if x.Client == u.Addr && x.Signs&fact.SignMidstream == 0 || x.Backend.Addr() == u.Addr && x.Signs&fact.SignAnswered != 0 && x.Outcome != fact.Unreachable {
			return "it sends other packets meanwhile"
		}
	}
	return ""
}

// asksMeanwhile reports whether the neighbour itself asks for others.
func (s *scene) asksMeanwhile(u *unheard) bool {
	return slices.ContainsFunc(index(s, newQuestions).by[u.Addr], func(a *fact.Asker) bool { return u.meanwhile(a.First) || u.meanwhile(a.Last) })
}

// goesThrough reports whether packets get through all the same, so that the answers are only not seen.
func (s *scene) goesThrough(u *unheard) bool {
	p := index(s, newPassing)
	if u.meanwhileAny(p.to[[2]netip.Addr{u.by.Addr, u.Addr}]) || u.by.CameIn && u.by.Addr.Is4() == u.Addr.Is4() && u.meanwhileAny(p.elsewhere[u.by.Addr]) {
		return true
	}
	last, ok := p.tunnels[[2]netip.Addr{u.by.Addr, u.Addr}]
	return ok && last > u.by.Run.First+4e9
}

// meanwhileAny reports whether one of times in order lies in the run of unanswered questions.
func (u *unheard) meanwhileAny(times []int64) bool {
	at := firstAfter(times, u.by.Run.First+1e9)
	return at != 0 && u.meanwhile(at)
}

// passing is what gets through from one address to another.
type passing struct {
	// to has when ways from an address to a backend's began that were answered, in order; elsewhere those to other networks.
	to        map[[2]netip.Addr][]int64
	elsewhere map[netip.Addr][]int64
	// tunnels has when the last packet went from one end of a tunnel to the other.
	tunnels map[[2]netip.Addr]int64
}

func newPassing(s *scene) *passing {
	p := &passing{to: map[[2]netip.Addr][]int64{}, elsewhere: map[netip.Addr][]int64{}, tunnels: map[[2]netip.Addr]int64{}}
	for i := range s.Reach {
		x := &s.Reach[i]
		if x.Signs&fact.SignAnswered == 0 {
			continue
		}
		k := [2]netip.Addr{x.Client, x.Backend.Addr()}
		p.to[k] = append(p.to[k], x.First)
		if !sameNetwork(x.Destination.Addr(), x.Client) {
			p.elsewhere[x.Client] = append(p.elsewhere[x.Client], x.First)
		}
	}
	for _, list := range p.to {
		slices.Sort(list)
	}
	for _, list := range p.elsewhere {
		slices.Sort(list)
	}
	for i := range s.Tunnels {
		t := &s.Tunnels[i]
		k := [2]netip.Addr{t.Src, t.Dst}
		p.tunnels[k] = max(p.tunnels[k], t.LastSent)
	}
	return p
}

// strandedAt returns the ways whose packets a node lost for want of a neighbour's link-layer address that is the next hop: it says that the
// host is unreachable without ever having asked for it; or they went into a tunnel device, or to the gateway of their network behind one, and
// never came out.
func (s *scene) strandedAt(u *unheard) []*fact.Reach {
	if !u.fromHere() {
		return nil
	}
	run := &u.by.Run
	failing := index(s, newFailingWays)
	if failing.asked++; failing.asked*len(failing.list) > tooMany { // who asks for so many is looking for somebody
		return nil
	}
	var list []*fact.Reach
	for _, x := range failing.list {
		to := x.Destination.Addr()
		if x.Last < run.First-1e9 || x.First > run.Last+5e9 || to == u.Addr || to.Is4() != u.Addr.Is4() && !s.livesWithPods(to) || s.askedFor(to, u.Node) {
			continue
		}
		if c := example(x, func(c *fact.Connection) bool { return s.lostAtHop(u, x, c) }); c != nil {
			list = append(list, x)
		}
	}
	return list
}

// tooMany bounds how often a failing way is held against a neighbour that does not answer.
const tooMany = 1 << 20

// failingWays has the ways that failed, and how many neighbours were held against them.
type failingWays struct {
	list  []*fact.Reach
	asked int
}

func newFailingWays(s *scene) *failingWays {
	f := &failingWays{}
	for i := range s.Reach {
		if x := &s.Reach[i]; x.Failed() {
			f.list = append(f.list, x)
		}
	}
	return f
}

func (s *scene) lostAtHop(u *unheard, x *fact.Reach, c *fact.Connection) bool {
	for i := range c.Errors {
		e := &c.Errors[i]
		unreachable := e.V6 && e.Type == 1 && e.Code == 3 || !e.V6 && e.Type == 3 && e.Code == 1
		if unreachable && e.MadeHere && !e.Tunnel && s.Captures[e.Ref.Capture].Node == u.Node {
			return true
		}
	}
	if x.Signs&fact.SignAnswered != 0 || x.Outcome != fact.Hang || tunnelEnds(c) != nil {
		return false
	}
	left, into := false, false
	for _, l := range s.onNodes(c) {
		for k := range l.Views {
			if v := &l.Views[k]; l.Node != u.Node || !s.Captures[v.Capture].Whole() {
				return false
			} else if v.Out() {
				left, into = true, into || v.Role.Kind == fact.TunnelDevice
			}
		}
	}
	return into && !s.livesWithPods(u.Addr) || !left && sameNetwork(c.Destination.Addr(), u.Addr)
}

// askedFor reports whether a node asked for an address itself.
func (s *scene) askedFor(a netip.Addr, node string) bool {
	return index(s, newQuestions).asked[atNode{node, a}]
}

// hurtBy returns the ways that fail for want of the answers. Of each list that may hold some it looks at most.
func (s *scene) hurtBy(r *Rule, us []unheard, most int) *cause {
	const after = 30e9 // an entry that failed is tried again by the next packet
	c := &cause{key: us[0].Addr.String()}
	var ways []*fact.Reach
	take := func(list []*fact.Reach) { ways = append(ways, list[:min(len(list), most)]...) }
	stranded := map[*fact.Reach]bool{}
	failing := index(s, newFailingEnds)
	take(failing[us[0].Addr])
	for _, u := range us {
		if u.own() {
			take(failing[u.by.Addr])
		}
		take(u.stranded)
		for _, x := range u.stranded {
			stranded[x] = true
		}
	}
	for _, x := range s.openAmong(r, s.inOrder(ways), (*fact.Reach).Failed) {
		if slices.ContainsFunc(us, func(u unheard) bool {
			run := &u.by.Run
			if x.Last < run.First-1e9 || x.First > run.Last+after {
				return false
			}
			to := x.Destination.Addr()
			own := u.by.CameIn && (x.Client == u.by.Addr || to == u.by.Addr) && (u.own() || to == u.Addr)
			pod := u.fromHere() && s.livesWithPods(u.Addr) && (to == u.Addr || x.Client == u.Addr) // nor do answers get to it
			return own || pod || to == u.Addr && x.Client == u.by.Addr || stranded[x]
		}) {
			c.hits = append(c.hits, hit{x, &x.Examples[0], placeOf(&x.Examples[0])})
		}
	}
	slices.SortStableFunc(c.hits, func(a, b hit) int { return cmp.Compare(b.reach.Count, a.reach.Count) })
	return c
}

func (s *scene) unansweredFinding(r *Rule, us []unheard, most int) Finding {
	u := &us[0]
	run := &u.by.Run
	var shown []Evidence
	var askers []string
	first, last, questions := run.First, run.Last, uint64(0)
	for i := range us {
		x := &us[i].by.Run
		if !slices.Contains(askers, us[i].by.Addr.String()) {
			askers = append(askers, us[i].by.Addr.String())
			questions += x.Count
		}
		first, last = min(first, x.First), max(last, x.Last)
		for _, ref := range x.Marks {
			shown = append(shown, Evidence{ref, asks(u.Addr, us[i].by.Addr)})
		}
	}
	c := s.hurtBy(r, us, most)
	f := neighbourFinding(r, c, Place{Client: u.by.Addr, Backend: netip.AddrPortFrom(u.Addr, 0)}, questions, first, last, shown[:min(len(shown), 8)])
	f.Title = fmt.Sprintf("%s asks for %s by %s and gets no answer", several(askers), u.Addr, resolution(u.Addr))
	f.Explanation = fmt.Sprintf("%s from %s for the link-layer address of %s got no answer in %s. What it sends there never leaves.",
		count(questions, "question", "questions"), several(askers), u.Addr, round(last-first))
	f.Because = []string{fmt.Sprintf("%s and not one answer, in a capture that shows the answers to others", count(questions, "question", "questions")), u.there}
	if u.gone {
		f.Certainty = Inferred
		f.Explanation += fmt.Sprintf(" Nothing else was seen from %s: it may be down.", u.Addr)
	}
	if len(c.hits) > 0 {
		f.Explanation += fmt.Sprintf(" %s failed meanwhile.", count(f.Count, "connection that needs it", "connections that need it"))
	}
	if s.Role(u.by.Addr) == fact.RoleNode && !s.livesWithPods(u.Addr) {
		f.Nodes = []netip.Addr{u.by.Addr, u.Addr}
	}
	if run.Ended != 0 {
		f.Recovered, f.Severity = run.Ended, Warning
		f.Explanation += fmt.Sprintf(" An answer came %s after the first question.", round(run.Ended-run.First))
	}
	for i := range us {
		u := &us[i]
		if !u.by.CameIn || !u.own() {
			continue
		}
		asked := s.lookupsOf(u.by.Addr)
		for _, l := range asked[:min(len(asked), most)] {
			if l.Outcome != fact.LookupAnswered && l.Start >= u.by.Run.First-1e9 {
				f.covers = append(f.covers, l)
			}
		}
	}
	return f.fill()
}

// failingEnds has the ways that failed, by their client and their destination.
type failingEnds map[netip.Addr][]*fact.Reach

func newFailingEnds(s *scene) failingEnds {
	m := failingEnds{}
	for i := range s.Reach {
		if x := &s.Reach[i]; x.Failed() {
			enter(m, x.Client, x)
			enter(m, x.Destination.Addr(), x)
		}
	}
	return m
}
