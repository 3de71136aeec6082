package netsift

import (
	"bytes"
	"context"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/dissect"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/decode"
)

// showRequest is a request for show.
type showRequest struct {
	*request
	frames []frameRange
	hex    bool
}

// runShow reads the captures once. What a frame belongs to is known at the end.
func runShow(ctx context.Context, e *Env, q *showRequest) error {
	want, err := wantFrames(q.in, q.frames)
	if err != nil {
		return err
	}
	l := newLookout(want, analyze.Labels(q.in))
	facts, err := q.read(ctx, e, q.judge.watch(l.watch(q.engine)))
	if err != nil {
		return err
	}
	if err := want.missing(facts.Captures); err != nil {
		return err
	}
	if l.size > maxShown {
		return errTooMuch
	}
	r, failed := q.judge.report(facts)
	if r == nil {
		return failed // that a finding is to fail a run is for analyze to say
	}
	shown := q.shown(l, r)
	if q.form == "json" {
		return q.out.Close(json.WriteShown(q.out, shown))
	}
	return q.out.Close(text.Show(q.out, shown, q.text))
}

// shown takes the frames apart that were looked out for, and says what the report knows of them.
func (q *showRequest) shown(l *lookout, r *report.Report) *report.Shown {
	t := &frameTeller{
		request: q.request, lookout: l, hidden: newHiding(q.hidden, q.engine), links: newLinkTexts(r.Facts), told: map[string]*fact.Connection{},
		cited: map[fact.Ref][]report.Citation{}, apart: dissect.New(decode.Options{Ports: q.engine.Ports}),
	}
	for i := range r.Findings {
		for _, x := range r.Findings[i].Evidence {
			t.cited[x.Ref] = append(t.cited[x.Ref], report.Citation{Finding: r.Findings[i].ID, Note: x.Note})
		}
	}
	out := &report.Shown{Version: Version, Captures: r.Facts.Captures, Redacted: r.Redacted, Hex: q.hex}
	for _, x := range l.inOrder() {
		out.Frames = append(out.Frames, t.frame(x))
	}
	return out
}

// frameTeller tells of frames, all as they may be shown.
type frameTeller struct {
	*request
	*lookout
	hidden *hiding
	links  *linkTexts
	apart  *dissect.Dissector
	// told are connections as they may be shown, by their ids as they are; cited are the findings that rest on a frame.
	told  map[string]*fact.Connection
	cited map[fact.Ref][]report.Citation
}

// connection returns one as it may be shown, nil for nil.
func (t *frameTeller) connection(c *fact.Connection) *fact.Connection {
	if c == nil {
		return nil
	}
	shown := t.told[c.ID]
	if shown == nil {
		if shown = c; t.hidden != nil {
			shown = t.hidden.Connection(c)
		}
		t.told[c.ID] = shown
		t.nameConnection(shown)
	}
	return shown
}

// frame takes a frame apart.
func (t *frameTeller) frame(x *looked) report.ShownFrame {
	head := t.hidden.head(&x.frameHead)
	data := bytes.Clone(t.hidden.bytes(x.iface.Link, x.data, x.wire))
	f := report.ShownFrame{
		Ref: x.ref, Time: x.time, Wire: x.wire, Data: data, Link: head.iface.Link.String(), Interface: t.links.what(&head), Index: x.index, Dir: x.dir,
		Dissection: t.apart.Frame(head.iface.Link, data), Reading: t.reading(x, &head),
	}
	f.Name, _ = t.links.of(&head)
	return f
}

// reading says what netsift makes of a frame, whose head is as it may be shown.
func (t *frameTeller) reading(x *looked, head *frameHead) report.Reading {
	r := report.Reading{Stop: x.stop, Evidence: t.cited[x.ref], Quotes: t.connection(t.quotes[x.ref])}
	if p := t.parts[x.ref]; p != nil {
		shown := p.lookup
		if t.hidden != nil {
			shown = t.hidden.Lookup(shown)
		}
		r.Lookup = p.text(shown)
	}
	if x.sighting == nil {
		return r
	}
	if c := t.connection(t.connections[analyze.ID(t.labels, x.sighting.Born)]); c != nil {
		r.Connection, r.Title, r.Ordinal = c, connectionTitle(c), x.ordinal
		r.Sighting = newSightingTexts(c, t.links).say(t.hidden.sighting(x.sighting), head, x.ordinal)
	}
	return r
}
