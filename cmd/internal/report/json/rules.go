package json

import (
	"io"

	"github.com/netsift/netsift/rules"
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
	ID       string `json:"id"`
	Layer    string `json:"layer"`
	Severity string `json:"severity"`
	Title    string `json:"title"`
	// Text is what it means, Needs the positive evidence without which there is no finding.
	Text  string `json:"text"`
	Needs string `json:"needs"`
	// Explains lists the rules whose findings about the same places it takes the place of.
	Explains  []string `json:"explains"`
	ToldFrom  []string `json:"told_from"`
	NextSteps []string `json:"next_steps"`
	Sources   []string `json:"sources"`
	Since     *string  `json:"since"`
}

// Rules writes rules as one object.
func Rules(w io.Writer, list []*rules.Rule) error {
	return write(w, RulesDocument{RulesSchema, each(list, func(p **rules.Rule) Rule {
		r := *p
		return Rule{
			r.ID, string(r.Layer), r.Severity.String(), r.Title, r.Text, r.Needs, orEmpty(r.Explains), orEmpty(r.ToldFrom), orEmpty(r.NextSteps),
			orEmpty(r.Sources), text(r.Since),
		}
	})}, "  ")
}
