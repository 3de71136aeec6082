package analyze

import (
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// crossing makes the stays of n packets that two captures show, one a second, forth and back in turn: each takes delay from
// the one to the other; the second clock is ahead by what ahead returns.
func crossing(n int, delay int64, ahead func(t int64) int64) (a, b map[number]stay) {
	a, b = map[number]stay{}, map[number]stay{}
	for i := range n {
		t := int64(1e18) + int64(i)*1e9
		k := number{seq: uint32(i), stamp: 7}
		d := delay + int64(i*7919%1000) // no two packets take the same time
		if i%2 == 0 {
			a[k] = stay{first: t - 20e3, last: t, ttl: 64}
			b[k] = stay{first: t + d + ahead(t), last: t + d + ahead(t) + 20e3, ttl: 63}
		} else {
			b[k] = stay{first: t + ahead(t) - 20e3, last: t + ahead(t), ttl: 64}
			a[k] = stay{first: t + d, last: t + d + 20e3, ttl: 63}
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

// TestOffsetOutvotesAccidents: equal numbers at unrelated times do not move the clock.
func TestOffsetOutvotesAccidents(t *testing.T) {
	a, b := crossing(20, 10e3, func(int64) int64 { return 0 })
	for i := range 15 {
		k := number{seq: 1e6 + uint32(i)}
		a[k] = stay{first: int64(i) * 1e9, last: int64(i) * 1e9, ttl: 64}
		b[k] = stay{first: int64(i*i) * 7e9, last: int64(i*i) * 7e9, ttl: 64}
	}
	if c, ok := offset(a, b); !ok || abs(c.Offset) > 20e3 {
		t.Errorf("got %+v, %v", c, ok)
	}
}

func TestCorrected(t *testing.T) {
	s := &stream{capture: fact.Capture{First: 1000e9, Clock: fact.Clock{Offset: 5e9, DriftPPM: 100}}}
	if got, want := s.corrected(1000e9), int64(995e9); got != want {
		t.Errorf("at the beginning: got %d, want %d", got, want)
	}
	if got, want := s.corrected(2000e9), int64(1995e9-100e6); abs(got-want) > 1 {
		t.Errorf("after 1000 s: got %d, want %d", got, want)
	}
}
