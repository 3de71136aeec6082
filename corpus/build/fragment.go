package build

import "encoding/binary"

// frames returns the IP packets that p makes on a device: fragments if it is longer than the device's MTU and its sender lets it be cut, in units
// of 8 bytes (RFC 791, section 3.2; RFC 8200, section 4.5).
func (p *packet) frames(mtu int) [][]byte {
	whole := p.bytes()
	if p.udp == nil || p.df || len(whole) <= mtu {
		return [][]byte{whole}
	}
	head, shim := 20, 0
	if p.src.Addr().Is6() {
		head, shim = 40, 8
	}
	body, room := whole[head:], (mtu-head-shim)&^7
	var all [][]byte
	for at := 0; at < len(body); at += room {
		part, more := body[at:min(len(body), at+room)], at+room < len(body)
		if shim == 0 {
			all = append(all, header(p.src.Addr(), p.dst.Addr(), protoUDP, p.ttl, p.id, false, at, more, part))
		} else {
			offset := uint16(at)
			if more {
				offset |= 1
			}
			b := binary.BigEndian.AppendUint16([]byte{protoUDP, 0}, offset)
			b = binary.BigEndian.AppendUint32(b, uint32(p.id))
			all = append(all, header(p.src.Addr(), p.dst.Addr(), protoFragment, p.ttl, 0, false, 0, false, append(b, part...)))
		}
		if p.torn {
			break
		}
	}
	return all
}

// cutBy reports whether a datagram with so many bytes of payload is longer than an MTU.
func cutBy(mtu, payload int, v6 bool) bool {
	if v6 {
		return payload+48 > mtu
	}
	return payload+28 > mtu
}

// mtu is that of the host's own interface.
func (c *Cluster) mtu(h Host) int {
	if _, ok := h.(*Pod); ok {
		return c.opt.PodMTU
	}
	return c.opt.UplinkMTU
}

// mtuOf is that of a device. Conntrack puts a datagram together before the bridge device shows it.
func (n *Node) mtuOf(d *device, kind uint8) int {
	switch {
	case d == n.uplink:
		return n.c.opt.UplinkMTU
	case d == n.bridge && kind == typeHost && !n.c.opt.NoBridgeNetfilter:
		return 1 << 16
	case d == n.tunnel:
		return n.c.opt.TunnelMTU
	}
	return n.c.opt.PodMTU
}

// Tear loses the later fragments of datagrams at a point, and those of tunnel packets on the wire: those that match selects, all if it is nil.
func (c *Cluster) Tear(at Point, match func(Packet) bool) *Fault {
	f := c.Drop(at, match)
	f.tears = true
	return f
}

// waits reports whether a node keeps a packet to wait for the rest of it, for good: conntrack puts datagrams together. An eBPF datapath does not.
func (n *Node) waits(p *packet) bool { return p.torn && n.c.opt.Proxy != EBPF }
