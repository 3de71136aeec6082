package main

import (
	"fmt"
	"time"

	"github.com/netsift/netsift/cmd/internal/report"
)

// progress shows on a terminal's standard error how far a long run has come: one line, written over and over, and gone
// when the result comes.
type progress struct {
	env         *Env
	start, last time.Time
	shown       bool
}

// Nothing is shown of a run shorter than progressAfter, and then not more often than progressEvery.
const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

func newProgress(e *Env) *progress {
	now := e.Now()
	return &progress{env: e, start: now, last: now}
}

// frames is called by the engine now and then.
func (p *progress) frames(n uint64) {
	if !p.env.StderrTTY {
		return
	}
	now := p.env.Now()
	if now.Sub(p.start) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last, p.shown = now, true
	took := now.Sub(p.start)
	fmt.Fprintf(p.env.Stderr, "\r\x1b[Kreading: %s frames, %s a second", report.Count(n),
		report.Count(uint64(float64(n)/took.Seconds())))
}

// clear removes the line.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.env.Stderr, "\r\x1b[K")
	}
}
