package life

import (
	"cmp"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

func ref(capture uint16, frame uint64) fact.Ref {
	return fact.Ref{Capture: int(capture), Frame: frame}
}

// path is a leg of a connection, oriented and placed.
type path struct {
	src, dst Endpoint
	leg      fact.Leg
	forward  bool // packets of the client were seen
	ttl      uint8
	// back is the longest median delay of the server's packets, ttlBack the smallest TTL that they had.
	back    int64
	ttlBack uint8
	tuple   sight.Tuple
	id      sight.LegID
}

// Conclude sets f to what is known of a connection at the time now; young says that the input goes on. The memory of f's legs and marks is
// used again. It has no ID, which costs memory of its own, and not what only other connections show: Reused, Older.
func (ls *Lives) Conclude(id ID, c *State, f *fact.Connection, now int64, young bool) {
	*f = fact.Connection{
		Proto: c.Proto, Midstream: c.Midstream, Start: c.Start, End: c.Last, Frames: uint64(c.Frames),
		Handshake: c.handshake, Errors: slices.Clone(ls.errors[id]), DNS: c.DNS, Loops: uint64(c.loops),
		Legs: f.Legs[:0], Marks: f.Marks[:0],
		Crossed: c.crossed, Unheard: int(c.unheard), Corrupt: int(c.corrupt), Incomplete: c.incomplete, Idle: c.idle(),
	}
	paths := ls.paths(c, f.Legs, now)
	f.Untranslated = ls.strayed(c, &paths[0])
	f.Outcome, f.Phase = ls.outcome(id, c, now, young, f.Untranslated)
	client, called := paths[0].src, paths[0].dst
	backend, snat := called, client
	f.Legs = slices.Grow(f.Legs, len(paths)) // no more: some are kept
	for i := range paths {
		p := &paths[i]
		if p.forward || !paths[0].forward {
			backend, snat = p.dst, p.src
		}
		f.Legs = append(f.Legs, p.leg)
	}
	if len(paths) > 2 { // the client's and two more
		if present, before, turned := former(paths); turned {
			backend, f.Former = present, new(fact.Turn)
			*f.Former = before
			f.Former.Unanswered = c.owed
		}
	}
	f.Client, f.Called, f.Destination = client.AddrPort(), called.AddrPort(), backend.AddrPort()
	if snat != client {
		f.SNAT = snat.AddrPort()
	}
	for dir := range c.ways {
		f.Flow[dir] = ls.flow(id, c, fact.Direction(dir))
	}
	if r := ls.resets[id]; r != nil {
		f.Reset = &fact.Reset{
			From: r.from, MadeHere: r.madeHere, Encap: ls.around(r.stack), Bare: r.bare, AnswersAck: r.answersAck, InHandshake: r.inHandshake, Stray: r.stray,
			TTL: r.ttl, UsualTTL: r.usualTTL, ID: r.id, Time: r.time, Ref: ref(r.capture, r.frame),
			Src: Endpoint{r.src, r.srcPort}.AddrPort(), Dst: Endpoint{r.dst, r.dstPort}.AddrPort(),
		}
	}
	if g := ls.handshakes[id]; g != nil {
		worst := g.worst
		f.Handshakes = &worst
	}
	f.Notice = ls.notices[id]
	ls.cite(c, paths, f)
}

// cite adds the frames worth citing.
func (ls *Lives) cite(c *State, paths []path, f *fact.Connection) {
	f.Marks = slices.Grow(f.Marks, int(c.nmarks)) // no more: some are kept
	for _, m := range c.marks[:c.nmarks] {
		x := fact.Mark{
			Kind: m.kind(), Flow: m.flow(), Leg: -1, Ref: ref(m.capture, m.frame()), Time: m.time, Count: uint32(m.count), IPLen: m.ipLen,
		}
		if x.Kind != fact.MarkICMP {
			x.Leg = slices.IndexFunc(paths, func(p path) bool { return p.id == c.legs[m.leg()] })
		}
		f.Marks = append(f.Marks, x)
	}
	slices.SortStableFunc(f.Marks, func(a, b fact.Mark) int { return cmp.Compare(a.Time, b.Time) })
}

// paths returns the legs in the order of the client's packets: by falling TTL, then by delay. Legs that only replies took come last, in
// that order reversed: the last leg of a reply is the one nearest to the client. The returned slice is reused by the next call. Views are written
// into the memory of legs, whose own views are no longer needed.
func (ls *Lives) paths(c *State, legs []fact.Leg, now int64) []path {
	legs = legs[:min(int(c.nlegs), cap(legs))]
	list := ls.legs[:0]
	for i, id := range c.Legs() {
		leg := ls.table.Leg(id)
		p := path{tuple: leg.Tuple, id: id, ttlBack: 255}
		p.src, p.dst = Endpoint{leg.A, leg.APort}, Endpoint{leg.B, leg.BPort}
		up, down := leg.Stack[0], leg.Stack[1]
		if c.clientIsA>>i&1 == 0 {
			p.src, p.dst = p.dst, p.src
			up, down = down, up
		}
		p.leg = fact.Leg{
			Src: p.src.AddrPort(), Dst: p.dst.AddrPort(), Node: ls.label(leg.Node), Frames: uint64(leg.Overflow), After: -1,
			Encap: ls.encaps(up, down, leg.Overhead),
		}
		if i < len(legs) {
			p.leg.Views = legs[i].Views[:0]
		}
		p.leg.Views = slices.Grow(p.leg.Views, int(leg.NViews))
		for v := leg.Views; v != 0; v = ls.table.View(v).Link {
			view := ls.table.View(v)
			dir := c.Side(i, view.Forward)
			p.leg.Frames += uint64(view.Frames)
			p.leg.Seen[dir] += uint64(view.Frames)
			p.leg.Views = append(p.leg.Views, fact.View{
				Interface: view.Interface, Capture: view.Capture, Hardware: view.Hardware, Mixed: view.Mixed, TTL: view.TTL, MaxIPLen: view.MaxIPLen,
				Dir: view.Direction, Flow: dir, Frames: view.Frames, First: view.First, Last: view.Last, After: -1,
			})
			if len(ls.fragments.cuts) > 0 {
				x := &p.leg.Views[len(p.leg.Views)-1]
				x.Fragmented, x.Torn = ls.fragments.seen(v, now)
			}
			d, ok := view.MedianDelay()
			if ok {
				p.leg.Views[len(p.leg.Views)-1].After = d
			}
			if dir == fact.ToServer {
				p.forward = true
				p.ttl = max(p.ttl, view.TTL)
				if ok && (p.leg.After < 0 || d < p.leg.After) {
					p.leg.After = d
				}
			} else if ok {
				p.back = max(p.back, d)
				p.ttlBack = min(p.ttlBack, view.TTL)
			}
		}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b path) int {
		switch {
		case a.forward != b.forward:
			if a.forward {
				return -1
			}
			return 1
		case a.ttl != b.ttl:
			return int(b.ttl) - int(a.ttl)
		case !a.forward:
			return cmp.Or(cmp.Compare(a.ttlBack, b.ttlBack), cmp.Compare(b.back, a.back))
		case a.leg.After == b.leg.After:
			return 0
		case a.leg.After < 0:
			return 1
		case b.leg.After < 0 || a.leg.After < b.leg.After:
			return -1
		}
		return 1
	})
	ls.legs = list
	return list
}

