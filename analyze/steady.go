package analyze

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// steadier keeps single records with a wild date from moving the clock: one frame dated 2038 must not make every
// connection idle. A jump counts only if the frames after it confirm it. After one backwards, an era begins: the clock was set, and what comes
// then was captured later, whatever its time says.
type steadier struct {
	last    int64
	started bool
	era     uint32
	// back is the first jump backwards.
	back fact.SetBack
}

const (
	// wild is a step between frames that wants confirmation, in nanoseconds: more than a quiet link's pause.
	wild = 3600e9
	// witnesses is how many of the following frames are asked.
	witnesses = 8
)

// steady replaces wild times by that of the frame before. It returns the packets' eras, which it keeps in the memory of eras; nil if all are of one.
func (s *steadier) steady(packets []decode.Packet, eras []uint32) []uint32 {
	eras = eras[:0]
	for i := range packets {
		t := packets[i].Time
		if !s.started {
			s.started = true
			// The first frame has none before it; one from the future would hold the clock there.
			if i+1 < len(packets) && t > packets[i+1].Time && !confirmed(packets[i+1:], t, packets[i+1].Time) {
				t = packets[i+1].Time
			}
		} else if far(t, s.last) {
			switch {
			case !confirmed(packets[i+1:], t, s.last):
				t = s.last
			case t < s.last:
				if len(eras) == 0 {
					for range packets {
						eras = append(eras, s.era)
					}
				}
				if s.back.Times++; s.back.Times == 1 {
					s.back.Frame, s.back.By = packets[i].Frame, s.last-t
				}
				s.era++
			}
		}
		if packets[i].Time, s.last = t, t; len(eras) > 0 {
			eras[i] = s.era
		}
	}
	return eras
}

// confirmed reports whether the next frames lie nearer to t than to the time before.
func confirmed(next []decode.Packet, t, before int64) bool {
	if !far(t, before) {
		return true
	}
	here, there := 0, 0
	for i := range next[:min(len(next), witnesses)] {
		switch x := next[i].Time; {
		case !far(x, t):
			here++
		case !far(x, before):
			there++
		}
	}
	return here > there || here == there && (here > 0 || len(next) == 0 && t > before)
}

func far(a, b int64) bool { return a-b > wild || b-a > wild }
