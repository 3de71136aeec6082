package hostile

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

func diagnose(tb testing.TB, k *Kind, n int) (*fact.Facts, []rules.Finding) {
	var b bytes.Buffer
	if err := k.Write(&b, n); err != nil {
		tb.Fatal(err)
	}
	return judged(tb, b.Bytes())
}

func judged(tb testing.TB, b []byte) (*fact.Facts, []rules.Finding) {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	f, err := analyze.Run(tb.Context(), []analyze.Input{{Name: "node.pcap", Open: open}}, analyze.Config{Jobs: 1})
	if err != nil {
		tb.Fatal(err)
	}
	found, _ := rules.Judge(f)
	return f, found
}

// TestKinds: each capture can be read to its end, grows with what it is asked for, and is about what it says.
func TestKinds(t *testing.T) {
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			few, _ := diagnose(t, &k, 20)
			f, found := diagnose(t, &k, 60)
			if len(f.Captures[0].Damage) > 0 || f.Totals.Frames <= few.Totals.Frames {
				t.Errorf("%d frames, of a third %d; damage %v", f.Totals.Frames, few.Totals.Frames, f.Captures[0].Damage)
			}
			said := map[string]int{}
			for i := range found {
				said[found[i].Rule]++
			}
			if k.Rule != "" && said[k.Rule] == 0 {
				t.Errorf("nothing of %s is found, only %v", k.Rule, said)
			}
		})
	}
}

// BenchmarkKinds shows what a frame costs in a short capture of each kind and in one four times as long, beyond which the rest is only counted.
func BenchmarkKinds(b *testing.B) {
	for _, k := range Kinds() {
		for _, n := range []int{5_000, 20_000} {
			b.Run(fmt.Sprintf("%s=%d", k.Name, n), func(b *testing.B) {
				var c bytes.Buffer
				if err := k.Write(&c, n); err != nil {
					b.Fatal(err)
				}
				frames := uint64(1)
				for b.Loop() {
					f, _ := judged(b, c.Bytes())
					frames = f.Totals.Frames
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(frames), "ns/frame")
			})
		}
	}
}
