package netsift

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	// facts is the file that the stream's facts are written to, "" for none.
	facts string
	// until is the severity from which on a finding ends the stream, 0 for none.
	until rules.Severity
}

// pulse is how often a live analysis tells how it stands. Taking the facts for the rules may stop it for one part of its time in share, and judging
// them, which goes on beside it, for one in beside: with very many connections the findings are judged less often than told.
const (
	pulse  = time.Second
	share  = 10
	beside = 2
)

// patience is how long an analysis waits for the rules, so that what they find is told with the moment that it is of.
const patience = pulse / share

// grace is how long live waits for more input after Ctrl-C: tcpdump, which the same Ctrl-C reaches, writes out its buffer
// then.
const grace = time.Second

func runLive(ctx context.Context, e *Env, q *liveRequest) error {
	if e.StdinTTY && len(q.in) == 1 && q.in[0].Name == "-" {
		return &exitError{ExitNoCapture, "standard input is the terminal; pipe a capture into it: tcpdump -i any -s 256 -U -w - | netsift live"}
	}
	l := &live{judge: q.judge, list: newWatchlist(), quit: make(chan struct{}, 1), until: q.until}
	if q.metrics != "" {
		var err error
		if l.metrics, err = serveMetrics(e, q.metrics); err != nil {
			return err
		}
		defer l.metrics.close()
	}
	if q.evidence != "" {
		if err := makeFolder(e, q.evidence); err != nil {
			return usagef("--evidence %s: %v", q.evidence, err)
		}
		l.evidence = newEvidence(newShelf(e, q.evidence, ruleIDs(q.judge.policy)), q.memory, newHiding(q.hidden, q.engine), q.names)
	}
	l.teller, l.env = newTeller(e, q.request, l.depart)
	defer l.teller.close()
	l.judge.env = l.env
	if err := writeFailed(l.teller.begin(l.options(q))); err != nil {
		return err
	}
	beside := &factsBeside{env: l.env, hidden: newHiding(q.hidden, q.engine), ports: q.engine.Ports, path: q.facts}
	if q.facts != "" {
		beside.along(&q.in[0])
	}
	facts, err := l.follow(ctx, q.request)
	unwritten := beside.end()
	if err != nil {
		return err
	}
	if err := l.conclude(facts, q.out); !hasResult(err) || unwritten == nil {
		return err
	}
	return unwritten
}

// options returns the request's options for the first event.
func (l *live) options(q *liveRequest) json.LiveOptions {
	o := json.LiveOptions{Input: q.in[0].Name, Inputs: names(q.in), MinSeverity: l.judge.show.String(), MaxMemory: q.engine.MaxMemory}
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
		o.Redacted, o.Input, o.Inputs = true, q.hidden.Files()[0], q.hidden.Files()
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
	cfg.Live = &analyze.Live{Pulse: ticks, Moment: l.moment, Ended: l.await, Now: l.env.Now, After: l.env.After, Stop: l.interrupt(ctx, done)}
	if l.evidence != nil {
		cfg.Frame = l.evidence.frame
	}
	facts, err := q.read(context.WithoutCancel(ctx), l.env, cfg)
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
	m := l.stand(r.Facts.Captures, r.Facts.Totals)
	m.Judged, m.Verdict, m.Open = m.Time, r.Verdict, l.shown(r.Findings)
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
	until    rules.Severity
	// unproved says that some evidence could not be written.
	unproved bool
	// failed is why nothing can be written any more.
	failed error
	// last are the totals at the moment before, at that time.
	last fact.Totals
	at   time.Time
	// judging delivers the judgement that is being made, nil where none is. next is when the next may begin, and holds is the last one,
	// without the facts that it is about.
	judging chan *judged
	next    time.Time
	holds   judged
}

// judged is a judgement on the facts of a moment.
type judged struct {
	judgement
	// taken are the facts as they are, not redacted; began is when they were asked for, time that of the latest packet then.
	taken *fact.Facts
	began time.Time
	time  int64
	err   error
}

// depart ends the streams where they can be ended, and else the input.
func (l *live) depart() {
	if l.env.Leave != nil {
		l.env.Leave()
	} else {
		l.leave()
	}
}

// leave ends the input.
func (l *live) leave() {
	select {
	case l.quit <- struct{}{}:
	default:
	}
}

