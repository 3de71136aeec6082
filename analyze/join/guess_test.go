package join

import (
	"reflect"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// TestGuesses: a port that is used again begins another connection, also for packets whose views were guessed before it did.
func TestGuesses(t *testing.T) {
	const client, server = "10.0.0.1:40000", "10.0.0.2:80"
	var packets []decode.Packet
	for isn := uint32(1000); isn <= 2000; isn += 1000 {
		packets = append(packets,
			segment(client, server, wire.SYN, isn, 0), segment(server, client, wire.SYN|wire.ACK, 5*isn, isn+1),
			segment(client, server, wire.ACK, isn+1, 5*isn+1),
			segment(client, server, wire.FIN|wire.ACK, isn+1, 5*isn+1), segment(server, client, wire.FIN|wire.ACK, 5*isn+1, isn+2),
			segment(client, server, wire.ACK, isn+2, 5*isn+2))
	}
	for i := range packets {
		packets[i].Time, packets[i].Frame = int64(i)*1e6, uint64(i+1)
	}
	want := tracked(t, packets, 1)
	if len(want) != 2 || want[0].Frames != want[1].Frames {
		t.Fatalf("want two connections alike: %+v", want)
	}
	for n := 2; n < len(packets); n++ {
		if got := tracked(t, packets, n); !reflect.DeepEqual(got, want) {
			t.Errorf("%d guessed at once: got %+v, want %+v", n, got, want)
		}
	}
}

// FuzzTrack: whatever the packets, nothing breaks, what is counted adds up, and it makes no difference what was guessed of views.
func FuzzTrack(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz0123456789"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var packets []decode.Packet
		addrs := []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"}
		for now := int64(0); len(b) >= 8; b = b[8:] {
			p := segment(addrs[b[0]%3]+":1000", addrs[b[0]/3%3]+":2000", wire.TCPFlags(b[1]), uint32(b[2]), uint32(b[3]))
			p.Flags = wire.TCPFlags(b[1])
			p.SrcPort += uint16(b[0] >> 6)
			p.PayloadLen = uint32(b[4] & 15)
			p.IPID, p.TTL = uint32(b[5]&3), b[5]
			p.Direction = decode.Direction(b[6] % 3)
			p.Interface = uint32(b[6] >> 6)
			if b[7]&1 != 0 {
				p = stamped(p, uint32(b[7]>>4), uint32(b[7]>>2&3))
			}
			if b[7]&2 != 0 {
				p.Proto, p.Has = wire.ProtoUDP, decode.HasPorts
			}
			now += int64(b[7]) * 1e8
			p.Time, p.Frame = now, uint64(len(packets)+1)
			packets = append(packets, p)
		}
		got, guessed := tracked(t, packets, 1), tracked(t, packets, 7)
		if !reflect.DeepEqual(got, guessed) {
			t.Errorf("without guesses:\n%+v\nwith guesses:\n%+v", got, guessed)
		}
	})
}

// tracked returns the connections of packets, of which as many have their views guessed at once.
func tracked(t *testing.T, packets []decode.Packet, atOnce int) []*fact.Connection {
	w := newWorld()
	w.j.budget = 4 * (connBytes + legBytes + viewBytes)
	var o sight.Origin
	x := w.j.Leader(o)
	leads := make([]sight.Lead, len(packets))
	for i := range packets {
		if atOnce > 1 && i%Ahead == 0 {
			w.j.Ahead(leads, i)
		}
		if i%atOnce == 0 {
			next := leads[i:min(i+atOnce, len(leads))]
			for k := range next {
				x.Lead(&next[k], &packets[i+k], nil, false)
			}
			if atOnce > 1 {
				x.Guess(next)
			}
		}
		w.j.Track(&packets[i], nil, &o, &leads[i])
		w.j.Tick(packets[i].Time)
	}
	if len(packets) > 0 {
		w.j.Tick(packets[len(packets)-1].Time + 1e15) // all are idle: they go one by one, not at once
	}
	j := w.j
	if n := j.table.Len() + j.lives.Len() + len(j.births) + len(j.tags) + len(j.reused) + len(j.further) + j.conns.Len(); n != 0 {
		t.Errorf("%d pieces of state left at the end", n)
	}
	frames := uint64(0)
	got := w.end()
	for _, c := range got {
		frames += c.Frames
		for _, f := range c.Flow {
			if f.Retransmissions > c.Frames {
				t.Errorf("%d retransmissions in %d frames", f.Retransmissions, c.Frames)
			}
		}
	}
	if frames != uint64(len(packets)) {
		t.Errorf("%d frames in connections, %d shown", frames, len(packets))
	}
	return got
}
