package trace

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// margin is how long, in nanoseconds, before the end of a hop's capture a packet has to be under way for the hop to be
// asked about it: tcpdump writes packets in blocks, and loses the last of them when it is interrupted.
const margin = 1e9

// count finds how far every transmission came.
func (b *builder) count(w *fact.Way, m *matcher, flow fact.Direction) {
	last := len(w.Hops) - 1
	first := make([]int64, len(w.Hops)) // when the first packet was lost behind each
	for i := range m.all {
		t := &m.all[i]
		w.Packets++
		if t.resent {
			w.Again++
		}
		for h := range w.Hops {
			if t.hops[h].seen {
				w.Hops[h].Packets++
			}
		}
		at := t.last()
		if at == last || delivers(&w.Hops[at]) {
			w.Arrived++
			continue
		}
		s := &w.Hops[at+1].Step
		if !b.running(&w.Hops[at+1], t.time) {
			s.Unknown++
			w.Unknown++
			continue
		}
		w.Lost++
		if s.Lost == 0 || t.time < first[at] {
			first[at] = t.time
			s.LostFirst = fact.Ref{Capture: int(t.hops[at].file), Frame: t.hops[at].frame}
		}
		s.Lost++
		if s.Smallest == 0 || t.ipLen < s.Smallest {
			s.Smallest = t.ipLen
		}
		s.Largest = max(s.Largest, t.ipLen)
	}
	w.Bytes = b.conn.Flow[flow].Bytes
	if b.conn.Proto != fact.TCP {
		w.Bytes = 0
		for i := range m.all {
			w.Bytes += uint64(m.all[i].length())
		}
	}
	for h := range w.Hops {
		if s := &w.Hops[h].Step; s.Lost > 0 {
			s.Errors = b.errors(flow)
		}
	}
}

// delivers reports whether a hop leads to the receiver's own interface. It need not be the last one: a pod may be replaced by another
// with its address, and both are on the way, one after the other.
func delivers(h *fact.Hop) bool {
	return h.Dir == decode.DirOut && h.Role.LeadsTo(h.Dst.Addr())
}

// running reports whether the capture of a hop was running, and its sightings were kept, when a packet was on its way to
// it.
func (b *builder) running(h *fact.Hop, at int64) bool {
	if b.rec.unkept > 0 && at >= b.rec.until-b.tail() {
		return false
	}
	c := &b.facts.Captures[h.Capture]
	// The captures' own times are not corrected.
	at += c.Clock.Offset + int64(c.Clock.DriftPPM*1e-6*float64(at-c.First))
	for i := range b.facts.Captures { // parts of one capture
		if x := &b.facts.Captures[i]; x.Node == c.Node && at >= x.First && at <= x.Last-b.tail() {
			return true
		}
	}
	return at >= c.First && at <= c.Last-b.tail()
}

// tail is the margin, or less for captures that are hardly longer.
func (b *builder) tail() int64 {
	t := int64(margin)
	for i := range b.facts.Captures {
		if c := &b.facts.Captures[i]; c.Frames > 0 {
			t = min(t, (c.Last-c.First)/20)
		}
	}
	return t
}

// errors returns the ICMP errors about packets of one direction.
func (b *builder) errors(flow fact.Direction) []fact.ICMPError {
	var list []fact.ICMPError
	for i := range b.conn.Errors {
		if e := &b.conn.Errors[i]; e.Flow == flow {
			list = append(list, *e)
		}
	}
	return list
}
