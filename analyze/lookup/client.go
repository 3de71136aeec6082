package lookup

import "github.com/netsift/netsift/decode/wire"

const (
	// maxClients without a lookup in progress are remembered.
	maxClients = 1 << 14
	// maxSuffixes of a client's search list are remembered; kubelet allows 32 domains (validation.MaxDNSSearchPaths).
	maxSuffixes = 32
	// maxHints of searches whose suffixes are not known yet.
	maxHints = 8
)

// client holds the facts learned from earlier lookups of an address.
type client struct {
	addr wire.Addr
	hash uint64
	self uint32
	// lookups is the one that began last, held counts them and their queries.
	lookups, held uint32
	// list are its search list, hints what may become one.
	list, hints uint32
	// near counts A and AAAA questions from one socket whose ids are near each other as musl's are, far the others.
	near, far  uint32
	prev, next uint32
	isIdle     bool
	// serves says that it answers DNS queries.
	serves bool
}

// searchList are the suffixes that were seen in searches.
type searchList struct {
	names [maxSuffixes]name
	n     uint32
	// leads has a bit for each that searches began with.
	leads uint32
}

// hints are pairs of unknown suffixes that one name was asked with, one after the other. The same pair with
// another name makes them a search list.
type hints struct {
	pairs [maxHints]hint
	n     uint32
}

type hint struct{ base, before, after name }

// knows reports whether a suffix is in the client's search list.
func (t *Tracker) knows(c *client, suffix []byte) bool {
	if c.list == 0 {
		return false
	}
	n, l := t.names.known(t.names.hash(suffix)), t.searches.At(c.list)
	if n == 0 {
		return false
	}
	for _, have := range l.names[:l.n] {
		if have == n {
			return true
		}
	}
	return false
}

// learnSuffix remembers a suffix of a search.
func (t *Tracker) learnSuffix(c *client, suffix []byte, leads bool) {
	if c.list == 0 {
		c.list = t.searches.Add()
	}
	l, hash := t.searches.At(c.list), t.names.hash(suffix)
	bit := uint32(0)
	if leads {
		bit = 1
	}
	if n := t.names.known(hash); n != 0 {
		for i, have := range l.names[:l.n] {
			if have == n {
				l.leads |= bit << i
				return
			}
		}
	}
	if l.n < maxSuffixes && t.names.heads.Len() <= t.limits.names {
		l.names[l.n] = t.names.hold(suffix, hash)
		l.leads |= bit << l.n
		l.n++
	}
}

// leading returns the suffix that the client's searches begin with, nil if that is not known.
func (t *Tracker) leading(c *client) []byte {
	if c.list == 0 {
		return nil
	}
	l := t.searches.At(c.list)
	for i, n := range l.names[:l.n] {
		if l.leads>>i&1 != 0 {
			return t.names.text(n)
		}
	}
	return nil
}

// confirms notes that base was asked with two unknown suffixes in a row. It reports whether another name was before.
func (t *Tracker) confirms(c *client, base, before, after []byte) bool {
	if c.hints == 0 {
		c.hints = t.hints.Add()
	}
	h := t.hints.At(c.hints)
	hold := func(text []byte) name { return t.names.hold(text, t.names.hash(text)) }
	this := hint{hold(base), hold(before), hold(after)}
	for _, o := range h.pairs[:h.n] {
		if o.before == this.before && o.after == this.after {
			t.forgetHint(this)
			return o.base != this.base
		}
	}
	if t.names.heads.Len() > t.limits.names {
		t.forgetHint(this)
		return false
	}
	if h.n == maxHints {
		t.forgetHint(h.pairs[0])
		copy(h.pairs[:], h.pairs[1:])
		h.n--
	}
	h.pairs[h.n] = this
	h.n++
	return false
}

func (t *Tracker) forgetHint(h hint) {
	t.names.drop(h.base)
	t.names.drop(h.before)
	t.names.drop(h.after)
}

// clientOf returns the client record of an address that begins a lookup.
func (t *Tracker) clientOf(a wire.Addr) *client {
	hash := t.seed.addr(a, 0)
	if id := t.byAddr.Find(hash); id != 0 {
		c := t.clients.At(id)
		if c.isIdle {
			t.rouse(c)
		}
		return c
	}
	id := t.clients.Add()
	c := t.clients.At(id)
	c.self, c.addr, c.hash = id, a, hash
	_, c.serves = t.servers[a]
	t.byAddr.Put(hash, id)
	return c
}

// client returns the client record of an address, nil where there is none.
func (t *Tracker) client(a wire.Addr) *client {
	if id := t.byAddr.Find(t.seed.addr(a, 0)); id != 0 {
		return t.clients.At(id)
	}
	return nil
}

// release lets go of a client, and forgets those that have been idle longest.
func (t *Tracker) release(c *client) {
	if c.held--; c.held > 0 {
		return
	}
	c.isIdle, c.prev, c.next = true, t.idle.tail, 0
	if c.prev != 0 {
		t.clients.At(c.prev).next = c.self
	} else {
		t.idle.head = c.self
	}
	t.idle.tail = c.self
	t.idle.n++
	for t.idle.n > t.limits.clients || t.idle.n > 0 && t.names.heads.Len() > t.limits.names {
		old := t.clients.At(t.idle.head)
		t.rouse(old)
		t.byAddr.Remove(old.hash)
		if old.list != 0 {
			l := t.searches.At(old.list)
			for _, n := range l.names[:l.n] {
				t.names.drop(n)
			}
			t.searches.Remove(old.list)
		}
		if old.hints != 0 {
			h := t.hints.At(old.hints)
			for _, p := range h.pairs[:h.n] {
				t.forgetHint(p)
			}
			t.hints.Remove(old.hints)
		}
		t.clients.Remove(old.self)
	}
}

// rouse takes a client off the idle ones.
func (t *Tracker) rouse(c *client) {
	if c.prev != 0 {
		t.clients.At(c.prev).next = c.next
	} else {
		t.idle.head = c.next
	}
	if c.next != 0 {
		t.clients.At(c.next).prev = c.prev
	} else {
		t.idle.tail = c.prev
	}
	c.isIdle, c.prev, c.next = false, 0, 0
	t.idle.n--
}
