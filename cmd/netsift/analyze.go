package main

import (
	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
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
		Flags: append(append(append(inputFlags(), outputFlags("text", "json")...),
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
			facts, err := sift(e, c, judge.watch(analyze.Config{}))
			if err != nil {
				return err
			}
			r, err := judge.report(facts)
			if e := show(r); e != nil {
				return e
			}
			return err
		},
	}
}

// reportHandler returns what writes a report as the flags say; text gets a frame, where there is one.
func reportHandler(e *Env, c *cli.Context, frame *text.Frame, opt text.Options) (func(*report.Report) error, error) {
	form, err := choice(c, "output", "text", "json")
	if err != nil {
		return nil, err
	}
	return func(r *report.Report) error {
		out := newOutput(e, c)
		switch {
		case form == "json":
			return out.Close(json.Report(out, r))
		case frame != nil:
			return out.Close(text.Framed(out, r, frame, opt))
		}
		return out.Close(text.Report(out, r, opt))
	}, nil
}
