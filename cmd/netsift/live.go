package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

func liveCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "live",
		Usage:     "says what is wrong while packets come in: tcpdump -i any -U -w - | netsift live",
		ArgsUsage: "[FILE|-]",
		Description: `Reads a capture that is still being written, from standard input or a named
pipe, and tells of findings as they appear. Ctrl-C ends it, or the end of the
input, and then it prints the report that netsift analyze prints for the same
packets.

A finding that a cause explains which shows later is withdrawn. What a capture
can't show at all is said in the report at the end only.`,
		Flags: append(append(append(append(inputFlags(), outputFlags("text", "json")...), redactFlags()...), policyFlags()...),
			&cli.StringFlag{
				Name: "fail-on", Category: categoryOutput,
				Usage: "exit with 1 where a finding of the report at the end is at or above `SEVERITY` (info, warning, critical)",
			},
			&cli.StringFlag{
				Name: "min-severity", Category: categorySelect,
				Usage: "tell of findings at or above `SEVERITY` (info, warning, critical) only",
			},
			&cli.StringFlag{
				Name: "evidence", Category: categoryOutput,
				Usage: "write the frames that prove a finding to `FOLDER`, one annotated pcapng for each",
			},
			&cli.StringFlag{
				Name: "evidence-memory", Category: categoryOutput, Value: "64MB",
				Usage: "`SIZE` of the buffer that such frames are kept in until they are needed",
			},
			&cli.StringFlag{
				Name: "metrics", Category: categoryOutput,
				Usage: "serve Prometheus metrics at `ADDRESS`; a port alone, such as 9090, is one of 127.0.0.1",
			},
		),
		Action: func(c *cli.Context) error { return runLive(e, c) },
	}
}

// pulse is how often a live analysis tells how it stands, and share how much of its time that may take: one part in so many.
const (
	pulse = time.Second
	share = 10
)

// grace is how long after Ctrl-C what is still on its way is waited for: tcpdump, which the same Ctrl-C reaches, writes out its
// buffer then.
const grace = time.Second

// teller tells what happens.
type teller interface {
	begin(o json.LiveOptions) error
	tell(m *report.Moment, changes []report.Change) error
	end(r *report.Report) error
}

