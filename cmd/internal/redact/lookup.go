package redact

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// Lookup returns a redacted copy of a name lookup.
func (r *Redaction) Lookup(l *fact.Lookup) *fact.Lookup {
	if l == nil {
		return nil
	}
	x := r.lookup(*l)
	return &x
}

func (r *Redaction) lookup(l fact.Lookup) fact.Lookup {
	l.Client, l.Server, l.Backend = r.Addr(l.Client), r.AddrPort(l.Server), r.AddrPort(l.Backend)
	l.Name, l.Search = r.Name(l.Name), each(l.Search, r.Name)
	l.Candidates = each(l.Candidates, r.candidate)
	l.Answer = each(l.Answer, r.Addr)
	if u := clone(l.Upstream); u != nil {
		u.Client, u.Server, u.Name = r.AddrPort(u.Client), r.AddrPort(u.Server), r.Name(u.Name)
		l.Upstream = u
	}
	l.Marks, l.Objects = slices.Clone(l.Marks), r.objects(l.Objects)
	return l
}

func (r *Redaction) candidate(c fact.Candidate) fact.Candidate {
	c.QName, c.Types = r.Name(c.QName), slices.Clone(c.Types)
	c.Queries = each(c.Queries, func(q fact.Query) fact.Query {
		q.Client, q.Server, q.Backend = r.AddrPort(q.Client), r.AddrPort(q.Server), r.AddrPort(q.Backend)
		return q
	})
	return c
}

func (r *Redaction) plain(p fact.Plain) fact.Plain {
	p.Client, p.Server, p.Name, p.Full = r.Addr(p.Client), r.AddrPort(p.Server), r.Name(p.Name), r.Name(p.Full)
	p.Backends = each(p.Backends, func(b fact.PlainBackend) fact.PlainBackend {
		b.Backend = r.AddrPort(b.Backend)
		return b
	})
	return p
}

func (r *Redaction) heard(h fact.Heard) fact.Heard {
	h.Server, h.Spans = r.AddrPort(h.Server), slices.Clone(h.Spans)
	return h
}
