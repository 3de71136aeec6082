package markdown

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// TestArrowsEnd holds that an arrow goes as far as its packet is known to have come: to the end that took it, or to the node that
// showed it last.
func TestArrowsEnd(t *testing.T) {
	way := func(flow fact.Direction, labels ...string) (legs []fact.Leg) {
		for _, node := range labels {
			legs = append(legs, fact.Leg{Node: node, Views: []fact.View{{Flow: flow}}})
		}
		return legs
	}
	syn := []fact.Mark{{Kind: fact.MarkSYN, Time: 1}, {Kind: fact.MarkSYNResend, Time: 2}}
	for _, x := range []struct {
		name  string
		conn  fact.Connection
		where *fact.Where
		want  string // the arrows of the last mark
	}{
		{
			"a SYN is lost behind the last node that shows any",
			fact.Connection{Outcome: fact.Hang, Phase: fact.PhaseHandshake, Legs: way(fact.ToServer, "node1", "node2"), Marks: syn},
			nil, "p0-xp2: SYN again",
		},
		{
			"where it is known, there",
			fact.Connection{Outcome: fact.Hang, Phase: fact.PhaseHandshake, Legs: way(fact.ToServer, "node1", "node2"), Marks: syn},
			&fact.Where{Flow: fact.ToServer, After: fact.Viewpoint{Node: "node1"}}, "p0-xp1: SYN again",
		},
		{
			"a SYN-ACK that the client acknowledged has reached it",
			fact.Connection{Outcome: fact.OK, Phase: fact.PhaseEstablished, Legs: way(fact.ToServer, "node1", "node2"), Marks: []fact.Mark{
				{Kind: fact.MarkSYNACK, Flow: fact.ToClient, Ref: fact.Ref{Capture: 1}, Time: 1},
			}},
			nil, "p3->>p0: SYN-ACK",
		},
		{
			"one that it never acknowledged is lost, and not the SYN",
			fact.Connection{Outcome: fact.Hang, Phase: fact.PhaseHandshake, Legs: way(fact.ToServer, "node1", "node2"), Flow: [2]fact.Flow{{}, {Packets: 1}}, Marks: []fact.Mark{
				{Kind: fact.MarkSYNResend, Time: 1},
				{Kind: fact.MarkSYNACK, Flow: fact.ToClient, Ref: fact.Ref{Capture: 1}, Time: 2},
			}},
			nil, "p3-xp2: SYN-ACK",
		},
	} {
		c := x.conn
		c.Proto = fact.TCP
		c.Client, c.Called, c.Backend = netip.MustParseAddrPort("10.244.1.5:4000"), netip.MustParseAddrPort("10.244.2.8:80"), netip.MustParseAddrPort("10.244.2.8:80")
		p := newPage(&fact.Facts{Captures: []fact.Capture{{File: "a", Node: "node1"}, {File: "b", Node: "node2"}}})
		var b strings.Builder
		p.connection(&c, x.where).write(&b)
		if !strings.Contains(b.String(), x.want) {
			t.Errorf("%s: no %s in\n%s", x.name, x.want, b.String())
		}
	}
}
