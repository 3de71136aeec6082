package join

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// firstRouters reports whether a capture that does not say which way packets go shows an error that the first router on the way made: no router has
// touched the error's TTL, and of the packet that it quotes only the one that makes it. Or a rule of the host that was called made it, where that itself
// would answer a closed port otherwise.
func firstRouters(p, quoted *decode.Packet) bool {
	switch {
	case p.Direction != decode.DirUnknown || !fact.Untouched(p.TTL):
		return false
	case p.Src == quoted.Dst:
		return quoted.Proto != wire.ProtoUDP && fact.Untouched(quoted.TTL)
	}
	return fact.Untouched(quoted.TTL + 1)
}

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
		Src: p.Src.Netip(), Dst: p.Dst.Netip(), MadeHere: life.MadeHere(p) || firstRouters(p, q),
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
		// It quotes what its receiver knows, and a capture of one interface may show only what that was translated to.
		if id = j.translatedFrom(q); id == 0 {
			return
		}
		e.MadeHere = false // whoever refuses what has been translated is no proxy without endpoints
	}
	c := j.conn(id)
	client, called, _ := j.lives.Ends(&c.State)
	for i, l := range c.Legs() {
		if j.table.Leg(l).Tuple == tuple {
			e.Flow = c.Side(i, forward)
			break
		}
	}
	if e.Flow == fact.ToServer && (q.Src != client.Addr || q.SrcPort != client.Port) {
		e.Out = 0 // a quote of its packet as others see it tells the client nothing
	}
	e.ToClient = !e.Tunnel && e.Flow == fact.ToServer && p.Dst == client.Addr && q.SrcPort == client.Port
	if c.DNS && c.Proto == fact.UDP && j.sinks.Refused != nil && !e.Tunnel && e.Flow == fact.ToServer {
		j.sinks.Refused(Message{Time: p.Time, Ref: e.Ref, Client: client, Server: called, Body: life.Payload(q, data)})
	}
	if c.DNS && c.Proto == fact.UDP && j.sinks.Declined != nil && !e.Tunnel && e.Flow == fact.ToClient && e.PortUnreachable() {
		j.sinks.Declined(Message{
			Time: p.Time, Ref: e.Ref, Client: client, Server: called, Body: life.Payload(q, data), Response: true,
			Foreign: c.Strays() && e.QuotedSrc != called.AddrPort(),
		})
	}
	j.lives.Quoted(id, &c.State, e, p, o)
}

// translatedFrom returns the connection of a SYN that an error quotes with another destination than all its legs have; 0 without one.
func (j *Joiner) translatedFrom(q *decode.Packet) life.ID {
	if q.Has&decode.HasTCP == 0 || q.Flags&(wire.SYN|wire.ACK) != wire.SYN {
		return 0
	}
	id := j.births[q.Seq]
	if id == 0 {
		return 0
	}
	c := j.conn(id)
	if client, _, _ := j.lives.Ends(&c.State); c.Proto != fact.TCP || !c.HasISN || client.Addr != q.Src || client.Port != q.SrcPort {
		return 0
	}
	return id
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
