package rules

import (
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// TestPartLookup: a connection to a DNS server that a finding about lookups explains keeps that finding, though none of the lookups is asked for: an expression
// may ask for its port, and lookups have none.
func TestPartLookup(t *testing.T) {
	client, server := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddrPort("10.96.0.10:53")
	lookup := fact.Lookup{Client: client, Server: server, Candidates: []fact.Candidate{{Queries: []fact.Query{{Server: server}}}}}
	for _, c := range []struct {
		name  string
		reach fact.Reach
		lost  int
	}{
		{"failed", fact.Reach{Client: client, Called: server, Proto: fact.UDP, Outcome: fact.Hang, Count: 2, Chosen: 1}, 0},
		{"another one's", fact.Reach{Client: server.Addr(), Called: server, Proto: fact.UDP, Outcome: fact.Hang, Count: 2, Chosen: 1}, 1},
		{"well", fact.Reach{Client: client, Called: server, Proto: fact.UDP, Outcome: fact.OK, Count: 2, Chosen: 1}, 1},
		{"not asked for", fact.Reach{Client: client, Called: server, Proto: fact.UDP, Outcome: fact.Hang, Count: 2}, 1},
	} {
		s := newScene(&fact.Facts{Reach: []fact.Reach{c.reach}, Part: &fact.Part{}}, DefaultThresholds())
		f := Finding{Rule: "dns-no-response", Severity: Critical, covers: []any{&lookup}}
		f.Chosen = s.isOfPart(&f)
		if list, elsewhere := ofPart([]Finding{f}); elsewhere != c.lost || len(list) != 1-c.lost {
			t.Errorf("%s: %d are told, %d are about the rest", c.name, len(list), elsewhere)
		}
	}
}

// TestPartAddresses: a finding about no connection is of the part where its addresses are.
func TestPartAddresses(t *testing.T) {
	client, other := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	near, far, third := netip.MustParseAddr("192.168.1.10"), netip.MustParseAddr("192.168.1.11"), netip.MustParseAddr("192.168.1.12")
	service := netip.MustParseAddrPort("10.96.0.50:80")
	way := func(a netip.Addr, chosen uint64, to netip.Addr) fact.Reach {
		leg := fact.Leg{Src: netip.AddrPortFrom(a, 1), Dst: service, Encap: []fact.Encap{{Src: near, Dst: to}}}
		return fact.Reach{Client: a, Called: service, Count: 2, Chosen: chosen, Examples: []fact.Connection{{Legs: []fact.Leg{leg}}}}
	}
	s := newScene(&fact.Facts{
		Reach: []fact.Reach{way(client, 1, far), way(other, 0, third)}, Part: &fact.Part{Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.7")}},
	}, DefaultThresholds())
	for _, c := range []struct {
		name string
		f    Finding
		want bool
	}{
		{"of the capture", Finding{Layer: LayerCapture}, true},
		{"at an address of a connection", Finding{Place: Place{Backend: netip.AddrPortFrom(service.Addr(), 0)}}, true},
		{"at another one's", Finding{Place: Place{Backend: netip.AddrPortFrom(other, 0)}}, false},
		{"the connection's tunnel", Finding{Nodes: []netip.Addr{far, near}}, true},
		{"another tunnel of the node", Finding{Nodes: []netip.Addr{near, third}}, false},
		{"at an address that is asked for", Finding{Place: Place{Client: netip.MustParseAddr("10.0.0.7")}}, true},
		{"at a node that is asked for", Finding{Nodes: []netip.Addr{third, netip.MustParseAddr("10.0.0.7")}}, true},
		{"nowhere", Finding{}, false},
		{"of other connections, at the same address", Finding{covers: []any{&s.Reach[1]}, Place: Place{Client: client}}, false},
	} {
		if got := s.isOfPart(&c.f); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPartVerdict: where nothing is asked for, that is the verdict, whatever the captures lack; but what an address suffers that is asked for goes before it.
func TestPartVerdict(t *testing.T) {
	facts := &fact.Facts{Totals: fact.Totals{Frames: 9, Connections: 308}, Part: &fact.Part{}}
	s := newScene(facts, DefaultThresholds())
	for _, c := range []struct {
		found []Finding
		layer Layer
		want  string
	}{
		{nil, "", "None of 308 connections matches what was asked for."},
		{[]Finding{{Layer: LayerCapture, Severity: Warning, Title: "an old snapshot"}}, "", "None of 308 connections matches what was asked for."},
		{[]Finding{{Layer: LayerCNI, Severity: Critical, Title: "nobody answers"}}, LayerCNI, "Nobody answers."},
	} {
		if v := s.verdict(c.found, s.account(nil)); v.Layer != c.layer || v.Text != c.want {
			t.Errorf("%v: %s, %q, want %s, %q", c.found, v.Layer, v.Text, c.layer, c.want)
		}
	}
}

// TestPartAccount: a late lookup that is not asked for takes nothing off what is unexplained of those that are, though a finding covers it and its connection
// is asked for.
func TestPartAccount(t *testing.T) {
	client, server := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddrPort("10.96.0.10:53")
	socket := netip.AddrPortFrom(client, 40000)
	hang := fact.Connection{ID: "n:1", Proto: fact.TCP, Outcome: fact.Hang, Client: netip.MustParseAddrPort("10.0.0.2:1"), Chosen: true}
	asks := fact.Connection{ID: "n:2", Proto: fact.UDP, Outcome: fact.OK, Client: socket, Called: server, Chosen: true}
	s := newScene(&fact.Facts{
		Reach: []fact.Reach{
			{Client: hang.Client.Addr(), Proto: fact.TCP, Outcome: fact.Hang, Count: 1, Chosen: 1, Examples: []fact.Connection{hang}},
			{Client: client, Called: server, Proto: fact.UDP, Outcome: fact.OK, Count: 1, Chosen: 1, Examples: []fact.Connection{asks}},
		},
		Lookups: []fact.Lookup{{
			Client: client, Server: server, Outcome: fact.LookupAnswered, Retries: 1,
			Candidates: []fact.Candidate{{Queries: []fact.Query{{Server: server, Client: socket, Retries: 1}}}},
		}},
		Part: &fact.Part{Connections: 2, Failed: 1},
	}, DefaultThresholds())
	l := &s.Lookups[0]
	if !l.Late() || !s.asksFor(l) {
		t.Fatalf("late %v, asked for %v: the test can't fail", l.Late(), s.asksFor(l))
	}
	if a := s.account([]Finding{{covers: []any{l}}}); a.Unexplained != 1 || len(a.Open) != 1 {
		t.Errorf("%d unexplained, %d of them open", a.Unexplained, len(a.Open))
	}
}
