package terse_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/netsift/netsift/decode/terse"
)

// code returns frames coded, each chunk of as many frames as n says.
func code(frames []terse.Frame, unit int64, n int) (chunks [][]byte) {
	e := terse.NewEncoder(unit)
	for i, f := range frames {
		e.Add(f)
		if (i+1)%n == 0 || i+1 == len(frames) {
			chunks = append(chunks, e.Chunk(nil))
		}
	}
	return chunks
}

// decoded returns the frames of chunks.
func decoded(t *testing.T, chunks [][]byte, unit int64) (frames []terse.Frame) {
	t.Helper()
	d := terse.NewDecoder(unit)
	defer d.Close()
	for i, c := range chunks {
		if err := d.Open(c); err != nil {
			t.Fatalf("chunk %d: %v", i, err)
		}
		for {
			var f terse.Frame
			more, err := d.Next(&f)
			if err != nil {
				t.Fatalf("frame %d: %v", len(frames), err)
			}
			if !more {
				break
			}
			f.Data = bytes.Clone(f.Data)
			frames = append(frames, f)
		}
	}
	return frames
}

// FuzzFrames holds that frames of any bytes come back as they were, but for checksums, and that they are the same coded again.
func FuzzFrames(f *testing.F) {
	f.Add(uint16(1), []byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00E\x00\x00\x14\x00\x00@\x00@\xff\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02"), uint8(3))
	f.Add(uint16(101), tcp, uint8(5))
	f.Add(uint16(276), append([]byte("\x08\x00\x00\x00\x00\x00\x00\x02\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00"), tcp...), uint8(9))
	f.Fuzz(func(t *testing.T, link uint16, data []byte, step uint8) {
		// Pieces of data, and each again with a byte changed, as a flow's packets and their sightings are.
		var frames []terse.Frame
		add := func(b []byte, iface uint32) {
			n := uint64(len(frames) + 1)
			if step%7 == 0 {
				n += uint64(step)
			}
			frames = append(frames, terse.Frame{
				Number: n, Time: int64(len(frames)*int(step)) * 1000, Wire: uint32(len(b)) + uint32(step%3), Captured: uint32(len(b)),
				Interface: iface, Link: link, Checksum: step & 3, Data: bytes.Clone(b),
			})
		}
		for k := range min(len(data), 40) {
			b := bytes.Clone(data[:len(data)-k])
			add(b, 0)
			if len(b) > 0 {
				b[(k*int(step)+k)%len(b)] ^= step
			}
			add(b, 0)
			add(b, uint32(k%2))
		}
		if len(frames) == 0 {
			return
		}
		got := decoded(t, code(frames, 1000, 1+int(step)%50), 1000)
		if len(got) != len(frames) {
			t.Fatalf("%d of %d frames came back", len(got), len(frames))
		}
		for i := range got {
			if !equal(&got[i], &frames[i]) {
				t.Fatalf("frame %d: %+v, want %+v", i, got[i], frames[i])
			}
		}
		again := decoded(t, code(got, 1000, 17), 1000)
		for i := range again {
			if !equal(&again[i], &got[i]) || !bytes.Equal(again[i].Data, got[i].Data) {
				t.Fatalf("frame %d, coded twice: %+v, want %+v", i, again[i], got[i])
			}
		}
	})
}

// equal reports whether two frames are, but for checksums: at most two bytes for each header that has one.
func equal(a, b *terse.Frame) bool {
	differ := 0
	if len(a.Data) != len(b.Data) {
		return false
	}
	for i := range a.Data {
		if a.Data[i] != b.Data[i] {
			differ++
		}
	}
	return differ <= 2*(len(a.Data)/8) && a.Number == b.Number && a.Time == b.Time && a.Wire == b.Wire && a.Captured == b.Captured && a.Interface == b.Interface &&
		a.Link == b.Link && a.Checksum == b.Checksum
}

// tcp is a SYN with options.
var tcp = []byte("E\x00\x00<\x12\x34@\x00@\x06\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x9c\x40\x00P\x00\x00\x00\x01\x00\x00\x00\x00\xa0\x02\xfa\xf0\x00\x00\x00\x00" +
	"\x02\x04\x05\xb4\x04\x02\x08\x0a\x00\x00\x00\x07\x00\x00\x00\x00\x01\x03\x03\x07")

// FuzzDecode holds that no bytes make the decoder panic, and that it ends.
func FuzzDecode(f *testing.F) {
	for _, c := range code([]terse.Frame{{Number: 1, Link: 101, Wire: 60, Captured: 60, Data: tcp}, {Number: 2, Link: 101, Wire: 60, Captured: 60, Data: tcp}}, 1, 10) {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, chunk []byte) {
		d := terse.NewDecoder(1)
		defer d.Close()
		if err := d.Open(chunk); err != nil {
			if !errors.Is(err, terse.ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		var frame terse.Frame
		for n := 0; ; n++ {
			more, err := d.Next(&frame)
			if err != nil || !more {
				return
			}
			if n > terse.MaxFrames {
				t.Fatal("more frames than a chunk has")
			}
		}
	})
}
