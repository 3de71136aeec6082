package report

import (
	"fmt"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// Part is what a report was asked for, of captures that were read and judged as a whole. Its counts are those of what it asks for.
type Part struct {
	// Filter is an expression of package analyze/filter, "" where none was given.
	Filter string
	// Since and Until bound the time, in nanoseconds since 1970, 0 for no bound.
	Since, Until int64
	fact.Part
	// Elsewhere counts the findings at warning or above about nothing of it, which the report leaves out.
	Elsewhere int
}

// Text says what was asked for, and how much of all that is.
func (p *Part) Text(all *fact.Totals) string {
	var what []string
	if p.Filter != "" {
		what = append(what, Clean(p.Filter))
	}
	if p.Since != 0 {
		what = append(what, "since "+Time(p.Since, 0))
	}
	if p.Until != 0 {
		what = append(what, "until "+Time(p.Until, 0))
	}
	s := fmt.Sprintf("Only a part was asked for: %s. It has %s of %s, and %s of %s.", strings.Join(what, ", "),
		Count(p.Connections), Many(all.Connections, "connection"), Count(p.Lookups), Many(all.Lookups, "name lookup"))
	switch p.Elsewhere {
	case 0:
		return s
	case 1:
		return s + " 1 finding is about the rest."
	}
	return s + " " + Count(uint64(p.Elsewhere)) + " findings are about the rest."
}

// sameQuestion reports whether two reports were asked for the same: everything, or what matches one expression, with or without bounds of time. The times
// themselves are those of their captures.
func sameQuestion(a, b *Report) bool {
	if a.Part == nil || b.Part == nil {
		return a.Part == b.Part
	}
	return a.Part.Filter == b.Part.Filter && (a.Part.Since == 0) == (b.Part.Since == 0) && (a.Part.Until == 0) == (b.Part.Until == 0)
}
