package netsift

import (
	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/filter"
	"github.com/netsift/netsift/analyze/snapshot"
)

// selection says which connections are meant.
type selection struct {
	filter filter.Filter
	// ids are those of the connections that a finding names, nil where none is named.
	ids          map[string]bool
	since, until *moment
	// from and to are since and until, once it is known when the captures begin.
	from, to int64
	// name tells a connection what its Service and backend are, by what is known at the end of a first reading; nil without one.
	name func(*fact.Connection)
}

// of returns a callback that hands on to write what is selected, and sets the configuration up for it.
func (s *selection) of(cfg *analyze.Config, write func(*fact.Connection)) func(*fact.Connection) {
	cfg.Begun = s.begun
	return func(c *fact.Connection) {
		if s.during(c.Start, c.End) && (s.ids == nil || s.ids[c.ID]) && (s.byName() || s.filter.Connection(c)) {
			write(c)
		}
	}
}

// begun takes when the captures begin.
func (s *selection) begun(first int64) {
	if s.since != nil {
		s.from = s.since.resolve(first)
	}
	if s.until != nil {
		s.to = s.until.resolve(first)
	}
}

// during reports whether something had not ended before the time that is meant, nor begun after it.
func (s *selection) during(start, end int64) bool { return end >= s.from && start <= s.to }

// part has what is selected be the part that is asked for. Where names decide, name is set, and known has them as they are, redacted or not.
func (s *selection) part(cfg *analyze.Config, known *snapshot.Names) {
	cfg.Begun = s.begun
	cfg.Part = &analyze.Part{
		Connection: func(c *fact.Connection) bool {
			if s.byName() {
				named := *c // what is shown gets its names later
				s.name(&named)
				known.Connection(&named)
				return s.during(c.Start, c.End) && s.filter.Connection(&named)
			}
			return s.during(c.Start, c.End) && s.filter.Connection(c)
		},
		Lookup: func(l *fact.Lookup) bool {
			if s.byName() {
				named := *l
				known.Lookup(&named)
				return s.during(l.Start, l.Start+l.Duration) && s.filter.Lookup(&named)
			}
			return s.during(l.Start, l.Start+l.Duration) && s.filter.Lookup(l)
		},
	}
}

// some reports whether not all connections are meant.
func (s *selection) some() bool {
	return s.ids != nil || s.since != nil || s.until != nil || !s.filter.Empty()
}

// byName reports whether names decide, too. They are known when all is read, and keep is asked then.
func (s *selection) byName() bool { return len(s.filter.Names()) > 0 }

// keep reports whether a connection is selected by its names, too. known has them as they are, redacted or not.
func (s *selection) keep(known *snapshot.Names, c *fact.Connection) bool {
	if !s.byName() {
		return true
	}
	known.Connection(c)
	return s.filter.Connection(c)
}
