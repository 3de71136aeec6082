package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// bgpPort is the port of BGP (RFC 4271, section 8.2.1).
const bgpPort = 179

// session is one TCP connection of BGP between two machines.
type session struct {
	reach *fact.Reach
	conn  *fact.Connection
	// up is when it was last known to work; 0 for one that never was opened.
	start, up int64
	// ended says how it ended, "" where nothing says that it did.
	ended string
}

// peering is two machines and their sessions of BGP, by their beginning.
type peering struct {
	ends [2]netip.Addr
	list []session
}

// peerings returns the peerings of nodes. Two pods, or a client outside and a Service, have none.
func (s *scene) peerings() []*peering {
	var list []*peering
	byEnds := map[[2]netip.Addr]*peering{}
	for i := range s.Reach {
		x := &s.Reach[i]
		if x.Proto != fact.TCP || x.Called.Port() != bgpPort || x.Service.IsValid() || !s.peersWith(x.Client, x.Called.Addr()) {
			continue
		}
		ends := pairOf(x.Client, x.Called.Addr())
		p := byEnds[ends]
		if p == nil {
			p = &peering{ends: ends}
			byEnds[ends] = p
			list = append(list, p)
		}
		for k := range x.Examples {
			p.list = append(p.list, s.sessionOf(x, &x.Examples[k]))
		}
	}
	for _, p := range list {
		slices.SortStableFunc(p.list, func(a, b session) int { return cmp.Compare(a.start, b.start) })
	}
	return list
}

// peersWith reports whether two addresses may be those of nodes that tell each other their routes.
func (s *scene) peersWith(a, b netip.Addr) bool {
	x, y := s.Role(a), s.Role(b)
	return x != fact.RolePod && y != fact.RolePod && (x == fact.RoleNode || y == fact.RoleNode)
}

// sessionOf reads a connection as a session of BGP: what ended it, and until when both sides spoke.
func (s *scene) sessionOf(x *fact.Reach, c *fact.Connection) session {
	up, down := &c.Flow[fact.ToServer], &c.Flow[fact.ToClient]
	t := session{reach: x, conn: c, start: c.Start, up: c.End}
	switch {
	case c.Phase == fact.PhaseHandshake:
		t.up = 0
		if x.Failed() {
			t.ended = x.Outcome.String()
		}
	case c.Notice != nil:
		t.up, t.ended = c.Notice.Time, fmt.Sprintf("ended by NOTIFICATION (%s)", c.Notice)
	case x.Outcome == fact.ResetOutcome && c.Reset != nil:
		t.up, t.ended = c.Reset.Time, "reset"
	case x.Outcome == fact.Hang:
		t.up, t.ended = min(up.Tail, down.Tail), "silent"
		for _, f := range c.Flow {
			if f.Stall != nil && !f.Stall.Acked {
				t.up = f.Stall.First
			}
		}
	case c.Phase == fact.PhaseClosed:
		t.ended = "closed"
	default:
		if heard := min(up.Tail, down.Tail); s.pastHoldTime(c, heard) {
			t.up, t.ended = heard, "silent past its hold time"
		}
	}
	return t
}

// pastHoldTime reports whether a side of a session has said nothing for its hold time when the capture ends. The hold time is thrice the time
// between two keepalives (RFC 4271, section 4.4), for each of which a side sends a packet, and one more for the other side's.
func (s *scene) pastHoldTime(c *fact.Connection, heard int64) bool {
	const least, usual, keepalives, packets = 90e9, 240e9, 3, 2
	n := min(c.Flow[fact.ToServer].Packets, c.Flow[fact.ToClient].Packets)
	hold := int64(usual)
	if n >= 2*packets {
		hold = max(least, keepalives*packets*(heard-c.Start)/int64(n))
	}
	x := &s.Captures[s.captureOf(c)]
	return heard > 0 && s.bothWays(c) && x.Last-x.Clock.Offset-heard > hold
}

// outage is a time in which two machines had no session of BGP.
type outage struct {
	// from is the end of the session before, or the first attempt to open one; until is the beginning of the next one, 0 where there was none.
	from, until int64
	// why says how the session ended, tries counts the attempts to open another one that failed.
	why   string
	tries uint64
	over  []session
}

// outage returns the longest time without a session that something shows, nil for none.
func (p *peering) outage() *outage {
	const opens = 10e9 // a session that is to last gets so old
	var worst *outage
	length := func(o *outage) int64 {
		if o.until == 0 {
			return 1<<63 - 1 - o.from
		}
		return o.until - o.from
	}
	works := func(t *session) bool { return t.up > 0 && (t.ended == "" || t.up-t.start > opens) }
	for i := range p.list {
		t := &p.list[i]
		if t.ended == "" {
			continue
		}
		o := &outage{from: t.up, why: t.ended, over: []session{*t}}
		if t.up == 0 {
			o.from = t.start
		}
		covered := false
		for k := range p.list {
			y := &p.list[k]
			switch {
			case k == i:
			case works(y) && y.start <= o.from && (y.ended == "" && t.up > 0 || y.up > o.from):
				// Two were opened at once, and one was closed (RFC 4271, section 6.8). Who has a session does not try to open another one.
				covered = true
			case works(y) && y.start > o.from:
				if o.until == 0 || y.start < o.until {
					o.until = y.start
				}
			case y.start > o.from && y.ended != "" && (o.until == 0 || y.start < o.until):
				o.tries += max(1, y.reach.Count/uint64(len(y.reach.Examples)))
				o.over = append(o.over, *y)
			}
		}
		if !covered && (worst == nil || length(o) > length(worst)) {
			worst = o
		}
	}
	return worst
}
