package build

import "net/netip"

// Datagrams is a UDP conversation.
type Datagrams struct {
	c *Cluster
	// Client is its sender, Local and Called its addresses.
	Client        Host
	Local, Called netip.AddrPort
	id            uint16
	// server is the last datagram's receiver, seen the datagram there.
	server Host
	seen   packet
	// got is the last reply as the client got it.
	got packet
	// Refused is set if an ICMP error came back.
	Refused bool
}

// UDP opens a UDP socket towards an address.
func (c *Cluster) UDP(from Host, to netip.AddrPort) *Datagrams {
	if c.opt.Proxy == EBPF {
		if s, _ := c.serviceAt(c.Nodes[0], protoUDP, to); s != nil {
			if b, ok := s.pick(nil); ok {
				to = b
			}
		}
	}
	return &Datagrams{
		c: c, Client: from, Called: to, id: uint16(c.rng.Uint32()),
		Local: netip.AddrPortFrom(c.sourceFor(from, to.Addr()), uint16(32768+c.rng.IntN(28000))),
	}
}

// Send sends a datagram and reports whether a socket got it.
func (d *Datagrams) Send(payload []byte) bool {
	c := d.c
	cut := cutBy(c.mtu(d.Client), len(payload), d.Local.Addr().Is6())
	f := c.send(d.Client, packet{proto: protoUDP, src: d.Local, dst: d.Called, ttl: 64, df: !cut, id: d.id, udp: payload})
	d.id++
	d.server = nil
	if f.icmp != nil && f.at == d.Client {
		d.Refused = true
	}
	if f.to == nil {
		return false
	}
	if f.to.base().refused[f.p.dst.Port()] {
		e := refuseUDP(f.to, f.p)
		if g := c.send(f.to, e); g.at == d.Client {
			d.Refused = true
		}
		return false
	}
	d.server, d.seen = f.to, f.p
	return true
}

// Server is the host that got the last datagram, nil for none.
func (d *Datagrams) Server() Host { return d.server }

// Backend is the address that the last datagram arrived at.
func (d *Datagrams) Backend() netip.AddrPort { return d.seen.dst }

// Reply answers the last datagram and reports whether the client's socket got it. A reply from an address that the client did
// not ask is refused by it with ICMP port-unreachable, as by a connected socket.
func (d *Datagrams) Reply(payload []byte) bool {
	if d.server == nil {
		return false
	}
	c := d.c
	b := d.server.base()
	if b.ids[d.seen.src.Addr()] == 0 {
		b.ids[d.seen.src.Addr()] = uint16(c.rng.Uint32())
	}
	b.ids[d.seen.src.Addr()]++
	cut := cutBy(c.mtu(d.server), len(payload), d.seen.src.Addr().Is6())
	f := c.send(d.server, packet{proto: protoUDP, src: d.seen.dst, dst: d.seen.src, ttl: 64, df: !cut, id: b.ids[d.seen.src.Addr()], udp: payload})
	if f.to == nil {
		return false
	}
	if f.to == d.Client && f.p.src != d.Called {
		c.now += c.think
		c.send(d.Client, refuseUDP(d.Client, f.p))
		return false
	}
	d.got = f.p
	return f.to == d.Client
}

// RefuseReply makes the client refuse the last reply with ICMP port-unreachable: it had closed its socket before it came.
func (d *Datagrams) RefuseReply() {
	d.c.now += d.c.think
	d.c.send(d.Client, refuseUDP(d.Client, d.got))
}
