package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// tunnelEnds returns the nodes between which a connection is tunnelled, as addresses; none without a tunnel.
func tunnelEnds(c *fact.Connection) []netip.Addr {
	for _, l := range c.Legs {
		if len(l.Encap) > 0 {
			return []netip.Addr{l.Encap[0].Src, l.Encap[0].Dst}
		}
	}
	return nil
}

// overhead returns the bytes that a connection's encapsulation adds, 0 without one, and its kind.
func overhead(c *fact.Connection) (uint32, string) {
	for _, l := range c.Legs {
		if len(l.Encap) > 0 {
			return l.Encap[0].Overhead, l.Encap[0].Kind.String()
		}
	}
	return 0, ""
}

// senderNode returns the two ends of the stretch that a direction's packets cross, as far as they are known.
func senderNode(c *fact.Connection, d fact.Direction) (from, to string) {
	a, b := netip.Addr{}, netip.Addr{}
	if ends := tunnelEnds(c); ends != nil {
		a, b = ends[0], ends[1]
	} else {
		a, b = c.Client.Addr(), c.Destination.Addr()
	}
	if d == fact.ToClient {
		a, b = b, a
	}
	return a.String(), b.String()
}

// pairOf returns two addresses in order, so that both directions of a tunnel are one.
func pairOf(a, b netip.Addr) [2]netip.Addr {
	if b.Less(a) {
		a, b = b, a
	}
	return [2]netip.Addr{a, b}
}

// carriedBy returns the failing connections whose packets a tunnel carries in its direction.
func (s *scene) carriedBy(r *Rule, t *fact.Tunnel) *cause {
	c := &cause{key: t.Src.String() + t.Dst.String()}
	done := s.explained[r.ID]
	for _, p := range s.passengers(t) {
		if !done[p.reach] && p.unanswered() {
			c.hits = append(c.hits, hit{p.reach, p.conn, placeOf(p.conn)})
		}
	}
	return c
}

// tunnelFinding makes a finding about a tunnel, with the connections that it carries as the places affected.
func tunnelFinding(r *Rule, c *cause, t *fact.Tunnel) Finding {
	var f Finding
	if len(c.hits) > 0 {
		f = c.finding(r)
		f.Evidence = nil
	} else {
		f = Finding{
			Rule: r.ID, Layer: r.Layer, Severity: r.Severity, Certainty: Shown,
			Explains: r.Explains, ToldFrom: r.ToldFrom, NextSteps: r.NextSteps, Count: t.Sent, First: t.FirstSent, Last: t.LastSent, key: c.key,
		}
	}
	f.apart = fmt.Sprint(t.Kind, t.Port) // there may be several between two nodes
	f.Nodes = []netip.Addr{t.Src, t.Dst}
	for _, m := range t.Marks {
		text := "first fragment of a tunnel packet"
		if m.IPLen > 0 {
			text = fmt.Sprintf("first fragment; the inner packet has %d bytes", m.IPLen)
		}
		f.Evidence = append(f.Evidence, Evidence{Ref: m.Ref, Note: text})
	}
	for _, h := range c.hits {
		if len(t.Marks) > 0 || len(f.Evidence) >= maxEvidence {
			break
		}
		for _, m := range h.conn.Marks {
			if text := note(h.conn, m); text != "" && len(f.Evidence) < maxEvidence {
				f.Evidence = append(f.Evidence, Evidence{Ref: m.Ref, Note: text})
			}
		}
	}
	return f
}
