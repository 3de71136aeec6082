package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// passenger is a way of reaching whose packets a tunnel carries, in one direction.
type passenger struct {
	reach *fact.Reach
	conn  *fact.Connection
	flow  fact.Direction
}

// passengers returns what a tunnel carries in its direction.
func (s *scene) passengers(t *fact.Tunnel) []passenger {
	return index(s, newCarried)[wayOf(&t.Encap, fact.ToServer)]
}

// carried has what tunnels carry, by the tunnel in its direction.
type carried map[fact.Encap][]passenger

func newCarried(s *scene) carried {
	m := carried{}
	for i := range s.Reach {
		m.board(&s.Reach[i])
	}
	return m
}

// board enters a way of reaching where it is carried.
func (m carried) board(x *fact.Reach) {
	c := example(x, func(c *fact.Connection) bool { return tunnelEnds(c) != nil })
	if c == nil {
		return
	}
	done := map[fact.Encap]bool{}
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			if len(l.Encap) == 0 {
				break
			}
			flow := l.Views[k].Flow
			if way := wayOf(&l.Encap[0], flow); !done[way] {
				done[way] = true
				m[way] = append(m[way], passenger{x, c, flow})
			}
		}
	}
}

// wayOf returns a tunnel as packets of one direction travel it, without what differs between them.
func wayOf(e *fact.Encap, flow fact.Direction) fact.Encap {
	way := fact.Encap{Kind: e.Kind, Src: e.Src, Dst: e.Dst, Port: e.Port}
	if flow == fact.ToClient {
		way.Src, way.Dst = e.Dst, e.Src
	}
	return way
}

// far returns the address behind the tunnel.
func (p *passenger) far() netip.Addr {
	if p.flow == fact.ToClient {
		return p.conn.Client.Addr()
	}
	return p.conn.Destination.Addr()
}

// near returns the address whose packets go into the tunnel.
func (p *passenger) near() netip.Addr {
	if p.flow == fact.ToClient {
		return p.conn.Destination.Addr()
	}
	return p.conn.Client.Addr()
}

// sent counts the packets of this direction; of a way on which both had some, as far as an example shows it.
func (p *passenger) sent() uint64 {
	if p.reach.Signs&fact.SignAnswered == 0 {
		return p.reach.Packets
	}
	return p.conn.Flow[p.flow].Packets * p.reach.Count
}

// delivered returns until when the packets certainly came through the tunnel; 0 where nothing says so. Answers show it, by whichever way
// they came: with direct server return they pass by the node that the requests went through, and the client goes on all the same. So do
// the packets themselves, outside of the tunnel on the machine where they arrived: what becomes of them there is no matter of the tunnel.
func (p *passenger) delivered() int64 {
	x := p.reach
	until := p.unwrapped()
	answered := x.Signs&fact.SignAnswered != 0
	switch {
	case !x.Proto.Opens():
		if x.Outcome == fact.OK {
			return x.Last
		}
	case x.Phase == fact.PhaseClosed, x.Outcome == fact.Refused, x.Outcome == fact.Unreachable, x.Outcome == fact.ResetOutcome:
		if !p.refusedHere() {
			return x.Last
		}
	case x.Phase == fact.PhaseHandshake:
		if answered && p.flow == fact.ToServer {
			return x.Last
		}
	case x.Signs&fact.SignStall != 0: // only until then
		if x.Signs&fact.SignMidstream == 0 {
			return max(until, x.First)
		}
	case x.Signs&fact.SignMidstream == 0 || answered:
		return x.Last
	}
	return until
}

// refusedHere reports whether it was the capturing machine that refused: nothing came through a tunnel then.
func (p *passenger) refusedHere() bool {
	if r := p.conn.Reset; r != nil {
		return r.MadeHere
	}
	for i := range p.conn.Errors {
		if e := &p.conn.Errors[i]; e.MadeHere || e.Tunnel {
			return true
		}
	}
	return false
}

// deliveredUntil returns until when a tunnel certainly delivered something in its direction, 0 for never.
func (s *scene) deliveredUntil(t *fact.Tunnel) int64 {
	until := int64(0)
	for _, p := range s.passengers(t) {
		until = max(until, p.delivered())
	}
	return until
}

// unwrapped returns when the latest packet was seen outside of the tunnel on the machine where it had come in; 0 for never.
func (p *passenger) unwrapped() int64 {
	last := int64(0)
	for i := range p.reach.Examples {
		c := &p.reach.Examples[i]
		for _, node := range c.Arrivals(p.flow) {
			last = max(last, c.Opened(p.flow, node))
		}
	}
	return last
}

// unanswered reports whether the packets went into the tunnel and nobody acted upon them: SYNs or requests without any answer, or answers
// to SYNs that are sent again and again because the client never hears them.
func (p *passenger) unanswered() bool {
	x := p.reach
	answered := x.Signs&fact.SignAnswered != 0
	switch {
	case !x.Proto.Opens():
		return x.Outcome == fact.Hang && p.flow == fact.ToServer && !answered
	case x.Phase != fact.PhaseHandshake || x.Outcome != fact.Hang && x.Outcome != fact.Unfinished:
		return false
	case p.flow == fact.ToServer:
		return !answered
	}
	return answered && x.Outcome == fact.Hang
}

// unopened reports whether the packets came in by the tunnel, and were never seen outside of it on the machine where they did.
func (p *passenger) unopened() bool {
	return p.reach.Signs&fact.SignUnopened != 0 && len(p.conn.Arrivals(p.flow)) > 0 && p.unwrapped() == 0
}

// awaited reports whether an answer would have to come back by the machine that sent the packets into the tunnel: its own pods are the
// clients, or it rewrote the source. A load balancer that does neither may see requests only (direct server return).
func (p *passenger) awaited() bool {
	if p.flow == fact.ToClient || p.reach.Signs&fact.SignSNAT != 0 {
		return true
	}
	first := &p.conn.Legs[0]
	for i := range first.Views {
		if v := &first.Views[i]; v.Flow == fact.ToServer && v.In() && v.Role.Kind == fact.Uplink && len(first.Encap) == 0 {
			return false
		}
	}
	return true
}
