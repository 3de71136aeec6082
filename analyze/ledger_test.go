package analyze

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// TestLedgerFull: what goes wrong late is kept, however much went well before; and of what goes wrong there is a bound, too.
func TestLedgerFull(t *testing.T) {
	const room = 100
	l := newLedger(0)
	l.maxReach, l.maxLookups = room, room
	call := func(client uint16, o fact.Outcome) {
		l.add(&fact.Connection{Client: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(client >> 8), byte(client)}), 1), Outcome: o, Start: int64(client)}, fact.Ref{}, nil)
	}
	ask := func(start int64, o fact.LookupOutcome) { l.addLookup(&fact.Lookup{Start: start, Outcome: o}) }
	failed := func() (ways, lookups int) {
		for _, r := range l.reach() {
			if r.Outcome == fact.Hang {
				ways++
			}
		}
		for _, x := range l.lookups {
			if x.Outcome == fact.LookupTimeout {
				lookups++
			}
		}
		return ways, lookups
	}
	for i := range 1000 {
		call(uint16(i), fact.OK)
		ask(int64(i), fact.LookupAnswered)
	}
	for i := range 30 {
		call(uint16(i), fact.Hang)
		ask(int64(1000+i), fact.LookupTimeout)
		ask(int64(1000+i), fact.LookupAnswered)
	}
	if w, n := failed(); w != 30 || n != 30 || len(l.byWay) != room || len(l.lookups) != room {
		t.Errorf("of 30 each, %d ways and %d lookups are kept, among %d and %d", w, n, len(l.byWay), len(l.lookups))
	}
	kept := 0
	for _, r := range l.byWay {
		kept += len(r.Examples)
	}
	if kept != l.kept {
		t.Errorf("%d examples are kept, counted were %d", kept, l.kept)
	}
	// A copy takes more, and changes nothing of it.
	open := l.clone()
	for i := range 50 {
		open.add(&fact.Connection{ID: "open", Client: netip.AddrPortFrom(netip.IPv6Unspecified(), 1), Called: netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(i)), Outcome: fact.Hang}, fact.Ref{}, nil)
		open.addLookup(&fact.Lookup{Outcome: fact.LookupTimeout})
	}
	for _, r := range l.reach() {
		for range 2 * examples {
			c := r.Examples[0]
			c.ID = "open"
			open.add(&c, fact.Ref{}, nil)
		}
	}
	if len(open.reach()) != room+50 || len(open.lookups) != room+50 || len(l.byWay) != room || len(l.lookups) != room {
		t.Errorf("with what is open: %d ways, %d lookups; without: %d, %d", len(open.reach()), len(open.lookups), len(l.byWay), len(l.lookups))
	}
	for _, r := range l.reach() {
		if r.Count != uint64(len(r.Examples)) || slices.ContainsFunc(r.Examples, func(c fact.Connection) bool { return c.ID == "open" }) {
			t.Fatalf("%+v has what is open", r)
		}
	}
	for i := range 1000 {
		call(uint16(i), fact.Hang)
		ask(int64(2000+i), fact.LookupTimeout)
	}
	if w, n := failed(); w != room || n != room || l.nlookups != 2060 || l.lookups[0].Start < 2000 {
		t.Errorf("%d ways, %d lookups of %d, the first from %d", w, n, l.nlookups, l.lookups[0].Start)
	}
}
