package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// Review applies a policy to one analysis. Its Connection and Lookup are for the engine's callbacks, Findings is for
// rules.JudgeWith.
type Review struct {
	policy     *Policy
	collectors []*collector
	used       []use // of each suppression
	suppressed []Suppressed
	evaluator  evaluator
	// disguise is nil if the report shows things as they are. astray is set if the user's rules found other things in the
	// disguise than without it.
	disguise Disguise
	astray   bool
}

// use records the effect of a suppression.
type use struct {
	// matched: it fit a place of a finding. kept: a finding was reported all the same because of another place. late: it
	// would have fit a finding but for its date.
	matched    bool
	kept, late string
}

// Suppressed is a finding that is known and accepted.
type Suppressed struct {
	rules.Finding
	// Reasons are those of the suppressions that fit it: one for most, several where they fit different places of it.
	Reasons []string
}

// Review returns the state of the policy for one analysis.
func (p *Policy) Review() *Review {
	v := &Review{policy: p, used: make([]use, len(p.Suppressions))}
	for _, u := range p.Rules {
		if p.On(u.Rule.ID) {
			v.collectors = append(v.collectors, newCollector(u))
		}
	}
	return v
}

// Watches reports whether rules of the user's own want to see connections and lookups.
func (v *Review) Watches() (connections, lookups bool) {
	for _, c := range v.collectors {
		connections = connections || c.rule.Over == overConnections
		lookups = lookups || c.rule.Over == overLookups
	}
	return connections, lookups
}

// Connection shows a connection to the user's rules.
func (v *Review) Connection(c *fact.Connection) {
	env := newConnection(c)
	for _, x := range v.collectors {
		if x.rule.Over == overConnections && x.meets(&v.evaluator, env) {
			x.add(&v.evaluator, env, connectionHit(c))
			if x.shown != nil {
				d := v.disguise.Connection(c)
				x.shown.add(&v.evaluator, newConnection(d), connectionHit(d))
			}
		}
	}
}

// Lookup shows a lookup to the user's rules.
func (v *Review) Lookup(l *fact.Lookup) {
	env := newLookup(l)
	for _, x := range v.collectors {
		if x.rule.Over == overLookups && x.meets(&v.evaluator, env) {
			x.add(&v.evaluator, env, lookupHit(l))
			if x.shown != nil {
				d := v.disguise.Lookup(l)
				x.shown.add(&v.evaluator, newLookup(d), lookupHit(d))
			}
		}
	}
}

// Findings returns the findings to be reported of those that the catalogue's rules made: without those that are off or
// suppressed, with the severities that the policy gives them, and with those of the user's own rules.
func (v *Review) Findings(found []rules.Finding) []rules.Finding {
	return v.decide(twins(found, found))
}

func (v *Review) decide(found []twin) []rules.Finding {
	list := v.admit(found)
	for _, c := range v.collectors {
		if c.rule.Over != overFindings {
			list = append(list, v.admit(v.found(c))...)
		}
	}
	// Rules over findings see those that are reported, and not each other's.
	var over []twin
	for _, c := range v.collectors {
		if c.rule.Over != overFindings {
			continue
		}
		for _, x := range list {
			if env := newFinding(x.is); c.meets(&v.evaluator, env) {
				c.add(&v.evaluator, env, findingHit(x.is))
				if c.shown != nil {
					c.shown.add(&v.evaluator, newFinding(x.shown), findingHit(x.shown))
				}
			}
		}
		over = append(over, v.found(c)...)
	}
	var shown []rules.Finding
	for _, x := range append(list, v.admit(over)...) {
		shown = append(shown, *x.shown)
	}
	return shown
}

// found returns the findings of a rule of the user's own.
func (v *Review) found(c *collector) []twin {
	is := c.findings()
	if c.shown == nil {
		return twins(is, is)
	}
	shown := c.shown.findings()
	v.astray = v.astray || !alike(is, shown)
	return twins(is, shown)
}

func (v *Review) admit(found []twin) []twin {
	var list []twin
	for _, x := range found {
		if !v.policy.On(x.is.Rule) {
			continue
		}
		if s, ok := v.policy.Severity[x.is.Rule]; ok {
			x.is.Severity, x.shown.Severity = s, s
		}
		if reasons := v.suppress(x); reasons != nil {
			v.suppressed = append(v.suppressed, Suppressed{*x.shown, reasons})
			continue
		}
		list = append(list, x)
	}
	return list
}

// suppress returns the reasons for which a finding is not reported, nil if it is. A finding with several places is
// suppressed if each of them is: nothing disappears because it shares a cause with something that is accepted.
func (v *Review) suppress(x twin) []string {
	f := x.is
	var reasons []string
	places := make([]bool, len(f.Affected))
	var fits []int
	all := false
	for i := range v.policy.Suppressions {
		s := &v.policy.Suppressions[i]
		if !s.matchesRule(f) {
			continue
		}
		matched := s.place.any() || len(f.Affected) == 0 && s.place.matches(f.Place)
		all = all || matched && !s.late(f)
		for k := range f.Affected {
			if s.place.matches(f.Affected[k].Place) {
				matched = true
				places[k] = places[k] || !s.late(f)
			}
		}
		switch {
		case !matched:
			continue
		case s.late(f):
			v.used[i].late = x.shown.ID
			continue
		}
		v.used[i].matched = true
		fits = append(fits, i)
		reason := s.Reason
		if v.disguise != nil {
			reason = Hidden
		}
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	// The places beyond the listed ones are not known.
	if all || len(f.Affected) > 0 && f.AffectedTotal == len(f.Affected) && !slices.Contains(places, false) {
		return reasons
	}
	for _, i := range fits {
		v.used[i].kept = x.shown.ID
	}
	return nil
}

// late reports whether a finding goes on after the day until which a suppression holds.
func (s *Suppression) late(f *rules.Finding) bool { return s.Until != 0 && f.Last > s.Until }

// Suppressed returns the findings that are not reported because they are accepted.
func (v *Review) Suppressed() []Suppressed { return v.suppressed }

// Remarks returns remarks on the policy itself: suppressions that no longer do anything, and rules whose
// condition could not be evaluated. last is the time of the captures' last frame.
func (v *Review) Remarks(last int64) []string {
	var list []string
	for i := range v.policy.Suppressions {
		s := &v.policy.Suppressions[i]
		say := func(format string, args ...any) {
			list = append(list, fmt.Sprintf("%s:%d: the suppression of %s %s", v.policy.File, s.Line, s.Rule, fmt.Sprintf(format, args...)))
		}
		day := time.Unix(0, s.Until).UTC().Format(time.DateOnly)
		switch u := v.used[i]; {
		case u.late != "":
			say("expired after %s, so that %s is reported; renew it or remove it", day, u.late)
		case u.kept != "":
			say("fits some of the places of %s, which is reported because of the others", u.kept)
		case u.matched:
		case s.Until != 0 && last > s.Until:
			say("expired after %s; remove it", day)
		default:
			say("matched nothing; remove it, or check its conditions")
		}
	}
	for _, c := range v.collectors {
		if c.failed > 0 {
			list = append(list, fmt.Sprintf("%s:%d: rule %s could not be evaluated for %d of the %s, which count as not meeting it: %s",
				v.policy.File, c.rule.Line, c.rule.Rule.ID, c.failed, c.rule.Over, strings.ToLower(c.why)))
		}
		if c.crowded {
			list = append(list, fmt.Sprintf("%s:%d: rule %s would have more than %d findings; the rest are in its last one. group_by makes fewer",
				v.policy.File, c.rule.Line, c.rule.Rule.ID, maxGroups))
		}
	}
	return list
}
