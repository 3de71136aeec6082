package analyze

import (
	"cmp"
	"context"
	"hash/fnv"
	"runtime"
	"sync"

	"github.com/netsift/netsift/analyze/kube"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const (
	// sketchFrames is how many frames of each capture are looked at before analysis, sketchPackets how many of their packets
	// are kept, sketchEnds how many of its link-layer ends.
	sketchFrames, sketchPackets, sketchEnds = 400_000, 1 << 16, 1 << 12
)

// sketch is what the beginning of a capture says of it: which packets others may show too, and whose they are. From sketches
// follow the clocks' offsets, and which captures are of one node.
type sketch struct {
	stays map[number]stay
	// frames is how many frames were looked at.
	frames int
	// first is the time of its first frame, 0 without one.
	first int64
	// ends are the sender addresses of outgoing frames, by interface: a node's own, and those of what it bridges.
	ends map[linkEnd]bool
}

// number identifies a packet in all captures that show it, by what NAT and tunnels leave alone: TCP's numbers and
// timestamps, or UDP's payload and the IP id.
type number struct {
	seq, ack, stamp, echo uint32
	flags                 wire.TCPFlags
}

func (n number) compare(m number) int {
	return cmp.Or(cmp.Compare(n.seq, m.seq), cmp.Compare(n.ack, m.ack), cmp.Compare(n.stamp, m.stamp), cmp.Compare(n.echo, m.echo),
		cmp.Compare(n.flags, m.flags))
}

// question returns what names the packet in answered of its answer.
func (n number) question() number {
	if n.flags&wire.SYN != 0 && n.flags&wire.ACK == 0 {
		return number{ack: n.seq + 1, stamp: n.stamp, flags: wire.SYN}
	}
	return number{ack: n.ack, stamp: n.stamp}
}

// answered returns the question that the packet answers: a SYN-ACK acknowledges the SYN and echoes its timestamp, another begins where
// the question's acknowledgement ends (RFC 9293, section 3.4; RFC 7323, section 3.2).
func (n number) answered() number {
	if n.flags&wire.SYN != 0 {
		return number{ack: n.ack, stamp: n.echo, flags: wire.SYN}
	}
	return number{ack: n.seq, stamp: n.echo}
}

// stay is a packet's stay in a capture, from its first sighting to its last.
type stay struct {
	first, last int64
	// ttl is the largest that it was seen with: a capture nearer to the sender sees a larger one.
	ttl uint8
	// went says in which directions it passed interfaces.
	went passage
}

// passage is a set of directions on an interface.
type passage uint8

const (
	comes passage = 1 << iota
	leaves
)

// see enters a sighting. A node takes one off the TTL when it forwards: with less, the packet was elsewhere in between.
func (x *stay) see(p *decode.Packet) {
	x.ttl = max(x.ttl, p.TTL)
	x.first = min(x.first, p.Time)
	if p.TTL+1 >= x.ttl {
		x.last = max(x.last, p.Time)
	}
	switch p.Direction {
	case decode.DirIn:
		x.went |= comes
	case decode.DirOut:
		x.went |= leaves
	}
}

// linkEnd is a link-layer address on an interface.
type linkEnd struct {
	iface uint32
	mac   uint64
}

// sketches reads the beginnings of all captures that can be read twice, as many at a time as there are workers.
func (e *engine) sketches(ctx context.Context) []sketch {
	list := make([]sketch, len(e.streams))
	workers := e.cfg.Jobs
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var group sync.WaitGroup
	at := make(chan struct{}, workers)
	for i, s := range e.streams {
		if s.failed != nil || s.input.Stream {
			continue
		}
		at <- struct{}{}
		group.Go(func() {
			defer func() { <-at }()
			list[i] = e.sketch(ctx, s.input)
		})
	}
	group.Wait()
	return list
}

// sketch reads the beginning of a capture.
func (e *engine) sketch(ctx context.Context, in Input) sketch {
	k := newSketch()
	s := open(in, decode.New(e.options, e.stacks))
	defer s.close()
	if s.failed != nil {
		return k
	}
	b := &batch{}
	for !k.full() && ctx.Err() == nil && s.fill(b) == nil {
		k.add(b, nil)
	}
	return k
}

func newSketch() sketch { return sketch{stays: map[number]stay{}, ends: map[linkEnd]bool{}} }

// full reports whether the sketch has all that is looked at.
func (k *sketch) full() bool { return k.frames >= sketchFrames || len(k.stays) >= sketchPackets }

// add enters the packets of a batch until the sketch is full, and counts those that others have shown, too. It stops within a batch: where one ends
// is another place in a capture's facts.
func (k *sketch) add(b *batch, others []sketch) (shared int) {
	for i := range b.packets {
		if k.full() {
			break
		}
		k.frames++
		p := &b.packets[i]
		if k.first == 0 || p.Time < k.first {
			k.first = p.Time
		}
		if p.Direction == decode.DirOut && p.MAC != 0 && p.MAC != kube.CalicoMAC && len(k.ends) < sketchEnds {
			k.ends[linkEnd{p.Interface, p.MAC}] = true
		}
		id, ok := numberOf(p, b.data(i))
		if !ok {
			continue
		}
		x, ok := k.stays[id]
		if !ok {
			x = stay{first: p.Time, last: p.Time, ttl: p.TTL}
			for n := range others {
				if o := &others[n]; o != k {
					if _, seen := o.stays[id]; seen {
						shared++
					}
				}
			}
		}
		x.see(p)
		k.stays[id] = x
	}
	return shared
}

func numberOf(p *decode.Packet, data []byte) (number, bool) {
	switch {
	case p.Has&decode.HasTCP != 0:
		return number{p.Seq, p.Ack, p.TSVal, p.TSEcr, p.Flags},
			p.Flags&wire.RST == 0 && (p.Flags&wire.SYN != 0 || p.TSVal != 0)
	case (p.Proto == wire.ProtoUDP || p.Proto == wire.ProtoSCTP) && p.Has&decode.HasPorts != 0 && p.PayloadCap >= 8 && p.FragOffset == 0:
		h := fnv.New64a()
		h.Write(data[p.Payload : p.Payload+min(p.PayloadCap, 64)])
		sum := h.Sum64()
		return number{seq: uint32(sum), ack: uint32(sum >> 32), stamp: p.IPID, echo: p.PayloadLen}, true
	}
	return number{}, false
}

// sameNode reports whether two captures were taken on one node: most of the ends of the one are in the other.
func sameNode(a, b *sketch) bool {
	if len(a.ends) > len(b.ends) {
		a, b = b, a
	}
	shared := 0
	for end := range a.ends {
		if b.ends[end] {
			shared++
		}
	}
	return shared > 0 && 2*shared >= len(a.ends)
}
