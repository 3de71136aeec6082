package terse

import (
	"encoding/binary"
	"testing"
)

// TestColumnsKept: of chunks each of which has another large column, a decoder does not keep all columns.
func TestColumnsKept(t *testing.T) {
	e, d := NewEncoder(1), NewDecoder(1)
	defer d.Close()
	for c := range column(6) {
		var p page
		p.b[c] = make([]byte, maxChunk-1<<20)
		chunk, _ := p.pack(binary.AppendUvarint(nil, 0), e.zstd, nil)
		if err := d.Open(chunk); err != nil {
			t.Fatal(err)
		}
		room := 0
		for _, b := range d.b {
			room += cap(b)
		}
		if room > 3*maxChunk {
			t.Fatalf("%d MB are kept after %d chunks", room>>20, c+1)
		}
	}
}

// FuzzColumns holds that no columns, however they were made up, make the decoder panic. Bytes go to columns in turn: a byte says which, the next one
// how many follow.
func FuzzColumns(f *testing.F) {
	e := NewEncoder(1)
	for i := range 4 {
		e.Add(Frame{Number: uint64(i), Time: int64(i), Link: 101, Wire: 40, Captured: 40, Data: []byte("E\x00\x00(\x00\x01@\x00@\x06\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x9c@\x00P\x00\x00\x00\x01\x00\x00\x00\x01P\x10\xfa\xf0\x00\x00\x00\x00")})
	}
	var seed []byte
	for c, b := range e.b {
		if len(b) > 0 {
			seed = append(append(seed, byte(c), byte(len(b))), b...)
		}
	}
	f.Add(uint8(4), seed)
	f.Fuzz(func(t *testing.T, frames uint8, data []byte) {
		var p page
		for len(data) >= 2 {
			c, n := int(data[0])%int(columns), min(int(data[1]), len(data)-2)
			p.b[c] = append(p.b[c], data[2:2+n]...)
			data = data[2+n:]
		}
		chunk, _ := p.pack(binary.AppendUvarint(nil, uint64(frames)), e.zstd, nil)
		d := NewDecoder(1)
		defer d.Close()
		if err := d.Open(chunk); err != nil {
			t.Fatal(err)
		}
		var x Frame
		for {
			more, err := d.Next(&x)
			if err != nil || !more {
				return
			}
			if len(x.Data) > maxHeader+maxForm+maxTail {
				t.Fatalf("a frame of %d bytes", len(x.Data))
			}
		}
	})
}
