package rules

import (
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// TestRejectAmongMany: a RST that nobody saw coming out of the pod is a node's, unless it is a single one of a client that the pod lets in:
// captures lose frames.
func TestRejectAmongMany(t *testing.T) {
	for _, x := range []struct {
		what             string
		refused, letIn   uint64
		others, rejected bool
	}{
		{"once, never let in", 1, 0, false, true},
		{"once, let in otherwise", 1, 30, false, false},
		{"again and again, let in before", 5, 30, false, true},
		{"once, others let in", 1, 30, true, true},
	} {
		backend := netip.AddrPortFrom(pod1.Addr(), 8080)
		call := fact.Connection{
			ID: "node1:1", Proto: fact.TCP, Client: pod2, Called: backend, Backend: backend,
			Legs: []fact.Leg{{Node: "node1", Src: pod2, Dst: backend, Views: []fact.View{{}}}},
		}
		refused, ok := call, call
		refused.Outcome, refused.Reset = fact.Refused, &fact.Reset{From: fact.ToClient, InHandshake: true, ByNode: true, MadeHere: true, Src: backend}
		ok.ID, ok.Outcome = "node1:2", fact.OK
		if x.others {
			ok.Client = netip.AddrPortFrom(vip.Addr().Next(), 40000)
		}
		f := captured()
		f.Reach = []fact.Reach{reach(refused)}
		f.Reach[0].Count = x.refused
		if x.letIn > 0 {
			y := reach(ok)
			y.Count = x.letIn
			f.Reach = append(f.Reach, y)
		}
		found, _ := Judge(f)
		rejected := false
		for i := range found {
			rejected = rejected || found[i].Rule == cniReject.ID
		}
		if rejected != x.rejected {
			t.Errorf("%s: rejected is %v", x.what, rejected)
		}
	}
}

// TestEnding: an endpoint that is not chosen any more, while the Service's others go on, has ended; a few choices prove nothing.
func TestEnding(t *testing.T) {
	other := netip.AddrPortFrom(pod2.Addr(), 8080)
	for _, x := range []struct {
		since  uint64
		others int
		want   bool
	}{
		{6, 1, false},
		{7, 1, true},   // (1/2)^7
		{12, 3, false}, // (3/4)^12 is 3 %
		{17, 3, true},
	} {
		o := otherCalls{elsewhere: 1, since: x.since, backends: map[netip.AddrPort]bool{}}
		for i := range x.others {
			o.backends[netip.AddrPortFrom(other.Addr(), uint16(i))] = true
		}
		if got := o.ending(); got != x.want {
			t.Errorf("%d choices among %d others: %v", x.since, x.others, got)
		}
	}
}
