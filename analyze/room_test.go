package analyze

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// calls makes connections of clients whose addresses change.
func calls(client int, at int64, o fact.Outcome) *fact.Connection {
	return &fact.Connection{
		ID: fmt.Sprintf("node:%d", client), Proto: fact.TCP, Outcome: o, Start: at, End: at,
		Client: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(client >> 16), byte(client >> 8), byte(client)}), 40000),
		Called: netip.MustParseAddrPort("10.96.0.10:80"), Destination: netip.MustParseAddrPort("10.96.0.10:80"),
		Legs:  []fact.Leg{{Views: make([]fact.View, 4)}, {Views: make([]fact.View, 2)}},
		Marks: make([]fact.Mark, 5),
	}
}

// TestLedgerMemory: ways and lookups keep to their memory, whatever comes. The latest faults are among those that are kept, and the others are
// counted.
func TestLedgerMemory(t *testing.T) {
	const n, second = 5000, int64(1e9)
	l := newLedger(16 << 20)
	for i := range n {
		for k := range 10 {
			l.add(calls(i, int64(i)*second+int64(k), fact.Hang), fact.Ref{}, nil)
		}
		l.addLookup(&fact.Lookup{
			Start: int64(i), Outcome: fact.LookupTimeout, Unanswered: 2, Candidates: []fact.Candidate{{QName: "a.example", Queries: make([]fact.Query, 2+i%3)}},
		})
	}
	ways, lookups, latest := 0, 0, false
	for _, r := range l.reach() {
		ways += wayBytes
		for i := range r.Examples {
			ways += connectionBytes(&r.Examples[i])
		}
		latest = latest || r.LastStart == (n-1)*second+9
	}
	for i := range l.lookups {
		lookups += lookupBytes(&l.lookups[i])
	}
	if ways != l.bytes || ways > l.maxBytes || ways < l.maxBytes/2 {
		t.Errorf("ways take %d bytes, %d by the account, %d at most", ways, l.bytes, l.maxBytes)
	}
	// A lookup may take the room of a smaller one.
	if lookups != l.lookupBytes || lookups > 2*l.maxLookupBytes || lookups < l.maxLookupBytes/2 {
		t.Errorf("lookups take %d bytes, %d by the account, %d at most", lookups, l.lookupBytes, l.maxLookupBytes)
	}
	if !latest {
		t.Error("the latest fault is not among those that are kept")
	}
	if kept := uint64(len(l.byWay)); l.evictedWays != n-kept || l.evictedFaults != n-kept || l.failed != 10*n {
		t.Errorf("%d ways are kept and %d given up, of %d; %d connections failed", kept, l.evictedWays, n, l.failed)
	}
	if kept := uint64(len(l.lookups)); l.evictedLookups != n-kept || l.nlookups != n {
		t.Errorf("%d lookups are kept and %d given up, of %d", kept, l.evictedLookups, l.nlookups)
	}
	if l.kept > len(l.byWay)*examples || len(l.byWay) < 100 {
		t.Errorf("%d examples of %d ways", l.kept, len(l.byWay))
	}
}

// TestLedgerInUse: a healthy way takes the room of one that is out of use, and of no other. One that is used again and again is kept.
func TestLedgerInUse(t *testing.T) {
	const room = 100
	l := newLedger(0)
	l.maxReach = room
	has := func(client int) bool {
		c := calls(client, 0, fact.OK)
		return l.byWay[maphash.Comparable(l.seed, way{
			client: c.Client.Addr(), called: c.Called, destination: c.Destination, proto: fact.TCP, outcome: fact.OK, signs: fact.SignsOf(c),
		})] != nil
	}
	for i := range room {
		l.add(calls(i, int64(i), fact.OK), fact.Ref{}, nil)
	}
	l.add(calls(room, inUse/2, fact.OK), fact.Ref{}, nil)
	if has(room) || l.evictedWays != 1 || l.evictedFaults != 0 {
		t.Errorf("a way in use had to go: %v, %d given up", has(room), l.evictedWays)
	}
	for i := range room {
		l.add(calls(0, inUse, fact.OK), fact.Ref{}, nil)
		l.add(calls(room+i, inUse+room, fact.OK), fact.Ref{}, nil)
	}
	if !has(0) || has(1) || !has(2*room-2) || len(l.byWay) != room || l.evictedWays != 1+room {
		t.Errorf("the first is kept: %v, the second: %v, the last but one: %v; %d ways, %d given up", has(0), has(1), has(2*room-2), len(l.byWay), l.evictedWays)
	}
}
