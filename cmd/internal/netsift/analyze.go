package netsift

import (
	"context"
	"io"
	"math"
	"slices"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/filter"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/html"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/junit"
	"github.com/netsift/netsift/cmd/internal/report/markdown"
	"github.com/netsift/netsift/cmd/internal/report/sarif"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/rules/policy"
)

// analyzeRequest is a request for analyze or demo.
type analyzeRequest struct {
	*request
	// origin has the report say how it came about, and command has the program's arguments as it may say them.
	origin  bool
	command []string
	// frame stands around the report as text, nil for none.
	frame *text.Frame
	// chosen is what is asked for, nil for everything, and expression its filter as it was given.
	chosen     *selection
	expression string
}

// asksForPart reports whether not everything is asked for.
func (q *analyzeRequest) asksForPart() bool { return q.chosen != nil && q.chosen.some() }

// selects has what is asked for marked while captures are read.
func (q *analyzeRequest) selects(ctx context.Context, e *Env, cfg *analyze.Config) error {
	if !q.asksForPart() {
		return nil
	}
	if q.chosen.byName() { // which address has which name shows when all is read
		if err := q.twice("leave names out of --filter, or"); err != nil {
			return err
		}
		first := q.engine
		first.Named = func(name func(*fact.Connection)) { q.chosen.name = name }
		facts, err := q.read(ctx, e.silent(), first)
		if err != nil {
			return err
		}
		q.known.Fit(facts)
	}
	q.chosen.part(cfg, q.known)
	return nil
}

// part says what was asked for.
func (q *analyzeRequest) part(r *report.Report) *report.Part {
	if !q.asksForPart() {
		return nil
	}
	p := &report.Part{Filter: q.expression, Part: *r.Facts.Part, Elsewhere: r.Verdict.Elsewhere}
	if q.hidden != nil && p.Filter != "" {
		p.Filter = policy.Hidden
	}
	if q.chosen.since != nil {
		p.Since = max(q.chosen.from, 0) // there may be no frame that says when the captures begin
	}
	if q.chosen.until != nil && q.chosen.to != math.MaxInt64 {
		p.Until = max(q.chosen.to, 0)
	}
	return p
}

func runAnalyze(ctx context.Context, e *Env, q *analyzeRequest) error {
	var o *origin
	if q.origin {
		o = newOrigin(ctx, q.command, q.in)
	}
	cfg := q.engine
	if err := q.selects(ctx, e, &cfg); err != nil {
		return q.out.Close(err)
	}
	if e.Connection != nil {
		cfg.Connection = redactedConnections(q.hidden, e.Connection)
	}
	facts, err := q.read(ctx, e, q.judge.watch(cfg))
	if err != nil {
		return err
	}
	if q.asksForPart() {
		f := q.chosen.filter
		if q.chosen.byName() {
			f = filter.Filter{} // an address alone has no name that decides
		}
		facts.Part.Addresses = f.Addresses(facts)
	}
	r, failed := q.judge.report(facts)
	if !hasResult(failed) {
		return failed
	}
	r.Part = q.part(r)
	if o != nil {
		r.Origin = o.report()
		for i := range q.in {
			if q.before.changed(e, q.in, i) != "" {
				r.Origin.SHA256[i] = "" // it may be that of other frames
			}
		}
	}
	if q.form == "html" {
		if err := lookCloser(ctx, e, q.request, facts, r); err != nil {
			return err
		}
	}
	if err := q.show(r); err != nil {
		return err
	}
	return failed
}

// reportForms are those that a report can have.
var reportForms = []string{"text", "json", "markdown", "html", "sarif", "junit"}

// writers are those of all forms but text, which also depends on where it goes.
var writers = map[string]func(io.Writer, *report.Report) error{
	"json": json.Report, "markdown": markdown.Report, "html": html.Report, "sarif": sarif.Report, "junit": junit.Report,
}

// saysOrigin reports whether a form says how the report came about, which costs a second reading of the captures.
func saysOrigin(form string) bool { return !slices.Contains([]string{"text", "json"}, form) }

// show writes the report.
func (q *analyzeRequest) show(r *report.Report) error {
	switch write := writers[q.form]; {
	case write != nil:
		return q.out.Close(write(q.out, r))
	case q.frame != nil:
		return q.out.Close(text.Framed(q.out, r, q.frame, q.text))
	}
	return q.out.Close(text.Report(q.out, r, q.text))
}
