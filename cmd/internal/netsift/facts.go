package netsift

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// factsMaker makes facts files of captures.
type factsMaker struct {
	env     *Env
	options decode.Options
	hidden  *hiding
	// batch is told how many frames of a capture were written, and reports whether they have to be in the file by now.
	batch func(frames uint64) bool
}

// runFacts writes the facts of one capture to a facts file, and those of several to an archive of such files.
func runFacts(ctx context.Context, e *Env, q *request) error {
	limitMemory(q.engine.MaxMemory)
	collectAt(whileFolding)
	p := newProgress(e, q.in)
	m := &factsMaker{env: e, options: decode.Options{Ports: q.engine.Ports}, hidden: newHiding(q.hidden, q.engine)}
	total := uint64(0)
	m.batch = func(frames uint64) bool {
		p.frames(total + frames)
		return false
	}
	var captures []fact.Capture
	readable := false
	read := func(to io.Writer, i int) (err error) {
		var c fact.Capture
		if !obey(ctx, e, func() { c, err = m.make(ctx, to, &q.in[i], m.name(q, i)) }) {
			return errInterrupted
		}
		captures = append(captures, c)
		total += c.Frames
		readable = readable || c.Error == ""
		return err
	}
	var err error
	if len(q.in) == 1 {
		err = read(q.out, 0)
	} else {
		err = m.archive(q, read)
	}
	p.clear()
	warn(e.Stderr, captures)
	if err == nil && !readable {
		err = errNoCapture
	}
	return q.out.Close(err)
}

// name returns the name of a capture that its facts say, "" for standard input.
func (m *factsMaker) name(q *request, i int) string {
	if m.hidden != nil {
		return filepath.Base(q.hidden.Files()[i])
	}
	if q.in[i].Name == "-" {
		return ""
	}
	return filepath.Base(q.in[i].Name)
}

// archive writes the facts of several captures, one file for each that can be read.
func (m *factsMaker) archive(q *request, read func(to io.Writer, i int) error) error {
	t := tar.NewWriter(q.out)
	labels := analyze.Labels(q.in)
	for i := range q.in {
		if m.hidden != nil {
			labels[i] = strings.TrimSuffix(m.name(q, i), ".pcap")
		}
		if err := m.entry(t, labels[i]+".facts", func(w io.Writer) error { return read(w, i) }); err != nil {
			return err
		}
	}
	return writeFailed(t.Close())
}

// entry writes one file of an archive, which has to say its size first; none where there is nothing to write.
func (m *factsMaker) entry(t *tar.Writer, name string, fill func(io.Writer) error) error {
	s, err := m.env.Spool()
	if err != nil {
		return &exitError{ExitFailed, fmt.Sprintf("no temporary file for the facts: %v", err)}
	}
	defer s.Close()
	size := sized{w: s}
	if err := fill(&size); err != nil || size.n == 0 {
		return err
	}
	err = t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size.n, Mode: 0o644, ModTime: m.env.Now()})
	if err == nil {
		_, err = io.Copy(t, io.NewSectionReader(s, 0, size.n))
	}
	return writeFailed(err)
}

// sized counts what is written.
type sized struct {
	w io.Writer
	n int64
}

func (c *sized) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// make writes the facts of one capture. Faults of the capture are in the result; the error is one of writing, or the context's.
func (m *factsMaker) make(ctx context.Context, to io.Writer, in *analyze.Input, name string) (fact.Capture, error) {
	c := fact.Capture{File: in.Name, Node: in.Node, Dropped: -1}
	f, err := in.Open()
	if err != nil {
		c.Error = err.Error()
		return c, nil
	}
	defer f.Close()
	r, err := capture.NewReader(f)
	if err != nil {
		c.Error = err.Error()
		return c, nil
	}
	defer r.Close()
	frames, broken, err := m.write(ctx, to, r, name)
	c.Frames, c.Damage, c.Torn = frames, append(c.Damage, r.Damage()...), r.Torn()
	if broken != nil {
		// Offset -1: only the reader of the bytes knows where it broke off.
		c.Torn, c.Damage = false, append(c.Damage, capture.Damage{Offset: -1, Skipped: -1, Frame: frames + 1, What: broken.Error()})
	}
	if ctx.Err() != nil {
		return c, errInterrupted
	}
	return c, writeFailed(err)
}

// write writes the facts of what r reads, and returns of how many frames.
func (m *factsMaker) write(ctx context.Context, to io.Writer, r *capture.Reader, name string) (frames uint64, broken, err error) {
	w := capture.NewFactsWriter(to, capture.FactsAbout{Program: "netsift " + Version, File: report.Clean(name), Format: r.Format(), Redacted: m.hidden != nil})
	o := decode.FactsOptions{Options: m.options, Soon: func() bool { return m.batch(w.Frames()) }}
	if m.hidden != nil {
		o.Hide, o.Rename = m.hidden.bytes, m.hidden.InterfaceName
	}
	broken, err = decode.Facts(ctx, r, w, o)
	return w.Frames(), broken, err
}
