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
}

// of returns a callback that hands on to write what is selected, and sets the configuration up for it.
func (s *selection) of(cfg *analyze.Config, write func(*fact.Connection)) func(*fact.Connection) {
	cfg.Begun = func(first int64) {
		if s.since != nil {
			s.from = s.since.resolve(first)
		}
		if s.until != nil {
			s.to = s.until.resolve(first)
		}
	}
	return func(c *fact.Connection) {
		if c.End >= s.from && c.Start <= s.to && (s.ids == nil || s.ids[c.ID]) && (s.byName() || s.filter.Connection(c)) {
			write(c)
		}
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
