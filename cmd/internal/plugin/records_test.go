package plugin

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/netsift/netsift/decode/capture"
)

// pcapOf returns a capture as tcpdump writes it, in a byte order and resolution.
func pcapOf(order binary.ByteOrder, magic uint32, frames ...string) []byte {
	b := make([]byte, pcapHeader)
	order.PutUint32(b, magic)
	order.PutUint16(b[4:], 2)
	order.PutUint16(b[6:], 4)
	order.PutUint32(b[16:], 256)
	order.PutUint32(b[20:], 276)
	for i, f := range frames {
		h := make([]byte, pcapRecord)
		order.PutUint32(h, 1_795_404_972)
		order.PutUint32(h[4:], uint32(i))
		order.PutUint32(h[8:], uint32(len(f)))
		order.PutUint32(h[12:], 1500)
		b = append(append(b, h...), f...)
	}
	return b
}

// TestRecords: however a stream is cut into pieces, and wherever it ends, the frames that are whole come out.
func TestRecords(t *testing.T) {
	frames := []string{"one", "", "three three three"}
	for _, x := range []struct {
		order binary.ByteOrder
		magic uint32
		unit  int64
	}{
		{binary.LittleEndian, 0xa1b2c3d4, 1000}, {binary.BigEndian, 0xa1b2c3d4, 1000}, {binary.LittleEndian, 0xa1b23c4d, 1}, {binary.BigEndian, 0xa1b23c4d, 1},
	} {
		whole := pcapOf(x.order, x.magic, frames...)
		for end := range len(whole) + 1 {
			for _, piece := range []int{1, 7, 1000} {
				began, n := 0, 0
				r := &records{
					begin: func(i capture.Interface) {
						began++
						if i.Link != capture.LinkLinuxSLL2 || i.Snaplen != 256 {
							t.Errorf("%+v", i)
						}
					},
					frame: func(time int64, wire uint32, data []byte) {
						if string(data) != frames[n] || wire != 1500 || time != 1_795_404_972e9+int64(n)*x.unit {
							t.Errorf("frame %d: %q, %d bytes, at %d", n, data, wire, time)
						}
						n++
					},
				}
				for at := 0; at < end; at += piece {
					if _, err := r.Write(whole[at:min(at+piece, end)]); err != nil {
						t.Fatal(err)
					}
				}
				want, at := 0, pcapHeader
				for want < len(frames) && at+pcapRecord+len(frames[want]) <= end {
					at += pcapRecord + len(frames[want])
					want++
				}
				if n != want || began != min(end/pcapHeader, 1) {
					t.Fatalf("%d bytes in pieces of %d: %d frames, want %d", end, piece, n, want)
				}
			}
		}
	}
	for name, b := range map[string][]byte{
		"text": bytes.Repeat([]byte("sh: tcpdump: not found\n"), 2), "a packet of a gigabyte": append(pcapOf(binary.LittleEndian, 0xa1b2c3d4), bytes.Repeat([]byte{0x40}, 16)...),
	} {
		r := &records{begin: func(capture.Interface) {}, frame: func(int64, uint32, []byte) { t.Errorf("%s: a frame", name) }}
		if _, err := r.Write(b); err == nil {
			t.Errorf("%s is taken for a capture", name)
		}
	}
}
