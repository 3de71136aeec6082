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
