package sight

import (
	"testing"

	"github.com/netsift/netsift/decode/wire"
)

// find looks up a leg by its key.
func find(table *Table, k Key) LegID {
	return table.Find(&Lead{leg: k.hash(table.seed)})
}

// FuzzIndex: the index does what a map does.
func FuzzIndex(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x83\x81\x01\x01\x82"))
	f.Fuzz(func(t *testing.T, ops []byte) {
		table := newTable(t)
		table.ids.slots = table.ids.slots[:4] // small, so that it fills, grows and wraps around
		want := map[Key]LegID{}
		for _, op := range ops {
			k := Key{Tuple: Tuple{A: wire.Addr4(uint32(op & 31)), B: wire.Addr4(99), APort: uint16(op >> 5 & 1)}}
			if op&0x80 == 0 {
				want[k] = table.Add(k, 0)
			} else if id, ok := want[k]; ok {
				table.Remove(id)
				delete(want, k)
			}
			for i := range uint32(32) {
				for port := range uint16(2) {
					k := Key{Tuple: Tuple{A: wire.Addr4(i), B: wire.Addr4(99), APort: port}}
					if got := find(table, k); got != want[k] {
						t.Fatalf("key %d:%d leads to %d, want %d", i, port, got, want[k])
					}
				}
			}
			if table.ids.used != len(want) {
				t.Fatalf("%d keys, want %d", table.ids.used, len(want))
			}
		}
	})
}

func TestIndexGrows(t *testing.T) {
	table := newTable(t)
	const n = 10_000
	key := func(i uint32) Key { return Key{Tuple: Tuple{A: wire.Addr4(i), B: wire.Addr4(i * 7)}, Node: uint16(i)} }
	for i := range uint32(n) {
		table.Add(key(i), 0)
	}
	for i := range uint32(n) {
		if find(table, key(i)) != LegID(i+1) {
			t.Fatalf("leg %d is lost", i)
		}
	}
	for i := uint32(0); i < n; i += 2 {
		table.Remove(find(table, key(i)))
	}
	for i := range uint32(n) {
		if got := find(table, key(i)); (got != 0) != (i%2 == 1) {
			t.Fatalf("leg %d: found %d", i, got)
		}
	}
}
