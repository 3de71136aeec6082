package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

var cniNoReply = Rule{
	ID: "cni-no-reply", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "packets to a pod are never answered",
	Text: "SYNs (or SCTP INITs, UDP requests or ping's echo requests) were sent to a pod, translated where a Service was called, and nothing came back, " +
		"while other traffic of the same client works. Or a pod's packets to a Service end where they enter its node, while those of other pods are translated there " +
		"and go on. Usual causes: a NetworkPolicy that drops, a missing route, or a pod that " +
		"hangs.",
	Needs: "the packet seen on its way to the pod, and other traffic of the client in the same capture that is answered; or the packet to a Service " +
		"seen entering the client's node and nowhere else, and another pod there that the same Service answers",
	Explains: []string{"tcp-loss"},
	ToldFrom: []string{
		"svc-no-dnat: there the packet keeps the Service's address",
		"cni-tunnel-oneway: there nothing at all comes back through the tunnel",
		"cni-reject: there an ICMP error comes back",
		"a connection still open when the capture ended: that counts as unfinished",
		"a probe that was under way when its pod was deleted: there the pod sends nothing any more",
		"a full listen queue: there the SYN reaches the pod, which answers others",
	},
	NextSteps: []string{
		"kubectl get networkpolicy -A   # which select the pod {backend-ip}, or the client {client}?",
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # does it exist, is it Ready, on which node?",
		"kubectl exec -n {backend-pod} -- ss -ltn   # in the backend: is the listen queue of {backend-port} full (Recv-Q at Send-Q)?",
		debugBackend + "ss -ltn   # the same where the image has no ss (distroless)",
		"tcpdump -ni any host {backend-ip} and port {backend-port}   # on the backend's node: does the packet reach the pod's veth?",
		"iptables-save | grep -e DROP -e {backend-ip} ; nft list ruleset | grep -e drop -e {backend-ip}   # on the backend's node",
		"ip route get {backend-ip}   # on both nodes",
	},
	Sources: []string{
		"https://kubernetes.io/docs/concepts/services-networking/network-policies/", "https://github.com/flannel-io/flannel/issues/469",
		"https://docs.docker.com/engine/network/packet-filtering-firewalls/: Docker sets the policy of FORWARD to DROP",
		"kubernetes pkg/probe",
		"linux net/ipv4/tcp_ipv4.c (tcp_conn_request), net/ipv4/tcp_timer.c (tcp_syn_retries)",
	},
	judge: judgeNoReply,
}

