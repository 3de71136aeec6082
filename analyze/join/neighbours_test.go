package join

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const pod1, pod2, bridge = 0x0a580af40205, 0x0a580af40299, 0x0a580af40201

// arpPacket is an ARP packet about IPv4 on Ethernet.
func arpPacket(op byte, mac uint64, from, to string) wire.ARP {
	b := []byte{0, 1, 8, 0, 6, 4, 0, op}
	b = append(b, binary.BigEndian.AppendUint64(nil, mac)[2:]...)
	b = append(b, netip.MustParseAddr(from).AsSlice()...)
	b = append(b, make([]byte, 6)...)
	return append(b, netip.MustParseAddr(to).AsSlice()...)
}

// arp shows an ARP packet on one interface after another, in a few microseconds.
func (w *world) arp(pause int64, b wire.ARP, iface uint32, dirs ...decode.Direction) {
	w.now += pause * 1000
	for i, d := range dirs {
		w.frame++
		p := decode.Packet{Network: decode.NetARP, Time: w.now + int64(i)*3000, Frame: w.frame, MAC: b.SenderMAC(), Interface: iface + uint32(i), Direction: d}
		w.j.Neighbours.arp(b, &p, &sight.Origin{})
	}
}

func (w *world) neighbour(t *testing.T, a string) *fact.Neighbour {
	t.Helper()
	list := w.j.Neighbours.Facts()
	for i := range list {
		if list[i].Addr == netip.MustParseAddr(a) {
			return &list[i]
		}
	}
	t.Fatalf("%s is not there", a)
	return nil
}

func TestNeighbourQuestions(t *testing.T) {
	w := newWorld()
	for range 3 {
		w.arp(1e6, arpPacket(1, pod1, "10.244.2.5", "10.244.2.1"), 5, decode.DirIn, decode.DirOut, decode.DirIn)
	}
	w.arp(1e6, arpPacket(1, pod2, "0.0.0.0", "10.244.2.1"), 6, decode.DirIn) // a probe
	w.arp(0, arpPacket(1, pod2, "10.244.2.9", "10.244.2.1"), 6, decode.DirIn)
	w.arp(10, arpPacket(2, bridge, "10.244.2.1", "10.244.2.9"), 3, decode.DirOut, decode.DirOut)
	n := w.neighbour(t, "10.244.2.1")
	if len(n.Askers) != 2 || len(n.Claimants) != 1 {
		t.Fatalf("%+v", n)
	}
	if a := n.Askers[0]; a.Asked != 3 || a.Answered != 0 || a.Run.Count != 3 || a.Run.Last-a.Run.First != 2e9 || a.Run.Ended != 0 || !a.Alone || a.Interface != 5 {
		t.Errorf("not answered: %+v", a)
	}
	if a := n.Askers[1]; a.Asked != 1 || a.Answered != 1 || a.Run.Ended == 0 {
		t.Errorf("answered: %+v", a)
	}
	if c := n.Claimants[0]; c.CameIn || c.Answers != 1 || c.MAC.String() != "0a:58:0a:f4:02:01" {
		t.Errorf("the bridge: %+v", c)
	}
}

