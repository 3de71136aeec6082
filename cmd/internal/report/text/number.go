package text

import (
	"fmt"
	"strconv"
	"time"
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

// date returns the day and the second, in UTC.
func date(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05 UTC") }

func uintText(n uint64) string { return strconv.FormatUint(n, 10) }
