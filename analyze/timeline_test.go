package analyze

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// framesOf counts the packets of a span.
func framesOf(t *timeline, x *span, first int64) {
	for i := x.from; i < x.to; {
		begin, to := x.moment(first, i)
		t.frames(begin, to-i)
		i = to
	}
}

// count leads packets of these times through a timeline, in spans of these lengths, over and over.
func count(t *timeline, times []int64, lengths ...int) {
	b := &batch{packets: packetsAt(times...)}
	for from, k := 0, 0; from < len(times); k++ {
		to := min(from+lengths[k%len(lengths)], len(times))
		framesOf(t, &span{b: b, from: from, to: to}, times[0])
		from = to
	}
}

func TestTimelineFrames(t *testing.T) {
	const start = int64(1_795_000_000e9)
	r := rand.New(rand.NewPCG(1, 2))
	for _, gap := range []int64{1, 100e3, 30e6, 7e9, 86400e9} {
		var times []int64
		for at := start; len(times) < 5000; at += r.Int64N(2*gap + 1) {
			times = append(times, at)
		}
		var whole, pieces timeline
		count(&whole, times, len(times))
		count(&pieces, times, 1, 2, 700, 3)
		f := whole.facts()
		if n := len(f.Buckets); n > fact.MaxBuckets || n < fact.MaxBuckets/3 && f.Width > finest {
			t.Errorf("gap %d: %d buckets", gap, n)
		}
		if !slices.Equal(f.Buckets, pieces.facts().Buckets) {
			t.Errorf("gap %d: spans of other lengths make other buckets", gap)
		}
		want := make([]uint64, len(f.Buckets))
		for _, at := range times {
			want[(at-f.Start)/f.Width]++
		}
		for i := range want {
			if f.Buckets[i].Frames != want[i] {
				t.Fatalf("gap %d: bucket %d has %d frames, want %d", gap, i, f.Buckets[i].Frames, want[i])
			}
		}
	}
}

// TestTimelineWildTimes counts frames whose times jump to the ends of what a time can be.
func TestTimelineWildTimes(t *testing.T) {
	var tl timeline
	count(&tl, []int64{-1 << 63, 0, 1<<63 - 1, 1<<63 - 1, -1 << 63, 5}, 4, 1)
	n := uint64(0)
	for _, b := range tl.facts().Buckets {
		n += b.Frames
	}
	if n != 6 {
		t.Errorf("%d frames of 6 were counted", n)
	}
}

func TestTimelineEvents(t *testing.T) {
	const start, ms = int64(1_795_000_000e9), int64(1e6)
	var tl timeline
	count(&tl, []int64{start}, 1)
	tl.resent(start + 500*ms)
	tl.resent(start - 3*ms) // a clock's error before the first frame
	tl.connection(&fact.Connection{Start: start + 500*ms, Outcome: fact.OK})
	tl.connection(&fact.Connection{Start: start + 500*ms, Outcome: fact.Hang})
	for _, took := range []int64{2 * ms, 3 * ms, 400 * ms, -1} {
		tl.query(start+500*ms, took)
	}
	for range 2 { // the second time with wider buckets, of which the first two are one
		f := tl.facts()
		if got, want := f.Buckets[0], (fact.Bucket{Frames: 1, Resends: 1, Median: -1, Worst: -1}); got != want {
			t.Errorf("width %d: the first bucket is %+v, want %+v", f.Width, got, want)
		}
		got := f.Buckets[500*ms/f.Width]
		if got.Median < 27*ms/10 || got.Median > 33*ms/10 {
			t.Errorf("width %d: the median is %d", f.Width, got.Median)
		}
		got.Median = 0
		if want := (fact.Bucket{Resends: 1, Opened: 2, Failed: 1, Answers: 3, Unanswered: 1, Worst: 400 * ms}); got != want {
			t.Errorf("width %d: %+v, want %+v", f.Width, got, want)
		}
		tl.bucket(start + 1100*ms)
	}
}

// TestLatencyClass holds the promise that a class is narrow, up to a minute.
func TestLatencyClass(t *testing.T) {
	for ns := int64(1000); ns < 60e9; ns += ns/7 + 1 {
		var l latency
		l[latencyClass(ns)]++
		got := l.median(1)
		if off := got - ns; off > ns/8+1000 || off < -ns/8-1000 {
			t.Errorf("%d ns become %d", ns, got)
		}
	}
	var l latency
	l[latencyClass(1<<62)]++ // and keeps within bounds beyond
	l[latencyClass(-1)]++
}

func BenchmarkTimeline(b *testing.B) {
	for name, length := range map[string]int{"batches": 1024, "single": 1} {
		b.Run(name, func(b *testing.B) {
			times := make([]int64, 1024)
			for i := range times {
				times[i] = 1_795_000_000e9 + int64(i)*10e3
			}
			x := &batch{packets: packetsAt(times...)}
			var t timeline
			counted := 0
			for b.Loop() {
				for from := 0; from < len(times); from += length {
					framesOf(&t, &span{b: x, from: from, to: from + length}, times[0])
				}
				counted += len(times)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(counted), "ns/frame")
		})
	}
}
