package main

import (
	"bytes"
	"context"
	_ "embed"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report/text"
)

// The demo's captures: two nodes with a pod each, VXLAN between them, taken with tcpdump -i any while the tunnel's MTU
// was smaller than the pods' and a firewall dropped the ICMP errors that would have said so.
var (
	//go:embed demo/node1.pcap.zst
	demoNode1 []byte
	//go:embed demo/node2.pcap.zst
	demoNode2 []byte
)

func demoCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "analyzes a capture that is part of the program",
		Flags: append(outputFlags(reportForms...), redactFlags()...),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("demo takes no file; to analyze one: netsift analyze %s", c.Args().First())
			}
			return demo(c.Context, e, c)
		},
	}
}

func demo(ctx context.Context, e *Env, c *cli.Context) error {
	opt, err := textOptions(e, c)
	if err != nil {
		return err
	}
	show, err := reportHandler(e, c, &text.Frame{
		Before: []string{
			"A demo: two Kubernetes nodes, captured with tcpdump -i any while clients of a web Service complained: small pages load, " +
				"large ones hang. This is what netsift says about it:",
		},
		After: []string{
			"On your own cluster: run this on each node while it fails, and stop it with Ctrl-C.",
			"tcpdump -i any -w node1.pcap",
			"Then, with all the files at once:",
			"netsift analyze node1.pcap node2.pcap",
		},
	}, opt)
	if err != nil {
		return err
	}
	in := []analyze.Input{embedded("node1.pcap.zst", "node1", demoNode1), embedded("node2.pcap.zst", "node2", demoNode2)}
	hidden, err := redactionOf(e, c, in)
	if err != nil {
		return err
	}
	facts, err := read(ctx, e, in, analyze.Config{})
	if err != nil {
		return err
	}
	// What lies in the directory where somebody tries the demo has no say in it.
	judge := plainJudge(e)
	judge.redact(hidden)
	r, err := judge.report(facts)
	if err != nil {
		return err
	}
	if c.String("output") == "html" {
		r.Walks, err = walks(in, r, hidden, func(cfg analyze.Config) (*fact.Facts, error) { return read(ctx, e.silent(), in, cfg) })
		if err != nil {
			return err
		}
	}
	return show(r)
}

func embedded(name, node string, data []byte) analyze.Input {
	return analyze.Input{Name: name, Node: node, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}
}
