package build

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// The packet type of a broadcast or multicast that came in.
const typeBroadcast = 1

// fresh is how long a neighbour's link-layer address is remembered before somebody asks for it again.
const fresh = int64(60 * time.Second)

// asked is a question for a neighbour: the asking address and the wanted one.
type asked struct{ who, whom netip.Addr }

// stale reports whether a question is due, and notes that it was put.
func (n *Node) stale(who, whom netip.Addr) bool {
	q := asked{who, whom}
	last, ok := n.resolved[q]
	if ok && n.c.now-last < fresh {
		return false
	}
	n.resolved[q] = n.c.now
	return true
}

// Unanswered leaves questions for neighbours unanswered: those that who asks for whom, as match says. Packets that wait for the answer are lost.
func (c *Cluster) Unanswered(match func(who, whom netip.Addr) bool) {
	c.unanswered = append(c.unanswered, match)
}

// deaf reports whether a question gets no answer. It is put three times then, a second apart (net/core/neighbour.c), and again for the next packet.
func (n *Node) deaf(who, whom netip.Addr, ask func()) bool {
	for _, match := range n.c.unanswered {
		if match(who, whom) {
			delete(n.resolved, asked{who, whom})
			for range 3 {
				ask()
				n.c.now += int64(time.Second)
			}
			return true
		}
	}
	ask()
	return false
}

// neighbourQuestion is an ARP request, or a neighbour solicitation (RFC 4861, section 4.3) with the sender's address.
func neighbourQuestion(mac [6]byte, who, whom netip.Addr) []byte {
	if who.Is4() {
		return arp(1, mac, who, [6]byte{}, whom)
	}
	w := whom.As16()
	group := netip.AddrFrom16([16]byte{0: 0xff, 1: 2, 11: 1, 12: 0xff, 13: w[13], 14: w[14], 15: w[15]})
	return neighbourMessage(135, 0, mac, 1, who, group, whom)
}

// neighbourAnswer is an ARP reply, or a solicited neighbour advertisement.
func neighbourAnswer(mac [6]byte, who, whom netip.Addr, to [6]byte) []byte {
	if who.Is4() {
		return arp(2, mac, who, to, whom)
	}
	return neighbourMessage(136, 0x60000000, mac, 2, who, whom, who)
}

func arp(op uint16, mac [6]byte, who netip.Addr, to [6]byte, whom netip.Addr) []byte {
	b := []byte{0, 1, 8, 0, 6, 4}
	b = binary.BigEndian.AppendUint16(b, op)
	b = append(append(b, mac[:]...), who.AsSlice()...)
	return append(append(b, to[:]...), whom.AsSlice()...)
}

func neighbourMessage(kind uint8, flags uint32, mac [6]byte, option uint8, src, dst, target netip.Addr) []byte {
	body := append(target.AsSlice(), option, 1)
	p := packet{
		proto: protoICMPv6, src: netip.AddrPortFrom(src, 0), dst: netip.AddrPortFrom(dst, 0), ttl: 255,
		icmp: &message{kind: kind, word: flags, payload: append(body, mac[:]...)},
	}
	return p.bytes()
}

// askGateway is a pod looking for its gateway before it sends: flooded on the bridge and answered by it. It reports whether the pod knows it.
func (p *Pod) askGateway() bool {
	n := p.Node
	gateway := n.bridgeAddr
	if n.bridge == nil && p.addr.Is4() {
		gateway = netip.AddrFrom4([4]byte{169, 254, 1, 1}) // Calico's, which the node answers for
	}
	if !n.stale(p.addr, gateway) {
		return true
	}
	question := neighbourQuestion(p.veth.mac, p.addr, gateway)
	answer := neighbourAnswer(n.podMAC, gateway, p.addr, p.veth.mac)
	if n.deaf(p.addr, gateway, func() {
		p.shows(leaving, typeOutgoing, p.veth.mac, question)
		n.seeRaw(p.veth, typeBroadcast, p.veth.mac, question)
		if n.bridge != nil {
			n.flooded(p, p.veth.mac, question)
			n.seeRaw(n.bridge, typeBroadcast, p.veth.mac, question)
		}
	}) {
		return false
	}
	if n.bridge != nil {
		n.seeRaw(n.bridge, typeOutgoing, n.podMAC, answer)
	}
	p.shows(coming, typeHost, n.podMAC, answer)
	n.seeRaw(p.veth, typeOutgoing, n.podMAC, answer)
	return true
}

