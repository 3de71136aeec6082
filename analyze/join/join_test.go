package join

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// world feeds packets to a Joiner, as a capture of one node shows them.
type world struct {
	j     *Joiner
	now   int64
	frame uint64
	got   []*fact.Connection
	dns   []Message
}

func newWorld() *world {
	w := &world{now: 1e18}
	stacks := decode.NewStacks()
	w.j = New([]Source{{Label: "n", Node: "n"}}, stacks,
		decode.New(decode.Options{}, stacks), Sinks{
			Connection: func(e *life.Ended) {
				c := &fact.Connection{}
				e.Conclude(c)
				c.ID = w.j.ID(e.First())
				w.got = append(w.got, c)
			},
			DNS: func(m Message) { w.dns = append(w.dns, m) },
		}, 64<<20)
	return w
}

// see shows a packet after a pause in microseconds.
func (w *world) see(pause int64, p decode.Packet) {
	w.now += pause * 1000
	w.frame++
	p.Time, p.Frame = w.now, w.frame
	w.track(&p, sight.Origin{})
}

func (w *world) track(p *decode.Packet, o sight.Origin) {
	var l sight.Lead
	w.j.Leader(o).Lead(&l, p, nil, o.Mixed)
	w.j.Track(p, nil, &o, &l)
}

func (w *world) end() []*fact.Connection {
	w.j.Flush()
	return w.got
}

