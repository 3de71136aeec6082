package life

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/wire"
)

// notified reads the messages at the beginning of a segment of BGP, as far as a notification. What continues a message that began in a
// segment before has no marker.
func (ls *Lives) notified(id ID, s *Sighting) {
	for b := wire.BGP(Payload(s.Packet, s.Data)); b.Valid(); b = b.Next() {
		if code, subcode, ok := b.Notification(); ok && ls.notices[id] == nil {
			s.Marked = true
			ls.notices[id] = &fact.Notice{From: s.Dir, Code: code, Subcode: subcode, Time: s.Packet.Time, Ref: ref(s.Origin.Capture, s.Packet.Frame)}
		}
	}
}
