package analyze

import (
	"context"
	"slices"
	"time"
	"unsafe"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

const (
	// patience is how long packets wait for those of a stream of which nothing comes. What libpcap held back (held) has come by then.
	patience = 2*time.Second - 100*time.Millisecond
	// astray is how far, in nanoseconds, a stream may be ahead of the others before its clock is taken for wrong. No delay brings packets of the
	// future; those of the past may have been held back, and are astray only if the step is wild.
	astray = 60e9
	// windowShare of the memory, at most windowMost bytes, is for packets that wait.
	windowShare, windowMost = 8, 64 << 20
)

// window holds back the packets of several live streams until they can be merged in the order of time: as long as each stream has one to compare,
// or has ended, and no longer than patience, in which nothing else could be done. So streams that are read faster than time passes are merged as
// files are. Before the first packet is led on, the window waits that long once, or until it is full: that is what the clocks are estimated by. What comes too late is analyzed when it comes, and counted. A stream that has too much waiting is not read: its writer waits.
//
// Meanwhile it sketches the streams as they come in, and has the clocks estimated as soon as packets show that several of them saw, before these are
// analyzed.
type window struct {
	engine   *engine
	live     *Live
	sketches []sketch
	// shared counts the packets of each stream that others have shown, too; the clocks are estimated again when they are as many as in due.
	shared, due []int
	// news tells that a stream has a batch, or has ended.
	news chan struct{}
	// room is how many bytes of one stream may wait.
	room int
	// waited is how long nothing could be done, in all, and heard when the last batch came.
	waited time.Duration
	heard  time.Time
	// now is the time of the latest packet led on, 0 before the first, and at when that was.
	now int64
	at  time.Time
	// until is how far packets may be led on at once: a step beyond is looked at first.
	until int64
	// stopped says that no more is read.
	stopped bool
	// begun says that packets are led on.
	begun bool
	turns uint
}

// waiting is what a stream in a window has beside.
type waiting struct {
	window *window
	// queue are batches that came and were not asked for, and held is how many bytes they and those being merged take.
	queue []*batch
	held  int
	// quiet is how the stream came in so far.
	quiet fact.Stream
	// came is when the stream was heard of last.
	came time.Time
}

func newWindow(e *engine) *window {
	n := len(e.inputs)
	memory := e.cfg.MaxMemory
	if memory == 0 {
		memory = DefaultMemory
	}
	return &window{
		engine: e, live: e.cfg.Live, sketches: make([]sketch, n), shared: make([]int, n), due: slices.Repeat([]int{clockVotes}, n),
		news: make(chan struct{}, 1), room: int(min(memory/windowShare, windowMost)) / n,
	}
}

// begin opens a stream's input in the background, and tells that it is open with a batch without packets.
func (s *stream) begin(ctx context.Context) bool {
	if s.open(); s.failed != nil {
		return false
	}
	b := <-s.empty
	b.capture = s.soFar()
	select {
	case s.full <- b:
		s.poke()
		return true
	case <-ctx.Done():
		return false
	}
}

// open notes that reading begins.
func (w *window) open() {
	w.heard = w.live.Now()
	w.at = w.heard
	for _, s := range w.engine.streams {
		s.came = w.heard
	}
}

// poke tells the window that there is something to take.
func (s *stream) poke() {
	if s.window != nil {
		select {
		case s.window.news <- struct{}{}:
		default:
		}
	}
}

// takeWaiting is take for a stream in a window: it does not wait.
func (s *stream) takeWaiting() *batch {
	if len(s.queue) == 0 {
		return nil
	}
	b := s.queue[0]
	s.queue[0] = nil
	s.queue = s.queue[1:]
	return b
}

// fact describes how the stream came in, nil if it is not in a window.
func (s *stream) fact() *fact.Stream {
	if s.window == nil {
		return nil
	}
	f := s.quiet
	f.Ended, f.Silent = s.ended, int64(s.window.live.Now().Sub(s.came))
	if f.Silent >= int64(patience) && !s.ended {
		f.Pause = max(f.Pause, f.Silent)
	}
	return &f
}

// size is how many bytes a batch takes.
func (b *batch) size() int {
	const each = int(unsafe.Sizeof(decode.Packet{}) + unsafe.Sizeof(sight.Lead{}) + unsafe.Sizeof(capture.Frame{}) + unsafe.Sizeof(uint32(0)))
	return len(b.block.Data) + len(b.packets)*each
}

// clone returns a copy that has no more memory than it needs: of a stream that says little at a time, many batches wait.
func (b *batch) clone() *batch {
	c := *b
	c.block.Data, c.block.Frames = slices.Clone(b.block.Data), slices.Clone(b.block.Frames)
	c.packets, c.leads, c.order = slices.Clone(b.packets), slices.Clone(b.leads), slices.Clone(b.order)
	c.anew, c.eras = slices.Clone(b.anew), slices.Clone(b.eras)
	c.mixed, c.names, c.interfaces = slices.Clip(b.mixed), slices.Clip(b.names), slices.Clip(b.interfaces)
	return &c
}

// ready waits until what comes first may be led on, and reports whether there is anything.
func (w *window) ready() bool {
	for w.opening() {
		w.wait(patience-w.waited, true)
		w.listen()
	}
	for {
		if w.turns++; w.turns%64 == 0 {
			w.listen()
		}
		first, oldest, missing := w.heads()
		if missing && !w.stopped {
			w.listen()
			w.takeIn()
			first, oldest, missing = w.heads()
		}
		missing = missing && !w.stopped
		left := patience - (w.waited - oldest)
		switch {
		case first == nil && !missing:
			return false
		case first != nil && (!missing || left <= 0):
			if w.align(first, missing) {
				continue
			}
			b, k := first.next()
			w.until = b.packets[k].Time + astray
			return true
		}
		w.wait(left, first != nil)
	}
}

// opening reports whether the clocks are better known in a moment: the streams begin, and there is room for what comes.
func (w *window) opening() bool {
	if w.begun {
		return false
	}
	more := func(s *stream) bool { return !s.ended && s.held < w.room }
	if w.begun = w.stopped || w.waited >= patience || !slices.ContainsFunc(w.engine.streams, more); w.begun {
		w.estimate()
	}
	return !w.begun
}

// listen answers the pulse, and notes if no more is to be read.
func (w *window) listen() {
	select {
	case <-w.live.Pulse:
		w.engine.pulse(w.live.Now().Sub(w.heard))
	default:
	}
	if w.stopped {
		return
	}
	select {
	case <-w.live.Stop:
		w.stop()
	default:
	}
	w.takeIn()
}

// stop takes what has come, and no more.
func (w *window) stop() {
	w.takeIn()
	w.stopped = true
}

// wait waits for more, and where something waits in the window, no longer than left.
func (w *window) wait(left time.Duration, limited bool) {
	began := w.live.Now()
	var late <-chan time.Time
	if limited && w.live.After != nil {
		late = w.live.After(left)
	}
	select {
	case <-w.news:
	case <-late:
	case <-w.live.Stop:
		w.stop()
	case <-w.live.Pulse:
		w.engine.pulse(w.live.Now().Sub(w.heard))
	}
	w.waited += w.live.Now().Sub(began)
}

// heads returns the stream whose next packet is the earliest, nil where no stream has any; how long the window had waited when the oldest of the
// next packets came; and whether a stream that goes on has none.
func (w *window) heads() (first *stream, oldest time.Duration, missing bool) {
	var earliest int64
	for _, s := range w.engine.streams {
		b, k := s.next()
		if b == nil {
			missing = missing || !s.ended
			continue
		}
		if t := b.packets[k].Time; first == nil || t < earliest {
			earliest = t
			if first == nil {
				oldest = b.since
			}
			first = s
		}
		oldest = min(oldest, b.since)
	}
	return first, oldest, missing
}

// takeIn takes what the streams have, as far as there is room, and estimates the clocks when enough has come for it.
func (w *window) takeIn() {
	better := false
	for i, s := range w.engine.streams {
		for !s.ended && s.held < w.room {
			b, more := s.receiveNow()
			if b == nil && more {
				break
			}
			w.heard = w.live.Now()
			if silent := w.heard.Sub(s.came); silent >= patience {
				s.quiet.Pause = max(s.quiet.Pause, int64(silent))
			}
			s.came = w.heard
			if !more {
				s.ended = true
				break
			}
			s.latest = b.capture
			kept := b.clone()
			if s.empty <- b; len(kept.packets) == 0 {
				continue
			}
			kept.since = w.waited
			s.queue = append(s.queue, kept)
			s.held += kept.size()
			if w.sketches[i].stays == nil {
				w.sketches[i] = newSketch()
			}
			if k := &w.sketches[i]; !k.full() {
				w.shared[i] += k.add(kept, w.sketches)
			}
			better = better || w.shared[i] >= w.due[i]
		}
	}
	if better {
		w.estimate()
	}
}

// receiveNow returns a batch that has been read, nil where there is none yet, and whether there may be more.
func (s *stream) receiveNow() (b *batch, more bool) {
	select {
	case b, more = <-s.full:
		return b, more
	default:
		return nil, true
	}
}

// estimate estimates the clocks by what has come so far.
func (w *window) estimate() {
	w.engine.estimateClocks(w.sketches)
	for i, n := range w.shared {
		w.due[i] = max(clockVotes, 2*n)
	}
}

// align sets the clock of the stream whose packet comes first, if that is further away from the packets before than any delay explains, so that it
// goes on where they were. Else the others would be taken for idle, or this one wait for hours. missing says that another stream has
// nothing that could come first.
func (w *window) align(s *stream, missing bool) bool {
	if w.now == 0 {
		return false
	}
	b, k := s.next()
	t, due := b.packets[k].Time, w.now+int64(w.live.Now().Sub(w.at))
	if !(missing && t > due+astray || t < w.now-wild) {
		return false
	}
	raw := b.block.Frames[k].Time
	// What was known of its clock holds no longer, nor do packets of before tell more.
	s.setClock(fact.Clock{Offset: raw - due, Error: astray}, raw)
	s.shift(due - b.packets[k].Time)
	for i := range w.sketches {
		w.sketches[i], w.shared[i], w.due[i] = sketch{}, 0, clockVotes
	}
	return true
}

// setClock sets the clock, which was as far ahead at the time begins. Packets that are being merged move with it.
func (s *stream) setClock(c fact.Clock, begins int64) {
	b, k := s.now, 0
	var before int64
	if b != nil {
		k = max(b.next(), 0)
		before = s.corrected(b.block.Frames[k].Time)
	}
	s.clock, s.begins = c, begins
	if b != nil {
		s.shift(s.corrected(b.block.Frames[k].Time) - before)
	}
}

// shift moves the packets that are being merged.
func (s *stream) shift(by int64) {
	if by == 0 {
		return
	}
	for _, b := range []*batch{s.now, s.ahead} {
		if b != nil {
			for i := range b.packets {
				b.packets[i].Time += by
			}
		}
	}
}

// lead notes that packets are led on.
func (w *window) lead(s *stream, x *span) {
	for i := x.from; i < x.to; i++ {
		t := x.b.packets[i].Time
		if t < w.now-backward {
			s.quiet.Late++
		}
		w.now = max(w.now, t)
	}
	w.at = w.live.Now()
}

// end estimates the clocks by all that came, and reports whether any stream could be read.
func (w *window) end() (any bool) {
	w.estimate()
	for _, s := range w.engine.streams {
		if !s.ended && s.latest.Format == "" {
			s.latest.Error = errStopped.Error()
		}
		any = any || s.described().Format != ""
	}
	return any
}
