package policy

import (
	"net/netip"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// hit is a value that met a rule's condition, as far as findings show it.
type hit struct {
	places      []rules.Affected
	called      netip.AddrPort // the address called, where there is no Service
	count       uint64
	first, last int64
	evidence    []rules.Evidence
	connections []string
	nodes       []netip.Addr
	// chosen says that the value is of the part that was asked for, see rules.Finding.Chosen.
	chosen bool
}

// key tells hits of one finding from those of another.
func (h *hit) key(by []string) string {
	var b strings.Builder
	for _, field := range by {
		var p rules.Place
		if len(h.places) > 0 {
			p = h.places[0].Place
		}
		switch field {
		case "client":
			b.WriteString(p.Client.String())
		case "service":
			s := p.Service
			if !s.IsValid() {
				s = h.called
			}
			b.WriteString(s.String())
		case "backend":
			b.WriteString(p.Backend.String())
		case "server":
			b.WriteString(p.Server.String())
		case "name":
			b.WriteString(p.Name)
		}
		b.WriteByte(0)
	}
	return b.String()
}

func connectionHit(c *fact.Connection) hit {
	h := hit{
		places: []rules.Affected{{Place: rules.Place{Client: c.Client.Addr(), Service: c.Service, Backend: c.Backend}, Count: 1}},
		called: c.Called, count: 1, first: c.Start, last: c.End, evidence: rules.EvidenceOf(c), connections: []string{c.ID},
		chosen: c.Chosen,
	}
	for i := range c.Legs {
		if e := c.Legs[i].Encap; len(e) > 0 {
			h.nodes = []netip.Addr{e[0].Src, e[0].Dst}
			break
		}
	}
	return h
}

// lookupNotes describe the marked frames of a lookup.
var lookupNotes = map[fact.MarkKind]string{
	fact.MarkQuery: "query", fact.MarkResend: "the query again", fact.MarkReply: "answer", fact.MarkICMP: "ICMP error about it",
}

func lookupHit(l *fact.Lookup) hit {
	h := hit{
		places: []rules.Affected{{Place: rules.Place{Client: l.Client, Server: l.Server, Backend: l.Backend, Name: l.Name}, Count: 1}},
		count:  1, first: l.Start, last: l.Start + max(l.Duration, 0), chosen: l.Chosen,
	}
	for _, m := range l.Marks {
		if note := lookupNotes[m.Kind]; note != "" {
			h.evidence = append(h.evidence, rules.Evidence{Ref: m.Ref, Note: note})
		}
	}
	if len(h.evidence) == 0 {
		h.evidence = []rules.Evidence{{Ref: l.First, Note: "its first frame"}}
	}
	return h
}

func findingHit(f *rules.Finding) hit {
	h := hit{
		places: f.Affected, count: f.Count, first: f.First, last: f.Last,
		evidence: f.Evidence, connections: f.Connections, nodes: f.Nodes, chosen: f.Chosen,
	}
	if len(h.places) == 0 {
		h.places = []rules.Affected{{Place: f.Place, Count: f.Count}}
	}
	return h
}
