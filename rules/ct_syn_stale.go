package rules

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var ctSYNStale = Rule{
	ID: "ct-syn-stale", Layer: LayerService, Severity: Warning, Since: "0.1.0",
	Title: "a connection's SYNs keep the translation of the first one",
	Text: "Conntrack decides at a source port's first SYN where the connection goes, and sends each retry there, too: each refreshes the entry, which " +
		"would otherwise live for two minutes. So a connection begun just before kube-proxy changed its rules keeps going to a pod that is gone, or " +
		"untranslated to the Service's own address where there was no rule yet, until the client gives up. New connections, from other source ports, work.",
	Needs: "SYNs from one source port that go again and again to the same destination and are never answered; and other connections of the same node to the " +
		"same Service, begun later while the retries continued, that are translated and work. Where the first SYN had been translated: that its backend " +
		"is silent to everybody and no longer chosen",
	Explains: []string{"svc-no-dnat", "cni-no-reply", "tcp-loss"},
	ToldFrom: []string{
		"svc-no-dnat: there new connections of the same node are not translated either",
		"cni-no-reply: there new connections to the same backend fail, too, or the backend is alive",
		"svc-endpoint-terminating: there new connections, too, still go to the backend for a while",
		"ct-stale-blackhole: there the connection had worked",
	},
	NextSteps: []string{
		"conntrack -L -p tcp -d {service-ip} --dport {service-port} --src {client}   # on the client's node: SYN_SENT, [UNREPLIED]; where does the reply's source point?",
		"conntrack -D -p tcp -d {service-ip} --dport {service-port} -s {client} --state SYN_SENT --reply-src {backend-ip}   # CAREFUL: ends the attempts that are under way; their next SYN is decided on anew",
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # is the backend gone, or its node?",
		"kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=50   # how late are its rules?",
		"let the client give up a connection attempt after a few seconds, and begin another: it comes from another port",
	},
	Sources: []string{
		"kubernetes #48719", "linux net/netfilter/nf_nat_core.c (nf_nat_inet_fn)", "linux net/netfilter/nf_conntrack_proto_tcp.c (tcp_timeouts)",
		"linux net/ipv4/tcp_timer.c (tcp_retransmit_timer)",
	},
	judge: judgeSYNStale,
}

func judgeSYNStale(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.TCP && x.Outcome == fact.Hang && x.Phase == fact.PhaseHandshake && (x.Service.IsValid() || x.Backend.IsValid()) &&
			x.Signs&fact.SignSYNResend != 0 && x.Signs&(fact.SignAnswered|fact.SignMidstream) == 0
	}) {
		c := example(x, func(c *fact.Connection) bool {
			return s.bothWays(c) && (x.Backend.IsValid() || s.leavesUntranslated(c))
		})
		if c == nil || x.Backend.IsValid() && (s.lastSeen(x.Backend.Addr()) >= x.First || !s.isPod(x) || s.probes(x)) {
			continue
		}
		cs.add(x.Called.String()+x.Backend.String(), hit{x, c, Place{Client: x.Client, Service: x.Service, Backend: x.Backend}})
	}
	var list []Finding
	for _, c := range cs.list {
		anew := s.decidedAnew(c, share(len(cs.list)))
		if anew == 0 {
			continue
		}
		f := c.finding(r)
		h := c.hits[0]
		f.Certainty = Inferred
		to, where := "", "out untranslated"
		if f.Service.IsValid() {
			to = fmt.Sprintf(" to Service %s", f.Service)
		}
		if f.Backend.IsValid() {
			where = fmt.Sprintf("to %s, which is gone", f.Backend)
		}
		f.Title = fmt.Sprintf("SYNs%s keep going %s, while new connections work", to, where)
		f.Explanation = fmt.Sprintf("%s from %s repeated the same SYN for up to %s; each went %s and got no answer. Connections begun later, the first of them %s "+
			"after the first SYN, are answered. Conntrack keeps the decision made for a source port's first SYN, and each retry keeps the entry alive.",
			count(f.Count, "connection attempt", "connection attempts"), f.Client, round(longest(c)), where, round(anew-f.First))
		f.Because = []string{
			fmt.Sprintf("%d SYNs from one source port; the last one %s after a new connection had gone elsewhere", h.conn.Flow[fact.ToServer].SYNs, round(f.Last-anew)),
			"later connections through the same node to the same address are translated and answered",
		}
		if f.Backend.IsValid() {
			f.Because[1] = "later connections are answered by another backend"
			f.Because = append(f.Because, fmt.Sprintf("%s has sent nothing at all since the first SYN", f.Backend.Addr()))
		} else {
			f = f.without("kubectl get pods")
		}
		if !f.Service.IsValid() {
			f.Certainty = Possible
			f.Explanation += " This capture does not show a Service's address being translated to the pod's: a client that calls the pod directly looks the same."
		}
		list = append(list, f.fill())
	}
	return list
}

