package analyze

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/netsift/netsift/analyze/cluster"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/prefetch"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// batch is a block of frames together with the packets decoded from them, one for one.
type batch struct {
	block   capture.Block
	packets []decode.Packet
	leads   []sight.Lead
	// at is the position of the next packet to be consumed.
	at int
	// order lists the packets by time; nil where they are in order already.
	order []uint32
	// eras are those of the packets between which the stream's clock was set back; empty where all are of era.
	eras []uint32
	era  uint32
	// mixed says per interface whether its frames are those of several interfaces without an index (LINUX_SLL).
	mixed []bool
	// names are the interfaces' names, as far as the file has said them when the batch was read; interfaces is all that it has said.
	names      []string
	interfaces []capture.Interface
	// anew lists the packets that are the first after the capture was begun anew; empty as a rule.
	anew []int
	// coverage is that of the capture up to the end of the batch, and capture what is known of it then, for a live stream.
	coverage coverage
	capture  fact.Capture
	// since is how long the window had waited in all when the batch came.
	since time.Duration
}

// data returns the captured bytes of packet i.
func (b *batch) data(i int) []byte { return b.block.Bytes(&b.block.Frames[i]) }

// stream reads and decodes one input. Its reader goroutine is a few batches ahead of the engine.
type stream struct {
	input   Input
	capture fact.Capture
	names   []string // of the interfaces that consumed frames came from, or more
	links   []cluster.Link
	full    chan *batch
	empty   chan *batch
	spare   *batch // where no goroutine fills batches ahead, one that is used up
	relay   relayed
	reader  *capture.Reader
	file    io.Closer
	decoder *decode.Decoder
	// leader and stacks prepare packets for the engine; nil in a stream that is only sketched.
	leader *sight.Leader
	stacks *decode.Stacks
	failed error
	// iface is the interface of the packet read last, and section that interface's.
	iface   uint32
	section int
	// now is the batch that is being consumed; ahead, in a file out of order, the one after it, from which early packets
	// are taken first.
	now, ahead *batch
	unordered  bool
	liveState
	waiting
	// clock is how far the stream's clock is ahead, at the time begins of it.
	clock    fact.Clock
	begins   int64
	steadier steadier
	// covered is the coverage of the batches read, coverage that of those consumed.
	covered, coverage coverage
}

// liveState is what a live stream has beside.
type liveState struct {
	// live is nil in a stream that is not live.
	live *Live
	// pulse reports the facts so far; silent is how long nothing has come in.
	pulse func(silent time.Duration)
	// heard is when the batch taken last came.
	heard time.Time
	// latest describes the capture up to that batch.
	latest fact.Capture
	// ended says that the input is over.
	ended bool
	// late counts the batches taken after Stop.
	late int
}

// ownAhead is how many packets before it is written the memory of one is asked for, ownAtOnce of how many at a time.
const ownAhead, ownAtOnce = 16, 8

// batchesAhead is how many batches a stream may decode before they are wanted.
const batchesAhead = 3

// newStream returns a stream that is not open yet.
func newStream(in Input, d *decode.Decoder) *stream {
	return &stream{input: in, decoder: d, capture: fact.Capture{File: in.Name, Node: in.Node, Dropped: -1, Digits: 6}}
}

// open opens an input. Errors are kept in the stream's capture.
func open(in Input, d *decode.Decoder) *stream {
	s := newStream(in, d)
	s.open()
	return s
}

// open opens the input.
func (s *stream) open() {
	file, err := s.input.Open()
	if err != nil {
		s.capture.Error = err.Error()
		s.failed = err
		return
	}
	s.file = file
	s.reader, err = capture.NewReader(file)
	if err != nil {
		s.capture.Error = err.Error()
		s.failed = err
		s.close()
		return
	}
	s.capture.Format = s.reader.Format()
}

// close completes the description of the capture and lets go of the input. After run, only the reader goroutine may call it.
func (s *stream) close() {
	s.describe()
	if s.reader != nil {
		s.reader.Close()
		s.reader = nil
	}
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
}

