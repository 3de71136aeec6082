package report

import (
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// Format says what a capture is: its file format, for facts what they are of, and its link types. It is not clean.
func Format(c *fact.Capture) string {
	words := []string{c.Format}
	if c.Of != "" {
		words = append(words, "of", c.Of)
	}
	return strings.Join(append(words, c.LinkTypes...), " ")
}
