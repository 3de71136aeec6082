package traffic

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/netsift/netsift/analyze"
)

// BenchmarkGrowth shows the cost of analyzing a frame as one thing grows and the others stay: frames, connections over time,
// connections at a time, encapsulations, places in which a packet is seen. peak-MB is the most memory in use, a collection every
// 65,536 frames. The captures are written to a temporary folder first; the longest has 4 GB.
func BenchmarkGrowth(b *testing.B) {
	for _, g := range []struct {
		name  string
		sizes []int
		set   func(o *Options, n int)
	}{
		{"frames", []int{1e6, 4e6, 16e6}, func(o *Options, n int) { o.Frames = uint64(n) }},
		// Connections without a request, of six packets.
		{"connections", []int{20e3, 200e3, 2e6}, func(o *Options, n int) {
			o.Frames, o.Lookups, o.Exchanges, o.Sightings = 6*uint64(n), 0, 1, 1
		}},
		// Of the same short kind for all, so that beginning and ending them costs the same.
		{"live", []int{1e3, 10e3, 100e3, 500e3}, func(o *Options, n int) {
			o.Live, o.Frames, o.Lookups, o.Losses, o.Exchanges = n, 16e6, 0, 0, 4
		}},
		{"encapsulations", []int{0, 1, 2}, func(o *Options, n int) { o.Depth, o.Frames = n, 2e6 }},
		{"places", []int{1, 2, 4, 6}, func(o *Options, n int) { o.Sightings, o.Frames = n, 2e6 }},
	} {
		for _, n := range g.sizes {
			b.Run(fmt.Sprintf("%s=%d", g.name, n), func(b *testing.B) {
				o := Default
				g.set(&o, n)
				benchmark(b, o)
			})
		}
	}
}

// BenchmarkBusyNode analyzes Default. The program is built with its profile:
//
//	go test -run '^$' -bench BusyNode -benchtime 10x -cpuprofile cmd/netsift/default.pgo ./corpus/traffic
func BenchmarkBusyNode(b *testing.B) { benchmark(b, Default) }

// benchmark analyzes the capture that o describes.
func benchmark(b *testing.B, o Options) {
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
	in := []analyze.Input{{Name: "traffic.pcap", Open: func() (io.ReadCloser, error) { return os.Open(path) }}}
	cfg := analyze.Config{MaxMemory: 8 << 30} // evicted state costs less
	for b.Loop() {
		facts, err := analyze.Run(context.Background(), in, cfg)
		if err != nil {
			b.Fatal(err)
		}
		if n := &facts.Totals; n.Frames != truth.Frames || n.Evicted != 0 {
			b.Fatalf("%d of %d frames, %d connections given up", n.Frames, truth.Frames, n.Evicted)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(truth.Frames), "ns/frame")
	b.ReportMetric(float64(truth.Connections), "connections")
	highest := uint64(0)
	cfg.Frames = func(uint64) { highest = max(highest, inUse()) }
	if _, err := analyze.Run(context.Background(), in, cfg); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(highest)/(1<<20), "peak-MB")
}
