package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/filter"
)

// selectionFlags say which connections are meant.
func selectionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "filter", Category: categorySelect,
			Usage: "connections that match `EXPRESSION`, in tcpdump's syntax (host, net, port, portrange, src, dst, protocols, and, or, not), by any header, inner or outer, before or after translation; src is the side that began",
		},
		&cli.StringFlag{
			Name: "since", Category: categorySelect,
			Usage: "connections that had not ended before `TIME`: 2026-11-23T03:36:12Z, 03:36:12 (UTC), or +5s after the first frame",
		},
		&cli.StringFlag{
			Name: "until", Category: categorySelect,
			Usage: "connections that had begun by `TIME`",
		},
	}
}

// selection is which connections are meant.
type selection struct {
	filter       filter.Filter
	since, until *moment
	// from and to are since and until, once it is known when the captures begin.
	from, to int64
}

func newSelection(c *cli.Context) (*selection, error) {
	s := &selection{from: -1 << 63, to: 1<<63 - 1}
	var err error
	if s.filter, err = filter.Parse(c.String("filter")); err != nil {
		var e *filter.Error
		if errors.As(err, &e) {
			return nil, usagef("--filter, %v", e)
		}
		return nil, err
	}
	for flag, at := range map[string]**moment{"since": &s.since, "until": &s.until} {
		if !c.IsSet(flag) {
			continue
		}
		m, err := parseMoment(flag, c.String(flag))
		if err != nil {
			return nil, err
		}
		*at = &m
	}
	return s, nil
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
		if c.End >= s.from && c.Start <= s.to && s.filter.Connection(c) {
			write(c)
		}
	}
}
