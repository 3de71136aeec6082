package decode_test

import (
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// frames are one of each kind, for tests that want variety and no particular one.
func frames() map[string]struct {
	link capture.LinkType
	data []byte
} {
	const stamps = "0101080a 0000000b 0000000c"
	inner := eth(0x0800, ip4(6, tcp(stamps, []byte("GET / HTTP/1.1"))))
	type frame = struct {
		link capture.LinkType
		data []byte
	}
	return map[string]frame{
		"tcp":        {1, eth(0x0800, ip4(6, tcp(stamps, []byte("GET / HTTP/1.1"))))},
		"tcp_sll2":   {276, sll2(0x0800, 4, ip4(6, tcp(stamps, nil)))},
		"tcp6":       {276, sll2(0x86dd, 0, ip6(6, tcp(stamps, nil)))},
		"syn":        {113, sll(0x0800, 0, ip4(6, tcp("020405b4 0402 080a0000000b00000000 01 030307", nil)))},
		"udp":        {1, eth(0x8100, vlan(100, 0x0800, plain))},
		"arp":        {1, eth(0x0806, make([]byte, 28))},
		"llc":        {1, eth(8+len(plain), cat(unhex("aaaa03 000000 0800"), plain))},
		"vxlan":      {1, in4(17, udp(50000, 8472, vxlan(1, inner)))},
		"vxlan6":     {1, in6(17, udp(50000, 4789, vxlan(1, inner)))},
		"geneve":     {1, in4(17, udp(50000, 6081, geneve(1, 0x6558, 28, inner)))},
		"ipip":       {276, sll2(0x0800, 4, ip4of(node4, other4, 4, ip4(6, tcp(stamps, nil))))},
		"gre":        {1, in4(47, cat(unhex("2000 6558 0000002a"), inner))},
		"fragment":   {101, set(plain, 6, "00b9")},
		"icmp_error": {101, ip4(1, icmp(3, 4, "0000 0578", plain))},
		"cut":        {1, in4(17, udp(50000, 8472, vxlan(1, inner)))[:60]},
		"empty":      {1, nil},
		"unknown":    {147, inner},
	}
}

// A reused Packet must not keep old values: every field is as in a fresh one, except those that the caller sets.
func TestReuse(t *testing.T) {
	d := decode.New(decode.Options{}, decode.NewStacks())
	for name, f := range frames() {
		var fresh, reused, quote, requote decode.Packet
		for _, p := range []*decode.Packet{&reused, &requote} {
			for i := range unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p)) {
				unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p))[i] = 0xa5
			}
		}
		fresh.Time, fresh.Frame, fresh.Interface = reused.Time, reused.Frame, reused.Interface
		d.Decode(&fresh, f.link, f.data, uint32(len(f.data)))
		d.Decode(&reused, f.link, f.data, uint32(len(f.data)))
		if diff := cmp.Diff(fresh, reused); diff != "" {
			t.Errorf("%s: (-fresh +reused)\n%s", name, diff)
		}
		if d.Quote(&fresh, f.data, &quote) && d.Quote(&fresh, f.data, &requote) && quote != requote {
			t.Errorf("%s: quote (-fresh +reused)\n%s", name, cmp.Diff(quote, requote))
		}
	}
}

func TestAllocations(t *testing.T) {
	d := decode.New(decode.Options{}, decode.NewStacks())
	var p, q decode.Packet
	for name, f := range frames() {
		n := testing.AllocsPerRun(100, func() {
			d.Decode(&p, f.link, f.data, uint32(len(f.data)))
			d.Quote(&p, f.data, &q)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// The size is a budget: a million packets in flight should not grow by accident.
func TestPacketSize(t *testing.T) {
	if n := unsafe.Sizeof(decode.Packet{}); n > 160 {
		t.Errorf("a Packet has %d bytes", n)
	}
}

func TestStacksFull(t *testing.T) {
	stacks := decode.NewStacks()
	d := decode.New(decode.Options{}, stacks)
	var p decode.Packet
	frame := in4(4, plain)
	for i := range 1<<16 + 10 {
		copy(frame[14+12:], []byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)})
		d.Decode(&p, 1, frame, uint32(len(frame)))
	}
	if p.Stack != 0 || !p.Encaps.Has(decode.Encap4in4) || p.Src != addr(pod4) {
		t.Errorf("stack %d, encapsulations %b", p.Stack, p.Encaps)
	}
}
