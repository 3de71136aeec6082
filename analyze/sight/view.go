package sight

import (
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Repeat is what a view makes of a packet.
type Repeat uint8

// The verdicts of a view on a packet.
const (
	// None: the packet occupies no sequence space (a pure ACK, UDP).
	None Repeat = iota
	// New: bytes that the view had not seen.
	New
	// Fill: bytes missing so far; their first transmission was lost before this view, or they come out of order.
	Fill
	// Again: the very same packet once more, as flooding or an interface that can't be told from another shows it.
	Again
	// Loop: the very same packet with a TTL lower by two or more: it came around.
	Loop
	// Refill: bytes missing so far, in a packet that was sent after what came behind them: a retransmission whose first transmission was lost
	// before this view.
	Refill
	// Late: bytes that the view has seen, in a packet that was sent before others that came: it was overtaken by its own retransmission.
	Late
	// Resend: a retransmission.
	Resend
	// Ambiguous: a retransmission, or the same packet once more; nothing in it says which.
	Ambiguous
	// Probe: a keepalive or a zero-window probe.
	Probe
)

// Origin says where a frame was captured.
type Origin struct {
	// Capture is the index of the file, Series that of the first file of the series it is part of, Node that of the node it
	// was taken on.
	Capture, Series, Node uint16
	// Mixed says that the frames of several interfaces are in the file without an index to tell them apart (LINUX_SLL).
	Mixed bool
}

// View is what one interface shows of one direction of a leg. It fills two cache lines.
type View struct {
	// hash is that of its place: leg, interface, direction, capture, and for captures without these the sender's MAC address.
	hash uint64
	// Leg is the leg that it is a view of, Owner that leg's.
	Leg   LegID
	Owner uint32
	// Link is the next view of the leg.
	Link ViewID
	// trouble is where losses are written down, 0 as long as there were none.
	trouble uint32
	// Last is the time of the latest sighting.
	Last int64
	// Bytes is payload, TCP's in sequence space.
	Bytes uint64
	// Frames counts sightings.
	Frames uint32
	// MaxIPLen is the longest IP packet.
	MaxIPLen uint32
	// next is the end of the sequence space seen, edge the highest sequence number of a segment
	// without data, or next where that is higher.
	next, edge uint32
	tsval      uint32 // the latest that was sent, see age
	atID       uint8
	started    bool
	// TTL is that of the latest packet, RSTs aside where others came before: another machine may have made those.
	TTL uint8

	// lastIDs are the IP identifications of the latest packets, four to a word: a comparison of each would cost more than all else.
	lastIDs [idents / 4]uint64
	lastTTL [idents]uint8
	// First is the time of the first sighting.
	First int64
	// Interface and Hardware are as in decode.Packet. Capture is the index of the file; of a series, that of its first file.
	Interface         uint32
	Capture, Hardware uint16
	// delays are the latest times since the packet's first sighting anywhere, in nanoseconds.
	delays  [delays]int32
	ndelays uint8
	// Direction is that on the interface; Forward says that the packets go from A to B.
	Direction decode.Direction
	Forward   bool
	// Mixed is as in Origin.
	Mixed bool
}

const (
	// idents is how many packets a view knows again by their IP identification.
	idents = 8
	// delays is how many delays a view remembers.
	delays = 5
	// holes is how many gaps in sequence space a view remembers. A path that delivers every ninth packet late has a dozen open at a time.
	holes = 16
)

// Trouble is state of views with lost or retransmitted data only.
type Trouble struct {
	// Resends counts what See called Resend or Refill, Ambiguous what it called so.
	Resends, Ambiguous uint32
	// Stall is the retransmission going on, Worst the one with the most transmissions so far.
	Stall, Worst Stall
	gaps         [holes][2]uint32
	// forgotten is the number of bytes in gaps that had no room any more.
	forgotten uint32
	ngaps     uint8
}

// none is the trouble of a view that had none. It is never written to.
var none Trouble

// Trouble returns what went wrong in a view. It is valid until the view's next packet, and to be read only.
func (t *Table) Trouble(v *View) *Trouble {
	if v.trouble == 0 {
		return &none
	}
	return t.troubles.At(v.trouble)
}

// trouble returns the place to write down what goes wrong in a view.
func (t *Table) trouble(v *View) *Trouble {
	if v.trouble == 0 {
		v.trouble = t.troubles.Add()
	}
	return t.troubles.At(v.trouble)
}

// Stall is data that was sent again and again.
type Stall struct {
	Seq, End  uint32
	IPLen     uint32
	Sends     uint32 // the first transmission included
	DF, Probe bool
	// Shrunk is the length of a later transmission that is much shorter than those before, which IPLen is the length of; 0 without one.
	Shrunk uint32
	// First is the time of the first transmission where Began told it, else Second. Second and Last are those of the second and the latest one.
	First, Second, Last int64
}

// Began says that the data sent again in a view just now, for the first time, had not been sent after a time.
func (t *Table) Began(id ViewID, time int64) {
	x := t.Trouble(t.View(id))
	if s := &x.Stall; s.Sends == 2 && time < s.First {
		s.First = time
		if x.Worst.Second == s.Second {
			x.Worst.First = time
		}
	}
}

// Gap returns how many bytes are missing that the sender went past: acknowledgements or a FIN came from beyond them,
// but no view of theirs showed the data.
func (t *Table) Gap(v *View) uint32 {
	missing := uint32(0)
	x := t.Trouble(v)
	for _, g := range x.gaps[:x.ngaps] {
		missing += g[1] - g[0]
	}
	if v.started && after(v.edge, v.next) {
		missing += v.edge - v.next
	}
	return missing
}

// Sound reports whether nothing was sent again in a view, and nothing that was gone past is missing.
func (v *View) Sound() bool { return v.trouble == 0 && !(v.started && after(v.edge, v.next)) }

// Ahead returns from where to where data is missing that pure acknowledgements or a FIN of its sender went past at the end of what was
// seen, and whether there is any.
func (v *View) Ahead() (from, to uint32, ok bool) {
	return v.next, v.edge, v.started && after(v.edge, v.next)
}

// Delay enters the time that a packet took from its first sighting to this view.
func (v *View) Delay(d int64) {
	v.delays[int(v.ndelays)%len(v.delays)] = int32(min(d, 1<<31-1))
	if v.ndelays++; int(v.ndelays) == 2*len(v.delays) {
		v.ndelays = uint8(len(v.delays))
	}
}

// MedianDelay returns the median of the latest delays, and whether there are any.
func (v *View) MedianDelay() (int64, bool) {
	n := min(int(v.ndelays), len(v.delays))
	if n == 0 {
		return 0, false
	}
	d := v.delays
	for i := 1; i < n; i++ {
		for j := i; j > 0 && d[j] < d[j-1]; j-- {
			d[j], d[j-1] = d[j-1], d[j]
		}
	}
	return int64(d[n/2]), true
}

// after reports whether a lies after b in sequence space (RFC 9293, section 3.4).
func after(a, b uint32) bool { return int32(a-b) > 0 }

// see enters a sighting of p into v.
func (t *Table) see(v *View, p *decode.Packet) Repeat {
	previous := v.Last
	v.Frames++
	v.Last = p.Time
	v.MaxIPLen = max(v.MaxIPLen, p.IPLen)
	v4 := p.IPID != 0 && p.Network == decode.NetIPv4
	if v4 && p.FragOffset == 0 {
		if known, ttl := v.knows(uint16(p.IPID)); known && v.still(p, previous) {
			v.heard(p)
			// A mirror port on both sides of a router shows a TTL one lower; a circle has two routers at least.
			if p.TTL+2 <= ttl {
				return Loop
			}
			return Again
		}
	}
	r := None
	if p.Has&decode.HasTCP != 0 && p.Flags&wire.RST == 0 {
		r = t.segment(v, p, previous)
	}
	if r != Again && r != Loop {
		if p.Proto != wire.ProtoTCP {
			v.Bytes += uint64(p.PayloadLen)
		}
		if v4 {
			v.remember(uint16(p.IPID), p.TTL)
		}
	}
	v.heard(p)
	v.stamp(p.TSVal)
	return r
}

// heard enters the TTL of a packet.
func (v *View) heard(p *decode.Packet) {
	if p.Has&decode.HasTCP == 0 || p.Flags&wire.RST == 0 || v.Frames == 1 {
		v.TTL = p.TTL
	}
}

// lanes has a one in each of a word's four lanes.
const lanes = 0x0001_0001_0001_0001

// knows reports whether an IP identification is one of the latest, and which TTL it had. Zero identifies nothing (RFC 6864:
// atomic datagrams; Linux sends it in SYN-ACKs and RSTs).
func (v *View) knows(id uint16) (bool, uint8) {
	for i := range v.lastIDs { // a copy of both would wait for the word that was written last
		word := v.lastIDs[i]
		// Where a lane is equal to id it becomes 0, and a subtraction borrows from its highest bit.
		x := word ^ uint64(id)*lanes
		if (x-lanes)&^x&(lanes<<15) == 0 {
			continue
		}
		for k := range 4 {
			if uint16(word>>(16*k)) == id {
				return true, v.lastTTL[4*i+k]
			}
		}
	}
	return false, 0
}

func (v *View) remember(id uint16, ttl uint8) {
	i := v.atID % idents
	word, shift := &v.lastIDs[i/4], 16*(i%4)
	*word = *word&^(0xffff<<shift) | uint64(id)<<shift
	v.lastTTL[i] = ttl
	v.atID = (i + 1) % idents
}

func (t *Table) segment(v *View, p *decode.Packet, previous int64) Repeat {
	length := p.PayloadLen
	if p.Flags&(wire.SYN|wire.FIN) != 0 {
		if p.Flags&wire.SYN != 0 {
			length++
		}
		if p.Flags&wire.FIN != 0 {
			length++
		}
	}
	seq, end := p.Seq, p.Seq+length
	if length == 0 {
		if !v.started {
			v.started, v.next, v.edge = true, seq, seq
		}
		if after(seq, v.edge) {
			v.edge = seq
		}
		return None
	}
	if !v.started {
		v.started, v.next, v.edge = true, end, seq
		v.Bytes += uint64(p.PayloadLen)
		return New
	}
	if !after(end, v.next) {
		return t.old(v, p, seq, end, previous)
	}
	fresh := end - v.next
	if after(seq, v.next) {
		fresh = end - seq
		t.trouble(v).open(v.next, seq)
		v.proceed(end)
		v.Bytes += uint64(min(fresh, p.PayloadLen))
		return New
	}
	overlap := seq != v.next
	v.proceed(end)
	v.Bytes += uint64(min(fresh, p.PayloadLen))
	if overlap && p.PayloadLen > 1 {
		t.trouble(v).resent(p, seq, end)
		return Resend
	}
	return New
}

// proceed moves the end of the sequence space seen, and the edge with it: more than half of the space behind, it would seem to be ahead.
func (v *View) proceed(end uint32) {
	v.next = end
	if after(end, v.edge) {
		v.edge = end
	}
}

// old judges a segment that lies wholly in sequence space the view has passed.
func (t *Table) old(v *View, p *decode.Packet, seq, end uint32, previous int64) Repeat {
	sent := v.age(p)
	if v.trouble != 0 {
		x := t.trouble(v)
		if x.fill(seq, end) || sent == earlier && x.recall(p.PayloadLen) {
			v.Bytes += uint64(p.PayloadLen)
			if sent == later {
				x.resent(p, seq, end)
				return Refill
			}
			return Fill
		}
	}
	if p.PayloadLen <= 1 && p.Flags&(wire.SYN|wire.FIN) == 0 && seq == v.next-1 {
		return Probe
	}
	const soon = 2e6
	switch {
	case sent == earlier:
		return Late
	case sent == later, p.Time-previous >= late:
		t.trouble(v).resent(p, seq, end)
		return Resend
	case p.Time-previous < soon && p.TTL == v.TTL:
		return Again
	}
	t.trouble(v).Ambiguous++
	return Ambiguous
}

func (x *Trouble) resent(p *decode.Packet, seq, end uint32) {
	x.Resends++
	s := &x.Stall
	if s.Sends != 0 && s.Seq == seq {
		s.Sends++
		s.Last = p.Time
		if s.Sends > 3 && p.IPLen < s.IPLen-s.IPLen/8 {
			s.Shrunk = p.IPLen
		} else if s.Shrunk == 0 {
			s.IPLen = min(s.IPLen, p.IPLen)
		}
	} else {
		*s = Stall{
			Seq: seq, End: end, IPLen: p.IPLen, Sends: 2, First: p.Time, Second: p.Time, Last: p.Time,
			DF: p.Has&decode.HasDF != 0, Probe: p.PayloadLen <= 1 && p.Flags&wire.SYN == 0,
		}
	}
	if s.Sends >= x.Worst.Sends {
		x.Worst = *s
	}
}

func (x *Trouble) open(from, to uint32) {
	if int(x.ngaps) == len(x.gaps) {
		x.forgotten += x.gaps[0][1] - x.gaps[0][0]
		copy(x.gaps[:], x.gaps[1:])
		x.ngaps--
	}
	x.gaps[x.ngaps] = [2]uint32{from, to}
	x.ngaps++
}

// recall reports whether as many bytes are missing in gaps that had no room, and takes them for found.
func (x *Trouble) recall(length uint32) bool {
	if length == 0 || x.forgotten < length {
		return false
	}
	x.forgotten -= length
	return true
}

// fill takes [seq, end) out of the gaps, and reports whether any of it was missing.
func (x *Trouble) fill(seq, end uint32) bool {
	for i := range x.gaps[:x.ngaps] {
		g := &x.gaps[i]
		if !after(end, g[0]) || !after(g[1], seq) {
			continue
		}
		head, tail := after(seq, g[0]), after(g[1], end)
		switch {
		case head && tail:
			rest := g[1]
			g[1] = seq
			x.open(end, rest)
		case head:
			g[1] = seq
		case tail:
			g[0] = end
		default:
			copy(x.gaps[i:], x.gaps[i+1:x.ngaps])
			x.ngaps--
		}
		return true
	}
	return false
}
