package sight

import (
	"testing"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// step is a packet of one direction, in one view, and what the view should make of it.
type step struct {
	at          int64 // milliseconds
	seq, length uint32
	id          uint32
	stamp       uint32
	flags       wire.TCPFlags
	ttl         uint8
	want        Repeat
}

func (s step) packet() *decode.Packet {
	p := &decode.Packet{
		Time: s.at * 1e6, Network: decode.NetIPv4, Proto: wire.ProtoTCP, Has: decode.HasPorts | decode.HasTCP | decode.HasDF,
		Seq: s.seq, PayloadLen: s.length, IPLen: 52 + s.length, IPID: s.id, TSVal: s.stamp, Flags: s.flags | wire.ACK, TTL: 64,
	}
	if s.stamp != 0 {
		p.Has |= decode.HasTimestamps
	}
	if s.ttl != 0 {
		p.TTL = s.ttl
	}
	return p
}

func TestView(t *testing.T) {
	tests := []struct {
		name    string
		steps   []step
		resends uint32
		gap     uint32
	}{
		{name: "data in order", steps: []step{
			{at: 0, seq: 100, length: 50, id: 1, want: New},
			{at: 1, seq: 150, length: 50, id: 2, want: New},
			{at: 2, seq: 200, id: 3, want: None},
		}},
		{name: "retransmission has a new id", resends: 1, steps: []step{
			{at: 0, seq: 100, length: 50, id: 1, want: New},
			{at: 200, seq: 100, length: 50, id: 2, want: Resend},
		}},
		{name: "flooding shows the same id and TTL again", steps: []step{
			{at: 0, seq: 100, length: 50, id: 7, want: New},
			{at: 0, seq: 100, length: 50, id: 7, want: Again},
			{at: 0, seq: 100, length: 50, id: 7, want: Again},
		}},
		{name: "a loop shows the same id and a lower TTL", steps: []step{
			{at: 0, seq: 100, length: 50, id: 7, ttl: 63, want: New},
			{at: 0, seq: 100, length: 50, id: 7, ttl: 61, want: Loop},
			{at: 0, seq: 100, length: 50, id: 7, ttl: 59, want: Loop},
		}},
		{name: "SYN-ACK with id 0 sent again after a second", resends: 1, steps: []step{
			{at: 0, seq: 100, flags: wire.SYN, stamp: 1000, want: New},
			{at: 1000, seq: 100, flags: wire.SYN, stamp: 2000, want: Resend},
		}},
		{name: "SYN-ACK with id 0 seen twice at once", steps: []step{
			{at: 0, seq: 100, flags: wire.SYN, stamp: 1000, want: New},
			{at: 0, seq: 100, flags: wire.SYN, stamp: 1000, want: Again},
		}},
		{name: "nothing but time, and too little of it", steps: []step{
			{at: 0, seq: 100, length: 50, want: New},
			{at: 20, seq: 100, length: 50, want: Ambiguous},
		}},
		{name: "nothing but time, and enough of it", resends: 1, steps: []step{
			{at: 0, seq: 100, length: 50, want: New},
			{at: 200, seq: 100, length: 50, want: Resend},
		}},
		{name: "a hole is filled by what comes late", steps: []step{
			{at: 0, seq: 100, length: 50, id: 1, want: New},
			{at: 1, seq: 200, length: 50, id: 3, want: New},
			{at: 2, seq: 150, length: 50, id: 2, want: Fill},
		}},
		{name: "a hole is filled by what was sent again", resends: 1, steps: []step{
			{at: 0, seq: 100, length: 50, id: 1, want: New},
			{at: 1, seq: 200, length: 50, id: 3, want: New},
			{at: 2, seq: 150, length: 50, id: 4, want: Refill},
		}},
		{name: "timestamps say the same without an id", resends: 1, steps: []step{
			{at: 0, seq: 100, length: 50, stamp: 10, want: New},
			{at: 1, seq: 200, length: 50, stamp: 12, want: New},
			{at: 2, seq: 250, length: 50, stamp: 13, want: New},
			{at: 3, seq: 150, length: 20, stamp: 11, want: Fill},
			{at: 4, seq: 170, length: 30, stamp: 14, want: Refill},
		}},
		{name: "the first transmission comes after the second", resends: 1, steps: []step{
			{at: 0, seq: 100, length: 50, id: 1, stamp: 10, want: New},
			{at: 1, seq: 200, length: 50, id: 3, stamp: 10, want: New},
			{at: 2, seq: 150, length: 50, id: 4, stamp: 11, want: Refill},
			{at: 3, seq: 150, length: 50, id: 2, stamp: 10, want: Late},
			{at: 4, seq: 250, length: 50, id: 5, stamp: 11, want: New},
		}},
		{name: "ids taken by chance say nothing", resends: 2, steps: []step{
			{at: 0, seq: 100, length: 50, id: 0x1234, want: New},
			{at: 1, seq: 150, length: 50, id: 0xc000, want: New},
			{at: 2, seq: 200, length: 50, id: 0x7777, want: New},
			{at: 300, seq: 150, length: 50, id: 0x1111, want: Resend},
			{at: 600, seq: 150, length: 50, id: 0xb000, want: Resend},
		}},
		{name: "a hole is filled in parts, from its middle", resends: 1, steps: []step{
			{at: 0, seq: 100, length: 10, id: 1, want: New},
			{at: 1, seq: 200, length: 10, id: 6, want: New},
			{at: 2, seq: 150, length: 10, id: 3, want: Fill},
			{at: 3, seq: 110, length: 40, id: 4, want: Fill},
			{at: 4, seq: 160, length: 40, id: 5, want: Fill},
			{at: 5, seq: 160, length: 40, id: 7, want: Resend},
		}},
		{name: "a hole stays", gap: 50, steps: []step{
			{at: 0, seq: 100, length: 50, id: 1, want: New},
			{at: 1, seq: 200, length: 50, id: 3, want: New},
		}},
		{name: "an acknowledgement from beyond the data that was seen", gap: 1448, steps: []step{
			{at: 0, seq: 100, length: 50, id: 1, want: New},
			{at: 1, seq: 150 + 1448, id: 9, want: None},
		}},
		{name: "keepalive", steps: []step{
			{at: 0, seq: 100, length: 50, id: 1, want: New},
			{at: 60000, seq: 149, length: 1, id: 2, want: Probe},
			{at: 120000, seq: 149, length: 0, id: 3, want: None},
		}},
		{name: "across the end of sequence space", resends: 1, steps: []step{
			{at: 0, seq: 0xffffffe0, length: 64, id: 1, want: New},
			{at: 1, seq: 0x20, length: 64, id: 2, want: New},
			{at: 300, seq: 0xffffffe0, length: 64, id: 3, want: Resend},
		}},
		{name: "resent together with new data", resends: 1, steps: []step{
			{at: 0, seq: 100, length: 50, id: 1, want: New},
			{at: 300, seq: 100, length: 150, id: 2, want: Resend},
			{at: 301, seq: 250, length: 10, id: 3, want: New},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, v := newTable(t), &View{}
			for i, s := range tt.steps {
				if got := table.see(v, s.packet()); got != s.want {
					t.Errorf("step %d: got %d, want %d", i, got, s.want)
				}
			}
			if got := table.Trouble(v).Resends; got != tt.resends {
				t.Errorf("resends: got %d, want %d", got, tt.resends)
			}
			if got := table.Gap(v); got != tt.gap {
				t.Errorf("gap: got %d, want %d", got, tt.gap)
			}
		})
	}
}

func TestStall(t *testing.T) {
	table, v := newTable(t), &View{}
	for i, s := range []step{
		{at: 0, seq: 100, length: 7240, id: 1},
		{at: 200, seq: 100, length: 1448, id: 6},
		{at: 600, seq: 100, length: 1448, id: 7},
		{at: 1400, seq: 100, length: 1448, id: 8},
	} {
		table.see(v, s.packet())
		if want := uint32(i + 1); i > 0 && table.Trouble(v).Stall.Sends != want {
			t.Errorf("after step %d: %d transmissions, want %d", i, table.Trouble(v).Stall.Sends, want)
		}
	}
	want := Stall{Seq: 100, End: 1548, IPLen: 1500, Sends: 4, DF: true, First: 200e6, Second: 200e6, Last: 1400e6}
	if table.Trouble(v).Worst != want {
		t.Errorf("got %+v, want %+v", table.Trouble(v).Worst, want)
	}
	table.see(v, step{at: 1500, seq: 1548, length: 1448, id: 9}.packet())
	if table.Trouble(v).Stall.Sends != 2 || table.Trouble(v).Worst.Sends != 4 {
		t.Errorf("another sequence number begins another stall: got %d and %d", table.Trouble(v).Stall.Sends, table.Trouble(v).Worst.Sends)
	}
}

func TestMedianDelay(t *testing.T) {
	var v View
	if _, ok := v.MedianDelay(); ok {
		t.Error("a view without samples has no median")
	}
	for i, d := range []int64{900, 10, 20, 15, 12, 11, 13} {
		v.Delay(d)
		if got, ok := v.MedianDelay(); i == 2 && (got != 20 || !ok) {
			t.Errorf("after three samples: got %d", got)
		}
	}
	if got, _ := v.MedianDelay(); got != 13 {
		t.Errorf("of the latest five: got %d, want 13", got)
	}
	v.Delay(1 << 40)
	if got, _ := v.MedianDelay(); got != 13 {
		t.Errorf("a delay beyond 32 bits must not wrap: got %d", got)
	}
}
