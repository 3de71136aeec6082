package build

import "net/netip"

// Refusal is a reason for an ICMP or ICMPv6 error.
type Refusal uint8

// The refusals that nodes and hosts send.
const (
	PortUnreachable Refusal = iota + 1
	HostUnreachable
	Prohibited // administratively
	FragmentationNeeded
	TimeExceeded
	NetUnreachable
	ProtocolUnreachable
	// TCPReset is none: a RST in the receiver's name, as iptables' REJECT --reject-with tcp-reset sends it.
	TCPReset
)

// types are the type and code of each refusal in ICMP and ICMPv6.
var types = map[Refusal][4]uint8{
	PortUnreachable:     {3, 3, 1, 4},
	HostUnreachable:     {3, 1, 1, 3},
	Prohibited:          {3, 13, 1, 1},
	FragmentationNeeded: {3, 4, 2, 0},
	TimeExceeded:        {11, 0, 3, 0},
	NetUnreachable:      {3, 0, 1, 0},
	ProtocolUnreachable: {3, 2, 4, 1},
}

func icmpPacket(why Refusal, src, dst netip.Addr, quote packet, mtu int) packet {
	t := types[why]
	p := packet{proto: protoICMP, src: netip.AddrPortFrom(src, 0), dst: netip.AddrPortFrom(dst, 0), ttl: 64}
	p.icmp = &message{kind: t[0], code: t[1], word: uint32(mtu), quote: &quote}
	if dst.Is6() {
		p.proto = protoICMPv6
		p.icmp.kind, p.icmp.code = t[2], t[3]
	}
	return p
}

// icmpError tells the sender of p why it was refused. The node's own conntrack undoes the translation in the error, so it
// quotes the packet as the sender sent it. If the destination had been translated, it even comes from the Service's address.
func (n *Node) icmpError(why Refusal, p packet, k tracked, mtu int) {
	c := n.c
	if p.icmp != nil && p.icmp.quote != nil {
		return // no errors about errors (RFC 1122, section 3.2.2)
	}
	to := p.src.Addr()
	src := n.addr
	switch owner := c.podNode(to); {
	case owner == n && n.bridge != nil:
		src = n.bridgeAddr
	case owner != nil && owner != n:
		src = n.tunnelAddr
	}
	e := icmpPacket(why, src, to, p, mtu)
	e.id = uint16(c.rng.Uint32())
	if k.flow != nil && !k.reject && !k.reply {
		q := p
		q.src, q.dst = k.orig.src, k.orig.dst
		e.dst = netip.AddrPortFrom(k.orig.src.Addr(), 0)
		if k.orig.dst != k.out.dst {
			e.src = netip.AddrPortFrom(k.orig.dst.Addr(), 0)
		}
		e.icmp.quote = &q
	}
	c.gap()
	n.route(e, tracked{}, fromHere)
}

// trackError translates an ICMP error that passes through: its quote is a packet as this node sent it out, and its receiver
// knows it by the tuple with which it came in.
func (n *Node) trackError(p *packet) tracked {
	q := *p.icmp.quote
	t := q.tuple()
	f, ok := n.flows[t.mirror()]
	if !ok || f.out != t || f.out == f.orig {
		return tracked{}
	}
	m := *p.icmp
	q.src, q.dst = f.orig.src, f.orig.dst
	m.quote = &q
	p.icmp = &m
	// The addresses change as those of a reply do: destination before routing, source after.
	e := &flow{orig: tuple{p.proto, netip.AddrPortFrom(f.orig.src.Addr(), 0), p.src}}
	if f.orig.dst != f.out.dst {
		e.orig.dst = netip.AddrPortFrom(f.orig.dst.Addr(), 0)
	}
	return tracked{e, true}
}

// rejectTunnel refuses a tunnel packet: the error goes to the node that sent it and quotes it whole, with the inner packet.
func (n *Node) rejectTunnel(why Refusal, outer []byte, to *Node) {
	c := n.c
	t := types[why]
	m := &message{kind: t[0], code: t[1], payload: outer[:min(len(outer), 548)]}
	p := packet{proto: protoICMP, src: n.Port(0), dst: to.Port(0), ttl: 64, id: uint16(c.rng.Uint32()), icmp: m}
	c.gap()
	n.see(n.uplink, typeOutgoing, n.uplinkMAC, &p)
	c.hop()
	to.see(to.uplink, typeHost, n.uplinkMAC, &p)
}

// refuseUDP is a host's own answer to a datagram for which it has no socket.
func refuseUDP(h Host, p packet) packet { return refuse(h, PortUnreachable, p) }

// refuse is a host's own error about a packet that came to it.
func refuse(h Host, why Refusal, p packet) packet {
	e := icmpPacket(why, p.dst.Addr(), p.src.Addr(), p, 0)
	e.id = uint16(h.base().c.rng.Uint32())
	return e
}

// router is between the machines.
var router = netip.MustParseAddr("192.168.1.1")

// pastPath reports whether a packet on the wire is too long for a router, which tells its sender.
func (n *Node) pastPath(p *packet) bool {
	c := n.c
	if c.opt.PathMTU == 0 || p.wireLen() <= c.opt.PathMTU {
		return false
	}
	e := icmpPacket(FragmentationNeeded, router, p.src.Addr(), p.split()[0], c.opt.PathMTU)
	e.id = uint16(c.rng.Uint32())
	n.fromUplink(e, gatewayMAC)
	return true
}

// tunnelPastPath is the same of a tunnel's packet. The error is for the node, and quotes what RFC 792 asks for: the header and eight bytes.
func (n *Node) tunnelPastPath(outer []byte) bool {
	c := n.c
	if c.opt.PathMTU == 0 || len(outer) <= c.opt.PathMTU {
		return false
	}
	m := &message{kind: 3, code: 4, word: uint32(c.opt.PathMTU), payload: outer[:28]}
	p := packet{proto: protoICMP, src: netip.AddrPortFrom(router, 0), dst: n.Port(0), ttl: 64, id: uint16(c.rng.Uint32()), icmp: m}
	n.see(n.uplink, typeHost, gatewayMAC, &p)
	return true
}
