package netsift

import (
	"context"
	"errors"
	"fmt"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules/policy"
)

// extractRequest is a request for extract: the evidence of a finding, or the frames of a connection. Its form is that of a capture.
type extractRequest struct {
	*request
	finding, conn string
	// policy is that by which the finding is one; nil for a connection.
	policy *policy.Policy
}

// runExtract reads the captures once to learn which frames are wanted and what they show, and once more to write them, so that it need
// not keep any.
func runExtract(ctx context.Context, e *Env, q *extractRequest) error {
	for _, i := range q.in {
		if i.Stream {
			name := i.Name
			if name == "-" {
				name = "standard input"
			}
			return usagef("%s can be read only once, and extract reads twice; save it to a file first, or have netsift live --evidence FOLDER write evidence as it comes", name)
		}
	}
	choose := wantedConnection
	if q.finding != "" {
		choose = wantedFinding
	}
	w, err := choose(ctx, e, q)
	if err != nil {
		return err
	}
	x := newExcerpt(q.out, q.form, w.title, w.shown, newHiding(q.hidden, q.engine))
	if err := w.copy(ctx, e, q.request, x); err != nil {
		return q.out.Close(err)
	}
	if err := q.out.Close(writeFailed(x.to.Flush())); err != nil {
		return err
	}
	fmt.Fprintln(e.Stderr, "netsift:", report.Clean(summary(x, w, q.form, q.out.path)))
	return nil
}

// summary says in a line what was written.
func summary(x *excerpt, w *wanted, form, file string) string {
	if file == "" {
		file = "standard output"
	}
	s := fmt.Sprintf("%s of %s", report.Many(x.frames, "frame"), report.Many(len(x.from), "capture"))
	if form != "pcap" {
		s += ", " + report.Many(x.comments, "comment")
	}
	s += ", to " + file
	if n := len(w.notes); n > 0 {
		s += fmt.Sprintf("; %s of the evidence not found", report.Many(n, "frame"))
	}
	if form == "pcap" {
		s += "; plain pcap has no place for comments and interfaces, --format pcapng keeps them"
	}
	return s
}

// wanted is which frames are wanted, and what they show.
type wanted struct {
	facts *fact.Facts
	// shown are the facts as texts may tell them.
	shown *fact.Facts
	// id and title say what they are of.
	id, title string
	// notes are the comments of single frames that are still to be written.
	notes map[fact.Ref]string
	// conn is the connection of which all sightings are wanted, nil for none; sightings counts those that were written. told is
	// the connection as texts may tell it.
	conn, told *fact.Connection
	sightings  uint64
}

// done reports whether everything was written.
func (w *wanted) done() bool {
	return len(w.notes) == 0 && (w.conn == nil || w.sightings == w.conn.Frames)
}

// copy reads the captures again and writes what is wanted.
func (w *wanted) copy(ctx context.Context, e *Env, q *request, x *excerpt) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	cfg := q.engine
	names := report.Names(w.shown.Captures)
	var failed error
	var sighting *join.Sighting
	var texts *sightingTexts
	if w.conn != nil {
		texts = newSightingTexts(w.told, x.links)
		cfg.Watch = []string{w.conn.ID}
		cfg.Sighting = func(s *join.Sighting) {
			kept := *s
			sighting = &kept
		}
	}
	cfg.Frame = func(f *analyze.Frame, _ bool) {
		head := headOf(f)
		note, cited := w.notes[head.ref]
		if failed != nil || !cited && sighting == nil {
			return
		}
		if sighting != nil {
			sighting.Packet = f.Packet
			told := x.hidden.head(&head)
			note = texts.of(x.hidden.sighting(sighting), &told)
			sighting = nil
			w.sightings++
		}
		delete(w.notes, head.ref)
		failed = x.write(&head, f.Data, frameName(names, head.ref)+": "+note)
		if failed != nil || w.done() {
			stop() // all else is read in vain
		}
	}
	again, err := q.read(reading, e.silent(), cfg) // what can't be read was said at the first reading
	switch {
	case failed != nil:
		return failed
	case errors.Is(err, errInterrupted) && ctx.Err() == nil:
		return nil // by stop
	case err != nil:
		return err
	}
	for i := range again.Captures {
		if again.Captures[i].Frames != w.facts.Captures[i].Frames {
			return fmt.Errorf("%s was changed while it was read; run it again, or copy the capture first", again.Captures[i].File)
		}
	}
	if x.frames == 0 {
		return usagef("what %s rests on is no frame that the captures hold", w.id)
	}
	return nil
}
