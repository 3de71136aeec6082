package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxWindow is how far back a zstd frame may refer, and so the memory it may make us hold. It is zstd's own limit
	// without --long=31.
	maxWindow = 128 << 20
	// maxLayers is how many compressions may lie around each other: one, and one more by mistake.
	maxLayers = 2
)

// source is the input without its compression.
type source struct {
	io.Reader
	input  *tally
	output *tally // what comes out of the innermost decompressor, nil without compression
	closes []func()
}

// open tells whether r is compressed, and with what, and unpacks it.
func open(r io.Reader) (*source, error) {
	in := &tally{r: r}
	s := &source{Reader: in, input: in}
	if err := s.unpack(); err != nil {
		s.close()
		if s.broken() {
			return nil, in.failure()
		}
		return nil, err
	}
	return s, nil
}

// unpack puts decompressors on top of each other until what comes out is not compressed.
func (s *source) unpack() error {
	for layer := 0; ; layer++ {
		head, err := peek(s.Reader)
		if err != nil && layer > 0 {
			err = fmt.Errorf("%w: %v", ErrUnpack, packError(err))
		}
		if err != nil {
			return err
		}
		s.Reader = head
		wrap := unpacker(head.p)
		if wrap == nil {
			return nil
		}
		if layer == maxLayers {
			return fmt.Errorf("%w: it is compressed more than %d times over; unpack it first", ErrCompression, maxLayers)
		}
		in := &tally{r: head}
		dec, stop, err := wrap(in)
		if err != nil {
			return fmt.Errorf("%w: %v", ErrUnpack, packError(err))
		}
		s.closes = append(s.closes, stop)
		s.output = &tally{r: &bounded{dec: dec, in: in}}
		s.Reader = s.output
	}
}

// head returns the first bytes, some four at least where there are as many.
func (s *source) head() []byte {
	if h, ok := s.Reader.(*peeked); ok {
		return h.p
	}
	return nil
}

// broken says whether reading the input itself failed, as against unpacking what was read.
func (s *source) broken() bool { return s.input.failure() != nil }

// close ends the decompressors, innermost first.
func (s *source) close() {
	for i := len(s.closes) - 1; i >= 0; i-- {
		s.closes[i]()
	}
	s.closes = nil
}

// unpacker returns a decompressor for a stream that begins with p, nil if it isn't compressed with something known.
func unpacker(p []byte) func(io.Reader) (io.Reader, func(), error) {
	if len(p) >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8 { // RFC 1952 section 2.3.1
		return func(r io.Reader) (io.Reader, func(), error) {
			z, err := gzip.NewReader(r)
			return z, func() {}, err
		}
	}
	if len(p) < 4 {
		return nil
	}
	m := binary.LittleEndian.Uint32(p)
	if m != 0xfd2fb528 && m&^0xf != 0x184d2a50 { // RFC 8878 sections 3.1.1 and 3.1.2: a frame or a skippable frame
		return nil
	}
	return func(r io.Reader) (io.Reader, func(), error) {
		// Two decoders make it a pipeline on goroutines of its own, whose Read returns what is there.
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(2), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
}

// packError words what a decompressor says.
func packError(err error) error {
	switch {
	case errors.Is(err, errBomb):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF:
		return errors.New("the compressed data ends early: the file was cut, or is still being written")
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return fmt.Errorf("the compressed data needs more than %d MiB of memory: unpack it yourself and give the plain file", maxWindow>>20)
	}
	return fmt.Errorf("the compressed data is damaged (%w)", err)
}

// tally counts the bytes read through it and remembers how reading failed. Decompressors read on goroutines of
// their own, hence the atomics.
type tally struct {
	r   io.Reader
	n   atomic.Int64
	err atomic.Pointer[error]
}

func (t *tally) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.n.Add(int64(n))
	if err != nil && err != io.EOF {
		t.fail(err)
	}
	return n, err
}

// fail is a function of its own so that err is not allocated where there is none.
func (t *tally) fail(err error) { t.err.Store(&err) }

// failure returns the error that reading ended with, nil if it has not ended or ended with the input.
func (t *tally) failure() error {
	if err := t.err.Load(); err != nil {
		return *err
	}
	return nil
}

// peeked is a reader whose first bytes have been looked at.
type peeked struct {
	p []byte
	r io.Reader
}

// peek reads the first bytes of r, at least four unless it ends before.
func peek(r io.Reader) (*peeked, error) {
	head := &peeked{p: make([]byte, 0, 4096), r: r}
	for range 100 {
		n, err := r.Read(head.p[len(head.p):cap(head.p)])
		head.p = head.p[:len(head.p)+n]
		if err == io.EOF && len(head.p) > 0 {
			head.r = ended{err}
			return head, nil
		}
		if err != nil && len(head.p) >= 4 {
			head.r = ended{err}
			return head, nil
		}
		if err == io.EOF {
			return head, nil
		}
		if err != nil {
			return nil, err
		}
		if len(head.p) >= 4 {
			return head, nil
		}
	}
	return nil, io.ErrNoProgress
}

func (h *peeked) Read(p []byte) (int, error) {
	if len(h.p) == 0 {
		return h.r.Read(p)
	}
	n := copy(p, h.p)
	h.p = h.p[n:]
	return n, nil
}

// ended is a reader at its end, for readers that report their end only once.
type ended struct{ err error }

func (e ended) Read([]byte) (int, error) { return 0, e.err }
