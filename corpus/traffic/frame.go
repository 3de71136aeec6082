package traffic

import (
	"encoding/binary"

	"github.com/netsift/netsift/decode/wire"
)

// The interfaces of the node, by their indexes. Pods' veths follow from firstVeth on.
const (
	uplink    = 2
	tunnelDev = 3
	bridge    = 4
	slave     = 5 // and 6
	firstVeth = 10
)

// The network of the cluster.
const (
	podNet   = 0x0af40100 // 10.244.1.0
	farNet   = 0x0af40200 // 10.244.2.0
	vipNet   = 0x0a600000 // 10.96.0.0
	dnsVIP   = vipNet + 10
	dnsPod   = farNet + 2
	here     = 0xc0a8010a // 192.168.1.10
	hostHere = 0x0a00000a // 10.0.0.10, below a nested overlay
	// The nodes after the first have the addresses that follow, and networks of pods of their own.
	perNode = 1 << 8
)

// The ports that clients have: ip_local_port_range, as Linux sets it.
const (
	firstEphemeral = 32768
	ephemerals     = 28232
)

var be = binary.BigEndian

// packet is an IPv4 packet of a pod, as the pod knows it and as the backend does.
type packet struct {
	up                bool // from the pod
	proto             uint8
	client, vip, dest uint32
	port, called, far uint16 // of the client, of the Service, of the backend
	veth, farVeth     uint32
	node, farNode     int // of the client, of the backend
	id                uint16
	body              []byte // from the transport header on, its ports still to be filled in
}

// of makes it a packet of a pod that calls.
func (p *packet) of(node int, pod uint32) {
	p.node, p.client, p.veth = node, podNet+uint32(node)*perNode+2+pod, firstVeth+pod
}

// at makes a pod of a node the one that is called.
func (p *packet) at(node int, pod uint32) {
	p.farNode, p.dest, p.farVeth = node, podNet+uint32(node)*perNode+2+pod, firstVeth+pod
}

// show writes the packet as it is seen in the first n places on its way, all for n = 0. The places of a backend's node come after those of the
// client's, where that node is captured, too.
func (g *generator) show(p *packet, n int) {
	g.outerID += 2 // for two encapsulations
	from, to := p.node, p.farNode
	if !p.up {
		from, to = to, from
	}
	if from < len(g.outs) {
		for i, place := range g.places {
			if n > 0 && i == n {
				return
			}
			g.sight(p, place, from, true)
		}
	}
	if to < len(g.outs) && (n == 0 || n > len(g.places)) {
		for _, place := range g.back {
			g.sight(p, place, to, false)
		}
	}
}

// place is where a packet is seen.
type place uint8

const (
	atVeth place = iota
	atBridge
	atTunnel
	atUplink
	atSlave
	atSlave2
)

// path returns the places of a packet that leaves the node, in order.
func (o *Options) path() []place {
	return [][]place{
		{atVeth},
		{atVeth, atUplink},
		{atVeth, atTunnel, atUplink},
		{atVeth, atBridge, atTunnel, atUplink},
		{atVeth, atBridge, atTunnel, atUplink, atSlave},
		{atVeth, atBridge, atTunnel, atUplink, atSlave, atSlave2},
	}[o.Sightings-1]
}

// sight writes one frame, of the sender's node or the receiver's.
func (g *generator) sight(p *packet, at place, node int, sending bool) {
	iface, mac, depth := uint32(0), byte(0), 0
	near := sending == p.up // the client's node, whose pods know of the Service
	veth := p.veth
	if !near {
		veth = p.farVeth
	}
	switch at {
	case atVeth:
		iface, mac = veth, byte(veth)
	case atBridge:
		iface, mac = bridge, byte(veth)
	case atTunnel:
		iface, mac = tunnelDev, 2
	case atUplink:
		iface, mac, depth = uplink, 3, g.Depth
	case atSlave, atSlave2:
		iface, mac, depth = slave+uint32(at-atSlave), 3, g.Depth
	}
	direction, ttl := byte(sllIn), byte(64)
	if sending {
		if at >= atTunnel {
			direction, ttl = sllOut, 63
		}
	} else {
		ttl = 63
		if at < atTunnel {
			direction, ttl = sllOut, 62
		}
	}
	b := g.frame[:0]
	b = append(b, 8, 0, 0, 0, 0, 0, 0, byte(iface), 0, 1, direction, 6, 2, 0, 0, 0, byte(node), mac, 0, 0)
	be.PutUint32(b[4:], iface)
	inner := wire.IPv4Len + len(p.body)
	for level := depth; level > 0; level-- {
		first, port := uint32(here), uint16(wire.VXLANLinuxPort)
		if level == 2 {
			first, port = hostHere, wire.VXLANPort
		}
		src, dst := first+uint32(p.node), first+uint32(p.farNode)
		if !p.up {
			src, dst = dst, src
		}
		rest := inner + level*(wire.EthernetLen+wire.VXLANLen+wire.UDPLen) + (level-1)*wire.IPv4Len
		b = appendIPv4(b, rest+wire.IPv4Len, g.outerID+uint16(level), 0, 64, wire.ProtoUDP, src, dst)
		b = be.AppendUint16(b, 49152|p.port&0x3fff)
		b = be.AppendUint16(b, port)
		b = be.AppendUint16(b, uint16(rest))
		b = append(b, 0, 0, 8, 0, 0, 0, 0, 0, byte(level), 0)
		b = append(b, 2, 0, 0, 0, byte(level), 2, 2, 0, 0, 0, byte(level), 1, 8, 0)
	}
	called, port := p.vip, p.called
	if !near || at >= atTunnel {
		called, port = p.dest, p.far
	}
	src, dst, sport, dport := p.client, called, p.port, port
	if !p.up {
		src, dst, sport, dport = dst, src, dport, sport
	}
	b = appendIPv4(b, inner, p.id, 0x4000, ttl, p.proto, src, dst)
	at0 := len(b)
	b = append(b, p.body...)
	be.PutUint16(b[at0:], sport)
	be.PutUint16(b[at0+2:], dport)
	g.frame = b
	g.write(node, b)
}

// LINUX_SLL2's values of a frame's direction: to us, and sent by us.
const sllIn, sllOut = 0, 4

// appendIPv4 appends a header without options.
func appendIPv4(b []byte, length int, id, fragment uint16, ttl, proto byte, src, dst uint32) []byte {
	at := len(b)
	b = append(b, 0x45, 0)
	b = be.AppendUint16(b, uint16(length))
	b = be.AppendUint16(b, id)
	b = be.AppendUint16(b, fragment)
	b = append(b, ttl, proto, 0, 0)
	b = be.AppendUint32(b, src)
	b = be.AppendUint32(b, dst)
	sum := uint32(0)
	for i := at; i < at+wire.IPv4Len; i += 2 {
		sum += uint32(be.Uint16(b[i:]))
	}
	sum = sum>>16 + sum&0xffff
	be.PutUint16(b[at+10:], ^uint16(sum>>16+sum))
	return b
}
