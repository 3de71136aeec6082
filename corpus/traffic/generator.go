package traffic

import (
	"bufio"
	"encoding/binary"
	"io"
)

// generator writes a capture.
type generator struct {
	Options
	outs   []*bufio.Writer // of the nodes
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
	o.Nodes = 1
	return WriteCluster([]io.Writer{w}, o)
}

// WriteCluster writes the captures of as many nodes as there are writers, and returns the truth of all. Every packet between two of them is in both
// captures.
func WriteCluster(nodes []io.Writer, o Options) (Truth, error) {
	o.Nodes = len(nodes)
	if err := o.check(); err != nil {
		return Truth{}, err
	}
	g := &generator{
		Options: o, now: begin, apart: min(1e3, max(1, 5e8/int64(o.Rate))),
		random: o.Seed*0x9e3779b97f4a7c15 | 1, places: o.path(), sockets: make([]uint32, o.Pods*o.Nodes),
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
	for _, w := range nodes {
		out := bufio.NewWriterSize(w, 1<<18)
		out.Write(header[:])
		g.outs = append(g.outs, out)
	}
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
	g.flush()
	return g.truth, g.err
}

// opening is the time in which the long connections begin.
const opening = 1e9

// begin returns a new actor: a connection, long or short, or a lookup before it.
func (g *generator) begin(long bool) actor {
	g.next++
	node, pod := int(g.next)%g.Nodes, g.next/uint32(g.Nodes)%uint32(g.Pods)
	service := (pod*7 + uint32(g.below(g.Called))) % uint32(g.Services)
	if g.Hot > 0 && g.below(1000) < g.Hot {
		service = 0
	}
	var c *conn
	if long || g.Requests > 0 {
		c = g.connect(node, pod, service, long)
	}
	if c == nil || g.below(1000) < g.Lookups {
		return g.resolve(node, pod, service, c)
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

// flush hands on what is buffered.
func (g *generator) flush() {
	for _, out := range g.outs {
		if err := out.Flush(); g.err == nil {
			g.err = err
		}
	}
}

// write writes a frame of a node.
func (g *generator) write(node int, b []byte) {
	if g.Wait != nil && g.now >= g.wait {
		g.flush()
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
	if _, err := g.outs[node].Write(g.record[:]); err != nil {
		g.err = err
	}
	g.outs[node].Write(b)
}
