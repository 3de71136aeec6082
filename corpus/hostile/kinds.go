package hostile

import (
	"fmt"
	"io"

	"github.com/netsift/netsift/decode/wire"
)

// Kind is one way to ask for much.
type Kind struct {
	// Name is one word or a few, Rule the rule that has something to say about it, "" for none.
	Name, Rule string
	write      func(t *tape, n int)
}

// Write writes a capture with n things of the kind.
func (k *Kind) Write(w io.Writer, n int) error {
	t := newTape(w)
	k.write(t, n)
	return t.w.Flush()
}

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{
		{"hosts that refuse", "app-refused", refusing},
		{"backends that stop", "svc-endpoint-terminating", stopping},
		{"pods without an answer", "cni-no-reply", unanswered},
		{"tunnels too narrow", "cni-df-drop", narrow},
		{"neighbours without an answer", "cni-neighbour-unanswered", missing},
		{"addresses claimed twice", "cni-duplicate-ip", claimed},
		{"sessions of BGP reset", "", peerings},
		{"names that do not exist", "dns-nxdomain", names},
		{"servers of names that are silent", "dns-no-response", silent},
		{"one socket and id for many names", "", oneSocket},
		{"questions without room over TCP", "", roomless},
		{"interfaces for a connection each", "", interfaces},
	}
}

// The networks of addresses.
const (
	pods     = 10<<24 | 244<<16
	far      = 10<<24 | 245<<16
	services = 10<<24 | 96<<16
	nodes    = 192<<24 | 168<<16
	others   = 192<<24 | 169<<16
)

const (
	syn    = wire.SYN
	ack    = wire.ACK
	synAck = wire.SYN | wire.ACK
	rst    = wire.RST | wire.ACK
	psh    = wire.PSH | wire.ACK
	fin    = wire.FIN | wire.ACK
)

// refusing: each client calls a host of its own, which refuses.
func refusing(t *tape, n int) {
	for i := range n {
		c, s, p := uint32(pods+i), uint32(far+i), port(i)
		t.ip(3, in, 64, wire.ProtoTCP, c, s, segment(p, 80, uint32(i)*9, 0, syn))
		t.ip(3, out, 62, wire.ProtoTCP, s, c, segment(80, p, 0, uint32(i)*9+1, rst))
	}
}

// exchange is a whole connection through a Service, as the client's interface shows it and the uplink.
func exchange(t *tape, c, vip, backend uint32, p uint16, seq uint32) {
	both := func(up bool, s, a uint32, flags wire.TCPFlags, data ...byte) {
		if up {
			t.ip(3, in, 64, wire.ProtoTCP, c, vip, segment(p, 80, s, a, flags, data...))
			t.id--
			t.ip(2, out, 63, wire.ProtoTCP, c, backend, segment(p, 8080, s, a, flags, data...))
			return
		}
		t.ip(2, in, 63, wire.ProtoTCP, backend, c, segment(8080, p, s, a, flags, data...))
		t.id--
		t.ip(3, out, 62, wire.ProtoTCP, vip, c, segment(80, p, s, a, flags, data...))
	}
	both(true, seq, 0, syn)
	both(false, 7, seq+1, synAck)
	both(true, seq+1, 8, psh, 'q')
	both(false, 8, seq+2, psh, 'a')
	both(true, seq+2, 9, fin)
	both(false, 9, seq+3, fin)
	both(true, seq+3, 10, ack)
}

// stopping: of a Service's backends every other one answers once and refuses then.
func stopping(t *tape, n int) {
	t.gap = 10
	const vip = services + 50
	for i := range n {
		exchange(t, pods+uint32(i%200), vip, far+uint32(i), port(i), uint32(i)*50)
	}
	for i := 0; i < n; i += 2 {
		c, b, p, seq := uint32(pods+i%200), uint32(far+i), port(i+7), uint32(i)*50+11
		t.ip(3, in, 64, wire.ProtoTCP, c, vip, segment(p, 80, seq, 0, syn))
		t.id--
		t.ip(2, out, 63, wire.ProtoTCP, c, b, segment(p, 8080, seq, 0, syn))
		t.ip(2, in, 63, wire.ProtoTCP, b, c, segment(8080, p, 0, seq+1, rst))
		t.id--
		t.ip(3, out, 62, wire.ProtoTCP, vip, c, segment(80, p, 0, seq+1, rst))
	}
	for i := range n / 2 {
		exchange(t, pods+uint32(i%200), vip, far+uint32(2*i+1), port(i+11), uint32(i)*70+23)
	}
}

// unanswered: each client calls a pod behind a tunnel of its own, again and again, and other pods answer it.
func unanswered(t *tape, n int) {
	for i := range n {
		c, p := uint32(pods+i), port(i)
		exchange(t, c, services+60, far+uint32(i%100), p+1, uint32(i)*90)
		for try := range 3 {
			s := segment(p, 80, uint32(i)*9+4, 0, syn)
			t.ip(3, in, 64, wire.ProtoTCP, c, far+1<<15+uint32(i), s)
			inner := packet(t.id, 63, wire.ProtoTCP, c, far+1<<15+uint32(i), s)
			t.ip(2, out, 64, wire.ProtoUDP, nodes, others+uint32(i), datagram(port(try), wire.VXLANPort, inVXLAN(1, inner)))
		}
	}
	t.at += 60e6
	t.show(2, in, wire.EtherTypeARP, arp(1, 9, nodes+9, nodes+8))
}

