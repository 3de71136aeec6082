package sarif

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

const (
	schemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	home      = "https://github.com/netsift/netsift"
	rulesPage = home + "/blob/main/docs/rules.md"
)

// Report writes r as one object. Suppressed findings are in it, marked as such.
func Report(w io.Writer, r *report.Report) error {
	p := &page{Report: r, ruleIndex: map[string]int{}}
	out := run{
		Tool:        tool{driver{Name: "netsift", Version: plain(r.Version), InformationURI: home, Rules: []rule{}}},
		Invocations: []invocation{p.invocation()},
		Artifacts:   []artifact{},
		Results:     []result{},
		Properties: map[string]any{"verdict": map[string]any{
			"layer": plain(string(r.Verdict.Layer)), "text": plain(r.Verdict.Text),
			"dns": plain(string(r.Verdict.DNS)), "service": plain(string(r.Verdict.Service)), "cni": plain(string(r.Verdict.CNI)),
		}},
	}
	a := &r.Verdict.Account
	out.Properties["account"] = map[string]any{"failed": a.Failed, "late": a.Late, "unexplained": a.Unexplained}
	if r.Part != nil {
		out.Properties["part"] = plain(r.Part.Text(&r.Facts.Totals))
	}
	if r.Redacted {
		out.Properties["redacted"] = true
	}
	for i := range r.Rules {
		p.ruleIndex[r.Rules[i].ID] = i
		out.Tool.Driver.Rules = append(out.Tool.Driver.Rules, newRule(&r.Rules[i]))
	}
	for i := range r.Facts.Captures {
		out.Artifacts = append(out.Artifacts, p.artifact(i))
	}
	for i := range r.Findings {
		out.Results = append(out.Results, p.result(&r.Findings[i]))
	}
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		x := p.result(&s.Finding)
		x.Suppressions = []suppression{{"external", "accepted", plain(strings.Join(s.Reasons, "; "))}}
		out.Results = append(out.Results, x)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(log{schemaURI, "2.1.0", []run{out}})
}

// page is what the parts of a report look up.
type page struct {
	*report.Report
	ruleIndex map[string]int
}

// plain is text in which nothing moves a cursor or hides.
func plain(s string) string { return report.Clean(s) }

// said is the text of a message (3.11): there brackets make links, and braces hold the place of arguments.
func said(parts ...string) message {
	var list []string
	for _, s := range parts {
		if s != "" {
			list = append(list, plain(s))
		}
	}
	return message{Text: escapes.Replace(strings.Join(list, "\n\n"))}
}

var escapes = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `{`, `{{`, `}`, `}}`)

// level is how the format calls a severity (3.27.10).
func level(s rules.Severity) string {
	return [...]string{"none", "note", "warning", "error"}[s]
}

func newRule(r *policy.Rule) rule {
	text := []string{orID(r.Text, r.ID)}
	var md strings.Builder
	md.WriteString(plain(r.Text) + "\n")
	if r.Needs != "" {
		text = append(text, "Needs: "+plain(r.Needs))
		fmt.Fprintf(&md, "\nNeeds: %s\n", plain(r.Needs))
	}
	if len(r.NextSteps) > 0 {
		text = append(text, "What to do next:")
		md.WriteString("\nWhat to do next:\n\n")
	}
	for _, s := range r.NextSteps {
		text = append(text, "- "+plain(s))
		command, why := report.Step(s)
		switch {
		case command == "":
			fmt.Fprintf(&md, "- %s\n", plain(why))
		case why == "":
			fmt.Fprintf(&md, "- `%s`\n", plain(command))
		default:
			fmt.Fprintf(&md, "- %s: `%s`\n", plain(why), plain(command))
		}
	}
	out := rule{
		ID:               plain(r.ID),
		ShortDescription: message{Text: orID(r.Title, r.ID)},
		FullDescription:  message{Text: orID(r.Text, orID(r.Title, r.ID))},
		Help:             message{Text: strings.Join(text, "\n"), Markdown: md.String()},
		Default:          configuration{r.On, level(r.Effective())},
		Properties:       map[string]any{"tags": []string{"kubernetes", "network", plain(string(r.Layer))}, "problem.severity": problem(r.Effective())},
	}
	if rules.Find(r.ID) != nil { // others are the user's own
		out.HelpURI = rulesPage + "#" + r.ID
	}
	return out
}

// orID is text that must not be empty.
func orID(s, id string) string {
	if s = plain(s); s == "" {
		return plain(id)
	}
	return s
}

// problem is what GitHub calls a severity.
func problem(s rules.Severity) string {
	return [...]string{"recommendation", "recommendation", "warning", "error"}[s]
}

// invocation says how the program was called, and what it could not read.
func (p *page) invocation() invocation {
	inv := invocation{ExecutionSuccessful: true, Notifications: []notification{}}
	if p.Origin != nil {
		inv.CommandLine = plain(p.Origin.Command)
	}
	note := func(level string, capture int, format string, args ...any) {
		inv.Notifications = append(inv.Notifications, notification{
			level, said(fmt.Sprintf(format, args...)), []location{{Physical: &physicalLocation{Artifact: p.file(capture)}}},
		})
	}
	for i := range p.Facts.Captures {
		c := &p.Facts.Captures[i]
		if c.Error != "" {
			note("error", i, "can't be read: %s", c.Error)
		}
		for _, d := range c.Damage {
			note("warning", i, "damaged at byte %d, frame %d: %s", d.Offset, d.Frame, d.What)
		}
	}
	return inv
}

// file returns where a capture is, as a reference relative to where the program ran.
func (p *page) file(i int) artifactLocation {
	name := report.File(p.Facts.Captures, i)
	if name == "-" || name == "" {
		name = "stdin"
	}
	u := url.URL{Path: name}
	if strings.HasPrefix(name, "/") {
		u.Scheme = "file"
	}
	return artifactLocation{u.String(), i}
}

func (p *page) artifact(i int) artifact {
	c := &p.Facts.Captures[i]
	a := artifact{Location: p.file(i), Roles: []string{"analysisTarget"}, Properties: map[string]any{
		"node": plain(c.Node), "format": plain(c.Format), "frames": c.Frames,
	}}
	if p.Origin != nil && i < len(p.Origin.SHA256) && p.Origin.SHA256[i] != "" {
		a.Hashes = map[string]string{"sha-256": plain(p.Origin.SHA256[i])}
	}
	return a
}