// label returns the label of a node.
func (ls *Lives) label(node uint16) string {
	for _, s := range ls.sources {
		if s.NodeIndex == node {
			return s.Node
		}
	}
	return ""
}

// wrapping identifies a leg's list of encapsulations.
type wrapping struct {
	stack    decode.StackID
	mirrored bool
	overhead uint32
}

// maxWrappings bounds the lists of encapsulations that connections share.
const maxWrappings = 1 << 12

// encaps returns the encapsulations of a leg, oriented from client to server. Connections share them: nobody may write to them.
func (ls *Lives) encaps(up, down decode.StackID, overhead uint32) []fact.Encap {
	w := wrapping{up, false, overhead}
	if up == 0 {
		w.stack, w.mirrored = down, true
	}
	if w.stack == 0 {
		return nil
	}
	list, ok := ls.wrappings[w]
	if !ok {
		list = ls.unwrap(w)
		if len(ls.wrappings) < maxWrappings {
			ls.wrappings[w] = list
		}
	}
	return list
}

// around returns the encapsulations of a stack, oriented as its packets travel.
func (ls *Lives) around(id decode.StackID) []fact.Encap { return ls.encaps(id, 0, 0) }

func (ls *Lives) unwrap(w wrapping) []fact.Encap {
	var list []fact.Encap
	for _, e := range ls.stacks.Get(w.stack).Encaps {
		f := fact.Encap{Kind: e.Kind, VNI: e.VNI, Src: e.Src.Netip(), Dst: e.Dst.Netip(), Port: e.Port}
		if w.mirrored {
			f.Src, f.Dst = f.Dst, f.Src
		}
		list = append(list, f)
	}
	if len(list) > 0 {
		list[0].Overhead = w.overhead
	}
	return list
}

// flow returns the counts of a direction in the view nearest its sender.
func (ls *Lives) flow(id ID, c *State, dir fact.Direction) fact.Flow {
	w, peer := &c.ways[dir], &c.ways[1-dir]
	f := fact.Flow{Packets: uint64(w.packets), SYNs: int(w.syns), MSS: w.mss, MaxAcked: w.maxAcked, Tail: w.last, FIN: w.fin, Resets: w.resets}
	f.Shut = ls.closed(id, dir)
	v := ls.nearest(c, dir)
	if v == nil {
		return f
	}
	f.Bytes = v.Bytes
	x := ls.table.Trouble(v)
	f.Needless = uint64(min(w.dsack, x.Resends))
	f.Retransmissions, f.Ambiguous = uint64(x.Resends)-f.Needless, uint64(x.Ambiguous)
	f.MaxIPLen = v.MaxIPLen
	f.Gap = ls.table.Gap(v)
	f.Hole = ls.hole(id, c, dir, v)
	if s := ls.stall(id, c, dir); s != nil {
		f.Stall = &fact.Stall{
			Seq: s.Seq, IPLen: s.IPLen, DF: s.DF, Sends: int(s.Sends), First: s.First, Last: s.Last, Probe: s.Probe,
			Acked: ls.acked(c, dir, s), PeerAlive: peer.last > s.Second, Shrunk: s.Shrunk,
		}
	}
	return f
}

// hole returns what the receiver of a direction misses to the end, nil for nothing.
func (ls *Lives) hole(id ID, c *State, dir fact.Direction, v *sight.View) *fact.Hole {
	peer := &c.ways[1-dir]
	if both := ls.holes[id]; both != nil {
		if h := &both[dir]; h.since != 0 && h.ack == peer.ack {
			return &fact.Hole{Seq: h.ack, Missing: h.left - h.ack, Beyond: h.right - h.left, Since: h.since}
		}
	}
	if from, to, ok := v.Ahead(); ok && peer.hasAck && peer.ack == from {
		return &fact.Hole{Seq: from, Missing: to - from}
	}
	return nil
}