func judgeNoReply(r *Rule, s *scene) []Finding {
	var cs causes
	var echoes []*fact.Reach
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Outcome == fact.Hang && x.Backend.IsValid() && x.Backend.Addr() != x.Client
	}) {
		if x.Proto == fact.ICMP {
			if s.echoUnanswered(x) {
				echoes = append(echoes, x)
			}
			continue
		}
		c := example(x, func(c *fact.Connection) bool {
			return (c.Phase == fact.PhaseHandshake || c.Proto == fact.UDP) && !c.Midstream &&
				(c.Flow[fact.ToClient].Packets == 0 || s.replyVanishes(c))
		})
		if c == nil || x.Proto == fact.UDP && x.Signs&fact.SignDNS != 0 || !s.isPod(x) || !s.bothWays(c) || !s.repliesSeen(x, c) && !s.endsHere(x, c) {
			continue
		}
		if s.probes(x) && !s.alive(x) || s.refuted(x, c) {
			continue
		}
		cs.add(x.Backend.String(), hit{x, c, placeOf(c)})
	}
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Outcome == fact.Hang && x.Service.IsValid() && !x.Backend.IsValid() }) {
		if c, backend := s.stopped(x); c != nil {
			where := Place{Client: x.Client, Service: x.Called, Backend: backend}
			key := backend
			if !key.IsValid() {
				key = x.Called
			}
			cs.add(key.String(), hit{x, c, where})
		}
	}
	silent := map[netip.Addr]string{}
	for _, c := range cs.list {
		silent[c.hits[0].conn.Backend.Addr()] = c.key
	}
	for _, x := range echoes {
		// A ping to a pod that does not take connections either is no cause of its own.
		a := x.Backend.Addr()
		cs.add(cmp.Or(silent[a], a.String()), hit{x, &x.Examples[0], placeOf(&x.Examples[0])})
	}
	var list []Finding
	for _, c := range sameCause(cs.list) {
		f := c.finding(r)
		h := c.hits[0]
		f = f.over(h.reach.Proto)
		works := s.whatWorks(h.reach)
		f.Certainty = Inferred
		backend := addrPort(f.Backend)
		if !f.Backend.IsValid() {
			backend = "Service " + addrPort(f.Service)
		}
		f.Title = fmt.Sprintf("%s never answers %s", backend, f.Client)
		f.Explanation = fmt.Sprintf("%s to %s got no answer.", count(f.Count, "connection attempt", "connection attempts"), backend)
		if h.reach.Proto == fact.ICMP { // a cause begins with connections, where there are any
			f.Severity = Warning // nobody but a person, or a probe, pings
			f.Title = fmt.Sprintf("%s does not answer pings from %s", backend, f.Client)
			f.Explanation = fmt.Sprintf("%s to %s got no answer.", count(h.reach.Packets, "echo request", "echo requests"), backend)
		}
		if len(works) > 0 {
			f.Explanation += " Worked meanwhile: " + strings.Join(works, "; ") + "."
		}
		leg, view := farthest(h.conn)
		f.Because = []string{
			fmt.Sprintf("%s were last seen on %s with destination %s%s",
				count(h.conn.Flow[fact.ToServer].Packets, "packet", "packets"), leg.Node, addrPort(numbered(h.reach.Proto, leg.Dst)), crossing(view)),
			"answers to other packets of the client are seen there",
		}
		if !s.repliesSeen(h.reach, h.conn) {
			f.Because[1] = "answers to others are seen in the same capture, which was taken without a filter"
		}
		if h.conn.Flow[fact.ToClient].Packets > 0 {
			f.Title = fmt.Sprintf("answers from %s to %s vanish on the node", f.Backend, f.Client)
			f.Explanation = fmt.Sprintf("%s answers (%s), but its answers are seen coming from the pod and nowhere else: its node drops them, "+
				"as a NetworkPolicy for egress does.", f.Backend, h.reach.Proto.Terms().Accept)
			f.Because = append(f.Because, "the "+h.reach.Proto.Terms().Accept+" is sent again and again and never leaves by another interface")
			f = f.without("kubectl get pods", "kubectl exec", debugBackend, "tcpdump", "ip route")
			list = append(list, f.fill())
			continue
		}
		if !h.reach.Backend.IsValid() {
			f.Title = fmt.Sprintf("packets of %s to Service %s end on its own node", f.Client, f.Service)
			f.Because[1] = "those of another pod to that Service are translated on the same node, and answered"
			f = f.without("kubectl exec", debugBackend, "tcpdump")
		}
		if n := backends(c); n > 1 {
			f.Title = fmt.Sprintf("%d pods never answer %s", n, f.Client)
			f.Explanation = fmt.Sprintf("%s from %s to %d pods got no answer.",
				count(f.Count, "connection attempt", "connection attempts"), f.Client, n)
		}
		if !slices.ContainsFunc(c.hits, func(h hit) bool { return !s.probes(h.reach) }) {
			f.Severity = Warning
			f.Title = fmt.Sprintf("the kubelet's probes of %s get no answer", f.Backend)
		}
		if ok := s.answered(c); ok >= f.Count && f.Severity > Warning {
			f.Severity = Warning
			f.Explanation += fmt.Sprintf(" %s by the same clients to the same server worked.", count(ok, "other attempt", "other attempts"))
		}
		switch whole := s.Captures[view.Capture].Whole(); {
		case view.Out() && view.Role.LeadsTo(leg.Dst.Addr()):
			f = f.without("tcpdump", "ip route")
			f.Explanation += " The packets reached the pod's own interface: the pod does not answer, or a policy inside it drops them."
		case view.In() && whole && len(leg.Encap) == 0:
			f.Explanation += fmt.Sprintf(" The packets came in on %s and were not seen again: that node seems to drop them, as a NetworkPolicy or a FORWARD policy of DROP would.", leg.Node)
		}
		list = append(list, f.fill())
	}
	return list
}

