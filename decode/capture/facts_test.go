package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/decode/capture"
)

// written returns a facts file of n frames, with a batch of each five, and where its records begin.
func written(t *testing.T, n int) ([]byte, []int) {
	t.Helper()
	var b bytes.Buffer
	w := capture.NewFactsWriter(&b, capture.FactsAbout{Program: "netsift", File: "node1.pcap", Format: "pcap"})
	w.AddInterface(capture.Interface{Link: capture.LinkRaw, Name: "eth0", Snaplen: 262144, Digits: 6})
	for i := range n {
		data := []byte{0x45, 0, 0, 60, 0, byte(i), 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 53, 0, 53, 0, 40, 1, 2, byte(i)}
		w.Write(&capture.Frame{Number: uint64(i + 1), Time: int64(i) * 1e6, Wire: 60}, capture.Kept{Captured: 60, Checksum: 1}, data)
		if i%5 == 4 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var starts []int
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r, err := capture.NewReader(strings.NewReader("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x65\x00\x00\x00"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := w.Close(r, nil); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	for at := 8; at < len(file); at += 9 + int(binary.LittleEndian.Uint32(file[at+1:])) {
		starts = append(starts, at)
	}
	return file, starts
}

// numbers returns the numbers of the frames that are read of a file, and what was damaged.
func numbers(t *testing.T, file []byte) (list []uint64, damage []capture.Damage, torn bool) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b capture.Block
	for {
		err := r.Read(&b)
		if errors.Is(err, io.EOF) {
			return list, slices.Clone(r.Damage()), r.Torn()
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Frames {
			if f := &b.Frames[i]; b.Captured(i) != 60 || f.Cap != 29 || f.Wire != 60 || b.Kept[i].Checksum != 1 || b.Bytes(f)[28] != byte(f.Number-1) {
				t.Fatalf("frame %d: %+v, captured %d, % x", f.Number, f, b.Captured(i), b.Bytes(f))
			}
			list = append(list, b.Frames[i].Number)
		}
	}
}

func TestFacts(t *testing.T) {
	file, starts := written(t, 20)
	record := func(kind byte, payload string) []byte {
		b := append(binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(payload))), payload...)
		return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
	}
	// The records are about, interface, begin, four of frames, end.
	for _, c := range []struct {
		name   string
		file   []byte
		frames int
		what   string
		torn   bool
	}{
		{"whole", file, 20, "", false},
		{"without its end", file[:starts[7]], 20, "the facts end early", true},
		{"cut in the last frames", file[:starts[7]-3], 15, "the facts end early", true},
		{"cut behind the header", file[:8], 0, "the facts end early", true},
		{"a record of a kind to come", slices.Concat(file[:starts[4]], record('Z', "to come"), file[starts[4]:]), 20, "", false},
		{"a bit that flipped in the second frames", flipped(file, starts[4]+9), 5, "the checksum of these facts is wrong", false},
		{"a length of four billion", slices.Concat(file[:starts[4]], []byte("F\xff\xff\xff\xff"), file[starts[4]:]), 5, "the facts end early", true},
		{"frames that were never coded", slices.Concat(file[:starts[4]], record('F', "no chunk"), file[starts[4]:]), 5, "the facts don't make sense", false},
		{"frames before anything", slices.Concat(file[:8], record('F', "no chunk"), file[8:]), 20, "", false},
		{"a unit of nothing", slices.Concat(file[:starts[2]], record('B', "\x00"), file[starts[3]:]), 0, "", false},
	} {
		list, damage, torn := numbers(t, c.file)
		if len(list) != c.frames || torn != c.torn || (len(damage) > 0) != (c.what != "") {
			t.Errorf("%s: %d frames, want %d; damage %+v, torn %t", c.name, len(list), c.frames, damage, torn)
			continue
		}
		if c.what != "" && !strings.HasPrefix(damage[0].What, c.what) {
			t.Errorf("%s: %q, want %q", c.name, damage[0].What, c.what)
		}
	}
	newer := slices.Clone(file)
	newer[7]++
	if _, err := capture.NewReader(bytes.NewReader(newer)); !errors.Is(err, capture.ErrFactsVersion) {
		t.Errorf("a version to come: %v", err)
	}
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Read(new(capture.Block)); err != nil || r.Format() != "facts" || r.Of().File != "node1.pcap" || r.Interfaces()[0].Name != "eth0" {
		t.Errorf("%v, %s of %+v, %+v", err, r.Format(), r.Of(), r.Interfaces())
	}
}

// TestHostileFacts: what no writer writes, with the right checksums, is damage or left out.
func TestHostileFacts(t *testing.T) {
	file, starts := written(t, 5)
	record := func(kind byte, payload string) []byte {
		b := append(binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(payload))), payload...)
		return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
	}
	face := func(digits string) []byte {
		return slices.Concat(file[:starts[1]], record('I', `{"link":101,"digits":`+digits+`}`), file[starts[2]:starts[4]],
			record('E', `{"counters":[{"received":-7,"dropped":-7}],"damage":[{"Offset":-9,"Skipped":-9,"Frame":3,"What":"x"}]}`))
	}
	for digits, want := range map[string]int{"-3": 6, "0": 6, "1000000000": 9} {
		r, err := capture.NewReader(bytes.NewReader(face(digits)))
		if err != nil {
			t.Fatal(err)
		}
		var b capture.Block
		n := 0
		for r.Read(&b) == nil {
			n += len(b.Frames)
		}
		i, d := r.Interfaces()[0], r.Damage()
		if n != 5 || i.Digits != want || i.Dropped != -1 || i.Received != -1 || len(d) != 1 || d[0].Offset != -1 || d[0].Skipped != -1 {
			t.Errorf("digits %s: %d frames, %+v, %+v", digits, n, i, d)
		}
		r.Close()
	}
	// The same frames once more, as if the file began anew.
	list, damage, _ := numbers(t, slices.Concat(file[:starts[4]], file[starts[2]:]))
	if len(list) != 5 || len(damage) == 0 || !strings.Contains(damage[0].What, "not numbered upwards") {
		t.Errorf("%d frames, %+v", len(list), damage)
	}
}

