package netsift

import (
	"context"
	"io"
	"slices"

	"github.com/urfave/cli/v2"
)

// commands returns all commands, in the order in which help lists them.
func commands(e *Env) []*cli.Command {
	return []*cli.Command{
		analyzeCommand(e), liveCommand(e), flowsCommand(e), traceCommand(e), extractCommand(e), showCommand(e), dnsCommand(e), statsCommand(e), factsCommand(e), reportCommand(e), diffCommand(e), rulesCommand(e), demoCommand(e), completionCommand(e), manCommand(e), versionCommand(e),
	}
}

// say is a verb that prints a text.
func say(_ context.Context, e *Env, said string) error {
	_, err := io.WriteString(e.Stdout, said)
	return err
}

func analyzeCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "analyze",
		Usage:     "says what is wrong: verdict and findings with their evidence",
		ArgsUsage: "FILE...",
		Description: `Give it the captures of one node or of several at once, pcap or pcapng, plain
or compressed with gzip or zstd, or - for standard input. A damaged capture is
read as far as it can be. A directory or a tar archive may hold captures and
a snapshot of the cluster (--cluster).

Exit codes: 0 it ran; 1 a finding at or above --fail-on; 2 wrong usage; 3 no
capture could be read; 4 the result could not be written.`,
		Flags: slices.Concat(inputFlags(), []cli.Flag{clusterFlag()}, outputFlags(reportForms...), []cli.Flag{verboseFlag()}, redactFlags(), []cli.Flag{
			failOnFlag(),
		}, selectionFlags("findings about connections and lookups"), policyFlags(), []cli.Flag{minSeverityFlag()}),
		Action: action(e, (*line).analyze, runAnalyze),
	}
}

func liveCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "live",
		Usage:     "says what is wrong while packets come in",
		ArgsUsage: "[[NODE=]FILE|-]...",
		Description: `Reads a capture that is still being written, from standard input or a named
pipe, and tells of findings as they appear. Ctrl-C ends it, or the end of the
input, and then it prints the report that netsift analyze prints for the same
packets.

  tcpdump -i any -s 256 -U -w - | netsift live

Several streams (netsift live node1=FIFO node2=FIFO) are merged by their times,
corrected for the nodes' clocks as far as packets that two of them show tell.
One that stalls or ends holds the others up for two seconds at most; the
report says so.

A finding that a cause explains which shows later is withdrawn. What a capture
can't show at all is said in the report at the end only.`,
		Flags: slices.Concat(inputFlags(), []cli.Flag{clusterFlag()}, outputFlags("text", "json"), []cli.Flag{verboseFlag()}, redactFlags(), policyFlags(), []cli.Flag{
			&choiceFlag{words: append(slices.Clone(severities), "unexplained"), list: true, StringFlag: &cli.StringFlag{
				Name: "fail-on", Category: categoryOutput,
				Usage: "exit with 1 if a finding of the final report is at or above `SEVERITY` (info, warning, critical), or, with unexplained, if a failed connection is; or both: warning,unexplained",
			}},
			&choiceFlag{words: severities, StringFlag: &cli.StringFlag{
				Name: "min-severity", Category: categorySelect,
				Usage: "report only findings at or above `SEVERITY` (info, warning, critical)",
			}},
			&cli.BoolFlag{
				Name: "until-finding", Category: categorySelect,
				Usage: "stop at the first finding at or above warning (or --min-severity) and print the report",
			},
			&cli.StringFlag{
				Name: "evidence", Category: categoryOutput,
				Usage: "write the frames that prove a finding to `FOLDER`, one annotated pcapng per finding; the folder is created if missing",
			},
			&cli.StringFlag{
				Name: "facts", Category: categoryOutput,
				Usage: "write the facts of the stream to `FILE`, as netsift facts does; they can be read there a second later",
			},
			&cli.StringFlag{
				Name: "evidence-memory", Category: categoryOutput, Value: "64MB",
				Usage: "`SIZE` of the buffer that such frames are kept in until they are needed",
			},
			&cli.StringFlag{
				Name: "metrics", Category: categoryOutput,
				Usage: "serve Prometheus metrics at `ADDRESS`; a port alone, such as 9090, means 127.0.0.1",
			},
		}),
		Action: action(e, (*line).live, runLive),
	}
}

func flowsCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "flows",
		Usage:     "lists connections: client, Service, backend, path and outcome",
		ArgsUsage: "FILE...",
		Flags: slices.Concat(inputFlags(), outputFlags("text", "json", "csv"), redactFlags(), selectionFlags("connections"), []cli.Flag{
			&choiceFlag{words: []string{"service"}, StringFlag: &cli.StringFlag{
				Name: "by", Category: categorySelect,
				Usage: "group by `WHAT`: service lists the backends of each Service with their share and outcomes",
			}},
			&choiceFlag{words: []string{"start", "end"}, StringFlag: &cli.StringFlag{
				Name: "sort", Value: "end", Category: categorySelect,
				Usage: "`ORDER`: by start or end of the connections; by end they are written while reading",
			}},
			&cli.IntFlag{
				Name: "limit", Category: categorySelect,
				Usage: "write the first `N` connections, 0 for all",
			},
			findingFlag("the connections that a report names (at most 100) of"),
			linksFlag(), clusterFlag(), configFlag(),
		}),
		Action: action(e, (*line).flows, runFlows),
	}
}

func traceCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "trace",
		Usage:     "follows one connection hop by hop, with the time each hop took and where packets vanish",
		ArgsUsage: "FILE...",
		Flags: slices.Concat(inputFlags(), outputFlags("text", "json"), redactFlags(), []cli.Flag{
			&cli.StringFlag{
				Name: "conn", Category: categorySelect,
				Usage: "the connection with this `ID`, as flows and findings show it; without it, the most telling one",
			},
			findingFlag("the most telling one of"),
			&cli.StringFlag{
				Name: "client", Category: categorySelect,
				Usage: "one that this `ADDRESS` opened, with or without a port",
			},
			&cli.StringFlag{
				Name: "service", Category: categorySelect,
				Usage: "one to this `ADDRESS`, a Service's, a pod's or another, with or without a port",
			},
			filterFlag("one of those"),
			linksFlag(), clusterFlag(),
			&choiceFlag{words: []string{"auto", "box", "plain"}, StringFlag: &cli.StringFlag{
				Name: "borders", Value: "auto", Category: categoryOutput,
				Usage: "`KIND` of lines to draw with: box, plain (ASCII), or auto, which is box on a terminal",
			}},
		}, policyFlags()),
		Action: action(e, (*line).trace, runTrace),
	}
}

func extractCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "extract",
		Usage:     "writes a finding's evidence, or a connection, to a capture in which each frame says what it shows",
		ArgsUsage: "FILE...",
		Description: `Writes frames of all the captures to one, in the order of time, unchanged and
with their own timestamps: those that prove a finding, or all sightings of a
connection on every interface of every node. Wireshark shows the comments
(frame.comment) and the interfaces with what they are.

  netsift extract node1.pcap node2.pcap --finding 1 -w evidence.pcapng
  netsift extract node1.pcap node2.pcap --conn node1:150 -w - | tshark -r -`,
		Flags: slices.Concat(inputFlags(), []cli.Flag{
			linksFlag(), clusterFlag(),
			findingFlag("the evidence of"),
			&cli.StringFlag{
				Name: "conn", Category: categorySelect,
				Usage: "all frames of the connection with this `ID`, as flows and findings show it",
			},
		}, policyFlags(), redactFlags(), []cli.Flag{
			&cli.StringFlag{
				Name: "write", Aliases: []string{"w"}, Category: categoryOutput,
				Usage: "write the capture to `FILE`, - for standard output",
			},
			&choiceFlag{words: []string{"pcapng", "pcap"}, StringFlag: &cli.StringFlag{
				Name: "format", Category: categoryOutput,
				Usage: "`FORM` of the capture: pcapng, or pcap, which has no comments and one link type; by default pcap where FILE ends in .pcap",
			}},
		}),
		Action: action(e, (*line).extract, runExtract),
	}
}

func showCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "dissects frames, header by header, and says what they belong to",
		ArgsUsage: "FILE... FRAME...",
		Description: `FRAME is a number as Wireshark counts, a range or a list; of several captures
the file stands before it, as reports have it.

  netsift show node1.pcap 150
  netsift show node1.pcap 12 15-20 3,4 -x
  netsift show node1.pcap node2.pcap node2.pcap:147 node1.pcap:150,151

All captures are read as analyze reads them, so that beside each frame stands
which connection it belongs to, which sighting of which packet it is, and which
findings rest on it.`,
		Flags: slices.Concat(inputFlags(), []cli.Flag{linksFlag(), clusterFlag()}, outputFlags("text", "json"), redactFlags(), []cli.Flag{
			&cli.BoolFlag{
				Name: "hex", Aliases: []string{"x"}, Category: categoryOutput,
				Usage: "show the frames' bytes, too",
			},
		}, policyFlags()),
		Action: action(e, (*line).show, runShow),
	}
}

func dnsCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "dns",
		Usage:     "lists name lookups: what was tried, what it cost, what was wasted",
		ArgsUsage: "FILE...",
		Flags: slices.Concat(inputFlags(), []cli.Flag{clusterFlag()}, outputFlags("text", "json", "csv"), redactFlags(), []cli.Flag{
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
				Usage: "only lookups that wasted queries",
			},
			filterFlag("lookups"),
		}),
		Action: action(e, (*line).dns, runDNS),
	}
}

func statsCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "stats",
		Usage:     "counts what is in a capture: frames, protocols, tunnels, damage",
		ArgsUsage: "FILE...",
		Flags:     slices.Concat(inputFlags(), outputFlags("text", "json"), redactFlags()),
		Action:    action(e, (*line).stats, runStats),
	}
}

func factsCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "facts",
		Usage:     "writes what the analysis needs of captures, at about a fiftieth of their size, to be analyzed elsewhere",
		ArgsUsage: "FILE...",
		Description: `A facts file has the headers of all frames, DNS messages and what ICMP errors
quote, and no other payload. Every command reads it as it reads the capture, and
says the same of it: take the facts of each node on that node, and analyze all
of them in one place.

  netsift facts /var/tmp/node1.pcap -w node1.facts
  netsift analyze node1.facts node2.facts node3.pcap

Several captures become an archive of facts files, which is read like one.`,
		Flags: slices.Concat(inputFlags(), redactFlags(), []cli.Flag{
			&cli.StringFlag{
				Name: "write", Aliases: []string{"w"}, Category: categoryOutput,
				Usage: "write the facts to `FILE`, - for standard output",
			},
		}),
		Action: action(e, (*line).facts, runFacts),
	}
}

func reportCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "shows a saved report in another form",
		ArgsUsage: "FILE.json",
		Description: `FILE.json is what netsift analyze -o json has written, plain or compressed, or -
for standard input. A pipeline keeps that one file:

  netsift analyze -o json -w r.json node1.pcap node2.pcap
  netsift report r.json
  netsift report r.json -o markdown

Text and JSON are what analyze prints. The other forms lack what JSON does not
hold, and say so.

Exit codes: 0 it ran; 1 a finding at or above --fail-on; 2 wrong usage; 3 FILE
is no report.`,
		Flags:  slices.Concat(outputFlags(reportForms...), []cli.Flag{verboseFlag(), failOnFlag(), minSeverityFlag()}),
		Action: action(e, (*line).report, runReport),
	}
}

func diffCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "diff",
		Usage:     "compares two saved reports: findings that are new, worse, better and gone",
		ArgsUsage: "BEFORE.json AFTER.json",
		Description: `Both are what netsift analyze -o json has written. A finding is the same if its
id is, which says its cause; worse is one with a higher severity or, with the
same, a higher count. What a capture could not show is not compared.

  netsift analyze -o json -w before.json node1.pcap node2.pcap
  netsift diff before.json after.json

Exit codes: 0 nothing is new or worse; 1 something is; 2 wrong usage; 3 one of
the files is no report.`,
		Flags: slices.Concat(outputFlags("text", "json"), []cli.Flag{
			&choiceFlag{words: severities, StringFlag: &cli.StringFlag{
				Name: "min-severity", Category: categorySelect,
				Usage: "compare only findings that were or are at or above `SEVERITY` (info, warning, critical)",
			}},
		}),
		Action: action(e, (*line).diff, runDiff),
	}
}

func rulesCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "rules",
		Usage:     "lists what can be found, or explains some of it",
		ArgsUsage: "[ID...]",
		Description: `Where a policy is in force (netsift.yaml, or --config FILE), the rules are shown
as it has them: off, with another severity, and those of your own.`,
		Flags: slices.Concat(outputFlags("text", "json", "markdown"), policyFlags(), []cli.Flag{
			&cli.BoolFlag{
				Name: "check-config", Category: categorySelect,
				Usage: "only check the policy file: exits with 0 if it is valid, else with 2 and a list of what is wrong",
			},
		}),
		Action: action(e, (*line).rules, runRules),
	}
}

func demoCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:   "demo",
		Usage:  "analyzes a capture that is built into the program",
		Flags:  slices.Concat(outputFlags(reportForms...), []cli.Flag{verboseFlag()}, redactFlags()),
		Action: action(e, (*line).demo, runAnalyze),
	}
}

func completionCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "prints a shell's completion script",
		ArgsUsage: "bash|zsh|fish",
		Description: `For this shell, and with the same line in its startup file for the next ones:

  source <(netsift completion bash)
  source <(netsift completion zsh)
  netsift completion fish | source`,
		Action: action(e, (*line).script, say),
	}
}

func manCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:  "man",
		Usage: "prints the manual page",
		Description: `To read it, and to install it:

  netsift man | man -l -
  netsift man > /usr/local/share/man/man1/netsift.1`,
		Action: action(e, (*line).manual, say),
	}
}

func versionCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:   "version",
		Usage:  "prints the version and commit, and the Go version it was built with",
		Action: action(e, (*line).version, say),
	}
}
