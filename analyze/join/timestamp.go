package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// ntimestamps is of how many pairs of a client's address and a server timestamps are remembered; a power of two. One takes the place of another
// in the same slot.
const ntimestamps = 1 << 12

// timestamps are the latest ones that servers took, by the hash of the client's address, as the server knows it, and the server's endpoint.
type timestamps [ntimestamps]taken

// taken is the latest timestamp that a server took from an address, and when.
type taken struct {
	place uint64
	time  int64
	value uint32
	// refuted says that the server took one that was older than the one before.
	refuted bool
}

// paws is for how long a server that compares them remembers a timestamp (linux include/net/tcp.h, TCP_PAWS_MSL).
const paws = 60e9

// stamped compares the timestamp of a SYN, or the one that a SYN-ACK echoes, with the latest one that the server took from the same address, and
// remembers what it takes. Servers that compare them do so by address, for all its ports.
func (j *Joiner) stamped(c *conn, p *decode.Packet) {
	client, server, value := p.Src, life.Destination(p), p.TSVal
	took := p.Flags&wire.ACK != 0
	if took {
		client, server, value = p.Dst, life.Source(p), p.TSEcr
	}
	if value == 0 {
		return
	}
	x, place := j.takenFrom(client, server)
	older := x.place == place && p.Time-x.time < paws && p.Time >= x.time && after(x.value, value)
	switch {
	case older && took:
		x.refuted = true
	case older:
		c.sentOlder = true
	case took:
		x.refuted = x.refuted && x.place == place
		x.place, x.time, x.value = place, p.Time, value
	}
}

// takenFrom returns the slot for what a server took from a client's address, and their hash. Another pair's may be there.
func (j *Joiner) takenFrom(client wire.Addr, server life.Endpoint) (x *taken, place uint64) {
	t := sight.Tuple{A: client, B: server.Addr, BPort: server.Port, Proto: wire.ProtoTCP}
	return &j.taken[slot(&t)%ntimestamps], j.table.PlaceOf(&t)
}

// older reports whether a connection that was not opened sent SYNs with an older timestamp than the server had taken from the same address, as
// far as is known from one that takes no older ones.
func (j *Joiner) older(c *conn) bool {
	if !c.sentOlder || c.Established {
		return false
	}
	for i, l := range c.Legs() {
		client, server := life.EndsOf(&j.table.Leg(l).Tuple)
		if c.Side(i, true) == fact.ToClient {
			client, server = server, client
		}
		if x, place := j.takenFrom(client.Addr, server); x.place == place && x.refuted {
			return false
		}
	}
	return true
}
