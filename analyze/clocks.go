package analyze

import (
	"context"
	"hash/fnv"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const (
	// clockFrames is how many frames of each capture are looked at for its clock, clockKeys how many packets are kept.
	clockFrames, clockKeys = 400_000, 1 << 16
	// clockWindow is how far apart, in nanoseconds, two sightings' time differences may be to vote for the same offset:
	// more than any packet needs between two nodes of a cluster.
	clockWindow = 20e6
	// clockVotes is how many packets must agree. Numbers of 64 bits do not meet by chance, but captures may be copies.
	clockVotes = 2
)

// number identifies a packet in all captures that show it, by what NAT and tunnels leave alone: TCP's numbers and
// timestamps, or UDP's payload and the IP id.
type number struct {
	seq, ack, stamp, echo uint32
	flags                 wire.TCPFlags
}

// stay is a packet's stay in a capture, from its first sighting to its last, and the largest TTL that it was seen with:
// a capture nearer to the sender sees a larger one.
type stay struct {
	first, last int64
	ttl         uint8
}

// estimateClocks estimates how far the captures' clocks are ahead of the first one's, from packets that several of them
// show. The times of both directions bound the offset: a packet can't arrive before it was sent.
func (e *engine) estimateClocks(ctx context.Context) {
	var live []*stream
	for _, i := range e.order {
		if s := e.streams[i]; s.failed == nil && !s.input.Stream {
			live = append(live, s)
		}
	}
	if len(live) < 2 {
		return
	}
	keys := make([]map[number]stay, len(live))
	for i, s := range live {
		keys[i] = e.stays(ctx, s.input)
	}
	aligned := []int{0}
	for progress := true; progress; {
		progress = false
		for i := range live {
			if slices.Contains(aligned, i) {
				continue
			}
			for _, a := range aligned {
				c, ok := offset(keys[a], keys[i])
				if !ok {
					continue
				}
				base := live[a].capture.Clock
				c.Offset += base.Offset
				c.Error += base.Error
				if abs(c.Offset) <= c.Error {
					c.Offset = 0 // nothing says that they differ
				}
				live[i].capture.Clock = c
				aligned = append(aligned, i)
				progress = true
				break
			}
		}
	}
}

// stays reads the beginning of a capture for packets that others may show too.
func (e *engine) stays(ctx context.Context, in Input) map[number]stay {
	seen := map[number]stay{}
	s := open(in, decode.New(e.options, e.stacks))
	defer s.close()
	if s.failed != nil {
		return seen
	}
	b := &batch{}
	for n := 0; n < clockFrames && len(seen) < clockKeys && ctx.Err() == nil && s.fill(b) == nil; n += len(b.packets) {
		for i := range b.packets {
			p := &b.packets[i]
			k, ok := numberOf(p, b.data(i))
			if !ok {
				continue
			}
			x, ok := seen[k]
			if !ok {
				x.first = p.Time
			}
			x.first, x.last, x.ttl = min(x.first, p.Time), max(x.last, p.Time), max(x.ttl, p.TTL)
			seen[k] = x
		}
	}
	return seen
}

func numberOf(p *decode.Packet, data []byte) (number, bool) {
	switch {
	case p.Has&decode.HasTCP != 0:
		return number{p.Seq, p.Ack, p.TSVal, p.TSEcr, p.Flags},
			p.Flags&wire.RST == 0 && (p.Flags&wire.SYN != 0 || p.TSVal != 0)
	case p.Proto == wire.ProtoUDP && p.Has&decode.HasPorts != 0 && p.IPID != 0 && p.PayloadCap >= 8 && p.FragOffset == 0:
		h := fnv.New64a()
		h.Write(data[p.Payload : p.Payload+min(p.PayloadCap, 64)])
		sum := h.Sum64()
		return number{seq: uint32(sum), ack: uint32(sum >> 32), stamp: p.IPID, echo: p.PayloadLen}, true
	}
	return number{}, false
}

// difference is how much later one capture says that a packet was there than the other.
type difference struct {
	by int64
	// onward says that the packet went from the first capture to the second, back that it came the other way.
	onward, back bool
}

// offset estimates how far the clock of b is ahead of that of a.
func offset(a, b map[number]stay) (fact.Clock, bool) {
	var list []difference
	for k, x := range a {
		if y, ok := b[k]; ok {
			d := difference{by: y.first - x.first, onward: x.ttl > y.ttl, back: x.ttl < y.ttl}
			switch { // from the last sighting here to the first there is the shortest time it can have taken
			case d.onward:
				d.by = y.first - x.last
			case d.back:
				d.by = y.last - x.first
			}
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(x, y difference) int {
		switch {
		case x.by < y.by:
			return -1
		case x.by > y.by:
			return 1
		}
		return 0
	})
	from, to := 0, 0
	for i, j := 0, 0; i < len(list); i++ {
		for j < len(list) && list[j].by-list[i].by <= clockWindow {
			j++
		}
		if j-i > to-from {
			from, to = i, j
		}
	}
	votes := list[from:to]
	if len(votes) < clockVotes {
		return fact.Clock{}, false
	}
	lower, upper := votes[0].by, votes[len(votes)-1].by
	onward, back := false, false
	for _, v := range votes {
		switch {
		case v.onward && (!onward || v.by < upper):
			upper, onward = v.by, true
		case v.back && (!back || v.by > lower):
			lower, back = v.by, true
		}
	}
	switch {
	case onward && !back:
		lower = upper - (votes[len(votes)-1].by - votes[0].by)
	case back && !onward:
		upper = lower + (votes[len(votes)-1].by - votes[0].by)
	}
	if lower > upper { // drift within the sample
		lower, upper = upper, lower
	}
	return fact.Clock{Offset: lower + (upper-lower)/2, Error: (upper - lower) / 2, Samples: len(votes)}, true
}

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}
