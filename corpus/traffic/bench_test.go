package traffic

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/netsift/netsift/analyze"
)

// BenchmarkGrowth shows the cost of analyzing a frame as one thing grows and the others stay: frames, connections over time,
// connections at a time, encapsulations, places in which a packet is seen. peak-MB is the most memory in use, a collection every
// 65,536 frames. The captures are written to a temporary folder first; the longest has 4 GB.
func BenchmarkGrowth(b *testing.B) {
	for _, g := range []struct {
		name  string
		o     Options
		sizes []int
		set   func(o *Options, n int)
	}{
		{"frames", Default, []int{1e6, 4e6, 16e6}, func(o *Options, n int) { o.Frames = uint64(n) }},
		{"churn", Churn, []int{2e6, 4e6, 8e6}, func(o *Options, n int) { o.Frames = uint64(n) }},
		// Connections without a request, of six packets.
		{"connections", Default, []int{20e3, 200e3, 2e6}, func(o *Options, n int) {
			o.Frames, o.Lookups, o.Exchanges, o.Sightings = 6*uint64(n), 0, 1, 1
		}},
		// Of the same short kind for all, so that beginning and ending them costs the same.
		{"live", Default, []int{1e3, 10e3, 100e3, 500e3}, func(o *Options, n int) {
			o.Live, o.Frames, o.Lookups, o.Losses, o.Exchanges = n, 16e6, 0, 0, 4
		}},
		{"encapsulations", Default, []int{0, 1, 2}, func(o *Options, n int) { o.Depth, o.Frames = n, 2e6 }},
		{"places", Default, []int{1, 2, 4, 6}, func(o *Options, n int) { o.Sightings, o.Frames = n, 2e6 }},
	} {
		for _, n := range g.sizes {
			b.Run(fmt.Sprintf("%s=%d", g.name, n), func(b *testing.B) {
				o := g.o
				g.set(&o, n)
				c := write(b, o)
				c.benchmark(b)
				c.peak(b)
			})
		}
	}
}

// BenchmarkBusyNode analyzes Default. The program is built with its profile:
//
//	go test -run '^$' -bench '(BusyNode|Churn)/analyze' -benchtime 4x -cpuprofile cmd/netsift/default.pgo ./corpus/traffic
func BenchmarkBusyNode(b *testing.B) { compare(b, Default) }

// BenchmarkChurn analyzes Churn.
func BenchmarkChurn(b *testing.B) { compare(b, Churn) }

// compare analyzes the capture that o describes, and where capinfos is installed has netsift diagnose it and capinfos count its
// frames in turn: wall/capinfos and cpu/capinfos are the diagnosis' time and processor time in those of counting.
func compare(b *testing.B, o Options) {
	c := write(b, o)
	b.Run("analyze", func(b *testing.B) {
		c.benchmark(b)
		c.peak(b)
	})
	b.Run("against capinfos", func(b *testing.B) {
		capinfos, err := exec.LookPath("capinfos")
		if err != nil {
			b.Skip("capinfos (Wireshark) is not installed")
		}
		netsift := filepath.Join(b.TempDir(), "netsift")
		if out, err := exec.Command("go", "build", "-o", netsift, "github.com/netsift/netsift/cmd/netsift").CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		var diagnosis, counting spent
		for b.Loop() {
			diagnosis.add(b, netsift, "analyze", "-o", "json", c.path)
			counting.add(b, capinfos, "-c", "-d", c.path)
		}
		b.ReportMetric(diagnosis.wall.Seconds()/counting.wall.Seconds(), "wall/capinfos")
		b.ReportMetric(diagnosis.cpu.Seconds()/counting.cpu.Seconds(), "cpu/capinfos")
	})
}

// spent is what runs of a program took, in time and in processor time.
type spent struct{ wall, cpu time.Duration }

// add runs a program.
func (s *spent) add(b *testing.B, program string, args ...string) {
	b.Helper()
	start := time.Now()
	cmd := exec.Command(program, args...)
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v", cmd, err)
	}
	s.wall += time.Since(start)
	s.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// capture is a generated capture in a temporary file.
type capture struct {
	path  string
	truth Truth
}

// write writes the capture that o describes.
func write(b *testing.B, o Options) *capture {
	b.Helper()
	path := filepath.Join(b.TempDir(), "traffic.pcap")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	truth, err := Write(f, o)
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return &capture{path, truth}
}

// config gives up nothing, because evicted state costs less.
var config = analyze.Config{MaxMemory: 8 << 30}

// analyze analyzes the capture once.
func (c *capture) analyze(b *testing.B, cfg analyze.Config) {
	in := []analyze.Input{{Name: "traffic.pcap", Open: func() (io.ReadCloser, error) { return os.Open(c.path) }}}
	facts, err := analyze.Run(context.Background(), in, cfg)
	if err != nil {
		b.Fatal(err)
	}
	if n := &facts.Totals; n.Frames != c.truth.Frames || n.Evicted != 0 {
		b.Fatalf("%d of %d frames, %d connections given up", n.Frames, c.truth.Frames, n.Evicted)
	}
}

// benchmark reports what a frame costs, and how many connections and lookups there are.
func (c *capture) benchmark(b *testing.B) {
	for b.Loop() {
		c.analyze(b, config)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.truth.Frames), "ns/frame")
	b.ReportMetric(float64(c.truth.Connections), "connections")
	b.ReportMetric(float64(c.truth.Lookups), "lookups")
}

// peak reports the most memory in use.
func (c *capture) peak(b *testing.B) {
	highest, cfg := uint64(0), config
	cfg.Frames = func(uint64) { highest = max(highest, inUse()) }
	c.analyze(b, cfg)
	b.ReportMetric(float64(highest)/(1<<20), "peak-MB")
}
