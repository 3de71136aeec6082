package text

import (
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// column is a column of a table.
type column struct {
	head string
	// right aligns it to the right, as numbers want it.
	right bool
	// drop says how early it is left out where the table is too wide: 0 never, higher earlier.
	drop int
	// flex, if not 0, lets it be cut to that many columns before anything else is left out.
	flex int
}

// cell is a value in a table, already clean.
type cell struct {
	text  string
	style *lipgloss.Style
}

// table lays rows out in columns.
type table struct {
	cols []column
	rows [][]cell
	// heads is the style of the heading; nil for no heading.
	heads *lipgloss.Style
	// indent is put before each line.
	indent string
}

// layout is how a table was fitted into a width.
type layout struct {
	widths []int // 0: left out
	gap    string
	hidden []string
	fits   bool
}

// fit finds the layout for n columns, 0 for any number: first with less space between columns, then with flexible
// columns cut, then with columns left out.
func (t *table) fit(n int) layout {
	l := layout{widths: make([]int, len(t.cols)), gap: "  ", fits: true}
	for i, c := range t.cols {
		if t.heads != nil {
			l.widths[i] = width(c.head)
		}
		for _, r := range t.rows {
			l.widths[i] = max(l.widths[i], width(r[i].text))
		}
	}
	if n == 0 {
		return l
	}
	n -= len(t.indent)
	if l.total() > n {
		l.gap = " "
	}
	for {
		over := l.total() - n
		for i, c := range t.cols {
			if over > 0 && c.flex > 0 && l.widths[i] > c.flex {
				by := min(over, l.widths[i]-c.flex)
				l.widths[i] -= by
				over -= by
			}
		}
		if over <= 0 {
			return l
		}
		worst := -1
		for i, c := range t.cols {
			if c.drop > 0 && l.widths[i] > 0 && (worst < 0 || c.drop > t.cols[worst].drop) {
				worst = i
			}
		}
		if worst < 0 {
			l.fits = false
			return l
		}
		l.widths[worst] = 0
		l.hidden = append(l.hidden, strings.ToLower(t.cols[worst].head))
	}
}

func (l *layout) total() int {
	n := -len(l.gap)
	for _, w := range l.widths {
		if w > 0 {
			n += w + len(l.gap)
		}
	}
	return n
}

// render writes the rows (and the heading, if asked for) by a layout.
func (t *table) render(b *strings.Builder, l layout, heading bool) {
	if heading && t.heads != nil {
		row := make([]cell, len(t.cols))
		for i, c := range t.cols {
			row[i] = cell{c.head, t.heads}
		}
		t.line(b, l, row)
	}
	for _, r := range t.rows {
		t.line(b, l, r)
	}
}

func (t *table) line(b *strings.Builder, l layout, row []cell) {
	last := -1
	for i, w := range l.widths {
		if w > 0 && row[i].text != "" {
			last = i
		}
	}
	b.WriteString(t.indent)
	first := true
	for i, w := range l.widths[:last+1] {
		if w == 0 {
			continue
		}
		if !first {
			b.WriteString(l.gap)
		}
		first = false
		s := row[i].text
		if t.cols[i].flex > 0 {
			s = cut(s, w)
		}
		fill := pad(s, w, t.cols[i].right)
		if i == last && !t.cols[i].right {
			fill = s // no spaces at the end of a line
		}
		if row[i].style != nil && s != "" {
			fill = strings.Replace(fill, s, row[i].style.Render(s), 1)
		}
		b.WriteString(fill)
	}
	b.WriteByte('\n')
}

// plain makes cells of clean strings without a style.
func plain(s ...string) []cell {
	row := make([]cell, len(s))
	for i := range s {
		row[i].text = s[i]
	}
	return row
}

// used removes the columns that are empty (or a dash) in all rows.
func (t *table) used() {
	for i := len(t.cols) - 1; i >= 0; i-- {
		if slices.ContainsFunc(t.rows, func(r []cell) bool { return r[i].text != "" && r[i].text != "-" }) {
			continue
		}
		t.cols = slices.Delete(slices.Clone(t.cols), i, i+1)
		for k := range t.rows {
			t.rows[k] = slices.Delete(t.rows[k], i, i+1)
		}
	}
}
