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

// newTable returns a table whose memory is given back when the test ends.
func newTable(t testing.TB) *Table {
	table := NewTable()
	t.Cleanup(table.Release)
	return table
}

// lead returns the packet's lead in table, seen in a capture of node 0.
func lead(table *Table, p *decode.Packet) *Lead {
	var l Lead
	table.Leader(Origin{}, decode.NewStacks()).Lead(&l, p, nil, false)
	return &l
}

func TestTable(t *testing.T) {
	table := newTable(t)
	p := packet(0x0af40105, 0x0a600032, 33000, 80)
	k := KeyOf(p, 0, 0)
	old := table.Add(k, 7)
	p.Interface, p.Direction = 5, decode.DirIn
	if table.Seen(lead(table, p)) != 0 {
		t.Error("a leg begins without views")
	}
	first := table.AddView(old, p, &Origin{}, lead(table, p))
	if got := table.Seen(lead(table, p)); got != first || table.View(first).Leg != old || table.View(first).Owner != 7 {
		t.Errorf("the same interface and direction are view %d, not %d, and lead to leg and owner: %+v", first, got, table.View(first))
	}
	p.Interface = 3
	if table.Seen(lead(table, p)) != 0 {
		t.Error("another interface is another view")
	}
	guessed := lead(table, p)
	p.Interface = 5
	known := lead(table, p)
	x := table.Leader(Origin{}, decode.NewStacks())
	leads := []Lead{*guessed, *known}
	x.Guess(leads)
	guessed, known = &leads[0], &leads[1]
	if guessed.guess != 0 || known.guess != first || table.Seen(known) != first {
		t.Errorf("guessed %d and %d, want 0 and %d", guessed.guess, known.guess, first)
	}
	// The port is used again: a new leg answers to the key, the old one lives on until it is removed.
	p.Interface = 5
	young := table.Add(k, 8)
	if table.Find(lead(table, p)) != young {
		t.Error("the new leg must answer to the key")
	}
	if table.Seen(lead(table, p)) != 0 || table.Seen(known) != 0 {
		t.Error("what passes belongs to the new leg, which has no views yet, whatever was guessed")
	}
	second := table.AddView(young, p, &Origin{}, lead(table, p))
	table.Remove(old)
	if table.Find(lead(table, p)) != young || table.Seen(lead(table, p)) != second {
		t.Error("removing the old leg must leave the new one and its views")
	}
	if id := table.Add(Key{Node: 1}, 9); id != old {
		t.Errorf("a removed leg's place is used again: got %d, want %d", id, old)
	}
	if table.Leg(old).Views != 0 {
		t.Error("a new leg begins without views")
	}
	if table.Latest(&k.Tuple) != young {
		t.Error("the latest leg with the tuple is the new one")
	}
	elsewhere := k
	elsewhere.Node = 2
	other := table.Add(elsewhere, 10)
	if got := table.Latest(&k.Tuple); got != other {
		t.Errorf("the latest leg with the tuple is %d, on whichever node, not %d", other, got)
	}
	table.Remove(other)
	if got := table.Latest(&k.Tuple); got != 0 {
		t.Errorf("the latest leg with the tuple is gone: got %d", got)
	}
	table.Remove(young)
	if legs, views, _ := table.Sizes(); legs != 1 || views != 0 || table.places.used != 0 {
		t.Errorf("%d legs and %d views are left, %d views in the index", legs, views, table.places.used)
	}
}

func TestTableBoundsViews(t *testing.T) {
	table := newTable(t)
	p := packet(0x0af40105, 0x0a600032, 33000, 80)
	id := table.Add(KeyOf(p, 0, 0), 0)
	for range 2 {
		for i := range uint32(1000) {
			p.Interface = i
			v := table.Seen(lead(table, p))
			if v == 0 {
				v = table.AddView(id, p, &Origin{}, lead(table, p))
			}
			if (v != 0) != (i < MaxViews) || v != 0 && table.View(v).Interface != i {
				t.Fatalf("interface %d: view %d", i, v)
			}
		}
	}
	if l := table.Leg(id); l.NViews != MaxViews || l.Overflow != 2*(1000-MaxViews) {
		t.Errorf("got %d views, %d frames beyond", l.NViews, l.Overflow)
	}
}

// TestLayout: state that every packet touches fills whole cache lines.
func TestLayout(t *testing.T) {
	if n := unsafe.Sizeof(View{}); n != 128 {
		t.Errorf("a view takes %d bytes", n)
	}
}

// BenchmarkSee is a further sighting in a known view, the commonest packet of all.
func BenchmarkSee(b *testing.B) {
	table := newTable(b)
	p := packet(0x0af40105, 0x0a600032, 33000, 80)
	p.Has |= decode.HasTCP
	p.PayloadLen = 1448
	table.AddView(table.Add(KeyOf(p, 0, 0), 0), p, &Origin{}, lead(table, p))
	x := table.Leader(Origin{}, decode.NewStacks())
	var l Lead
	b.ReportAllocs()
	for i := range b.N {
		p.Seq += 1448
		p.IPID = uint32(i & 0xffff)
		x.Lead(&l, p, nil, false)
		table.See(table.Seen(&l), p)
	}
}