func TestNeighbourTurns(t *testing.T) {
	w := newWorld()
	for range 2 { // both answer each question, and the bridge shows the answers interleaved
		w.arp(5e6, arpPacket(2, pod1, "10.244.2.8", "10.244.2.1"), 5, decode.DirIn)
		w.arp(1, arpPacket(2, pod2, "10.244.2.8", "10.244.2.1"), 6, decode.DirIn)
		w.arp(1, arpPacket(2, pod1, "10.244.2.8", "10.244.2.1"), 3, decode.DirIn)
		w.arp(1, arpPacket(2, pod2, "10.244.2.8", "10.244.2.1"), 3, decode.DirIn)
	}
	n := w.neighbour(t, "10.244.2.8")
	if len(n.Turns) != 4 || n.Claimants[0].Answers != 2 || len(n.Contested()) != 4 {
		t.Errorf("%+v", n)
	}
	w = newWorld()
	for _, mac := range []uint64{pod1, pod1, pod2, pod2, pod2} { // replaced
		w.arp(5e6, arpPacket(1, mac, "10.244.2.8", "10.244.2.1"), 3, decode.DirIn)
	}
	if n := w.neighbour(t, "10.244.2.8"); len(n.Turns) != 2 || n.Contested() != nil {
		t.Errorf("replaced: %+v", n)
	}
	w = newWorld()
	for i := range uint32(4) { // a node that asks by several interfaces with one address as the sender's
		w.arp(1e6, arpPacket(1, pod1+uint64(i%2), "192.168.1.10", "10.244.2.8"), 3+i%2, decode.DirOut)
	}
	if n := w.neighbour(t, "192.168.1.10"); n.Contested() != nil {
		t.Errorf("two interfaces: %+v", n)
	}
}

// TestNeighbourBounds: a stranger's capture may ask for all there is.
func TestNeighbourBounds(t *testing.T) {
	w := newWorld()
	for i := range uint32(maxNeighbours + 100) {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}).String()
		w.arp(1e4, arpPacket(1, uint64(i), a, "10.9.9.9"), i, decode.DirIn)
		w.arp(1e4, arpPacket(2, uint64(i), "10.9.9.9", a), i, decode.DirIn)
	}
	if n := len(w.j.Neighbours.known); n > maxNeighbours {
		t.Errorf("%d neighbours", n)
	}
	n := w.neighbour(t, "10.9.9.9")
	if len(n.Askers) > maxAskers || len(n.Claimants) > maxClaimants || len(n.Turns) > maxTurns || len(n.Claimants[0].Places) > maxPlaces {
		t.Errorf("%+v", n)
	}
}

func TestNeighbourDiscovery(t *testing.T) {
	w := newWorld()
	target := netip.MustParseAddr("fd00::1")
	say := func(kind uint8, src, dst string, option byte, mac uint64) {
		w.now += 1e9
		body := append(target.AsSlice(), option, 1)
		body = append(body, binary.BigEndian.AppendUint64(nil, mac)[2:]...)
		p := decode.Packet{
			Network: decode.NetIPv6, Proto: wire.ProtoICMPv6, Has: decode.HasICMP, ICMPType: kind, Direction: decode.DirIn, Interface: 5, Time: w.now, MAC: mac,
			ICMPWord: 1 << 30, PayloadCap: uint32(len(body)), Cap: uint32(len(body)), Dst: wire.AddrFrom(netip.MustParseAddr(dst)),
		}
		if src != "" {
			p.Src = wire.AddrFrom(netip.MustParseAddr(src))
		}
		w.j.Track(&p, body, &sight.Origin{}, &sight.Lead{})
	}
	const group = "ff02::1:ff00:1"
	say(wire.ICMPv6NeighbourSolicitation, "", group, wire.NeighbourSourceMAC, pod1) // a probe
	say(wire.ICMPv6NeighbourSolicitation, "fd00::5", group, wire.NeighbourSourceMAC, pod1)
	say(wire.ICMPv6NeighbourSolicitation, "fd00::6", group, wire.NeighbourSourceMAC, pod2)
	say(wire.ICMPv6NeighbourAdvertisement, "fd00::1", "fd00::6", wire.NeighbourTargetMAC, bridge)
	n := w.neighbour(t, "fd00::1")
	if len(n.Askers) != 2 || n.Askers[0].Answered != 0 || n.Askers[1].Answered != 1 || len(n.Claimants) != 1 || n.Claimants[0].MAC != bridge {
		t.Errorf("%+v", n)
	}
	if n := w.neighbour(t, "fd00::5"); n.Claimants[0].MAC != pod1 {
		t.Errorf("who asks: %+v", n)
	}
}
