package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/netsift/netsift/cmd/internal/dissect"
	"github.com/netsift/netsift/cmd/internal/report"
)

// Show writes frames, taken apart: their headers, what netsift makes of them, and their bytes if those are wanted.
func Show(w io.Writer, s *report.Shown, o Options) error {
	p := newPage(o, s.Captures)
	for i := range s.Frames {
		if i > 0 {
			p.line()
		}
		p.frame(&s.Frames[i], s)
		if err := p.to(w); err != nil {
			return err
		}
	}
	p.redacted(s.Redacted)
	return p.to(w)
}

func (p *page) frame(f *report.ShownFrame, s *report.Shown) {
	p.line(p.bold.Render(p.ref(f.Ref)))
	captured := "all captured"
	if n := len(f.Data); n < int(f.Wire) {
		captured = fmt.Sprintf("%s captured", report.Count(uint64(n)))
		if s.Redacted {
			captured = fmt.Sprintf("%s shown", report.Count(uint64(n)))
		}
	}
	where := "at " + f.Interface
	switch way := report.Way(f.Dir); {
	case way != "":
		where = way + " by " + f.Interface
	case f.Interface == "interface": // of which nothing is known
		where = ""
	}
	p.parts("  ", report.Time(f.Time, s.Captures[f.Capture].Digits), report.Many(uint64(f.Wire), "byte")+", "+captured, report.Clean(where))
	p.line()
	for i := range f.Layers {
		p.layer(&f.Layers[i])
	}
	if f.Dissection.Stop != "" {
		p.para("  ", "    ", "Decoding ends here: "+report.Clean(f.Dissection.Stop))
	}
	p.reading(&f.Reading)
	if s.Hex {
		p.line()
		p.hex(f.Data)
	}
}

// layer writes a header: its name, essence and place, and a line for each field.
func (p *page) layer(l *dissect.Layer) {
	name := report.Clean(l.Name)
	place := fmt.Sprintf("bytes %d to %d", l.Offset, l.Offset+l.Length-1)
	if l.Length == 0 {
		place = fmt.Sprintf("at byte %d", l.Offset)
	}
	// The place stands at the right where there is room for it.
	indent := strings.Repeat(" ", width(name)+4)
	lines := Wrap(report.Clean(l.Summary), max(20, p.prose()-width(indent)-width(place)-2))
	if len(lines) == 0 {
		lines = []string{""}
	}
	for i, s := range lines {
		if i > 0 {
			p.line(indent, s)
			continue
		}
		gap := strings.Repeat(" ", max(2, p.prose()-width(indent)-width(s)-width(place)))
		p.line("  ", p.info.Render(name), "  ", s, gap, p.dim.Render(place))
	}
	n := 0
	for _, f := range l.Fields {
		n = max(n, min(width(report.Clean(f.Name)), 24))
	}
	for _, f := range l.Fields {
		first := "      " + pad(report.Clean(f.Name), n, false) + "  "
		p.para(first, strings.Repeat(" ", n+8), report.Clean(f.Value))
		if f.Value == "" {
			p.line(strings.TrimRight(first, " "))
		}
	}
}

// reading writes what netsift makes of a frame.
func (p *page) reading(r *report.Reading) {
	p.line()
	p.line("  ", p.bold.Render("netsift's reading"))
	none := true
	say := func(s string) {
		if s != "" {
			none = false
			p.para("    - ", "      ", report.Clean(s))
		}
	}
	say(r.Title)
	say(r.Sighting)
	if q := r.Quotes; q != nil {
		say("an ICMP error about a packet of connection " + q.ID)
	}
	say(r.Lookup)
	for _, c := range r.Evidence {
		say("evidence of " + c.Finding + ": " + c.Note)
	}
	if r.Stop != "" {
		say("netsift's decoder stops here: " + r.Stop)
	}
	if none {
		say("it belongs to no connection")
	}
}

// hex writes bytes as tcpdump -X does: their offset, sixteen of them in pairs, and what they are as text.
func (p *page) hex(b []byte) {
	for at := 0; at < len(b); at += 16 {
		row := b[at:min(at+16, len(b))]
		var pairs, plain strings.Builder
		for i, c := range row {
			if i > 0 && i%2 == 0 {
				pairs.WriteByte(' ')
			}
			fmt.Fprintf(&pairs, "%02x", c)
			if c < 0x20 || c > 0x7e {
				c = '.'
			}
			plain.WriteByte(c)
		}
		p.line("  ", p.dim.Render(fmt.Sprintf("0x%04x:", at)), "  ", pad(pairs.String(), 39, false), "  ", strings.TrimRight(plain.String(), " "))
	}
}