// moment tells how the analysis stands, and what is new.
func (l *live) moment(now *analyze.Moment) {
	if l.failed != nil {
		return
	}
	began, wait := l.env.Now(), time.Duration(0)
	if l.judging == nil && !began.Before(l.next) {
		l.begin(now.Facts(), began)
		l.next = began.Add(share * l.env.Now().Sub(began))
		wait = patience
	}
	if err := l.tell(now, l.judgement(wait), began); err != nil {
		l.failed = err
		l.leave()
	}
}

// begin begins to judge facts.
func (l *live) begin(f *fact.Facts, at time.Time) {
	l.judging = make(chan *judged, 1)
	go func(to chan<- *judged) {
		j := &judged{taken: f, began: at, time: latest(f.Captures)}
		// A review of its own: the analysis' has seen what passed, and judges at the end.
		if j.judgement, j.err = l.judge.judge(f, l.judge.fresh()); j.err == nil && l.judge.names != nil {
			l.judge.names.Fit(j.facts) // what that brings up is said at the end
			nameFindings(l.judge.names, j.facts, j.findings, &j.verdict)
		}
		to <- j
	}(l.judging)
}

// judgement returns the judgement that was being made, nil if that takes longer than wait. A redaction is for one goroutine at a time: with it
// nothing is judged beside the analysis.
func (l *live) judgement(wait time.Duration) *judged {
	if l.judging == nil {
		return nil
	}
	var late <-chan time.Time
	if l.judge.redaction == nil {
		late = l.env.After(wait)
	}
	select {
	case j := <-l.judging:
		l.judging = nil
		if next := j.began.Add(beside * l.env.Now().Sub(j.began)); next.After(l.next) {
			l.next = next
		}
		return j
	case <-late:
		return nil
	}
}

// await lets the judging that goes on end. What it finds would be told with the report.
func (l *live) await() {
	if l.judging != nil {
		<-l.judging
		l.judging = nil
	}
}

// tell tells of a moment, and of a new judgement, nil without one.
func (l *live) tell(now *analyze.Moment, j *judged, at time.Time) error {
	captures := now.Captures
	if l.judge.redaction != nil {
		captures = l.judge.redaction.Captures(captures)
	}
	m := l.stand(captures, now.Totals)
	var changes []report.Change
	if j != nil {
		if j.err != nil {
			return j.err
		}
		found := l.shown(j.findings)
		changes = l.list.update(found, j.time)
		l.prove(changes, j.taken)
		for i := range found {
			found[i] = found[i].Apart()
		}
		l.holds = judged{judgement: judgement{findings: found, verdict: j.verdict}, time: j.time}
		l.holds.verdict.Account.Open = nil
	}
	m.Judged, m.Verdict, m.Open = l.holds.time, l.holds.verdict, l.holds.findings
	if d := at.Sub(l.at).Seconds(); !l.at.IsZero() && d > 0 {
		m.Frames = float64(m.Totals.Frames-l.last.Frames) / d
		m.Connections = float64(m.Totals.Connections-l.last.Connections) / d
		m.Lookups = float64(m.Totals.Lookups-l.last.Lookups) / d
	}
	// The lag means nothing for an old capture that is read again, nor while nothing comes.
	m.Lag = at.Sub(time.Unix(0, m.Time))
	if m.Lag < 0 || m.Lag > time.Hour || m.Totals.Frames == l.last.Frames {
		m.Lag = -1
	}
	l.last, l.at = m.Totals, at
	if err := l.teller.tell(m, changes); err != nil {
		return err
	}
	if l.metrics != nil {
		l.metrics.set(m, changes)
	}
	if l.until != 0 && slices.ContainsFunc(changes, func(c report.Change) bool { return c.Kind == report.Opened && c.Finding.Severity >= l.until }) {
		l.until = 0
		l.depart()
	}
	return nil
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

// stand is how the analysis stands, findings aside.
func (l *live) stand(captures []fact.Capture, totals fact.Totals) *report.Moment {
	return &report.Moment{Time: latest(captures), Captures: captures, Totals: totals, Memory: memoryInUse(), Live: int(totals.Live), Lag: -1}
}

// latest returns the time of the latest packet.
func latest(captures []fact.Capture) (t int64) {
	for i := range captures {
		t = max(t, captures[i].Last)
	}
	return t
}

// shown returns the findings that are told. Limits of a capture are known only when it is whole.
func (l *live) shown(findings []rules.Finding) []rules.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(x rules.Finding) bool { return x.Severity < l.judge.show || x.Layer == rules.LayerCapture })
}
