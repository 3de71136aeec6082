package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var svcEndpointTerminating = Rule{
	ID: "svc-endpoint-terminating", Layer: LayerService, Severity: Warning, Since: "0.1.0",
	Title: "connections still go to a backend that has just stopped",
	Text: "A backend stops, and for a moment the Service still sends new connections to it: its process closes its port at SIGTERM (RST), then the pod " +
		"is gone (silence, and host unreachable once its node's neighbour lookup fails), while the endpoint change is on its way through " +
		"the API server to each node's kube-proxy. The Service's other backends answer. A pod that crashed looks the same until it is back.",
	Needs: "new connections to the backend that fail, all after its last one that worked or before it is never chosen again, within the time that a pod may take " +
		"to end; and others that work meanwhile or right after with another backend of the same Service. For silence alone: that the backend is silent to " +
		"everybody and no longer chosen later",
	Explains: []string{"app-refused", "cni-reject", "cni-no-reply", "ct-stale-reset", "ct-stale-blackhole", "ct-syn-stale", "tcp-loss"},
	ToldFrom: []string{
		"app-refused: there the backend refuses from the beginning, or keeps being chosen",
		"ct-stale-reset, ct-stale-blackhole: there connections fail that had been opened before, and new ones go elsewhere",
		"cni-no-reply: there the backend is alive, for others or later",
		"ct-syn-stale: there a single attempt keeps going to the backend, and no other",
		"an orderly rollout: there the endpoint is removed first, and nothing fails",
	},
	NextSteps: []string{
		"kubectl get events -A --field-selector reason=Killing --sort-by=.lastTimestamp   # which pods ended then, by a rollout, a drain or a crash?",
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # Terminating, restarted, or gone?",
		"kubectl get svc -A -o wide | grep -wF {service-shown}   # " + asksName,
		"kubectl get endpointslices -n {service-namespace} -l kubernetes.io/service-name={service-name} -o yaml   # conditions ready, serving and terminating of each endpoint",
		"let a pod answer until all nodes have taken it out: a preStop pause of 5 to 15 s in the pod's containers, terminationGracePeriodSeconds above it",
	},
	Sources: []string{
		"https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination", "kubernetes #106476",
		"RFC 9293, section 3.10.7.1", "linux net/core/neighbour.c (neigh_timer_handler)", "linux net/ipv4/arp.c (arp_error_report)",
	},
	judge: judgeTerminating,
}

// ended is a backend that stopped while new connections went to it.
type ended struct {
	cause  *cause
	others otherCalls
}

func judgeTerminating(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.TCP && x.Phase == fact.PhaseHandshake && x.Backend.IsValid() && x.Backend.Addr() != x.Client && !s.probes(x)
	}) {
		if c := example(x, func(c *fact.Connection) bool { return !c.Midstream && s.nobodyTakes(x, c) }); c != nil {
			cs.add(x.Backend.String(), hit{x, c, placeOf(c)})
		}
	}
	var all []ended
	for _, c := range cs.list {
		o := s.othersOf(c, share(len(cs.list)))
		if o.inTurns() || !o.ending() || o.elsewhere < o.first || o.last-o.first > graceful || silent(c) && (calls(c) == 1 || !o.leftOut()) {
			continue
		}
		all = append(all, ended{c, o})
	}
	var list []Finding
	groups := sameService(all)
	for _, group := range groups {
		list = append(list, s.terminating(r, group, share(len(groups))))
	}
	return list
}

