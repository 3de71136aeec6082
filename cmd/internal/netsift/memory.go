package netsift

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/slab"
)

// minMemory is the least that an analysis can do with, in bytes.
const minMemory = 128 << 20

// Percentages by which the heap grows until it is collected.
const (
	// whileFolding: little is left to collect where all is folded, so that it costs little to do so three times as often.
	whileFolding = 30
	// whileShowing: each connection, lookup or moment that is shown leaves something.
	whileShowing = 50
	// whileReporting: what lay beside the heap is given back.
	whileReporting = 100
)

// limitMemory has the garbage collector keep to what an analysis may take, in bytes.
func limitMemory(n int64) {
	heap := analyze.HeapLimit(n)
	if os.Getenv("GOMEMLIMIT") != "" {
		heap = min(heap, debug.SetMemoryLimit(-1)) // the user's own
	}
	debug.SetMemoryLimit(heap)
}

// collectAt has the garbage collector run when the heap has grown by a percentage, where state lies beside it and the user did not say when.
func collectAt(percent int) {
	if slab.OffHeap && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// memoryInUse returns what the program has from the system, in bytes.
func memoryInUse() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64() + uint64(slab.Used())
}

// size reads a number of bytes with a unit: B, kB, MB, GB or TB, as powers of 1024; KiB and the like are the same.
func size(s string) (int64, error) {
	digits := strings.TrimRight(s, "BKMGTbkmgti ")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, err
	}
	unit := strings.ToUpper(strings.TrimSpace(s[len(digits):]))
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I")
	power := strings.Index("KMGT", unit)
	if len(unit) > 1 || unit != "" && power < 0 {
		return 0, strconv.ErrSyntax
	}
	if unit != "" {
		for range power + 1 {
			n *= 1 << 10
		}
	}
	if !(n >= 0 && n < 1<<62) {
		return 0, strconv.ErrRange
	}
	return int64(n), nil
}
