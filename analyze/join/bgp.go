package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/wire"
)

// notified reads the messages at the beginning of a segment of BGP, as far as a notification. What continues a message that began in a
// segment before has no marker.
func (j *Joiner) notified(id connID, s *sighting) {
	for b := wire.BGP(payload(s.p, s.data)); b.Valid(); b = b.Next() {
		if code, subcode, ok := b.Notification(); ok && j.notices[id] == nil {
			s.marked = true
			j.notices[id] = &fact.Notice{From: s.dir, Code: code, Subcode: subcode, Time: s.p.Time, Ref: ref(s.origin.Capture, s.p.Frame)}
		}
	}
}
