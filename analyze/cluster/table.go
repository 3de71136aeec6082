package cluster

import "iter"

// table is what is known by key. A stream goes on for days, and its addresses change: so of many entries those are forgotten that nothing was
// learned of for the longest time. They are in two halves. When the young one is full it becomes the old one, whose entries go back
// to the young one with what is learned of them, or are gone when that is full again.
type table[K comparable, V any] struct {
	young, old map[K]*V
	// below has the entries of the table that this one was laid over. They are only read.
	below *table[K, V]
	// room is how many entries a half has, turns how often the young one became the old one.
	room, turns int
}

func newTable[K comparable, V any](room int) table[K, V] {
	return table[K, V]{young: map[K]*V{}, room: room}
}

// above returns a table that has t's entries and is changed without changing t, as long as t stays as it is.
func (t *table[K, V]) above() table[K, V] {
	return table[K, V]{young: map[K]*V{}, below: t, room: t.room, turns: t.turns}
}

// find returns an entry, to be read only; nil where there is none.
func (t *table[K, V]) find(key K) *V {
	for ; t != nil; t = t.below {
		if v := t.young[key]; v != nil {
			return v
		}
		if v := t.old[key]; v != nil {
			return v
		}
	}
	return nil
}

// get returns an entry, the zero value where there is none.
func (t *table[K, V]) get(key K) (v V) {
	if known := t.find(key); known != nil {
		v = *known
	}
	return v
}

// enter enters what is known by a key that the young half does not have.
func (t *table[K, V]) enter(key K, v *V) {
	if len(t.young) >= t.room {
		t.young, t.old = map[K]*V{}, t.young
		t.turns++
	}
	t.young[key] = v
}

// change changes an entry, or makes one.
func (t *table[K, V]) change(key K, set func(*V)) {
	v := t.young[key]
	if v == nil {
		v = new(V)
		*v = t.get(key)
		t.enter(key, v)
	}
	set(v)
}

// all returns the entries, to be read only, in any order.
func (t *table[K, V]) all() iter.Seq2[K, *V] {
	return func(yield func(K, *V) bool) {
		var later []map[K]*V
		for x := t; x != nil; x = x.below {
			for _, half := range []map[K]*V{x.young, x.old} {
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