// echoUnanswered reports whether a ping was sent for a while to a pod and never answered, where the capture would have shown an answer.
// Who pings need not have other traffic: the requests themselves ask whether the way is open.
func (s *scene) echoUnanswered(x *fact.Reach) bool {
	const echoes, while = 3, 2e9
	if len(x.Examples) == 0 || x.Signs&fact.SignAnswered != 0 || x.Packets < echoes || x.Last-x.First < while || !s.isPod(x) {
		return false
	}
	c := &x.Examples[0]
	return s.whole(c) && s.bothWays(c) && (s.repliesSeen(x, c) || s.answersIn(s.captureOf(c), x))
}

// endsHere reports whether the packets of a client elsewhere came in to a pod's node and went no further there. The client's other traffic
// need not pass this node.
func (s *scene) endsHere(x *fact.Reach, c *fact.Connection) bool {
	leg, view := farthest(c)
	from := view.Role.Kind == fact.TunnelDevice || view.Role.Kind == fact.Uplink
	return x.Signs&fact.SignAnswered == 0 && from && view.In() && len(leg.Encap) == 0 && s.Captures[view.Capture].Whole() &&
		s.answersIn(int(view.Capture), x)
}

// answersIn reports whether a capture shows answers to anybody, near in time to x.
func (s *scene) answersIn(capture int, x *fact.Reach) bool {
	from, to := around(x.First, x.Last, nearBy)
	return index(s, newAnswersShown)[capture].touches(from, to)
}

// answersShown has when captures show ways that were answered.
type answersShown map[int]spans

func newAnswersShown(s *scene) answersShown {
	m := answersShown{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Signs&fact.SignAnswered == 0 {
			continue
		}
		for k := range y.Examples {
			at := s.captureOf(&y.Examples[k])
			m[at] = append(m[at], [2]int64{y.First, y.Last})
		}
	}
	for _, list := range m {
		list.finish()
	}
	return m
}

// alive reports whether the backend of x showed life after x began. A probe that was under way when its pod was deleted sends its SYN again
// for tens of seconds (net/ipv4/tcp_timer.c), to an address that nobody has any more; a bridge floods it to all its ports.
func (s *scene) alive(x *fact.Reach) bool { return s.lastSeen(x.Backend.Addr()) > x.First }

// refuted reports whether what is seen says that no packet was lost on the way to the backend of x. The SYN went out to the pod's own
// interface, and the pod answers others on that port: its kernel drops SYNs when the application does not take its connections
// (net/ipv4/tcp_ipv4.c, tcp_conn_request). Or the same client is let in later, and nothing shows that a node dropped the SYN.
func (s *scene) refuted(x *fact.Reach, c *fact.Connection) bool {
	if !c.Proto.Opens() || c.Flow[fact.ToClient].Packets > 0 {
		return false
	}
	leg, view := farthest(c)
	delivered := s.delivered(c)
	dropped := view.In() && s.Captures[view.Capture].Whole() && len(leg.Encap) == 0
	if delivered {
		return len(index(s, newAnswering)[backendAndProto{x.Backend, x.Proto}]) > 0
	}
	last, ok := index(s, newLastTaken)[takenFrom{backendAndProto{x.Backend, x.Proto}, x.Client}]
	return !dropped && ok && last > x.LastStart
}

// takenFrom is a backend and a client that it answered.
type takenFrom struct {
	backendAndProto
	client netip.Addr
}

// lastTaken has when the last connection of a client began that a backend answered.
type lastTaken map[takenFrom]int64

func newLastTaken(s *scene) lastTaken {
	m := lastTaken{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if !takes(y) {
			continue
		}
		k := takenFrom{backendAndProto{y.Backend, y.Proto}, y.Client}
		if last, ok := m[k]; !ok || y.LastStart > last {
			m[k] = y.LastStart
		}
	}
	return m
}

// answered counts the connections of a cause's clients to its backends that were answered.
func (s *scene) answered(c *cause) uint64 {
	pairs, n := map[clientAndBackend]bool{}, uint64(0)
	for _, h := range c.hits {
		pairs[clientAndBackend{h.reach.Client, h.reach.Backend}] = true
	}
	ok := index(s, newCallsThatWork)
	for p := range pairs {
		n += ok[p]
	}
	return n
}

