package terse

import (
	"encoding/binary"

	"github.com/klauspost/compress/zstd"
)

// Encoder codes frames.
type Encoder struct {
	codec
	n, size int
	zstd    *zstd.Encoder
	room    []byte
}

// NewEncoder returns an encoder of frames whose times are multiples of unit nanoseconds.
func NewEncoder(unit int64) *Encoder {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // an option that does not exist
	}
	e := &Encoder{codec: newCodec(unit), zstd: z}
	e.byHash, e.byKin, e.byPlace = map[uint64]int32{}, map[uint64]int32{}, map[uint64]int32{}
	e.forms.number = map[string]byte{}
	return e
}

// Add codes a frame.
func (e *Encoder) Add(f Frame) {
	e.frame(&f)
	e.n++
	e.size += len(f.Data)
}

// Len returns how many frames were added since Chunk was called last.
func (e *Encoder) Len() int { return e.n }

// Full reports whether a chunk has to be made before the next frame is added.
func (e *Encoder) Full() bool { return e.n >= MaxFrames || e.size >= maxChunk/2 }

// Chunk appends to dst what codes the frames added since it was called last.
func (e *Encoder) Chunk(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(e.n))
	dst, e.room = e.pack(dst, e.zstd, e.room)
	e.reset()
	e.n, e.size = 0, 0
	return dst
}

// Decoder decodes what one Encoder has coded, chunk by chunk and in its order.
type Decoder struct {
	codec
	left int
	zstd *zstd.Decoder
}

// NewDecoder returns a decoder; unit is that of the encoder.
func NewDecoder(unit int64) *Decoder {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxChunk))
	if err != nil {
		panic(err) // an option that does not exist
	}
	return &Decoder{codec: newCodec(unit), zstd: z}
}

// Close frees what the decoder holds.
func (d *Decoder) Close() { d.zstd.Close() }

// MaxFrames is how many frames a chunk has at most.
const MaxFrames = 1 << 17

// Open begins a chunk. The error wraps ErrDamaged.
func (d *Decoder) Open(chunk []byte) error {
	n, k := binary.Uvarint(chunk)
	if k <= 0 || n > MaxFrames {
		return ErrDamaged
	}
	d.left = int(n)
	return d.unpack(chunk[k:], d.zstd)
}

// Next sets f to the next frame of the chunk, whose Data are valid until the next call. It reports false behind the last one. The error is
// ErrDamaged, and nothing can be decoded after it.
func (d *Decoder) Next(f *Frame) (bool, error) {
	if d.left == 0 {
		return false, nil
	}
	d.left--
	*f = Frame{}
	d.frame(f)
	if d.bad {
		d.left = 0
		return false, ErrDamaged
	}
	return true, nil
}
