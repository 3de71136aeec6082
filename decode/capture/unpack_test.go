package capture

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func zipped(p []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(p)
	w.Close()
	return b.Bytes()
}

func zstandard(p []byte) []byte {
	w, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	return w.EncodeAll(p, nil)
}

// skippable is a zstd frame that is to be skipped, RFC 8878 section 3.1.2.
func skippable(p string) []byte {
	return append(le.AppendUint32([]byte{0x51, 0x2a, 0x4d, 0x18}, uint32(len(p))), p...)
}

func TestUnpack(t *testing.T) {
	const n = 3000
	plain := pcapFile(n)
	flipped := func(p []byte, at int) []byte {
		p = bytes.Clone(p)
		p[at] ^= 0xff
		return p
	}
	half := len(plain) / 2
	for _, row := range []struct {
		name   string
		in     []byte
		frames int    // -1: some, not all
		damage string // what it says
	}{
		{"gzip", zipped(plain), n, ""},
		{"gzip of several members", join(zipped(plain[:10]), zipped(nil), zipped(plain[10:half]), zipped(plain[half:])), n, ""},
		{"zstd", zstandard(plain), n, ""},
		{"zstd of several frames", join(skippable("hello"), zstandard(plain[:10]), skippable(""), zstandard(plain[10:half]), zstandard(plain[half:])), n, ""},
		{"gzip in zstd", zstandard(zipped(plain)), n, ""},
		{"zstd in gzip", zipped(zstandard(plain)), n, ""},
		{"gzip in gzip", zipped(zipped(plain)), n, ""},
		{"gzip cut", zipped(plain)[:len(zipped(plain))/2], -1, "ends early"},
		{"gzip cut in its checksum", zipped(plain)[:len(zipped(plain))-3], n, "ends early"},
		{"gzip with a wrong checksum", flipped(zipped(plain), len(zipped(plain))-6), n, "damaged"},
		{"gzip with bytes behind", append(zipped(plain), "hello, world"...), n, "damaged"},
		{"gzip cut between two members", join(zipped(plain[:half]), zipped(plain[half:])[:8]), -1, "ends early"},
		{"zstd cut", zstandard(plain)[:len(zstandard(plain))-2], -1, "ends early"},
		{"zstd cut between two frames", join(zstandard(plain[:half]), zstandard(plain[half:])[:8]), -1, "ends early"},
		{"zstd broken", flipped(zstandard(plain), len(zstandard(plain))-1), -1, "damaged"},
		{"zstd with bytes behind", append(zstandard(plain), "hello, world"...), -1, "damaged"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := all(t, bytes.NewReader(row.in))
			if got.Err != nil {
				t.Fatal(got.Err)
			}
			if row.frames >= 0 && len(got.Frames) != row.frames || row.frames < 0 && len(got.Frames) > n {
				t.Errorf("%d frames, want %d", len(got.Frames), row.frames)
			}
			switch {
			case row.damage == "" && len(got.Damage) > 0:
				t.Errorf("damage %v", got.Damage)
			case row.damage != "" && (len(got.Damage) != 1 || !strings.Contains(got.Damage[0].What, row.damage) || got.Damage[0].Skipped != -1):
				t.Errorf("damage %v, want one that says %q to the end", got.Damage, row.damage)
			}
		})
	}
}

// All bytes before a cut are there: several megabytes, in several compressed blocks.
func TestUnpackCutKeepsWhatCameBefore(t *testing.T) {
	p := pcapFile(0)
	x := uint32(1)
	data := make([]byte, 1000)
	for i := range 4000 {
		for k := range data {
			x = x*1664525 + 1013904223
			data[k] = byte(x >> 24)
		}
		p = append(p, record(le, 1700000000, uint32(i), string(data))...)
	}
	for _, row := range []struct {
		name string
		pack func([]byte) []byte
	}{{"gzip", zipped}, {"zstd", zstandard}} {
		t.Run(row.name, func(t *testing.T) {
			in := row.pack(p)
			got := all(t, bytes.NewReader(in[:len(in)/2]))
			if len(got.Frames) < 1800 || len(got.Damage) != 1 || got.Damage[0].Frame != uint64(len(got.Frames))+1 {
				t.Errorf("%d frames of 2000, damage %v", len(got.Frames), got.Damage)
			}
		})
	}
}

