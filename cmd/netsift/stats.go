package main

import (
	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/decode"

	"github.com/netsift/netsift/analyze/fact"
)

func statsCommand(e *Env) *cli.Command {
	return &cli.Command{
		Name:      "stats",
		Usage:     "counts what is in a capture: frames, protocols, tunnels, damage",
		ArgsUsage: "FILE...",
		Flags:     append(append(inputFlags(), outputFlags("text", "json")...), redactFlags()...),
		Action:    func(c *cli.Context) error { return stats(e, c) },
	}
}

func stats(e *Env, c *cli.Context) error {
	form, err := choice(c, "output", "text", "json")
	if err != nil {
		return err
	}
	opt, err := textOptions(e, c)
	if err != nil {
		return err
	}
	in, err := inputs(e, c)
	if err != nil {
		return err
	}
	var options decode.Options
	if options.VXLANPorts, err = ports(c, "vxlan-port"); err != nil {
		return err
	}
	if options.GenevePorts, err = ports(c, "geneve-port"); err != nil {
		return err
	}
	hidden, err := redactionOf(e, c, in)
	if err != nil {
		return err
	}
	p := newProgress(e, in)
	n := counter{options: options, frames: p.frames}
	var list []report.Tally
	var captures []fact.Capture
	readable := false
	for i := range in {
		t, err := n.count(c.Context, &in[i])
		if err != nil {
			p.clear()
			return errInterrupted
		}
		readable = readable || t.Error == ""
		list = append(list, t)
		captures = append(captures, t.Capture)
	}
	p.clear()
	warn(e.Stderr, captures)
	if !readable {
		return errNoCapture
	}
	if hidden != nil { // counts need no hiding, the files' names do
		for i := range list {
			list[i].Capture = hidden.Capture(i, &list[i].Capture)
		}
	}
	out := newOutput(e, c)
	if form == "json" {
		return out.Close(json.Stats(out, list))
	}
	return out.Close(text.Stats(out, list, opt))
}
