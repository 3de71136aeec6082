// Package text writes results for people: in a terminal of any width, in a pipe, in a postmortem.
//
// All text from packets, file names or rules passes report.Clean on its way out; only this package's own styles
// may hold escape sequences.
package text

// Options say what text looks like where it goes.
type Options struct {
	// Width is the number of columns; 0 where nothing limits it: prose is wrapped at 80 then, tables take what they need.
	Width int
	// Color says that the 16 ANSI colours may be used.
	Color bool
	// Plain says that drawings are made of ASCII signs instead of box-drawing ones.
	Plain bool
	// Long says that a report has all that is known of each finding, instead of its essence.
	Long bool
	// Once says that the captures can't be read again, so that no command is told that would.
	Once bool
	// Redacted says that what is listed was redacted; reports and traces know it themselves.
	Redacted bool
}

const (
	// unlimitedProse is where prose is wrapped when nothing limits the width, maxProse where it is wrapped at most:
	// longer lines are hard to read.
	unlimitedProse = 80
	maxProse       = 120
	// minWidth is the narrowest text that is laid out at all; a narrower terminal wraps by itself.
	minWidth = 40
)

// prose returns the width at which prose is wrapped.
func (o Options) prose() int {
	if o.Width == 0 {
		return unlimitedProse
	}
	return min(max(o.Width, minWidth), maxProse)
}

// table returns the width that a table may have, 0 for any.
func (o Options) table() int {
	if o.Width == 0 {
		return 0
	}
	return max(o.Width, minWidth)
}