// flooded records a broadcast on the other ports of the bridge.
func (n *Node) flooded(from *Pod, mac [6]byte, data []byte) {
	for _, other := range n.pods {
		if other != from && !other.gone {
			other.shows(coming, typeBroadcast, mac, data)
			n.seeRaw(other.veth, typeOutgoing, mac, data)
		}
	}
}

// askPod is the node looking for a pod before it delivers a routed packet. Each pod that has the address answers. It reports whether the node knows
// it, or who has it now is not to be asked.
func (n *Node) askPod(p *Pod) bool {
	if n.bridge == nil || p == nil || p.gone && len(n.c.unanswered) == 0 || !n.stale(n.bridgeAddr, p.addr) {
		return true
	}
	question := neighbourQuestion(n.podMAC, n.bridgeAddr, p.addr)
	if n.deaf(n.bridgeAddr, p.addr, func() {
		n.seeRaw(n.bridge, typeOutgoing, n.podMAC, question)
		n.flooded(nil, n.podMAC, question)
	}) {
		return false
	}
	for _, q := range n.pods {
		if q.addr == p.addr && !q.gone {
			answer := neighbourAnswer(q.veth.mac, p.addr, n.bridgeAddr, n.podMAC)
			q.shows(leaving, typeOutgoing, q.veth.mac, answer)
			n.seeRaw(q.veth, typeOther, q.veth.mac, answer)
			n.seeRaw(n.bridge, typeHost, q.veth.mac, answer)
		}
	}
	return true
}

// Twin starts another pod with the pod's address on the same node, as an address manager that lost its state does. Packets go on to reach the
// first one until the other one Takes them.
func (p *Pod) Twin() *Pod { return p.TwinOn(p.Node) }

// TwinOn is Twin on any node. On another one than the pod's, what it sends leaves it, and what is for its address goes to the pod.
func (p *Pod) TwinOn(n *Node) *Pod {
	q := n.addPod(p.addr)
	q.veth.mac[5] ^= 0x80
	q.eth0.mac = q.veth.mac
	p.Node.c.hosts[p.addr] = p
	return q
}

// Takes makes the pod the one that its address leads to: its node asks again for the neighbour, and the pod's answer is the last.
func (p *Pod) Takes() {
	n := p.Node
	n.c.hosts[p.addr] = p
	delete(n.resolved, asked{n.bridgeAddr, p.addr})
}

// askMachine is the node looking for another machine on the nodes' network. It reports whether the node knows it.
func (n *Node) askMachine(to Host) bool {
	if to == nil || !n.stale(n.addr, to.Addr()) {
		return true
	}
	mac := gatewayMAC
	other, isNode := to.(*Node)
	outside, isOutside := to.(*External)
	switch {
	case isNode:
		mac = other.uplinkMAC
	case isOutside:
		mac = outside.eth0.mac
	}
	question := neighbourQuestion(n.uplinkMAC, n.addr, to.Addr())
	answer := neighbourAnswer(mac, to.Addr(), n.addr, n.uplinkMAC)
	if n.deaf(n.addr, to.Addr(), func() { n.seeRaw(n.uplink, typeOutgoing, n.uplinkMAC, question) }) {
		return false
	}
	if isNode {
		other.seeRaw(other.uplink, typeBroadcast, n.uplinkMAC, question)
		other.seeRaw(other.uplink, typeOutgoing, other.uplinkMAC, answer)
	}
	if isOutside && nodeNetwork.Contains(outside.addr) {
		outside.note(frame{n.c.now - 600, outside.eth0, typeBroadcast, n.uplinkMAC, question})
		outside.note(frame{n.c.now - 300, outside.eth0, typeOutgoing, mac, answer})
	}
	n.seeRaw(n.uplink, typeHost, mac, answer)
	return true
}
