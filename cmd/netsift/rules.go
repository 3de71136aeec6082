package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/markdown"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/rules/policy"
)

func rulesCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "rules",
		Usage:     "lists what can be found, or explains one of it",
		ArgsUsage: "[ID]",
		Description: `Where a policy is in force (netsift.yaml, or --config FILE), the rules are shown
as it has them: off, with another severity, and those of your own.`,
		Flags: append(append(outputFlags("text", "json", "markdown"), policyFlags()...),
			&cli.BoolFlag{
				Name: "check-config", Category: categorySelect,
				Usage: "only check the policy file: exits with 0 where it is right, with 2 and all that is wrong where it isn't",
			},
		),
		Action: func(c *cli.Context) error {
			if c.Bool("check-config") {
				return checkConfig(e, c)
			}
			return showRules(e, c)
		},
	}
}

func showRules(e *Env, c *cli.Context) error {
	form, err := choice(c, "output", "text", "json", "markdown")
	if err != nil {
		return err
	}
	opt, err := textOptions(e, c)
	if err != nil {
		return err
	}
	p, err := loadPolicy(e, c)
	if err != nil {
		return err
	}
	list := p.Effective()
	switch c.NArg() {
	case 0:
	case 1:
		r, err := findRule(list, c.Args().First())
		if err != nil {
			return err
		}
		list = []policy.Rule{*r}
	default:
		return usagef("rules takes one rule at a time; netsift rules lists them")
	}
	out := newOutput(e, c)
	switch {
	case form == "json":
		err = json.Rules(out, list)
	case form == "markdown":
		err = markdown.Rules(out, list)
	case c.NArg() == 1:
		err = text.Rule(out, &list[0], opt)
	default:
		err = text.Rules(out, list, opt)
	}
	return out.Close(err)
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
func checkConfig(e *Env, c *cli.Context) error {
	if c.NArg() > 0 {
		return usagef("--check-config takes no rule; name the file with --config %s", c.Args().First())
	}
	p, err := loadPolicy(e, c)
	if err != nil {
		return err
	}
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
	_, err = fmt.Fprintf(e.Stdout, "%s is right: rules off: %d, severities changed: %d, suppressions: %d, rules of your own: %d\n",
		report.Clean(p.File), off, changed, len(p.Suppressions), len(p.Rules))
	return err
}
