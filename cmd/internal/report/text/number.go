package text

import (
	"fmt"
	"strconv"
	"time"

	"github.com/netsift/netsift/cmd/internal/report"
)

// short returns a number in at most four characters: 870, 1.2k, 45M.
func short(n uint64) string {
	const units = "kMGTPE"
	if n < 1000 {
		return strconv.FormatUint(n, 10)
	}
	f, u := float64(n)/1000, 0
	for f >= 999.5 {
		f, u = f/1000, u+1
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f%c", f, units[u])
	}
	return fmt.Sprintf("%.0f%c", f, units[u])
}

// took returns a duration with two or three digits: 85µs, 1.2ms, 19ms, 4.2s, 75s, 12m5s.
func took(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d < 0:
		return "-"
	case d == 0:
		return "0"
	case d < time.Microsecond:
		return "<1µs"
	case d < 999500*time.Nanosecond:
		return fmt.Sprintf("%.0fµs", float64(d)/1e3)
	case d < 9950*time.Microsecond:
		return fmt.Sprintf("%.1fms", float64(d)/1e6)
	case d < 999500*time.Microsecond:
		return fmt.Sprintf("%.0fms", float64(d)/1e6)
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// clock returns the time of day with milliseconds, in UTC.
func clock(ns int64) string { return time.Unix(0, ns).UTC().Format("15:04:05.000") }

// date returns the day and the second, in UTC.
func date(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05 UTC") }

// many returns "1 frame", "2 frames", "12,345 frames".
func many[T int | uint64](n T, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.Count(uint64(n)) + " " + one + "s"
}

func uintText(n uint64) string { return strconv.FormatUint(n, 10) }
