package analyze

import (
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// crossing makes the stays of n packets that two captures show, one a second, forth and back in turn: each takes delay from
// the one to the other; the second clock is ahead by what ahead returns.
func crossing(n int, delay int64, ahead func(t int64) int64) (a, b *sketch) {
	a, b = &sketch{stays: map[number]stay{}, first: 1e18 - 20e3}, &sketch{stays: map[number]stay{}, first: 1e18 + ahead(1e18)}
	for i := range n {
		t := int64(1e18) + int64(i)*1e9
		k := number{seq: uint32(i), stamp: 7}
		d := delay + int64(i*7919%1000) // no two packets take the same time
		if i%2 == 0 {
			a.stays[k] = stay{first: t - 20e3, last: t, ttl: 64}
			b.stays[k] = stay{first: t + d + ahead(t), last: t + d + ahead(t) + 20e3, ttl: 63}
		} else {
			b.stays[k] = stay{first: t + ahead(t) - 20e3, last: t + ahead(t), ttl: 64}
			a.stays[k] = stay{first: t + d, last: t + d + 20e3, ttl: 63}
		}
	}
	return a, b
}

func TestOffset(t *testing.T) {
	tests := []struct {
		name   string
		n      int
		ahead  int64
		drift  float64 // parts per million
		known  bool
		within int64
	}{
		{name: "one clock", n: 50, known: true, within: 20e3},
		{name: "37.4 s ahead", n: 50, ahead: 37_400_000_000, known: true, within: 20e3},
		{name: "behind", n: 50, ahead: -5_000_000, known: true, within: 20e3},
		{name: "drifting", n: 300, ahead: 1_000_000_000, drift: 40, known: true, within: 200e3},
		{name: "one packet is no proof", n: 1},
		{name: "nothing in common", n: 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := crossing(tt.n, 10e3, func(at int64) int64 { return tt.ahead + int64(tt.drift*1e-6*float64(at-1e18)) })
			c, ok := offset(a, b)
			if ok != tt.known {
				t.Fatalf("known: got %v, want %v", ok, tt.known)
			}
			if !ok {
				return
			}
			if d := c.Offset - tt.ahead; abs(d) > max(c.Error, tt.within) {
				t.Errorf("offset %d, want %d: off by %d, error said to be %d", c.Offset, tt.ahead, d, c.Error)
			}
			if tt.drift == 0 && c.DriftPPM != 0 {
				t.Errorf("drift %f out of nothing", c.DriftPPM)
			}
			if tt.drift != 0 && (c.DriftPPM < 0.9*tt.drift || c.DriftPPM > 1.1*tt.drift) {
				t.Errorf("drift %f, want %f", c.DriftPPM, tt.drift)
			}
			if c.Samples == 0 {
				t.Error("an estimate has samples")
			}
		})
	}
}

// TestOffsetOfFarNodes: packets that need long bound the offset from both sides, however far apart the bounds are.
func TestOffsetOfFarNodes(t *testing.T) {
	for _, ahead := range []int64{0, 30e6, 37_400e6} {
		a, b := crossing(200, 60e6, func(int64) int64 { return ahead })
		c, ok := offset(a, b)
		if !ok || abs(c.Offset-ahead) > c.Error || c.Error > 61e6 || c.DriftPPM != 0 {
			t.Errorf("ahead %d: got %+v, %v", ahead, c, ok)
		}
	}
}

// TestOffsetOfOneDirection: how long the packets took is part of the error.
func TestOffsetOfOneDirection(t *testing.T) {
	for _, odd := range []uint32{0, 1} {
		a, b := crossing(50, 60e6, func(int64) int64 { return 5e9 })
		for k := range a.stays {
			if k.seq%2 == odd {
				delete(a.stays, k)
			}
		}
		if c, ok := offset(a, b); !ok || abs(c.Offset-5e9) > 61e6 || c.Error < longestWay {
			t.Errorf("got %+v, %v", c, ok)
		}
	}
}

