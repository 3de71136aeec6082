package netsift

import (
	"fmt"
	"io"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode/capture"
)

// excerpt writes frames of captures to a capture of their own. A frame's bytes, its comment and the texts of its interface
// all go through write, and the text about the whole through newExcerpt.
type excerpt struct {
	to    frameWriter
	links *linkTexts
	// hidden is nil where frames go as they were captured.
	hidden *hiding
	ids    map[linkKey]uint32
	// from has the captures that frames came from; frames and comments count what was written.
	from             map[int]bool
	frames, comments uint64
}

// frameWriter is a form that a capture is written in.
type frameWriter interface {
	// describe begins an interface, and returns what its frames are written with.
	describe(in capture.Interface) (uint32, error)
	// write writes a frame, and reports whether its comment found a place.
	write(iface uint32, f *frameHead, data []byte, comment string) bool
	// Flush writes what is buffered, and returns the first error there was.
	Flush() error
}

// frameHead is what is known of a frame beside its bytes.
type frameHead struct {
	ref  fact.Ref
	time int64
	wire uint32
	// iface is the file's record of its interface, slot the interface's place in the file, index is as in decode.Packet.
	iface       capture.Interface
	slot, index uint32
}

func headOf(f *analyze.Frame) frameHead {
	return frameHead{
		ref: fact.Ref{Capture: f.Capture, Frame: f.Number}, time: f.Time, wire: f.Wire, iface: f.Interface, slot: f.Frame.Interface,
		index: f.Packet.Interface,
	}
}

// linkKey tells interfaces apart.
type linkKey struct {
	capture     int
	slot, index uint32
}

const (
	// maxLinks bounds the interfaces that are told apart: an index is 32 bits of a file that a stranger may have made. Beyond
	// it those of a file are one.
	maxLinks = 1 << 12
	anyLink  = 1<<32 - 1
)

// newExcerpt begins a capture in one of two forms. title says what it is of; plain pcap has no place for it. title and
// facts must hide all that hidden hides in frames.
func newExcerpt(w io.Writer, form, title string, facts *fact.Facts, hidden *hiding) *excerpt {
	x := &excerpt{links: newLinkTexts(facts), hidden: hidden, ids: map[linkKey]uint32{}, from: map[int]bool{}}
	if form == "pcap" {
		x.to = &plainForm{w: w, digits: report.Digits(facts.Captures)}
		return x
	}
	x.to = commentedForm{capture.NewWriter(w, "netsift "+Version, report.Clean(title))}
	return x
}

// write writes a frame with what it proves.
func (x *excerpt) write(f *frameHead, data []byte, comment string) error {
	key := linkKey{f.ref.Capture, f.slot, f.index}
	if _, ok := x.ids[key]; !ok && len(x.ids) >= maxLinks {
		key.index = anyLink
	}
	shown := x.hidden.head(f)
	f = &shown
	data = x.hidden.bytes(f.iface.Link, data, f.wire)
	id, ok := x.ids[key]
	if !ok {
		in := f.iface
		in.Name, in.Description = x.links.of(f)
		in.Name, in.Description = report.Clean(in.Name), report.Clean(in.Description)
		var err error
		if id, err = x.to.describe(in); err != nil {
			return err
		}
		x.ids[key] = id
	}
	if x.to.write(id, f, data, report.Clean(comment)) {
		x.comments++
	}
	x.from[f.ref.Capture] = true
	x.frames++
	return nil
}

// commentedForm is pcapng.
type commentedForm struct{ *capture.Writer }

func (c commentedForm) describe(in capture.Interface) (uint32, error) { return c.AddInterface(in), nil }

func (c commentedForm) write(iface uint32, f *frameHead, data []byte, comment string) bool {
	c.Write(iface, f.time, f.wire, data, comment)
	return comment != ""
}

// plainForm is pcap: one interface without a name, and no comments. Its header needs the link type, and so the first frame.
type plainForm struct {
	w      io.Writer
	digits int
	link   capture.LinkType
	to     *capture.PcapWriter
}

// plainSnaplen is what tcpdump says by default. Readers cut frames that are longer than their file says, and frames of other files
// may follow the first.
const plainSnaplen = 1 << 18

func (p *plainForm) describe(in capture.Interface) (uint32, error) {
	if p.to == nil {
		p.link = in.Link
		in.Digits, in.Snaplen = p.digits, max(in.Snaplen, plainSnaplen)
		p.to = capture.NewPcapWriter(p.w, in)
	}
	if in.Link != p.link {
		return 0, usagef("plain pcap has one link type, and these frames have %s and %s; write pcapng: --format pcapng", p.link, in.Link)
	}
	return 0, nil
}

func (p *plainForm) write(_ uint32, f *frameHead, data []byte, _ string) bool {
	p.to.Write(f.time, f.wire, data)
	return false
}

func (p *plainForm) Flush() error {
	if p.to == nil {
		return nil
	}
	return p.to.Flush()
}

// frameName says which frame of which capture it is; names are those of the captures.
func frameName(names []string, ref fact.Ref) string {
	if ref.Capture < 0 || ref.Capture >= len(names) {
		return fmt.Sprintf("frame %d", ref.Frame)
	}
	return fmt.Sprintf("%s frame %d", names[ref.Capture], ref.Frame)
}
