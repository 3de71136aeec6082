package analyze

import (
	"github.com/netsift/netsift/decode"
)

// merger leads the packets of several streams together in the order of their corrected times. Streams are asked in their
// given order where times are equal, so that the result does not depend on who was faster.
type merger struct {
	streams []*stream
	heads   []head
}

type head struct {
	p    *decode.Packet
	data []byte
}

func newMerger(streams []*stream) *merger {
	m := &merger{streams: streams, heads: make([]head, len(streams))}
	for i := range streams {
		m.pull(i)
	}
	return m
}

func (m *merger) pull(i int) {
	s := m.streams[i]
	h := &m.heads[i]
	h.p, h.data = s.next()
	if h.p != nil {
		h.p.Time = s.corrected(h.p.Time)
	}
}

// next returns the index of the stream with the next packet, -1 at the end. The packet is valid until the following call.
func (m *merger) next(last int) int {
	if last >= 0 {
		m.pull(last)
	}
	best := -1
	for i := range m.heads {
		if m.heads[i].p != nil && (best < 0 || m.heads[i].p.Time < m.heads[best].p.Time) {
			best = i
		}
	}
	return best
}

// corrected returns a time of the stream's clock in that of the first capture.
func (s *stream) corrected(t int64) int64 {
	return t - s.capture.Clock.Offset - int64(s.capture.Clock.DriftPPM*1e-6*float64(t-s.capture.First))
}
