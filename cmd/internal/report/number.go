package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/netsift/netsift/rules"
)

// Took returns a duration with two or three digits: 85µs, 1.2ms, 19ms, 4.2s, 75s, 12m5s.
func Took(ns int64) string {
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

// clockDigit is the last digit of a Clock, in nanoseconds.
const clockDigit = int64(time.Millisecond)

// Clock returns the time of day with milliseconds, in UTC.
func Clock(ns int64) string { return time.Unix(0, ns).UTC().Format("15:04:05.000") }

// Many returns "1 frame", "2 frames", "12,345 frames".
func Many[T int | uint64](n T, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(uint64(n)) + " " + one + "s"
}

// LayerName is how a layer is called in prose, "" for none.
func LayerName(l rules.Layer) string {
	switch l {
	case rules.LayerDNS, rules.LayerCNI:
		return strings.ToUpper(string(l))
	case rules.LayerService, rules.LayerApp, rules.LayerCapture:
		return strings.ToUpper(string(l[:1])) + string(l[1:])
	}
	return ""
}
