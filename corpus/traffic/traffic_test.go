package traffic

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/slab"
	"github.com/netsift/netsift/rules"
)

// run analyzes Write's output for o, while it is being written.
func run(t testing.TB, o Options, cfg analyze.Config) (*fact.Facts, Truth) {
	t.Helper()
	r, w := io.Pipe()
	written := make(chan Truth, 1)
	go func() {
		truth, err := Write(w, o)
		w.CloseWithError(err)
		written <- truth
	}()
	facts, err := analyze.Run(context.Background(), []analyze.Input{{
		Name: "traffic.pcap", Stream: true, Open: func() (io.ReadCloser, error) { return r, nil },
	}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return facts, <-written
}

// with returns Default with some options changed.
func with(change func(*Options)) Options {
	o := Default
	o.Frames, o.Live, o.Exchanges, o.Lookups, o.Losses = 100_000, 200, 20, 100, 10
	change(&o)
	return o
}

func TestCounts(t *testing.T) {
	tests := []struct {
		name string
		o    Options
	}{
		{"default", with(func(*Options) {})},
		{"another seed", with(func(o *Options) { o.Seed = 7 })},
		{"many at a time", with(func(o *Options) { o.Live, o.Frames = 5000, 300_000 })},
		{"one by one", with(func(o *Options) { o.Live = 1 })},
		{"short connections", with(func(o *Options) { o.Exchanges = 1 })},
		{"the veth alone", with(func(o *Options) { o.Sightings, o.Losses = 1, 0 })},
		{"veth and uplink", with(func(o *Options) { o.Sightings = 2 })},
		{"six places", with(func(o *Options) { o.Sightings = 6 })},
		{"no overlay", with(func(o *Options) { o.Depth = 0 })},
		{"an overlay in an overlay", with(func(o *Options) { o.Depth = 2 })},
		{"lookups only", with(func(o *Options) { o.Lookups = 1000 })},
		{"heavy loss", with(func(o *Options) { o.Losses = 200 })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var toServer, toClient, ok uint64
			facts, truth := run(t, tt.o, analyze.Config{Connection: func(c *fact.Connection) {
				if c.Proto != fact.TCP {
					return
				}
				toServer += c.Flow[fact.ToServer].Bytes
				toClient += c.Flow[fact.ToClient].Bytes
				if c.Outcome == fact.OK {
					ok++
				}
			}})
			check := func(what string, got, want uint64) {
				if got != want {
					t.Errorf("%s: got %d, want %d", what, got, want)
				}
			}
			n := &facts.Totals
			check("frames", n.Frames, truth.Frames)
			check("connections", n.Connections, truth.Connections+truth.Sockets)
			check("closed connections", ok, truth.Closed)
			check("lookups", n.Lookups, truth.Lookups)
			check("retransmissions", n.Retransmissions, truth.Retransmissions)
			check("bytes to servers", toServer, truth.ToServer)
			check("bytes to clients", toClient, truth.ToClient)
			check("evicted", n.Evicted, 0)
			findings, _ := rules.Judge(facts)
			for _, f := range findings {
				if f.Severity >= rules.Warning && !(f.Rule == "tcp-loss" && tt.name == "heavy loss") {
					t.Errorf("%s %s: %s", f.Severity, f.Rule, f.Title)
				}
			}
		})
	}
}

func TestSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	o := with(func(o *Options) { o.Frames = 1000 })
	for _, w := range []*bytes.Buffer{&a, &b} {
		if _, err := Write(w, o); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same options give different captures")
	}
}

// inUse returns how much memory is in use, in bytes: the live heap, and memory outside of it.
func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + uint64(slab.Used())
}

// peak returns the most memory in use during an analysis, in bytes.
func peak(t *testing.T, o Options, cfg analyze.Config) uint64 {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long, and a race detector's memory is not the program's")
	}
	highest := uint64(0)
	cfg.Frames = func(uint64) { highest = max(highest, inUse()) }
	run(t, o, cfg)
	return highest
}

// TestMemoryFollowsLive: four times the frames, and four times the connections over time, take no more memory; six times as many at a
// time do.
func TestMemoryFollowsLive(t *testing.T) {
	o := with(func(o *Options) {
		o.Live, o.Frames, o.Pods, o.Exchanges, o.Lookups, o.Rate = 3000, 500_000, 10, 5, 5, 5_000
	})
	few := peak(t, o, analyze.Config{})
	o.Frames *= 4
	many := peak(t, o, analyze.Config{})
	if 10*many > 13*few {
		t.Errorf("%d bytes for %d frames, %d for a quarter of them", many, o.Frames, few)
	} else {
		t.Logf("%d bytes, %d for four times the frames", few, many)
	}
	o.Live *= 6
	if more := peak(t, o, analyze.Config{}); more < 2*many {
		t.Errorf("%d bytes for %d live connections, %d for a sixth of them: the first test can't fail", more, o.Live, many)
	}
}

// TestMemoryOfClosed: connections that close as soon as they have begun, many thousands a second, take at most 2.5 times the memory that as many
// long ones do, though late sightings of them are waited for.
func TestMemoryOfClosed(t *testing.T) {
	o := with(func(o *Options) { o.Live, o.Frames, o.Pods, o.Lookups = 3000, 500_000, 10, 0 })
	long := peak(t, o, analyze.Config{})
	o.Exchanges, o.Frames = 1, 2_000_000
	short := peak(t, o, analyze.Config{})
	if 2*short > 5*long {
		t.Errorf("%d bytes for short connections, %d for long ones", short, long)
	} else {
		t.Logf("%d bytes for short connections, %d for long ones", short, long)
	}
}

// TestFlood: a flood of SYNs stays within the budget, and does not push out the connections that are alive.
func TestFlood(t *testing.T) {
	const memory = 128 << 20
	o := with(func(o *Options) { o.Frames, o.SYNs, o.Losses = 400_000, 200_000, 0 })
	ok := uint64(0)
	cfg := analyze.Config{MaxMemory: memory, Connection: func(c *fact.Connection) {
		if c.Outcome == fact.OK && c.Proto == fact.TCP {
			ok++
		}
	}}
	if n := peak(t, o, cfg); n > memory {
		t.Errorf("%d bytes, of %d allowed", n, memory)
	}
	ok = 0
	facts, truth := run(t, o, cfg)
	if facts.Totals.Evicted < truth.SYNs/2 {
		t.Errorf("%d given up of %d SYNs: the test is too small", facts.Totals.Evicted, truth.SYNs)
	}
	if ok != truth.Closed {
		t.Errorf("%d connections closed, want %d", ok, truth.Closed)
	}
	if got, want := facts.Totals.Connections, truth.Connections+truth.Sockets+truth.SYNs; got != want {
		t.Errorf("%d connections, want %d", got, want)
	}
}

func TestOptions(t *testing.T) {
	for _, change := range []func(*Options){
		func(o *Options) { o.Frames = 0 },
		func(o *Options) { o.Live = 0 },
		func(o *Options) { o.Sightings = 7 },
		func(o *Options) { o.Depth = 3 },
		func(o *Options) { o.Losses = 1001 },
		func(o *Options) { o.SYNs = o.Frames },
	} {
		if _, err := Write(io.Discard, with(change)); err == nil {
			t.Errorf("no error for %+v", with(change))
		}
	}
}
