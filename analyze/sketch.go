package analyze

import (
	"context"
	"hash/fnv"

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
	// ends are the sender addresses of outgoing frames, by interface: a node's own, and those of what it bridges.
	ends map[linkEnd]bool
}

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

// linkEnd is a link-layer address on an interface.
type linkEnd struct {
	iface uint32
	mac   uint64
}

// sketch reads the beginning of a capture.
func (e *engine) sketch(ctx context.Context, in Input) sketch {
	k := sketch{stays: map[number]stay{}, ends: map[linkEnd]bool{}}
	s := open(in, decode.New(e.options, e.stacks))
	defer s.close()
	if s.failed != nil {
		return k
	}
	b := &batch{}
	for n := 0; n < sketchFrames && len(k.stays) < sketchPackets && ctx.Err() == nil && s.fill(b) == nil; n += len(b.packets) {
		for i := range b.packets {
			p := &b.packets[i]
			if p.Direction == decode.DirOut && p.MAC != 0 && p.MAC != kube.CalicoMAC && len(k.ends) < sketchEnds {
				k.ends[linkEnd{p.Interface, p.MAC}] = true
			}
			id, ok := numberOf(p, b.data(i))
			if !ok {
				continue
			}
			x, ok := k.stays[id]
			if !ok {
				x.first = p.Time
			}
			x.first, x.last, x.ttl = min(x.first, p.Time), max(x.last, p.Time), max(x.ttl, p.TTL)
			k.stays[id] = x
		}
	}
	return k
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
