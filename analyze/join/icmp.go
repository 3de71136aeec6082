package join

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// maxErrors bounds the ICMP errors kept of a connection.
const maxErrors = 8

// icmp ties an ICMP error to the connection whose packet it quotes. NAT translates errors too, the quoted header
// included, so one error has several sightings with different quotes.
func (j *Joiner) icmp(p *decode.Packet, data []byte, o *sight.Origin) {
	q := &j.quote
	if !j.decoder.Quote(p, data, q) || q.Has&decode.HasPorts == 0 && q.Stack == 0 {
		return
	}
	tunnel, tunnelled := j.Tunnels.quoted(q)
	e := fact.ICMPError{
		V6: p.Proto == wire.ProtoICMPv6, Type: p.ICMPType, Code: p.ICMPCode,
		Src: p.Src.Netip(), Dst: p.Dst.Netip(), MadeHere: madeHere(p),
		QuotedSrc: netip.AddrPortFrom(q.Src.Netip(), q.SrcPort), QuotedDst: netip.AddrPortFrom(q.Dst.Netip(), q.DstPort),
		QuotedLen: q.IPLen, Tunnel: tunnelled, Time: p.Time, Last: p.Time, Count: 1, Ref: ref(o.Capture, p.Frame),
	}
	if e.TooBig() {
		e.MTU = p.ICMPWord
		if !e.V6 {
			e.MTU &= 0xffff
		}
	}
	e.In, e.Out = passed(p, o)
	if tunnelled {
		j.Tunnels.rejected(tunnel, e)
	}
	if q.Has&decode.HasPorts == 0 {
		return
	}
	tuple, forward := sight.TupleOf(q)
	id := j.latest(&tuple)
	if id == 0 {
		return
	}
	c := j.conn(id)
	client, called, _ := j.ends(c)
	for i, l := range c.legs[:c.nlegs] {
		if j.table.Leg(l).Tuple == tuple {
			e.Flow = c.side(i, forward)
			break
		}
	}
	if e.Flow == fact.ToServer && (q.Src != client.addr || q.SrcPort != client.port) {
		e.Out = 0 // a quote of its packet as others see it tells the client nothing
	}
	e.ToClient = !e.Tunnel && e.Flow == fact.ToServer && p.Dst == client.addr && q.SrcPort == client.port
	if c.dns && c.proto == fact.UDP && j.sinks.Refused != nil && !e.Tunnel && e.Flow == fact.ToServer {
		j.sinks.Refused(Message{Time: p.Time, Ref: e.Ref, Client: client, Server: called, Body: payload(q, data)})
	}
	if c.dns && c.proto == fact.UDP && j.sinks.Declined != nil && !e.Tunnel && e.Flow == fact.ToClient && e.PortUnreachable() {
		j.sinks.Declined(Message{
			Time: p.Time, Ref: e.Ref, Client: client, Server: called, Body: payload(q, data), Response: true,
			Foreign: c.stray != 0 && e.QuotedSrc != called.AddrPort(),
		})
	}
	list := j.errors[id]
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
	j.errors[id] = append(list, e)
	c.note(newMark(fact.MarkICMP, 1-e.Flow, o, p)) // it travels back to the sender of the packet that it quotes
}

// passed returns the bit of the capture that shows a packet, as one that came in or as one that went out.
func passed(p *decode.Packet, o *sight.Origin) (in, out uint64) {
	bit := uint64(1) << o.Series // 0 beyond the last bit
	switch p.Direction {
	case decode.DirIn:
		return bit, 0
	case decode.DirOut:
		return 0, bit
	}
	return 0, 0
}