func runLive(e *Env, c *cli.Context) error {
	name := "-"
	switch c.Args().Len() {
	case 0:
	case 1:
		name = c.Args().First()
	default:
		return usagef("live reads one capture; for several at once: netsift analyze %s", strings.Join(c.Args().Slice(), " "))
	}
	if name == "-" && e.StdinTTY {
		return &exitError{ExitNoCapture, "standard input is the terminal; pipe a capture into it: tcpdump -i any -U -w - | netsift live"}
	}
	opt, err := textOptions(e, c)
	if err != nil {
		return err
	}
	judge, err := newJudge(e, c)
	if err != nil {
		return err
	}
	form, err := choice(c, "output", "text", "json")
	if err != nil {
		return err
	}
	cfg, err := config(e, c, analyze.Config{})
	if err != nil {
		return err
	}
	memory, ctx := cfg.MaxMemory, c.Context
	in := input(e, name)
	in.Stream = true
	hidden, err := redactionOf(e, c, []analyze.Input{in})
	if err != nil {
		return err
	}
	judge.redact(hidden)
	out := newOutput(e, c)
	stop := make(chan struct{})
	l := &live{env: e, judge: judge, list: newWatchlist(), quit: make(chan struct{}, 1)}
	switch {
	case form == "json":
		l.teller = &jsonTeller{json.NewLive(out), out}
	case e.StdoutTTY && c.String("write") == "" && e.Getenv("TERM") != "dumb":
		screen := newScreen(e, opt, l.leave)
		defer screen.close()
		l.teller = screen
		e = e.saying(&screen.said)
		judge.env = e
	default:
		l.teller = &lineTeller{out, opt}
	}
	o := json.LiveOptions{Input: name, MinSeverity: judge.show.String(), MaxMemory: memory}
	if judge.policy.File != "" {
		o.Config = &judge.policy.File
	}
	if hidden != nil {
		o.Redacted, o.Input = true, hidden.Files()[0]
		if o.Config != nil {
			o.Config = new(policy.Hidden)
		}
	}
	if c.String("metrics") != "" {
		served, err := serveMetrics(e, c.String("metrics"))
		if err != nil {
			return err
		}
		defer served.close()
		l.metrics = served
		o.Metrics = &served.address
		if hidden != nil {
			o.Metrics = new(policy.Hidden)
		}
	}
	if folder := c.String("evidence"); folder != "" {
		n, err := size(c.String("evidence-memory"))
		if err != nil || n < 1<<20 || n > 1<<40 {
			return usagef("--evidence-memory %q: give a size of 1MB or more", c.String("evidence-memory"))
		}
		if info, err := e.Stat(folder); err != nil || !info.IsDir() {
			return usagef("--evidence %s: there is no such folder", folder)
		}
		l.evidence = newEvidence(e, folder, n, newHiding(hidden, cfg))
		cfg.Frame = l.evidence.frame
		if hidden != nil {
			folder = policy.Hidden
		}
		o.Evidence = &folder
	}
	if err := l.teller.begin(o); err != nil {
		return fmt.Errorf("can't write the result: %w", err)
	}
	// An interrupt ends the input and not the analysis.
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-ctx.Done():
			select {
			case <-e.After(grace):
			case <-done:
			}
			close(stop)
		case <-l.quit:
			close(stop)
		case <-done:
		}
	}()
	ticks, quiet := e.Every(pulse)
	defer quiet()
	cfg.Live = &analyze.Live{Pulse: ticks, Facts: l.facts, Now: e.Now, Stop: stop}
	facts, err := read(context.WithoutCancel(ctx), e, []analyze.Input{in}, judge.watch(cfg))
	var usage *exitError
	if errors.As(l.failed, &usage) {
		return usage
	}
	if l.failed != nil {
		return fmt.Errorf("can't write the result: %w", l.failed)
	}
	if err != nil {
		return err
	}
	r, err := judge.report(facts)
	if !hasResult(err) {
		return err
	}
	if e := l.finish(r, facts); e != nil {
		return fmt.Errorf("can't write the result: %w", e)
	}
	if err = out.Close(err); l.unproved && hasResult(err) {
		return &exitError{code: ExitFailed} // what failed has been said
	}
	return err
}

// live follows an analysis that goes on.
type live struct {
	env     *Env
	judge   *judge
	list    *watchlist
	teller  teller
	metrics *exporter
	// evidence is nil where nobody asked for it.
	evidence *evidence
	quit     chan struct{}
	// unproved says that some evidence could not be written.
	unproved bool
	// failed is why nothing can be told any more.
	failed error
	// last are the totals at the moment before, at that time; next is when the next moment may come.
	last fact.Totals
	at   time.Time
	next time.Time
}

// leave ends the input.
func (l *live) leave() {
	select {
	case l.quit <- struct{}{}:
	default:
	}
}

// facts takes the facts so far and tells what is new.
func (l *live) facts(f *fact.Facts) {
	began := l.env.Now()
	if l.failed != nil || began.Before(l.next) {
		return
	}
	m, changes, err := l.judgeMoment(f, began)
	if err != nil {
		l.failed = err
		l.leave()
		return
	}
	l.prove(changes, f)
	if err := l.teller.tell(m, changes); err != nil {
		l.failed = err
		l.leave()
		return
	}
	if l.metrics != nil {
		l.metrics.set(m, changes)
	}
	l.last, l.at = f.Totals, began
	// Where very many connections are open, looking at all of them takes long.
	l.next = began.Add(share * l.env.Now().Sub(began))
}

// finish tells what showed last in facts, and the report.
func (l *live) finish(r *report.Report, facts *fact.Facts) error {
	m := l.moment(r.Facts, r.Findings, r.Verdict)
	changes := l.list.update(m.Open, m.Time)
	l.prove(changes, facts)
	if err := l.teller.tell(m, changes); err != nil {
		return err
	}
	return l.teller.end(r)
}

