package plugin

import (
	"io"
	"time"

	"github.com/netsift/netsift/decode/capture"
)

// sink is where the frames of a node go, of one session after the other: one pcapng capture with a section for each session, and the counters of the
// kernel at its end. Its bytes go to the analysis and to the bundle, either of them nil where there is none.
type sink struct {
	description string
	analysis    *io.PipeWriter
	bundle      io.Writer
	spent       *budget
	now         func() time.Time

	w     *capture.Writer
	index uint32
	// frames counts those of all sessions, received and dropped what the kernel counted of them.
	frames, received, dropped uint64
	failed                    error
}

// open begins the section of a session, whose frames are of interface i.
func (s *sink) open(i capture.Interface) {
	s.w = capture.NewWriter(writerFunc(s.write), application, s.description)
	s.index = s.w.AddInterface(i)
	s.flush()
}

// frame takes a frame.
func (s *sink) frame(time int64, wire uint32, data []byte) {
	s.w.Write(s.index, time, wire, data, "")
	s.frames++
}

// count adds the counters of a session.
func (s *sink) count(received, dropped uint64) {
	if s.w == nil {
		return
	}
	s.received, s.dropped = s.received+received, s.dropped+dropped
	s.w.AddStatistics(s.index, s.now().UnixNano(), received, dropped)
	s.flush()
}

// close ends the capture.
func (s *sink) close() {
	s.flush()
	if s.analysis != nil {
		s.analysis.Close()
	}
}

func (s *sink) flush() {
	if s.w != nil {
		s.w.Flush()
	}
}

// write passes on what has been written. An analysis that reads no more is no reason not to save.
func (s *sink) write(b []byte) (int, error) {
	s.spent.spend(len(b))
	if s.analysis != nil {
		if _, err := s.analysis.Write(b); err != nil {
			s.analysis = nil
		}
	}
	if s.bundle != nil && s.failed == nil {
		_, s.failed = s.bundle.Write(b)
	}
	return len(b), nil
}
