package analyze

// merger leads the packets of several streams together in the order of their corrected times. Streams are asked in their
// given order where times are equal, so that the result does not depend on which reader was faster.
type merger struct {
	streams []*stream
	// window is nil but for several live streams.
	window *window
}

// span is a run of packets of one batch that come before those of all other streams.
type span struct {
	// stream is its index in the merger.
	stream   int
	b        *batch
	from, to int
}

// next returns the next packets, false at the end. They are valid until the following call.
func (m *merger) next() (span, bool) {
	x := span{stream: -1}
	if m.window != nil && !m.window.ready() {
		return x, false
	}
	// Packets of other streams: before is the time of the first in a stream that is asked earlier, after in one asked later.
	best, before, after := int64(0), int64(never), int64(never)
	for i, s := range m.streams {
		b, k := s.next()
		if b == nil {
			continue
		}
		t := m.when(b, k)
		if x.b != nil && t >= best {
			after = min(after, t)
			continue
		}
		if x.b != nil {
			before = min(before, best, after)
			after = never
		}
		x.stream, x.b, x.from, best = i, b, k, t
	}
	if x.b == nil {
		return x, false
	}
	x.to = x.from + 1
	if m.window != nil {
		after = min(after, m.window.until)
	}
	if len(x.b.order) == 0 && !m.streams[x.stream].unordered {
		if before == never && after == never { // no other stream has packets: nothing to compare these with
			x.to = len(x.b.packets)
		}
		for x.to < len(x.b.packets) {
			if t := m.when(x.b, x.to); t >= before || t > after {
				break
			}
			x.to++
		}
		x.b.at = x.to
	} else {
		x.b.at++
	}
	if m.window != nil {
		m.window.lead(m.streams[x.stream], &x)
	}
	return x, true
}

const never = 1<<63 - 1

// when returns a time that orders a packet among those of other streams: what comes after a clock was set back comes after what came before it there, too,
// because the captures of one node have one clock. Live streams are not held up for that.
func (m *merger) when(b *batch, i int) int64 {
	t := b.packets[i].Time
	if b.era == 0 && len(b.eras) == 0 || m.window != nil {
		return t
	}
	return t + lifetime*int64(min(b.eraOf(i), mostEras))
}

// lifetime is more than any clock is set back by, in nanoseconds, and mostEras of it can be added to a time.
const (
	lifetime = 1e18 // 31 years
	mostEras = 5
)

// receive returns the next batch, its times corrected; nil at the end.
func (s *stream) receive() *batch {
	b := s.take()
	if b == nil {
		return nil
	}
	if len(b.names) > len(s.names) {
		s.names = b.names // only appended to from here on
	}
	if c := &s.clock; c.Offset != 0 || c.DriftPPM != 0 {
		for i := range b.packets {
			b.packets[i].Time = s.corrected(b.packets[i].Time)
		}
	}
	return b
}

// corrected returns a time of the stream's clock in that of the first capture.
func (s *stream) corrected(t int64) int64 {
	return t - s.clock.Offset - int64(s.clock.DriftPPM*1e-6*float64(t-s.begins))
}
