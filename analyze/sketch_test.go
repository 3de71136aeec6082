package analyze

import (
	"testing"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// TestSketchEnds: a sketch ends at the same frame wherever batches end, which is another place in a capture's facts.
func TestSketchEnds(t *testing.T) {
	const more = sketchFrames + 1000
	packets := make([]decode.Packet, more)
	for i := range packets {
		packets[i] = decode.Packet{Time: int64(i), Has: decode.HasTCP, Seq: uint32(i % 1000), TSVal: 1}
	}
	var sketches []sketch
	for _, size := range []int{more, 4096, 777} {
		k := newSketch()
		for from := 0; from < more && !k.full(); from += size {
			list := packets[from:min(from+size, more)]
			k.add(&batch{packets: list, block: capture.Block{Frames: make([]capture.Frame, len(list))}}, nil)
		}
		sketches = append(sketches, k)
	}
	for _, k := range sketches {
		if k.frames != sketchFrames {
			t.Errorf("%d frames, want %d", k.frames, sketchFrames)
		}
		for id, x := range sketches[0].stays {
			if k.stays[id] != x {
				t.Fatalf("%v is %v in one, %v in another", id, x, k.stays[id])
			}
		}
	}
}
