package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// liveRequest is a request for live.
type liveRequest struct {
	*request
	// evidence is the folder that evidence is written to, "" for none, and memory how much of it is kept until it is needed, in bytes.
	evidence string
	memory   int64
	// metrics is the address that metrics are served at, "" for none.
	metrics string
}

// pulse is how often a live analysis tells how it stands, and share how much of its time that may take: one part in so many.
const (
	pulse = time.Second
	share = 10
)

// grace is how long live waits for more input after Ctrl-C: tcpdump, which the same Ctrl-C reaches, writes out its buffer
// then.
const grace = time.Second

func runLive(ctx context.Context, e *Env, q *liveRequest) error {
	if q.in[0].Name == "-" && e.StdinTTY {
		return &exitError{ExitNoCapture, "standard input is the terminal; pipe a capture into it: tcpdump -i any -U -w - | netsift live"}
	}
	l := &live{judge: q.judge, list: newWatchlist(), quit: make(chan struct{}, 1)}
	if q.metrics != "" {
		var err error
		if l.metrics, err = serveMetrics(e, q.metrics); err != nil {
			return err
		}
		defer l.metrics.close()
	}
	if q.evidence != "" {
		if info, err := e.Stat(q.evidence); err != nil || !info.IsDir() {
			return usagef("--evidence %s: there is no such folder", q.evidence)
		}
		l.evidence = newEvidence(e, q.evidence, q.memory, newHiding(q.hidden, q.engine))
	}
	l.teller, l.env = newTeller(e, q.request, l.leave)
	defer l.teller.close()
	l.judge.env = l.env
	if err := writeFailed(l.teller.begin(l.options(q))); err != nil {
		return err
	}
	facts, err := l.follow(ctx, q.request)
	if err != nil {
		return err
	}
	return l.conclude(facts, q.out)
}

// options returns the request's options for the first event.
func (l *live) options(q *liveRequest) json.LiveOptions {
	o := json.LiveOptions{Input: q.in[0].Name, MinSeverity: l.judge.show.String(), MaxMemory: q.engine.MaxMemory}
	if l.judge.policy.File != "" {
		o.Config = &l.judge.policy.File
	}
	if l.metrics != nil {
		o.Metrics = &l.metrics.address
	}
	if l.evidence != nil {
		o.Evidence = &q.evidence
	}
	if q.hidden != nil {
		o.Redacted, o.Input = true, q.hidden.Files()[0]
		for _, name := range []**string{&o.Config, &o.Metrics, &o.Evidence} {
			if *name != nil {
				*name = new(policy.Hidden)
			}
		}
	}
	return o
}

// follow analyzes the stream until it ends, and tells at each pulse what is new.
func (l *live) follow(ctx context.Context, q *request) (*fact.Facts, error) {
	done := make(chan struct{})
	defer close(done)
	ticks, quiet := l.env.Every(pulse)
	defer quiet()
	cfg := l.judge.watch(q.engine)
	cfg.Live = &analyze.Live{Pulse: ticks, Facts: l.facts, Now: l.env.Now, Stop: l.interrupt(ctx, done)}
	if l.evidence != nil {
		cfg.Frame = l.evidence.frame
	}
	facts, err := read(context.WithoutCancel(ctx), l.env, q.in, cfg)
	var usage *exitError
	switch {
	case errors.As(l.failed, &usage):
		return nil, usage
	case l.failed != nil:
		return nil, writeFailed(l.failed)
	}
	return facts, err
}

// interrupt returns a channel that it closes to end the stream although more may come: some time after an interrupt, which ends the input
// and not the analysis, or as soon as the user leaves. It watches for both until done is closed.
func (l *live) interrupt(ctx context.Context, done <-chan struct{}) <-chan struct{} {
	stop := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			select {
			case <-l.env.After(grace):
			case <-done:
			}
			close(stop)
		case <-l.quit:
			close(stop)
		case <-done:
		}
	}()
	return stop
}

// conclude tells what showed last in facts, and the report.
func (l *live) conclude(facts *fact.Facts, out *output) error {
	r, err := l.judge.report(facts)
	if !hasResult(err) {
		return err
	}
	m := l.moment(r.Facts, r.Findings, r.Verdict)
	changes := l.list.update(m.Open, m.Time)
	l.prove(changes, facts)
	if failed := writeFailed(l.teller.tell(m, changes)); failed != nil {
		return failed
	}
	if failed := writeFailed(l.teller.end(r)); failed != nil {
		return failed
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
	// evidence is nil without --evidence.
	evidence *evidence
	quit     chan struct{}
	// unproved says that some evidence could not be written.
	unproved bool
	// failed is why nothing can be written any more.
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
	// If very many connections are open, looking at all of them takes long.
	l.next = began.Add(share * l.env.Now().Sub(began))
}

// prove writes the evidence of findings that are new or changed in facts. If that fails, watching goes on: a finding is worth
// more than its file.
func (l *live) prove(changes []report.Change, facts *fact.Facts) {
	if l.evidence == nil {
		return
	}
	for i := range changes {
		if c := &changes[i]; c.Kind == report.Opened || c.Kind == report.Updated && l.evidence.whole(&c.Finding) {
			if err := l.evidence.write(&c.Finding, facts); err != nil {
				if !l.unproved {
					fmt.Fprintf(l.env.Stderr, "netsift: can't write evidence: %s\n", report.Clean(err.Error()))
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
	// The lag means nothing for an old capture that is read again, nor while nothing comes.
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
		// Limits of a capture are known only when it is whole.
		if x := &findings[i]; x.Severity >= l.judge.show && x.Layer != rules.LayerCapture {
			m.Open = append(m.Open, *x)
		}
	}
	return m
}
