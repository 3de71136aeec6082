package capture

import (
	"io"
	"slices"
)

const (
	// blockSize is how much is read at once. It is large enough that the system call and the wake-up of the decoder cost nothing
	// per frame. It is small enough that its bytes, and the packets made of them, are still in a processor's own cache when they are decoded and followed.
	blockSize = 128 << 10
	// maxFrames bounds a batch whose frames are tiny.
	maxFrames = 4096
	// keepSize is the size beyond which a buffer is not reused: one giant record must not make every block giant.
	keepSize = 2 << 20
)

// Reader reads the frames of one capture. It is not safe for concurrent use. The results of Interfaces and Damage
// must not be used while Read runs.
type Reader struct {
	src    *source
	format format
	name   string
	// facts reads a facts file; nil for a capture.
	facts *facts

	interfaces []Interface
	damages    damages
	torn       bool
	frames     uint64 // the number of the last frame

	// The window: the part of the file that is in memory. While Read runs it is the Block's Data, in between it is rest.
	p       []byte
	off     int64 // file offset of p[0]
	prev    int   // where the record before at begins in p; at, if it is not there any more
	at      int   // the first byte that has not been read as a record
	rest    []byte
	back    int64  // how far reading has stepped back in all, see resume
	steps   int    // of tail, see maxSteps
	records int64  // how many bytes of the file were records, see bomb
	end     error  // what the source ended with, io.EOF or an error
	what    string // what is wrong with the record at at, after scan has returned bad
}

// format reads one format's records out of the Reader's window.
type format interface {
	// scan appends to b the frames that lie complete in the window, moving at and prev, until something stops it.
	scan(r *Reader, b *Block) state
	// record judges whether a record could begin at p[0], strictly: it is asked after damage, about any byte.
	record(p []byte) guess
	// seek returns the first place in p, not before at, for which record might not return unlikely. It makes a search
	// through noise fast, and may err on the side of too many places.
	seek(p []byte, at int) int
}

// state is why scan stopped.
type state uint8

const (
	incomplete state = iota // the record at at continues beyond the window
	full                    // the block has as many frames as it may have
	bad                     // there is no record at at; Reader.what says why
	header                  // another capture's file header begins at at
)

// NewReader tells what r holds and reads the file header. Its errors wrap those of this package, or are those of r.
//
// It reads no further than it must, so that a pipe on which nothing happens yet can be opened.
func NewReader(r io.Reader) (*Reader, error) {
	src, err := open(r)
	if err != nil {
		return nil, err
	}
	d := &Reader{src: src}
	if isFacts(src.head()) {
		if d.facts, err = newFacts(src); err != nil {
			src.close()
			return nil, err
		}
		d.name = "facts"
		return d, nil
	}
	d.p = make([]byte, 0, blockSize)
	if err := d.readHeader(); err != nil {
		src.close()
		return nil, err
	}
	d.rest, d.p = d.p, nil
	return d, nil
}

// readHeader fills the window until the file header is complete.
func (r *Reader) readHeader() error {
	for {
		n, f := sniff(r.p)
		switch {
		case f != nil:
			r.begin(f, n)
			r.name = formatName(f)
			return nil
		case n < 0 && (len(r.p) >= 16 || r.end == io.EOF):
			return notCapture(r.p[:min(len(r.p), 16)])
		case r.end == io.EOF && len(r.p) == 0:
			return ErrEmpty
		case r.end == io.EOF:
			if len(r.p) < 4 || !magic(r.p) {
				return notCapture(r.p)
			}
			return ErrHeaderCut
		case r.end != nil:
			return r.openError()
		}
		r.refill()
	}
}

// begin makes f the format of what follows the n bytes of its file header at at.
func (r *Reader) begin(f format, n int) {
	if p, ok := f.(*pcap); ok {
		p.iface = r.addPcapInterface(p)
	}
	r.format = f
	r.at += n
	r.prev = r.at
}

