package html

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// timeline is what the charts show, and the same in words and numbers.
type timeline struct {
	Data chartData
	// Frames, Trouble and DNS are the charts in a sentence each, "" where there is nothing to show.
	Frames, Trouble, DNS string
	// Marks says what is marked, "" for nothing.
	Marks string
	Rows  []timeRow
}

// chartData is read by the script. Times are seconds since 1970, durations milliseconds.
type chartData struct {
	Start   float64  `json:"start"`
	Length  float64  `json:"length"`
	Width   float64  `json:"width"` // of the following three's buckets
	Each    string   `json:"each"`  // the same for people
	Frames  []uint64 `json:"frames"`
	Resends []uint64 `json:"resends"`
	Failed  []uint64 `json:"failed"`
	// DNSWidth is that of the remaining ones', of which a middle can't be made.
	DNSWidth   float64    `json:"dnsWidth"`
	Unanswered []uint64   `json:"unanswered"`
	Median     []*float64 `json:"median"`
	Worst      []*float64 `json:"worst"`
	Marks      []mark     `json:"marks"`
}

// mark is when a finding was seen.
type mark struct {
	N        int     `json:"n"`
	From     float64 `json:"from"`
	To       float64 `json:"to"`
	Severity string  `json:"severity"`
	Title    string  `json:"title"`
}

// timeRow is a line of the table that says the same.
type timeRow struct {
	From                                             string
	Frames, Resends, Opened, Failed, Answers, Silent uint64
	Worst                                            string
}

const (
	// maxMarks findings are marked in the charts, maxTimeRows lines are in the table.
	maxMarks, maxTimeRows = 12, 30
	// maxBars are in a chart: fewer than buckets, because of few frames a narrow bar says little.
	maxBars = 160
)

func seconds(ns int64) float64 { return float64(ns) / 1e9 }

func newTimeline(f *fact.Timeline, findings []finding) *timeline {
	if len(f.Buckets) == 0 {
		return nil
	}
	t := &timeline{Rows: timeRows(f)}
	d := &t.Data
	d.Marks = []mark{} // not null, for the script
	coarse := merged(f, maxBars)
	d.Start, d.Length = seconds(f.Start), seconds(f.Width*int64(len(f.Buckets)))
	d.Each = report.Took(coarse.Width)
	d.Width, d.DNSWidth = seconds(coarse.Width), seconds(f.Width)
	millis := func(ns int64) *float64 {
		if ns < 0 {
			return nil
		}
		ms := float64(ns/1000) / 1000
		return &ms
	}
	for i := range f.Buckets {
		b := &f.Buckets[i]
		d.Unanswered = append(d.Unanswered, b.Unanswered)
		d.Median, d.Worst = append(d.Median, millis(b.Median)), append(d.Worst, millis(b.Worst))
	}
	var sum fact.Bucket
	peak := 0
	for i := range coarse.Buckets {
		b := &coarse.Buckets[i]
		d.Frames, d.Resends, d.Failed = append(d.Frames, b.Frames), append(d.Resends, b.Resends), append(d.Failed, b.Failed)
		if b.Frames > coarse.Buckets[peak].Frames {
			peak = i
		}
		add(&sum, b)
	}
	t.Frames = fmt.Sprintf("Traffic: %s in %s, at most %s within %s, at %s.", report.Many(sum.Frames, "frame"),
		report.Took(f.Width*int64(len(f.Buckets))), report.Count(coarse.Buckets[peak].Frames), report.Took(coarse.Width),
		report.Clock(coarse.Start+int64(peak)*coarse.Width))
	if sum.Resends+sum.Failed > 0 {
		t.Trouble = fmt.Sprintf("Trouble: %s sent again, %s of %s failed.", report.Many(sum.Resends, "packet"), report.Count(sum.Failed),
			report.Many(sum.Opened, "connection"))
	}
	if sum.Answers+sum.Unanswered > 0 {
		t.DNS = fmt.Sprintf("DNS latency: %s, the slowest took %s; %s without an answer.", report.Many(sum.Answers, "answer"),
			report.Took(sum.Worst), report.Count(sum.Unanswered))
	}
	for _, x := range findings {
		if x.from == 0 {
			continue
		}
		if len(d.Marks) == maxMarks {
			t.Marks = fmt.Sprintf("The first %d findings that have a time are marked.", maxMarks)
			break
		}
		d.Marks = append(d.Marks, mark{x.N, seconds(x.from), seconds(max(x.from, x.to)), x.Severity, x.Title})
	}
	if t.Marks == "" && len(d.Marks) > 0 {
		t.Marks = "A band is when a finding was seen, the number above it the finding's."
	}
	return t
}

func add(to, b *fact.Bucket) {
	to.Frames += b.Frames
	to.Resends += b.Resends
	to.Opened += b.Opened
	to.Failed += b.Failed
	to.Answers += b.Answers
	to.Unanswered += b.Unanswered
	to.Worst = max(to.Worst, b.Worst)
}

// merged puts neighbouring buckets together until there are at most n. Medians get lost.
func merged(f *fact.Timeline, n int) *fact.Timeline {
	step := (len(f.Buckets) + n - 1) / n
	m := &fact.Timeline{Start: f.Start, Width: f.Width * int64(step)}
	for i := 0; i < len(f.Buckets); i += step {
		sum := fact.Bucket{Median: -1, Worst: -1}
		for k := i; k < min(i+step, len(f.Buckets)); k++ {
			add(&sum, &f.Buckets[k])
		}
		m.Buckets = append(m.Buckets, sum)
	}
	return m
}

func timeRows(f *fact.Timeline) []timeRow {
	m := merged(f, maxTimeRows)
	var rows []timeRow
	for i, b := range m.Buckets {
		rows = append(rows, timeRow{
			report.Clock(m.Start + int64(i)*m.Width), b.Frames, b.Resends, b.Opened, b.Failed, b.Answers, b.Unanswered, report.Took(b.Worst),
		})
	}
	return rows
}
