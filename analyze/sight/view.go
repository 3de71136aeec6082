package sight

import (
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Repeat is what a view makes of a packet.
type Repeat uint8

// What a packet can be to a view.
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
	// Resend: a retransmission.
	Resend
	// Ambiguous: a retransmission, or the same packet once more; nothing in it says which.
	Ambiguous
	// Probe: a keepalive or a zero-window probe.
	Probe
)

// place is what tells views of a leg apart.
type place struct {
	mac       uint64 // only where the capture has neither interface index nor direction
	iface     uint32
	capture   uint16
	hardware  uint16
	direction decode.Direction
	forward   bool
	mixed     bool
}

// Origin says where a frame was captured.
type Origin struct {
	// Capture is the index of the file, Series that of the first file of the series it is part of, Node that of the node it
	// was taken on.
	Capture, Series, Node uint16
	// Mixed says that the frames of several interfaces are in the file without an index to tell them apart (LINUX_SLL).
	Mixed bool
}

func placeOf(p *decode.Packet, o Origin, forward bool) place {
	k := place{iface: p.Interface, capture: o.Series, hardware: p.Hardware, direction: p.Direction, forward: forward, mixed: o.Mixed}
	if p.Direction == decode.DirUnknown || o.Mixed {
		k.mac = p.MAC
	}
	return k
}

// holes is how many gaps in sequence space a view remembers.
const holes = 4

// View is what one interface shows of one direction of a leg.
type View struct {
	place
	// Link is the next view of the leg.
	Link ViewID
	// Frames counts sightings; First and Last bound them.
	Frames      uint32
	First, Last int64
	// Packets counts frames that were not Again or Loop; Bytes is payload, TCP's in sequence space.
	Packets uint32
	Bytes   uint64
	// Resends and Ambiguous count what see returned.
	Resends, Ambiguous uint32
	// SYNs counts transmissions of SYN or SYN-ACK.
	SYNs uint32
	// MaxIPLen is the longest IP packet.
	MaxIPLen uint32
	// Stall is the retransmission going on, Worst the one with the most transmissions so far.
	Stall, Worst Stall
	// next is the end of the sequence space seen, edge the highest sequence number of a segment without data.
	next, edge       uint32
	started, hasEdge bool
	gaps             [holes][2]uint32
	ngaps            uint8
	// TTL and TSVal of the latest packet; ids of the latest ones.
	TTL     uint8
	tsval   uint32
	ids     [8]ident
	atIdent uint8
	// delays are the latest times since the packet's first sighting anywhere, in nanoseconds.
	delays  [5]int32
	ndelays uint8
}

// ident is the IP identification of a packet and of the segments that a GSO packet will be cut into.
type ident struct {
	id  uint16
	n   uint8
	ttl uint8
}

// Stall is data that was sent again and again.
type Stall struct {
	Seq, End  uint32
	IPLen     uint32
	Sends     uint32 // the first transmission included
	DF, Probe bool
	// Second and Last are the times of the second and the latest transmission.
	Second, Last int64
}

// Capture returns the index of the file; of a series, that of its first file.
func (v *View) Capture() uint16 { return v.capture }

// Interface returns the interface's index, as in decode.Packet.
func (v *View) Interface() uint32 { return v.iface }

// Direction returns the direction on the interface.
func (v *View) Direction() decode.Direction { return v.direction }

// Hardware returns the interface's ARPHRD type, as in decode.Packet.
func (v *View) Hardware() uint16 { return v.hardware }

// Mixed reports whether the capture does not tell the interface from others, as in Origin.
func (v *View) Mixed() bool { return v.mixed }

// Forward reports whether the packets go from A to B.
func (v *View) Forward() bool { return v.forward }

