package traffic

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
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

// llmnrPort is a port that netsift takes for no DNS.
const llmnrPort = 5355

// churn returns Churn with some options changed.
func churn(change func(*Options)) Options {
	o := Churn
	o.Frames, o.Live, o.Losses = 80_000, 500, 10
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
		{"long connections without requests", with(func(o *Options) { o.Exchanges = 1 })},
		{"the veth alone", with(func(o *Options) { o.Sightings, o.Losses = 1, 0 })},
		{"veth and uplink", with(func(o *Options) { o.Sightings = 2 })},
		{"six places", with(func(o *Options) { o.Sightings = 6 })},
		{"no overlay", with(func(o *Options) { o.Depth = 0 })},
		{"an overlay in an overlay", with(func(o *Options) { o.Depth = 2 })},
		{"a lookup before each", with(func(o *Options) { o.Lookups, o.Candidates = 1000, 1 })},
		{"heavy loss", with(func(o *Options) { o.Losses = 200 })},
		{"churn", churn(func(*Options) {})},
		{"churn without the long ones", churn(func(o *Options) { o.Live, o.Short = 0, 1000 })},
		{"churn on few ways", churn(func(o *Options) { o.Pods, o.Called, o.Backends = 5, 2, 2 })},
		{"churn of one pod with one Service", churn(func(o *Options) { o.Pods, o.Services, o.Called, o.Backends = 1, 1, 1, 1 })},
		{"one request each", churn(func(o *Options) { o.Requests = 1 })},
		{"three candidates", churn(func(o *Options) { o.Candidates = 3 })},
		{"lookups only", churn(func(o *Options) { o.Live, o.Short, o.Requests, o.Lookups = 0, 1000, 0, 1000 })},
		{"DNS on another port", churn(func(o *Options) { o.DNSPort = 5300 })},
		{"LLMNR's port", churn(func(o *Options) { o.DNSPort = llmnrPort })},
		{"a busier node", churn(func(o *Options) { o.Rate = 1_000_000 })},
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
			if tt.o.DNSPort == llmnrPort {
				truth.Lookups = 0
			}
			check("lookups", n.Lookups, truth.Lookups)
			check("retransmissions", n.Retransmissions, truth.Retransmissions)
			check("bytes to servers", toServer, truth.ToServer)
			check("bytes to clients", toClient, truth.ToClient)
			check("evicted", n.Evicted, 0)
			findings, _ := rules.Judge(facts)
			for _, f := range findings {
				if f.Severity >= rules.Warning && !(f.Rule == "tcp-loss" && tt.name == "heavy loss") &&
					!(f.Rule == "dns-search-expansion" && tt.o.Candidates > 2) {
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

// TestRate: the capture lasts as long as its frames and their rate say, long connections being open from its first second on.
func TestRate(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    Options
	}{
		{"bulk", with(func(o *Options) { o.Frames, o.Live, o.Rate = 400_000, 1000, 100_000 })},
		{"churn", churn(func(o *Options) { o.Frames = 400_000 })},
		{"lookups only", churn(func(o *Options) { o.Live, o.Short, o.Requests, o.Lookups = 0, 1000, 0, 1000 })},
	} {
		var first, last int64
		tt.o.Wait = func(at int64) {
			if first == 0 {
				first = at
			}
			last = at
		}
		truth, err := Write(io.Discard, tt.o)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := last-first, int64(tt.o.Frames*1e9/tt.o.Rate); got < want*8/10 || got > want*12/10 {
			t.Errorf("%s: %d ns, want about %d", tt.name, got, want)
		}
		if open := int(truth.Connections - truth.Closed); tt.o.Live > 0 && (open < tt.o.Live || open > tt.o.Live*11/10) {
			t.Errorf("%s: %d open at the end, of %d that stay and some", tt.name, open, tt.o.Live)
		}
	}
}

// TestWays: connections go the ways that the options ask for: few that repeat, or nearly each its own.
func TestWays(t *testing.T) {
	for _, tt := range []struct {
		name        string
		o           Options
		least, most int
	}{
		{"few", churn(func(o *Options) { o.Lookups, o.Pods, o.Called, o.Backends = 0, 5, 2, 3 }), 30, 30},
		{"many", churn(func(o *Options) { o.Lookups = 0 }), 1000, 1 << 20},
	} {
		ways := map[[3]netip.AddrPort]int{}
		connections := 0
		run(t, tt.o, analyze.Config{Connection: func(c *fact.Connection) {
			way := [3]netip.AddrPort{netip.AddrPortFrom(c.Client.Addr(), 0), c.Called, c.Backend}
			ways[way]++
			connections++
		}})
		if n := len(ways); n < tt.least || n > tt.most || tt.name == "many" && n < connections*9/10 {
			t.Errorf("%s: %d ways of %d connections", tt.name, n, connections)
		}
	}
}

// TestAgenda: whoever is earliest is first, whatever is added, replaced and dropped.
func TestAgenda(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var a agenda
	var want []int64
	for range 2000 {
		at := r.Int64N(500)
		switch {
		case len(a) == 0 || r.IntN(3) == 0:
			a.add(entry{at: at})
		case r.IntN(2) == 0:
			want = slices.Delete(want, 0, 1)
			a.replace(entry{at: at})
		default:
			want = slices.Delete(want, 0, 1)
			a.drop()
			at = -1
		}
		if at >= 0 {
			i, _ := slices.BinarySearch(want, at)
			want = slices.Insert(want, i, at)
		}
		if len(a) != len(want) || len(a) > 0 && a[0].at != want[0] {
			t.Fatalf("%v is first, want %v", a, want)
		}
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

// TestMemoryFollowsLive: four times the frames, and four times the connections over time, take no more memory; twelve times as many at a
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
	o.Live *= 12
	if more := peak(t, o, analyze.Config{}); more < 2*many {
		t.Errorf("%d bytes for %d live connections, %d for a twelfth of them: the first test can't fail", more, o.Live, many)
	}
}

// TestMemoryOfClosed: connections that close as soon as they have begun, many thousands a second, take at most 2.5 times the memory that as many
// long ones do, though late sightings of them are waited for.
func TestMemoryOfClosed(t *testing.T) {
	o := with(func(o *Options) { o.Live, o.Frames, o.Pods, o.Lookups = 3000, 500_000, 10, 0 })
	long := peak(t, o, analyze.Config{})
	o.Live, o.Short, o.Requests, o.Frames = 0, 1000, 1, 2_000_000
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
		func(o *Options) { o.Short = 1001 },
		func(o *Options) { o.Short, o.Requests, o.Lookups = 1000, 0, 0 },
		func(o *Options) { o.Called = o.Services + 1 },
		func(o *Options) { o.Services, o.Backends = 1000, 1000 },
		func(o *Options) { o.Candidates = 5 },
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
