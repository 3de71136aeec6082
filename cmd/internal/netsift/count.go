package netsift

import (
	"context"
	"errors"
	"io"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/tally"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// counter counts what is in captures, one after the other.
type counter struct {
	options decode.Options
	// frames receives the number of frames read so far, of all captures.
	frames func(uint64)
	total  uint64
}

// count reads one capture to its end. Faults of the capture are in the result; the error is the context's.
func (n *counter) count(ctx context.Context, in *analyze.Input) (report.Tally, error) {
	t := report.Tally{}
	t.File, t.Node, t.Dropped = in.Name, in.Node, -1
	f, err := in.Open()
	if err != nil {
		t.Error = err.Error()
		return t, nil
	}
	defer f.Close()
	r, err := capture.NewReader(f)
	if err != nil {
		t.Error = err.Error()
		return t, nil
	}
	defer r.Close()
	t.Format = r.Format()
	err = n.read(ctx, r, &t)
	t.Of = r.Of().File
	if ctx.Err() != nil {
		return t, ctx.Err()
	}
	t.Damage = append(t.Damage, r.Damage()...)
	if err != nil {
		// Offset -1: only the reader of the bytes knows where it broke off.
		t.Damage = append(t.Damage, capture.Damage{Offset: -1, Skipped: -1, Frame: t.Frames + 1, What: err.Error()})
	}
	for _, i := range r.Interfaces() {
		t.AddInterface(i)
	}
	return t, nil
}

func (n *counter) read(ctx context.Context, r *capture.Reader, t *report.Tally) error {
	d := decode.New(n.options, decode.NewStacks())
	var counts tally.Tally
	var b capture.Block
	var p decode.Packet
	for ctx.Err() == nil {
		err := r.Read(&b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Counts = counts.Counts()
			t.Frames = t.Counts.Frames
			return err
		}
		links := r.Interfaces()
		for i := range b.Frames {
			f := &b.Frames[i]
			data := b.Bytes(f)
			d.Decode(&p, links[f.Interface].Link, data, f.Wire)
			counts.Add(&p, data)
			if b.Captured(i) < f.Wire {
				t.CutFrames++
			}
		}
		n.total += uint64(len(b.Frames))
		n.frames(n.total)
	}
	t.Counts = counts.Counts()
	t.Frames = t.Counts.Frames
	return ctx.Err()
}
