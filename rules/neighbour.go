package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// neighbourFinding makes a finding about a neighbour, with the connections that it hurts as the places affected; without any the place is
// where, hit n times. The frames that show it come first.
func neighbourFinding(r *Rule, c *cause, where Place, n uint64, first, last int64, shown []Evidence) Finding {
	f := Finding{
		Rule: r.ID, Layer: r.Layer, Severity: r.Severity, Certainty: Shown,
		Explains: r.Explains, ToldFrom: r.ToldFrom, NextSteps: r.NextSteps, Place: where, Affected: []Affected{{Place: where, Count: n}}, AffectedTotal: 1,
		Count: n, First: first, Last: last, key: c.key,
	}
	if len(c.hits) > 0 {
		f = c.finding(r)
		f.First, f.Last = min(f.First, first), max(f.Last, last)
	}
	f.Evidence = append(shown, f.Evidence...)
	f.Evidence = f.Evidence[:min(len(f.Evidence), maxEvidence)]
	return f
}

// livesWithPods reports whether an address is a pod's, or lies where pods are.
func (s *scene) livesWithPods(a netip.Addr) bool {
	return s.Role(a) == fact.RolePod || s.Role(a) != fact.RoleNode && s.Cluster.NearPods(a)
}

// kindOf returns what an interface does.
func (s *scene) kindOf(p fact.Place) fact.InterfaceKind {
	if p.Mixed {
		return fact.InterfaceUnknown
	}
	return index(s, newKinds)[fact.Place{Capture: p.Capture, Interface: p.Interface}]
}

// kinds has what interfaces do, as far as that is known.
type kinds map[fact.Place]fact.InterfaceKind

func newKinds(s *scene) kinds {
	m := kinds{}
	for i := range s.Interfaces {
		x := &s.Interfaces[i]
		if p := (fact.Place{Capture: x.Capture, Interface: x.Index}); m[p] == fact.InterfaceUnknown {
			m[p] = x.Role.Kind
		}
	}
	return m
}

// asks names the question for a neighbour: "ARP: who has 10.244.1.1? Tell 10.244.1.5".
func asks(whom, who netip.Addr) string {
	if whom.Is4() {
		return fmt.Sprintf("ARP: who has %s? Tell %s", whom, who)
	}
	return fmt.Sprintf("neighbour solicitation of %s for %s", who, whom)
}

// claims names a claim of an address: "ARP: 10.244.2.8 is at 0a:58:0a:f4:02:08".
func claims(whose netip.Addr, c *fact.Claim) string {
	switch {
	case !whose.Is4() && c.Answer:
		return fmt.Sprintf("neighbour advertisement: %s is at %s", whose, c.MAC)
	case !whose.Is4():
		return fmt.Sprintf("neighbour discovery: %s sends from %s", whose, c.MAC)
	case c.Answer:
		return fmt.Sprintf("ARP: %s is at %s", whose, c.MAC)
	}
	return fmt.Sprintf("ARP: %s sends from %s", whose, c.MAC)
}

// resolution names the protocol that an address's neighbours are found by.
func resolution(a netip.Addr) string {
	if a.Is4() {
		return "ARP"
	}
	return "neighbour discovery"
}
