package cluster

import (
	"iter"
	"math"
)

// table is what is known by key. A stream goes on for days, and its addresses change: so of many entries those are forgotten that nothing was
// learned of for the longest time. They are in two halves. When the young one is full it becomes the old one, whose entries go back
// to the young one with what is learned of them, or are gone when that is full again.
type table[K comparable, V any] struct {
	young, old map[K]V
	// below has the entries of the table that this one was laid over. They are only read.
	below *table[K, V]
	// room is how many entries a half has.
	room int
}

func newTable[K comparable, V any](room int) table[K, V] {
	return table[K, V]{young: map[K]V{}, room: room}
}

// above returns a table that has t's entries and is changed without changing t, as long as t stays as it is. It forgets nothing.
func (t *table[K, V]) above() table[K, V] {
	return table[K, V]{young: map[K]V{}, below: t, room: math.MaxInt}
}

// find returns an entry, and whether there is one.
func (t *table[K, V]) find(key K) (v V, ok bool) {
	for ; t != nil; t = t.below {
		if v, ok = t.young[key]; ok {
			return v, true
		}
		if v, ok = t.old[key]; ok {
			return v, true
		}
	}
	return v, false
}

// get returns an entry, the zero value where there is none.
func (t *table[K, V]) get(key K) V {
	v, _ := t.find(key)
	return v
}

// set enters what is known by a key. It returns the old half where that is forgotten; what of it is in the young half as well is not.
func (t *table[K, V]) set(key K, v V) (gone map[K]V) {
	if len(t.young) >= t.room {
		if _, ok := t.young[key]; !ok {
			t.young, t.old, gone = map[K]V{}, t.young, t.old
		}
	}
	t.young[key] = v
	return gone
}

// change changes an entry, or makes one.
func (t *table[K, V]) change(key K, set func(*V)) {
	v := t.get(key)
	set(&v)
	t.set(key, v)
}

// all returns the entries, in any order.
func (t *table[K, V]) all() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		var later []map[K]V
		for x := t; x != nil; x = x.below {
			for _, half := range []map[K]V{x.young, x.old} {
				for key, v := range half {
					if !hasKey(later, key) && !yield(key, v) {
						return
					}
				}
				later = append(later, half)
			}
		}
	}
}

// hasKey reports whether one of several maps has a key.
func hasKey[K comparable, V any](all []map[K]V, key K) bool {
	for _, m := range all {
		if _, ok := m[key]; ok {
			return true
		}
	}
	return false
}
