package html

import (
	"strings"
	"unicode/utf8"
)

// drawing is a picture of a walk, as shapes to be put into an SVG element, and what it shows in words.
type drawing struct {
	ID, Title     string
	Width, Height int
	Boxes         []box
	Lines         []line
	Dots          []dot
	Marks         []cross
	Labels        []label
	// Steps are the same in sentences, Says what follows from it, Notes how it was made.
	Steps, Says, Notes []string
	// Narrow is the drawing for a narrow window, nil of such a one.
	Narrow *drawing
}

// box is the frame of a node, line a stretch of a lane, dot a sighting, cross a place where packets vanish or are refused.
type (
	box  struct{ X, Y, W, H int }
	line struct {
		X, Y, X2, Y2 int
		Class        string
	}
	dot struct {
		X, Y  int
		Class string
	}
	cross struct{ X, Y int }
	label struct {
		X, Y        int
		Class, Text string
	}
)

// The columns of a drawing, in the units of its view box: names of interfaces, the lanes of both directions, and notes. The place
// of the lanes depends on how long the names are.
const (
	nameX     = 26
	laneGap   = 92 // between the lanes, and from the second to the notes
	noteWidth = 370
	// These are in characters, of which a name's are nameChar wide.
	noteSize, boldSize, nameSize, partySize = 54, 47, 38, 96
	nameChar                                = 7.3
)

func (d *drawing) text(x, y int, class, s string) {
	d.Labels = append(d.Labels, label{x, y, class, s})
}

// arrow draws the head of a lane, pointing down or up.
func (d *drawing) arrow(x, y, down int, class string) {
	d.Lines = append(d.Lines, line{x - 4, y - 6*down, x, y, class}, line{x + 4, y - 6*down, x, y, class})
}

// wrap breaks s into lines of at most n characters, at spaces where it can.
func wrap(s string, n int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(s) {
		for utf8.RuneCountInString(w) > n {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			r := []rune(w)
			lines, w = append(lines, string(r[:n])), string(r[n:])
		}
		switch {
		case line == "":
			line = w
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) <= n:
			line += " " + w
		default:
			lines, line = append(lines, line), w
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// short cuts s in the middle to n characters.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n/2]) + "…" + string(r[len(r)-n+n/2+1:])
}
