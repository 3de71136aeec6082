package analyze

import (
	"bytes"
	"context"
	"errors"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// errCopy says that an input has the packets of another one.
var errCopy = errors.New("a copy")

// copies leaves out inputs whose packets are those of another one: a capture given twice under two names, plain and compressed, or copied while
// it was still being written. Its packets would be sightings of themselves and count twice.
func (e *engine) copies(ctx context.Context, sketches []sketch) {
	for n, i := range e.order {
		for _, k := range e.order[:n] {
			a, b := e.streams[k], e.streams[i]
			if a.failed != nil || b.failed != nil || sketches[i].first == 0 || sketches[i].first != sketches[k].first {
				continue
			}
			switch longer := samePackets(ctx, a.input, b.input); {
			case longer == 1, longer == 0 && a.capture.Format == factsFormat && b.capture.Format != factsFormat:
				a.leaveOut(b)
			case longer == 0, longer == -1:
				b.leaveOut(a)
			}
		}
	}
}

// leaveOut takes s out of the analysis, as a copy of the stream of.
func (s *stream) leaveOut(of *stream) {
	s.failed = errCopy
	s.capture.CopyOf = of.capture.File
	s.close()
}

// different is what samePackets says of captures neither of which has the packets of the other.
const different = 2

// samePackets compares two captures frame by frame until one of them ends. It returns 0 for the same frames, -1 if a has more of them behind
// those of b, 1 if b has, and different if they differ. Of a frame that one of them has cut, the part that both have is compared.
func samePackets(ctx context.Context, a, b Input) int {
	d := decode.New(decode.Options{}, decode.NewStacks())
	x, y := openFrames(a, d), openFrames(b, d)
	defer x.close()
	defer y.close()
	facts := (x.stream.capture.Format == factsFormat) != (y.stream.capture.Format == factsFormat)
	for n := 0; ; n++ {
		f, inA := x.next()
		g, inB := y.next()
		switch {
		case ctx.Err() != nil || n == 0 && !(inA && inB):
			return different
		case !inA && !inB:
			return 0
		case !inB:
			return -1
		case !inA:
			return 1
		}
		if f.Time != g.Time || f.Wire != g.Wire {
			return different
		}
		if facts {
			if x.packet(f) != y.packet(g) {
				return different
			}
			continue
		}
		d, e := x.block.Bytes(f), y.block.Bytes(g)
		if least := min(len(d), len(e)); !bytes.Equal(d[:least], e[:least]) {
			return different
		}
	}
}

// factsFormat is the format of facts files, which have the headers of frames, and not their checksums.
const factsFormat = "facts"

// frames reads a capture frame by frame.
type frames struct {
	stream *stream
	block  capture.Block
	at     int
}

func openFrames(in Input, d *decode.Decoder) *frames { return &frames{stream: open(in, d)} }

// packet returns what the headers of a frame say.
func (r *frames) packet(f *capture.Frame) (p decode.Packet) {
	r.stream.decoder.Decode(&p, r.stream.reader.Interfaces()[f.Interface].Link, r.block.Bytes(f), f.Wire)
	p.Cap, p.PayloadCap = 0, 0 // facts have less of it
	return p
}

func (r *frames) close() { r.stream.close() }

// next returns the next frame, false at the end.
func (r *frames) next() (*capture.Frame, bool) {
	if r.at == len(r.block.Frames) {
		if r.stream.reader == nil || r.stream.reader.Read(&r.block) != nil {
			return nil, false
		}
		r.at = 0
	}
	r.at++
	return &r.block.Frames[r.at-1], true
}
