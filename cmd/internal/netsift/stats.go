package netsift

import (
	"context"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/decode"
)

func runStats(ctx context.Context, e *Env, q *request) error {
	p := newProgress(e, q.in)
	n := counter{options: decode.Options{Ports: q.engine.Ports}, frames: p.frames}
	var list []report.Tally
	var captures []fact.Capture
	readable := false
	for i := range q.in {
		var t report.Tally
		var err error
		if !obey(ctx, e, func() { t, err = n.count(ctx, &q.in[i]) }) {
			return errInterrupted
		}
		if err != nil {
			p.clear()
			return errInterrupted
		}
		readable = readable || t.Error == ""
		if t.Error == "" {
			t.Damage = q.before.damage(e, q.in, i, t.Frames, t.Damage)
		}
		list = append(list, t)
		captures = append(captures, t.Capture)
	}
	p.clear()
	warn(e.Stderr, captures)
	if !readable {
		return errNoCapture
	}
	if q.hidden != nil { // counts need no hiding, the files' names do
		for i := range list {
			list[i].Capture = q.hidden.Capture(i, &list[i].Capture)
		}
	}
	if q.form == "json" {
		return q.out.Close(json.Stats(q.out, list))
	}
	return q.out.Close(text.Stats(q.out, list, q.text))
}
