package trace

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const (
	client, vip, pod = "10.244.1.5:33890", "10.96.0.50:80", "10.244.2.9:8080"
	micro, milli     = 1_000, 1_000_000
	second           = 1_000_000_000
)

// spot is a view of the test's cluster. Interfaces: 5 is the client's veth, 3 the bridge, 4 the tunnel device, 2 the uplink;
// node 0 is the client's, node 1 the pod's.
type spot struct {
	node, iface int
	dir         decode.Direction
	ttl         uint8
	dst         string
	wrapped     bool
}

// path is the way to the server, each spot ten microseconds after the one before.
var path = []spot{
	{0, 5, decode.DirIn, 64, vip, false},
	{0, 3, decode.DirIn, 64, pod, false},
	{0, 4, decode.DirOut, 63, pod, false},
	{0, 2, decode.DirOut, 63, pod, true},
	{1, 2, decode.DirIn, 63, pod, true},
	{1, 4, decode.DirIn, 63, pod, false},
	{1, 3, decode.DirOut, 62, pod, false},
	{1, 5, decode.DirOut, 62, pod, false},
}

// segment is a packet of the client's.
type segment struct {
	at       int64
	seq, len uint32
	id       uint32
	stamp    uint32
	resent   bool
}

// lab feeds a Recorder.
type lab struct {
	rec   *Recorder
	frame uint64
}

func (l *lab) show(s spot, at int64, g segment) {
	src, dst := netip.MustParseAddrPort(client), netip.MustParseAddrPort(s.dst)
	l.frame++
	p := decode.Packet{
		Time: at, Frame: l.frame, Interface: uint32(s.iface), Hardware: 1, Direction: s.dir, TTL: s.ttl,
		Src: wire.AddrFrom(src.Addr()), Dst: wire.AddrFrom(dst.Addr()), SrcPort: src.Port(), DstPort: dst.Port(),
		Network: decode.NetIPv4, Proto: wire.ProtoTCP, Has: decode.HasPorts | decode.HasTCP | decode.HasTimestamps,
		Seq: g.seq, PayloadLen: g.len, IPID: g.id, TSVal: g.stamp, Flags: wire.ACK, IPLen: 52 + g.len, OuterIPLen: 52 + g.len,
	}
	x := join.Sighting{
		Packet: &p, Origin: sight.Origin{Capture: uint16(s.node), Node: uint16(s.node)}, Key: g.seq ^ g.stamp<<8,
	}
	if s.wrapped {
		p.OuterIPLen += 50
		x.Tunnel = 1
		x.Encaps = []decode.Encap{{Kind: decode.EncapVXLAN, VNI: 1, Src: wire.Addr4(0xc0a8010a), Dst: wire.Addr4(0xc0a8010b), Port: 8472}}
	}
	if g.resent {
		x.Repeat = sight.Resend
	}
	l.rec.See(&x)
}

// send shows a segment in the first n views of the path.
func (l *lab) send(g segment, n int) {
	for i, s := range path[:n] {
		l.show(s, g.at+int64(i)*10*micro, g)
	}
}

func veth(addr string) fact.InterfaceRole {
	return fact.InterfaceRole{Kind: fact.Veth, Pod: netip.MustParseAddr(addr)}
}

func facts() *fact.Facts {
	f := &fact.Facts{}
	kinds := map[uint32]fact.InterfaceKind{2: fact.Uplink, 3: fact.Bridge, 4: fact.TunnelDevice}
	for node, addr := range []string{"10.244.1.5", "10.244.2.9"} {
		f.Captures = append(f.Captures, fact.Capture{
			File: "node", Node: []string{"node1", "node2"}[node], Last: 100 * second, Frames: 100, Portless: 1, Interfaces: 5,
		})
		for i := uint32(2); i <= 5; i++ {
			role := fact.InterfaceRole{Kind: kinds[i]}
			if i == 5 {
				role = veth(addr)
			}
			f.Interfaces = append(f.Interfaces, fact.Interface{Capture: node, Index: i, Hardware: 1, Role: role})
		}
	}
	f.Captures[1].Clock = fact.Clock{Error: 2 * micro, Samples: 10}
	return f
}

