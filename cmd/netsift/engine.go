package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// sift reads the captures that a command line names, with what it says about them, and reports on standard error what
// could not be read. cfg has the callbacks.
func sift(e *Env, c *cli.Context, cfg analyze.Config) (*fact.Facts, error) {
	in, err := inputs(e, c)
	if err != nil {
		return nil, err
	}
	return siftInputs(e, c, in, cfg)
}

// siftInputs is sift for inputs that have been made already.
func siftInputs(e *Env, c *cli.Context, in []analyze.Input, cfg analyze.Config) (*fact.Facts, error) {
	cfg, err := config(e, c, cfg)
	if err != nil {
		return nil, err
	}
	return read(c.Context, e, in, cfg)
}

// config returns cfg with what a command line says of how captures are read.
func config(e *Env, c *cli.Context, cfg analyze.Config) (analyze.Config, error) {
	if cfg.Jobs = c.Int("jobs"); cfg.Jobs < 0 {
		return cfg, usagef("--jobs %d: give 0 or more", cfg.Jobs)
	}
	var err error
	if cfg.MaxMemory, err = maxMemory(c); err != nil {
		return cfg, err
	}
	if cfg.VXLANPorts, err = ports(c, "vxlan-port"); err != nil {
		return cfg, err
	}
	if cfg.GenevePorts, err = ports(c, "geneve-port"); err != nil {
		return cfg, err
	}
	cfg.Links, err = links(e, c)
	return cfg, err
}

// read runs the engine.
func read(ctx context.Context, e *Env, in []analyze.Input, cfg analyze.Config) (*fact.Facts, error) {
	p := &progress{}
	if cfg.Live == nil {
		p = newProgress(e, in)
		cfg.Frames = p.frames
	}
	facts, err := analyze.Run(ctx, in, cfg)
	p.clear()
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	if facts != nil {
		warn(e.Stderr, facts.Captures)
	}
	if unknown := new(analyze.UnknownNodeError); errors.As(err, &unknown) {
		return nil, usagef("--links: %v", unknown)
	}
	if errors.Is(err, analyze.ErrNoCapture) {
		return nil, errNoCapture // warn has said why
	}
	if err != nil {
		return nil, err
	}
	return facts, nil
}

// maxDamage is how many damaged places are told of each capture; the JSON report has them all.
const maxDamage = 3

// warn says what could not be read.
func warn(w io.Writer, captures []fact.Capture) {
	for i := range captures {
		c := &captures[i]
		say := func(format string, args ...any) {
			fmt.Fprintf(w, "netsift: %s: %s\n", report.Clean(c.File), report.Clean(fmt.Sprintf(format, args...)))
		}
		if c.Error != "" {
			say("%s", c.Error)
			continue
		}
		for k, d := range c.Damage {
			if k == maxDamage {
				say("and %d more damaged places", len(c.Damage)-k)
				break
			}
			switch {
			case d.Offset < 0:
				say("reading broke off after %d frames: %s", d.Frame-1, d.What)
			case d.Skipped < 0:
				say("damaged at byte %d: %s; the rest can't be read, everything before it was", d.Offset, d.What)
			default:
				say("damaged at byte %d: %s; skipped %d bytes and went on with frame %d", d.Offset, d.What, d.Skipped, d.Frame)
			}
		}
		for _, l := range c.LinkTypes {
			if n, ok := strings.CutPrefix(l, "LINKTYPE_"); ok {
				say("link type %s can't be decoded, its frames are only counted; capture with tcpdump -i any, or on an Ethernet interface", n)
			}
		}
		if c.Frames == 0 && len(c.Damage) == 0 {
			say("holds no packets; let this run while it fails, and stop it with Ctrl-C: tcpdump -i any -w %s", c.File)
		}
	}
}
