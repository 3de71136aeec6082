package analyze

import (
	"math/bits"
	"slices"
	"sort"

	"github.com/netsift/netsift/analyze/fact"
)

// finest is the width of a timeline's buckets as long as they suffice.
const finest = 1e6

// timeline counts what happens into buckets. When they do not reach far enough, neighbours are put together, so that it
// costs the same whether a capture lasts a second or a year.
type timeline struct {
	fact.Timeline
	latencies []*latency // beside each bucket, nil without an answer
	// now is the bucket that was counted into last, latency is beside it, begin and end are its bounds.
	now        *fact.Bucket
	latency    **latency
	begin, end int64
}

// frames counts frames.
func (t *timeline) frames(at int64, n int) {
	if at < t.begin || at >= t.end {
		t.bucket(at)
	}
	t.now.Frames += uint64(n)
}

// moment returns when the moment of a packet of the span began, and where in the span it ends. Moments are as long as the finest buckets and begin with
// the first packet of all, so that each lies within one bucket, however wide buckets are. Most spans lie within one moment.
func (x *span) moment(first int64, from int) (begin int64, to int) {
	p := x.b.packets
	number := func(i int) int64 { return int64(uint64(max(p[i].Time, first)-first) / finest) }
	n, to := number(from), x.to
	if number(to-1) != n { // in order: where the moment ends is found by halving
		to = from + 1 + sort.Search(to-from-2, func(k int) bool { return number(from+1+k) > n })
	}
	return first + n*finest, to
}

// bucket makes a time's bucket the one that is counted into. Times before the first frame count into the
// first bucket, because buckets only grow to the right: that is so by the little that clocks are wrong.
func (t *timeline) bucket(at int64) {
	if len(t.Buckets) == 0 {
		t.Start, t.Width = at, finest
	}
	i := uint64(max(at, t.Start)-t.Start) / uint64(t.Width)
	for i >= fact.MaxBuckets {
		t.widen()
		i /= 2
	}
	for uint64(len(t.Buckets)) <= i {
		t.Buckets = append(t.Buckets, fact.Bucket{})
		t.latencies = append(t.latencies, nil)
	}
	t.begin = t.Start + int64(i)*t.Width
	t.end = t.begin + t.Width
	if i == 0 {
		t.begin = -never
	}
	t.now, t.latency = &t.Buckets[i], &t.latencies[i]
}

// widen makes one bucket of every two.
func (t *timeline) widen() {
	half := (len(t.Buckets) + 1) / 2
	for i := range half {
		a, l := t.Buckets[2*i], t.latencies[2*i]
		if k := 2*i + 1; k < len(t.Buckets) {
			b := &t.Buckets[k]
			a.Frames += b.Frames
			a.Resends += b.Resends
			a.Opened += b.Opened
			a.Failed += b.Failed
			a.Answers += b.Answers
			a.Unanswered += b.Unanswered
			a.Worst = max(a.Worst, b.Worst)
			l = l.with(t.latencies[k])
		}
		t.Buckets[i], t.latencies[i] = a, l
	}
	clear(t.Buckets[half:])
	t.Buckets, t.latencies = t.Buckets[:half], t.latencies[:half]
	t.Width *= 2
}

// resent counts a packet that was sent again.
func (t *timeline) resent(at int64) {
	t.bucket(at)
	t.now.Resends++
}

// connection counts a connection where it began.
func (t *timeline) connection(c *fact.Connection) {
	t.opened(c.Start)
	switch c.Outcome {
	case fact.Refused, fact.Unreachable, fact.ResetOutcome, fact.Hang:
		t.now.Failed++
	}
}

// opened counts a connection that went well.
func (t *timeline) opened(at int64) {
	t.bucket(at)
	t.now.Opened++
}

// query counts a query where it was sent: how long its answer took, -1 without one.
func (t *timeline) query(sent, duration int64) {
	if sent < t.begin || sent >= t.end {
		t.bucket(sent)
	}
	if duration < 0 {
		t.now.Unanswered++
		return
	}
	t.now.Answers++
	t.now.Worst = max(t.now.Worst, duration)
	if *t.latency == nil {
		*t.latency = &latency{}
	}
	(*t.latency)[latencyClass(duration)]++
}

// facts returns the timeline so far.
func (t *timeline) facts() fact.Timeline {
	f := t.Timeline
	f.Buckets = slices.Clone(f.Buckets)
	for i := range f.Buckets {
		b := &f.Buckets[i]
		if b.Answers == 0 {
			b.Median, b.Worst = -1, -1
			continue
		}
		b.Median = min(t.latencies[i].median(b.Answers), b.Worst)
	}
	return f
}

// latency counts durations by their size: four classes for each doubling, from a microsecond to a minute. Two of them can be added,
// which samples can't.
type latency [latencyClasses]uint32

const latencyClasses = 4 * 26

// latencyClass returns the class of a duration: the two bits below its highest one, in microseconds.
func latencyClass(ns int64) int {
	us := uint64(max(ns, 0))/1000 + 4 // the first doubling that has two bits below
	n := bits.Len64(us) - 3
	return min(4*n+int(us>>n&3), latencyClasses-1)
}

// with adds b, where there is any.
func (l *latency) with(b *latency) *latency {
	if l == nil {
		return b
	}
	if b != nil {
		for i, n := range b {
			l[i] += n
		}
	}
	return l
}

// median returns the middle of n durations: that of its class.
func (l *latency) median(n uint64) int64 {
	left := (n + 1) / 2
	for i, k := range l {
		if uint64(k) >= left {
			low, high := uint64(4+i%4)<<(i/4), uint64(5+i%4)<<(i/4)
			return int64((low+high)*500 - 4000)
		}
		left -= uint64(k)
	}
	return 0
}
