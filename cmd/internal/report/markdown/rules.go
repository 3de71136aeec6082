package markdown

import (
	"fmt"
	"io"
	"strings"

	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// layers are the parts of the catalogue, in its order.
var layers = []struct {
	layer rules.Layer
	title string
}{
	{rules.LayerDNS, "DNS"},
	{rules.LayerService, "Services"},
	{rules.LayerCNI, "Pod network (CNI)"},
	{rules.LayerApp, "Applications"},
	{rules.LayerCapture, "The capture itself"},
}

// Rules writes rules by layer: a table of all, then each in full. It is documentation, and shows no policy's changes.
func Rules(w io.Writer, list []policy.Rule) error {
	var b strings.Builder
	b.WriteString("# Rules\n\nWhat netsift can find. This page is generated from the rules themselves; `netsift rules ID` shows the same.\n")
	b.WriteString("\n| rule | layer | severity | |\n| --- | --- | --- | --- |\n")
	for i := range list {
		r := list[i].Rule
		fmt.Fprintf(&b, "| [%s](#%[1]s) | %s | %s | %s |\n", r.ID, r.Layer, r.Severity, strings.ReplaceAll(r.Title, "|", `\|`))
	}
	for _, l := range layers {
		first := true
		for i := range list {
			r := list[i].Rule
			if r.Layer != l.layer {
				continue
			}
			if first {
				fmt.Fprintf(&b, "\n## %s\n", l.title)
				first = false
			}
			rule(&b, r)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func rule(b *strings.Builder, r *rules.Rule) {
	fmt.Fprintf(b, "\n### %s\n\n**%s** (%s, %s)\n", r.ID, r.Title, r.Layer, r.Severity)
	para(b, "", r.Text)
	para(b, "Needs: ", r.Needs)
	bullets(b, "Why not something else", r.ToldFrom)
	if len(r.Explains) > 0 {
		para(b, "Explains and replaces: ", strings.Join(r.Explains, ", ")+".")
	}
	bullets(b, "What to do next", r.Steps())
	var roots []string
	for _, c := range r.Roots() {
		roots = append(roots, fmt.Sprintf("`%s`: %s", c.Kind, c.Text))
	}
	bullets(b, "With a [snapshot of the cluster](snapshot.md), the cause may be", roots)
	bullets(b, "Sources", r.Sources)
	if r.Since != "" {
		para(b, "Since ", r.Since+".")
	}
}

func para(b *strings.Builder, head, s string) {
	if s != "" {
		fmt.Fprintf(b, "\n%s%s\n", head, s)
	}
}

func bullets(b *strings.Builder, head string, list []string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n\n", head)
	for _, s := range list {
		fmt.Fprintf(b, "- %s\n", s)
	}
}
