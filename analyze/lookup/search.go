package lookup

import (
	"strings"
)

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

// extends: the next name of a search through the list.
func (l *lookup) extends(c *candidate, q *query, now int64) joining {
	for i := range l.cands {
		if l.cands[i].name == q.name {
			// The bare name is asked first or last, never both: a lookup that began with it ended there. The search after it is
			// a lookup of its own. `api.example.com.` followed by `api.example.com` looks so.
			if i == 0 && len(l.cands) > 1 && l.base == q.name {
				return joining{rank: rankSearch, next: true, split: true}
			}
			return joining{}
		}
	}
	if l.base != "" {
		if strings.HasPrefix(q.name, l.base) && !l.other(c, q, len(l.base)) {
			return joining{rank: rankSearch, next: true}
		}
		return joining{}
	}
	n := shared(c.name, q.name)
	if n == 0 {
		return joining{}
	}
	base, before, after := q.name[:n], c.name[n:], q.name[n:]
	if l.other(c, q, n) {
		return joining{}
	}
	if after == "" || before == "" {
		// Only a search list asks for a name and then for its beginning, or the other way round.
		return joining{rank: rankSearch, next: true, base: base}
	}
	if listed(l.client, before, after) {
		return joining{rank: rankSearch, next: true, base: base}
	}
	if c.open == 0 && now-c.end <= hintGap && l.client.confirms(base, before, after) {
		return joining{rank: rankHint, next: true, base: base}
	}
	return joining{}
}

// listed reports whether one suffix may follow another in the search list of a client.
func listed(c *client, before, after string) bool {
	kind, zone := usual(before)
	next, nextZone := usual(after)
	switch kind {
	case ofPods:
		if next == ofServices && nextZone == zone || after == zone {
			return true
		}
	case ofServices:
		if after == zone {
			return true
		}
	}
	return c.knows(after) && (c.knows(before) || kind != notUsual || before == clusterZone)
}

// other reports whether a name may end this search or begin another: `web.default.svc.cluster.local`
// is both. Too early in the search it is the latter.
func (l *lookup) other(c *candidate, q *query, base int) bool {
	if len(q.name) != base || l.inOrder(c, q, base) {
		return false
	}
	_, _, ok := byNamespace(q.name)
	return ok
}

// inOrder reports whether a question comes next after the candidate in a cluster's search list; base is the length of
// the name. The order of any other list is not known.
func (l *lookup) inOrder(c *candidate, q *query, base int) bool {
	if base > len(c.name) || base > len(q.name) {
		return true
	}
	before, after := c.name[base:], q.name[base:]
	if after == "" && c.open > 0 {
		return true
	}
	switch kind, zone := usual(before); kind {
	case ofPods:
		return after == svc+zone
	case ofServices:
		return after == zone
	}
	return true
}

// split makes the candidates after the first a lookup of their own and returns it.
func (t *Tracker) split(l *lookup) *lookup {
	rest := l.cands[1:]
	n := t.open(rest[0].queries[0], rest[0].start)
	n.cands = append([]candidate(nil), rest...)
	n.base, n.headless, n.mixed = l.base, l.headless, l.mixed
	l.cands, l.base = l.cands[:1:1], ""
	l.recount()
	n.recount()
	t.touch(l, l.active)
	t.touch(n, n.lastSend)
	return n
}

// recount brings the sums of a lookup into line with its candidates.
func (l *lookup) recount() {
	l.open, l.messages, l.lastSend, l.lastAnswer = 0, 0, 0, 0
	for i := range l.cands {
		c := &l.cands[i]
		l.open += c.open
		l.lastAnswer = max(l.lastAnswer, c.end)
		for _, q := range c.queries {
			q.lookup = l
			if q.sent != 0 {
				l.messages += 1 + q.resends
			}
			l.lastSend = max(l.lastSend, q.last, c.start)
		}
	}
}

// name returns the name the program asked for.
func (l *lookup) name() string {
	if l.base != "" {
		return l.base
	}
	c := &l.cands[0]
	if c.data == 0 && c.open == 0 && c.rcode() == rcodeNXDomain {
		// A name that the search list had made would have been followed by its next.
		return c.name
	}
	leads := l.client.leading()
	if base, ok := cutSuffix(c.name, leads); ok {
		return base
	}
	if base, suffix, ok := byNamespace(c.name); ok {
		if kind, _ := usual(leads); kind != ofPods || suffix == leads {
			return base
		}
	}
	return c.name
}

// rcode is the response code that decided: data before errors before silence before the name's absence.
func (c *candidate) rcode() int {
	code := -1
	for _, q := range c.queries {
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
func (l *lookup) ndots() (least, most int) {
	if len(l.cands) < 2 || l.base == "" {
		return -1, -1
	}
	dots := labels(l.base) - 1
	if l.cands[0].name == l.base {
		return -1, dots
	}
	return dots + 1, -1
}