// nobodyTakes reports whether a new connection got the answer of a pod that has stopped: its kernel's RST, silence after its last packet to
// anybody, or its node's word that nobody has the address.
func (s *scene) nobodyTakes(x *fact.Reach, c *fact.Connection) bool {
	switch x.Outcome {
	case fact.Refused:
		return c.Reset != nil && c.Reset.InHandshake && !(c.Reset.ByNode && s.callsPod(c))
	case fact.Unreachable:
		e := reachesClient(c)
		// A pod that goes on to send is there, whoever can't find it.
		return e != nil && !e.Prohibited() && !e.PortUnreachable() && s.isPod(x) && s.lastSeen(x.Backend.Addr()) < x.First+1e9
	case fact.Hang:
		return c.Flow[fact.ToClient].Packets == 0 && s.isPod(x) && s.bothWays(c) && s.lastSeen(x.Backend.Addr()) < x.First
	}
	return false
}

// silent reports whether nothing but missing answers says that a backend has stopped.
func silent(c *cause) bool {
	return !slices.ContainsFunc(c.hits, func(h hit) bool { return h.reach.Outcome != fact.Hang })
}

// calls counts the connections of a cause.
func calls(c *cause) uint64 {
	n := uint64(0)
	for _, h := range c.hits {
		n += h.reach.Count
	}
	return n
}

// sameService joins the backends of one Service, by whatever address its clients call it: a rolling update is one cause.
func sameService(all []ended) [][]ended {
	next := make([]int, len(all)) // what comes behind each in its group, -1 for nothing
	owner := map[netip.AddrPort]*serviceGroup{}
	var groups []*serviceGroup
	for i, e := range all {
		joined := &serviceGroup{first: i, last: i}
		next[i] = -1
		var met []*serviceGroup
		for a := range e.addresses() {
			if g := owner[a].now(); g != nil && g != joined {
				g.into = joined
				met = append(met, g)
			}
			owner[a] = joined
		}
		slices.SortFunc(met, func(a, b *serviceGroup) int { return cmp.Compare(a.last, b.last) })
		for _, g := range met {
			next[g.last], joined.first = joined.first, g.first
		}
		groups = append(groups, joined)
	}
	var lists [][]ended
	for _, g := range groups {
		if g.into != nil {
			continue
		}
		var list []ended
		for i := g.first; i >= 0; i = next[i] {
			list = append(list, all[i])
		}
		lists = append(lists, list)
	}
	return lists
}

// serviceGroup is backends of one Service, linked from the first to the last, which joined the others. into is the group that it went into, nil
// as long as it stands for itself.
type serviceGroup struct {
	into        *serviceGroup
	first, last int
}

// now returns the group that g has become by now, nil of none.
func (g *serviceGroup) now() *serviceGroup {
	if g == nil {
		return nil
	}
	last := g
	for last.into != nil {
		last = last.into
	}
	for g != last {
		g, g.into = g.into, last
	}
	return last
}

// addresses are those of the Service: the backends that took its calls, the one that ended, and what its clients called.
func (e *ended) addresses() map[netip.AddrPort]bool {
	m := map[netip.AddrPort]bool{}
	for b := range e.others.backends {
		m[b] = true
	}
	for _, h := range e.cause.hits {
		m[h.reach.Called], m[h.reach.Backend] = true, true
	}
	return m
}

