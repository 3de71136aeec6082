package build

import (
	"encoding/binary"
	"net/netip"
)

// wireGuardPort is the port of WireGuard at both ends.
const wireGuardPort = 51820

// The lengths of WireGuard's handshake messages (https://www.wireguard.com/protocol/), which begin with their type and three bytes of 0.
const (
	initiationLen = 148
	responseLen   = 92
)

// seal returns the frame that carries a packet through WireGuard: a data message (type 4), padded to 16 bytes, with the tag of its cipher.
func (n *Node) seal(inner []byte, to *Node) [][]byte {
	b := n.c.noise(4, 16+(len(inner)+15)&^15+16)
	udp := make([]byte, 8, 8+len(b))
	binary.BigEndian.PutUint16(udp, wireGuardPort)
	binary.BigEndian.PutUint16(udp[2:], wireGuardPort)
	binary.BigEndian.PutUint16(udp[4:], uint16(8+len(b)))
	id := n.outerID
	n.outerID++
	return [][]byte{header(n.addr, to.addr, protoUDP, 64, id, false, 0, false, append(udp, b...))}
}

// noise is a WireGuard message of a type, which is random behind its first four bytes.
func (c *Cluster) noise(kind byte, length int) []byte {
	b := make([]byte, length)
	for i := 4; i < length; i++ {
		b[i] = byte(c.rng.Uint32())
	}
	b[0] = kind
	return b
}

// Peers is the two ends of a WireGuard tunnel, as one of them begins its handshakes.
type Peers struct{ *Datagrams }

// WireGuard returns the tunnel of two machines.
func (c *Cluster) WireGuard(from, to Host) Peers {
	d := c.UDP(from, to.base().Port(wireGuardPort))
	d.Local = netip.AddrPortFrom(d.Local.Addr(), wireGuardPort)
	return Peers{d}
}

// Initiate sends a handshake initiation and reports whether the peer got it.
func (p Peers) Initiate() bool { return p.Send(p.c.noise(1, initiationLen)) }

// Respond answers it and reports whether the response arrived.
func (p Peers) Respond() bool { return p.Reply(p.c.noise(2, responseLen)) }

// Keepalive sends an empty data message, as the initiator does when it has the response.
func (p Peers) Keepalive() bool { return p.Send(p.c.noise(4, 32)) }
