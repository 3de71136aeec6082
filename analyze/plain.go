package analyze

import (
	"cmp"
	"maps"
	"math"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/lookup"
)

const (
	// maxPlain bounds the ways of plain lookups that are counted, each with a client, server and name; there may be as many without a name.
	maxPlain = 1 << 14
	// maxExamples of plain lookups are kept whole: the first of all. Beside them may be as many more of the last, of the first of a kind,
	// which are maxKinds, and of those with the longest search of their kind.
	maxExamples, kindExamples, maxKinds = 1 << 10, 8, 1 << 6
	// maxPlainBackends of one way are told apart.
	maxPlainBackends = 64
	// heardGap is the longest time without an answer in a span, in nanoseconds, until there would be more than maxSpans.
	heardGap, maxSpans = 1e9, 64
	// maxHeard bounds the servers, of each capture, of which it is kept when they answered.
	maxHeard = 1 << 10
)

// plains counts plain lookups.
type plains struct {
	byWay map[uint64]*fact.Plain
	// named counts the ways with a name, nameless those without.
	named, nameless int
	heard           map[heardAt]*fact.Heard
	// latest is what was heard last, examples how many were kept whole.
	latest   *fact.Heard
	examples int
	kinds    map[plainKind]kept
}

// kept is how many lookups of a kind were kept whole, and the longest search of these.
type kept struct {
	n     int
	worst int64
}

type heardAt struct {
	server  netip.AddrPort
	capture int
}

// plainKind is a server, and whether the search list was asked for.
type plainKind struct {
	server   netip.AddrPort
	expanded bool
}

func newPlains() plains {
	return plains{byWay: map[uint64]*fact.Plain{}, heard: map[heardAt]*fact.Heard{}, kinds: map[plainKind]kept{}}
}

// clone returns a copy that shares nothing with p.
func (p *plains) clone() plains {
	c := plains{
		byWay: make(map[uint64]*fact.Plain, len(p.byWay)), named: p.named, nameless: p.nameless, heard: make(map[heardAt]*fact.Heard, len(p.heard)),
		examples: p.examples, kinds: maps.Clone(p.kinds),
	}
	for k, w := range p.byWay {
		own := *w
		own.Backends = slices.Clone(w.Backends)
		c.byWay[k] = &own
	}
	for k, h := range p.heard {
		own := *h
		own.Spans = slices.Clone(h.Spans)
		c.heard[k] = &own
	}
	return c
}

// wants reports whether a lookup is to be kept whole, as an example.
func (p *plains) wants(x *lookup.Plain) bool {
	at := plainKind{x.Server, x.Expanded}
	k, known := p.kinds[at]
	if !known && len(p.kinds) >= maxKinds {
		k.n, k.worst = kindExamples, math.MaxInt64
	}
	switch {
	case p.examples < maxExamples:
	case p.examples < 2*maxExamples && (x.Last || k.n < kindExamples || x.WastedTime > k.worst):
	default:
		return false
	}
	if k.worst != math.MaxInt64 {
		p.kinds[at] = kept{k.n + 1, max(k.worst, x.WastedTime)}
	}
	p.examples++
	return true
}

// add counts a lookup among those of its way, which it returns, nil where there is no room.
func (p *plains) add(x *lookup.Plain) *fact.Plain {
	w := p.way(x)
	if w == nil {
		return nil
	}
	w.Count++
	w.Queries += uint64(x.Queries)
	w.Wasted += uint64(x.Wasted)
	w.WastedTime += x.WastedTime
	w.First, w.Last = min(w.First, x.Start), max(w.Last, x.End)
	for i := range x.Answers {
		a := &x.Answers[i]
		answeredBy(w, a)
		p.hear(x.Server, a)
	}
	return w
}

// way returns what a lookup is counted into, nil where there is no room.
func (p *plains) way(x *lookup.Plain) *fact.Plain {
	if w := p.byWay[x.Way]; w != nil {
		return w
	}
	if p.named < maxPlain {
		p.named++
		w := &fact.Plain{Client: x.Client, Server: x.Server, Expanded: x.Expanded, First: x.Start}
		w.Name, w.Full = x.Names()
		p.byWay[x.Way] = w
		return w
	}
	w := p.byWay[x.Nameless]
	if w == nil && p.nameless < maxPlain {
		p.nameless++
		w = &fact.Plain{Client: x.Client, Server: x.Server, Expanded: x.Expanded, First: x.Start}
		p.byWay[x.Nameless] = w
	}
	return w
}

// answeredBy counts an answer for the backend that gave it.
func answeredBy(w *fact.Plain, a *lookup.PlainAnswer) {
	for i := range w.Backends {
		if b := &w.Backends[i]; b.Backend == a.Backend {
			b.Answers++
			b.Last = max(b.Last, a.Time)
			return
		}
	}
	if len(w.Backends) < maxPlainBackends {
		w.Backends = append(w.Backends, fact.PlainBackend{Backend: a.Backend, Answers: 1, Last: a.Time})
	}
}

// hear notes when a server answered, as a capture shows it.
func (p *plains) hear(server netip.AddrPort, a *lookup.PlainAnswer) {
	h := p.latest
	if h == nil || h.Capture != a.Capture || h.Server != server {
		k := heardAt{server, a.Capture}
		if h = p.heard[k]; h == nil {
			if len(p.heard) >= maxHeard {
				return
			}
			h = &fact.Heard{Server: server, Capture: a.Capture, Gap: heardGap}
			p.heard[k] = h
		}
		p.latest = h
	}
	if n := len(h.Spans); n > 0 {
		if last := &h.Spans[n-1]; a.Time >= last[0] && a.Time <= last[1]+h.Gap {
			last[1] = max(last[1], a.Time)
			return
		}
	}
	at, _ := slices.BinarySearchFunc(h.Spans, a.Time, func(s [2]int64, t int64) int { return cmp.Compare(s[0], t) })
	h.Spans = slices.Insert(h.Spans, at, [2]int64{a.Time, a.Time})
	h.Spans = joined(h.Spans, h.Gap)
	for len(h.Spans) > maxSpans {
		h.Gap *= 2
		h.Spans = joined(h.Spans, h.Gap)
	}
}

// joined makes one of spans, in order, that lie no further apart than gap.
func joined(spans [][2]int64, gap int64) [][2]int64 {
	out := spans[:1]
	for _, s := range spans[1:] {
		if last := &out[len(out)-1]; s[0] <= last[1]+gap {
			last[1] = max(last[1], s[1])
			continue
		}
		out = append(out, s)
	}
	return out
}

// facts returns what was counted, in the order of the first of each.
func (p *plains) facts() []fact.Plain {
	ways := make([]*fact.Plain, 0, len(p.byWay))
	for _, w := range p.byWay {
		ways = append(ways, w)
	}
	slices.SortFunc(ways, func(a, b *fact.Plain) int {
		if a.First != b.First {
			return cmp.Compare(a.First, b.First)
		}
		return cmp.Or(a.Client.Compare(b.Client), a.Server.Compare(b.Server), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Full, b.Full),
			cmp.Compare(a.Wasted, b.Wasted))
	})
	list := slices.Grow([]fact.Plain(nil), len(ways))
	for _, w := range ways {
		list = append(list, *w)
	}
	return list
}

// heardFacts returns when servers answered.
func (p *plains) heardFacts() []fact.Heard {
	var list []fact.Heard
	for _, h := range p.heard {
		list = append(list, *h)
	}
	slices.SortFunc(list, func(a, b fact.Heard) int {
		return cmp.Or(a.Server.Compare(b.Server), cmp.Compare(a.Capture, b.Capture))
	})
	return list
}
