package policy

import (
	"slices"

	"github.com/netsift/netsift/rules"
)

// WithSelection returns p with the selection of a call, which overrides the rules that the file turns on and off.
func (p *Policy) WithSelection(text string) (*Policy, error) {
	s, err := ParseSelection(text, p.ids())
	if err != nil {
		return nil, err
	}
	q := *p
	q.Select, q.flag = s, true
	return &q, nil
}

// On reports whether a rule's findings are reported.
func (p *Policy) On(id string) bool {
	return p.Select.On(id) && (p.flag || !p.Off[id])
}

// Rule is a rule as a policy has it.
type Rule struct {
	*rules.Rule
	// On says whether its findings are reported.
	On bool
	// Severity is the one that the policy gives all its findings, 0 if they keep their own.
	Severity rules.Severity
	// Settings are the thresholds that it goes by.
	Settings []Setting
}

// Effective returns the severity that its findings have: if they differ, the worst.
func (r *Rule) Effective() rules.Severity {
	if r.Severity != 0 {
		return r.Severity
	}
	return r.Rule.Severity
}

// Setting is a threshold and its value.
type Setting struct {
	Name, Value, Default, Text string
}

// Effective returns all rules, the user's own at the end, as the policy has them.
func (p *Policy) Effective() []Rule {
	var list []Rule
	add := func(r *rules.Rule) {
		x := Rule{Rule: r, On: p.On(r.ID), Severity: p.Severity[r.ID]}
		for i := range thresholds {
			if t := &thresholds[i]; slices.Contains(t.Rules, r.ID) {
				x.Settings = append(x.Settings, Setting{t.Name, t.Value(p.Limits), t.Default(), t.Text})
			}
		}
		list = append(list, x)
	}
	for _, r := range rules.Catalogue() {
		add(r)
	}
	for _, u := range p.Rules {
		add(&u.Rule)
	}
	return list
}