func ep(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// segment is a TCP segment from src to dst, coming in by interface 1 with an untouched TTL.
func segment(src, dst string, flags wire.TCPFlags, seq, ack uint32) decode.Packet {
	a, b := ep(src), ep(dst)
	p := decode.Packet{
		Network: decode.NetIPv4, Proto: wire.ProtoTCP, Has: decode.HasPorts | decode.HasTCP,
		Src: wire.AddrFrom(a.Addr()), SrcPort: a.Port(), Dst: wire.AddrFrom(b.Addr()), DstPort: b.Port(),
		Flags: flags, Seq: seq, Ack: ack, TTL: 64, IPLen: 40, Interface: 1, Direction: decode.DirIn,
	}
	if ack != 0 {
		p.Flags |= wire.ACK
	}
	return p
}

func stamped(p decode.Packet, val, ecr uint32) decode.Packet {
	p.Has |= decode.HasTimestamps
	p.TSVal, p.TSEcr = val, ecr
	return p
}

func at(p decode.Packet, iface uint32, d decode.Direction, ttl uint8) decode.Packet {
	p.Interface, p.Direction, p.TTL = iface, d, ttl
	return p
}

func id(p decode.Packet, n uint32) decode.Packet { p.IPID = n; return p }

func data(p decode.Packet, n uint32) decode.Packet {
	p.PayloadLen = n
	p.IPLen += n
	return p
}

func TestBirth(t *testing.T) {
	const client, vip, pod, node = "10.244.1.5:33000", "10.96.0.50:80", "10.244.2.8:8080", "10.244.1.0:7950"
	syn := segment(client, vip, wire.SYN, 1000, 0)
	tests := []struct {
		name string
		show func(w *world)
		want int // connections
		snat bool
	}{
		{name: "DNAT, by number and timestamp", want: 1, show: func(w *world) {
			w.see(0, stamped(syn, 77, 0))
			w.see(5, stamped(at(segment(client, pod, wire.SYN, 1000, 0), 2, decode.DirOut, 63), 77, 0))
		}},
		{name: "DNAT and SNAT, by number and timestamp", want: 1, snat: true, show: func(w *world) {
			w.see(0, stamped(syn, 77, 0))
			w.see(5, stamped(at(segment(node, pod, wire.SYN, 1000, 0), 2, decode.DirOut, 63), 77, 0))
		}},
		{name: "the answer alone finds its connection, by what it echoes", want: 1, show: func(w *world) {
			w.see(0, stamped(syn, 77, 0))
			w.see(90, stamped(at(segment(pod, node, wire.SYN, 5000, 1001), 2, decode.DirIn, 63), 9, 77))
		}},
		{name: "the same number at another time is another connection", want: 2, show: func(w *world) {
			w.see(0, stamped(syn, 77, 0))
			w.see(5, stamped(segment("10.244.1.6:33000", pod, wire.SYN, 1000, 0), 900_000_000, 0))
		}},
		{name: "DNAT without timestamps: the client's end is the same", want: 1, show: func(w *world) {
			w.see(0, syn)
			w.see(5, at(segment(client, pod, wire.SYN, 1000, 0), 2, decode.DirOut, 63))
		}},
		{name: "full NAT without timestamps: same IP id, a hop farther", want: 1, snat: true, show: func(w *world) {
			w.see(0, id(syn, 500))
			w.see(5, id(at(segment(node, pod, wire.SYN, 1000, 0), 2, decode.DirOut, 63), 500))
		}},
		{name: "a scanner gives all its SYNs one number and one id", want: 3, show: func(w *world) {
			w.see(0, id(segment("192.0.2.1:40000", "10.0.0.1:80", wire.SYN, 1, 0), 54321))
			w.see(5, id(segment("192.0.2.1:40001", "10.0.0.2:80", wire.SYN, 1, 0), 54321))
			w.see(5, id(segment("192.0.2.9:40002", "10.0.0.3:80", wire.SYN, 1, 0), 54321))
		}},
		{name: "a scanner goes from port to port, from one port of its own", want: 3, show: func(w *world) {
			for i, port := range []string{"22", "80", "43"} {
				to, nat := "10.244.2.8:"+port, "10.244.2.8:80"+port
				for k := range 2 { // each SYN twice, as nmap does
					n := uint32(100 + 10*i + k)
					w.see(100_000, id(segment("10.244.1.5:50000", to, wire.SYN, 1, 0), n))
					w.see(5, id(at(segment("10.244.1.5:50000", nat, wire.SYN, 1, 0), 2, decode.DirOut, 63), n))
				}
			}
		}},
		{name: "a scanner over IPv6, without ids", want: 2, show: func(w *world) {
			for i, to := range []string{"10.244.2.8:22", "10.244.2.8:80"} {
				w.see(int64(50+i), segment("10.244.1.5:50000", to, wire.SYN, 1, 0))
				w.see(5, at(segment("10.244.1.5:50000", to+"00", wire.SYN, 1, 0), 2, decode.DirOut, 63))
			}
		}},
		{name: "a SYN of a masqueraded port is seen behind the SNAT only as a SYN-ACK", want: 2, snat: true, show: func(w *world) {
			for i := range uint32(2) {
				n, val, from := 1000+i*5000, 77+i*1000, fmt.Sprintf("10.244.1.5:%d", 33000+i)
				w.see(1_000_000, stamped(segment(from, pod, wire.SYN, n, 0), val, 0))
				if i == 0 {
					w.see(5, stamped(at(segment(node, pod, wire.SYN, n, 0), 2, decode.DirOut, 63), val, 0))
				}
				w.see(500, stamped(at(segment(pod, node, wire.SYN, 7000+n, n+1), 2, decode.DirIn, 63), 9, val))
				w.see(5, stamped(at(segment(pod, from, wire.SYN, 7000+n, n+1), 1, decode.DirOut, 62), 9, val))
				w.see(5, stamped(segment(pod, from, wire.RST, 7001+n, n+1), 9, val))
			}
		}},
		{name: "the SYN goes on after its own RST", want: 1, show: func(w *world) {
			for i, pause := range []int64{0, 1, 2, 4, 8, 16} {
				w.j.Tick(w.now + pause*1e9)
				val := 77 + uint32(i)*1000
				w.see(pause*1e6, stamped(syn, val, 0))
				w.see(5, stamped(at(segment(pod, client, wire.SYN, 5000, 1001), 1, decode.DirOut, 64), 9, val))
				w.see(5, segment(client, pod, wire.RST, 1001, 0))
			}
		}},
		{name: "a leg whose SYN the capture lost", want: 1, show: func(w *world) {
			w.see(0, stamped(at(segment(client, pod, wire.SYN, 1000, 0), 2, decode.DirOut, 63), 77, 0))
			w.see(1, stamped(at(segment(pod, client, wire.SYN, 5000, 1001), 2, decode.DirIn, 63), 9, 77))
			w.see(2, stamped(segment(client, vip, 0, 1001, 5001), 78, 9))
		}},
		{name: "port reuse after a close", want: 2, show: func(w *world) {
			w.see(0, syn)
			w.see(5, segment(vip, client, wire.RST, 0, 1001))
			w.see(1000, segment(client, vip, wire.SYN, 99000, 0))
		}},
		{name: "a SYN into a living connection is none until it is answered", want: 1, show: func(w *world) {
			w.see(0, syn)
			w.see(5, segment(vip, client, wire.SYN, 5000, 1001))
			w.see(5, segment(client, vip, 0, 1001, 5001))
			w.see(1000, segment(client, vip, wire.SYN, 99000, 0))
		}},
		{name: "and is one when it is", want: 2, show: func(w *world) {
			w.see(0, syn)
			w.see(5, segment(vip, client, wire.SYN, 5000, 1001))
			w.see(5, segment(client, vip, 0, 1001, 5001))
			w.see(1000, segment(client, vip, wire.SYN, 99000, 0))
			w.see(5, segment(vip, client, wire.SYN, 7000, 99001))
		}},
		{name: "both open at once", want: 1, show: func(w *world) {
			w.see(0, segment(client, pod, wire.SYN, 1000, 0))
			w.see(5, segment(pod, client, wire.SYN, 5000, 0))
			w.see(5, segment(client, pod, wire.SYN, 1000, 5001))
			w.see(5, segment(pod, client, wire.SYN, 5000, 1001))
		}},
		{name: "midstream, by the packet that another leg showed", want: 1, snat: true, show: func(w *world) {
			w.see(0, data(stamped(segment(client, vip, 0, 1000, 5000), 77, 66), 100))
			w.see(5, data(stamped(at(segment(node, pod, 0, 1000, 5000), 2, decode.DirOut, 63), 77, 66), 100))
		}},
		{name: "midstream on another node, by tuple and numbers", want: 1, show: func(w *world) {
			w.see(0, data(stamped(segment(client, pod, 0, 1000, 5000), 77, 66), 100))
			other := data(stamped(segment(client, pod, 0, 1100, 5000), 78, 66), 100)
			w.now += 3e9
			w.frame++
			other.Time, other.Frame = w.now, w.frame
			w.track(&other, sight.Origin{Node: 1})
		}},
		{name: "the same tuple elsewhere with other numbers", want: 2, show: func(w *world) {
			w.see(0, data(stamped(segment(client, pod, 0, 1000, 5000), 77, 66), 100))
			other := data(stamped(segment(client, pod, 0, 1<<30, 5000), 9978, 66), 100)
			w.now += 3e9
			w.frame++
			other.Time, other.Frame = w.now, w.frame
			w.track(&other, sight.Origin{Node: 1})
		}},
		{name: "a cut packet in the tunnel first, the whole one after it", want: 1, show: func(w *world) {
			cut := at(syn, 2, decode.DirIn, 63)
			cut.Has = decode.HasPorts
			w.see(0, cut)
			w.see(3, at(syn, 3, decode.DirIn, 63))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			w.j.sources = append(w.j.sources, Source{Label: "m", Node: "m", NodeIndex: 1})
			tt.show(w)
			got := w.end()
			if len(got) != tt.want {
				t.Fatalf("got %d connections, want %d", len(got), tt.want)
			}
			if snat := got[0].SNAT.IsValid(); snat != tt.snat {
				t.Errorf("SNAT: got %v, want %v", got[0].SNAT, tt.snat)
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	const client, server = "10.244.1.5:33000", "10.244.2.8:8080"
	open := func(w *world) {
		w.see(0, segment(client, server, wire.SYN, 1000, 0))
		w.see(50, segment(server, client, wire.SYN, 5000, 1001))
		w.see(50, segment(client, server, 0, 1001, 5001))
	}
	exchange := func(w *world) {
		w.see(50, data(segment(client, server, 0, 1001, 5001), 100))
		w.see(50, data(segment(server, client, 0, 5001, 1101), 200))
		w.see(50, segment(client, server, 0, 1101, 5201))
	}
	tests := []struct {
		name  string
		show  func(w *world)
		want  fact.Outcome
		phase fact.Phase
	}{
		{name: "closed by both", want: fact.OK, phase: fact.PhaseClosed, show: func(w *world) {
			open(w)
			exchange(w)
			w.see(50, segment(client, server, wire.FIN, 1101, 5201))
			w.see(50, segment(server, client, wire.FIN, 5201, 1102))
			w.see(50, segment(client, server, 0, 1102, 5202))
		}},
		{name: "client closes a finished exchange with RST", want: fact.OK, phase: fact.PhaseClosed, show: func(w *world) {
			open(w)
			exchange(w)
			w.see(50, segment(client, server, wire.RST, 1101, 5201))
		}},
		{name: "client aborts with data unread", want: fact.ResetOutcome, phase: fact.PhaseEstablished, show: func(w *world) {
			open(w)
			exchange(w)
			w.see(50, data(segment(server, client, 0, 5201, 1101), 200))
			w.see(50, segment(client, server, wire.RST, 1101, 5201))
		}},
		{name: "RST after both FINs", want: fact.OK, phase: fact.PhaseClosed, show: func(w *world) {
			open(w)
			w.see(50, segment(server, client, wire.FIN, 5001, 1001))
			w.see(50, segment(client, server, wire.FIN, 1001, 5002))
			w.see(50, segment(server, client, wire.RST, 5002, 0))
		}},
		{name: "refused", want: fact.Refused, phase: fact.PhaseHandshake, show: func(w *world) {
			w.see(0, segment(client, server, wire.SYN, 1000, 0))
			w.see(50, segment(server, client, wire.RST, 0, 1001))
		}},
		{name: "server resets it", want: fact.ResetOutcome, phase: fact.PhaseEstablished, show: func(w *world) {
			open(w)
			exchange(w)
			w.see(50, segment(server, client, wire.RST, 5201, 0))
		}},
		{name: "SYN sent again and again", want: fact.Hang, phase: fact.PhaseHandshake, show: func(w *world) {
			w.see(0, id(segment(client, server, wire.SYN, 1000, 0), 1))
			w.see(1e6, id(segment(client, server, wire.SYN, 1000, 0), 2))
			w.see(2e6, id(segment(client, server, wire.SYN, 1000, 0), 3))
		}},
		{name: "a SYN in the last moments of the capture", want: fact.Unfinished, phase: fact.PhaseHandshake, show: func(w *world) {
			w.see(0, segment(client, server, wire.SYN, 1000, 0))
		}},
		{name: "data sent again and again", want: fact.Hang, phase: fact.PhaseEstablished, show: func(w *world) {
			open(w)
			for i := range uint32(4) {
				w.see(4e5, id(data(segment(client, server, 0, 1001, 5001), 100), 10+i))
			}
		}},
		{name: "which its client gives up", want: fact.Hang, phase: fact.PhaseEstablished, show: func(w *world) {
			open(w)
			for i := range uint32(4) {
				w.see(4e5, id(data(segment(client, server, 0, 1001, 5001), 100), 10+i))
			}
			w.see(4e5, segment(client, server, wire.RST, 1101, 5001))
		}},
		{name: "and is taken in the end", want: fact.Unfinished, phase: fact.PhaseEstablished, show: func(w *world) {
			open(w)
			for i := range uint32(4) {
				w.see(4e5, id(data(segment(client, server, 0, 1001, 5001), 100), 10+i))
			}
			w.see(50, segment(server, client, 0, 5001, 1101))
		}},
		{name: "keepalives into the silence", want: fact.Unfinished, phase: fact.PhaseEstablished, show: func(w *world) {
			open(w)
			exchange(w)
			for i := range uint32(5) {
				w.see(15e6, id(data(segment(client, server, 0, 1100, 5201), 1), 20+i))
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			tt.show(w)
			got := w.end()
			if len(got) != 1 {
				t.Fatalf("got %d connections, want 1", len(got))
			}
			if got[0].Outcome != tt.want || got[0].Phase != tt.phase {
				t.Errorf("got %v in %v, want %v in %v", got[0].Outcome, got[0].Phase, tt.want, tt.phase)
			}
		})
	}
}

// TestSightings: a packet seen in four places is one packet, and its retransmission one retransmission.
func TestSightings(t *testing.T) {
	w := newWorld()
	crossing := func(p, translated decode.Packet) {
		w.see(0, at(p, 5, decode.DirIn, 64))
		w.see(4, at(translated, 3, decode.DirIn, 64))
		w.see(4, at(translated, 4, decode.DirOut, 63))
		w.see(4, at(translated, 2, decode.DirOut, 63))
	}
	const client, vip, pod = "10.244.1.5:33000", "10.96.0.50:80", "10.244.2.8:8080"
	crossing(id(segment(client, vip, wire.SYN, 1000, 0), 1), id(segment(client, pod, wire.SYN, 1000, 0), 1))
	w.see(90, at(segment(pod, client, wire.SYN, 5000, 1001), 4, decode.DirIn, 63))
	w.see(4, at(segment(vip, client, wire.SYN, 5000, 1001), 5, decode.DirOut, 62))
	w.now += 1e6
	for i := range uint32(2) {
		crossing(id(data(segment(client, vip, 0, 1001, 5001), 100), 2+i), id(data(segment(client, pod, 0, 1001, 5001), 100), 2+i))
		w.now += 300e6
	}
	got := w.end()
	if len(got) != 1 {
		t.Fatalf("got %d connections, want 1", len(got))
	}
	c := got[0]
	up := c.Flow[fact.ToServer]
	if c.Client != ep(client) || c.Called != ep(vip) || c.Destination != ep(pod) {
		t.Errorf("got %v > %v > %v", c.Client, c.Called, c.Destination)
	}
	if up.Packets != 3 || up.Retransmissions != 1 || up.Bytes != 100 || c.Frames != 14 {
		t.Errorf("got %d packets, %d retransmissions, %d bytes, %d frames", up.Packets, up.Retransmissions, up.Bytes, c.Frames)
	}
	if len(c.Legs) != 2 || c.Legs[0].Dst != ep(vip) || c.Legs[1].Dst != ep(pod) {
		t.Errorf("legs out of order: %+v", c.Legs)
	}
}

// TestBounds: what a hostile capture can show does not grow the state beyond its bounds.
func TestBounds(t *testing.T) {
	w := newWorld()
	w.j.budget = 1000 * (connBytes + legBytes + viewBytes)
	for i := range uint32(20_000) {
		p := segment("10.0.0.1:1", "10.0.0.2:80", wire.SYN, i*7919, 0)
		p.Src = wire.Addr4(i)
		w.see(10, p)
	}
	if n := w.j.conns.Len(); n > 1000 {
		t.Errorf("%d live connections, budget 1000", n)
	}
	if n := len(w.j.births); n > 1000 {
		t.Errorf("%d birth keys for 1000 connections", n)
	}
	if legs, views, _ := w.j.table.Sizes(); legs > 1000 || views > 1000 {
		t.Errorf("%d legs and %d views for 1000 connections", legs, views)
	}
	if w.j.Evicted == 0 {
		t.Error("what was given up must be counted")
	}
	if len(w.end()) != 20_000 {
		t.Error("a connection that is given up must be handed on")
	}
}

// TestManyLegs: legs without end of one connection end with it, and are bounded before.
func TestManyLegs(t *testing.T) {
	w := newWorld()
	const n = 5000
	for i := range uint32(n) {
		p := stamped(segment("10.0.0.1:1", "10.0.0.2:80", wire.ACK, 1, 1), 7, 7)
		p.Src, p.Direction = wire.Addr4(i+1), decode.DirOut
		w.see(10, p)
	}
	if legs, _, _ := w.j.table.Sizes(); legs > life.MaxLegs+maxFurther+1 {
		t.Errorf("%d legs", legs)
	}
	w.j.Tick(w.now + 1e15)
	if left := w.j.table.Len() + len(w.j.further); left != 0 {
		t.Errorf("%d pieces of state left at the end", left)
	}
	frames := uint64(0)
	for _, c := range w.end() {
		frames += c.Frames
	}
	if frames != n {
		t.Errorf("%d frames of %d", frames, n)
	}
}

// TestNumberUsedAgain: packets that come once more are not taken for those of a connection that has the number of theirs by now.
func TestNumberUsedAgain(t *testing.T) {
	w := newWorld()
	const old = crowd + 100
	reset := func(i uint32) decode.Packet {
		p := stamped(segment("10.0.0.2:80", "10.0.0.1:1", wire.RST|wire.ACK, 1, 1), 9, 9)
		p.Dst, p.DstPort, p.Ack = wire.Addr4(0x0a010000+i), 2000, i*7919+1
		return p
	}
	for i := range uint32(old) {
		p := stamped(segment("10.0.0.1:1", "10.0.0.2:80", wire.SYN, i*7919, 0), 9, 0)
		p.Src, p.SrcPort = wire.Addr4(0x0a010000+i), 2000
		w.see(1, p)
		w.see(1, reset(i))
	}
	w.see(300_000, segment("10.9.9.9:1", "10.9.9.8:80", wire.SYN, 5, 0))
	for i := range uint32(50) {
		p := stamped(segment("10.0.0.1:1", "10.0.0.3:80", wire.SYN, 1<<31+i*7919, 0), 9, 0)
		p.Src, p.SrcPort = wire.Addr4(0x0a020000+i), 3000
		w.see(1, p)
	}
	for i := range uint32(old) {
		p := reset(i)
		p.Src = wire.Addr4(0x0a0000ff) // seen elsewhere, un-translated
		w.see(1, p)
	}
	for _, c := range w.end() {
		if c.Called.Addr() == netip.MustParseAddr("10.0.0.3") && (len(c.Legs) != 1 || c.Reset != nil) {
			t.Fatalf("%s has %d legs, %v", c.Client, len(c.Legs), c.Reset)
		}
	}
}

// TestCrowd: sockets whose questions are answered are forgotten soon where they are many, at once if all are, and one that waits is not.
func TestCrowd(t *testing.T) {
	datagram := func(src, dst string) decode.Packet {
		p := segment(src, dst, 0, 0, 0)
		p.Proto, p.Has = wire.ProtoUDP, decode.HasPorts
		return p
	}
	const server, n = "10.96.0.10:53", 10 * crowd
	for _, c := range []struct {
		name string
		// pause is that before each packet, in microseconds.
		pause int64
		// late says that a second question of each socket is answered later, by so many sockets.
		late int
		most int
	}{
		{"all answered", 1000, 0, 2 * crowd},
		{"all answered, more than a crowd in the time of a late answer", 100, 0, 2 * crowd},
		{"the other answer is late", 50, 4 * crowd, 8 * crowd},
	} {
		w := newWorld()
		client := func(i int) string { return fmt.Sprintf("10.%d.%d.1:4000", i>>8, i&255) }
		for i := range n + c.late {
			if i < n {
				w.see(c.pause, datagram(client(i), server))
				if c.late > 0 {
					w.see(c.pause, datagram(client(i), server))
				}
				if i > 0 {
					w.see(c.pause, datagram(server, client(i)))
				}
			}
			if k := i - c.late; c.late > 0 && k > 0 {
				w.see(c.pause, datagram(server, client(k)))
			}
		}
		if live := w.j.Live(); live > c.most {
			t.Errorf("%s: %d of %d sockets are followed", c.name, live, n)
		}
		for _, x := range w.got {
			if x.Frames == 1 {
				t.Errorf("%s: %s, which waits for an answer, was forgotten", c.name, x.Client)
			}
		}
		if got := len(w.end()); got != n {
			t.Errorf("%s: %d connections of %d", c.name, got, n)
		}
	}
}

// TestReverse: of a connection that began before the capture only high ports are known, and its first packet seen is the server's. Which end
// is the server shows when it accepts another one, before or after.
func TestReverse(t *testing.T) {
	const client, server, other = "10.244.1.5:50000", "10.244.2.8:40000", "10.244.1.6:51000"
	running := func(w *world) {
		reply := segment(server, client, wire.PSH, 7000, 900)
		reply.PayloadLen, reply.IPLen = 100, 140
		w.see(1000, reply)
		w.see(50, segment(client, server, 0, 900, 7100))
	}
	accepted := func(w *world) {
		w.see(1000, segment(other, server, wire.SYN, 1000, 0))
		w.see(50, segment(server, other, wire.SYN, 5000, 1001))
		w.see(50, segment(other, server, 0, 1001, 5001))
	}
	for name, show := range map[string]func(*world){
		"running first":  func(w *world) { running(w); accepted(w) },
		"accepted first": func(w *world) { accepted(w); running(w) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			show(w)
			for _, c := range w.end() {
				if c.Midstream && (c.Client != ep(client) || c.Called != ep(server) || c.Flow[fact.ToClient].Bytes != 100 || c.Flow[fact.ToServer].Bytes != 0) {
					t.Errorf("%v called %v, and %d and %d bytes went to the server and back", c.Client, c.Called, c.Flow[fact.ToServer].Bytes, c.Flow[fact.ToClient].Bytes)
				}
			}
		})
	}
}
