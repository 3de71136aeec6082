package html

import (
	"html/template"
	"strings"
	"time"

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
	Total           int
	Severities      []choice
	Layers, Nodes   []choice
	Blind           []finding
	Lookups         *lookups
	Captures        []captureRow
	Suppressed      []suppressed
	Config          string
	Version         string
	Command         string
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

const (
	// maxFindings are shown whole, maxBrief more in a line each.
	maxFindings, maxBrief = 100, 900
)

func newPage(r *report.Report) *page {
	f := r.Facts
	p := &page{
		Verdict: newVerdict(r), Captures: captureRows(r), Version: report.Clean(r.Version), Config: report.Clean(r.Config),
		Lookups: newLookups(f),
	}
	if r.Origin != nil {
		p.Command = report.Clean(r.Origin.Command)
	}
	p.Title = p.Verdict.Text
	if p.Verdict.Layer != "" {
		p.Title = p.Verdict.Layer + ": " + p.Title
	}
	p.Summary = summary(r)
	walks := map[string]*report.Trace{}
	for _, t := range r.Walks {
		walks[t.Connection.ID] = t
	}
	c := newCounter()
	var shown []*rules.Finding
	for i := range r.Findings {
		if fd := &r.Findings[i]; fd.Severity <= rules.Info && strings.HasPrefix(fd.Rule, "cap-") {
			p.Blind = append(p.Blind, newFinding(r, fd, len(p.Blind)+1, nil))
		} else {
			shown = append(shown, fd)
		}
	}
	for i, fd := range shown {
		switch {
		case i < maxFindings:
			p.Findings = append(p.Findings, newFinding(r, fd, i+1, walks))
			c.add(&p.Findings[i])
		case i < maxFindings+maxBrief:
			p.Brief = append(p.Brief, newFinding(r, fd, i+1, nil))
			c.add(&p.Brief[i-maxFindings])
		}
	}
	p.Total = len(p.Findings) + len(p.Brief)
	if n := len(shown) - p.Total; n > 0 {
		p.Unshown = report.Many(n, "more finding")
	}
	p.Severities, p.Layers, p.Nodes = c.severities(), c.layers(), c.nodes()
	p.Timeline = newTimeline(&f.Timeline, p.Findings)
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		p.Suppressed = append(p.Suppressed, suppressed{report.Clean(s.Rule), report.Clean(s.ID), report.Clean(strings.Join(s.Reasons, "; "))})
	}
	return p
}

func newVerdict(r *report.Report) verdict {
	v := verdict{Layer: report.LayerName(r.Verdict.Layer), Text: report.Clean(r.Verdict.Text), Severity: "info"}
	if v.Text == "" {
		v.Text = "Nothing was found that needs attention."
	}
	switch {
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

// summary says when, how long and how much.
func summary(r *report.Report) []figure {
	f := r.Facts
	var first, last int64
	for i := range f.Captures {
		c := &f.Captures[i]
		if c.Frames == 0 {
			continue
		}
		from, to := c.First-c.Clock.Offset, c.Last-c.Clock.Offset
		if first == 0 || from < first {
			first = from
		}
		last = max(last, to)
	}
	var list []figure
	if first != 0 {
		list = append(list, figure{"From", date(first)}, figure{"Duration", report.Took(last - first)})
	}
	n := &f.Totals
	return append(list, figure{"Frames", report.Count(n.Frames)}, figure{"Connections", report.Count(n.Connections)},
		figure{"Name lookups", report.Count(n.Lookups)}, figure{"Retransmissions", report.Count(n.Retransmissions)})
}

// date returns the day and the second, in UTC.
func date(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05 UTC") }
