package decode_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// A new Decoder for each input would be most of the work.
var (
	fuzzed      int
	fuzzOptions = decode.Options{Ports: map[decode.EncapKind][]uint16{decode.EncapVXLAN: {4444}, decode.EncapGeneve: {5555}}}
	fuzzStacks  = decode.NewStacks()
	fuzzDecoder = decode.New(fuzzOptions, fuzzStacks)
)

// compare holds the decoder's answer against the slow one's.
func compare(t *testing.T, link capture.LinkType, data []byte, wireLen uint32) decode.Packet {
	t.Helper()
	if fuzzed++; fuzzed%10_000 == 0 { // a table of stacks is full at some time
		fuzzStacks = decode.NewStacks()
		fuzzDecoder = decode.New(fuzzOptions, fuzzStacks)
	}
	d, stacks := fuzzDecoder, fuzzStacks
	var p, dissected decode.Packet
	d.Decode(&p, link, data, wireLen)
	d.DecodeWithoutTrunk(&dissected, link, data, wireLen)
	if p != dissected {
		t.Errorf("%v %x wire %d: (-dissected +fast path)\n%s", link, data, wireLen, cmp.Diff(dissected, p))
	}
	s := slowly(int(link), data, int(wireLen))
	check := func(what string, ok bool, got, want any) {
		if !ok {
			t.Errorf("%v %x wire %d: %s is %v, slowly %v", link, data, wireLen, what, got, want)
		}
	}
	check("network", p.Network == s.network, p.Network, s.network)
	check("stopped", (p.Stop.Reason != decode.StopNone) == s.stopped, p.Stop, s.stopped)
	encaps := stacks.Get(p.Stack).Encaps
	check("depth", len(encaps) == len(s.kinds), encaps, s.kinds)
	for i := range min(len(encaps), len(s.kinds)) {
		check("encapsulation", encaps[i].Kind == s.kinds[i] && encaps[i].VNI == s.vnis[i], encaps[i], s.kinds[i])
	}
	if p.Network != decode.NetIPv4 && p.Network != decode.NetIPv6 {
		return p
	}
	check("source", p.Src == addrOf(s.src), p.Src.Netip(), s.src)
	check("destination", p.Dst == addrOf(s.dst), p.Dst.Netip(), s.dst)
	check("protocol", p.Proto == s.proto, p.Proto, s.proto)
	check("IP length", int(p.IPLen) == s.ipLen, p.IPLen, s.ipLen)
	check("fragment offset", int(p.FragOffset) == s.fragOffset, p.FragOffset, s.fragOffset)
	check("more fragments", (p.Has&decode.HasMF != 0) == s.moreFragments, p.Has, s.moreFragments)
	check("ports", int(p.SrcPort) == s.srcPort && int(p.DstPort) == s.dstPort && (p.Has&decode.HasPorts != 0) == s.hasPorts,
		[]uint16{p.SrcPort, p.DstPort}, []int{s.srcPort, s.dstPort})
	check("TCP", (p.Has&decode.HasTCP != 0) == s.tcp, p.Has, s.tcp)
	check("timestamps", (p.Has&decode.HasTimestamps != 0) == (s.stamps != nil), p.Has, s.stamps)
	if s.stamps != nil {
		check("timestamps", p.TSVal == s.stamps[0] && p.TSEcr == s.stamps[1], p.TSVal, s.stamps)
	}
	payload := data[p.Payload : p.Payload+p.PayloadCap]
	check("payload", bytes.Equal(payload, s.payload), payload, s.payload)
	return p
}

func TestSlowAgrees(t *testing.T) {
	for _, f := range frames() {
		for cut := range len(f.data) + 1 {
			if f.link != 147 {
				compare(t, f.link, f.data[:cut], uint32(len(f.data)))
				compare(t, f.link, f.data[:cut], uint32(cut))
			}
		}
	}
}

var fuzzLinks = [...]capture.LinkType{1, 101, 113, 276, 229}

func FuzzDecode(f *testing.F) {
	for _, frame := range frames() {
		for i, link := range fuzzLinks {
			if link == frame.link {
				f.Add(byte(i), uint16(0), frame.data)
			}
		}
	}
	for _, data := range [][]byte{
		in4(17, udp(50000, 6081, geneve(7, 0x6558, 252, in4(17, udp(2, 8472, vxlan(1, eth(0x0800, plain))))))),
		in6(60, cat(unhex("04 00 04 01 04 01 01 00"), plain)),
		in4(47, cat(unhex("b000 88be 00000000 0000002a 00000001 1001 0001 00000000"), eth(0x0800, plain))),
		in4(51, cat(unhex("11 04 0000 00000001 00000002 000000000000000000000000"), udp(1, 2, nil))),
		eth(0x8847, cat(unhex("00010140 00000000"), eth(0x0800, plain))),
		eth(0x8864, cat(unhex("1100 0001 0022 0021"), plain)),
	} {
		f.Add(byte(0), uint16(100), data)
	}
	var q decode.Packet
	d := decode.New(decode.Options{}, decode.NewStacks())
	f.Fuzz(func(t *testing.T, link byte, more uint16, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		p := compare(t, fuzzLinks[int(link)%len(fuzzLinks)], data, uint32(len(data))+uint32(more))
		if d.Quote(&p, data, &q) && int(q.Payload+q.PayloadCap) > len(data) {
			t.Errorf("the quote's payload is outside the frame: %+v", q)
		}
		_ = p.Stop.String()
		decode.OuterChecksum(&p, data)
	})
}
