package join

import (
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// ntimestamps is of how many pairs of a client's address and a server timestamps are remembered; a power of two. One takes the place of another
// with the same lower bits.
const ntimestamps = 1 << 12

// timestamps are the latest ones that servers took, by the hash of the client's address, as the server knows it, and the server's endpoint.
type timestamps [ntimestamps]struct {
	place uint64
	time  int64
	value uint32
	// refuted says that the server took one that was older than the one before.
	refuted bool
}

// paws is for how long a server that compares them remembers a timestamp (linux include/net/tcp.h, TCP_PAWS_MSL).
const paws = 60e9

// The bits of conn.traits.
const (
	// sentOlder says that a SYN had an older timestamp than the latest that the server took from the same address.
	sentOlder = 1 << iota
	// incomplete: see fact.Connection.Incomplete.
	incomplete
)

// stamped compares the timestamp of a SYN, or the one that a SYN-ACK echoes, with the latest one that the server took from the same address, and
// remembers what it takes. Servers that compare them do so by address, for all its ports.
func (j *Joiner) stamped(c *conn, p *decode.Packet) {
	client, server, value := p.Src, endpoint{p.Dst, p.DstPort}, p.TSVal
	took := p.Flags&wire.ACK != 0
	if took {
		client, server, value = p.Dst, endpoint{p.Src, p.SrcPort}, p.TSEcr
	}
	if value == 0 {
		return
	}
	place := j.placeOf(client, server)
	x := &j.taken[place%ntimestamps]
	older := x.place == place && p.Time-x.time < paws && p.Time >= x.time && after(x.value, value)
	switch {
	case older && took:
		x.refuted = true
	case older:
		c.traits |= sentOlder
	case took:
		x.refuted = x.refuted && x.place == place
		x.place, x.time, x.value = place, p.Time, value
	}
}

// placeOf is a hash of a client's address and a server.
func (j *Joiner) placeOf(client wire.Addr, server endpoint) uint64 {
	return j.table.PlaceOf(&sight.Tuple{A: client, B: server.addr, BPort: server.port, Proto: wire.ProtoTCP})
}

// older reports whether a connection that was not opened sent SYNs with an older timestamp than the server had taken from the same address, as
// far as is known from one that takes no older ones.
func (j *Joiner) older(c *conn) bool {
	if c.traits&sentOlder == 0 || c.established {
		return false
	}
	for i, l := range c.legs[:c.nlegs] {
		t := &j.table.Leg(l).Tuple
		client, server := t.A, endpoint{t.B, t.BPort}
		if c.clientIsA>>i&1 == 0 {
			client, server = t.B, endpoint{t.A, t.APort}
		}
		if place := j.placeOf(client, server); j.taken[place%ntimestamps].place == place && j.taken[place%ntimestamps].refuted {
			return false
		}
	}
	return true
}