// run reads and decodes until the input ends, in the background, a few batches ahead of the engine.
func (s *stream) run(ctx context.Context) {
	s.full, s.empty = make(chan *batch, batchesAhead), make(chan *batch, batchesAhead+1)
	for range batchesAhead + 1 {
		s.empty <- &batch{}
	}
	go func() {
		defer s.poke()
		defer close(s.full)
		defer s.close()
		if s.window != nil && !s.begin(ctx) {
			return
		}
		for {
			select {
			case b := <-s.empty:
				if !s.read(b) {
					return
				}
				select {
				case s.full <- b:
					s.poke()
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
}

// take returns the next batch, nil at the end. Without run, it reads it now.
func (s *stream) take() *batch {
	switch {
	case s.window != nil:
		return s.takeWaiting()
	case s.live != nil:
		return s.takeLive()
	case s.full != nil:
		return <-s.full
	case s.relay.on:
		return s.relay.take()
	case s.reader == nil:
		return nil
	}
	b := s.spare
	if b == nil {
		b = &batch{}
	}
	s.spare = nil
	if !s.read(b) {
		s.close()
		return nil
	}
	return b
}

// give takes back a batch that is used up.
func (s *stream) give(b *batch) {
	switch {
	case s.window != nil:
		s.held -= b.size()
	case s.empty != nil:
		s.empty <- b
	default:
		s.spare = b
	}
}

// read fills a batch, and reports whether there was anything left to fill it with.
func (s *stream) read(b *batch) bool {
	err := s.fill(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	return err == nil
}

// fill reads and decodes the next batch.
func (s *stream) fill(b *batch) error {
	if err := s.reader.Read(&b.block); err != nil {
		return err
	}
	frames, kept := b.block.Frames, b.block.Kept
	if cap(b.packets) < len(frames) {
		b.packets = make([]decode.Packet, len(frames))
	}
	if cap(b.leads) < len(frames) {
		b.leads = make([]sight.Lead, len(frames))
	}
	b.packets, b.leads = b.packets[:len(frames)], b.leads[:len(frames)]
	interfaces := s.reader.Interfaces()
	c := &s.capture
	b.anew = b.anew[:0]
	for i := len(b.mixed); i < len(interfaces); i++ {
		b.mixed = append(b.mixed, interfaces[i].Link == capture.LinkLinuxSLL)
		b.names = append(b.names, interfaces[i].Name)
		b.interfaces = append(b.interfaces, interfaces[i])
	}
	for i := range frames {
		if i%ownAtOnce == 0 { // the engine wrote to this memory last
			from, to := min(i+ownAhead, len(frames)), min(i+ownAhead+ownAtOnce, len(frames))
			prefetch.Own(b.packets[from:to])
			prefetch.Own(b.leads[from:to])
		}
		f, p := &frames[i], &b.packets[i]
		if f.Interface != s.iface {
			if s.iface = f.Interface; interfaces[s.iface].Section != s.section {
				s.section = interfaces[s.iface].Section
				b.anew = append(b.anew, i)
			}
		}
		p.Time, p.Frame, p.Interface = f.Time, f.Number, f.Interface
		data := b.data(i)
		s.decoder.Decode(p, interfaces[f.Interface].Link, data, f.Wire)
		captured, checksum := f.Cap, decode.ChecksumUnknown
		if len(kept) > 0 {
			captured, checksum = kept[i].Captured, decode.Checksum(kept[i].Checksum)
		}
		if s.leader != nil {
			s.covered.see(p, data, s.stacks)
			l := &b.leads[i]
			l.Offset, l.Checksum = f.Offset, checksum
			s.leader.Lead(l, p, data, b.mixed[f.Interface])
		}
		if r := p.Stop.Reason; r != decode.StopNone {
			c.Stops[r]++
		}
		c.Bytes += uint64(captured)
		if captured < f.Wire {
			c.CutFrames++
		}
		if c.Frames == 0 || f.Time < c.First {
			c.First = f.Time
		}
		if c.Frames == 0 || f.Time > c.Last {
			c.Last = f.Time
		}
		c.Frames++
	}
	if s.leader != nil {
		s.leader.Guess(b.leads)
	}
	b.coverage = s.covered
	if s.live != nil {
		b.capture = s.soFar()
	}
	b.era = s.steadier.era
	b.eras = s.steadier.steady(b.packets, b.eras)
	c.SetBack = s.steadier.back
	b.sort()
	return nil
}

// describe completes the description of the capture.
func (s *stream) describe() {
	c, now := &s.capture, s.soFar()
	c.Of, c.Error, c.LinkTypes, c.Digits, c.Snaplen, c.Dropped = now.Of, now.Error, now.LinkTypes, now.Digits, now.Snaplen, now.Dropped
	c.Damage, c.Torn = now.Damage, now.Torn
}

// soFar returns what is known of the capture by now.
func (s *stream) soFar() fact.Capture {
	whole := s.capture
	c := &whole
	c.LinkTypes = nil
	if s.failed != nil && s.failed != errCopy && c.Error == "" {
		c.Error = s.failed.Error()
	}
	if s.reader == nil {
		return whole
	}
	c.Of = s.reader.Of().File
	seen := map[string]bool{}
	for _, i := range s.reader.Interfaces() {
		if name := i.Link.String(); !seen[name] {
			seen[name] = true
			c.LinkTypes = append(c.LinkTypes, name)
		}
		c.Digits = max(c.Digits, i.Digits)
		c.Snaplen = max(c.Snaplen, i.Snaplen)
		if i.Dropped >= 0 {
			c.Dropped = max(c.Dropped, 0) + i.Dropped
		}
	}
	c.Damage, c.Torn = append([]capture.Damage(nil), s.reader.Damage()...), s.reader.Torn()
	return whole
}
