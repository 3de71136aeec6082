package analyze_test

import (
	"bytes"
	"io"
	"reflect"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/traffic"
)

// nodes returns captures of as many nodes, with connections and lookups between all of them.
func nodes(t *testing.T, n int) []analyze.Input {
	o := traffic.Cluster
	o.Nodes, o.Frames, o.Live = n, 20_000, 300
	files := make([]bytes.Buffer, n)
	var to []io.Writer
	for i := range files {
		to = append(to, &files[i])
	}
	if _, err := traffic.WriteCluster(to, o); err != nil {
		t.Fatal(err)
	}
	var in []analyze.Input
	for i := range files {
		in = append(in, input(string(rune('a'+i))+".pcap", files[i].Bytes()))
	}
	return in
}

// TestAside: of several captures, too, several goroutines come to the same facts as one.
func TestAside(t *testing.T) {
	var want *fact.Facts
	for _, jobs := range []int{1, 2, 8} {
		got, err := analyze.Run(t.Context(), nodes(t, 3), analyze.Config{Jobs: jobs})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if got.Totals.Lookups == 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%d jobs: %+v, one has %+v", jobs, got.Totals, want.Totals)
		}
	}
}

// TestAsidePanic: a panic while what was found is digested comes about in who asked for the analysis, and leaves nobody waiting.
func TestAsidePanic(t *testing.T) {
	defer func() {
		if x := recover(); x != "broken" {
			t.Errorf("recovered %v", x)
		}
	}()
	_, err := analyze.Run(t.Context(), nodes(t, 2), analyze.Config{Lookup: func(*fact.Lookup) { panic("broken") }})
	t.Errorf("no panic, but %v", err)
}