// prove writes the evidence of findings of which there is something new in facts. Where that fails, watching goes on: what is found
// is worth more than its file.
func (l *live) prove(changes []report.Change, facts *fact.Facts) {
	if l.evidence == nil {
		return
	}
	for i := range changes {
		if c := &changes[i]; c.Kind == report.Opened || c.Kind == report.Updated && l.evidence.whole(&c.Finding) {
			if err := l.evidence.write(&c.Finding, facts); err != nil {
				if !l.unproved {
					fmt.Fprintf(l.judge.env.Stderr, "netsift: can't write evidence: %s\n", report.Clean(err.Error()))
				}
				l.unproved = true
			}
		}
	}
}

// judgeMoment judges the facts so far.
func (l *live) judgeMoment(f *fact.Facts, now time.Time) (*report.Moment, []report.Change, error) {
	// A review of its own: the analysis' has seen what passed, and judges at the end.
	judged, err := l.judge.judge(f, l.judge.fresh())
	if err != nil {
		return nil, nil, err
	}
	m := l.moment(judged.facts, judged.findings, judged.verdict)
	if d := now.Sub(l.at).Seconds(); !l.at.IsZero() && d > 0 {
		m.Frames = float64(f.Totals.Frames-l.last.Frames) / d
		m.Connections = float64(f.Totals.Connections-l.last.Connections) / d
		m.Lookups = float64(f.Totals.Lookups-l.last.Lookups) / d
	}
	// Of an old capture that is read again the distance to the present means nothing, nor while nothing comes.
	m.Lag = now.Sub(time.Unix(0, m.Time))
	if m.Lag < 0 || m.Lag > time.Hour || f.Totals.Frames == l.last.Frames {
		m.Lag = -1
	}
	return m, l.list.update(m.Open, m.Time), nil
}

// moment is how the analysis stands with these findings.
func (l *live) moment(f *fact.Facts, findings []rules.Finding, verdict rules.Verdict) *report.Moment {
	m := &report.Moment{Captures: f.Captures, Totals: f.Totals, Verdict: verdict, Memory: memoryInUse(), Live: int(f.Totals.Live), Lag: -1}
	for i := range f.Captures {
		m.Time = max(m.Time, f.Captures[i].Last)
	}
	for i := range findings {
		// What the capture can't show is known when it is whole.
		if x := &findings[i]; x.Severity >= l.judge.show && x.Layer != rules.LayerCapture {
			m.Open = append(m.Open, *x)
		}
	}
	return m
}

// jsonTeller writes events.
type jsonTeller struct {
	*json.Live
	out *output
}

func (t *jsonTeller) begin(o json.LiveOptions) error { return t.flush(t.Begin(version, o)) }

func (t *jsonTeller) tell(m *report.Moment, changes []report.Change) error {
	for i := range changes {
		if err := t.Change(m, &changes[i]); err != nil {
			return err
		}
	}
	return t.flush(t.Moment(m))
}

func (t *jsonTeller) end(r *report.Report) error { return t.flush(t.End(r)) }

func (t *jsonTeller) flush(err error) error {
	if err != nil {
		return err
	}
	return t.out.Flush()
}

// lineTeller writes a line for each change, and the report in the end.
type lineTeller struct {
	out *output
	opt text.Options
}

func (t *lineTeller) begin(json.LiveOptions) error { return nil }

func (t *lineTeller) tell(m *report.Moment, changes []report.Change) error {
	for i := range changes {
		if _, err := io.WriteString(t.out, text.Change(&changes[i], m.Time, t.opt)+"\n"); err != nil {
			return err
		}
	}
	return t.out.Flush()
}

func (t *lineTeller) end(r *report.Report) error {
	if _, err := io.WriteString(t.out, "\n"); err != nil {
		return err
	}
	return text.Report(t.out, r, t.opt)
}
