package life

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
)

const (
	// patience is how long after its last SYN a connection counts as hung rather than unfinished: Linux repeats a SYN
	// after one second (RFC 6298, section 2.1).
	patience = 3e9
	// replyPatience is the same for a datagram: resolvers wait five seconds by default (resolv.conf(5), timeout).
	replyPatience = 5e9
	// answerDelay is how long after the first of several datagrams their answers may still be on their way: resolvers ask for A and AAAA
	// at once, and that is no second attempt.
	answerDelay = 1e9
	// hangSends is how many transmissions of the same data, not one acknowledged, make a hang.
	hangSends = 3
	// settling is how long after its first SYN a connection that goes on is not judged: a host that does not answer ARP is
	// reported after three seconds (net.ipv4.neigh.default.mcast_solicit, retrans_time_ms), and then it is no hang.
	settling = 3.5e9
	// enough is how soon a client that only wants a SYN-ACK resets the connection. One that loses patience waits for longer.
	enough = 250e6
)

// outcome says what the client's socket lived through until now, the time up to which the capture goes; young says that it goes on, strayed that
// the client got a reply from an address that it never called.
func (ls *Lives) outcome(id ID, c *State, now int64, young, strayed bool) (fact.Outcome, fact.Phase) {
	if !c.Proto.Opens() {
		return ls.datagramOutcome(id, c, now), fact.PhaseEstablished
	}
	if r := ls.resets[id]; r != nil && !(r.from == fact.ToServer && ls.stuck(id, c)) {
		return ls.resetOutcome(c, r, strayed)
	}
	if !c.Established && !c.Midstream {
		for _, e := range ls.errors[id] {
			switch {
			case !e.ToClient:
			case e.PortUnreachable():
				return fact.Refused, fact.PhaseHandshake
			case e.Unreachable(), e.TimeExceeded(), e.NoProtocol():
				return fact.Unreachable, fact.PhaseHandshake
			}
		}
		if young && now-c.firstSYN < settling {
			return fact.Unfinished, fact.PhaseHandshake
		}
		if c.ways[fact.ToServer].packets >= 2 && c.SYN.Time != c.firstSYN || now-c.SYN.Time >= patience && c.firstSYN != 0 {
			return fact.Hang, fact.PhaseHandshake
		}
		return fact.Unfinished, fact.PhaseHandshake
	}
	if ls.stuck(id, c) {
		return fact.Hang, fact.PhaseEstablished
	}
	if c.Stage == Closing {
		return fact.OK, fact.PhaseClosed
	}
	return fact.Unfinished, fact.PhaseEstablished
}

// stuck reports whether an established connection has data that was sent again and again, and never acknowledged: its client
// hangs, also if it closes or aborts in the end.
func (ls *Lives) stuck(id ID, c *State) bool {
	if !c.Established && !c.Midstream {
		return false
	}
	for dir := range c.ways {
		s := ls.stall(id, c, fact.Direction(dir))
		if s != nil && s.Sends >= hangSends && !s.Probe && !ls.acked(c, fact.Direction(dir), s) {
			return true
		}
	}
	return false
}

func (ls *Lives) resetOutcome(c *State, r *reset, strayed bool) (fact.Outcome, fact.Phase) {
	up, down := &c.ways[fact.ToServer], &c.ways[fact.ToClient]
	switch {
	case r.inHandshake:
		return fact.Refused, fact.PhaseHandshake
	case r.afterClose:
		return fact.OK, fact.PhaseClosed
	case !c.Established && !c.Midstream:
		if strayed { // what it refuses is not the SYN-ACK that it waits for
			return fact.Hang, fact.PhaseHandshake
		}
		// A load balancer's check of a port, or a client that was faster elsewhere (RFC 8305): the SYN-ACK is all that it wanted. One that cannot
		// make use of it would send its SYN again.
		if c.Proto == fact.TCP && r.from == fact.ToServer && down.seen && c.SYN.Time == c.firstSYN && r.time-c.firstSYN < enough {
			return fact.OK, fact.PhaseClosed
		}
		return fact.ResetOutcome, fact.PhaseHandshake
	case r.from == fact.ToClient:
		// The last word of a server that had closed already, when the client was through as well.
		if down.fin && up.fin && up.hasAck && !after(down.finEnd, up.ack) {
			return fact.OK, fact.PhaseClosed
		}
		return fact.ResetOutcome, fact.PhaseEstablished
	}
	if strayed {
		return fact.ResetOutcome, fact.PhaseEstablished
	}
	// A client that has all it wanted may close with a RST (SO_LINGER 0); one that leaves data unread may not.
	exchanged := up.seen && down.seen && up.hasAck && down.hasAck && up.hasTop && down.hasTop
	fin := uint32(1) // takes up sequence space
	if c.Proto == fact.SCTP {
		fin = 0
	}
	if exchanged && !after(down.top, up.ack) && !after(up.top, down.ack+fin) {
		return fact.OK, fact.PhaseClosed
	}
	if down.fin {
		return fact.OK, fact.PhaseClosed
	}
	return fact.ResetOutcome, fact.PhaseEstablished
}

func (ls *Lives) datagramOutcome(id ID, c *State, now int64) fact.Outcome {
	up, down := &c.ways[fact.ToServer], &c.ways[fact.ToClient]
	for _, e := range ls.errors[id] {
		switch {
		case !e.ToClient, e.Time < down.last:
		case e.PortUnreachable():
			return fact.Refused
		case e.Unreachable(), e.TimeExceeded():
			return fact.Unreachable
		}
	}
	if up.waiting == 0 {
		if !up.seen {
			return fact.OneWay
		}
		return fact.OK
	}
	if waited := now - up.waitingSince; waited < answerDelay || up.waiting < 2 && waited < replyPatience {
		return fact.Unfinished
	}
	if !down.seen && !c.DNS && c.Proto == fact.UDP {
		return fact.OneWay // it may not have asked for an answer
	}
	if down.seen && !c.DNS && c.Proto == fact.UDP && up.waiting < down.packets {
		return fact.OK // datagrams need not be answered one by one
	}
	return fact.Hang
}

// stall returns the worst retransmission of a direction, one that is still going on first; nil without any.
func (ls *Lives) stall(id ID, c *State, dir fact.Direction) *sight.Stall {
	if both := ls.unacked[id]; both != nil {
		if s := &both[dir]; s.Sends > 1 {
			return s
		}
		return nil
	}
	v := ls.nearest(c, dir)
	if v == nil {
		return nil
	}
	x := ls.table.Trouble(v)
	if s := &x.Stall; s.Sends >= hangSends && !ls.acked(c, dir, s) {
		return s
	}
	if x.Worst.Sends == 0 {
		return nil
	}
	return &x.Worst
}

func (ls *Lives) acked(c *State, dir fact.Direction, s *sight.Stall) bool {
	peer := &c.ways[1-dir]
	return peer.hasAck && after(peer.ack, s.Seq)
}

// nearest returns the view nearest the sender of a direction: the one whose packets have the largest TTL, and of those the
// one that showed them first.
func (ls *Lives) nearest(c *State, dir fact.Direction) *sight.View {
	var best *sight.View
	for i, l := range c.Legs() {
		for id := ls.table.Leg(l).Views; id != 0; {
			v := ls.table.View(id)
			id = v.Link
			if c.Side(i, v.Forward) != dir {
				continue
			}
			if best == nil || v.TTL > best.TTL || v.TTL == best.TTL && v.First < best.First {
				best = v
			}
		}
	}
	return best
}
