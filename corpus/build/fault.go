package build

import (
	"net/netip"
	"time"
)

// Point is a place on the way of a packet where it may be lost or refused.
type Point uint8

// The points, in the order in which a packet between pods of two nodes passes them.
const (
	fromHere    Point = iota
	OnVeth            // behind the sender's veth: seen there and nowhere else
	Conntrack         // in conntrack: not lost, but taken for INVALID and left untranslated
	Forward           // behind the bridge, by a rule of the sender's node
	Seal              // behind the tunnel device of the sender's node, before its uplink: WireGuard without a session keeps packets
	Uplink            // on the wire: seen leaving the node, and not arriving
	Decap             // behind the uplink of the receiver's node, before its tunnel device
	Arrive            // behind the tunnel device, by a rule of the receiver's node
	Bridge            // behind the bridge device, before the receiver's veth
	InPod             // in the receiver's network namespace: delivered and ignored
	FromOutside       // on the wire from a machine outside; only Tear loses something there
)

// Packet is a fault's view of a packet.
type Packet struct {
	Src, Dst       netip.AddrPort
	TCP, UDP, SCTP bool
	// SYN, ACK, RST and FIN are the flags of a TCP segment, Payload its length.
	SYN, ACK, RST, FIN bool
	Payload            int
	// TSVal is the TCP timestamp, 0 without one.
	TSVal uint32
	// Len is the length of the largest IP packet that it makes on a wire.
	Len int
	// Node is the node that it is on.
	Node *Node
}

// Fault is something wrong at one point.
type Fault struct {
	at     Point
	match  func(Packet) bool
	reject Refusal
	skip   int
	left   int
	healed bool
	// spoils says that the outer checksum is wrong on arrival, for which the packet is lost.
	spoils bool
	// late is how much later packets arrive, 0 where they are lost.
	late int64
	// tears says that the later fragments are lost, and the first goes on.
	tears bool
}

// Delay lets packets arrive later on the wire, behind those that are sent meanwhile: those that match says, all of them where it is nil.
func (c *Cluster) Delay(by time.Duration, match func(Packet) bool) *Fault {
	f := c.Drop(Uplink, match)
	f.late = int64(by)
	return f
}

// Drop loses packets at a point: those that match selects, all if it is nil.
func (c *Cluster) Drop(at Point, match func(Packet) bool) *Fault {
	f := &Fault{at: at, match: match, left: -1}
	c.faults = append(c.faults, f)
	return f
}

// Reject drops packets and answers with an ICMP error, or a RST. Possible at Forward, Arrive, Bridge, and at Decap, where the tunnel
// packet is refused to the node that sent it.
func (c *Cluster) Reject(at Point, with Refusal, match func(Packet) bool) *Fault {
	f := c.Drop(at, match)
	f.reject = with
	return f
}

// Spoil lets tunnel packets come in with a wrong outer UDP checksum, so that the receiving kernel drops them.
func (c *Cluster) Spoil(match func(Packet) bool) *Fault {
	f := c.Drop(Decap, match)
	f.spoils = true
	return f
}

// SpendErrors says whether nodes have sent as many ICMP errors as they may for now (net.ipv4.icmp_ratelimit): what they refuse gets no answer then.
func (c *Cluster) SpendErrors(spent bool) { c.errorsSpent = spent }

// Times limits the fault to the first n packets.
func (f *Fault) Times(n int) *Fault { f.left = n; return f }

// Skip lets the first n packets pass.
func (f *Fault) Skip(n int) *Fault { f.skip = n; return f }

// Heal ends the fault.
func (f *Fault) Heal() { f.healed = true }

// fault returns the fault that hits a packet, nil for none.
func (c *Cluster) fault(at Point, n *Node, p *packet) *Fault {
	for _, f := range c.faults {
		if f.at != at || f.healed || f.left == 0 {
			continue
		}
		if f.match != nil && !f.match(p.view(n)) {
			continue
		}
		if f.skip > 0 {
			f.skip--
			continue
		}
		if f.left > 0 {
			f.left--
		}
		return f
	}
	return nil
}

// faulty reports whether the packet ends here. It refuses it if the fault does.
func (c *Cluster) faulty(at Point, n *Node, p *packet) bool {
	f := c.fault(at, n, p)
	if f == nil {
		return false
	}
	if f.tears {
		p.torn = p.udp != nil && !p.df
		return false
	}
	if f.reject == TCPReset {
		c.sendReset(n, *p)
		return true
	}
	if f.reject != 0 {
		k := tracked{}
		if p.icmp == nil || p.icmp.quote == nil {
			if e, ok := n.flows[p.tuple()]; ok {
				k = tracked{e, e.orig != p.tuple()}
			} else if e, ok := n.flows[p.tuple().mirror()]; ok {
				k = tracked{e, e.orig == p.tuple().mirror()}
			}
		}
		n.icmpError(f.reject, *p, k, 0)
	}
	return true
}

func (p *packet) view(n *Node) Packet {
	v := Packet{Src: p.src, Dst: p.dst, UDP: p.udp != nil, TCP: p.tcp != nil, SCTP: p.sctp != nil, Len: p.wireLen(), Node: n, Payload: len(p.udp)}
	if t := p.tcp; t != nil {
		v.SYN, v.ACK, v.RST, v.FIN = t.flags&flagSYN != 0, t.flags&flagACK != 0, t.flags&flagRST != 0, t.flags&flagFIN != 0
		v.Payload, v.TSVal = len(t.payload), t.tsval
	}
	return v
}
