package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/rules"
)

// The categories under which --help lists the flags.
const (
	categoryInput  = "Input"
	categorySelect = "Selection"
	categoryOutput = "Output"
)

// inputFlags say how captures are read.
func inputFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{
			Name: "node", Category: categoryInput,
			Usage: "these captures were taken on node NAME: `NAME=FILE[,FILE...]`; may be repeated",
		},
		&cli.StringSliceFlag{
			Name: "vxlan-port", Category: categoryInput,
			Usage: "UDP ports that carry VXLAN, beside 4789 and 8472: `PORT[,PORT...]`",
		},
		&cli.StringSliceFlag{
			Name: "geneve-port", Category: categoryInput,
			Usage: "UDP ports that carry Geneve, beside 6081: `PORT[,PORT...]`",
		},
		&cli.IntFlag{
			Name: "jobs", Category: categoryInput,
			Usage: "`N` workers, 0 for one per processor; the result never depends on it",
		},
		&cli.StringFlag{
			Name: "max-memory", Category: categoryInput, Value: "512MB",
			Usage: "`SIZE` that analysis may take; beyond it unanswered and idle connections are given up, which the report says",
		},
	}
}

// outputFlags say what form the result takes and where it goes.
func outputFlags(forms ...string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "output", Aliases: []string{"o"}, Value: forms[0], Category: categoryOutput,
			Usage: "`FORM` of the result: " + strings.Join(forms, ", "),
		},
		&cli.StringFlag{
			Name: "write", Aliases: []string{"w"}, Category: categoryOutput,
			Usage: "write the result to `FILE` instead of standard output",
		},
		&cli.StringFlag{
			Name: "color", Value: "auto", Category: categoryOutput,
			Usage: "`WHEN` to colour text: auto, always or never; auto colours a terminal unless NO_COLOR is set",
		},
		&cli.IntFlag{
			Name: "width", Category: categoryOutput,
			Usage: "`COLUMNS` of text output, 0 for the terminal's (or as wide as needed, without one)",
		},
	}
}

// choice returns the value of a flag that has only these.
func choice(c *cli.Context, flag string, values ...string) (string, error) {
	v := c.String(flag)
	if !slices.Contains(values, v) {
		return "", usagef("--%s %q: give one of %s", flag, v, strings.Join(values, ", "))
	}
	return v, nil
}

// severity returns the value of a flag that names one; none where it isn't set.
func severity(c *cli.Context, flag string, none rules.Severity) (rules.Severity, error) {
	if !c.IsSet(flag) {
		return none, nil
	}
	for s := rules.Info; s <= rules.Critical; s++ {
		if c.String(flag) == s.String() {
			return s, nil
		}
	}
	return 0, usagef("--%s %q: give one of info, warning, critical", flag, c.String(flag))
}

// ports returns the UDP ports that a flag lists.
func ports(c *cli.Context, flag string) ([]uint16, error) {
	var list []uint16
	for _, value := range c.StringSlice(flag) {
		for s := range strings.SplitSeq(value, ",") {
			n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 16)
			if err != nil || n == 0 {
				return nil, usagef("--%s %q: a port is a number from 1 to 65535", flag, value)
			}
			list = append(list, uint16(n))
		}
	}
	return list, nil
}
