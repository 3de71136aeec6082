package analyze_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/decode/capture"
)

// TestCopies: of two captures with the same packets the larger is read. Captures that merely begin at the same time are both read.
func TestCopies(t *testing.T) {
	whole := file(t, "ok-vxlan")
	r, err := capture.NewReader(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	var b capture.Block
	if err := r.Read(&b); err != nil {
		t.Fatal(err)
	}
	// The bytes of a record end where its data does.
	end := 24
	for _, f := range b.Frames[:len(b.Frames)/2] {
		end += 16 + int(f.Cap)
	}
	part := whole[:end]
	other := slices.Clone(whole)
	other[len(other)-1] ^= 1
	for _, x := range []struct {
		name string
		data map[string][]byte
		want map[string]string
	}{
		{"the same", map[string][]byte{"a.pcap": whole, "b.pcap": whole}, map[string]string{"b.pcap": "a.pcap"}},
		{"a part first", map[string][]byte{"a.pcap": part, "b.pcap": whole}, map[string]string{"a.pcap": "b.pcap"}},
		{"a part last", map[string][]byte{"a.pcap": whole, "b.pcap": part}, map[string]string{"b.pcap": "a.pcap"}},
		{"torn", map[string][]byte{"a.pcap": whole, "b.pcap": whole[:end+5]}, map[string]string{"b.pcap": "a.pcap"}},
		{"another last byte", map[string][]byte{"a.pcap": whole, "b.pcap": other}, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			in := []analyze.Input{input("b.pcap", x.data["b.pcap"]), input("a.pcap", x.data["a.pcap"])}
			facts, err := analyze.Run(t.Context(), in, analyze.Config{Jobs: 1})
			if err != nil {
				t.Fatal(err)
			}
			frames := uint64(0)
			for _, c := range facts.Captures {
				frames += c.Frames
				if c.CopyOf != x.want[c.File] || c.Error != "" {
					t.Errorf("%s: a copy of %q, error %q", c.File, c.CopyOf, c.Error)
				}
				if (c.CopyOf != "") != (c.Frames == 0) {
					t.Errorf("%s: %d frames were read", c.File, c.Frames)
				}
			}
			if frames != facts.Totals.Frames {
				t.Errorf("%d frames in captures, %d in all", frames, facts.Totals.Frames)
			}
		})
	}
}