// narrow: the packets of each tunnel are too big for somebody.
func narrow(t *tape, n int) {
	for i := range n {
		inner := packet(uint16(i), 63, wire.ProtoTCP, pods+uint32(i), far+uint32(i), segment(port(i), 80, 1, 1, psh, make([]byte, 90)...))
		outer := datagram(port(i), wire.VXLANPort, inVXLAN(uint32(i)&0xffffff, inner))
		t.ip(2, out, 64, wire.ProtoUDP, nodes+uint32(i), others+uint32(i), outer)
		quote := packet(t.id, 60, wire.ProtoUDP, nodes+uint32(i), others+uint32(i), outer)
		t.ip(2, in, 60, wire.ProtoICMP, nodes+1<<15, nodes+uint32(i), append([]byte{3, 4, 0, 0, 0, 0, 4, 0}, quote...))
	}
}

// missing: a node asks for many neighbours in vain, and for one that answers.
func missing(t *tape, n int) {
	t.gap = 10
	t.show(2, out, wire.EtherTypeARP, arp(1, 1, nodes, nodes+1))
	t.show(2, in, wire.EtherTypeARP, arp(2, 2, nodes+1, nodes))
	for i := range n { // each was there
		t.show(2, in, wire.EtherTypeARP, arp(2, 3, others+uint32(i), nodes))
	}
	for range 4 {
		for i := range n {
			t.show(2, out, wire.EtherTypeARP, arp(1, 1, nodes, others+uint32(i)))
		}
		t.at += 1_000_000
	}
	for i := range n { // and is there again
		t.show(2, in, wire.EtherTypeARP, arp(1, 3, others+uint32(i), nodes+5))
	}
	for i := range n {
		t.show(2, out, wire.EtherTypeARP, arp(1, 1, nodes, others+uint32(i)))
	}
}

// claimed: two machines say in turns that each address is theirs, and who calls it gets no answer.
func claimed(t *tape, n int) {
	t.gap = 10
	for range 4 {
		for i := range n {
			for mac := range 2 {
				t.show(2, in, wire.EtherTypeARP, arp(2, uint16(2*i+mac), pods+uint32(i), nodes))
			}
			t.ip(2, out, 63, wire.ProtoTCP, far+uint32(i%100), pods+uint32(i), segment(port(i), 80, uint32(i)*9, 0, syn))
		}
		t.at += 2_000_000
	}
}

// peerings: each of many pairs of nodes had a session, which was reset, and pods call each other in vain since.
func peerings(t *tape, n int) {
	for i := range n {
		a, b, p := uint32(nodes+i), uint32(others+i), port(i)
		t.ip(2, out, 64, wire.ProtoTCP, a, b, segment(p, 179, 5, 0, syn))
		t.ip(2, in, 64, wire.ProtoTCP, b, a, segment(179, p, 6, 6, synAck))
		t.ip(2, out, 64, wire.ProtoTCP, a, b, segment(p, 179, 6, 7, psh, 1))
		t.ip(2, in, 64, wire.ProtoTCP, b, a, segment(179, p, 7, 7, rst))
	}
	for range 3 {
		for i := range n {
			t.ip(3, in, 64, wire.ProtoTCP, pods+uint32(i), far+uint32(i), segment(port(i), 80, uint32(i)*9, 0, syn))
		}
		t.at += 2_000_000
	}
}

// names: each name is asked for once and does not exist.
func names(t *tape, n int) {
	for i := range n {
		c, p, name := uint32(pods+i%200), port(i), fmt.Sprintf("web%06d", i)
		t.ip(3, in, 64, wire.ProtoUDP, c, services+10, datagram(p, 53, message(uint16(i), 0x0100, name, "example", "com")))
		t.ip(3, out, 62, wire.ProtoUDP, services+10, c, datagram(53, p, message(uint16(i), 0x8183, name, "example", "com")))
	}
}

// silent: each of many servers is asked twice and never answers; one does.
func silent(t *tape, n int) {
	t.gap = 10
	for range 2 {
		for i := range n {
			t.ip(3, in, 64, wire.ProtoUDP, pods+uint32(i%200), far+uint32(i), datagram(port(i), 53, message(uint16(i), 0x0100, "api", "example", "com")))
		}
		t.at += 5_000_000
	}
	names(t, 100)
	t.at += 30e6
	names(t, 1)
}

// oneSocket: one client asks for many names, all from one port and with one id.
func oneSocket(t *tape, n int) {
	for i := range n {
		t.ip(3, in, 64, wire.ProtoUDP, pods, services+10, datagram(5353, 53, message(7, 0x0100, fmt.Sprintf("n%d", i), "example", "com")))
	}
}

// roomless: segments full of messages that promise a question and have no room for one.
func roomless(t *tape, n int) {
	t.ip(3, in, 64, wire.ProtoTCP, pods, services+10, segment(40000, 53, 0, 0, syn))
	var body []byte
	for range 2000 {
		body = append(body, 0, wire.DNSLen, 0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	}
	for i := range n {
		t.ip(3, in, 64, wire.ProtoTCP, pods, services+10, segment(40000, 53, 1+uint32(i*len(body)), 1, psh, body...))
	}
}

// interfaces: each connection comes in by an interface of its own.
func interfaces(t *tape, n int) {
	for i := range n {
		t.ip(uint32(10+i), in, 64, wire.ProtoTCP, pods+uint32(i), services+70, segment(port(i), 80, uint32(i)*9, 0, syn))
		t.ip(uint32(10+i), out, 62, wire.ProtoTCP, services+70, pods+uint32(i), segment(80, port(i), 5, uint32(i)*9+1, synAck))
	}
}
