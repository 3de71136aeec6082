package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/rules"
)

// Bounds on the findings kept for one rule. Counts stay exact.
const (
	maxGroups = 50     // findings of a rule
	maxPlaces = 10_000 // places of a rule that are told apart
)

// collector gathers the values that meet the condition of a rule.
type collector struct {
	rule *UserRule
	// shown gathers the same values in their disguise; nil if the report has none.
	shown  *collector
	groups []*group
	byKey  map[string]*group
	places int
	// failed counts the values for which the condition could not be evaluated, why is the first reason. crowded is set if
	// there were more groups than are kept.
	failed  uint64
	why     string
	crowded bool
}

func newCollector(u *UserRule) *collector {
	return &collector{rule: u, byKey: map[string]*group{}}
}

// group becomes one finding.
type group struct {
	key string
	// met counts the connections, lookups or findings that meet the condition, count the hits of these findings.
	met, count  uint64
	first, last int64
	places      []*spot
	byPlace     map[rules.Place]*spot
	evidence    []rules.Evidence
	connections []string
	nodes       []netip.Addr
	chosen      bool
}

// spot is a place and the texts of the first that was found there.
type spot struct {
	rules.Affected
	title, text string
	steps       []string
}

// meets reports whether a value meets the rule's condition.
func (c *collector) meets(e *evaluator, env any) bool {
	ok, err := e.truth(c.rule.when, env)
	if err != nil {
		if c.failed++; c.why == "" {
			c.why = err.Error()
		}
	}
	return ok
}

// add counts a value that meets the condition.
func (c *collector) add(e *evaluator, env any, h hit) {
	key := h.key(c.rule.GroupBy)
	g := c.byKey[key]
	if g == nil && len(c.groups) == maxGroups {
		g = c.groups[maxGroups-1]
		c.crowded = true
	}
	if g == nil {
		g = &group{key: key, byPlace: map[rules.Place]*spot{}, first: h.first}
		c.byKey[key] = g
		c.groups = append(c.groups, g)
	}
	g.met++
	g.count += h.count
	g.chosen = g.chosen || h.chosen
	g.first, g.last = min(g.first, h.first), max(g.last, h.last)
	for _, p := range h.places {
		c.place(e, env, g, p)
	}
	// A few frames of each, so that the evidence is not all of the first.
	for _, x := range h.evidence[:min(len(h.evidence), evidenceEach)] {
		same := func(y rules.Evidence) bool { return y.Ref == x.Ref }
		if len(g.evidence) < rules.MaxEvidence && !slices.ContainsFunc(g.evidence, same) {
			g.evidence = append(g.evidence, x)
		}
	}
	for _, id := range h.connections {
		if len(g.connections) < rules.MaxConnections && !slices.Contains(g.connections, id) {
			g.connections = append(g.connections, id)
		}
	}
	if g.nodes == nil {
		g.nodes = h.nodes
	}
}

// evidenceEach is how many frames of one connection are cited, so that there is room for those of others.
const evidenceEach = 5

func (c *collector) place(e *evaluator, env any, g *group, p rules.Affected) {
	s := g.byPlace[p.Place]
	if s == nil {
		if c.places >= maxPlaces {
			return
		}
		c.places++
		s = &spot{Affected: rules.Affected{Place: p.Place}}
		u := c.rule
		s.title, _ = u.title.fill(e, env, false)
		s.text, _ = u.text.fill(e, env, false)
		for i := range u.steps {
			if step, all := u.steps[i].fill(e, env, true); all { // half a command is none
				s.steps = append(s.steps, step)
			}
		}
		g.byPlace[p.Place] = s
		g.places = append(g.places, s)
	}
	s.Count += p.Count
}

// findings returns the finding of each group.
func (c *collector) findings() []rules.Finding {
	var list []rules.Finding
	var keys []string
	for _, g := range c.groups {
		if g.met >= c.rule.AtLeast {
			list = append(list, c.finding(g))
			keys = append(keys, g.key)
		}
	}
	rules.Identify(list, keys)
	return list
}

func (c *collector) finding(g *group) rules.Finding {
	r := &c.rule.Rule
	slices.SortStableFunc(g.places, func(a, b *spot) int { return cmp.Compare(b.Count, a.Count) })
	f := rules.Finding{
		Rule: r.ID, Layer: r.Layer, Severity: r.Severity, Certainty: rules.Shown,
		AffectedTotal: len(g.places), Nodes: g.nodes, First: g.first, Last: g.last, Count: g.count,
		Evidence: g.evidence, Connections: g.connections, Chosen: g.chosen,
		Because: []string{fmt.Sprintf("%s for which this holds: %s", many(g.met, c.rule.Over), strings.Join(strings.Fields(c.rule.When), " "))},
		Title:   r.Title, Explanation: r.Text, NextSteps: r.NextSteps,
	}
	for _, s := range g.places[:min(len(g.places), rules.MaxAffected)] {
		f.Affected = append(f.Affected, s.Affected)
	}
	if len(g.places) > 0 {
		s := g.places[0]
		f.Place, f.Title, f.Explanation, f.NextSteps = s.Place, s.title, s.text, s.steps
		if c.crowded && g == c.groups[maxGroups-1] {
			f.Title += " (and others)"
		}
	}
	if f.Explanation == "" {
		f.Explanation = "A rule of your own says so."
	}
	return f
}

// many returns "1 connection" or "2 connections".
func many(n uint64, what string) string {
	if n == 1 {
		what = strings.TrimSuffix(what, "s")
	}
	return fmt.Sprintf("%d %s", n, what)
}
