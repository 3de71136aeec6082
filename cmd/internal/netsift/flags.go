package netsift

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/decode"
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
	return slices.Concat([]cli.Flag{
		&cli.StringSliceFlag{
			Name: "node", Category: categoryInput,
			Usage: "these captures were taken on node NAME: `NAME=FILE[,FILE...]`; may be repeated",
		},
	}, portFlags(), []cli.Flag{
		&cli.IntFlag{
			Name: "jobs", Category: categoryInput,
			Usage: "`N` workers, 0 for one per processor; the result never depends on it",
		},
		&cli.StringFlag{
			Name: "max-memory", Category: categoryInput, Value: "512MB",
			Usage: "`SIZE` of memory for the analysis; beyond it, unanswered and idle connections are no longer tracked, and the report says so",
		},
	})
}

// choiceFlag is a flag whose value is one of some words, which completion offers, or a list of them with commas where list says so.
type choiceFlag struct {
	*cli.StringFlag
	words []string
	list  bool
}

// The severities, as flags take them.
var severities = []string{rules.Info.String(), rules.Warning.String(), rules.Critical.String()}

// outputFlags say what form the result takes and where it goes.
func outputFlags(forms ...string) []cli.Flag {
	return []cli.Flag{
		&choiceFlag{words: forms, StringFlag: &cli.StringFlag{
			Name: "output", Aliases: []string{"o"}, Value: forms[0], Category: categoryOutput,
			Usage: "`FORM` of the result: " + strings.Join(forms, ", "),
		}},
		&cli.StringFlag{
			Name: "write", Aliases: []string{"w"}, Category: categoryOutput,
			Usage: "write the result to `FILE` instead of standard output",
		},
		&choiceFlag{words: []string{"auto", "always", "never"}, StringFlag: &cli.StringFlag{
			Name: "color", Value: "auto", Category: categoryOutput,
			Usage: "`WHEN` to colour text: auto, always or never; auto colours a terminal unless NO_COLOR is set",
		}},
		&cli.IntFlag{
			Name: "width", Category: categoryOutput,
			Usage: "`COLUMNS` of text output, 0 for the terminal's (or as wide as needed, without one)",
		},
	}
}

// verboseFlag asks for all of a report.
func verboseFlag() cli.Flag {
	return &cli.BoolFlag{
		Name: "verbose", Aliases: []string{"v"}, Category: categoryOutput,
		Usage: "with text: everything about each finding, not only the essence: explanation, look-alikes, evidence, all next steps",
	}
}

// clusterFlag names a snapshot of the cluster.
func clusterFlag() cli.Flag {
	return &cli.StringSliceFlag{
		Name: "cluster", Category: categoryInput,
		Usage: "names from the objects of the cluster in `PATH`, a file or a directory, as kubectl get -A -o json prints them; may be repeated",
	}
}

// linksFlag names the interfaces of captures that have only their indexes.
func linksFlag() cli.Flag {
	return &cli.StringSliceFlag{
		Name: "links", Category: categoryInput,
		Usage: "what ip -d link printed on a node, for its interfaces' names: `NODE=FILE`; may be repeated",
	}
}

// filterFlag selects what a command lists.
func filterFlag(what string) cli.Flag {
	return &cli.StringFlag{
		Name: "filter", Category: categorySelect,
		Usage: what + " that match `EXPRESSION`, in tcpdump's syntax (host, net, port, portrange, src, dst, protocols, and, or, not), by any header, inner or outer, before or after translation; src is the side that began; with --cluster also by name: pod shop/web-1, svc shop/web, ns shop, node node2, deploy shop/cart, sts, ds",
	}
}

// findingFlag names a finding.
func findingFlag(what string) cli.Flag {
	return &choiceFlag{words: catalogued(), StringFlag: &cli.StringFlag{
		Name: "finding", Category: categorySelect,
		Usage: what + " `FINDING`: its id or a unique beginning of it, its rule if that found nothing else, or its number in the report of analyze, 1 for the worst",
	}}
}

// selectionFlags say which connections, or connections and lookups, are meant.
func selectionFlags(what string) []cli.Flag {
	return []cli.Flag{
		filterFlag(what),
		&cli.StringFlag{
			Name: "since", Category: categorySelect,
			Usage: what + " that had not ended before `TIME`: 2026-11-23T03:36:12Z, 03:36:12 (UTC), or +5s after the first frame",
		},
		&cli.StringFlag{
			Name: "until", Category: categorySelect,
			Usage: what + " that had begun by `TIME`",
		},
	}
}

// failOnFlag says which findings fail a run.
func failOnFlag() cli.Flag {
	return &choiceFlag{words: append(slices.Clone(severities), "unexplained"), list: true, StringFlag: &cli.StringFlag{
		Name: "fail-on", Category: categoryOutput,
		Usage: "exit with 1 if a finding is at or above `SEVERITY` (info, warning, critical), or, with unexplained, if a failed connection is; or both: warning,unexplained",
	}}
}

// minSeverityFlag says which findings a report shows.
func minSeverityFlag() cli.Flag {
	return &choiceFlag{words: severities, StringFlag: &cli.StringFlag{
		Name: "min-severity", Category: categorySelect,
		Usage: "show only findings at or above `SEVERITY` (info, warning, critical); the verdict stays that of all",
	}}
}

// configFlag names the policy.
func configFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "config", Category: categorySelect,
		Usage: "policy `FILE`: rules on or off, severities, thresholds, suppressions, rules of your own (default netsift.yaml " +
			"in the current directory, where there is one; /dev/null for none)",
	}
}

// policyFlags say which rules there are and what they do.
func policyFlags() []cli.Flag {
	return []cli.Flag{
		configFlag(),
		&choiceFlag{words: append([]string{"all"}, catalogued()...), list: true, StringFlag: &cli.StringFlag{
			Name: "rules", Category: categorySelect,
			Usage: "the rules that are on, as `LIST`: all,-dns-slow or cni-*,svc-*; overrides what the policy file turns on and off",
		}},
	}
}

// redactFlags say whether a result is to be shown to others.
func redactFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{
			Name: "redact", Category: categoryOutput,
			Usage: "replace addresses, MAC addresses and names, so that others may see the result; ports, times and sizes stay",
		},
		&cli.StringFlag{
			Name: "redact-key", Category: categoryOutput,
			Usage: "--redact with the secret in `FILE`, so that several results agree (head -c 32 /dev/urandom > FILE makes one); otherwise each run has its own",
		},
	}
}

// tellable are flags whose values name nobody.
var tellable = append(portFlagNames(), "jobs", "max-memory", "output", "fail-on", "min-severity", "since", "until")

// portFlag returns the name of the flag that adds ports to those of a kind of tunnel.
func portFlag(k decode.EncapKind) string { return k.String() + "-port" }

// portFlagNames returns the names of all portFlags.
func portFlagNames() (names []string) {
	for k := range decode.UDPTunnels().All() {
		names = append(names, portFlag(k))
	}
	return names
}

// portFlags say on which ports beside the usual ones there are tunnels.
func portFlags() (flags []cli.Flag) {
	for k := range decode.UDPTunnels().All() {
		var usual []string
		for _, port := range k.Ports() {
			usual = append(usual, strconv.Itoa(int(port)))
		}
		flags = append(flags, &cli.StringSliceFlag{
			Name: portFlag(k), Category: categoryInput,
			Usage: fmt.Sprintf("UDP ports that carry %s, beside %s: `PORT[,PORT...]`", k.Name(), strings.Join(usual, " and ")),
		})
	}
	return flags
}