// A bomb's contents are one piece of a few megabytes, compressed once and repeated.
func TestBomb(t *testing.T) {
	const piece = 4 << 20
	zeros := make([]byte, piece)
	tiny := bytes.Repeat(record(le, 1700000000, 0, strings.Repeat("\x00", 60)), piece/76)
	noise := bytes.Repeat([]byte{0x5a}, piece)
	for _, row := range []struct {
		name  string
		pack  func([]byte) []byte
		piece []byte
		bomb  bool
	}{
		{"gzip of zeros", zipped, zeros, true},
		{"zstd of zeros", zstandard, zeros, true},
		{"gzip in gzip of zeros", func(p []byte) []byte { return zipped(zipped(p)) }, zeros, true},
		{"gzip of one small packet", zipped, tiny, true},
		{"zstd of one small packet", zstandard, tiny, true},
		{"gzip of noise", zipped, noise, true},
		{"zstd of a benchmark's large packets", zstandard, benchmarked(piece), false},
		{"gzip of ordinary packets", zipped, pcapFile(piece / 110)[fileHeaderSize:], false},
	} {
		t.Run(row.name, func(t *testing.T) {
			packed := row.pack(row.piece)
			in := append(row.pack(pcapFile(10)), bytes.Repeat(packed, (ratioFrom+ratioFrom/4)/len(row.piece))...)
			if row.name == "gzip in gzip of zeros" {
				in = zipped(append(zipped(pcapFile(10)), bytes.Repeat(zipped(row.piece), 2*ratioFrom/len(row.piece))...))
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r, err := NewReader(bytes.NewReader(in))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var block Block
			frames := 0
			for err == nil {
				err = r.Read(&block)
				frames += len(block.Frames)
			}
			runtime.ReadMemStats(&after)
			if !errors.Is(err, io.EOF) || frames < 10 {
				t.Errorf("%d frames, %v", frames, err)
			}
			said := ""
			if d := r.Damage(); len(d) > 0 {
				said = d[len(d)-1].What
			}
			if strings.Contains(said, "unpack it yourself") != row.bomb || len(r.Damage()) > 2 {
				t.Errorf("after %d bytes of %d: %d damages, %q", r.off, len(in), len(r.Damage()), said)
			}
			if row.bomb && r.off > ratioFrom+ratioFrom/8 {
				t.Errorf("refused only after %d bytes", r.off)
			}
			if used := after.Sys - min(before.Sys, after.Sys); used > 64<<20 {
				t.Errorf("%d MiB of memory", used>>20)
			}
		})
	}
}

// benchmarked is a transfer of one buffer again and again in packets of 64 KB, whose headers differ.
func benchmarked(size int) []byte {
	var p []byte
	payload := strings.Repeat("one buffer again ", 3800)
	for n := uint32(0); len(p) < size; n++ {
		x := n * 2654435761
		header := be.AppendUint64(be.AppendUint32(nil, x), uint64(x)*uint64(x))
		p = append(p, record(le, 1700000000+n/1000, n%1000*997, string(header)+payload)...)
	}
	return p
}

// A frame header may claim a window that we would have to keep.
func TestZstdWindow(t *testing.T) {
	// RFC 8878 section 3.1.1: a window of 2 GiB, then one last raw block.
	in := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 1, 0, 0}
	got := all(t, bytes.NewReader(in))
	if !errors.Is(got.Err, ErrUnpack) || !strings.Contains(got.Err.Error(), "128 MiB") {
		t.Errorf("error %v", got.Err)
	}
}

// An error of the input is the reader's, not damage, also below a decompressor.
func TestReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, row := range []struct {
		name string
		in   []byte
	}{{"plain", pcapFile(100)}, {"gzip", zipped(pcapFile(100))}, {"zstd", zstandard(pcapFile(100))}} {
		t.Run(row.name, func(t *testing.T) {
			in := row.in[:len(row.in)-5]
			got := all(t, io.MultiReader(iotest.HalfReader(bytes.NewReader(in)), iotest.ErrReader(broken)))
			if !errors.Is(got.Err, broken) {
				t.Errorf("error %v after %d frames", got.Err, len(got.Frames))
			}
			if row.name == "plain" && len(got.Frames) != 99 {
				t.Errorf("%d frames", len(got.Frames))
			}
		})
	}
}
