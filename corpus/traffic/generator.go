package traffic

import (
	"bufio"
	"encoding/binary"
	"io"
)

// generator writes a capture.
type generator struct {
	Options
	out    *bufio.Writer
	err    error
	truth  Truth
	places []place
	back   []place
	frame  []byte
	record [16]byte
	body   []byte
	agenda agenda
	// due is the time of the step that is being taken, in nanoseconds; now that of the next frame, which is later where frames
	// crowd; apart the least time between two.
	due, now, apart int64
	think, arrival  int64    // see pace
	sockets         []uint32 // how many each pod opened for lookups
	// wait is the time from which Wait is called next.
	wait    int64
	random  uint64
	outerID uint16
	next    uint32 // counts the actors that began
}

// begin is the time of the first frame.
const begin = 1_795_500_000e9

// Write writes a capture in pcap format and returns its truth.
func Write(w io.Writer, o Options) (Truth, error) {
	if err := o.check(); err != nil {
		return Truth{}, err
	}
	g := &generator{
		Options: o, out: bufio.NewWriterSize(w, 1<<18), now: begin, apart: min(1e3, max(1, 5e8/int64(o.Rate))),
		random: o.Seed*0x9e3779b97f4a7c15 | 1, places: o.path(), sockets: make([]uint32, o.Pods),
	}
	g.think, g.arrival = o.pace()
	if o.Begin != 0 {
		g.now = o.Begin
	}
	for _, p := range g.places {
		g.back = append([]place{p}, g.back...)
	}
	var header [24]byte
	le := binary.LittleEndian
	le.PutUint32(header[:], 0xa1b23c4d) // nanoseconds
	le.PutUint16(header[4:], 2)
	le.PutUint16(header[6:], 4)
	le.PutUint32(header[16:], 262144)
	le.PutUint32(header[20:], 276) // LINUX_SLL2
	g.out.Write(header[:])
	start := g.now
	if o.Short > 0 {
		g.agenda.add(entry{start, arrivals{}})
	}
	for range o.Live {
		g.agenda.add(entry{start + int64(g.below(int(min(g.think, opening)))), g.begin(true)})
	}
	for g.truth.Frames < o.Frames && g.err == nil {
		g.flood()
		first := g.agenda[0]
		g.due = first.at
		g.now = max(g.now, g.due)
		if next, after := first.actor.step(g); next != nil {
			g.agenda.replace(entry{g.due + after, next})
		} else {
			g.agenda.drop()
		}
	}
	if err := g.out.Flush(); g.err == nil {
		g.err = err
	}
	return g.truth, g.err
}

// opening is the time in which the long connections begin.
const opening = 1e9

// begin returns a new actor: a connection, long or short, or a lookup before it.
func (g *generator) begin(long bool) actor {
	g.next++
	pod := g.next % uint32(g.Pods)
	service := (pod*7 + uint32(g.below(g.Called))) % uint32(g.Services)
	var c *conn
	if long || g.Requests > 0 {
		c = g.connect(pod, service, long)
	}
	if c == nil || g.below(1000) < g.Lookups {
		return g.resolve(pod, service, c)
	}
	return c
}

// arrivals begins short connections.
type arrivals struct{}

func (a arrivals) step(g *generator) (actor, int64) {
	g.agenda.add(entry{g.due, g.begin(false)})
	return a, g.around(g.arrival)
}

// below returns a number from 0 to n-1 (xorshift64).
func (g *generator) below(n int) int {
	x := g.random
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	g.random = x
	return int(x >> 11 % uint64(n))
}

// write writes a frame.
func (g *generator) write(b []byte) {
	if g.Wait != nil && g.now >= g.wait {
		if err := g.out.Flush(); err != nil {
			g.err = err
		}
		g.Wait(g.now)
		g.wait = g.now + 1e6
	}
	le := binary.LittleEndian
	le.PutUint32(g.record[:], uint32(g.now/1e9))
	le.PutUint32(g.record[4:], uint32(g.now%1e9))
	le.PutUint32(g.record[8:], uint32(len(b)))
	le.PutUint32(g.record[12:], uint32(len(b)))
	g.now += g.apart
	g.truth.Frames++
	if _, err := g.out.Write(g.record[:]); err != nil {
		g.err = err
	}
	g.out.Write(b)
}
