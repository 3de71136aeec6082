package terse

// The ways to make a new track, each from another one.
const (
	fromChild = iota // what was new behind the base of a frame before, with what is different of that frame
	fromNext         // what followed that base, in the same way
	fromTrack        // the track of a frame before
	fromAfter        // what followed that one
	fromKin          // any track, by its number
	fromNone         // nothing is like it
)

// tried is how many frames before are looked at for what a new track could be made from.
const tried = 8

// candidate returns the track that a new one could be made from, and appends to dst the header that is foretold; none where there is none.
func (c *codec) candidate(dst []byte, kind byte, k int) (int32, []byte) {
	back := c.back(k)
	if back == nil {
		return none, dst
	}
	s := &c.list[back.track]
	switch kind {
	case fromTrack:
		return back.track, append(dst, s.header...)
	case fromAfter:
		if x := c.tracks.at(s.next); x != nil {
			return s.next, append(dst, x.header...)
		}
		return none, dst
	}
	b := c.tracks.at(s.base)
	if b == nil {
		return none, dst
	}
	n := b.child
	if kind == fromNext {
		n = b.next
	}
	x := c.tracks.at(n)
	if x == nil {
		return none, dst
	}
	return n, substituted(dst, x, b, s)
}

// fresh codes a new track. from is the frame before that shows the same packet.
func (c *codec) fresh(from int, f *Frame) int32 {
	kind, k, n, base := byte(fromNone), 0, 0, none
	if !c.read {
		kind, k, base = c.base(from, f)
	}
	kind = c.byte(colBase, kind)
	iface, link := f.Interface, f.Link
	switch {
	case kind == fromKin:
		base = c.numbered(base)
		x := c.tracks.at(base)
		if x == nil {
			c.bad = true
			return none
		}
		c.best = append(c.best[:0], x.header...)
	case kind < fromKin:
		if k = int(c.byte(colBack, byte(k))); k >= window {
			c.bad = true
			return none
		}
		if base, c.best = c.candidate(c.best[:0], kind, k); base == none {
			c.bad = true
			return none
		}
	default:
		if n = int(c.number(colLength, uint64(len(c.header)))); n > maxHeader {
			c.bad = true
			return none
		}
		c.best = append(c.best[:0], c.bytes(colHeader, c.header, n)...)
		iface = uint32(c.number(colLength, uint64(iface)))
		link = uint16(c.number(colLength, uint64(link)))
	}
	if base != none {
		iface, link = c.list[base].iface, c.list[base].link
		c.changes()
	}
	if c.bad {
		return none
	}
	made := c.add(c.best, iface, link, base)
	if c.list[made].len != len(c.best) { // it was not made by this code
		c.bad = true
		return none
	}
	c.parent(made, from)
	return made
}

// changes codes in what bytes the header to be coded differs from that in c.best.
func (c *codec) changes() {
	n := 0
	if !c.read {
		n = differing(c.header, c.best, len(c.best))
	}
	n = int(c.number(colChanges, uint64(n)))
	at := 0
	for range n {
		gap := 0
		if !c.read {
			for c.header[at+gap] == c.best[at+gap] {
				gap++
			}
		}
		at += int(c.byte(colPlace, byte(gap)))
		if at >= len(c.best) || c.bad {
			c.bad = true
			return
		}
		x := byte(0)
		if !c.read {
			x = c.header[at] ^ c.best[at]
		}
		c.best[at] ^= c.byte(colChange, x)
		at++
	}
}

// base chooses what a new track is made from.
func (c *codec) base(from int, f *Frame) (kind byte, k int, base int32) {
	kind, base = fromNone, none
	least := len(c.header)/2 + 1
	try := func(candidate byte, j int) {
		if least == 0 {
			return
		}
		n, b := c.candidate(c.guess[:0], candidate, j)
		c.guess = b
		if n == none || len(b) != len(c.header) || c.list[n].iface != f.Interface || c.list[n].link != f.Link {
			return
		}
		if d := differing(b, c.header, least); d < least {
			kind, k, base, least = candidate, j, n, d
		}
	}
	if from != noBack {
		for candidate := byte(fromChild); candidate <= fromAfter; candidate++ {
			try(candidate, from)
		}
	}
	for j := 0; j < tried && least > 2; j++ {
		try(fromChild, j)
		try(fromTrack, j)
	}
	_, kin, place := keys(c.header, &c.scratch, f.Interface)
	for _, x := range [2]struct {
		by  map[uint64]int32
		key uint64
	}{{c.byKin, kin}, {c.byPlace, place}} {
		n, ok := x.by[x.key]
		if !ok || least <= 2 {
			continue
		}
		t := &c.list[n]
		if len(t.header) == len(c.header) && t.iface == f.Interface && t.link == f.Link {
			if d := differing(t.header, c.header, least); d+2 < least {
				kind, base, least = fromKin, n, d+2
			}
		}
	}
	return kind, k, base
}

// differing counts the bytes in which a and b, which are as long, differ, up to most.
func differing(a, b []byte, most int) (n int) {
	for i := range a {
		if a[i] != b[i] {
			if n++; n >= most {
				return n
			}
		}
	}
	return n
}

// parent notes behind which track a new one came: a sighting of the same packet, or else the last one of its own conversation.
func (c *codec) parent(n int32, from int) {
	if from != noBack {
		c.list[c.back(from).track].child = n
		return
	}
	t := &c.list[n]
	for k := range window {
		s := c.back(k)
		if s == nil {
			return
		}
		if p := &c.list[s.track]; p.flow == t.reply || p.flow == t.flow {
			p.child = n
			return
		}
	}
}
