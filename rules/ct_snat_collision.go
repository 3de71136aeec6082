package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var ctSNATCollision = Rule{
	ID: "ct-snat-collision", Layer: LayerService, Severity: Warning, Since: "0.1.0",
	Title: "first SYNs vanish where a node masquerades: two connections want one source port",
	Text: "A node that masquerades chooses a source port for each connection. Where two connections to one place get the same, conntrack can't insert the " +
		"second one and drops its packet inside the node. The client sends its SYN again after one second, or after three, and then it passes.",
	Needs:    "the first SYN in front of the masquerading, none behind it, and a later SYN of the same connection on both sides",
	Explains: []string{"tcp-loss"},
	ToldFrom: []string{
		"loss on the wire: there the first SYN leaves the node",
		"a policy that drops: there no SYN ever passes",
		"ct-table-full: there new connections of several pods vanish at once, of those that are not masqueraded, too",
		"svc-ipvs-reuse-delay: there the source is not rewritten, and the client's port had been used before",
	},
	NextSteps: []string{
		"conntrack -S | grep -o 'insert_failed=[0-9]*'   # on the client's node: does it grow?",
		"iptables-save -t nat | grep -e MASQUERADE -e SNAT   # on the client's node: without --random-fully ports collide soonest",
		"let more addresses share the load (more nodes, an egress gateway with several addresses), or keep connections open instead of opening new ones",
	},
	Sources: []string{
		"linux net/netfilter/nf_conntrack_core.c (__nf_conntrack_confirm, insert_failed), net/netfilter/nf_nat_core.c (get_unique_tuple)",
		"kubernetes #56903", "iptables-extensions(8): MASQUERADE --random-fully",
	},
	judge: judgeSNATCollision,
}

func judgeSNATCollision(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Signs&fact.SignLateSNAT != 0 && !x.Failed() }) {
		c := &x.Examples[0]
		before, _ := c.Swallowed()
		cs.add(before.Node+x.Destination.String(), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, cause := range cs.list {
		f := cause.finding(r)
		h := cause.hits[0]
		before, after := h.conn.Swallowed()
		rival := s.rival(cause)
		f.Certainty = Inferred
		if rival == nil && f.Count == 1 {
			f.Certainty, f.Severity = Possible, Info
		}
		f.Title = fmt.Sprintf("first SYNs to %s vanish on %s, where their source is rewritten", addrPort(h.reach.Destination), before.Node)
		f.Explanation = fmt.Sprintf("%s: the first SYN was seen with source %s and never with source %s; the one sent again was seen with both, and the connection was "+
			"opened after %s.", count(f.Count, "connection", "connections"), addrPort(before.Src), addrPort(after.Src), round(h.conn.Handshake))
		f.Because = []string{"the node shows the SYN before its source is rewritten, and not after", "both places are alive: the SYN that was sent again shows in both"}
		if rival != nil {
			f.Because = append(f.Because, fmt.Sprintf("at that time %s was known to %s by the same address and port, %s",
				addrPort(rival.Client), addrPort(h.reach.Destination), addrPort(rival.SNAT)))
		}
		list = append(list, f.fill())
	}
	return list
}

// rivals bounds for how many ways a rival is looked for: one is enough, and a hostile capture has many.
const rivals = 64

// rival returns a connection that lived when one of a cause began, and had the source address and port that this one got or would have kept.
func (s *scene) rival(cause *cause) *fact.Connection {
	for _, h := range cause.hits[:min(len(cause.hits), rivals)] {
		for k := range h.reach.Examples {
			c := &h.reach.Examples[k]
			for _, y := range s.byDestination(h.reach.Destination) {
				if y.Proto != fact.TCP {
					continue
				}
				for n := range y.Examples {
					e := &y.Examples[n]
					port := e.SNAT.IsValid() && c.SNAT.IsValid() && (e.SNAT == c.SNAT || e.SNAT.Addr() == c.SNAT.Addr() && e.SNAT.Port() == c.Client.Port())
					if port && e != c && e.Start <= c.Start+1e9 && e.End >= c.Start {
						return e
					}
				}
			}
		}
	}
	return nil
}
