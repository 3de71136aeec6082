package score

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/rules"
)

// drip is a pcap that arrives frame by frame, at the frames' own times or by delay later. After each frame it asks for the facts so
// far twice: at once, and when the next frame is about to come.
type drip struct {
	data  []byte
	times []int64
	// ends are the offsets behind the file header and each frame, sent is how many of the bytes are out.
	ends   []int
	sent   int
	delay  time.Duration
	pulse  chan time.Time
	clock  atomic.Int64
	frames atomic.Uint64
	// behind says that frames are on their way to the analysis: nothing is asked until they are there.
	behind atomic.Bool
}

// newDrip returns nil unless data is an undamaged pcap.
func newDrip(data []byte, delay time.Duration) *drip {
	d := &drip{data: data, ends: []int{24}, delay: delay, pulse: make(chan time.Time)}
	r, err := capture.NewReader(bytes.NewReader(data))
	if err != nil || r.Format() != "pcap" {
		return nil
	}
	for b := (capture.Block{}); r.Read(&b) == nil; {
		for i := range b.Frames {
			d.times = append(d.times, b.Frames[i].Time)
			d.ends = append(d.ends, d.ends[len(d.ends)-1]+16+int(b.Frames[i].Cap))
		}
	}
	if len(d.times) == 0 || d.ends[len(d.ends)-1] != len(data) {
		return nil
	}
	return d
}

func (d *drip) now() time.Time { return time.Unix(0, d.clock.Load()) }

// The first records of a pcap may wait for one another: which variant of the format it is shows in them. Nothing is asked before they are there.
const first = 8

func (d *drip) Read(b []byte) (int, error) {
	i, whole := slices.BinarySearch(d.ends, d.sent)
	if whole && i > 0 {
		past := time.Duration(0)
		if i < len(d.times) {
			past = time.Duration(max(d.times[i]-d.times[i-1], 0))
		}
		if i <= first {
			d.clock.Add(int64(past))
		} else {
			d.behind.Store(true)
			for d.frames.Load() < uint64(i) {
				d.pulse <- time.Time{}
				runtime.Gosched()
			}
			d.behind.Store(false)
			if i < len(d.times) {
				d.clock.Add(int64(past + d.delay))
			}
			d.pulse <- time.Time{}
			d.pulse <- time.Time{} // returns when the first has been dealt with
		}
	}
	if d.sent == len(d.data) {
		return 0, io.EOF
	}
	if whole {
		i++
	}
	n := copy(b, d.data[d.sent:d.ends[i]])
	d.sent += n
	return n, nil
}

func (*drip) Close() error { return nil }

// wavering are the cases in which the first packets can't tell two faults apart: something is wrong at every moment, and
// its name changes.
var wavering = map[string]string{
	"app-refused-in-turns":   "that something listens shows when the place that has refused accepts",
	"app-refused-sweep":      "a few hosts that refuse are no sweep yet",
	"app-backlog-full":       "that a pod lives which drops SYNs shows when it answers others",
	"ct-table-full-receiver": "that nothing forbids what a node drops shows when it lets it pass again",
	"cni-no-reply-many":      "a few pods that do not answer are each a cause of its own",
	"dns-backend-silent":     "that one backend of two is dead shows again and again only when the other one has answered",
	"large-lost":             "four losses of one large packet look like a black hole until the fifth transmission passes",
	"mss-large-passes":       "that the network carries more than a node announced shows when a long packet is acknowledged",
	"ct-invalid-udp":         "the answers to resent questions pass for those of a search list that goes on",
}

// early are rules that judge a tunnel by its packets so far.
var early = map[string]string{
	"cni-tunnel-oneway": "where the first that a tunnel carries gets no answer for a fault of its own, the second shows it",
}

// TestMoments asks for the facts so far between any two frames, as a look at a stream can fall there. Each finding then has
// to hold. It is not withdrawn and made again. If it is not in the report at the end, a cause that is explains it. So a
// question whose answer is on its way, or a capturing program that hands over a second at a time, make no finding.
func TestMoments(t *testing.T) {
	asked := 0
	for _, c := range cases.Some(testing.Short()) {
		if wavering[c.Name] != "" {
			continue
		}
		for _, f := range c.Play().Files() {
			for _, delay := range []time.Duration{0, 999 * time.Millisecond} {
				if d := newDrip(f.Data, delay); d != nil {
					asked += moments(t, c.Name+", "+f.Name, d)
				}
			}
		}
	}
	if asked < 20000 && !testing.Short() {
		t.Errorf("asked %d times in all: the test is too small", asked)
	}
}

func moments(t *testing.T, name string, d *drip) int {
	t.Helper()
	asked, open, opened := 0, map[string]bool{}, map[string]string{}
	alarms := func(f *fact.Facts) []rules.Finding {
		found, _ := rules.Judge(f)
		return slices.DeleteFunc(found, func(x rules.Finding) bool {
			return x.Severity < rules.Warning || x.Layer == rules.LayerCapture
		})
	}
	in := analyze.Input{Name: "stream", Stream: true, Open: func() (io.ReadCloser, error) { return d, nil }}
	facts, err := analyze.Run(t.Context(), []analyze.Input{in}, analyze.Config{Live: &analyze.Live{
		Pulse: d.pulse, Now: d.now,
		Moment: func(m *analyze.Moment) {
			d.frames.Store(m.Totals.Frames)
			if d.behind.Load() {
				return
			}
			f := m.Facts()
			asked++
			holds := map[string]bool{}
			for _, x := range alarms(f) {
				holds[x.ID] = true
				if !open[x.ID] && opened[x.ID] != "" {
					t.Errorf("%s, delayed by %s: after %d frames %s is back", name, d.delay, f.Totals.Frames, x.ID)
				}
				opened[x.ID] = x.Rule
			}
			open = holds
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	end := alarms(facts)
	for id, rule := range opened {
		if len(end) > 0 && early[rule] != "" {
			continue
		}
		if !slices.ContainsFunc(end, func(x rules.Finding) bool { return x.ID == id || slices.Contains(x.Explains, rule) }) {
			t.Errorf("%s, delayed by %s: %s was said and is not in the report", name, d.delay, id)
		}
	}
	return asked
}
