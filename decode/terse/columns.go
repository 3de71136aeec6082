package terse

import (
	"encoding/binary"
	"errors"

	"github.com/klauspost/compress/zstd"
)

// ErrDamaged says that what was to be decoded was never coded like this.
var ErrDamaged = errors.New("the coded headers are damaged")

// column names a kind of numbers or bytes that are alike.
type column uint8

const (
	colOp      column = iota // one byte a frame, see op
	colTime                  // since the frame before, of frames that no sighting announced
	colSoon                  // the same of the others
	colTrackLo               // the low byte of a track's number
	colTrackHi               // the high one
	colBack                  // which of the frames before shows the same packet
	colBase                  // which track a new one is made from
	colChanges               // how many bytes of it differ
	colPlace                 // where they are
	colChange                // what they are
	colHeader                // headers of tracks that are like no other
	colMask                  // which fields are not as foretold
	colMisc                  // what else is not as foretold, see misc
	colLength                // lengths of frames and of their tails
	colTail                  // the bytes behind the headers
	colField                 // the first of a column for each slot
	columns    = colField + column(slots)
)

// maxChunk bounds the columns of a chunk in bytes, unpacked.
const maxChunk = 64 << 20

// page is the columns of one chunk: they are either written or read.
type page struct {
	b    [columns][]byte
	at   [columns]int
	read bool
	bad  bool
}

// byte writes v, or reads and returns what was written.
func (p *page) byte(c column, v byte) byte {
	if !p.read {
		p.b[c] = append(p.b[c], v)
		return v
	}
	at := p.at[c]
	if at >= len(p.b[c]) {
		p.bad = true
		return 0
	}
	p.at[c]++
	return p.b[c][at]
}

// number writes v in as many bytes as it needs, or reads and returns what was written.
func (p *page) number(c column, v uint64) uint64 {
	if !p.read {
		p.b[c] = binary.AppendUvarint(p.b[c], v)
		return v
	}
	v, n := binary.Uvarint(p.b[c][p.at[c]:])
	if n <= 0 {
		p.bad = true
		return 0
	}
	p.at[c] += n
	return v
}

// difference writes how far v is from what was foretold, or reads it and returns v.
func (p *page) difference(c column, v, foretold int64) int64 {
	d := v - foretold
	return foretold + unzigzag(p.number(c, zigzag(d)))
}

// bytes writes v, or reads n bytes. They are valid until the next chunk.
func (p *page) bytes(c column, v []byte, n int) []byte {
	if !p.read {
		p.b[c] = append(p.b[c], v...)
		return v
	}
	at := p.at[c]
	if n > len(p.b[c])-at {
		p.bad = true
		return nil
	}
	p.at[c] += n
	return p.b[c][at : at+n : at+n]
}

func zigzag(d int64) uint64 { return uint64(d)<<1 ^ uint64(d>>63) }

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// reset empties the columns for writing.
func (p *page) reset() {
	for c := range p.b {
		p.b[c], p.at[c] = p.b[c][:0], 0
	}
	p.read, p.bad = false, false
}

// pack appends the columns, each compressed, behind its length.
func (p *page) pack(dst []byte, z *zstd.Encoder, room []byte) ([]byte, []byte) {
	for c := range p.b {
		room = room[:0]
		if len(p.b[c]) > 0 {
			room = z.EncodeAll(p.b[c], room)
		}
		dst = binary.AppendUvarint(dst, uint64(len(room)))
		dst = append(dst, room...)
	}
	return dst, room
}

// unpack makes the columns those that were packed.
func (p *page) unpack(src []byte, z *zstd.Decoder) error {
	p.reset()
	p.read = true
	room := 0
	for c := range p.b {
		room += cap(p.b[c])
	}
	if room > maxChunk { // each chunk may have another column that is large
		p.b = [columns][]byte{}
	}
	left := maxChunk
	for c := range p.b {
		n, k := binary.Uvarint(src)
		if k <= 0 || n > uint64(len(src)-k) {
			return ErrDamaged
		}
		if n > 0 {
			var err error
			if p.b[c], err = z.DecodeAll(src[k:k+int(n)], p.b[c]); err != nil {
				return errors.Join(ErrDamaged, err)
			}
			if left -= len(p.b[c]); left < 0 {
				return ErrDamaged
			}
		}
		src = src[k+int(n):]
	}
	if len(src) != 0 {
		return ErrDamaged
	}
	return nil
}
