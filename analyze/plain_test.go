package analyze

import (
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/lookup"
)

// TestHeard: spans hold all times, in any order, none lies further from the next than the gap, and there are not too many.
func TestHeard(t *testing.T) {
	server := netip.MustParseAddrPort("10.96.0.10:53")
	r := rand.New(rand.NewPCG(3, 4))
	for _, apart := range []int64{1e8, 5e9, 100e9} {
		p := newPlains()
		var times []int64
		for i := range int64(1000) {
			at := i*apart + r.Int64N(10e9)
			times = append(times, at)
			p.hear(server, &lookup.PlainAnswer{Time: at, Capture: 2})
		}
		p.hear(server, &lookup.PlainAnswer{Time: 1, Capture: 1})
		heard := p.heardFacts()
		if len(heard) != 2 || heard[0].Capture != 1 || len(heard[0].Spans) != 1 {
			t.Fatalf("%+v", heard)
		}
		h := heard[1]
		slices.Sort(times)
		var want [][2]int64
		for _, at := range times {
			want = append(want, [2]int64{at, at})
		}
		if want = joined(want, h.Gap); !reflect.DeepEqual(h.Spans, want) || len(want) > maxSpans || h.Gap > heardGap && len(joined(want, h.Gap/2)) != len(want) {
			t.Errorf("%d apart: gap %d, got %v, want %v", apart, h.Gap, h.Spans, want)
		}
	}
}

// TestPlainRoom: the first are kept whole, of others some of each kind; the rest is counted by name, then without; then there is no room.
func TestPlainRoom(t *testing.T) {
	l := newLedger(0)
	server := netip.MustParseAddrPort("10.96.0.10:53")
	ask := func(way, nameless uint64, took int64, last bool) bool {
		return l.addPlain(&lookup.Plain{Way: way, Nameless: nameless, Server: server, Expanded: true, WastedTime: took, Queries: 2, Last: last}) != nil
	}
	for range maxExamples {
		if ask(1, 2, 5, false) {
			t.Fatal("one of the first was counted only")
		}
	}
	l.plains.byWay[1] = &fact.Plain{Server: server} // a Plain made by hand has no names
	if !ask(1, 2, 5, false) || ask(1, 2, 6, false) || !ask(1, 2, 6, false) || ask(1, 2, 1, true) {
		t.Error("not the longest search and the last were kept")
	}
	l.plains.byWay[100] = &fact.Plain{Server: server, Count: 7, Backends: []fact.PlainBackend{{Answers: 1}}}
	above := l.clone()
	above.addPlain(&lookup.Plain{Way: 100, Nameless: 2, Server: server, Queries: 2, Answers: []lookup.PlainAnswer{{}}})
	for range kindExamples {
		above.addPlain(&lookup.Plain{Way: 100, Nameless: 2, Server: server, Queries: 2, Answers: []lookup.PlainAnswer{{}}})
	}
	if x := l.plains.byWay[100]; x.Count != 7 || x.Backends[0].Answers != 1 || above.plains.byWay[100].Count != 8 || len(above.plains.facts()) != 2 || len(l.plains.facts()) != 2 {
		t.Errorf("%+v below, %+v above", x, above.plains.byWay[100])
	}
	l.plains.named = maxPlain
	if !ask(1, 2, 0, false) || !ask(3, 2, 0, false) || l.plains.byWay[2].Count != 1 || l.plains.nameless != 1 {
		t.Errorf("%+v", l.plains.byWay)
	}
	l.plains.nameless = maxPlain
	if ask(4, 5, 0, false) || !ask(4, 2, 0, false) {
		t.Error("there was room")
	}
	if l.nlookups != 5 {
		t.Errorf("%d lookups were counted", l.nlookups)
	}
}