// longest returns for how long the connections of a cause went on, at most, among the examples.
func longest(c *cause) int64 {
	most := int64(0)
	for _, h := range c.hits {
		most = max(most, h.conn.End-h.conn.Start)
	}
	return most
}

// decidedAnew returns when the first connection began that works where those of a cause do not: later than all of them, and while their retries
// went on. 0 without one, or where calls that work come between them; and where the backend of the cause may still be an endpoint: of a
// Service whose connections all move at once to another it is not, of several backends chance must not be what passes it by.
func (s *scene) decidedAnew(c *cause, most int) int64 {
	h := c.hits[0].reach
	first, lastStart, last := h.First, h.LastStart, h.Last
	clients := map[netip.Addr]bool{}
	for _, h := range c.hits {
		first, lastStart, last = min(first, h.reach.First), max(lastStart, h.reach.LastStart), max(last, h.reach.Last)
		clients[h.reach.Client] = true
	}
	anew, before := int64(0), false
	old, other := uint64(0), uint64(0) // calls that worked by the backend, and later by others
	if h.Backend.IsValid() {
		same := index(s, newCallsOfBackends)[h.Backend]
		if same.last > lastStart {
			return 0
		}
		old = same.answered
	}
	answered := index(s, newAnsweredCalls)
	ways := slices.Clone(newest(answered.byCalled[h.Called], most))
	if !h.Service.IsValid() {
		for a := range clients {
			for _, y := range newest(answered.byCall[call{a, h.Backend.Port()}], most) {
				if !y.Service.IsValid() {
					ways = append(ways, y)
				}
			}
		}
	}
	for _, y := range s.inOrder(ways) {
		switch {
		case y.Proto != fact.TCP, !y.Backend.IsValid(), y.Backend == h.Backend, y.Failed():
			continue
		case !h.Backend.IsValid() && !clients[y.Client] && s.captureOf(&y.Examples[0]) != s.captureOf(c.hits[0].conn):
			continue // another node's rules
		}
		before = before || y.First < lastStart
		other += y.Count
		for _, t := range []int64{y.First, y.LastStart} {
			if t > lastStart && t < last && (anew == 0 || t < anew) {
				anew = t
			}
		}
		// Of many, some began meanwhile.
		const some = 3
		if share := float64(last-lastStart) / float64(max(1, y.LastStart-y.First)); anew == 0 && y.First <= lastStart && y.LastStart >= last &&
			share*float64(y.Count) > some {
			anew = lastStart + 1
		}
	}
	// Of two backends chance takes the one for all calls before and the other for all since once in thirty times.
	const switched = 5
	o := s.othersOf(c, most)
	switch {
	case anew == 0:
		return 0
	case !h.Backend.IsValid():
		if before && first < lastStart {
			return 0 // works at times
		}
	case !o.leftOut() && (before || old == 0 || old+other < switched):
		return 0
	}
	return anew
}

// callsOfBackends has, of each backend, when the last connection to it began, and how many were answered.
type callsOfBackends map[netip.AddrPort]struct {
	last     int64
	answered uint64
}

func newCallsOfBackends(s *scene) callsOfBackends {
	m := callsOfBackends{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Proto != fact.TCP || !y.Backend.IsValid() {
			continue
		}
		x := m[y.Backend]
		x.last = max(x.last, y.LastStart)
		if y.Signs&fact.SignAnswered != 0 {
			x.answered += y.Count
		}
		m[y.Backend] = x
	}
	return m
}
