package html

import (
	"html/template"
	"strings"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/dissect"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// page is what the template shows. Its strings are clean.
type page struct {
	Style                             template.CSS
	Script, Charts                    template.JS
	StyleHash, ScriptHash, ChartsHash string

	Title    string
	Verdict  verdict
	Summary  []figure
	Timeline *timeline
	// Findings are shown whole, Brief by their titles, Unshown not at all.
	Findings, Brief []finding
	Unshown         string
	Undrawn         string
	Total           int
	Account         *account
	Severities      []choice
	Layers, Nodes   []choice
	Blind           []finding
	Lookups         *lookups
	Captures        []captureRow
	Suppressed      []suppressed
	Config          string
	Version         string
	Command         string
	// Part says what was asked for, "" for everything.
	Part string
	// Redacted says that the report is, Saved what it lacks because it was read from a file; "" of one that isn't.
	Redacted, Saved string
}

// verdict is the diagnosis.
type verdict struct {
	Layer, Severity, Text string
	Layers                []figure
}

// figure is a value with its name.
type figure struct{ Name, Value string }

// choice is a value that findings can be filtered by, and how many have it.
type choice struct {
	Value, Name string
	Count       int
}

type suppressed struct{ Rule, ID, Reason string }

// account is what no finding explains.
type account struct {
	Title string
	List  []report.Unexplained
	More  string
}

func newAccount(r *report.Report) *account {
	list, more := report.Account(r)
	if len(list) == 0 {
		return nil
	}
	a := &account{Title: report.AccountTitle(r), List: list}
	if more > 0 {
		a.More = report.Many(more, "more place")
	}
	return a
}

const (
	// maxFindings are shown whole, maxBrief more in a line each.
	maxFindings, maxBrief = 100, 900
	// maxWorst are named beside the verdict.
	maxWorst = 6
)

func newPage(r *report.Report) *page {
	f := r.Facts
	p := &page{
		Verdict: newVerdict(r), Captures: captureRows(r), Version: report.Clean(r.Version), Config: report.Clean(r.Config),
	}
	if r.Origin != nil {
		p.Command = report.Clean(r.Origin.Command)
	}
	p.Saved = r.Saved()
	if r.Part != nil {
		p.Part = r.Part.Text(&f.Totals)
	}
	if r.Redacted {
		p.Redacted = report.RedactionNote
	}
	p.Title = p.Verdict.Text
	if p.Verdict.Layer != "" {
		p.Title = p.Verdict.Layer + ": " + p.Title
	}
	p.Summary, p.Account = summary(r), newAccount(r)
	m := newMaker(r)
	p.Lookups = m.lookups(f)
	c := newCounter()
	var shown []*rules.Finding
	for i := range r.Findings {
		if fd := &r.Findings[i]; fd.Severity <= rules.Info && strings.HasPrefix(fd.Rule, "cap-") {
			p.Blind = append(p.Blind, m.finding(fd, len(p.Blind)+1))
		} else {
			shown = append(shown, fd)
		}
	}
	for i, fd := range shown {
		switch {
		case i < maxFindings:
			p.Findings = append(p.Findings, m.finding(fd, i+1))
			c.add(&p.Findings[i])
		case i < maxFindings+maxBrief:
			p.Brief = append(p.Brief, m.finding(fd, i+1))
			c.add(&p.Brief[i-maxFindings])
		}
	}
	p.Total = len(p.Findings) + len(p.Brief)
	if n := len(shown) - p.Total; n > 0 {
		p.Unshown = report.Many(n, "more finding")
	}
	drawn := 0
	for i := range p.Findings {
		if p.Findings[i].Walk != nil {
			drawn++
		}
	}
	if drawn > 0 && drawn < p.Total {
		p.Undrawn = "The path of a connection is drawn for " + report.Many(drawn, "finding")
	}
	p.Severities, p.Layers, p.Nodes = c.severities(), c.layers(), c.nodes()
	p.Timeline = newTimeline(&f.Timeline, p.Findings)
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		p.Suppressed = append(p.Suppressed, suppressed{report.Clean(s.Rule), report.Clean(s.ID), report.Clean(strings.Join(s.Reasons, "; "))})
	}
	return p
}

// Worst returns the findings that stand beside the verdict.
func (p *page) Worst() []finding { return p.Findings[:min(len(p.Findings), maxWorst)] }

// MoreWorst counts the findings beyond those, "" for none.
func (p *page) MoreWorst() string {
	if n := p.Total - maxWorst; n > 0 {
		return report.Many(n, "more finding")
	}
	return ""
}

func newVerdict(r *report.Report) verdict {
	v := verdict{Layer: report.LayerName(r.Verdict.Layer), Text: report.Clean(r.Verdict.Text), Severity: "info"}
	if v.Text == "" {
		v.Text = "Nothing was found that needs attention."
	}
	switch {
	case v.Layer == "" && r.Verdict.Account.Unexplained > 0:
		v.Severity = "warning"
	case v.Layer == "" && r.Part != nil && r.Part.Connections+r.Part.Lookups == 0: // of nothing it is not said that it is well
	case v.Layer == "":
		v.Severity = "none"
	case r.Verdict.Layer == rules.LayerCapture:
	case r.BySeverity[rules.Critical] > 0:
		v.Severity = "critical"
	case r.BySeverity[rules.Warning] > 0:
		v.Severity = "warning"
	}
	for _, l := range []struct {
		layer rules.Layer
		state rules.State
	}{{rules.LayerDNS, r.Verdict.DNS}, {rules.LayerService, r.Verdict.Service}, {rules.LayerCNI, r.Verdict.CNI}} {
		state := l.state
		if state == "" {
			state = rules.Unknown
		}
		v.Layers = append(v.Layers, figure{report.LayerName(l.layer), report.Clean(string(state))})
	}
	return v
}

// maker makes the parts of a page that point into captures.
type maker struct {
	captures []fact.Capture
	files    []string
	walks    map[string]*report.Walk
	frames   map[fact.Ref]*dissect.Dissection
	opened   map[fact.Ref]bool
}

func newMaker(r *report.Report) *maker {
	m := &maker{captures: r.Facts.Captures, files: report.Names(r.Facts.Captures), walks: map[string]*report.Walk{}, frames: r.Frames, opened: map[fact.Ref]bool{}}
	for _, t := range r.Walks {
		m.walks[t.Connection.ID] = t
	}
	return m
}

// file returns the short name of a capture.
func (m *maker) file(i int) string {
	if i < 0 || i >= len(m.files) {
		return ""
	}
	return m.files[i]
}

// summary says when, how long and how much.
func summary(r *report.Report) []figure {
	f := r.Facts
	var list []figure
	if t := &f.Timeline; len(t.Buckets) > 0 {
		list = append(list, figure{"From", date(t.Start)}, figure{"Duration", report.Took(t.Width * int64(len(t.Buckets)))})
	}
	n := &f.Totals
	return append(list, figure{"Frames", report.Count(n.Frames)}, figure{"Connections", report.Count(n.Connections)},
		figure{"Name lookups", report.Count(n.Lookups)}, figure{"Retransmissions", report.Count(n.Retransmissions)})
}

// date returns the day and the second, in UTC.
func date(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05 UTC") }