func connection() *fact.Connection {
	c := &fact.Connection{ID: "node1:1", Proto: fact.TCP, Client: netip.MustParseAddrPort(client), Called: netip.MustParseAddrPort(vip)}
	c.Flow[fact.ToClient].MSS = 1410
	return c
}

func TestWalk(t *testing.T) {
	l := &lab{rec: NewRecorder()}
	for i := range int64(4) {
		l.send(segment{at: i * second, seq: 1000 + 100*uint32(i), len: 100, id: uint32(7 + i), stamp: uint32(i)}, len(path))
	}
	got := Build(connection(), facts(), l.rec)
	w := &got.Ways[fact.ToServer]
	if len(w.Hops) != len(path) || w.Packets != 4 || w.Arrived != 4 || w.Lost != 0 || w.End != fact.EndDelivered {
		t.Fatalf("%d hops, %d packets, %d arrived, %d lost, end %v", len(w.Hops), w.Packets, w.Arrived, w.Lost, w.End)
	}
	for h := range w.Hops {
		hop, s := &w.Hops[h], path[h]
		if hop.Interface != uint32(s.iface) || hop.Dir != s.dir || hop.Dst.String() != s.dst || hop.TTL != s.ttl || hop.Packets != 4 {
			t.Errorf("hop %d: %+v, want %+v", h, *hop, s)
		}
		if h > 0 && (hop.Step.Median != 10*micro || hop.Step.Worst != 10*micro) {
			t.Errorf("hop %d took %d ns, %d at worst", h, hop.Step.Median, hop.Step.Worst)
		}
	}
	if s := &w.Hops[1].Step; !s.Translated || s.Wire {
		t.Errorf("to the bridge: %+v", s)
	}
	if s := &w.Hops[3].Step; s.Translated || len(s.Wrapped) != 1 || len(s.Unwrapped) != 0 {
		t.Errorf("to the uplink: %+v", s)
	}
	if s := &w.Hops[4].Step; !s.Wire || s.Error != 2*micro || len(s.Wrapped) != 0 {
		t.Errorf("on the wire: %+v", s)
	}
	if got.Cost.Overhead != 50 || w.Hops[3].LargestOuter != 202 || w.Hops[3].Largest != 152 {
		t.Errorf("overhead %d, largest %d in %d", got.Cost.Overhead, w.Hops[3].Largest, w.Hops[3].LargestOuter)
	}
	if back := got.Ways[fact.ToClient]; back.End != fact.EndUnseen {
		t.Errorf("the other direction: %v", back.End)
	}
}

func TestLost(t *testing.T) {
	l := &lab{rec: NewRecorder()}
	l.send(segment{at: 1 * second, seq: 1000, len: 100, id: 7, stamp: 1}, len(path))
	l.send(segment{at: 2 * second, seq: 1100, len: 1400, id: 8, stamp: 2}, 4)                  // lost on the wire
	l.send(segment{at: 3 * second, seq: 1100, len: 1400, id: 9, stamp: 3, resent: true}, 4)    // again
	l.send(segment{at: 4 * second, seq: 1100, len: 500, id: 10, stamp: 4}, len(path))          // shorter: it passes
	l.send(segment{at: 99500 * milli, seq: 2000, len: 500, id: 11, stamp: 5, resent: true}, 4) // half a second before the end
	w := Build(connection(), facts(), l.rec).Ways[fact.ToServer]
	if w.Packets != 5 || w.Arrived != 2 || w.Lost != 2 || w.Unknown != 1 || w.Again != 2 {
		t.Errorf("%d packets, %d arrived, %d lost, %d unknown, %d again", w.Packets, w.Arrived, w.Lost, w.Unknown, w.Again)
	}
	s := &w.Hops[4].Step
	if s.Lost != 2 || s.Unknown != 1 || s.Smallest != 1452 || s.Largest != 1452 || s.LostFirst.Capture != 0 {
		t.Errorf("%+v", s)
	}
	if on := w.Hops[3].LargestOn; on != 552 {
		t.Errorf("the largest that went on has %d bytes", on)
	}
}

