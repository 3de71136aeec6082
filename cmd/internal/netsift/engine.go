package netsift

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// read runs the engine, and says on standard error what could not be read.
func (q *request) read(ctx context.Context, e *Env, cfg analyze.Config) (*fact.Facts, error) {
	in := q.in
	if err := e.Limits.open(len(in)); err != nil {
		return nil, err
	}
	if cfg.MaxMemory > 0 {
		limitMemory(cfg.MaxMemory)
	}
	p := &progress{}
	if cfg.Live == nil {
		p = newProgress(e, in)
		cfg.Frames = p.frames
	}
	growth := whileFolding
	if cfg.Live != nil || cfg.Connection != nil || cfg.Lookup != nil {
		growth = whileShowing
	}
	collectAt(growth)
	var facts *fact.Facts
	var err error
	if !obey(ctx, e, func() { facts, err = analyze.Run(ctx, in, cfg) }) {
		return nil, errInterrupted
	}
	collectAt(whileReporting)
	p.clear()
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	if facts != nil {
		for i := range facts.Captures {
			if c := &facts.Captures[i]; cfg.Live == nil && c.Error == "" && c.CopyOf == "" {
				c.Damage = q.before.damage(e, in, i, c.Frames, c.Damage)
			}
		}
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

// maxDamage is how many damaged places are listed for each capture; the JSON report has them all.
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
		if c.CopyOf != "" {
			say("has the same packets as %s, and was left out", c.CopyOf)
			continue
		}
		for k, d := range c.Damage {
			if c.Torn && k == len(c.Damage)-1 {
				say("the last packet is incomplete, from byte %d on; everything before it was read", d.Offset)
				break
			}
			if k == maxDamage {
				say("and %d more damaged places", len(c.Damage)-k)
				break
			}
			switch {
			case d.Offset < 0:
				say("reading broke off after %d frames: %s", d.Frame-1, d.What)
			case d.Skipped == 0:
				say("at byte %d: %s", d.Offset, d.What)
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
			say("holds no packets; let this run while it fails, and stop it with Ctrl-C: tcpdump -i any -s 256 -w %s", c.File)
		}
	}
}
