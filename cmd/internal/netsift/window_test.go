package netsift

import (
	"testing"
	"time"
)

func TestMoment(t *testing.T) {
	at := func(s string) int64 {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.UnixNano()
	}
	for _, c := range []struct{ first, text, want string }{
		{"2026-11-23T03:36:12.5Z", "2026-11-23T03:36:13Z", "2026-11-23T03:36:13Z"},
		{"2026-11-23T03:36:12.5Z", "2026-11-23T04:36:13.25+01:00", "2026-11-23T03:36:13.25Z"},
		{"2026-11-23T03:36:12.5Z", "03:36:13", "2026-11-23T03:36:13Z"},
		{"2026-11-23T03:36:12.5Z", "03:36", "2026-11-23T03:36:00Z"},
		{"2026-11-23T03:36:12.5Z", "03:36:12.75", "2026-11-23T03:36:12.75Z"},
		{"2026-11-23T23:50:00Z", "00:10:00", "2026-11-24T00:10:00Z"},
		{"2026-11-23T23:50:00Z", "23:00:00", "2026-11-23T23:00:00Z"},
		{"2026-11-23T03:36:12.5Z", "+1.5s", "2026-11-23T03:36:14Z"},
		{"2026-11-23T03:36:12.5Z", "+0s", "2026-11-23T03:36:12.5Z"},
	} {
		m, err := parseMoment("since", c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := m.resolve(at(c.first)); got != at(c.want) {
			t.Errorf("%s in a capture from %s on: %s, want %s", c.text, c.first, time.Unix(0, got).UTC().Format(time.RFC3339Nano), c.want)
		}
	}
	for _, s := range []string{"", "+", "+5", "+-5s", "5s", "25:00:00", "yesterday", "2026-11-23"} {
		if _, err := parseMoment("since", s); exitCode(err) != ExitUsage {
			t.Errorf("%q: %v", s, err)
		}
	}
}
