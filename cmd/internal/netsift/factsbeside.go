package netsift

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// factsBeside writes the facts of a live stream while it is analyzed, from the same bytes. What it can't write is no reason to stop looking.
type factsBeside struct {
	env    *Env
	hidden *hiding
	ports  map[decode.EncapKind][]uint16
	path   string
	pipe   *io.PipeWriter
	done   sync.WaitGroup
	failed error
}

// along has the facts of a stream written to a file while it is read.
func (b *factsBeside) along(in *analyze.Input) {
	open := in.Open
	in.Open = func() (io.ReadCloser, error) {
		f, err := open()
		if err != nil {
			return nil, err
		}
		to, err := b.env.Create(b.path, growing)
		if err != nil {
			b.failed = err
			return f, nil
		}
		r, w := io.Pipe()
		b.pipe = w
		b.done.Go(func() {
			b.failed = b.write(r, to, in)
			io.Copy(io.Discard, r) // the stream goes on
		})
		return &teed{f, w}, nil
	}
}

// write writes the facts of what r reads.
func (b *factsBeside) write(r io.Reader, to made, in *analyze.Input) error {
	defer to.Close()
	from, err := capture.NewReader(r)
	if err != nil {
		return nil // the analysis says it
	}
	defer from.Close()
	m := &factsMaker{env: b.env, options: decode.Options{Ports: b.ports}, hidden: b.hidden}
	next := b.env.Now().Add(pulse)
	m.batch = func(uint64) bool {
		now := b.env.Now()
		if now.Before(next) {
			return false
		}
		next = now.Add(pulse)
		return true
	}
	name := in.Name
	if name == "-" {
		name = ""
	}
	if b.hidden != nil {
		name = b.hidden.Files()[0]
	}
	_, _, err = m.write(context.Background(), to, from, name)
	return err
}

// end waits until all that was read is written, and says what could not be. The stream may still wait for more that nobody wants.
func (b *factsBeside) end() error {
	if b.pipe != nil {
		b.pipe.Close()
	}
	b.done.Wait()
	if b.failed != nil {
		return &exitError{ExitFailed, fmt.Sprintf("--facts %s: %s", report.Clean(b.path), report.Clean(b.failed.Error()))}
	}
	return nil
}

// teed is an input that another one reads along.
type teed struct {
	io.ReadCloser
	to *io.PipeWriter
}

func (t *teed) Read(b []byte) (int, error) {
	n, err := t.ReadCloser.Read(b)
	t.to.Write(b[:n])
	if err != nil && err != io.EOF {
		t.to.CloseWithError(err)
	}
	return n, err
}

func (t *teed) Close() error {
	t.to.Close()
	return t.ReadCloser.Close()
}
