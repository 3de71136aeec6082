package report

import "github.com/netsift/netsift/rules"

// Times says how often a finding was seen, and when: "once at 09:00:00.001", "12 times from 09:00:00.001 to 09:00:07.200, works
// again since 09:00:09.000". "" where neither is known.
func Times(f *rules.Finding) string {
	s := Count(f.Count) + " times"
	if f.Count == 1 {
		s = "once"
	}
	switch {
	case f.Count == 0:
		s = ""
	case f.First == 0:
	case f.Last == 0 || f.First/clockDigit == f.Last/clockDigit: // apart by less than is shown
		s += " at " + Clock(f.First)
	default:
		s += " from " + Clock(f.First) + " to " + Clock(f.Last)
	}
	switch {
	case f.Recovered == 0:
	case s == "":
		s = "works again since " + Clock(f.Recovered)
	default:
		s += ", works again since " + Clock(f.Recovered)
	}
	return s
}
