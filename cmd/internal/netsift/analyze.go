package netsift

import (
	"context"
	"io"
	"slices"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/html"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/junit"
	"github.com/netsift/netsift/cmd/internal/report/markdown"
	"github.com/netsift/netsift/cmd/internal/report/sarif"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// analyzeRequest is a request for analyze or demo.
type analyzeRequest struct {
	*request
	// origin has the report say how it came about, and command has the program's arguments as it may say them.
	origin  bool
	command []string
	// frame stands around the report as text, nil for none.
	frame *text.Frame
}

func runAnalyze(ctx context.Context, e *Env, q *analyzeRequest) error {
	var o *origin
	if q.origin {
		o = newOrigin(ctx, q.command, q.in)
	}
	cfg := q.engine
	if e.Connection != nil {
		cfg.Connection = redactedConnections(q.hidden, e.Connection)
	}
	facts, err := q.read(ctx, e, q.judge.watch(cfg))
	if err != nil {
		return err
	}
	r, failed := q.judge.report(facts)
	if !hasResult(failed) {
		return failed
	}
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