// callsThatWork counts the connections of each client to each backend that worked.
type callsThatWork map[clientAndBackend]uint64

func newCallsThatWork(s *scene) callsThatWork {
	m := callsThatWork{}
	for i := range s.Reach {
		if y := &s.Reach[i]; y.Outcome == fact.OK {
			m[clientAndBackend{y.Client, y.Backend}] += y.Count
		}
	}
	return m
}

// manyBackends is from how many backends on a client without an answer is one finding.
const manyBackends = 4

// sameCause makes one cause of what one client did not get of many backends: a policy for it, a node that is gone, or a sweep.
func sameCause(list []*cause) []*cause {
	byClient, ofOne := map[netip.Addr][]*cause{}, map[*cause]bool{}
	for _, c := range list {
		client := c.hits[0].reach.Client
		if !slices.ContainsFunc(c.hits, func(h hit) bool { return h.reach.Client != client }) {
			byClient[client], ofOne[c] = append(byClient[client], c), true
		}
	}
	var kept []*cause
	for _, c := range list {
		client := c.hits[0].reach.Client
		same := byClient[client]
		switch {
		case len(same) < manyBackends || !ofOne[c]:
			kept = append(kept, c)
		case c == same[0]:
			all := &cause{key: client.String()}
			for _, x := range same {
				all.hits = append(all.hits, x.hits...)
			}
			kept = append(kept, all)
		}
	}
	return kept
}

// backends counts the backends of a cause.
func backends(c *cause) int {
	seen := map[netip.AddrPort]bool{}
	for _, h := range c.hits {
		seen[h.reach.Backend] = true
	}
	return len(seen)
}

// replyVanishes reports whether the backend's answers are seen coming out of the backend, and never leaving its node.
func (s *scene) replyVanishes(c *fact.Connection) bool {
	if !c.Proto.Opens() || c.Proto == fact.TCP && c.Flow[fact.ToClient].Bytes > 0 || c.Flow[fact.ToClient].SYNs < 2 || c.Reset != nil || c.Untranslated {
		return false
	}
	seen := false
	for _, l := range c.Legs {
		for k := range l.Views {
			if v := &l.Views[k]; v.Flow == fact.ToClient {
				if !v.In() || !s.Captures[v.Capture].Whole() {
					return false
				}
				seen = true
			}
		}
	}
	return seen
}

// repliesSeen reports whether replies to the client are seen in the capture that shows its unanswered packets, near in
// time. If not, missing replies prove nothing.
func (s *scene) repliesSeen(x *fact.Reach, c *fact.Connection) bool {
	at := s.captureOf(c)
	from, to := around(x.First, x.Last, nearBy)
	k := repliesTo{client: x.Client, capture: at}
	if !s.whole(c) {
		k.proto = x.Proto
	}
	all := index(s, newReplies)[k]
	n := all.touching(from, to)
	if n > 0 && slices.ContainsFunc(x.Examples, func(e fact.Connection) bool { return replied(&e) && s.captureOf(&e) == at }) {
		n-- // x itself
	}
	return n > 0
}

func replied(c *fact.Connection) bool { return c.Flow[fact.ToClient].Packets > 0 }

// repliesTo is a client, a capture that shows replies to it, and the protocol of these, 0 for any.
type repliesTo struct {
	client  netip.Addr
	capture int
	proto   fact.Proto
}

// replies has the ways of which replies are shown.
type replies map[repliesTo]*stretches

func newReplies(s *scene) replies {
	m := replies{}
	for i := range s.Reach {
		y := &s.Reach[i]
		seen := map[repliesTo]bool{}
		for k := range y.Examples {
			e := &y.Examples[k]
			if !replied(e) {
				continue
			}
			for _, proto := range [...]fact.Proto{0, y.Proto} {
				to := repliesTo{y.Client, s.captureOf(e), proto}
				if !seen[to] {
					seen[to] = true
					if m[to] == nil {
						m[to] = &stretches{}
					}
					m[to].add(y.First, y.Last)
				}
			}
		}
	}
	for _, x := range m {
		x.finish()
	}
	return m
}
