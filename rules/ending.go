package rules

import (
	"math"
	"net/netip"

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

func (s *scene) othersOf(c *cause) otherCalls {
	o := otherCalls{backends: map[netip.AddrPort]bool{}}
	ports, services := map[netip.AddrPort]bool{}, map[netip.AddrPort]bool{}
	type call struct {
		client netip.Addr
		port   uint16
	}
	// On the backend's node a call comes translated: the Service is its port then, as far as the same client calls it at other pods, too.
	direct := map[call]bool{}
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
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Proto != c.hits[0].reach.Proto || y.Outcome == fact.Refused || y.Signs&fact.SignAnswered == 0 {
			continue
		}
		if !ports[refuser(y)] && (services[y.Called] && y.Backend.IsValid() || !y.Service.IsValid() && direct[call{y.Client, refuser(y).Port()}]) {
			o.elsewhere = max(o.elsewhere, y.LastStart)
			o.backends[refuser(y)] = true
			if span := y.LastStart - max(y.First, o.last); span >= 0 {
				o.since += max(1, uint64(float64(y.Count)*float64(span)/float64(max(1, y.LastStart-y.First))))
			}
		}
		if !ports[refuser(y)] {
			continue
		}
		switch {
		case y.LastStart < o.first:
			o.workedUntil = max(o.workedUntil, y.LastStart)
		case y.First <= o.last:
			o.between = true
		case o.worksSince == 0 || y.First < o.worksSince:
			o.worksSince = y.First
		}
	}
	return o
}

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
