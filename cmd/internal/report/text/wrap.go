package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/netsift/netsift/cmd/internal/report"
)

// width returns the number of columns that s takes; styles take none.
func width(s string) int {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// Wrap breaks text into lines of at most n columns, at spaces only: an address or a command that is longer stays whole,
// so that it can be copied. The text is cleaned; a line break in it becomes visible, so that no name can forge a line.
func Wrap(s string, n int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.SplitSeq(report.Clean(s), " ") {
		w := width(word)
		switch {
		case w == 0:
		case used == 0:
			line, used = word, w
		case used+1+w <= n:
			line, used = line+" "+word, used+1+w
		default:
			lines = append(lines, line)
			line, used = word, w
		}
	}
	if used > 0 {
		lines = append(lines, line)
	}
	return lines
}

// cut shortens s to n columns by leaving its middle out: of a long name both ends tell.
func cut(s string, n int) string {
	w := width(s)
	if w <= n {
		return s
	}
	if n < 3 {
		return ansi.Truncate(s, n, "")
	}
	head := (n - 1) / 2
	tail := n - 1 - head
	return ansi.Truncate(s, head, "") + "…" + ansi.TruncateLeft(s, w-tail, "")
}

// pad fills s with spaces to n columns.
func pad(s string, n int, right bool) string {
	space := strings.Repeat(" ", max(0, n-width(s)))
	if right {
		return space + s
	}
	return s + space
}