// TestOffsetOfUplinks: no capture shows what a router took off the TTL. Directions tell the way, or that answers go the other way than
// questions.
func TestOffsetOfUplinks(t *testing.T) {
	const ahead, way, start = 200e6, 60e6, int64(1e18)
	for _, directions := range []bool{true, false} {
		a, b := &sketch{stays: map[number]stay{}, first: start}, &sketch{stays: map[number]stay{}, first: start + way + ahead}
		add := func(from, to *sketch, k number, sent, arrived int64) {
			x, y := stay{first: sent, last: sent, ttl: 63}, stay{first: arrived, last: arrived, ttl: 63}
			if directions {
				x.went, y.went = leaves, comes
			}
			from.stays[k], to.stays[k] = x, y
		}
		for i := range 20 {
			at, seq, stamp := start+int64(i)*1e9, uint32(i)*1e6, uint32(i)*5000
			add(a, b, number{seq: seq, stamp: stamp, flags: wire.SYN}, at, at+way+ahead)
			add(b, a, number{seq: 7 * seq, ack: seq + 1, stamp: 9 * stamp, echo: stamp, flags: wire.SYN | wire.ACK}, at+way+ahead, at+2*way)
			add(a, b, number{seq: seq + 1, ack: 7*seq + 1, stamp: stamp + 1, echo: 9 * stamp, flags: wire.ACK}, at+2*way, at+3*way+ahead)
		}
		c, ok := offset(a, b)
		if !ok || abs(c.Offset-ahead) > c.Error || c.Error > way || c.DriftPPM != 0 {
			t.Errorf("directions known %v: got %+v, %v", directions, c, ok)
		}
	}
}

// TestNoDriftOutOfNothing: over a quarter of an hour, packets that take a little more or less do not look like clocks that drift.
func TestNoDriftOutOfNothing(t *testing.T) {
	a, b := crossing(800, 200e3, func(int64) int64 { return 0 })
	for k, y := range b.stays { // the further on, the longer packets of one direction wait
		if k.seq%2 == 0 {
			y.first, y.last = y.first+int64(k.seq)*300, y.last+int64(k.seq)*300
			b.stays[k] = y
		}
	}
	if c, ok := offset(a, b); !ok || c.DriftPPM != 0 || abs(c.Offset) > c.Error {
		t.Errorf("got %+v, %v", c, ok)
	}
}

// TestStayEndsWhereThePacketLeaves: a packet that comes back by another node was away in between.
func TestStayEndsWhereThePacketLeaves(t *testing.T) {
	x := stay{first: 10, last: 10, ttl: 64}
	for at, ttl := range map[int64]uint8{10: 64, 20: 63, 90: 61} {
		x.see(&decode.Packet{Time: at, TTL: ttl})
	}
	if x.first != 10 || x.last != 20 {
		t.Errorf("got %+v", x)
	}
}

// TestOffsetOutvotesAccidents: equal numbers at unrelated times do not move the clock.
func TestOffsetOutvotesAccidents(t *testing.T) {
	a, b := crossing(20, 10e3, func(int64) int64 { return 0 })
	for i := range 15 {
		k := number{seq: 1e6 + uint32(i)}
		a.stays[k] = stay{first: int64(i) * 1e9, last: int64(i) * 1e9, ttl: 64}
		b.stays[k] = stay{first: int64(i*i) * 7e9, last: int64(i*i) * 7e9, ttl: 64}
	}
	if c, ok := offset(a, b); !ok || abs(c.Offset) > 20e3 {
		t.Errorf("got %+v, %v", c, ok)
	}
}

func TestCorrected(t *testing.T) {
	s := &stream{begins: 1000e9, clock: fact.Clock{Offset: 5e9, DriftPPM: 100}}
	if got, want := s.corrected(1000e9), int64(995e9); got != want {
		t.Errorf("at the beginning: got %d, want %d", got, want)
	}
	if got, want := s.corrected(2000e9), int64(1995e9-100e6); abs(got-want) > 1 {
		t.Errorf("after 1000 s: got %d, want %d", got, want)
	}
}
