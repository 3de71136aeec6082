package lookup

import (
	"net/netip"
)

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
	addr    netip.Addr
	lookups *lookup
	// suffixes were seen in searches, with the first place they had.
	suffixes []suffix
	// hints are pairs of unknown suffixes that one name was asked with, one after the other. The same pair with
	// another name makes them a search list.
	hints []hint
	// pairs counts A and AAAA questions from one socket whose ids are near each other as musl's are, and others.
	near, far int

	isIdle     bool
	prev, next *client
}

type suffix struct {
	name string
	// leads is set if searches began with it.
	leads bool
}

type hint struct{ base, before, after string }

// knows reports whether a suffix is in the client's search list.
func (c *client) knows(name string) bool {
	for i := range c.suffixes {
		if c.suffixes[i].name == name {
			return true
		}
	}
	return false
}

// learn remembers the suffixes of a search.
func (c *client) learn(name string, leads bool) {
	for i := range c.suffixes {
		if c.suffixes[i].name == name {
			c.suffixes[i].leads = c.suffixes[i].leads || leads
			return
		}
	}
	if len(c.suffixes) < maxSuffixes {
		c.suffixes = append(c.suffixes, suffix{name, leads})
	}
}

// leading returns the suffix that the client's searches begin with, "" if that is not known.
func (c *client) leading() string {
	for i := range c.suffixes {
		if c.suffixes[i].leads {
			return c.suffixes[i].name
		}
	}
	return ""
}

// confirms notes that base was asked with two unknown suffixes in a row. It reports whether another name was before.
func (c *client) confirms(base, before, after string) bool {
	for _, h := range c.hints {
		if h.before == before && h.after == after {
			return h.base != base
		}
	}
	if len(c.hints) == maxHints {
		c.hints = append(c.hints[:0], c.hints[1:]...)
	}
	c.hints = append(c.hints, hint{base, before, after})
	return false
}

// clientList is the idle clients, the longest idle first.
type clientList struct {
	head, tail *client
	n          int
}

func (s *clientList) push(c *client) {
	c.isIdle, c.prev, c.next = true, s.tail, nil
	if s.tail != nil {
		s.tail.next = c
	} else {
		s.head = c
	}
	s.tail = c
	s.n++
}

func (s *clientList) remove(c *client) {
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		s.head = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	} else {
		s.tail = c.prev
	}
	c.isIdle, c.prev, c.next = false, nil, nil
	s.n--
}

// clientOf returns the client record of an address that begins a lookup.
func (t *Tracker) clientOf(a netip.Addr) *client {
	c := t.clients[a]
	if c == nil {
		c = &client{addr: a}
		t.clients[a] = c
	} else if c.isIdle {
		t.idle.remove(c)
	}
	return c
}

// release forgets clients that have been idle longest.
func (t *Tracker) release(c *client) {
	if c.lookups != nil || c.isIdle {
		return
	}
	t.idle.push(c)
	for t.idle.n > t.limits.clients {
		old := t.idle.head
		t.idle.remove(old)
		delete(t.clients, old.addr)
	}
}

// pair counts the ids of a pair of questions from one socket.
func (c *client) pair(near bool) {
	if near {
		c.near++
	} else {
		c.far++
	}
}
