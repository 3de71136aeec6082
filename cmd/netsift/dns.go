package main

import (
	"net/netip"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/cmd/internal/report/csv"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// lookupHandler writes name lookups.
type lookupHandler interface {
	Lookup(*fact.Lookup) error
	// Close writes what comes after the last: the totals of the whole capture.
	Close(*fact.DNSTotals) error
}

func dnsCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "dns",
		Usage:     "lists name lookups: what was tried, what it cost, what was wasted",
		ArgsUsage: "FILE...",
		Flags: append(append(append(inputFlags(), outputFlags("text", "json", "csv")...), redactFlags()...),
			&cli.StringFlag{
				Name: "name", Category: categorySelect,
				Usage: "lookups of `NAME` and of names under it; *PART* finds a part",
			},
			&cli.StringFlag{
				Name: "client", Category: categorySelect,
				Usage: "lookups by clients in `ADDRESS` (10.244.1.5 or 10.244.1.0/24)",
			},
			&cli.BoolFlag{
				Name: "wasted", Category: categorySelect,
				Usage: "lookups that wasted queries",
			},
		),
		Action: func(c *cli.Context) error { return dns(e, c) },
	}
}

func dns(e *Env, c *cli.Context) error {
	match, err := lookupFilter(c)
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
	files := make([]string, len(in))
	for i := range in {
		files[i] = in[i].Name
	}
	if hidden != nil {
		files = hidden.Files()
	}
	out := newOutput(e, c)
	h, err := newLookupHandler(e, c, out, files)
	if err != nil {
		return err
	}
	var failed error
	write := redacted(hidden, (*redact.Redaction).Lookup, func(l *fact.Lookup) { failed = h.Lookup(l) })
	facts, err := siftInputs(e, c, in, analyze.Config{Lookup: func(l *fact.Lookup) {
		if failed == nil && match(l) {
			write(l)
		}
	}})
	if err != nil {
		return out.Close(err)
	}
	totals := &facts.DNS
	if hidden != nil {
		totals = hidden.DNS(totals)
	}
	if failed == nil {
		failed = h.Close(totals)
	}
	return out.Close(failed)
}

// lookupFilter returns what the flags ask for.
func lookupFilter(c *cli.Context) (func(*fact.Lookup) bool, error) {
	name := strings.ToLower(strings.TrimSuffix(c.String("name"), "."))
	part, isPart := strings.CutPrefix(name, "*")
	part, ends := strings.CutSuffix(part, "*")
	var clients netip.Prefix
	if s := c.String("client"); s != "" {
		var err error
		if clients, err = netip.ParsePrefix(s); err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, usagef("--client %q: give an address (10.244.1.5) or a range of addresses (10.244.1.0/24)", s)
			}
			clients = netip.PrefixFrom(a, a.BitLen())
		}
	}
	wasted := c.Bool("wasted")
	return func(l *fact.Lookup) bool {
		n := strings.ToLower(l.Name)
		switch {
		case wasted && l.Wasted == 0, clients.IsValid() && !clients.Contains(l.Client):
			return false
		case isPart && ends:
			return strings.Contains(n, part)
		case isPart:
			return strings.HasSuffix(n, part)
		case ends:
			return strings.HasPrefix(n, part)
		}
		return name == "" || n == name || strings.HasSuffix(n, "."+name)
	}, nil
}

func newLookupHandler(e *Env, c *cli.Context, out *output, files []string) (lookupHandler, error) {
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
		return json.NewLookups(out, files), nil
	case "csv":
		return csv.NewLookups(out, files), nil
	}
	return text.NewLookups(out, opt), nil
}
