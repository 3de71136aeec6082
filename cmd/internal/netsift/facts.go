package netsift

import (
	"archive/tar"
	"context"
	"errors"
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
	var failed error
	read := func(to io.Writer, i int) bool {
		var c fact.Capture
		if !obey(ctx, e, func() { c, failed = m.make(ctx, to, &q.in[i], m.name(q, i)) }) {
			failed = errInterrupted
			return false
		}
		captures = append(captures, c)
		total += c.Frames
		return failed == nil
	}
	if len(q.in) == 1 {
		read(q.out, 0)
	} else {
		failed = m.archive(q, read, &failed)
	}
	p.clear()
	warn(e.Stderr, captures)
	if failed == nil && len(q.in) == 1 && captures[0].Error != "" {
		failed = errNoCapture
	}
	return q.out.Close(failed)
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

// archive writes the facts of several captures, one file for each. The first error is in failed.
func (m *factsMaker) archive(q *request, read func(io.Writer, int) bool, failed *error) error {
	t := tar.NewWriter(q.out)
	labels := analyze.Labels(q.in)
	for i := range q.in {
		if m.hidden != nil {
			labels[i] = strings.TrimSuffix(m.name(q, i), ".pcap")
		}
		if err := m.entry(t, labels[i]+".facts", func(w io.Writer) bool { return read(w, i) }); err != nil || *failed != nil {
			return errors.Join(*failed, err)
		}
	}
	return writeFailed(t.Close())
}

// entry writes one file of an archive, which has to say its size first.
func (m *factsMaker) entry(t *tar.Writer, name string, fill func(io.Writer) bool) error {
	s, err := m.env.Spool()
	if err != nil {
		return &exitError{ExitFailed, fmt.Sprintf("no temporary file for the facts: %v", err)}
	}
	defer s.Close()
	size := sized{w: s}
	if !fill(&size) {
		return nil
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