func TestVanish(t *testing.T) {
	f := facts()
	f.Addresses = []fact.Address{{Addr: netip.MustParseAddr("10.244.2.9"), Role: fact.RolePod}}
	walk := func() fact.Way {
		l := &lab{rec: NewRecorder()}
		for i := range int64(3) {
			l.send(segment{at: i * second, seq: 1000, len: 1, id: uint32(7 + i), stamp: uint32(i), resent: i > 0}, 6)
		}
		return Build(connection(), f, l.rec).Ways[fact.ToServer]
	}
	if w := walk(); w.End != fact.EndVanish || w.Lost != 3 || w.Arrived != 0 || w.Next == nil || w.Next.Role.Kind != fact.Bridge || w.NextDir != decode.DirOut {
		t.Errorf("end %v, %d lost, %d arrived, next %+v %v", w.End, w.Lost, w.Arrived, w.Next, w.NextDir)
	}
	// A filtered capture does not show that something is missing.
	f.Captures[1].Portless = 0
	if w := walk(); w.End != fact.EndOpen || w.Lost != 0 {
		t.Errorf("filtered: end %v, %d lost", w.End, w.Lost)
	}
}

func TestSegmentation(t *testing.T) {
	l := &lab{rec: NewRecorder()}
	// One GSO packet of five segments; the uplink cuts it, and the other node puts three of them together again.
	at := int64(second)
	whole := segment{seq: 1000, len: 6990, id: 20, stamp: 9}
	for i, s := range path[:3] {
		l.show(s, at+int64(i)*micro, whole)
	}
	for i := range uint32(5) {
		one := segment{seq: 1000 + 1398*i, len: 1398, id: 20 + i, stamp: 9}
		l.show(path[3], at+10*micro+int64(i), one)
		if i != 4 { // the last one is lost on the wire
			l.show(path[4], at+20*micro+int64(i), one)
		}
	}
	l.show(path[5], at+40*micro, segment{seq: 1000, len: 4194, id: 20, stamp: 9})
	l.show(path[5], at+41*micro, segment{seq: 5194, len: 1398, id: 23, stamp: 9})
	w := Build(connection(), facts(), l.rec).Ways[fact.ToServer]
	if w.Packets != 1 || w.Lost != 1 {
		t.Errorf("%d packets, %d lost", w.Packets, w.Lost)
	}
	if s := &w.Hops[4].Step; s.Lost != 1 {
		t.Errorf("lost elsewhere than on the wire: %+v", s)
	}
	if !w.Hops[3].Step.Split || !w.Hops[0].GSO || w.Hops[3].Largest != 1450 || w.Hops[3].GSO {
		t.Errorf("split %v, GSO %v %v, largest %d", w.Hops[3].Step.Split, w.Hops[0].GSO, w.Hops[3].GSO, w.Hops[3].Largest)
	}
}

func TestClocks(t *testing.T) {
	l := &lab{rec: NewRecorder()}
	l.send(segment{at: second, seq: 1, len: 1, id: 1, stamp: 1}, len(path))
	f := facts()
	f.Captures[1].Clock.Error = 50 * micro
	if s := Build(connection(), f, l.rec).Ways[0].Hops[4].Step; s.Median != -1 || s.Worst != -1 {
		t.Errorf("a time of %d ns is shown, below the error", s.Median)
	}
	f.Captures[1].Clock = fact.Clock{} // no estimate was possible
	if s := Build(connection(), f, l.rec).Ways[0].Hops[4].Step; s.Median != -1 {
		t.Errorf("a time of %d ns between clocks of which nothing is known", s.Median)
	}
}

func TestCopies(t *testing.T) {
	l := &lab{rec: NewRecorder()}
	g := segment{at: second, seq: 1, len: 1, id: 1, stamp: 1}
	l.send(g, len(path))
	l.show(spot{1, 6, decode.DirOut, 62, pod, false}, second+200*micro, g)
	f := facts()
	f.Interfaces = append(f.Interfaces, fact.Interface{Capture: 1, Index: 6, Hardware: 1, Role: veth("10.244.2.3")})
	w := Build(connection(), f, l.rec).Ways[0]
	if len(w.Copies) != 1 || w.Copies[0].Interface != 6 || len(w.Hops) != len(path) || w.End != fact.EndDelivered {
		t.Errorf("%d copies, %d hops, end %v", len(w.Copies), len(w.Hops), w.End)
	}
}

