package capture

import (
	"bytes"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func FuzzPcap(f *testing.F) {
	for _, row := range formats {
		if row.format == "pcap" {
			f.Add(row.in)
		}
	}
	for _, i := range []int{8, 12, 40} {
		f.Add(flip(pcapFile(6), offsetOf(3)+i, 0xffffffff))
		f.Add(flip(pcapFile(6), offsetOf(3)+i, 400))
	}
	f.Add(pcapFile(6)[:400])
	f.Add(append(pcapFile(3), make([]byte, 100)...))
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) >= 4 && bigEndian.u32(in) == blockSHB {
			t.Skip("pcapng has its own")
		}
		got := invariants(t, in)
		if want := prefix(in); len(got.Frames) < len(want) {
			t.Errorf("%d frames, at least %d are there", len(got.Frames), len(want))
		} else {
			for i := range want {
				if got.Frames[i].Data != want[i] {
					t.Errorf("frame %d differs", i+1)
				}
			}
		}
	})
}

// prefix reads a standard pcap file the slow and obvious way, as far as nothing is wrong with it. It returns nothing
// for the variants.
func prefix(in []byte) []string {
	if len(in) < 24 || le.Uint32(in) != magicNano || le.Uint16(in[4:]) != 2 || le.Uint16(in[6:]) != 4 {
		return nil
	}
	var frames []string
	for in = in[24:]; len(in) >= 16; {
		n := int(le.Uint32(in[8:]))
		if n > 262144 || n > len(in)-16 || another(in) != unlikely {
			break
		}
		frames = append(frames, string(in[16:16+n]))
		in = in[16+n:]
	}
	return frames
}

func FuzzPcapng(f *testing.F) {
	for _, row := range formats {
		if row.format == "pcapng" {
			f.Add(row.in)
		}
	}
	plain := join(section(le), described(le, 1, 0), enhanced(le, 0, 0, payload(0)), enhanced(le, 0, 0, payload(1)), simple(le, 3, "abc"))
	f.Add(plain)
	f.Add(flip(plain, 48+4, 0xfffffffc))
	f.Add(flip(plain, 48+4, 400))
	f.Add(join(plain, []byte("noise"), plain))
	f.Add(plain[:100])
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) < 4 || bigEndian.u32(in) != blockSHB {
			t.Skip("not pcapng")
		}
		invariants(t, in)
	})
}

// FuzzUnpack looks for inputs that make a decompressor panic or never end.
func FuzzUnpack(f *testing.F) {
	f.Add(zipped(pcapFile(3)))
	f.Add(zstandard(pcapFile(3)))
	f.Add(zipped(zstandard(pcapFile(3))))
	f.Add(join(skippable("x"), zstandard(pcapFile(3)), zstandard(nil)))
	f.Add(join(zipped(pcapFile(3)), zipped(nil)))
	f.Fuzz(func(t *testing.T, in []byte) {
		if unpacker(in) == nil {
			t.Skip("not compressed")
		}
		got := all(t, bytes.NewReader(in))
		if len(got.Frames) > 0 && got.Format == "" {
			t.Error("frames of no format")
		}
	})
}

// invariants reads in, and checks what must hold of any input.
func invariants(t *testing.T, in []byte) result {
	t.Helper()
	got := all(t, bytes.NewReader(in)) // which also slices every frame out of its block
	if got.Err != nil && got.Frames != nil {
		t.Error("an error that is not one of reading, after frames:", got.Err)
	}
	size, last := 0, uint64(0)
	for _, f := range got.Frames {
		size += len(f.Data)
		if f.Number <= last {
			t.Errorf("frame %d after frame %d", f.Number, last)
		}
		last = f.Number
		if int(f.Interface) >= len(got.Interfaces) {
			t.Errorf("frame %d is of interface %d of %d", f.Number, f.Interface, len(got.Interfaces))
		}
	}
	// A record may be found inside the one before it, and that only once for each.
	if size > 2*len(in) {
		t.Errorf("%d bytes of frames in a file of %d", size, len(in))
	}
	for _, d := range got.Damage {
		if d.Offset < 0 || d.Offset > int64(len(in)) || d.Skipped < -1 || d.Offset+d.Skipped > int64(len(in)) || d.What == "" || d.Frame == 0 {
			t.Errorf("damage %+v in a file of %d bytes", d, len(in))
		}
	}
	// However the bytes arrive, they mean the same; but the variants of pcap can't be told from a pipe.
	if len(in) < 4 || le.Uint32(in) != magicMicro && be.Uint32(in) != magicMicro {
		slow := all(t, iotest.HalfReader(iotest.OneByteReader(bytes.NewReader(in))))
		if d := cmp.Diff(got, slow, cmp.Comparer(func(a, b error) bool { return (a == nil) == (b == nil) })); d != "" {
			t.Error("byte by byte:", d)
		}
	}
	return got
}
