package main

import (
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/html"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/junit"
	"github.com/netsift/netsift/cmd/internal/report/markdown"
	"github.com/netsift/netsift/cmd/internal/report/sarif"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

func analyzeCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "analyze",
		Usage:     "says what is wrong: verdict and findings with their evidence",
		ArgsUsage: "FILE...",
		Description: `Give it the captures of one node or of several at once, pcap or pcapng, plain
or compressed with gzip or zstd, or - for standard input. A damaged capture is
read as far as it can be.

Exit codes: 0 it ran; 1 a finding at or above --fail-on; 2 wrong usage; 3 no
capture could be read; 4 the result could not be written.`,
		Flags: append(append(append(append(inputFlags(), outputFlags(reportForms...)...), redactFlags()...),
			&cli.StringFlag{
				Name: "fail-on", Category: categoryOutput,
				Usage: "exit with 1 where a finding is at or above `SEVERITY` (info, warning, critical)",
			}),
			append(policyFlags(), &cli.StringFlag{
				Name: "min-severity", Category: categorySelect,
				Usage: "show findings at or above `SEVERITY` (info, warning, critical) only; the verdict stays that of all",
			})...,
		),
		Action: func(c *cli.Context) error {
			opt, err := textOptions(e, c)
			if err != nil {
				return err
			}
			show, err := reportHandler(e, c, nil, opt)
			if err != nil {
				return err
			}
			judge, err := newJudge(e, c)
			if err != nil {
				return err
			}
			in, err := inputs(e, c)
			if err != nil {
				return err
			}
			hidden, err := redactionOf(e, c, in)
			if err != nil {
				return err
			}
			judge.redact(hidden)
			var o *origin
			if saysOrigin(c) {
				o = newOrigin(c.Context, e.Args, in)
				if hidden != nil {
					o.command = redactedCommand(c, hidden.Files())
				}
			}
			facts, err := siftInputs(e, c, in, judge.watch(analyze.Config{}))
			if err != nil {
				return err
			}
			r, failed := judge.report(facts)
			if !hasResult(failed) {
				return failed
			}
			if o != nil {
				r.Origin = o.report()
			}
			if c.String("output") == "html" {
				r.Walks, err = walks(in, r, hidden, func(cfg analyze.Config) (*fact.Facts, error) { return siftInputs(e.silent(), c, in, cfg) })
				if err != nil {
					return err
				}
			}
			if err := show(r); err != nil {
				return err
			}
			return failed
		},
	}
}

// reportForms are those that a report can have.
var reportForms = []string{"text", "json", "markdown", "html", "sarif", "junit"}

// writers are those of all forms but text, which also depends on where it goes.
var writers = map[string]func(io.Writer, *report.Report) error{
	"json": json.Report, "markdown": markdown.Report, "html": html.Report, "sarif": sarif.Report, "junit": junit.Report,
}

// saysOrigin reports whether the form asked for says how the report came about, which costs a second reading of the captures.
func saysOrigin(c *cli.Context) bool {
	return !slices.Contains([]string{"text", "json"}, c.String("output"))
}

// reportHandler returns what writes a report as the flags say; text gets a frame, where there is one.
func reportHandler(e *Env, c *cli.Context, frame *text.Frame, opt text.Options) (func(*report.Report) error, error) {
	form, err := choice(c, "output", reportForms...)
	if err != nil {
		return nil, err
	}
	return func(r *report.Report) error {
		out := newOutput(e, c)
		switch write := writers[form]; {
		case write != nil:
			return out.Close(write(out, r))
		case frame != nil:
			return out.Close(text.Framed(out, r, frame, opt))
		}
		return out.Close(text.Report(out, r, opt))
	}, nil
}
