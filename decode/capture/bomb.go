package capture

import (
	"errors"
	"io"
)

// A decompression bomb costs time, not memory: nothing here grows with the stream. So it is refused for the work it
// makes, and only after ratioFrom bytes, which are read in a moment anyway.
const (
	ratioFrom = 64 << 20
	// maxRatio is how far any stream may inflate. A frame of 64 KB that differs from the one before it in nothing but
	// its headers (a benchmark that sends one buffer again and again, a transfer of zeros) still costs zstd some twenty
	// bytes.
	maxRatio = 5000
	// cheapRatio is how far a stream may inflate that is not made of such large frames. Ordinary captures shrink to a
	// third or a tenth, idle ones to a fiftieth; deflate itself ends at 1032, and gets there on nothing but zeros.
	cheapRatio = 100
	// frameCost is what a frame must have cost in compressed bytes to pass as one of a capture beyond cheapRatio: the
	// times alone of two frames differ by as much.
	frameCost = 4
)

// errBomb is how the reading of a bomb ends.
var errBomb = errors.New("the compressed data unpacks to hundreds of times its size, as no honest capture does: unpack it yourself and give the plain file")

// bounded is a decompressed stream that ends when it turns out to be a bomb by its size alone.
type bounded struct {
	dec io.Reader
	in  *tally
	out int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.dec.Read(p)
	if b.out += int64(n); b.out > ratioFrom && b.out/maxRatio > b.in.n.Load() {
		return n, errBomb
	}
	return n, err
}

// bomb says whether what has been read so far gives too little for its size: tiny frames that cost nothing, or no
// frames at all.
func (r *Reader) bomb() bool {
	if r.src.output == nil {
		return false
	}
	in, out := r.src.input.n.Load(), r.src.output.n.Load()
	if out <= ratioFrom || out/cheapRatio <= in {
		return false
	}
	return in < frameCost*int64(r.frames)+(out-r.records)/cheapRatio
}
