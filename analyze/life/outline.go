package life

import (
	"math/bits"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode/wire"
)

// Outline is what there is to count of a connection that is over, that was well, and that went as another one did which is known.
type Outline struct {
	// Shape is the same for connections that differ in their client's port, in when what happened, in how much they sent, and in nothing
	// else; never 0.
	Shape uint64
	// Start and End are the times of its first and last frame.
	Start, End int64
	// Packets counts the packets of each direction, Tail is when the last one was seen.
	Packets [2]uint64
	Tail    [2]int64
	// Acked is the longest packet of either direction that was acknowledged.
	Acked uint32
}

// outlinedLegs is how many legs a connection has at most of which there is an outline.
const outlinedLegs = 8

// Outline sets o to the outline of a connection that is over, and reports whether there is one.
func (ls *Lives) Outline(id ID, c *State, o *Outline) bool {
	up, down := &c.ways[fact.ToServer], &c.ways[fact.ToClient]
	switch {
	case c.Midstream, c.nlegs == 0, c.nlegs > outlinedLegs, c.stray != 0, c.loops != 0, c.corrupt != 0, c.incomplete, c.unheard != 0, c.overflow != 0,
		!up.seen, !down.seen, !c.Well():
		return false
	case c.Proto == fact.TCP:
		if !c.Established || c.Stage != Closing || up.syns != 1 || down.syns != 1 || up.dsack != 0 || down.dsack != 0 {
			return false
		}
	case c.Proto != fact.UDP || c.Stage != Answered || c.owed != 0:
		return false
	}
	if ls.beside(id) {
		return false
	}
	h := mix(ls.seed, uint64(c.Proto)|uint64(up.mss)<<16|uint64(down.mss)<<32)
	if c.DNS {
		h++
	}
	var legs [outlinedLegs]uint64
	var backend Endpoint
	var called Endpoint
	for i, l := range c.Legs() {
		leg := ls.table.Leg(l)
		if leg.Overflow > 0 {
			return false
		}
		src, dst := Endpoint{leg.A, leg.APort}, Endpoint{leg.B, leg.BPort}
		if c.clientIsA>>i&1 == 0 {
			src, dst = dst, src
		}
		switch {
		case i == 0:
			called = dst
		case dst == called, dst == backend:
		case backend == Endpoint{}:
			backend = dst
		default: // it was translated twice
			return false
		}
		x := mix(hashAddr(mix(hashAddr(h, src.Addr), uint64(dst.Port)), dst.Addr), uint64(leg.Tunnel)|uint64(leg.Node)<<32|uint64(c.clientIsA>>i&1)<<48)
		x = mix(x, uint64(leg.Stack[0])|uint64(leg.Stack[1])<<32)
		x = mix(x, uint64(leg.Overhead))
		for _, y := range legs[:i] {
			if x == y { // its source was translated twice
				return false
			}
		}
		legs[i] = x
	}
	o.Shape = mix(h, legs[0]) // the client's own leg; the others come in any order, and so do views
	for i, l := range c.Legs() {
		o.Shape += legs[i]
		for v := ls.table.Leg(l).Views; v != 0; {
			view := ls.table.View(v)
			v = view.Link
			if !view.Sound() {
				return false
			}
			o.Shape += mix(legs[i]^viewBits(view), uint64(view.Interface)|uint64(view.Hardware)<<32|uint64(view.Capture)<<48)
		}
	}
	o.Shape |= 1
	o.Start, o.End = c.Start, c.Last
	for dir := range c.ways {
		o.Packets[dir], o.Tail[dir] = uint64(c.ways[dir].packets), c.ways[dir].last
	}
	o.Acked = max(up.maxAcked, down.maxAcked)
	return true
}

// beside reports whether anything lies beside the state of a connection.
func (ls *Lives) beside(id ID) bool {
	return ls.errors[id] != nil || ls.resets[id] != nil || ls.holes[id] != nil || ls.windows[id] != nil || ls.handshakes[id] != nil ||
		ls.notices[id] != nil || ls.unacked[id] != nil || len(ls.fragments.cuts) > 0
}

func viewBits(v *sight.View) uint64 {
	x := uint64(v.TTL) | uint64(v.Direction)<<8
	if v.Forward {
		x |= 1 << 16
	}
	if v.Mixed {
		x |= 1 << 17
	}
	return x
}

// mix hashes one more word.
func mix(h, x uint64) uint64 {
	const odd = 0x9e3779b97f4a7c15
	hi, lo := bits.Mul64(h^x, odd)
	return bits.RotateLeft64(hi^lo, 23) + h
}

func hashAddr(h uint64, a wire.Addr) uint64 { return mix(mix(h, a.Lo), a.Hi) }
