package join

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
)

// outcome says what the client's socket lived through until now, the time up to which the capture goes; young says that it goes on, strayed that
// the client got a reply from an address that it never called.
func (j *Joiner) outcome(id connID, now int64, young, strayed bool) (fact.Outcome, fact.Phase) {
	c := j.conn(id)
	if !c.proto.Opens() {
		return j.datagramOutcome(id, now), fact.PhaseEstablished
	}
	if r := j.resets[id]; r != nil && !(r.from == fact.ToServer && j.stuck(id, c)) {
		return j.resetOutcome(c, r, strayed)
	}
	if !c.established && !c.midstream {
		for _, e := range j.errors[id] {
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
		if c.ways[fact.ToServer].packets >= 2 && c.synTime != c.firstSYN || now-c.synTime >= patience && c.firstSYN != 0 {
			return fact.Hang, fact.PhaseHandshake
		}
		return fact.Unfinished, fact.PhaseHandshake
	}
	if j.stuck(id, c) {
		return fact.Hang, fact.PhaseEstablished
	}
	if c.class == closing {
		return fact.OK, fact.PhaseClosed
	}
	return fact.Unfinished, fact.PhaseEstablished
}

// stuck reports whether an established connection has data that was sent again and again, and never acknowledged: its client
// hangs, also if it closes or aborts in the end.
func (j *Joiner) stuck(id connID, c *conn) bool {
	if !c.established && !c.midstream {
		return false
	}
	for dir := range c.ways {
		s := j.stall(id, c, fact.Direction(dir))
		if s != nil && s.Sends >= hangSends && !s.Probe && !j.acked(c, fact.Direction(dir), s) {
			return true
		}
	}
	return false
}

func (j *Joiner) resetOutcome(c *conn, r *reset, strayed bool) (fact.Outcome, fact.Phase) {
	up, down := &c.ways[fact.ToServer], &c.ways[fact.ToClient]
	switch {
	case r.inHandshake:
		return fact.Refused, fact.PhaseHandshake
	case r.afterClose:
		return fact.OK, fact.PhaseClosed
	case !c.established && !c.midstream:
		if strayed { // what it refuses is not the SYN-ACK that it waits for
			return fact.Hang, fact.PhaseHandshake
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
	if c.proto == fact.SCTP {
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

func (j *Joiner) datagramOutcome(id connID, now int64) fact.Outcome {
	c := j.conn(id)
	up, down := &c.ways[fact.ToServer], &c.ways[fact.ToClient]
	for _, e := range j.errors[id] {
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
	if !down.seen && !c.dns && c.proto == fact.UDP {
		return fact.OneWay // it may not have asked for an answer
	}
	if down.seen && !c.dns && c.proto == fact.UDP && up.waiting < down.packets {
		return fact.OK // datagrams need not be answered one by one
	}
	return fact.Hang
}

// stall returns the worst retransmission of a direction, one that is still going on first; nil without any.
func (j *Joiner) stall(id connID, c *conn, dir fact.Direction) *sight.Stall {
	if both := j.unacked[id]; both != nil {
		if s := &both[dir]; s.Sends > 1 {
			return s
		}
		return nil
	}
	v := j.nearest(c, dir)
	if v == nil {
		return nil
	}
	x := j.table.Trouble(v)
	if s := &x.Stall; s.Sends >= hangSends && !j.acked(c, dir, s) {
		return s
	}
	if x.Worst.Sends == 0 {
		return nil
	}
	return &x.Worst
}

func (j *Joiner) acked(c *conn, dir fact.Direction, s *sight.Stall) bool {
	peer := &c.ways[1-dir]
	return peer.hasAck && after(peer.ack, s.Seq)
}

// nearest returns the view nearest the sender of a direction: the one whose packets have the largest TTL, and of those the
// one that showed them first.
func (j *Joiner) nearest(c *conn, dir fact.Direction) *sight.View {
	var best *sight.View
	for i, l := range c.legs[:c.nlegs] {
		for id := j.table.Leg(l).Views; id != 0; {
			v := j.table.View(id)
			id = v.Link
			if c.side(i, v.Forward) != dir {
				continue
			}
			if best == nil || v.TTL > best.TTL || v.TTL == best.TTL && v.First < best.First {
				best = v
			}
		}
	}
	return best
}

// conclude hands a connection on that is over.
func (j *Joiner) conclude(id connID) {
	f := &j.ended
	j.fact(id, f, j.now, false)
	j.Connections++
	j.Retransmissions += f.Flow[0].Retransmissions + f.Flow[1].Retransmissions
	if j.sinks.Connection != nil {
		j.sinks.Connection(f)
	}
}

// end hands a connection on and takes it out of the state.
func (j *Joiner) end(id connID) {
	j.conclude(id)
	c := j.conn(id)
	if c.proto == fact.TCP && c.nlegs > 0 {
		j.sockets.put(&j.table.Leg(c.legs[0]).Tuple, j.table.Place(c.legs[0]), c.last)
	}
	j.unlink(id)
	if c.hasISN && j.births[c.isn] == id {
		delete(j.births, c.isn)
	}
	if c.hasISN && j.tags[c.isn] == id {
		delete(j.tags, c.isn)
	}
	for _, l := range c.legs[:c.nlegs] {
		j.fragments.forget(j.table, l)
		j.table.Remove(l)
	}
	if c.overflow > 0 {
		for _, l := range j.further[id] {
			j.table.Remove(l)
		}
		delete(j.further, id)
	}
	delete(j.errors, id)
	delete(j.resets, id)
	delete(j.holes, id)
	delete(j.windows, id)
	delete(j.reused, id)
	delete(j.handshakes, id)
	delete(j.notices, id)
	delete(j.unacked, id)
	j.conns.Remove(uint32(id))
}
