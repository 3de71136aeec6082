package json

import (
	"io"

	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// RulesSchema names the form of `netsift rules -o json`.
const RulesSchema = "netsift.rules/v1"

// RulesDocument is the catalogue.
type RulesDocument struct {
	Schema string `json:"schema"`
	Rules  []Rule `json:"rules"`
}

// Rule is what can be found, and what it means.
type Rule struct {
	ID    string `json:"id"`
	Layer string `json:"layer"`
	// Severity is that of its findings: DefaultSeverity, unless the policy says otherwise. Enabled is false where the
	// policy turns it off.
	Severity        string `json:"severity"`
	DefaultSeverity string `json:"default_severity"`
	Enabled         bool   `json:"enabled"`
	Title           string `json:"title"`
	// Text is what it means, Needs the positive evidence without which there is no finding.
	Text  string `json:"text"`
	Needs string `json:"needs"`
	// Explains lists the rules whose findings about the same places it takes the place of.
	Explains  []string `json:"explains"`
	ToldFrom  []string `json:"told_from"`
	NextSteps []string `json:"next_steps"`
	Sources   []string `json:"sources"`
	Since     *string  `json:"since"`
	// Roots are the kinds of root that a snapshot of the cluster may give its findings.
	Roots []RuleRoot `json:"roots"`
	// Thresholds are the numbers it goes by that a policy can set.
	Thresholds []Threshold `json:"thresholds"`
}

// RuleRoot is a kind of root, and what it says.
type RuleRoot struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// Threshold is a number that a rule goes by, as it is written in a policy.
type Threshold struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Default string `json:"default"`
	Text    string `json:"text"`
}

// Rules writes rules as one object.
func Rules(w io.Writer, list []policy.Rule) error {
	return write(w, RulesDocument{RulesSchema, each(list, func(r *policy.Rule) Rule {
		return Rule{
			r.ID, string(r.Layer), r.Effective().String(), r.Rule.Severity.String(), r.On, r.Title, r.Text, r.Needs, orEmpty(r.Explains), orEmpty(r.ToldFrom), orEmpty(r.Steps()),
			orEmpty(r.Sources), text(r.Since), each(r.Roots(), func(x *rules.Root) RuleRoot { return RuleRoot(*x) }), each(r.Settings, func(t *policy.Setting) Threshold { return Threshold(*t) }),
		}
	})}, "  ")
}
