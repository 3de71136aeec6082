//go:build unix

package traffic

import (
	"syscall"
	"testing"
	"time"
)

// BenchmarkTerms takes apart what an analysis costs, by pairs of captures that differ in one thing: how many frames; how many
// connections those frames are of; whether datagrams are lookups of eight questions or go to a port that is not DNS's. It
// counts processor time, the collector's included, and the captures of a pair are analyzed in turn.
func BenchmarkTerms(b *testing.B) {
	long := Default
	long.Frames, long.Lookups, long.Exchanges = 1_000_000, 0, 1000
	longer := long
	longer.Frames = 3_000_000
	short := Churn
	short.Frames, short.Lookups, short.Live, short.Short = 1_000_000, 0, 0, 1000
	few := short
	few.Pods, few.Called, few.Backends = 50, 2, 2
	names := Churn
	names.Frames, names.Lookups, names.Requests, names.Live, names.Short = 1_000_000, 1000, 0, 0, 1000
	datagrams := names
	datagrams.DNSPort = llmnrPort
	frames := func(t Truth) uint64 { return t.Frames }
	connections := func(t Truth) uint64 { return t.Connections }
	lookups := func(t Truth) uint64 { return t.Lookups }
	for _, tt := range []struct {
		name       string
		more, less Options
		count      func(Truth) uint64
		unit       string
		per        time.Duration
	}{
		{"frame", longer, long, frames, "ns/frame", time.Nanosecond},
		{"connection of a way of its own", short, long, connections, "µs/connection", time.Microsecond},
		{"connection of a way that repeats", few, long, connections, "µs/connection", time.Microsecond},
		{"lookup", names, datagrams, lookups, "µs/lookup", time.Microsecond},
	} {
		b.Run(tt.name, func(b *testing.B) {
			more, less := write(b, tt.more), write(b, tt.less)
			count := tt.count(more.truth)
			if tt.name != "lookup" { // the same datagrams, of which the port makes lookups
				count -= tt.count(less.truth)
			}
			var costs time.Duration
			for b.Loop() {
				start := processorTime(b)
				more.analyze(b, config)
				between := processorTime(b)
				less.analyze(b, config)
				costs += between - start - (processorTime(b) - between)
			}
			b.ReportMetric(float64(costs)/float64(tt.per)/float64(b.N)/float64(count), tt.unit)
		})
	}
}

// processorTime returns what this process has taken.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