func TestBounds(t *testing.T) {
	l := &lab{rec: NewRecorder()}
	for i := range 2 * maxPlaces {
		l.show(spot{0, i + 1, decode.DirIn, 64, vip, false}, int64(i), segment{seq: 1, id: 1})
	}
	if n := len(l.rec.places); n != maxPlaces || l.rec.unkept != maxPlaces {
		t.Errorf("%d places, %d not kept", n, l.rec.unkept)
	}
	l = &lab{rec: NewRecorder()}
	for i := range maxSightings + 10 {
		l.show(path[0], int64(i)*micro, segment{seq: uint32(i), len: 1, id: uint32(i)})
	}
	if x := Build(connection(), facts(), l.rec); x.Unkept != 10 {
		t.Errorf("%d not kept", x.Unkept)
	}
	Build(connection(), facts(), NewRecorder())
}

func TestChoose(t *testing.T) {
	conn := func(id string, o fact.Outcome, service string) fact.Connection {
		return fact.Connection{ID: id, Proto: fact.TCP, Outcome: o, Client: netip.MustParseAddrPort(client), Called: netip.MustParseAddrPort(service)}
	}
	reach := []fact.Reach{
		{Examples: []fact.Connection{conn("a:1", fact.OK, vip), conn("a:2", fact.Refused, "10.96.0.51:80")}},
		{Examples: []fact.Connection{conn("a:3", fact.Hang, "10.96.0.52:80"), conn("a:4", fact.Hang, "10.96.0.52:80")}},
	}
	for _, c := range []struct {
		wanted    Wanted
		preferred []string
		id        string
	}{
		{Wanted{}, nil, "a:3"},
		{Wanted{}, []string{"a:2", "x:9"}, "a:2"},
		{Wanted{Service: netip.AddrPortFrom(netip.MustParseAddr("10.96.0.50"), 0)}, []string{"a:2"}, "a:1"},
		{Wanted{Service: netip.MustParseAddrPort("10.96.0.50:81")}, nil, ""},
		{Wanted{Client: netip.MustParseAddrPort(client)}, nil, "a:3"},
		{Wanted{Client: netip.MustParseAddrPort("10.244.1.6:1")}, nil, ""},
	} {
		got := ""
		if x := Choose(reach, c.wanted, c.preferred); x != nil {
			got = x.ID
		}
		if got != c.id {
			t.Errorf("%+v, %v: %q, want %q", c.wanted, c.preferred, got, c.id)
		}
	}
}

func TestNearest(t *testing.T) {
	n := NewNearest("node1:57")
	for _, id := range []string{"node2:57", "node1:900", "node1:58", "node1:20", "node1:55", "node1:100000", "node1:60", ":", "x", "node1:99999999999999999999"} {
		n.Add(id)
	}
	want := []string{"node1:58", "node1:55", "node1:60", "node1:20", "node1:900"}
	got := n.IDs()
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
			break
		}
	}
}

// TestReplacedPod: a pod gives way to another with its address and an interface of its own. Packets to the first are not lost
// because the second one did not see them.
func TestReplacedPod(t *testing.T) {
	l := &lab{rec: NewRecorder()}
	send := func(at int64, seq uint32, iface int) {
		g := segment{at: at, seq: seq, len: 100, id: seq, stamp: seq}
		l.send(g, len(path)-1)
		last := path[len(path)-1]
		last.iface = iface
		l.show(last, at+int64(len(path)-1)*10*micro, g)
	}
	send(1*second, 1000, 5)
	send(2*second, 1100, 5)
	send(50*second, 1200, 6)
	f := facts()
	f.Interfaces = append(f.Interfaces, fact.Interface{Capture: 1, Index: 6, Hardware: 1, Role: veth("10.244.2.9")})
	w := &Build(connection(), f, l.rec).Ways[fact.ToServer]
	if w.Packets != 3 || w.Arrived != 3 || w.Lost != 0 || len(w.Hops) != len(path)+1 {
		t.Errorf("of %d packets %d arrived and %d were lost on %d hops", w.Packets, w.Arrived, w.Lost, len(w.Hops))
	}
}