func (s *scene) terminating(r *Rule, group []ended, most int) Finding {
	all := &cause{}
	o, until, left := group[0].others, int64(0), true
	backends, known := []string{}, true
	outcomes := map[fact.Outcome]uint64{}
	for _, e := range group {
		backends = append(backends, refuser(e.cause.hits[0].reach).String())
		all.hits = append(all.hits, e.cause.hits...)
		o.first, o.last = min(o.first, e.others.first), max(o.last, e.others.last)
		until = max(until, e.others.first-e.others.workedUntil)
		known = known && e.others.workedUntil != 0
		left = left && e.others.leftOut()
		for _, h := range e.cause.hits {
			outcomes[h.reach.Outcome] += h.reach.Count
		}
	}
	for _, h := range s.unseen(r, group) {
		all.hits = append(all.hits, h)
		outcomes[h.reach.Outcome] += h.reach.Count
		o.last = max(o.last, h.reach.LastStart)
	}
	// The Service's own address names the cause, where any of its clients called it.
	slices.SortStableFunc(all.hits, func(a, b hit) int { return cmp.Compare(byService(a), byService(b)) })
	all.key = all.hits[0].reach.Called.String()
	f := all.finding(r)
	total := s.callsOf(group)
	f.Certainty = Inferred
	if !known {
		f.Certainty = Possible
	}
	what := "to " + backends[0]
	if len(backends) > 1 {
		what = fmt.Sprintf("to %d backends", len(backends))
	}
	through := ""
	if f.Service.IsValid() {
		through = fmt.Sprintf(" of Service %s", f.Service)
	}
	f.Title = fmt.Sprintf("connections%s still went %s, which had just stopped: %d of %d failed", through, what, f.Count, total)
	f.Explanation = fmt.Sprintf("%d of %d connections failed, begun within %s: %s. Chosen for new connections although it had just stopped: %s. "+
		"Other backends answered meanwhile.", f.Count, total, round(o.last-o.first), howEnded(outcomes), several(backends))
	f.Because = []string{"new connections to other backends of the same Service work meanwhile"}
	if known {
		f.Because = append(f.Because, fmt.Sprintf("each backend's failures begin at most %s after its last successful connection, and none succeeds later",
			round(max(until, 0))))
	} else {
		f.Because = append(f.Because, "the backend is never chosen again, while others are: it was removed from the Service")
		f.Explanation += " This capture does not show that it had worked before."
	}
	if left {
		f.Recovered = s.recovered(group, o.last)
		if known {
			f.Because = append(f.Because, "later connections to the Service go elsewhere: it was removed")
		}
	} else {
		f.Explanation += " The capture does not show whether all of them were removed from the Service since: a pod that crashed and stays an endpoint " +
			"looks the same."
	}
	for _, x := range s.endedWith(group, most) {
		f.covers = append(f.covers, x)
		for i := range x.Examples {
			if len(f.Connections) < maxConnections {
				f.Connections = append(f.Connections, x.Examples[i].ID)
			}
		}
	}
	return f.fill()
}

// byService puts calls of a Service before those of its pods.
func byService(h hit) int {
	if h.reach.Service.IsValid() {
		return 0
	}
	return 1
}

// callsOf counts the calls to the Services of backends that ended, and those to it and its others directly by the same clients.
func (s *scene) callsOf(group []ended) uint64 {
	services, direct := map[netip.AddrPort]bool{}, map[netip.Addr]bool{}
	backends := map[netip.AddrPort]bool{}
	for _, e := range group {
		for b := range e.others.backends {
			backends[b] = true
		}
		for _, h := range e.cause.hits {
			backends[h.reach.Backend] = true
			if h.reach.Service.IsValid() {
				services[h.reach.Called] = true
			} else {
				direct[h.reach.Client] = true
			}
		}
	}
	n := uint64(0)
	begun := func(y *fact.Reach) bool { return y.Proto == fact.TCP && y.Signs&fact.SignMidstream == 0 }
	for a := range services {
		for _, y := range s.byCalled[a] {
			if begun(y) {
				n += y.Count
			}
		}
	}
	for a := range backends {
		for _, y := range s.byBackend(a) {
			if begun(y) && direct[y.Client] && !y.Service.IsValid() && !services[y.Called] {
				n += y.Count
			}
		}
	}
	return n
}

// recovered returns when a call to one of the Services first began after a time that worked, 0 for none.
func (s *scene) recovered(group []ended, after int64) int64 {
	backends := map[netip.AddrPort]bool{}
	for _, e := range group {
		for b := range e.others.backends {
			backends[b] = true
		}
	}
	first := int64(0)
	for b := range backends {
		for _, y := range s.byBackend(b) {
			if y.Proto != fact.TCP || y.Outcome != fact.OK || y.LastStart <= after {
				continue
			}
			for k := range y.Examples {
				if t := y.Examples[k].Start; t > after && (first == 0 || t < first) {
					first = t
				}
			}
		}
	}
	return first
}

