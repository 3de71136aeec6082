package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/markdown"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/rules"
)

func rulesCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "rules",
		Usage:     "lists what can be found, or explains one of it",
		ArgsUsage: "[ID]",
		Flags:     outputFlags("text", "json", "markdown"),
		Action:    func(c *cli.Context) error { return showRules(e, c) },
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
	list := rules.Catalogue()
	switch c.NArg() {
	case 0:
	case 1:
		r, err := findRule(list, c.Args().First())
		if err != nil {
			return err
		}
		list = []*rules.Rule{r}
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
		err = text.Rule(out, list[0], opt)
	default:
		err = text.Rules(out, list, opt)
	}
	return out.Close(err)
}

// findRule returns the rule with this id; a finding's own id (cni-mtu-blackhole:4f2a) does as well.
func findRule(list []*rules.Rule, id string) (*rules.Rule, error) {
	slug, _, _ := strings.Cut(strings.ToLower(id), ":")
	i := slices.IndexFunc(list, func(r *rules.Rule) bool { return r.ID == slug })
	if i >= 0 {
		return list[i], nil
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
