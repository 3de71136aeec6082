package lookup

import "bytes"

// goesOn reports whether the resolver may be about to try its next candidate: the current one has no data.
func (l *lookup) goesOn(c *candidate, now int64) bool {
	if c.data > 0 {
		return false
	}
	if c.open == 0 {
		return now-c.end <= searchGap
	}
	return now-l.lastSend >= giveUp
}

// extends: the next name of a search through the list, the one at hand.
func (t *Tracker) extends(l *lookup, c *candidate, name name, now int64) joining {
	for o := t.cand(l.first); o != nil && name != 0; o = t.cand(o.next) {
		if o.name == name {
			// The bare name is asked first or last, never both: a lookup that began with it ended there. The search after it is
			// a lookup of its own. `api.example.com.` followed by `api.example.com` looks so.
			if o.self == l.first && l.cands > 1 && l.base != 0 && int(l.base) == len(t.r.name) {
				return joining{rank: rankSearch, next: true, split: true}
			}
			return joining{}
		}
	}
	asked, before := t.r.name, t.names.text(c.name)
	if l.base != 0 {
		if bytes.HasPrefix(asked, before[:l.base]) && !t.other(c, asked, int(l.base)) {
			return joining{rank: rankSearch, next: true}
		}
		return joining{}
	}
	n := shared(before, asked)
	if n == 0 || t.other(c, asked, n) {
		return joining{}
	}
	before, after := before[n:], asked[n:]
	if len(after) == 0 || len(before) == 0 {
		// Only a search list asks for a name and then for its beginning, or the other way round.
		return joining{rank: rankSearch, next: true, base: n}
	}
	client := t.clients.At(l.client)
	if t.listed(client, before, after) {
		return joining{rank: rankSearch, next: true, base: n}
	}
	if c.open == 0 && now-c.end <= hintGap && t.confirms(client, asked[:n], before, after) {
		return joining{rank: rankHint, next: true, base: n}
	}
	return joining{}
}

// listed reports whether one suffix may follow another in the search list of a client.
func (t *Tracker) listed(c *client, before, after []byte) bool {
	kind, zone := usual(before)
	next, nextZone := usual(after)
	switch kind {
	case ofPods:
		if next == ofServices && bytes.Equal(nextZone, zone) || bytes.Equal(after, zone) {
			return true
		}
	case ofServices:
		if bytes.Equal(after, zone) {
			return true
		}
	}
	return t.knows(c, after) && (t.knows(c, before) || kind != notUsual || bytes.Equal(before, clusterZone))
}

// other reports whether a name may end this search or begin another: `web.default.svc.cluster.local`
// is both. Too early in the search it is the latter.
func (t *Tracker) other(c *candidate, asked []byte, base int) bool {
	if len(asked) != base || t.inOrder(c, asked, base) {
		return false
	}
	n, _ := byNamespace(asked)
	return n != 0
}

// inOrder reports whether a question comes next after the candidate in a cluster's search list; base is the length of
// the name. The order of any other list is not known.
func (t *Tracker) inOrder(c *candidate, asked []byte, base int) bool {
	last := t.names.text(c.name)
	if base > len(last) || base > len(asked) {
		return true
	}
	before, after := last[base:], asked[base:]
	if len(after) == 0 && c.open > 0 {
		return true
	}
	switch kind, zone := usual(before); kind {
	case ofPods:
		rest, ok := bytes.CutPrefix(after, svc)
		return ok && bytes.Equal(rest, zone)
	case ofServices:
		return bytes.Equal(after, zone)
	}
	return true
}

// split makes the candidates after the first a lookup of their own and returns it.
func (t *Tracker) split(l *lookup) *lookup {
	first := t.cands.At(l.first)
	rest := t.cands.At(first.next)
	id := t.lookups.Add()
	n := t.lookups.At(id)
	n.self, n.start, n.label = id, rest.start, l.label
	t.belong(n, t.clients.At(l.client))
	n.first, n.last, n.cands = rest.self, l.last, l.cands-1
	n.base, n.headless, n.mixed = l.base, l.headless, l.mixed
	l.last, l.cands, l.base, first.next = first.self, 1, 0, 0
	t.recount(l)
	t.recount(n)
	t.touch(l, l.active)
	t.touch(n, n.lastSend)
	return n
}

// recount brings the sums of a lookup into line with its candidates.
func (t *Tracker) recount(l *lookup) {
	l.open, l.messages, l.lastSend, l.lastAnswer = 0, 0, 0, 0
	for c := t.cand(l.first); c != nil; c = t.cand(c.next) {
		l.open += int32(c.open)
		l.lastAnswer = max(l.lastAnswer, c.end)
		for q := t.query(c.first); q != nil; q = t.query(q.next) {
			if q.lookup != l.self {
				q.lookup = l.self
			}
			if q.sent != 0 {
				l.messages += 1 + int32(q.resends)
			}
			l.lastSend = max(l.lastSend, q.last, c.start)
		}
	}
}

// asked returns the name that the program asked for: so much of its first candidate's.
func (t *Tracker) askedFor(l *lookup) []byte {
	c := t.cands.At(l.first)
	name := t.names.text(c.name)
	if l.base != 0 {
		return name[:l.base]
	}
	if c.data == 0 && c.open == 0 && t.rcode(c) == rcodeNXDomain {
		// A name that the search list had made would have been followed by its next.
		return name
	}
	leads := t.leading(t.clients.At(l.client))
	if n := cutSuffix(name, leads); n != 0 {
		return name[:n]
	}
	if n, suffix := byNamespace(name); n != 0 {
		if kind, _ := usual(leads); kind != ofPods || bytes.Equal(suffix, leads) {
			return name[:n]
		}
	}
	return name
}

// rcode is the response code that decided: data before errors before silence before the name's absence.
func (t *Tracker) rcode(c *candidate) int {
	code := -1
	for q := t.query(c.first); q != nil; q = t.query(q.next) {
		switch {
		case !q.everAnswered:
			continue
		case q.rcode == rcodeNoError && q.data > 0:
			return rcodeNoError
		case code < 0, q.failed(), code == rcodeNoError && q.rcode == rcodeNXDomain:
			code = int(q.rcode)
		}
	}
	return code
}

// ndots returns the bounds that a search shows for the option, -1 for none.
func (t *Tracker) ndots(l *lookup) (least, most int) {
	if l.cands < 2 || l.base == 0 {
		return -1, -1
	}
	name := t.names.text(t.cands.At(l.first).name)
	dots := labels(name[:l.base]) - 1
	if len(name) == int(l.base) {
		return -1, dots
	}
	return dots + 1, -1
}
