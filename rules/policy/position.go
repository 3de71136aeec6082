package policy

import (
	"unicode"

	"go.yaml.in/yaml/v4"
)

// locate returns the line and column in the file of the character at rune offset of a scalar's value. Folding, quoting and
// indentation add and remove white space and quotes but leave the order of all other characters, so the value's are looked
// for one after the other in the file's text.
func (r *reader) locate(n *yaml.Node, offset int) (line, column int) {
	line, column = n.Line, n.Column
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		line, column = line+1, 1 // the text begins below the indicator
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		column++
	}
	at := cursor{lines: r.lines, line: line, column: column}
	for i, want := range []rune(n.Value) {
		if unicode.IsSpace(want) {
			continue
		}
		if !at.seek(want) {
			return n.Line, n.Column // escaped beyond recognition
		}
		if i >= offset {
			return at.line, at.column
		}
		line, column = at.line, at.column+1
		at.column++
	}
	return line, column // the end of the expression
}

// cursor is a place in the lines of a file.
type cursor struct {
	lines        []string
	line, column int // from 1, columns in characters
	// text is the line as characters, once read is that line.
	text []rune
	read int
}

// seek moves forward to the next occurrence of this character.
func (c *cursor) seek(want rune) bool {
	for ; c.line <= len(c.lines); c.line, c.column = c.line+1, 1 {
		if c.read != c.line {
			c.text, c.read = []rune(c.lines[c.line-1]), c.line
		}
		for i := c.column - 1; i < len(c.text); i++ {
			if c.text[i] == want {
				c.column = i + 1
				return true
			}
		}
	}
	return false
}