// TestFactsBatches: frames come back in the batches that they were written in, since those are put in order by themselves.
func TestFactsBatches(t *testing.T) {
	var file bytes.Buffer
	w := capture.NewFactsWriter(&file, capture.FactsAbout{})
	w.AddInterface(capture.Interface{Link: capture.LinkRaw, Digits: 9})
	want := []int{3, 1, 7, 2}
	number := uint64(0)
	for _, n := range want {
		for i := range n {
			number++
			w.Write(&capture.Frame{Number: number}, capture.Kept{Last: i+1 == n}, []byte{0x45})
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r, err := capture.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []int
	var b capture.Block
	for r.Read(&b) == nil {
		got = append(got, len(b.Frames))
	}
	if !slices.Equal(got, want) {
		t.Errorf("batches of %d frames, want %d", got, want)
	}
}

// flipped returns b with one bit flipped.
func flipped(b []byte, at int) []byte {
	b = slices.Clone(b)
	b[at] ^= 1
	return b
}

// FuzzFacts holds that no bytes behind a facts file's header make the reader panic, and that it ends.
func FuzzFacts(f *testing.F) {
	f.Add([]byte("NSFACTS\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := capture.NewReader(bytes.NewReader(append([]byte("NSFACTS\x01"), data...)))
		if err != nil {
			return
		}
		defer r.Close()
		var b capture.Block
		for n := 0; r.Read(&b) == nil; n++ {
			if n > 1<<16 {
				t.Fatal("it goes on and on")
			}
			for i := range b.Frames {
				if int(b.Frames[i].Interface) >= len(r.Interfaces()) || len(b.Bytes(&b.Frames[i])) != int(b.Frames[i].Cap) {
					t.Fatalf("%+v", b.Frames[i])
				}
			}
		}
	})
}
