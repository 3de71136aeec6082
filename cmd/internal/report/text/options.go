// Package text writes results for people: in a terminal of any width, in a pipe, in a postmortem.
package text

// Options say what text looks like where it goes.
type Options struct {
	// Width is the number of columns; 0 where nothing limits it: prose is wrapped at 80 then, tables take what they need.
	Width int
	// Color says that the 16 ANSI colours may be used.
	Color bool
}
