package analyze

import (
	"errors"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/lookup"
	"github.com/netsift/netsift/decode"
)

// Live has an analysis tell of itself while it goes on.
type Live struct {
	// Pulse asks how the analysis stands with each value that it delivers.
	Pulse <-chan time.Time
	// Moment is told, on the goroutine that analyzes, which waits meanwhile. The Moment is valid during the call only.
	Moment func(*Moment)
	// Ended, where set, is called when the input has ended. Facts that a Moment gave may not be used any more when it returns.
	Ended func()
	// Now is the clock. While nothing comes in, time passes nevertheless: a call that gets no answer may be the last that is heard.
	Now func() time.Time
	// After delivers the time once after d, by that clock. It is asked where there are several inputs: none of them waits longer for another; nil for as long as it takes.
	After func(d time.Duration) <-chan time.Time
	// Stop ends the input when it is closed.
	Stop <-chan struct{}
}

// Moment is how a live analysis stands. It costs next to nothing, but for its Facts.
type Moment struct {
	Captures []fact.Capture
	Totals   fact.Totals

	engine *engine
	now    int64
}

// Facts takes the facts so far. Connections and lookups are in them as they would be if the input had ended now, but of many open
// connections that are well (join.Joiner.Open) some only; taking them changes nothing of what comes. They may be used on another goroutine
// while the analysis goes on, until Facts is called again or Live.Ended returns.
func (m *Moment) Facts() *fact.Facts { return m.engine.soFar(m.now) }

var errStopped = errors.New("nothing had come in when this was interrupted")

// openLive is open for a stream that may be stopped while nothing at all has come in: a named pipe that nobody writes to, a capturing
// program that says nothing before the first packet.
func openLive(in Input, d *decode.Decoder, stop <-chan struct{}) *stream {
	opened := make(chan *stream, 1)
	go func() { opened <- open(in, d) }()
	select {
	case s := <-opened:
		return s
	case <-stop:
		s := &stream{input: in, decoder: d, failed: errStopped}
		s.capture = fact.Capture{File: in.Name, Node: in.Node, Dropped: -1, Digits: 6, Error: errStopped.Error()}
		return s
	}
}

// held is how long the frames that come next may have been held back: libpcap takes them from the kernel in blocks that are handed over
// when they are full or a second old (tcpdump sets its timeout so), also with tcpdump -U. Such a block ends at any point,
// between a question and its answer, too.
const held = time.Second

// pulse tells how the analysis stands. silent is how long nothing has come in.
func (e *engine) pulse(silent time.Duration) {
	e.cfg.Live.Moment(&Moment{Captures: e.captures(), Totals: e.totals(), engine: e, now: e.now + int64(max(silent-held, 0))})
}

// soFar returns the facts as they would be if the input ended at the time now. What is open is added to a copy of the ledger, and to a
// cluster that lies above what was learned.
func (e *engine) soFar(now int64) *fact.Facts {
	ended, learned := e.reach, e.cluster
	totals := e.totals()
	e.reach, e.cluster = ended.clone(), learned.Above()
	e.lookups.Open(now, lookup.Sinks{Lookup: e.reach.addLookup, Plain: func(x *lookup.Plain) bool { return e.reach.addPlain(x) != nil }})
	e.join.Open(now, true, openRoom(e.cfg.MaxMemory), func(c *fact.Connection) {
		e.cluster.Learn(c)
		e.reach.add(c, fact.Ref{}, nil)
	})
	f := e.facts()
	totals.Failed, totals.Late = e.reach.failed, e.reach.late
	f.Totals = totals
	e.reach, e.cluster = ended, learned
	return f
}

// takeLive is take for a live stream: while it waits for a batch it answers the pulse.
func (s *stream) takeLive() *batch {
	for {
		select {
		case <-s.live.Stop:
			return s.takeLast()
		case <-s.live.Pulse: // first: a stream that never pauses must be reported on, too
			s.pulse(s.live.Now().Sub(s.heard))
			continue
		default:
		}
		select {
		case <-s.live.Stop:
			return s.takeLast()
		case <-s.live.Pulse:
			s.pulse(s.live.Now().Sub(s.heard))
		case b := <-s.full:
			return s.hear(b)
		}
	}
}

// takeLast is takeLive after Stop: batches already read are still taken; it does not wait for more.
func (s *stream) takeLast() *batch {
	if s.late == batchesAhead {
		return nil
	}
	s.late++
	select {
	case b := <-s.full:
		return s.hear(b)
	default:
		return nil
	}
}

// hear notes that a batch has come, nil at the end of the input.
func (s *stream) hear(b *batch) *batch {
	s.heard = s.live.Now()
	if b != nil {
		s.latest = b.capture
	}
	s.ended = b == nil
	return b
}

// described returns what is known of the capture. A live one is being read meanwhile: its description is that of the batch taken last.
func (s *stream) described() fact.Capture {
	c := s.latest
	if s.live == nil || s.ended {
		c = s.capture
	}
	c.Clock, c.Stream = s.clock, s.fact()
	return c
}
