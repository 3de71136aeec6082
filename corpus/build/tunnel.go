package build

import (
	"encoding/binary"
	"slices"
)

// encapsulate returns the frames (without link header) that carry p to another node: one, or the fragments of one.
func (n *Node) encapsulate(p *packet, to *Node) [][]byte {
	if n.tunnel == nil {
		return p.frames(n.c.opt.UplinkMTU)
	}
	var all [][]byte
	for _, inner := range p.frames(n.c.opt.TunnelMTU) {
		all = append(all, n.wrap(p, inner, to)...)
	}
	return all
}

// wrap returns the frames that carry p, or a fragment of it, whose bytes are inner.
func (n *Node) wrap(p *packet, inner []byte, to *Node) [][]byte {
	c := n.c
	segments := uint16(p.segments())
	id := n.outerID
	n.outerID += segments
	if c.opt.CNI == WireGuard {
		return n.seal(inner, to)
	}
	if c.opt.CNI == IPIP {
		proto := uint8(protoIPIP)
		if p.src.Addr().Is6() {
			proto = 41
		}
		// The tunnel copies the inner TTL.
		return [][]byte{header(n.addr, to.addr, proto, p.ttl, id, true, 0, false, inner)}
	}
	ethertype := []byte{8, 0}
	if p.src.Addr().Is6() {
		ethertype = []byte{0x86, 0xdd}
	}
	tunnel := udpTunnels[c.opt.CNI]
	shim := tunnel.header(c.opt.VNI)
	udp := make([]byte, 8, 8+len(shim)+14+len(inner))
	binary.BigEndian.PutUint16(udp, n.sourcePort(p))
	binary.BigEndian.PutUint16(udp[2:], tunnel.port)
	binary.BigEndian.PutUint16(udp[4:], uint16(cap(udp)))
	if tunnel.checksum && !c.opt.NoTunnelChecksum {
		binary.BigEndian.PutUint16(udp[6:], partial(n.addr, to.addr, protoUDP, cap(udp)))
	}
	udp = append(udp, shim...)
	udp = append(udp, to.tunnelMAC[:]...)
	udp = append(udp, n.tunnelMAC[:]...)
	udp = append(udp, ethertype...)
	udp = append(udp, inner...)
	if segments == 1 && 20+len(udp) > c.opt.UplinkMTU {
		// The outer packet may be fragmented (RFC 791, section 3.2: in units of 8 bytes).
		cut := (c.opt.UplinkMTU - 20) &^ 7
		return [][]byte{
			header(n.addr, to.addr, protoUDP, 64, id, false, 0, true, udp[:cut]),
			header(n.addr, to.addr, protoUDP, 64, id, false, cut, false, udp[cut:]),
		}
	}
	return [][]byte{header(n.addr, to.addr, protoUDP, 64, id, false, 0, false, udp)}
}

// sourcePort is the outer source port: a hash of the inner flow, so each flow and direction has its own.
func (n *Node) sourcePort(p *packet) uint16 {
	t := p.tuple()
	port, ok := n.tunnelPorts[t]
	if !ok {
		port = n.c.port()
		n.tunnelPorts[t] = port
	}
	return port
}

// spoiled is a tunnel packet over UDP and IPv4 with a wrong outer checksum.
func spoiled(frame []byte) []byte {
	b := slices.Clone(frame)
	binary.BigEndian.PutUint16(b[20+6:], 0xffff)
	return b
}
