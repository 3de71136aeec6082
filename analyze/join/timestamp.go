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
}

// paws is for how long a server that compares them remembers a timestamp (linux include/net/tcp.h, TCP_PAWS_MSL).
const paws = 60e9

// The bits of conn.traits. Of timestamps: see fact.Connection.
const (
	sentOlder = 1 << iota
	tookOlder
	// incomplete: see fact.Connection.Incomplete.
	incomplete
)

// stamped compares the timestamp of a SYN, or the one that a SYN-ACK echoes, with the latest one that the server took from the same address, and
// remembers what it takes. Servers that compare them do so by address, for all its ports.
func (j *Joiner) stamped(c *conn, p *decode.Packet) {
	client, server, port, value, older := p.Src, p.Dst, p.DstPort, p.TSVal, uint8(sentOlder)
	took := p.Flags&wire.ACK != 0
	if took {
		client, server, port, value, older = p.Dst, p.Src, p.SrcPort, p.TSEcr, tookOlder
	}
	if value == 0 {
		return
	}
	place := j.table.PlaceOf(&sight.Tuple{A: client, B: server, BPort: port, Proto: wire.ProtoTCP})
	x := &j.taken[place%ntimestamps]
	known := x.place == place && p.Time-x.time < paws && p.Time >= x.time
	if known && after(x.value, value) {
		c.traits |= older
	}
	if took && !(known && after(x.value, value)) {
		x.place, x.time, x.value = place, p.Time, value
	}
}
