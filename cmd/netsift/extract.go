package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/cmd/internal/report"
)

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
			linksFlag(),
			&cli.StringFlag{
				Name: "finding", Category: categorySelect,
				Usage: "the evidence of `FINDING`: its id, or as much of it as no other has, its rule where that found nothing else, or its number in the report of analyze, 1 for the worst",
			},
			&cli.StringFlag{
				Name: "conn", Category: categorySelect,
				Usage: "all frames of the connection with this `ID`, as flows and findings have it",
			},
		}, policyFlags(), redactFlags(), []cli.Flag{
			&cli.StringFlag{
				Name: "write", Aliases: []string{"w"}, Category: categoryOutput,
				Usage: "write the capture to `FILE`, - for standard output",
			},
			&cli.StringFlag{
				Name: "format", Category: categoryOutput,
				Usage: "`FORM` of the capture: pcapng, or pcap, which has no comments and one link type; by default pcap where FILE ends in .pcap",
			},
		}),
		Action: func(c *cli.Context) error { return extract(e, c) },
	}
}

// extract is the extract command. It reads the captures once to learn which frames are wanted and what they show, and once more
// to write them, so that it need not keep any.
func extract(e *Env, c *cli.Context) error {
	if (c.String("finding") == "") == (c.String("conn") == "") {
		return usagef("say what to extract: --finding ID or number, or --conn ID, and one of them only")
	}
	out, form, err := excerptOutput(e, c)
	if err != nil {
		return err
	}
	in, err := inputs(e, c)
	if err != nil {
		return err
	}
	for _, i := range in {
		if i.Stream {
			name := i.Name
			if name == "-" {
				name = "standard input"
			}
			return usagef("%s can be read only once, and extract reads twice; save it to a file first, or have netsift live --evidence FOLDER write evidence as it comes", name)
		}
	}
	hidden, err := redactionOf(e, c, in)
	if err != nil {
		return err
	}
	choose := wantedConnection
	if c.String("finding") != "" {
		choose = wantedFinding
	}
	w, err := choose(e, c, in, hidden)
	if err != nil {
		return err
	}
	cfg, err := config(e, c, analyze.Config{})
	if err != nil {
		return err
	}
	x := newExcerpt(out, form, w.title, w.shown, newHiding(hidden, cfg))
	if err := w.copy(e, c, in, x); err != nil {
		return out.Close(err)
	}
	if err := out.Close(writeFailed(x.to.Flush())); err != nil {
		return err
	}
	fmt.Fprintln(e.Stderr, "netsift:", report.Clean(summary(x, w, form, out.path)))
	return nil
}

// excerptOutput returns where the capture goes, and its form.
func excerptOutput(e *Env, c *cli.Context) (out *output, form string, err error) {
	out = newOutput(e, c)
	switch {
	case out.path == "":
		return nil, "", usagef("say where to write the capture: -w evidence.pcapng, or -w - to pass it on, as in: netsift extract ... -w - | tshark -r -")
	case out.path == "-" && e.StdoutTTY:
		return nil, "", usagef("-w - would write a capture to the terminal; pass it on to another program, or write a file: -w evidence.pcapng")
	case out.path == "-":
		out.path = ""
	}
	if c.IsSet("format") {
		form, err = choice(c, "format", "pcapng", "pcap")
		return out, form, err
	}
	form = "pcapng"
	if path.Ext(out.path) == ".pcap" {
		form = "pcap"
	}
	return out, form, nil
}

// writeFailed says of an error that the result could not be written.
func writeFailed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("can't write the result: %w", err)
}

// summary says in a line what was written.
func summary(x *excerpt, w *wanted, form, file string) string {
	if file == "" {
		file = "standard output"
	}
	s := fmt.Sprintf("%s of %s", report.Many(x.frames, "frame"), report.Many(len(x.from), "capture"))
	if form != "pcap" {
		s += ", " + report.Many(x.comments, "comment")
	}
	s += ", to " + file
	if n := len(w.notes); n > 0 {
		s += fmt.Sprintf("; %s of the evidence not found", report.Many(n, "frame"))
	}
	if form == "pcap" {
		s += "; plain pcap has no place for comments and interfaces, --format pcapng keeps them"
	}
	return s
}

// wanted is which frames are wanted, and what they show.
type wanted struct {
	facts *fact.Facts
	// shown are the facts as texts may tell them.
	shown *fact.Facts
	// id and title say what they are of.
	id, title string
	// notes has what to say of single frames that are still to be written.
	notes map[fact.Ref]string
	// conn is the connection of which all sightings are wanted, nil for none; sightings counts those that were written. told is
	// the connection as texts may tell it.
	conn, told *fact.Connection
	sightings  uint64
}

// done reports whether everything was written.
func (w *wanted) done() bool {
	return len(w.notes) == 0 && (w.conn == nil || w.sightings == w.conn.Frames)
}

// copy reads the captures again and writes what is wanted.
func (w *wanted) copy(e *Env, c *cli.Context, in []analyze.Input, x *excerpt) error {
	cfg, err := config(e, c, analyze.Config{})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(c.Context)
	defer stop()
	names := report.Names(w.shown.Captures)
	var failed error
	var sighting *join.Sighting
	var texts *sightingTexts
	if w.conn != nil {
		texts = newSightingTexts(w.told, x.links)
		cfg.Watch = []string{w.conn.ID}
		cfg.Sighting = func(s *join.Sighting) {
			kept := *s
			sighting = &kept
		}
	}
	cfg.Frame = func(f *analyze.Frame, _ bool) {
		head := headOf(f)
		note, cited := w.notes[head.ref]
		if failed != nil || !cited && sighting == nil {
			return
		}
		if sighting != nil {
			sighting.Packet = f.Packet
			told := x.head(&head)
			note = texts.of(x.sighting(sighting), &told)
			sighting = nil
			w.sightings++
		}
		delete(w.notes, head.ref)
		failed = x.write(&head, f.Data, frameName(names, head.ref)+": "+note)
		if failed != nil || w.done() {
			stop() // all else is read in vain
		}
	}
	again, err := read(ctx, e.silent(), in, cfg) // what can't be read was said at the first reading
	switch {
	case failed != nil:
		return failed
	case errors.Is(err, errInterrupted) && c.Context.Err() == nil:
		return nil // by stop
	case err != nil:
		return err
	}
	for i := range again.Captures {
		if again.Captures[i].Frames != w.facts.Captures[i].Frames {
			return fmt.Errorf("%s was changed while it was read; run it again, or copy the capture first", again.Captures[i].File)
		}
	}
	if x.frames == 0 {
		return usagef("what %s rests on is no frame that the captures hold", w.id)
	}
	return nil
}
