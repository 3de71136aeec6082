package sight

import (
	"encoding/binary"
	"math/bits"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Lead is the part of a packet's place in a Table that follows from the packet alone: the hashes of its leg and view, and
// its key. The decoding goroutine makes it, so that the tracker need not.
type Lead struct {
	// leg is the hash of the leg's key, view that of the leg and the view's place.
	leg, view uint64
	// guess is the view, as far as was known then; see Leader.Guess.
	guess ViewID
	// Key identifies the packet over all its sightings: NAT, routing and tunnels leave it alone. It is never 0.
	Key uint32
	// Offset is where the frame's bytes begin among those of its block. It is set by the caller.
	Offset uint32
	// Forward says that the packet goes from A to B of its Tuple, Mixed is as in Origin.
	Forward, Mixed bool
	// Checksum is what decode.OuterChecksum said of a frame that is not all there any more, as in a facts file; else unknown. It is set by the
	// caller.
	Checksum decode.Checksum
}

// Place is a hash of the packet's leg: of its tuple, its node and the tunnel around it.
func (l *Lead) Place() uint64 { return l.leg }

// Leader makes the leads of one capture's packets.
type Leader struct {
	seed   seed
	origin Origin
	stacks *decode.Stacks
	places *index
}

// Leader returns a maker of leads into t for packets of origin o, whose encapsulations are interned in stacks.
func (t *Table) Leader(o Origin, stacks *decode.Stacks) *Leader {
	return &Leader{seed: t.seed, origin: o, stacks: stacks, places: t.places}
}

// Lead sets l, but for its offset, for a packet whose frame's bytes are data. mixed is as in Origin.
func (x *Leader) Lead(l *Lead, p *decode.Packet, data []byte, mixed bool) {
	l.Key = packetKey(p, data)
	l.Forward, l.Mixed = goesForward(p), mixed
	l.guess = 0
	tunnel := x.stacks.Tunnel(p.Stack)
	// Do not build a Tuple here: it loads 16 bytes that were just stored as two words. That defeats store forwarding, and the line
	// may still belong to the core of the tracker.
	if l.Forward {
		l.leg = hashEnds(x.seed, p.Src, p.Dst, p.SrcPort, p.DstPort, p.Proto, x.origin.Node, tunnel)
	} else {
		l.leg = hashEnds(x.seed, p.Dst, p.Src, p.DstPort, p.SrcPort, p.Proto, x.origin.Node, tunnel)
	}
	l.view = hashPlace(x.seed, l.leg, p, x.origin.Series, l.Forward, mixed)
}

// Guess looks up the views of packets, whose leads were made, ahead of the tracker. The tracker checks each guess.
func (x *Leader) Guess(leads []Lead) {
	for i := range leads {
		leads[i].guess = ViewID(x.places.guess(leads[i].view))
	}
}

// seed keeps a hostile capture from choosing keys that collide. Both halves are needed: a capture could zero a product with a known
// half. So a hash of 64 bits stands for its input, and nothing else is compared.
type seed [2]uint64

// fold is the finisher of a 128-bit multiplication, as in wyhash.
func fold(p, q uint64) uint64 {
	hi, lo := bits.Mul64(p, q)
	return hi ^ lo
}

// hash hashes the key of a leg.
func (k *Key) hash(x seed) uint64 {
	return hashEnds(x, k.A, k.B, k.APort, k.BPort, k.Proto, k.Node, k.Tunnel)
}

// hash hashes a tuple: as the key of a leg outside of tunnels.
func (k *Tuple) hash(x seed) uint64 {
	return hashEnds(x, k.A, k.B, k.APort, k.BPort, k.Proto, 0, 0)
}

// hashEnds hashes the parts of a Key.
func hashEnds(x seed, a, b wire.Addr, aPort, bPort uint16, proto uint8, node uint16, tunnel decode.StackID) uint64 {
	h := fold(a.Lo^x[0], b.Lo^x[1])
	if a.Hi|b.Hi != 0 { // IPv6
		h = fold(h^a.Hi, b.Hi^x[0])
	}
	return fold(h^(uint64(aPort)<<48|uint64(bPort)<<32|uint64(proto)<<16|uint64(node)), uint64(tunnel)^x[1])
}

// hashPlace hashes the place of a view of a leg.
func hashPlace(x seed, leg uint64, p *decode.Packet, series uint16, forward, mixed bool) uint64 {
	rest := uint64(p.Hardware)<<32 | uint64(series)<<16 | uint64(p.Direction)<<8
	if forward {
		rest |= 1
	}
	mac := uint64(0)
	if mixed {
		rest |= 2
	}
	if mixed || p.Direction == decode.DirUnknown {
		mac = p.MAC // the capture has neither interface index nor direction
	}
	return fold(fold(rest^x[0], mac^x[1])^leg, uint64(p.Interface)^x[0])
}

// The constants are those of wyhash. No seed goes with them: the keys of packets are the same in all tables.
const foldA, foldB = 0xa0761d6478bd642f, 0xe7037ed1a0b428db

// packetKey identifies a packet over all its sightings.
func packetKey(p *decode.Packet, data []byte) uint32 {
	var h uint64
	if p.Has&decode.HasTCP != 0 {
		h = fold(uint64(p.Seq)<<32|uint64(p.Ack)^foldA, uint64(p.TSVal)<<32|uint64(p.TSEcr)^foldB)
		h = fold(h^foldA, uint64(p.Flags)<<8^uint64(p.Proto)^foldB)
	} else {
		length, id := p.PayloadLen, p.IPID
		if p.Has&decode.HasMF != 0 {
			length, id = whole(p, data)
		}
		h = fold(uint64(length)<<32|uint64(id)<<16|uint64(p.ICMPWord&0xffff)^foldA, opening(p, data)^foldB)
		h = fold(h^foldA, uint64(p.Proto)^foldB)
	}
	return uint32(h>>32) | 1
}

// whole returns the payload's length and the identification that a datagram has when its fragments are put together, as conntrack does
// on the way: in IPv6 only fragments have one.
func whole(p *decode.Packet, data []byte) (length, id uint32) {
	length, id = p.PayloadLen, p.IPID
	if p.Network == decode.NetIPv6 {
		id = 0
	}
	if at := int(p.Payload) - 4; p.Proto == wire.ProtoUDP && p.Stop.Reason == decode.StopNone && at > 0 && at+2 <= len(data) {
		if n := uint32(wire.UDP(data[at-4:]).Len()); n >= wire.UDPLen {
			length = n - wire.UDPLen
		}
	}
	return length, id
}

// opening is a hash of the first 16 bytes of payload.
func opening(p *decode.Packet, data []byte) uint64 {
	from, to := int(p.Payload), int(p.Payload)+int(min(p.PayloadCap, 16))
	if from > len(data) || to > len(data) {
		return 0
	}
	b := data[from:to]
	if len(b) == 16 {
		return fold(binary.LittleEndian.Uint64(b)^foldA, binary.LittleEndian.Uint64(b[8:])^foldB)
	}
	h := uint64(len(b))
	for _, x := range b {
		h = fold(h^foldA, uint64(x)^foldB)
	}
	return h
}
