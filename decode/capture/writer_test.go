package capture

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket/pcapgo"
)

// written is a frame as a test writes it.
type written struct {
	iface   uint32
	time    int64
	wire    uint32
	data    string
	comment string
}

func TestWriter(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, "netsift", "two nodes")
	interfaces := []Interface{
		{Link: LinkLinuxSLL2, Name: "any", Description: "node1", Snaplen: 96, Digits: 6, Dropped: -1},
		{Link: LinkEthernet, Name: "eth0", Digits: 9, Dropped: -1},
	}
	for i, in := range interfaces {
		if got := w.AddInterface(in); got != uint32(i) {
			t.Fatalf("interface %d has index %d", i, got)
		}
	}
	frames := []written{
		{0, 1_795_404_972_000_001_000, 4, "abcd", ""},
		{1, 1_795_404_972_000_001_001, 9000, "abcde", "third transmission"},
		{0, 0, 1, "x", strings.Repeat("\u00fc", maxOption)}, // cut in the middle of a letter, if at the limit
		{1, 1, 0, "", "empty \xff"},
	}
	for _, f := range frames {
		w.Write(f.iface, f.time, f.wire, []byte(f.data), f.comment)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var got []written
	for block := (Block{}); ; {
		if err := r.Read(&block); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for i := range block.Frames {
			f := &block.Frames[i]
			got = append(got, written{f.Interface, f.Time, f.Wire, string(block.Bytes(f)), frames[len(got)].comment})
		}
	}
	if d := cmp.Diff(frames, got, cmp.AllowUnexported(written{})); d != "" {
		t.Errorf("-written +read\n%s", d)
	}
	if d := cmp.Diff(interfaces, r.Interfaces()); d != "" {
		t.Errorf("-written +read\n%s", d)
	}
	if len(r.Damage()) > 0 {
		t.Errorf("damaged: %v", r.Damage())
	}
	// Another reader has the same.
	ng, err := pcapgo.NewNgReader(bytes.NewReader(b.Bytes()), pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range frames {
		data, info, err := ng.ReadPacketData()
		if err != nil {
			t.Fatalf("gopacket, frame %d: %v", i, err)
		}
		if string(data) != f.data || info.Length != int(f.wire) || info.InterfaceIndex != int(f.iface) || info.Timestamp.UnixNano() != f.time {
			t.Errorf("gopacket, frame %d: %q %+v", i, data, info)
		}
	}
}

func TestPcapWriter(t *testing.T) {
	for _, digits := range []int{6, 9} {
		var b bytes.Buffer
		in := Interface{Link: LinkEthernet, Snaplen: 200, Digits: digits, Dropped: -1}
		w := NewPcapWriter(&b, in)
		w.Write(1_795_404_972_000_001_000, 9000, []byte("abc"))
		w.Write(1_795_404_973_999_999_000, 2, []byte("de"))
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		var block Block
		if err := r.Read(&block); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]Interface{in}, r.Interfaces()); d != "" {
			t.Errorf("-written +read\n%s", d)
		}
		f := block.Frames
		if len(f) != 2 || f[0].Time != 1_795_404_972_000_001_000 || f[1].Time != 1_795_404_973_999_999_000 || f[0].Wire != 9000 ||
			string(block.Bytes(&f[0])) != "abc" || string(block.Bytes(&f[1])) != "de" {
			t.Errorf("%d digits: read %+v", digits, f)
		}
	}
}

// TestWriterStatistics: of the counters that are written for an interface the reader has the last.
func TestWriterStatistics(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, "", "")
	w.AddInterface(Interface{Link: LinkLinuxSLL2, Digits: 6})
	w.AddInterface(Interface{Link: LinkEthernet, Digits: 9})
	w.AddStatistics(1, 1_795_404_972_000_001_001, 10, 2)
	w.Write(0, 1_795_404_972_000_001_000, 4, []byte("abcd"), "")
	w.AddStatistics(1, 1_795_404_973_000_001_001, 12, 3)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	frames := 0
	for block := (Block{}); r.Read(&block) == nil; {
		frames += len(block.Frames)
	}
	in := r.Interfaces()
	if frames != 1 || len(r.Damage()) > 0 || in[0].Dropped != -1 || in[1].Received != 12 || in[1].Dropped != 3 {
		t.Errorf("%d frames, %v, %+v", frames, r.Damage(), in)
	}
}
