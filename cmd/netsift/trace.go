package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/rules"
)

func traceCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "trace",
		Usage:     "walks through one connection, hop by hop, with the time each hop took and where packets vanish",
		ArgsUsage: "FILE...",
		Flags: slices.Concat(inputFlags(), outputFlags("text", "json"), redactFlags(), []cli.Flag{
			&cli.StringFlag{
				Name: "conn", Category: categorySelect,
				Usage: "the connection with this `ID`, as flows and findings have it; without it, the one that tells most",
			},
			&cli.StringFlag{
				Name: "client", Category: categorySelect,
				Usage: "one that this `ADDRESS` began, with or without a port",
			},
			&cli.StringFlag{
				Name: "service", Category: categorySelect,
				Usage: "one to this `ADDRESS`, a Service's, a pod's or another, with or without a port",
			},
			linksFlag(),
			&cli.StringFlag{
				Name: "borders", Value: "auto", Category: categoryOutput,
				Usage: "`KIND` of lines to draw with: box, plain (ASCII), or auto, which is box on a terminal",
			},
		}, policyFlags()),
		Action: func(c *cli.Context) error { return walk(e, c) },
	}
}

// walk is the trace command. It reads the captures once to choose the connection, unless that is named, and once more with
// an eye on it.
func walk(e *Env, c *cli.Context) error {
	form, err := choice(c, "output", "text", "json")
	if err != nil {
		return err
	}
	opt, err := textOptions(e, c)
	if err != nil {
		return err
	}
	kind, err := choice(c, "borders", "auto", "box", "plain")
	if err != nil {
		return err
	}
	opt.Plain = kind == "plain" || kind == "auto" && (!e.StdoutTTY || c.String("write") != "" || e.Getenv("TERM") == "dumb")
	in, err := inputs(e, c)
	if err != nil {
		return err
	}
	hidden, err := redactionOf(e, c, in)
	if err != nil {
		return err
	}
	id := c.String("conn")
	var chosen string
	if id == "" {
		if id, chosen, err = chooseConnection(e, c, hidden); err != nil {
			return err
		}
	} else if c.IsSet("client") || c.IsSet("service") {
		return usagef("--conn names one connection; leave --client and --service out")
	}
	t := &report.Trace{Version: version, Trace: &trace.Trace{}}
	if id != "" { // or there is no connection
		if t, err = follow(e, c, id, hidden); err != nil {
			return err
		}
	}
	t.Chosen, t.Redacted = chosen, hidden != nil
	out := newOutput(e, c)
	if form == "json" {
		return out.Close(json.WriteTrace(out, t))
	}
	return out.Close(text.Trace(out, t, opt))
}

// follow reads the captures with an eye on one connection. Its walk is made of what hidden makes of it, unless that is nil.
func follow(e *Env, c *cli.Context, id string, hidden *redact.Redaction) (*report.Trace, error) {
	r := trace.NewRecorder()
	near := trace.NewNearest(id)
	var found *fact.Connection
	cfg := analyze.Config{Watch: []string{id}, Sighting: redactedSightings(hidden, r.See), Connection: func(conn *fact.Connection) {
		if conn.ID == id {
			found = conn
		}
		near.Add(conn.ID)
	}}
	facts, err := sift(e, c, cfg)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, noConnection(id, near)
	}
	if hidden != nil {
		found, facts = hidden.Connection(found), hidden.Facts(facts)
	}
	return &report.Trace{Version: version, Trace: trace.Build(found, facts, r), Captures: facts.Captures}, nil
}

// chooseConnection returns the id of the connection that tells most of those that are wanted, and why it was chosen; "" where
// the captures hold none. What is said of the choice is redacted by hidden, unless that is nil.
func chooseConnection(e *Env, c *cli.Context, hidden *redact.Redaction) (id, why string, err error) {
	var w trace.Wanted
	if w.Client, err = address(c, "client"); err != nil {
		return "", "", err
	}
	if w.Service, err = address(c, "service"); err != nil {
		return "", "", err
	}
	in, err := inputs(e, c)
	if err != nil {
		return "", "", err
	}
	for _, i := range in {
		if i.Stream {
			return "", "", usagef("%s can be read only once, and choosing a connection takes a reading; give --conn ID, or save it to a file first", i.Name)
		}
	}
	judge, err := newJudge(e, c)
	if err != nil {
		return "", "", err
	}
	judge.redact(hidden)
	cfg := judge.watch(analyze.Config{})
	facts, err := sift(e.silent(), c, cfg)           // what can't be read is said at the second reading
	if err != nil || facts.Totals.Connections == 0 { // there is no second one
		facts, err = sift(e, c, cfg)
	}
	if err != nil {
		return "", "", err
	}
	judged, err := judge.judge(facts, judge.review)
	if err != nil {
		return "", "", err
	}
	facts = judged.facts
	original := func(id string) string { return id }
	if hidden != nil { // the facts are redacted, because the finding's id is told
		original = hidden.Original
		w = trace.Wanted{Client: hidden.AddrPort(w.Client), Service: hidden.AddrPort(w.Service)}
	}
	var preferred []string
	about := ""
	if len(judged.findings) > 0 {
		// Of a finding that analyze does not show, the id would say nothing.
		if worst := &judged.findings[0]; worst.Severity >= max(rules.Warning, judge.show) {
			preferred, about = worst.Connections, worst.ID
		}
	}
	conn := trace.Choose(facts.Reach, w, preferred)
	switch {
	case conn == nil && (w.Client.IsValid() || w.Service.IsValid()):
		return "", "", usagef("no such connection; netsift flows lists what there is")
	case conn == nil:
		return "", "", nil
	case slices.Contains(preferred, conn.ID):
		why = fmt.Sprintf("Chosen of %d connections: it is one of finding %s.", facts.Totals.Connections, about)
	default:
		why = fmt.Sprintf("Chosen of %d connections as the one that tells most; --conn ID walks through another.", facts.Totals.Connections)
	}
	return original(conn.ID), why, nil
}

// address returns the value of a flag that is an address with or without a port; the zero value where it isn't set.
func address(c *cli.Context, flag string) (netip.AddrPort, error) {
	s := c.String(flag)
	if s == "" {
		return netip.AddrPort{}, nil
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(a.Unmap(), 0), nil
	}
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return a, usagef("--%s %q: write an address as 10.244.1.5, 10.96.0.50:80, fd00::1 or [fd00::1]:80", flag, s)
	}
	return a, nil
}
