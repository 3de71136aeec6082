package netsift

import (
	"strings"
	"time"
)

// moment is a point in time as --since and --until take it. Its meaning may depend on when the capture begins.
type moment struct {
	// at is in nanoseconds since 1970 where absolute is set, since the beginning of the capture's first frame where
	// relative is, and since midnight (UTC) else.
	at                 int64
	absolute, relative bool
}

// clockForms are the forms of a time of day.
var clockForms = []string{"15:04:05.999999999", "15:04"}

// parseMoment reads a moment: RFC 3339, a time of day, or +5s from the first frame on.
func parseMoment(flag, s string) (moment, error) {
	if rest, ok := strings.CutPrefix(s, "+"); ok {
		d, err := time.ParseDuration(rest)
		if err == nil && d >= 0 {
			return moment{at: int64(d), relative: true}, nil
		}
		return moment{}, usagef("--%s %q: after + comes a duration, as in +5s, +1m30s, +250ms", flag, s)
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return moment{at: t.UnixNano(), absolute: true}, nil
	}
	for _, form := range clockForms {
		if t, err := time.Parse(form, s); err == nil {
			midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
			return moment{at: int64(t.Sub(midnight))}, nil
		}
	}
	return moment{}, usagef("--%s %q: give 2026-11-23T03:36:12Z, 03:36:12 (UTC, within the capture), or +5s after its first frame", flag, s)
}

// resolve returns the moment in nanoseconds since 1970 for a capture that begins at first.
func (m moment) resolve(first int64) int64 {
	const day = int64(24 * time.Hour)
	switch {
	case m.absolute:
		return m.at
	case m.relative:
		return first + m.at
	}
	at := first - first%day + m.at
	// A capture that runs past midnight: a time of day long before its beginning is that of the next day.
	if at < first-day/2 {
		at += day
	}
	return at
}
