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
	// now is the time of the next frame, in nanoseconds; pause the time between frames.
	now, pause int64
	// wait is the time from which Wait is called next.
	wait    int64
	random  uint64
	outerID uint16
	next    uint32 // counts the actors that began
}

// begin is the time of the first frame.
const begin = 1_795_500_000e9

// actor sends packets, one after the other.
type actor interface {
	// step shows the next packet, or none while waiting; it reports false after the last.
	step(*generator) bool
}

// Write writes a capture in pcap format and returns its truth.
func Write(w io.Writer, o Options) (Truth, error) {
	if err := o.check(); err != nil {
		return Truth{}, err
	}
	g := &generator{
		Options: o, out: bufio.NewWriterSize(w, 1<<18), now: begin, pause: 1e9 / int64(o.Rate),
		random: o.Seed*0x9e3779b97f4a7c15 | 1, places: o.path(),
	}
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
	actors := make([]actor, o.Live)
	for g.truth.Frames < o.Frames && g.err == nil {
		g.flood()
		i := g.below(len(actors))
		if actors[i] == nil {
			actors[i] = g.begin()
		}
		if !actors[i].step(g) {
			actors[i] = nil
		}
	}
	if err := g.out.Flush(); g.err == nil {
		g.err = err
	}
	return g.truth, g.err
}

// begin returns a new actor.
func (g *generator) begin() actor {
	g.next++
	if g.below(1000) < g.Lookups {
		return g.resolve()
	}
	return g.connect()
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
	g.now += g.pause
	g.truth.Frames++
	if _, err := g.out.Write(g.record[:]); err != nil {
		g.err = err
	}
	g.out.Write(b)
}

// idle lets time pass without packets.
func (g *generator) idle() { g.now += g.pause }
