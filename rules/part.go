package rules

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// Where a part of the captures is asked for (fact.Facts.Part), rules judge everything all the same: what tells one fault from another may lie
// outside of it. Findings, verdict and account are about what is asked for.

// asked returns how many connections of a way are asked for.
func (s *scene) asked(x *fact.Reach) uint64 {
	if s.Part == nil {
		return x.Count
	}
	return x.Chosen
}

// asksFor reports whether something that a finding covers is asked for. So is a lookup with the connection that its queries went over, which alone has
// ports and tunnels, and one that explains in the account why a connection failed: what it explains must not be left without it.
func (s *scene) asksFor(x any) bool {
	if s.Part == nil {
		return true
	}
	switch x := x.(type) {
	case *fact.Reach:
		return x.Chosen > 0
	case *fact.Lookup:
		is := x.Chosen
		queries(x, func(_ *fact.Candidate, q *fact.Query) bool {
			_, c := s.connection(q)
			is = is || c != nil && c.Chosen || index(s, newTroubled)[dnsPair{x.Client, q.Server}]
			return !is
		})
		return is
	case *fact.Plain:
		return x.Chosen > 0
	}
	return true
}

// isOfPart reports whether a finding is about something that is asked for, or about the capture: what that lacks it lacks for every part. One about no
// connection and no lookup, as of a tunnel whose connections all go well, is of the part where its addresses are.
func (s *scene) isOfPart(f *Finding) bool {
	return f.Layer == LayerCapture || slices.ContainsFunc(f.covers, s.asksFor) || len(f.covers) == 0 && s.asksAt(f)
}

// asksAt reports whether an address of a finding's place or one of its nodes is asked for, or connections that are have an address of its place or run
// between its nodes.
func (s *scene) asksAt(f *Finding) bool {
	at := index(s, newAskedAt)
	ends := []netip.Addr{f.Client, f.Service.Addr(), f.Backend.Addr(), f.Server.Addr()}
	return slices.ContainsFunc(ends, func(a netip.Addr) bool { return at.passed[a] }) ||
		slices.ContainsFunc(append(ends, f.Nodes...), func(a netip.Addr) bool { return at.addresses[a] }) ||
		len(f.Nodes) == 2 && at.tunnels[pairOf(f.Nodes[0], f.Nodes[1])]
}

// askedAt is where what is asked for is: addresses that are themselves, and where connections that are pass.
type askedAt struct {
	addresses, passed map[netip.Addr]bool
	// tunnels have both ends in order.
	tunnels map[[2]netip.Addr]bool
}

func newAskedAt(s *scene) askedAt {
	at := askedAt{map[netip.Addr]bool{}, map[netip.Addr]bool{}, map[[2]netip.Addr]bool{}}
	for _, a := range s.Part.Addresses {
		at.addresses[a] = true
	}
	for i := range s.Reach {
		x := &s.Reach[i]
		if x.Chosen == 0 {
			continue
		}
		for k := range x.Examples {
			for _, l := range x.Examples[k].Legs {
				at.passed[l.Src.Addr()], at.passed[l.Dst.Addr()] = true, true
				for _, e := range l.Encap {
					at.passed[e.Src], at.passed[e.Dst] = true, true
					at.tunnels[pairOf(e.Src, e.Dst)] = true
				}
			}
		}
	}
	return at
}

// ofPart returns the findings of the part that is asked for; elsewhere counts the others at warning or above.
func ofPart(found []Finding) (list []Finding, elsewhere int) {
	list = slices.DeleteFunc(found, func(f Finding) bool {
		if !f.Chosen && f.Severity >= Warning {
			elsewhere++
		}
		return !f.Chosen
	})
	return list, elsewhere
}

// examplesOf returns the examples of a way that are asked for, or all if none of those is kept.
func (s *scene) examplesOf(x *fact.Reach) []fact.Connection {
	if s.Part == nil || x.Chosen == x.Count {
		return x.Examples
	}
	var list []fact.Connection
	for i := range x.Examples {
		if x.Examples[i].Chosen {
			list = append(list, x.Examples[i])
		}
	}
	if list == nil {
		return x.Examples
	}
	return list
}

// extent returns how many connections and lookups a verdict is on.
func (s *scene) extent() (connections, lookups uint64) {
	if s.Part != nil {
		return s.Part.Connections, s.Part.Lookups
	}
	return s.Totals.Connections, s.Totals.Lookups
}

// extentText says how many these are.
func extentText(connections, lookups uint64) string {
	return fmt.Sprintf("%s and %s", count(connections, "connection", "connections"), count(lookups, "name lookup", "name lookups"))
}

// troubled has the clients, and what they called, of connections that are asked for and failed, or were late.
type troubled map[dnsPair]bool

func newTroubled(s *scene) troubled {
	t := troubled{}
	for i := range s.Reach {
		if x := &s.Reach[i]; x.Chosen > 0 && (x.Failed() || x.Late()) {
			t[dnsPair{x.Client, x.Called}] = true
		}
	}
	return t
}
