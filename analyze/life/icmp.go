package life

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
)

// maxErrors bounds the ICMP errors kept of a connection.
const maxErrors = 8

// Quoted enters an ICMP error, in packet p, that quotes a packet of a connection.
func (ls *Lives) Quoted(id ID, c *State, e fact.ICMPError, p *decode.Packet, o *sight.Origin) {
	list := ls.errors[id]
	for i := range list {
		x := &list[i]
		if x.Type != e.Type || x.Code != e.Code || x.Tunnel != e.Tunnel || x.Flow != e.Flow {
			continue
		}
		x.ToClient = x.ToClient || e.ToClient
		x.In, x.Out = x.In|e.In, x.Out|e.Out
		// A host may send one error a second (ICMP rate limits, RFC 1812, section 4.3.2.8) or one per packet: a second
		// one within a millisecond is another sighting.
		if e.Time-x.Last > 1e6 {
			x.Count++
			c.note(newMark(fact.MarkICMP, 1-e.Flow, o, p)) // it travels back to the sender of the packet that it quotes
		}
		x.Last = e.Time
		if e.MTU != 0 && (x.MTU == 0 || e.MTU < x.MTU) {
			x.MTU = e.MTU
		}
		return
	}
	if len(list) >= maxErrors {
		return
	}
	ls.errors[id] = append(list, e)
	c.note(newMark(fact.MarkICMP, 1-e.Flow, o, p)) // it travels back to the sender of the packet that it quotes
}
