package rules

import "github.com/netsift/netsift/analyze/fact"

// example returns the first example that satisfies which, nil without one.
func example(r *fact.Reach, which func(*fact.Connection) bool) *fact.Connection {
	for i := range r.Examples {
		if c := &r.Examples[i]; which(c) {
			return c
		}
	}
	return nil
}

// captureOf returns the index of the capture that shows the beginning of a connection.
func captureOf(c *fact.Connection) int {
	for _, l := range c.Legs {
		for _, v := range l.Views {
			return v.Capture
		}
	}
	return 0
}

// hairpins reports whether a Service was translated to the client's own address.
func hairpins(x *fact.Reach) bool {
	return x.Service.IsValid() && x.Backend.IsValid() && x.Backend.Addr() == x.Client
}

// onlyComesIn reports whether all sightings of a connection are of its client's packets entering by one interface.
func onlyComesIn(c *fact.Connection) bool {
	if len(c.Legs) != 1 || len(c.Legs[0].Views) != 1 {
		return false
	}
	v := c.Legs[0].Views[0]
	return v.In() && v.Flow == fact.ToServer
}
