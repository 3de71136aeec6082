package capture

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// A packet that has arrived is returned before the next one does, and before the pipe is closed.
func TestLowDelay(t *testing.T) {
	for _, row := range []struct {
		name   string
		header []byte
		packet func(i int) []byte
	}{
		{"pcap", pcapFile(0), numbered},
		{"pcapng", join(section(le), described(le, 1, 0)), func(i int) []byte { return enhanced(le, 0, uint64(i), payload(i)) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			pr, pw := io.Pipe()
			want := make(chan int)
			go func() {
				pw.Write(row.header)
				for n := range want {
					// In two pieces, of which the second must not be waited for by anyone but the packet it ends.
					p := row.packet(n)
					pw.Write(p[:20])
					pw.Write(p[20:])
				}
				pw.Close()
			}()
			r, err := NewReader(pr)
			if err != nil {
				t.Fatal(err)
			}
			var b Block
			for n := range 20 {
				want <- n
				if err := r.Read(&b); err != nil {
					t.Fatal(err)
				}
				if len(b.Frames) != 1 || string(b.Bytes(&b.Frames[0])) != payload(n) {
					t.Fatalf("after packet %d: %v", n, b.Frames)
				}
			}
			close(want)
			if err := r.Read(&b); !errors.Is(err, io.EOF) || len(r.Damage()) > 0 {
				t.Fatal(err, r.Damage())
			}
		})
	}
}

// Frames of a batch that came with it are bounded, and so are its bytes.
func TestBlockSize(t *testing.T) {
	p := pcapFile(0)
	for range 100_000 {
		p = append(p, record(le, 1, 0, "")...)
	}
	for range 1000 {
		p = append(p, record(le, 1, 0, string(make([]byte, 60_000)))...)
	}
	r, err := NewReader(bytes.NewReader(p))
	if err != nil {
		t.Fatal(err)
	}
	var b Block
	n := 0
	for {
		err := r.Read(&b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n += len(b.Frames)
		if len(b.Frames) > maxFrames || cap(b.Data) > keepSize {
			t.Fatalf("%d frames in a block of %d bytes", len(b.Frames), cap(b.Data))
		}
	}
	if n != 101_000 || len(r.Damage()) > 0 {
		t.Errorf("%d frames, damage %v", n, r.Damage())
	}
}

// A block may be read into again while others still hold frames: each block owns its bytes.
func TestBlocksAreIndependent(t *testing.T) {
	p := pcapFile(20_000)
	r, err := NewReader(bytes.NewReader(p))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []Block
	for {
		b := Block{Data: bytes.Repeat([]byte{0xa5}, 1000)}
		if err := r.Read(&b); err != nil {
			break
		}
		blocks = append(blocks, b)
	}
	n := 0
	for i := range blocks {
		for k := range blocks[i].Frames {
			if got := string(blocks[i].Bytes(&blocks[i].Frames[k])); got != payload(n) {
				t.Fatalf("frame %d has other bytes", n+1)
			}
			n++
		}
	}
	if n != 20_000 || len(blocks) < 2 {
		t.Errorf("%d frames in %d blocks", n, len(blocks))
	}
}

// rewind serves a file's header once and then its records again and again.
type rewind struct {
	header, records []byte
	at              int
}

func (r *rewind) Read(p []byte) (int, error) {
	if len(r.header) > 0 {
		n := copy(p, r.header)
		r.header = r.header[n:]
		return n, nil
	}
	if r.at == len(r.records) {
		r.at = 0
	}
	n := copy(p, r.records[r.at:])
	r.at += n
	return n, nil
}

// endless returns an endless capture of packets like those on a node, and the size of one round of them.
func endless(name string) (r *rewind, frames int, size int) {
	const n = 4096
	r = &rewind{header: pcapFile(0)}
	if name == "pcapng" {
		r.header = join(section(le), described(le, 1, 0))
	}
	noise := make([]byte, 2*n)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	for i := range n {
		data := string(noise[i : i+[]int{72, 88, 100, 130, 300, 1516}[i%6]])
		switch name {
		case "pcapng":
			r.records = append(r.records, enhanced(le, 0, uint64(i), data)...)
		default:
			r.records = append(r.records, record(le, 1700000000, uint32(i), data)...)
		}
		size += len(data)
	}
	return r, n, size
}

func TestNoAllocation(t *testing.T) {
	for _, name := range []string{"pcap", "pcapng"} {
		src, _, _ := endless(name)
		r, err := NewReader(src)
		if err != nil {
			t.Fatal(err)
		}
		var b Block
		for range 10 {
			if err := r.Read(&b); err != nil {
				t.Fatal(err)
			}
		}
		if n := testing.AllocsPerRun(100, func() { r.Read(&b) }); n > 0 {
			t.Errorf("%s: %v allocations per block", name, n)
		}
	}
}

func TestNoProgress(t *testing.T) {
	stuck := readerFunc(func([]byte) (int, error) { return 0, nil })
	if got := all(t, stuck); !errors.Is(got.Err, io.ErrNoProgress) {
		t.Error(got.Err)
	}
	if got := all(t, io.MultiReader(iotest.DataErrReader(bytes.NewReader(pcapFile(3))), stuck)); !errors.Is(got.Err, io.ErrNoProgress) || len(got.Frames) != 3 {
		t.Error(got.Err, len(got.Frames))
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func BenchmarkRead(b *testing.B) {
	for _, name := range []string{"pcap", "pcapng"} {
		b.Run(name, func(b *testing.B) {
			src, frames, size := endless(name)
			r, err := NewReader(src)
			if err != nil {
				b.Fatal(err)
			}
			benchmark(b, r, size/frames)
		})
	}
	for _, row := range []struct {
		name string
		pack func([]byte) []byte
	}{{"gzip", zipped}, {"zstd", zstandard}} {
		b.Run(row.name, func(b *testing.B) {
			src, frames, size := endless("pcap")
			r, err := NewReader(&rewind{header: row.pack(src.header), records: row.pack(src.records)})
			if err != nil {
				b.Fatal(err)
			}
			defer r.Close()
			benchmark(b, r, size/frames)
		})
	}
}

// benchmark reads b.N frames.
func benchmark(b *testing.B, r *Reader, frameSize int) {
	var block Block
	b.SetBytes(int64(frameSize))
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += len(block.Frames) {
		if err := r.Read(&block); err != nil {
			b.Fatal(err, r.Damage())
		}
	}
}
