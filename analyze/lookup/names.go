package lookup

import (
	"hash/maphash"

	"github.com/netsift/netsift/analyze/index"
	"github.com/netsift/netsift/analyze/slab"
)

// name is the number of a name in the names; 0 is none. Equal names have equal numbers as long as one of them is held.
type name uint32

// names holds each name once, as long as somebody holds it.
type names struct {
	seed  maphash.Seed
	index index.Index
	heads slab.Slab[nameHead]
	// The texts, by their length: most names have less than 64 bytes, none more than 254 (RFC 1035, section 2.3.4).
	short  slab.Slab[[32]byte]
	medium slab.Slab[[64]byte]
	long   slab.Slab[[128]byte]
	full   slab.Slab[[256]byte]
}

// nameHead leads to a name's text.
type nameHead struct {
	hash       uint64
	text, held uint32
	len        uint8
}

func (x *names) hash(text []byte) uint64 { return maphash.Bytes(x.seed, text) }

// hold returns the number of a name and holds it.
func (x *names) hold(text []byte, hash uint64) name {
	if id := x.index.Find(hash); id != 0 {
		x.heads.At(id).held++
		return name(id)
	}
	id := x.heads.Add()
	h := x.heads.At(id)
	h.hash, h.held, h.len = hash, 1, uint8(len(text))
	switch n := len(text); {
	case n <= 32:
		h.text = x.short.Add()
	case n <= 64:
		h.text = x.medium.Add()
	case n <= 128:
		h.text = x.long.Add()
	default:
		h.text = x.full.Add()
	}
	copy(x.space(h), text)
	x.index.Put(hash, id)
	return name(id)
}

// known returns the number of a name if anybody holds it, else 0.
func (x *names) known(hash uint64) name { return name(x.index.Find(hash)) }

// share holds a name once more.
func (x *names) share(n name) name {
	x.heads.At(uint32(n)).held++
	return n
}

// drop lets go of a name; 0 is none.
func (x *names) drop(n name) {
	if n == 0 {
		return
	}
	h := x.heads.At(uint32(n))
	if h.held--; h.held > 0 {
		return
	}
	x.index.Remove(h.hash)
	switch n := h.len; {
	case n <= 32:
		x.short.Remove(h.text)
	case n <= 64:
		x.medium.Remove(h.text)
	case n <= 128:
		x.long.Remove(h.text)
	default:
		x.full.Remove(h.text)
	}
	x.heads.Remove(uint32(n))
}

// text returns a name in wire form, to be read as long as the name is held.
func (x *names) text(n name) []byte {
	h := x.heads.At(uint32(n))
	return x.space(h)[:h.len:h.len]
}

// hashOf returns the hash of a name.
func (x *names) hashOf(n name) uint64 { return x.heads.At(uint32(n)).hash }

func (x *names) space(h *nameHead) []byte {
	switch n := h.len; {
	case n <= 32:
		return x.short.At(h.text)[:]
	case n <= 64:
		return x.medium.At(h.text)[:]
	case n <= 128:
		return x.long.At(h.text)[:]
	}
	return x.full.At(h.text)[:]
}

// bound says how many there will be at most.
func (x *names) bound(n uint32) {
	x.heads.Bound(n)
	x.short.Bound(n)
	x.medium.Bound(n)
	x.long.Bound(n)
	x.full.Bound(n)
}

func (x *names) release() {
	x.heads.Release()
	x.short.Release()
	x.medium.Release()
	x.long.Release()
	x.full.Release()
}
