package policy

import (
	"errors"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// Disguise makes the copies that a report shows instead of the originals, with other addresses and names.
type Disguise interface {
	Connection(*fact.Connection) *fact.Connection
	Lookup(*fact.Lookup) *fact.Lookup
}

// Hidden stands in a disguised report for words that the user wrote into the policy: they may name anybody.
const Hidden = "(redacted)"

// DisguisedReview is Review for a report that shows things in a disguise. A policy speaks of the originals: so conditions look
// at them, and findings are made of their disguise.
func (p *Policy) DisguisedReview(d Disguise) *Review {
	v := p.Review()
	v.disguise = d
	i := 0
	for n, u := range p.Rules {
		if p.On(u.Rule.ID) {
			v.collectors[i].shown = newCollector(u.disguised(n))
			i++
		}
	}
	return v
}

// Disguised is Effective without the words that the user chose for rules of his own, their ids among them.
func (p *Policy) Disguised() []Rule {
	list := p.Effective()
	own := list[len(list)-len(p.Rules):]
	for n := range own {
		own[n].Rule = &p.Rules[n].disguised(n).Rule
	}
	return list
}

// disguised returns the rule as a disguised report has it; n is its place in the file.
func (u *UserRule) disguised(n int) *UserRule {
	words := func(s string) template { return template{parts: []part{{text: s}}} }
	x := *u
	x.Rule = rules.Rule{
		ID: "user-" + strconv.Itoa(n+1), Layer: u.Rule.Layer, Severity: u.Rule.Severity,
		Title: "a rule of the user's own " + Hidden, Text: "What the user wrote of this rule is not in this report.", Needs: u.Over + " for which a condition holds",
	}
	x.When, x.title, x.text, x.steps = Hidden, words(x.Rule.Title), words(x.Rule.Text), nil
	return &x
}

// twin is a finding as it is and as it is shown: the same one, if nothing is disguised.
type twin struct{ is, shown *rules.Finding }

// twins pairs findings with themselves in disguise.
func twins(is, shown []rules.Finding) []twin {
	list := make([]twin, min(len(is), len(shown)))
	for i := range list {
		list[i] = twin{&is[i], &shown[i]}
	}
	return list
}

// ErrDisguised reports that rules found other things in the disguise than without it, so that the policy can't be applied to
// them.
var ErrDisguised = errors.New("the policy can't be applied to what is shown: its findings are others")

// DisguisedFindings is Findings for a disguised report: it takes the findings on the originals and those on the disguise, and
// returns the latter.
func (v *Review) DisguisedFindings(is, shown []rules.Finding) ([]rules.Finding, error) {
	if !v.policy.particular() {
		return v.Findings(shown), nil // nothing that anybody could take for something else
	}
	if !alike(is, shown) {
		return nil, ErrDisguised
	}
	list := v.decide(twins(is, shown))
	if v.astray {
		return nil, ErrDisguised
	}
	return list, nil
}

// particular reports whether a policy speaks of single connections, lookups or findings, and not of rules only.
func (p *Policy) particular() bool { return len(p.Suppressions) > 0 || len(p.Rules) > 0 }

// alike reports whether two lists hold the same findings, as far as a disguise leaves them: rules of the user's own have other ids
// in it.
func alike(a, b []rules.Finding) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := &a[i], &b[i]
		own := strings.HasPrefix(x.Rule, "user-") && strings.HasPrefix(y.Rule, "user-")
		if x.Rule != y.Rule && !own || x.Severity != y.Severity || x.Count != y.Count || x.First != y.First || x.Last != y.Last || x.AffectedTotal != y.AffectedTotal {
			return false
		}
	}
	return true
}
