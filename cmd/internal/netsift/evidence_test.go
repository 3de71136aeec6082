package netsift

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/rules"
)

// TestEvidenceRing: with frames of any size, the frames listed as kept are whole, and the latest are kept.
func TestEvidenceRing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const size = 1000
	v := newEvidence(nil, size, nil, nil)
	data := func(n uint64) []byte {
		return bytes.Repeat([]byte{byte(n)}, int(n*7919%300)+1)
	}
	for n := uint64(1); n < 5000; n++ {
		marked := random.IntN(3) > 0
		v.frame(&analyze.Frame{Frame: &capture.Frame{Number: n}, Packet: &decode.Packet{}, Data: data(n)}, marked)
		total := 0
		for ref, i := range v.byRef {
			k := &v.kept[i-v.gone]
			if k.ref != ref || !bytes.Equal(v.ring[k.from:k.to], data(ref.Frame)) {
				t.Fatalf("after frame %d: frame %d is damaged", n, ref.Frame)
			}
			total += k.to - k.from
		}
		if total > size || len(v.byRef) != len(v.kept) {
			t.Fatalf("after frame %d: %d bytes kept of %d frames, %d known", n, total, len(v.kept), len(v.byRef))
		}
		if _, ok := v.byRef[fact.Ref{Frame: n}]; ok != marked {
			t.Fatalf("frame %d: kept %t, marked %t", n, ok, marked)
		}
		if n > 100 && total < size-2*300 {
			t.Fatalf("after frame %d: only %d bytes are kept", n, total)
		}
	}
}

// file is a file in memory.
type file struct{ bytes.Buffer }

func (*file) Close() error { return nil }

func (*file) Discard() {}

func noFolder(string) ([]fs.DirEntry, error) { return nil, fs.ErrNotExist }

func TestEvidenceFile(t *testing.T) {
	files := map[string]*file{}
	v := newEvidence(newShelf(&Env{ReadDir: noFolder, Create: func(name string, _ making) (made, error) {
		files[name] = new(file)
		return files[name], nil
	}}, "folder", nil), 100, nil, nil)
	f := &rules.Finding{ID: "dns-nxdomain:../12", Rule: "dns-nxdomain", Title: "no \x1b[31m such name"}
	for n := range uint64(3) {
		v.frame(&analyze.Frame{
			Frame: &capture.Frame{Number: n, Time: int64(n) * 1000, Wire: 99}, Interface: capture.Interface{Link: capture.LinkEthernet, Digits: 6},
			Packet: &decode.Packet{Interface: uint32(n % 2)}, Data: bytes.Repeat([]byte{byte(n)}, 40),
		}, true)
		f.Evidence = append(f.Evidence, rules.Evidence{Ref: fact.Ref{Frame: n}, Note: "the query"})
	}
	if v.whole(f) {
		t.Error("frame 0 left the ring")
	}
	if err := v.write(f, &fact.Facts{}); err != nil {
		t.Fatal(err)
	}
	got := files["folder/dns-nxdomain-_2e_2e_2f12.pcapng"]
	if got == nil {
		t.Fatalf("files: %v", files)
	}
	if b := got.Bytes(); bytes.Contains(b, []byte{0x1b, '['}) || !bytes.Contains(b, []byte("1 of 3 frames of the evidence had left the buffer")) {
		t.Errorf("comment of the file: %q", b[:200])
	}
	r, err := capture.NewReader(&got.Buffer)
	if err != nil {
		t.Fatal(err)
	}
	var block capture.Block
	if err := r.Read(&block); err != nil || len(block.Frames) != 2 || block.Frames[1].Time != 2000 || block.Frames[1].Wire != 99 {
		t.Errorf("%v %+v", err, block.Frames)
	}
	if n := len(r.Interfaces()); n != 2 {
		t.Errorf("%d interfaces", n)
	}
}
