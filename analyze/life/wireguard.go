package life

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/wire"
)

// The types of WireGuard's messages that a handshake is made of (https://www.wireguard.com/protocol/).
const wgInitiation, wgResponse, wgCookie = 1, 2, 3

// wgPause is after how long without an initiation the next one begins a new run: a peer repeats it after 5 s (REKEY_TIMEOUT) and some hundred
// milliseconds, and begins a new handshake after 120 s (REKEY_AFTER_TIME) with a session that works.
const wgPause = 20e9

// handshakes is the handshakes of a connection of WireGuard, by the direction of the initiations: the run that goes on, and the longest one.
type handshakes struct{ run, worst [2]fact.Handshakes }

// wireGuardPort reports whether a port is WireGuard's.
func wireGuardPort(port uint16) bool {
	return port == wire.WireGuardPort || port == wire.WireGuardPort6 || port == wire.WireGuardCiliumPort
}

// shakeHands enters a packet that may be WireGuard's. Only its length is looked at, unless that is a handshake's.
func (ls *Lives) shakeHands(id ID, c *State, s *Sighting) {
	kind := byte(0) // data
	switch n := s.Packet.PayloadLen; n {
	case wire.WireGuardInitiation, wire.WireGuardResponse, wire.WireGuardCookie:
		b := Payload(s.Packet, s.Data)
		if !wire.WireGuard(b, n) {
			return
		}
		kind = b[0]
	default:
		if n < wire.WireGuardMinData || n%16 != 0 {
			return
		}
	}
	g := ls.handshakes[id]
	if kind == wgInitiation {
		if g == nil {
			g = &handshakes{}
			ls.handshakes[id] = g
		}
		g.initiate(s.Dir, s.Packet.Time)
		c.note(s.mark(fact.MarkInitiation))
		return
	}
	if g == nil {
		return
	}
	mine, peers := &g.run[s.Dir], &g.run[1-s.Dir]
	switch {
	case kind == wgResponse:
		peers.Responses++
		g.keep(1 - s.Dir)
	case kind == wgCookie:
		g.end(1-s.Dir, s.Packet.Time) // the peer has the right key, and is busy
	default:
		if peers.Initiations > 0 {
			g.end(1-s.Dir, s.Packet.Time)
		}
		if mine.Responses > 0 { // data follows a response that arrived
			g.end(s.Dir, s.Packet.Time)
		}
	}
}

// initiate enters an initiation.
func (g *handshakes) initiate(d fact.Direction, time int64) {
	r := &g.run[d]
	if r.Initiations == 0 || time-r.Last > wgPause {
		*r = fact.Handshakes{First: time}
	}
	r.Initiations++
	r.Last = time
	g.keep(d)
}

// keep notes the run that goes on where it is the longest.
func (g *handshakes) keep(d fact.Direction) {
	if g.run[d].Initiations >= g.worst[d].Initiations {
		g.worst[d] = g.run[d]
	}
}

// end ends a run: the handshake was of use.
func (g *handshakes) end(d fact.Direction, time int64) {
	if w := &g.worst[d]; w.First == g.run[d].First && w.Over == 0 {
		w.Over = time
	}
	g.run[d] = fact.Handshakes{}
}
