package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/csv"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// connectionHandler writes connections.
type connectionHandler interface {
	Connection(*fact.Connection) error
	// Close writes what comes after the last.
	Close() error
}

func flowsCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "flows",
		Usage:     "lists connections: client, Service, backend, path and outcome",
		ArgsUsage: "FILE...",
		Flags: slices.Concat(inputFlags(), outputFlags("text", "json", "csv"), redactFlags(), selectionFlags(), []cli.Flag{
			&cli.StringFlag{
				Name: "by", Category: categorySelect,
				Usage: "add up by `WHAT`: service lists the backends of each Service with their share and outcomes",
			},
			&cli.StringFlag{
				Name: "sort", Value: "end", Category: categorySelect,
				Usage: "`ORDER`: by start or end of the connections; by end they are written while reading",
			},
			&cli.IntFlag{
				Name: "limit", Category: categorySelect,
				Usage: "write the first `N` connections, 0 for all",
			},
			linksFlag(),
		}),
		Action: func(c *cli.Context) error {
			if c.IsSet("by") {
				return flowsBy(e, c)
			}
			return flows(e, c)
		},
	}
}

func flows(e *Env, c *cli.Context) error {
	order, err := choice(c, "sort", "start", "end")
	if err != nil {
		return err
	}
	limit := c.Int("limit")
	if limit < 0 {
		return usagef("--limit %d: give a number of connections, 0 for all", limit)
	}
	chosen, err := newSelection(c)
	if err != nil {
		return err
	}
	out := newOutput(e, c)
	h, err := newConnectionHandler(e, c, out)
	if err != nil {
		return err
	}
	var written int
	var failed error
	write := func(conn *fact.Connection) {
		if failed == nil && (limit == 0 || written < limit) {
			failed = h.Connection(conn)
			written++
		}
	}
	in, err := inputs(e, c)
	if err != nil {
		return err
	}
	hidden, err := redactionOf(e, c, in)
	if err != nil {
		return err
	}
	var held []*fact.Connection
	var cfg analyze.Config
	cfg.Connection = chosen.of(&cfg, redactedConnections(hidden, write))
	if order == "start" {
		cfg.Connection = chosen.of(&cfg, redactedConnections(hidden, func(conn *fact.Connection) { held = append(held, conn) }))
	}
	if _, err := siftInputs(e, c, in, cfg); err != nil {
		return out.Close(err)
	}
	slices.SortStableFunc(held, byStart)
	for _, conn := range held {
		write(conn)
	}
	if failed == nil {
		failed = h.Close()
	}
	return out.Close(failed)
}

// flowsBy adds connections up.
func flowsBy(e *Env, c *cli.Context) error {
	if _, err := choice(c, "by", "service"); err != nil {
		return err
	}
	for _, other := range []string{"sort", "limit"} {
		if c.IsSet(other) {
			return usagef("--%s is for single connections, --by adds them up; leave one of them out", other)
		}
	}
	form, err := choice(c, "output", "text", "json", "csv")
	if err != nil {
		return err
	}
	opt, err := textOptions(e, c)
	if err != nil {
		return err
	}
	chosen, err := newSelection(c)
	if err != nil {
		return err
	}
	in, err := inputs(e, c)
	if err != nil {
		return err
	}
	hidden, err := redactionOf(e, c, in)
	if err != nil {
		return err
	}
	var sum report.Services
	var cfg analyze.Config
	cfg.Connection = chosen.of(&cfg, redactedConnections(hidden, sum.Add))
	if _, err := siftInputs(e, c, in, cfg); err != nil {
		return err
	}
	out := newOutput(e, c)
	switch form {
	case "json":
		return out.Close(json.Services(out, sum.List()))
	case "csv":
		return out.Close(csv.Services(out, sum.List()))
	}
	return out.Close(text.Services(out, sum.List(), opt))
}

// byStart orders connections by their first frame; ids settle what began at the same time.
func byStart(a, b *fact.Connection) int {
	if a.Start != b.Start {
		if a.Start < b.Start {
			return -1
		}
		return 1
	}
	if len(a.ID) != len(b.ID) {
		return len(a.ID) - len(b.ID) // node1:9 before node1:10
	}
	if a.ID < b.ID {
		return -1
	}
	return 1
}

func newConnectionHandler(e *Env, c *cli.Context, out *output) (connectionHandler, error) {
	form, err := choice(c, "output", "text", "json", "csv")
	if err != nil {
		return nil, err
	}
	opt, err := textOptions(e, c)
	if err != nil {
		return nil, err
	}
	switch form {
	case "json":
		return json.NewConnections(out), nil
	case "csv":
		return csv.NewConnections(out), nil
	}
	return text.NewFlows(out, opt), nil
}
