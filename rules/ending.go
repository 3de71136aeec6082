package rules

import (
	"cmp"
	"math"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// refuser returns who refused: the backend, or the address called where no translation was seen.
func refuser(x *fact.Reach) netip.AddrPort {
	if x.Backend.IsValid() {
		return x.Backend
	}
	return x.Called
}

// otherCalls is what became of other calls to a host that failed some, and to the Services that it is a backend of.
type otherCalls struct {
	// first and last bound the beginnings of those that failed.
	first, last int64
	// workedUntil and worksSince are when the last call before the first failure began that worked, and the first one after the last; 0 for none.
	workedUntil, worksSince int64
	// between says that calls worked meanwhile, or by one and the same way before and after.
	between bool
	// elsewhere is when the last call to one of its Services began that another backend took, 0 for none. since counts those that began after
	// the last failure, as good as it is known from first, last and number; backends are those that took them.
	elsewhere int64
	since     uint64
	backends  map[netip.AddrPort]bool
}

// othersOf returns what became of other calls than those of a cause. Of each list that may hold some it looks at the latest most.
func (s *scene) othersOf(c *cause, most int) otherCalls {
	o := otherCalls{backends: map[netip.AddrPort]bool{}}
	ports, services := map[netip.AddrPort]bool{}, map[netip.AddrPort]bool{}
	// On the backend's node a call comes translated: the Service is its port then, as far as the same client calls it at other pods, too.
	direct := map[call]bool{}
	answered := index(s, newAnsweredCalls)
	for _, h := range c.hits {
		x := h.reach
		ports[refuser(x)] = true
		if x.Service.IsValid() {
			services[x.Called] = true
		} else if !s.probes(x) {
			direct[call{x.Client, refuser(x).Port()}] = true
		}
		if o.first == 0 || x.First < o.first {
			o.first = x.First
		}
		o.last = max(o.last, x.LastStart)
	}
	proto := c.hits[0].reach.Proto
	for at := range services {
		for _, y := range newest(answered.byCalled[at], most) {
			if y.Backend.IsValid() && y.Proto == proto && !ports[y.Backend] {
				o.goesElsewhere(y)
			}
		}
	}
	for at := range direct {
		for _, y := range newest(answered.byCall[at], most) {
			if !y.Service.IsValid() && y.Proto == proto && !ports[refuser(y)] && !(services[y.Called] && y.Backend.IsValid()) {
				o.goesElsewhere(y)
			}
		}
	}
	for at := range ports {
		for _, y := range newest(answered.byHost[at], most) {
			if y.Proto == proto {
				o.sameHost(y)
			}
		}
	}
	return o
}

// goesElsewhere enters a call to one of the host's Services that another backend took.
func (o *otherCalls) goesElsewhere(y *fact.Reach) {
	o.elsewhere = max(o.elsewhere, y.LastStart)
	o.backends[refuser(y)] = true
	if span := y.LastStart - max(y.First, o.last); span >= 0 {
		o.since += max(1, uint64(float64(y.Count)*float64(span)/float64(max(1, y.LastStart-y.First))))
	}
}

// sameHost enters a call that the host itself took.
func (o *otherCalls) sameHost(y *fact.Reach) {
	switch {
	case y.LastStart < o.first:
		o.workedUntil = max(o.workedUntil, y.LastStart)
	case y.First <= o.last:
		o.between = true
	case o.worksSince == 0 || y.First < o.worksSince:
		o.worksSince = y.First
	}
}

// call is a client, and the port that it called directly.
type call struct {
	client netip.Addr
	port   uint16
}

// answeredCalls lists the ways that were answered, and not by a refusal, in the order in which they were last begun: by what was called, by client
// and port, and by who answered.
type answeredCalls struct {
	byCalled, byHost map[netip.AddrPort][]*fact.Reach
	byCall           map[call][]*fact.Reach
}

func newAnsweredCalls(s *scene) *answeredCalls {
	a := &answeredCalls{byCalled: map[netip.AddrPort][]*fact.Reach{}, byHost: map[netip.AddrPort][]*fact.Reach{}, byCall: map[call][]*fact.Reach{}}
	var list []*fact.Reach
	for i := range s.Reach {
		if y := &s.Reach[i]; y.Outcome != fact.Refused && y.Signs&fact.SignAnswered != 0 {
			list = append(list, y)
		}
	}
	slices.SortStableFunc(list, func(a, b *fact.Reach) int { return cmp.Compare(a.LastStart, b.LastStart) })
	for _, y := range list {
		enter(a.byCalled, y.Called, y)
		enter(a.byHost, refuser(y), y)
		enter(a.byCall, call{y.Client, refuser(y).Port()}, y)
	}
	return a
}

// newest returns the last most of a list.
func newest(list []*fact.Reach, most int) []*fact.Reach { return list[max(0, len(list)-most):] }

// inTurns reports whether the host refuses at times and accepts at others: then something listens there, and who refuses is somebody else
// with its address, or it has a queue that is full at times.
func (o *otherCalls) inTurns() bool { return o.between }

// ending reports whether the failures are those of an endpoint that ends: its process stops listening at SIGTERM, and kube-proxy takes it out some
// time later (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination). It had worked just before, or it is not
// chosen any more, while the Service's others go on.
func (o *otherCalls) ending() bool {
	if o.elsewhere == 0 || o.worksSince != 0 {
		return false
	}
	if o.workedUntil != 0 {
		return o.last-o.workedUntil < graceful
	}
	return o.last-o.first < graceful && o.leftOut()
}

// leftOut reports whether the Service's calls since the last failure passed the host by: one backend of n is missed by all of them with a
// chance of (1-1/n)^since, less than one in a hundred.
func (o *otherCalls) leftOut() bool {
	return float64(o.since)*math.Log1p(1/float64(len(o.backends))) >= math.Log(100)
}
