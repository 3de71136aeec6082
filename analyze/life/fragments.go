package life

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const (
	// maxPending bounds the datagrams whose fragments are awaited. Beyond, the oldest is given up: what it lacks, it lacks for good.
	maxPending = 1 << 12
	// reassembly is how long a receiver waits for the rest of a datagram (Linux net.ipv4.ipfrag_time; RFC 8200, section 4.5, says 60 s).
	// A later fragment with the same identification is one of another datagram.
	reassembly = 30e9
	// afterFirst is how long after its first fragment the rest of a datagram is at hand: its sender hands all of them on at once.
	afterFirst = 1e9
)

// datagramAt identifies a datagram in one place by what all its fragments have (RFC 791, section 3.2; RFC 8200, section 4.5).
type datagramAt struct {
	src, dst wire.Addr
	// mac is the sender's link-layer address where neither interface nor direction tells places apart, else 0.
	mac       uint64
	id, iface uint32
	stack     decode.StackID
	series    uint16
	direction decode.Direction
}

// datagramOf returns the datagram that a fragment is a part of.
func datagramOf(p *decode.Packet, o *sight.Origin) datagramAt {
	d := datagramAt{src: p.Src, dst: p.Dst, id: p.IPID, iface: p.Interface, stack: p.Stack, series: o.Series, direction: p.Direction}
	if o.Mixed || p.Direction == decode.DirUnknown {
		d.mac = p.MAC
	}
	return d
}

// pending is a datagram in one place as far as its fragments were seen there.
type pending struct {
	at   datagramAt
	time int64
	// got counts the bytes that were seen; length is how many there are, 0 before the last fragment came.
	got, length uint32
	// cut is where the datagram counts, nil before its first fragment came: only that one has ports.
	cut *cut
}

// cut counts the datagrams of a view that were cut into fragments.
type cut struct {
	// torn counts those of datagrams that still lack some. latest is when the latest one's first fragment came.
	datagrams, torn uint32
	latest          int64
}

// fragments follows UDP datagrams in fragments. Nothing is allocated before the first one comes.
type fragments struct {
	// ring holds the datagrams, the oldest at next once it is full; at leads to one more than their places in it.
	ring []pending
	next int
	at   map[datagramAt]int
	// cuts has the views that show fragments.
	cuts map[sight.ViewID]*cut
}

// first enters the first fragment of a datagram.
func (f *fragments) first(p *decode.Packet, o *sight.Origin, view sight.ViewID) {
	c := f.cuts[view]
	if c == nil {
		if f.cuts == nil {
			f.cuts = map[sight.ViewID]*cut{}
		}
		c = &cut{}
		f.cuts[view] = c
	}
	d := f.pending(p, o)
	if d.cut != nil {
		return // the same fragment once more
	}
	d.cut = c
	c.datagrams++
	c.torn++
	c.latest = p.Time
	n := p.PayloadLen
	if p.Stop.Reason == decode.StopNone {
		n += wire.UDPLen
	}
	f.enter(d, n)
}

// rest enters a later fragment.
func (f *fragments) rest(p *decode.Packet, o *sight.Origin) {
	d := f.pending(p, o)
	if p.Has&decode.HasMF == 0 {
		d.length = uint32(p.FragOffset) + p.PayloadLen
	}
	f.enter(d, p.PayloadLen)
}

// enter adds bytes to a datagram. One that is whole is not followed any more.
func (f *fragments) enter(d *pending, n uint32) {
	d.got += n
	if d.cut == nil || d.length == 0 || d.got < d.length {
		return
	}
	d.cut.torn--
	delete(f.at, d.at)
	d.cut = nil
}

// pending returns the datagram that a fragment is a part of, a new one if it is the first that came of it: they may come in any order.
func (f *fragments) pending(p *decode.Packet, o *sight.Origin) *pending {
	k := datagramOf(p, o)
	if i := f.at[k]; i != 0 && p.Time-f.ring[i-1].time < reassembly {
		return &f.ring[i-1]
	}
	if f.at == nil {
		f.at = map[datagramAt]int{}
	}
	if len(f.ring) < maxPending {
		f.ring = append(f.ring, pending{})
		f.next = len(f.ring) - 1
	}
	d := &f.ring[f.next]
	if f.at[d.at] == f.next+1 {
		delete(f.at, d.at)
	}
	*d = pending{at: k, time: p.Time}
	f.at[k] = f.next + 1
	f.next = (f.next + 1) % maxPending
	return d
}

// seen returns how many datagrams a view shows in fragments, and how many of them lack some at the time now: the rest of the latest one may be
// on its way, and then it does not count yet.
func (f *fragments) seen(view sight.ViewID, now int64) (datagrams, torn uint32) {
	c := f.cuts[view]
	if c == nil {
		return 0, 0
	}
	datagrams, torn = c.datagrams, c.torn
	if torn > 0 && now-c.latest < afterFirst {
		datagrams, torn = datagrams-1, torn-1
	}
	return datagrams, torn
}

// forget takes the views of a leg out of the state.
func (f *fragments) forget(t *sight.Table, leg sight.LegID) {
	if len(f.cuts) == 0 {
		return
	}
	for v := t.Leg(leg).Views; v != 0; v = t.View(v).Link {
		delete(f.cuts, v)
	}
}

// fragment enters the first fragment of a connection's datagram.
func (ls *Lives) fragment(c *State, s *Sighting) {
	if s.Packet.Proto != wire.ProtoUDP || s.View == 0 || s.Leg < 0 || s.Repeat == sight.Again || s.Repeat == sight.Loop {
		return
	}
	ls.fragments.first(s.Packet, s.Origin, s.View)
	c.note(s.mark(fact.MarkFragment))
}

// Rest enters a later fragment of a datagram: it has no ports, so that nobody knows whose it is.
func (ls *Lives) Rest(p *decode.Packet, o *sight.Origin) { ls.fragments.rest(p, o) }
