package life

import (
	"testing"

	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// TestFragments: a datagram is torn until all its bytes are seen, in whatever order, and each place counts for itself.
func TestFragments(t *testing.T) {
	const first, middle, last = 0, 1, 2
	piece := func(id uint32, part int, time int64) *decode.Packet {
		p := &decode.Packet{Time: time, IPID: id, Network: decode.NetIPv4, Proto: wire.ProtoUDP, Interface: 3, Direction: decode.DirIn}
		switch part {
		case first:
			p.Has, p.PayloadLen = decode.HasMF|decode.HasPorts, 1400-wire.UDPLen
		case middle:
			p.Has, p.FragOffset, p.PayloadLen = decode.HasMF, 1400, 1400
		case last:
			p.FragOffset, p.PayloadLen = 2800, 200
		}
		return p
	}
	for _, row := range []struct {
		what  string
		parts []int
		torn  uint32
	}{
		{"in order", []int{first, middle, last}, 0},
		{"the other way around", []int{last, middle, first}, 0},
		{"the first alone", []int{first}, 1},
		{"without the middle", []int{first, last}, 1},
		{"without the last", []int{first, middle}, 1},
		{"the first one twice", []int{first, first, middle}, 1},
	} {
		var f fragments
		view := sight.ViewID(1)
		for i, part := range row.parts {
			if p := piece(7, part, int64(i)); part == first {
				f.first(p, &sight.Origin{}, view)
			} else {
				f.rest(p, &sight.Origin{})
			}
		}
		if n, torn := f.seen(view, 10e9); n != 1 || torn != row.torn {
			t.Errorf("%s: %d datagrams, %d torn; want 1, %d", row.what, n, torn, row.torn)
		}
		if n, torn := f.seen(view, 10); row.torn == 1 && (n != 0 || torn != 0) {
			t.Errorf("%s: %d datagrams, %d torn while the rest may be on its way", row.what, n, torn)
		}
	}
	var f fragments
	for i := range 3 * maxPending {
		f.first(piece(uint32(i), first, int64(i)), &sight.Origin{}, 1)
	}
	if len(f.at) > maxPending || len(f.ring) > maxPending {
		t.Errorf("%d datagrams are awaited", len(f.at))
	}
	f.rest(piece(3*maxPending-1, middle, 10), &sight.Origin{})
	f.rest(piece(3*maxPending-1, last, 11), &sight.Origin{})
	if n, torn := f.seen(1, 60e9); n != 3*maxPending || torn != n-1 {
		t.Errorf("%d datagrams, %d torn", n, torn)
	}
}
