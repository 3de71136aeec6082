package analyze_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/cases"
)

// input is a capture in memory.
func input(name string, data []byte) analyze.Input {
	return analyze.Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	for _, c := range cases.All() {
		if c.Name == name {
			return c.Play().Files()[0].Data
		}
	}
	t.Fatalf("no case %s", name)
	return nil
}

func TestRunWithoutCapture(t *testing.T) {
	missing := analyze.Input{Name: "gone.pcap", Open: func() (io.ReadCloser, error) { return nil, errors.New("no such file") }}
	f, err := analyze.Run(context.Background(), []analyze.Input{missing, input("empty.pcap", nil)}, analyze.Config{})
	if !errors.Is(err, analyze.ErrNoCapture) {
		t.Fatalf("got %v", err)
	}
	for _, c := range f.Captures {
		if c.Error == "" {
			t.Errorf("%s: nothing says why it can't be read", c.File)
		}
	}
	f, err = analyze.Run(context.Background(), []analyze.Input{missing, input("n.pcap", file(t, "ok-vxlan"))}, analyze.Config{})
	if err != nil {
		t.Fatalf("one of two can be read: %v", err)
	}
	if f.Captures[0].Error == "" || f.Captures[1].Error != "" || f.Totals.Connections == 0 {
		t.Errorf("got %q, %q, %d connections", f.Captures[0].Error, f.Captures[1].Error, f.Totals.Connections)
	}
}

func TestRunStopsWhenTold(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := analyze.Run(ctx, []analyze.Input{input("n.pcap", file(t, "ok-vxlan"))}, analyze.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestRotatedParts: a capture cut into parts tells the same as the whole.
func TestRotatedParts(t *testing.T) {
	whole := file(t, "ok-vxlan")
	const header, record = 24, 16
	var parts [][]byte
	for at, n := header, 0; at < len(whole); n++ {
		if n%40 == 0 {
			parts = append(parts, slices.Clone(whole[:header]))
		}
		next := at + record + int(binary.LittleEndian.Uint32(whole[at+8:]))
		parts[len(parts)-1] = append(parts[len(parts)-1], whole[at:next]...)
		at = next
	}
	if len(parts) < 3 {
		t.Fatalf("%d parts only", len(parts))
	}
	summary := func(inputs []analyze.Input) []string {
		var list []string
		f, err := analyze.Run(context.Background(), inputs, analyze.Config{Connection: func(c *fact.Connection) {
			list = append(list, c.Client.String()+" "+c.Backend.String()+" "+c.Outcome.String())
			if n := len(c.Legs); n > 3 {
				t.Errorf("%s: %d legs; those of the parts must be one", c.ID, n)
			}
			if c.Flow[0].Retransmissions+c.Flow[1].Retransmissions > 0 {
				t.Errorf("%s: retransmissions out of nothing", c.ID)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range f.Captures[1:] {
			if c.Node != f.Captures[0].Node {
				t.Errorf("%s is taken for another node than %s", c.File, f.Captures[0].File)
			}
		}
		slices.Sort(list)
		return list
	}
	var inputs []analyze.Input
	for i, p := range parts {
		inputs = append(inputs, input("n"+string(rune('a'+i))+".pcap", p))
	}
	if got, want := summary(inputs), summary([]analyze.Input{input("n.pcap", whole)}); !slices.Equal(got, want) {
		t.Errorf("parts %q, whole %q", got, want)
	}
}

// TestRunTimeline holds that the timeline leaves out nothing that the totals count.
func TestRunTimeline(t *testing.T) {
	for _, c := range cases.All() {
		var in []analyze.Input
		for _, f := range c.Play().Files() {
			in = append(in, input(f.Name, f.Data))
		}
		f, err := analyze.Run(context.Background(), in, analyze.Config{})
		if err != nil {
			continue // a case of a capture that can't be read
		}
		var sum fact.Bucket
		for _, b := range f.Timeline.Buckets {
			sum.Frames += b.Frames
			sum.Opened += b.Opened
			sum.Resends += b.Resends
			sum.Answers += b.Answers
		}
		if sum.Frames != f.Totals.Frames || sum.Opened != f.Totals.Connections {
			t.Errorf("%s: %d frames and %d connections in the timeline, %d and %d altogether", c.Name, sum.Frames, sum.Opened, f.Totals.Frames, f.Totals.Connections)
		}
		// One that turns out to be needless is only known for one when the connection ends.
		if sum.Resends < f.Totals.Retransmissions {
			t.Errorf("%s: %d packets sent again in the timeline, %d altogether", c.Name, sum.Resends, f.Totals.Retransmissions)
		}
	}
}