// Read fills b with the next frames, at least one, in the order of the file. It waits only for the first: the
// frames in a growing pipe are returned at once. At the end it returns io.EOF and an empty b. Another error is one of reading
// the input; damaged data is none, see Damage.
func (r *Reader) Read(b *Block) error {
	if r.facts != nil {
		return r.facts.read(b)
	}
	b.Frames, b.Kept = b.Frames[:0], b.Kept[:0]
	if r.load(b); r.format == nil {
		return io.EOF
	}
	err := r.fill(b)
	b.Data = r.p
	r.save()
	return err
}

// fill reads until b has frames.
func (r *Reader) fill(b *Block) error {
	for {
		from := r.at
		s := r.format.scan(r, b)
		r.records += int64(r.at - from)
		if len(b.Frames) > 0 {
			return nil
		}
		switch s {
		case incomplete:
			if r.end == nil {
				r.refill()
				continue
			}
			if r.at == len(r.p) && r.end == io.EOF {
				return io.EOF
			}
			if !r.resume("record claims more bytes than the file has left", r.cutWords()) {
				return r.ended()
			}
		case bad:
			if !r.resume(r.what, r.what) {
				return r.ended()
			}
		case header:
			n, f := sniff(r.p[r.at:])
			r.begin(f, n)
		}
	}
}

// load moves what the last batch left over to the beginning of b's buffer, which becomes the window.
func (r *Reader) load(b *Block) {
	p := b.Data
	if cap(p) < blockSize || cap(p) > keepSize {
		p = make([]byte, 0, blockSize)
	}
	r.p = append(p[:0], r.rest...)
}

// save keeps for the next batch what b's frames don't cover, and the record before it: only the bytes after that
// record show whether its length was right.
func (r *Reader) save() {
	from := min(r.prev, r.at)
	if cap(r.rest) > keepSize {
		r.rest = nil
	}
	r.rest = append(r.rest[:0], r.p[from:]...)
	r.off += int64(from)
	r.prev -= from
	r.at -= from
	r.p = nil
}

// ended returns what Read says at the end: the error of the input, if that is what ended it. A failure of unpacking is
// damage, which has been noted by now.
func (r *Reader) ended() error {
	if !r.src.broken() {
		r.end = io.EOF
	}
	return r.end
}

// refill reads once. The window grows when it is full, never because a record claims to be long.
func (r *Reader) refill() {
	if len(r.p) == cap(r.p) {
		r.p = slices.Grow(r.p, max(blockSize, len(r.p)))
	}
	for range 100 {
		n, err := r.src.Read(r.p[len(r.p):cap(r.p)])
		r.p = r.p[:len(r.p)+n]
		if err == nil && r.bomb() {
			err = errBomb
		}
		if err != nil {
			r.end = err
			return
		}
		if n > 0 {
			return
		}
	}
	r.end = io.ErrNoProgress
	r.src.input.fail(r.end)
}

// Format returns "pcap", "pcapng" or "facts".
func (r *Reader) Format() string { return r.name }

// Of returns what a facts file was made of, as far as it has said so by now. It is nothing for a capture.
func (r *Reader) Of() FactsAbout {
	if r.facts == nil {
		return FactsAbout{}
	}
	return r.facts.about
}

// Interfaces returns the interfaces that the file has described so far, as Frame.Interface counts them. In pcapng an
// interface is described before its first frame, and its counters come after it. The slice is the Reader's own and
// valid until the next Read.
func (r *Reader) Interfaces() []Interface {
	if r.facts != nil {
		return r.facts.interfaces
	}
	return r.interfaces
}

// Damage returns what could not be read so far, in the order of the file. The slice is the Reader's own and valid
// until the next Read. A file with more than a thousand damaged places has the others counted in the last.
func (r *Reader) Damage() []Damage {
	if r.facts != nil {
		return r.facts.damages.list
	}
	return r.damages.list
}

// Torn reports whether the last of Damage is that the file ends in the middle of its last packet, as the stream of a program that was
// interrupted does. Its header promises more than there is, and everything before it could be read.
func (r *Reader) Torn() bool { return r.torn || r.facts != nil && r.facts.torn }

// Close ends decompression and frees what it holds. It does not close the underlying reader, and may wait for a read of
// it that is under way: close that one first.
func (r *Reader) Close() error {
	r.src.close()
	r.format = nil
	if r.facts != nil {
		r.facts.drop()
		r.facts.err = io.EOF
	}
	return nil
}
