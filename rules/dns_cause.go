package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// dnsCause collects the lookups that one finding is about.
type dnsCause struct {
	key  string
	hits []dnsHit
	// plain are lookups like these that were counted only.
	plain []*fact.Plain
}

// dnsHit is a lookup, the place it counts for, and the query that shows the fault best; nil for the whole search.
type dnsHit struct {
	lookup *fact.Lookup
	place  Place
	query  *fact.Query
}

// dnsCauses groups lookups by key, in the order in which the keys first came.
type dnsCauses struct {
	list  []*dnsCause
	byKey map[string]*dnsCause
}

func (cs *dnsCauses) add(key string, h dnsHit) {
	if cs.byKey == nil {
		cs.byKey = map[string]*dnsCause{}
	}
	c := cs.byKey[key]
	if c == nil {
		c = &dnsCause{key: key}
		cs.byKey[key] = c
		cs.list = append(cs.list, c)
	}
	c.hits = append(c.hits, h)
}

// addPlain adds lookups that were counted to a cause, if there is one of that key: some like them were kept.
func (cs *dnsCauses) addPlain(key string, p *fact.Plain) {
	if c := cs.byKey[key]; c != nil {
		c.plain = append(c.plain, p)
	}
}

// byName is the place of a lookup where its name matters.
func byName(l *fact.Lookup) Place { return Place{Client: l.Client, Server: l.Server, Name: l.Name} }

// finding makes a finding of a cause: its places, times, evidence and connections. Words are left to the rule. A backend
// and a name that all lookups of a place have in common become part of it where it has none.
func (c *dnsCause) finding(r *Rule, s *scene) Finding {
	f := Finding{
		Rule: r.ID, Layer: r.Layer, Severity: r.Severity, Certainty: Shown, Title: r.Title,
		Explains: r.Explains, ToldFrom: r.ToldFrom, NextSteps: r.NextSteps, key: c.key,
	}
	most := len(c.hits) + len(c.plain)
	all := make([]Affected, 0, most)
	byPlace := make(map[Place]int, most)
	shared := make([]Place, 0, most)
	ids := map[string]bool{}
	for _, h := range c.hits {
		l := h.lookup
		i, ok := byPlace[h.place]
		if !ok {
			i = len(all)
			byPlace[h.place] = i
			all = append(all, Affected{Place: h.place})
			shared = append(shared, Place{Backend: backendOf(h), Name: l.Name})
		}
		if shared[i].Backend != backendOf(h) {
			shared[i].Backend = netip.AddrPort{}
		}
		if shared[i].Name != l.Name {
			shared[i].Name = ""
		}
		all[i].Count++
		f.Count++
		if f.First == 0 || l.Start < f.First {
			f.First = l.Start
		}
		f.Last = max(f.Last, l.Start+l.Duration)
		f.covers = append(f.covers, l)
		if len(f.Evidence) < maxEvidence {
			f.Evidence = append(f.Evidence, h.evidence()...)
		}
		if len(f.Connections) < maxConnections {
			queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
				if _, x := s.connection(q); x != nil && (h.query == nil || q == h.query) && !ids[x.ID] && len(f.Connections) < maxConnections {
					ids[x.ID] = true
					f.Connections = append(f.Connections, x.ID)
				}
				return true
			})
		}
	}
	for _, p := range c.plain {
		place := Place{Client: p.Client, Server: p.Server, Name: p.Name}
		i, ok := byPlace[place]
		if !ok {
			i = len(all)
			byPlace[place] = i
			all = append(all, Affected{Place: place})
			shared = append(shared, Place{Backend: onlyPod(p)})
		}
		if shared[i].Backend != onlyPod(p) {
			shared[i].Backend = netip.AddrPort{}
		}
		f.covers = append(f.covers, p)
		all[i].Count += p.Count
		f.Count += p.Count
		f.First, f.Last = min(f.First, p.First), max(f.Last, p.Last)
	}
	for i := range all {
		p := &all[i].Place
		if !p.Backend.IsValid() {
			p.Backend = shared[i].Backend
		}
		if p.Name == "" {
			p.Name = shared[i].Name
		}
	}
	f.affect(all)
	f.Evidence = f.Evidence[:min(len(f.Evidence), maxEvidence)]
	return f
}

func backendOf(h dnsHit) netip.AddrPort {
	if h.query != nil {
		return podOf(h.query)
	}
	if h.lookup.Backend == h.lookup.Server {
		return netip.AddrPort{}
	}
	return h.lookup.Backend
}

// onlyPod returns the backend that answered all of the lookups, zero if there were several or none is known.
func onlyPod(p *fact.Plain) netip.AddrPort {
	if len(p.Backends) != 1 || p.Backends[0].Backend == p.Server {
		return netip.AddrPort{}
	}
	return p.Backends[0].Backend
}

// evidence returns the frames that show a hit: those of its query, or the first query and the answer of each candidate.
func (h dnsHit) evidence() []Evidence {
	var list []Evidence
	add := func(ref fact.Ref, format string, args ...any) {
		if ref.Frame != 0 {
			list = append(list, Evidence{Ref: ref, Note: fmt.Sprintf(format, args...)})
		}
	}
	queries(h.lookup, func(c *fact.Candidate, q *fact.Query) bool {
		if h.query != nil && q != h.query || h.query == nil && q != &c.Queries[0] {
			return true
		}
		add(q.QueryRef, "%s asks %s for %s %s", q.Client, q.Server, q.Type, clip(c.QName))
		if q.Retries > 0 {
			why := ""
			if unanswered(q) || late(h.lookup, q) {
				why = ", without an answer"
			}
			add(q.ResendRef, "the same question again%s", why)
		}
		add(q.ErrorRef, "ICMP error instead of an answer")
		if q.Rcode == "" {
			return true
		}
		said := q.Rcode
		if q.Truncated {
			said += ", truncated"
		}
		if q.Duration >= 0 {
			said += " after " + round(q.Duration)
		}
		add(q.AnswerRef, "%s", said)
		return true
	})
	return list
}

// names returns the distinct names of a cause's lookups, clipped, in the order in which they came; clients the same.
func (c *dnsCause) names() []string {
	names := distinct(c.hits, func(h dnsHit) string { return clip(h.lookup.Name) })
	if len(c.plain) == 0 {
		return names
	}
	for _, p := range c.plain {
		if p.Name != "" {
			names = append(names, clip(p.Name))
		}
	}
	return distinct(names, func(name string) string { return name })
}

func (c *dnsCause) clients() []string {
	return distinct(c.hits, func(h dnsHit) string { return h.lookup.Client.String() })
}

func distinct[T any](list []T, of func(T) string) []string {
	var out []string
	seen := map[string]bool{}
	for _, x := range list {
		if v := of(x); !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// waited returns the shortest timeout that a resolver was seen to wait, 0 where none was.
func (c *dnsCause) waited() int64 {
	shortest := int64(0)
	for _, h := range c.hits {
		if t := h.lookup.Timeout; t > 0 && (shortest == 0 || t < shortest) {
			shortest = t
		}
	}
	return shortest
}

// lastSent returns when the last of a cause's lost queries was sent.
func (c *dnsCause) lastSent() int64 {
	last := int64(0)
	for _, h := range c.hits {
		for _, q := range lostQueries(h.lookup) {
			last = max(last, q.LastSent)
		}
	}
	return last
}
