package sight

import (
	"testing"
	"unsafe"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

func packet(src, dst uint32, sport, dport uint16) *decode.Packet {
	return &decode.Packet{
		Network: decode.NetIPv4, Proto: wire.ProtoTCP, Has: decode.HasPorts, TTL: 64,
		Src: wire.Addr4(src), Dst: wire.Addr4(dst), SrcPort: sport, DstPort: dport,
	}
}

func TestTupleOf(t *testing.T) {
	a, forward := TupleOf(packet(0x0af40105, 0x0a600032, 33000, 80))
	b, back := TupleOf(packet(0x0a600032, 0x0af40105, 80, 33000))
	if a != b || forward == back {
		t.Errorf("both directions must share a tuple and differ in direction: %v %v, %v %v", a, forward, b, back)
	}
	c, _ := TupleOf(packet(0x0af40105, 0x0af40105, 33000, 8080))
	d, _ := TupleOf(packet(0x0af40105, 0x0af40105, 8080, 33000))
	if c != d {
		t.Error("a pod that talks to itself has one tuple, whichever way")
	}
}

// lead returns the packet's lead in table, seen in a capture of node 0.
func lead(table *Table, p *decode.Packet) *Lead {
	var l Lead
	table.Leader(Origin{}, decode.NewStacks()).Lead(&l, p, nil, false)
	return &l
}

func TestTable(t *testing.T) {
	table := NewTable()
	p := packet(0x0af40105, 0x0a600032, 33000, 80)
	k := lead(table, p).KeyOf(p, 0)
	old := table.Add(k)
	see := func(id LegID) ViewID {
		v, _ := table.See(id, p, &Origin{}, lead(table, p))
		return v
	}
	p.Interface, p.Direction = 5, decode.DirIn
	first := see(old)
	if see(old) != first {
		t.Error("the same interface and direction are one view")
	}
	p.Interface = 3
	if see(old) == first {
		t.Error("another interface is another view")
	}
	// The port is used again: a new leg answers to the key, the old one lives on until it is removed.
	young := table.Add(k)
	if table.Find(p, 0, lead(table, p)) != young {
		t.Error("the new leg must answer to the key")
	}
	table.Remove(old)
	if table.Find(p, 0, lead(table, p)) != young {
		t.Error("removing the old leg must leave the new one")
	}
	if id := table.Add(Key{Node: 1}); id != old {
		t.Errorf("a removed leg's place is used again: got %d, want %d", id, old)
	}
	if table.Leg(old).Views != 0 {
		t.Error("a new leg begins without views")
	}
}

func TestTableBoundsViews(t *testing.T) {
	table := NewTable()
	p := packet(0x0af40105, 0x0a600032, 33000, 80)
	id := table.Add(lead(table, p).KeyOf(p, 0))
	for range 2 {
		for i := range uint32(1000) {
			p.Interface = i
			v, _ := table.See(id, p, &Origin{}, lead(table, p))
			if (v != 0) != (i < MaxViews) || v != 0 && table.View(v).Interface != i {
				t.Fatalf("interface %d: view %d", i, v)
			}
		}
	}
	l := table.Leg(id)
	if l.NViews != MaxViews || l.Frames != 2000 || l.Overflow != 2*(1000-MaxViews) {
		t.Errorf("got %d views, %d frames, %d beyond", l.NViews, l.Frames, l.Overflow)
	}
}

// TestLayout: what every packet touches begins and ends with a cache line.
func TestLayout(t *testing.T) {
	if n := unsafe.Sizeof(Leg{}); n != 128 {
		t.Errorf("a leg takes %d bytes", n)
	}
	if n := unsafe.Sizeof(View{}); n != 128 {
		t.Errorf("a view takes %d bytes", n)
	}
}

// BenchmarkSee is a further sighting in a known view, the commonest packet of all.
func BenchmarkSee(b *testing.B) {
	table := NewTable()
	p := packet(0x0af40105, 0x0a600032, 33000, 80)
	p.Has |= decode.HasTCP
	p.PayloadLen = 1448
	table.Add(lead(table, p).KeyOf(p, 0))
	x := table.Leader(Origin{}, decode.NewStacks())
	var l Lead
	b.ReportAllocs()
	for i := range b.N {
		p.Seq += 1448
		p.IPID = uint32(i & 0xffff)
		x.Lead(&l, p, nil, false)
		table.See(table.Find(p, 0, &l), p, &Origin{}, &l)
	}
}