// TestUnkept: the end of the kept sightings is not taken for a loss.
func TestUnkept(t *testing.T) {
	l := &lab{rec: NewRecorder()}
	l.rec.Max = 3*len(path) - 2
	for i := range int64(5) {
		l.send(segment{at: i * second, seq: 1000 + 100*uint32(i), len: 100, id: uint32(7 + i), stamp: uint32(i)}, len(path))
	}
	got := Build(connection(), facts(), l.rec)
	w := &got.Ways[fact.ToServer]
	if got.Unkept == 0 || w.Packets != 3 || w.Arrived != 2 || w.Lost != 0 || w.Unknown != 1 {
		t.Errorf("%d unkept, of %d packets %d arrived, %d were lost and %d are unknown", got.Unkept, w.Packets, w.Arrived, w.Lost, w.Unknown)
	}
}

func TestOutline(t *testing.T) {
	c := connection()
	view := func(capture uint16, iface uint32, flow fact.Direction, dir decode.Direction, first int64) fact.View {
		return fact.View{Capture: capture, Interface: iface, Flow: flow, Dir: dir, Frames: 3, First: first}
	}
	tunnel := []fact.Encap{{Kind: decode.EncapVXLAN, VNI: 1, Overhead: 50}}
	leg := func(dst, node string, encap []fact.Encap, views ...fact.View) fact.Leg {
		return fact.Leg{Src: netip.MustParseAddrPort(client), Dst: netip.MustParseAddrPort(dst), Node: node, Encap: encap, Views: views}
	}
	const up, down = fact.ToServer, fact.ToClient
	c.Legs = []fact.Leg{
		leg(vip, "node1", nil, view(0, 5, up, decode.DirIn, 1), view(0, 5, down, decode.DirOut, 18)),
		leg(pod, "node1", nil, view(0, 4, up, decode.DirOut, 2), view(0, 4, down, decode.DirIn, 17)),
		leg(pod, "node1", tunnel, view(0, 2, up, decode.DirOut, 3), view(0, 2, down, decode.DirIn, 16)),
		// The clock of the other node is behind.
		leg(pod, "node2", tunnel, view(1, 2, up, decode.DirIn, 0), view(1, 2, down, decode.DirOut, 22)),
		leg(pod, "node2", nil, view(1, 5, up, decode.DirOut, 1), view(1, 5, down, decode.DirIn, 21)),
	}
	got := Outline(c, facts())
	places := func(hops []fact.Hop) (s string) {
		for i := range hops {
			s += fmt.Sprintf("%s/%d ", hops[i].Node, hops[i].Interface)
		}
		return s
	}
	if s, want := places(got.Ways[up].Hops), "node1/5 node1/4 node1/2 node2/2 node2/5 "; s != want {
		t.Errorf("to the server by %s, want %s", s, want)
	}
	if s, want := places(got.Ways[down].Hops), "node2/5 node2/2 node1/2 node1/4 node1/5 "; s != want {
		t.Errorf("to the client by %s, want %s", s, want)
	}
	// The order of the legs of one node does not matter.
	late := *c
	late.Legs = []fact.Leg{c.Legs[0], c.Legs[1], c.Legs[2], c.Legs[4], c.Legs[3]}
	if s, want := places(Outline(&late, facts()).Ways[up].Hops), places(got.Ways[up].Hops); s != want {
		t.Errorf("with legs in another order to the server by %s, want %s", s, want)
	}
	hops := got.Ways[down].Hops
	if s := &hops[1].Step; len(s.Wrapped) != 1 || s.Wire || s.Translated || s.Median != -1 {
		t.Errorf("into the tunnel: %+v", s)
	}
	if s := &hops[4].Step; !s.Translated || hops[4].Src.String() != vip || hops[4].Dst.String() != client {
		t.Errorf("to the pod: %+v", hops[4])
	}
	// The test's views have no roles to tell that a way arrives.
	if up, down := got.Ways[up].End, got.Ways[down].End; up != fact.EndOpen || down != fact.EndOpen {
		t.Errorf("without counted packets the ways end %v and %v", up, down)
	}
	c.Legs[4].Views[0].Role, c.Flow[up].Packets = veth("10.244.2.9"), 3
	got = Outline(c, facts())
	if up, down := got.Ways[up].End, got.Ways[down].End; up != fact.EndDelivered || down != fact.EndLeaves {
		t.Errorf("the ways end %v and %v", up, down)
	}
	if got.Cost.Overhead != 50 || got.Cost.MSS[down] != 1410 {
		t.Errorf("cost %+v", got.Cost)
	}
}
