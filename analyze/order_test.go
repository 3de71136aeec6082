package analyze

import (
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

func packetsAt(times ...int64) []decode.Packet {
	list := make([]decode.Packet, len(times))
	for i, t := range times {
		list[i].Time = t
	}
	return list
}

func TestSort(t *testing.T) {
	tests := []struct {
		name  string
		times []int64
		want  []int64
	}{
		{name: "in order", times: []int64{1e9, 2e9, 3e9}, want: []int64{1e9, 2e9, 3e9}},
		{name: "back by microseconds stays as it is", times: []int64{1e9, 1e9 + 20e3, 1e9 + 5e3}, want: []int64{1e9, 1e9 + 20e3, 1e9 + 5e3}},
		{name: "two interfaces' batches", times: []int64{1e9, 3e9, 2e9, 4e9}, want: []int64{1e9, 2e9, 3e9, 4e9}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := &batch{packets: packetsAt(tt.times...)}
			b.sort()
			var got []int64
			for i := b.next(); i >= 0; i = b.next() {
				got = append(got, b.packets[i].Time)
				b.at++
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	if (*batch)(nil).next() != -1 {
		t.Error("no batch has no next packet")
	}
}

func TestSteady(t *testing.T) {
	const now, year2038 = int64(1_795_000_000e9), int64(2_147_483_647e9)
	tests := []struct {
		name  string
		times []int64
		want  []int64
	}{
		{name: "one record of 2038", times: []int64{now, now + 1, year2038, now + 2}, want: []int64{now, now + 1, now + 1, now + 2}},
		{name: "the first record of 2038", times: []int64{year2038, now, now + 1}, want: []int64{now, now, now + 1}},
		{name: "one of 1970", times: []int64{now, 0, now + 1}, want: []int64{now, now, now + 1}},
		{name: "a quiet day is no wild date", times: []int64{now, now + 86400e9, now + 86401e9}, want: []int64{now, now + 86400e9, now + 86401e9}},
		{name: "the last record may be late", times: []int64{now, now + 86400e9}, want: []int64{now, now + 86400e9}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := packetsAt(tt.times...)
			var s steadier
			s.steady(p, nil)
			for i := range p {
				if p[i].Time != tt.want[i] {
					t.Errorf("packet %d: got %d, want %d", i, p[i].Time, tt.want[i])
				}
			}
		})
	}
}

// TestSetBack: where the clock was set back an era begins, in which packets stay behind those before it. A quiet day begins none, nor does a record
// that others contradict.
func TestSetBack(t *testing.T) {
	const now, hour = int64(1_795_000_000e9), int64(3600e9)
	b := &batch{packets: packetsAt(now, now+hour*30, now+hour*30+2e9, now+hour*30+1e9, now+hour*25+3e9, now+hour*25+1e9, 0, now+hour*25+4e9)}
	for i := range b.packets {
		b.packets[i].Frame = uint64(i) + 1
	}
	var s steadier
	b.eras = s.steady(b.packets, nil)
	if want := []uint32{0, 0, 0, 0, 1, 1, 1, 1}; !slices.Equal(b.eras, want) {
		t.Errorf("eras %v, want %v", b.eras, want)
	}
	if want := (fact.SetBack{Frame: 5, By: 5*hour - 2e9, Times: 1}); s.back != want {
		t.Errorf("%+v, want %+v", s.back, want)
	}
	b.sort()
	if want := []uint32{0, 1, 3, 2, 5, 6, 4, 7}; !slices.Equal(b.order, want) {
		t.Errorf("order %v, want %v", b.order, want)
	}
	next := &batch{packets: packetsAt(now+hour*25+5e9, now+hour*25+6e9), era: s.era}
	if next.eras = s.steady(next.packets, nil); next.eras != nil || next.eraOf(0) != 1 {
		t.Errorf("eras %v, %d", next.eras, next.eraOf(0))
	}
}

func TestLabels(t *testing.T) {
	got := Labels([]Input{
		{Name: "/tmp/node1.pcap.zst"}, {Name: `C:\caps\node2.pcapng`}, {Name: "-"}, {Name: "other/node1.pcap"}, {Name: ".pcap"},
	})
	if want := []string{"node1", "node2", "stdin", "node1#2", ".pcap"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRotated(t *testing.T) {
	for _, tt := range []struct {
		first, second string
		want          bool
	}{
		{"x.pcap", "x.pcap1", true},
		{"x.pcap", "x.pcap12", true},
		{"x.pcap", "x.pcap", false},
		{"x.pcap", "x.pcapng", false},
		{"node1.pcap", "node2.pcap", false},
	} {
		if got := rotated(tt.first, tt.second); got != tt.want {
			t.Errorf("%s, %s: got %v", tt.first, tt.second, got)
		}
	}
}
