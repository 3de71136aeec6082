package sight

import (
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// age says when a packet was sent, against those that its view showed before it.
type age uint8

const (
	// unknown: neither a timestamp nor an IP id tells.
	unknown age = iota
	// earlier: before one of them, which overtook it on the way.
	earlier
	// later: after all of them.
	later
)

const (
	// overtaken is how far a packet may be behind, in timestamps: a minute at 1 kHz, at which Linux counts (RFC 7323, section 5.4: 1 ms to
	// 1 s a tick). What is farther behind comes from another clock.
	overtaken = 60_000
	// inTurn is how far apart the IP ids of packets are that were numbered one after the other, super-packets of 128 segments among them.
	inTurn = 1 << 12
)

// age returns when p was sent. A retransmission gets a timestamp and an IP id of its own (Linux: __tcp_transmit_skb, inet_id), so that both
// have its order; what is delivered late still has those of its first transmission.
func (v *View) age(p *decode.Packet) age {
	if p.Has&decode.HasTimestamps != 0 && v.tsval != 0 {
		switch d := int32(p.TSVal - v.tsval); {
		case d > 0:
			return later
		case d < 0 && d > -overtaken:
			return earlier
		}
	}
	if p.IPID == 0 || p.Network != decode.NetIPv4 {
		return unknown
	}
	if v.numbered(uint16(p.IPID)) {
		return earlier
	}
	return later
}

// numbered reports whether an IP id lies before one of the latest, all of which are near: who takes ids by chance, as the BSDs do, says nothing
// by them.
func (v *View) numbered(id uint16) bool {
	behind := false
	for i := range idents {
		known := uint16(v.lastIDs[i/4] >> (16 * (i % 4)))
		if known == 0 {
			continue
		}
		d := int16(known - id)
		if d > inTurn || d < -inTurn {
			return false
		}
		behind = behind || d > 0
	}
	return behind
}

// late tells where neither timestamp nor IP id does: no sender repeats itself within a tenth of a second (RTO_MIN is 200 ms), and no packet
// needs that long through a node.
const late = 100e6

// still reports whether a packet with an IP id that the view knows may be the packet that had it before: it is no later one, as those of
// senders are that put one id into all they send. previous is when the view's last packet came.
func (v *View) still(p *decode.Packet, previous int64) bool {
	if p.Has&decode.HasTimestamps != 0 && v.tsval != 0 {
		return int32(p.TSVal-v.tsval) <= 0
	}
	return p.Proto != wire.ProtoTCP || p.Time-previous < late
}

// stamp remembers a packet's timestamp, unless the packet was overtaken.
func (v *View) stamp(tsval uint32) {
	if d := int32(tsval - v.tsval); d > 0 || d <= -overtaken || v.tsval == 0 {
		v.tsval = tsval
	}
}