// unseen returns the Service's calls that failed meanwhile and were seen nowhere behind the client's interface: so it is with those to a pod of
// the client's own node that is gone, which no interface leads to.
func (s *scene) unseen(r *Rule, group []ended) []hit {
	const gone = 10e9
	type span struct{ from, to int64 }
	services := map[netip.AddrPort]span{}
	for _, e := range group {
		for _, h := range e.cause.hits {
			if t, ok := services[h.reach.Called]; h.reach.Service.IsValid() {
				if !ok {
					t = span{e.others.first, e.others.last}
				}
				services[h.reach.Called] = span{min(t.from, e.others.first), max(t.to, e.others.last)}
			}
		}
	}
	var ways []*fact.Reach
	for a := range services {
		ways = append(ways, s.byCalled[a]...)
	}
	var list []hit
	for _, y := range s.openAmong(r, s.inOrder(ways), func(y *fact.Reach) bool {
		t := services[y.Called]
		return y.Proto == fact.TCP && !y.Backend.IsValid() && (y.Outcome == fact.Hang || y.Outcome == fact.Unreachable) && y.Phase == fact.PhaseHandshake &&
			y.First >= t.from && y.LastStart <= t.to+gone
	}) {
		p := placeOf(&y.Examples[0])
		if len(group) == 1 {
			p.Backend = refuser(group[0].cause.hits[0].reach)
		}
		list = append(list, hit{y, &y.Examples[0], p})
	}
	return list
}

// endedWith returns what else failed because backends stopped: connections to them that were open, and the kubelet's probes of them and of the
// Service's other backends that stopped when nobody called them. Of each host it looks at most ways.
func (s *scene) endedWith(group []ended, most int) []*fact.Reach {
	since := map[netip.Addr]int64{}
	for _, e := range group {
		a := refuser(e.cause.hits[0].reach).Addr()
		since[a] = max(e.others.workedUntil, e.others.first-graceful)
	}
	for _, e := range group {
		for b := range e.others.backends {
			if _, ok := since[b.Addr()]; !ok {
				since[b.Addr()] = 0
			}
		}
	}
	var ways, list []*fact.Reach
	for a := range since {
		all := index(s, newFailingHosts)[a]
		ways = append(ways, all[:min(len(all), most)]...)
	}
	for _, y := range s.inOrder(ways) {
		t := since[y.Backend.Addr()]
		switch {
		case t != 0 && y.Last >= t && (y.Phase != fact.PhaseHandshake || s.probes(y)), t == 0 && s.probes(y) && s.stopsWorking(y):
			list = append(list, y)
		}
	}
	return list
}

// failingHosts has the ways of TCP that failed, by the host that they were to reach.
type failingHosts map[netip.Addr][]*fact.Reach

func newFailingHosts(s *scene) failingHosts {
	m := failingHosts{}
	for i := range s.Reach {
		if y := &s.Reach[i]; y.Failed() && y.Proto == fact.TCP {
			enter(m, y.Backend.Addr(), y)
		}
	}
	return m
}

// stopsWorking reports whether what x reaches had answered the same client before, and does not later.
func (s *scene) stopsWorking(x *fact.Reach) bool {
	last, ok := index(s, newLastAnswered)[clientAndBackend{x.Client, x.Backend}]
	return ok && last <= x.First
}

// lastAnswered has when the last call of a client to a backend began that worked.
type lastAnswered map[clientAndBackend]int64

func newLastAnswered(s *scene) lastAnswered {
	m := lastAnswered{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Signs&fact.SignAnswered == 0 || y.Outcome != fact.OK {
			continue
		}
		k := clientAndBackend{y.Client, y.Backend}
		if last, ok := m[k]; !ok || y.LastStart > last {
			m[k] = y.LastStart
		}
	}
	return m
}