// Gap returns how many bytes are missing that the sender went past: acknowledgements or a FIN came from beyond them,
// but no view of theirs showed the data.
func (v *View) Gap() uint32 {
	missing := uint32(0)
	for _, g := range v.gaps[:v.ngaps] {
		missing += g[1] - g[0]
	}
	if v.started && v.hasEdge && after(v.edge, v.next) {
		missing += v.edge - v.next
	}
	return missing
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

func (v *View) see(p *decode.Packet) Repeat {
	previous := v.Last
	v.Frames++
	v.Last = p.Time
	v.MaxIPLen = max(v.MaxIPLen, p.IPLen)
	r := None
	if known, ttl := v.knows(p); known && p.FragOffset == 0 {
		// One less is what a mirror port shows on both sides of a router; a circle has two routers at least.
		r = Again
		if p.TTL+2 <= ttl {
			r = Loop
		}
	} else if p.Has&decode.HasTCP != 0 && p.Flags&wire.RST == 0 {
		r = v.segment(p, previous)
	}
	if r != Again && r != Loop {
		if p.Proto != wire.ProtoTCP {
			v.Bytes += uint64(p.PayloadLen)
		}
		v.Packets++
		v.remember(p)
	}
	v.TTL = p.TTL
	v.tsval = p.TSVal
	return r
}

// knows reports whether the packet's IP identification is one of the latest, and which TTL it had. Zero identifies
// nothing (RFC 6864: atomic datagrams; Linux sends it in SYN-ACKs and RSTs).
func (v *View) knows(p *decode.Packet) (bool, uint8) {
	if p.IPID == 0 || p.Network != decode.NetIPv4 {
		return false, 0
	}
	for _, k := range v.ids {
		if k.n != 0 && uint16(p.IPID)-k.id < uint16(k.n) {
			return true, k.ttl
		}
	}
	return false, 0
}

func (v *View) remember(p *decode.Packet) {
	if p.IPID == 0 || p.Network != decode.NetIPv4 {
		return
	}
	v.ids[v.atIdent] = ident{id: uint16(p.IPID), n: 1, ttl: p.TTL}
	v.atIdent = (v.atIdent + 1) % uint8(len(v.ids))
}

func (v *View) segment(p *decode.Packet, previous int64) Repeat {
	length := p.PayloadLen
	if p.Flags&wire.SYN != 0 {
		length++
		v.SYNs++
	}
	if p.Flags&wire.FIN != 0 {
		length++
	}
	seq, end := p.Seq, p.Seq+length
	if length == 0 {
		if !v.hasEdge || after(seq, v.edge) {
			v.edge, v.hasEdge = seq, true
		}
		if !v.started {
			v.started, v.next = true, seq
		}
		return None
	}
	if !v.started {
		v.started, v.next = true, end
		v.Bytes += uint64(p.PayloadLen)
		return New
	}
	if !after(end, v.next) {
		return v.old(p, seq, end, previous)
	}
	fresh := end - v.next
	if after(seq, v.next) {
		fresh = end - seq
		v.open(v.next, seq)
		v.next = end
		v.Bytes += uint64(min(fresh, p.PayloadLen))
		return New
	}
	overlap := seq != v.next
	v.next = end
	v.Bytes += uint64(min(fresh, p.PayloadLen))
	if overlap && p.PayloadLen > 1 {
		v.resent(p, seq, end)
		return Resend
	}
	return New
}

// old judges a segment that lies wholly in sequence space the view has passed.
func (v *View) old(p *decode.Packet, seq, end uint32, previous int64) Repeat {
	if v.fill(seq, end) {
		v.Bytes += uint64(p.PayloadLen)
		return Fill
	}
	if p.PayloadLen <= 1 && p.Flags&(wire.SYN|wire.FIN) == 0 && seq == v.next-1 {
		return Probe
	}
	// Linux gives a retransmission a new IP id and a new timestamp; without either, only time can tell: no sender
	// repeats itself within a tenth of a second (RTO_MIN is 200 ms), and no packet needs that long through a node.
	const soon, late = 2e6, 100e6
	switch {
	case p.IPID != 0 && p.Network == decode.NetIPv4,
		p.Has&decode.HasTimestamps != 0 && p.TSVal != v.tsval,
		p.Time-previous >= late:
		v.resent(p, seq, end)
		return Resend
	case p.Time-previous < soon && p.TTL == v.TTL:
		return Again
	}
	v.Ambiguous++
	return Ambiguous
}

func (v *View) resent(p *decode.Packet, seq, end uint32) {
	v.Resends++
	s := &v.Stall
	if s.Sends != 0 && s.Seq == seq {
		s.Sends++
		s.Last = p.Time
		s.IPLen = min(s.IPLen, p.IPLen)
	} else {
		*s = Stall{
			Seq: seq, End: end, IPLen: p.IPLen, Sends: 2, Second: p.Time, Last: p.Time,
			DF: p.Has&decode.HasDF != 0, Probe: p.PayloadLen <= 1,
		}
	}
	if s.Sends >= v.Worst.Sends {
		v.Worst = *s
	}
}

func (v *View) open(from, to uint32) {
	if int(v.ngaps) == len(v.gaps) {
		copy(v.gaps[:], v.gaps[1:])
		v.ngaps--
	}
	v.gaps[v.ngaps] = [2]uint32{from, to}
	v.ngaps++
}

// fill takes [seq, end) out of the gaps, and reports whether any of it was missing.
func (v *View) fill(seq, end uint32) bool {
	for i := range v.gaps[:v.ngaps] {
		g := &v.gaps[i]
		if !after(end, g[0]) || !after(g[1], seq) {
			continue
		}
		head, tail := after(seq, g[0]), after(g[1], end)
		switch {
		case head && tail:
			rest := g[1]
			g[1] = seq
			v.open(end, rest)
		case head:
			g[1] = seq
		case tail:
			g[0] = end
		default:
			copy(v.gaps[i:], v.gaps[i+1:v.ngaps])
			v.ngaps--
		}
		return true
	}
	return false
}
