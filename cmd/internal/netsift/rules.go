package netsift

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/markdown"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/rules/policy"
)

// rulesRequest is a request for rules.
type rulesRequest struct {
	*request
	policy *policy.Policy
	// ids ask for these rules, in full; without any all are listed.
	ids []string
	// check has the policy checked and nothing else.
	check bool
}

func runRules(_ context.Context, e *Env, q *rulesRequest) error {
	if q.check {
		return checkConfig(e, q.policy)
	}
	list := q.policy.Effective()
	if len(q.ids) > 0 {
		var chosen []policy.Rule
		for _, id := range q.ids {
			r, err := findRule(list, id)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(chosen, func(x policy.Rule) bool { return x.ID == r.ID }) { // findings of one rule are often asked about together
				chosen = append(chosen, *r)
			}
		}
		list = chosen
	}
	switch {
	case q.form == "json":
		return q.out.Close(json.Rules(q.out, list))
	case q.form == "markdown":
		return q.out.Close(markdown.Rules(q.out, list))
	case len(q.ids) > 0:
		return q.out.Close(text.RulesInFull(q.out, list, q.text))
	}
	return q.out.Close(text.Rules(q.out, list, q.text))
}

// findRule returns the rule with this id; a finding's own id (cni-mtu-blackhole:4f2a) does as well.
func findRule(list []policy.Rule, id string) (*policy.Rule, error) {
	slug, _, _ := strings.Cut(strings.ToLower(id), ":")
	i := slices.IndexFunc(list, func(r policy.Rule) bool { return r.ID == slug })
	if i >= 0 {
		return &list[i], nil
	}
	var near []string
	for _, r := range list {
		if slug != "" && strings.Contains(r.ID, slug) {
			near = append(near, r.ID)
		}
	}
	hint := ""
	if len(near) > 0 {
		hint = "; did you mean " + strings.Join(near, ", ") + "?"
	}
	return nil, usagef("unknown rule %q%s (netsift rules lists them)", id, hint)
}

// checkConfig says whether the policy file is right, and what is in it.
func checkConfig(e *Env, p *policy.Policy) error {
	if p.File == "" {
		return usagef("there is no %s in the current directory; name the file with --config", policyFile)
	}
	off, changed := 0, 0
	for _, r := range p.Effective() {
		switch {
		case !r.On:
			off++
		case r.Effective() != r.Rule.Severity:
			changed++
		}
	}
	_, err := fmt.Fprintf(e.Stdout, "%s is right: rules off: %d, severities changed: %d, suppressions: %d, rules of your own: %d\n",
		report.Clean(p.File), off, changed, len(p.Suppressions), len(p.Rules))
	return err
}
