// Package csv writes connections and lookups as tables for spreadsheets and databases (RFC 4180), with a header line. Numbers have a
// point and neither units nor separators of thousands; the heads of columns say the units. Lines end with a line feed alone, which
// readers of CSV take as well, because to awk and its like a carriage return were part of the last column.
package csv

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// table is a CSV file being written.
type table struct{ w *csv.Writer }

func newTable(w io.Writer, head []string) table {
	t := table{csv.NewWriter(w)}
	t.row(head...)
	return t
}

// named are the columns with the names of objects, which stand at the end of a line where there is a snapshot of the cluster.
type named bool

// columns returns the columns, of the parties that a table has.
func (n named) columns(parties ...string) []string {
	if !n {
		return nil
	}
	for i := range parties {
		parties[i] += "_name"
	}
	return parties
}

// names returns the cells of these columns.
func (n named) names(objects ...*fact.Object) []string {
	if !n {
		return nil
	}
	cells := make([]string, len(objects))
	for i, o := range objects {
		cells[i] = report.Name(o)
	}
	return cells
}

// row writes a line. The library keeps an error until it is asked for.
func (t table) row(cells ...string) {
	for i, s := range cells {
		cells[i] = tame(s)
	}
	_ = t.w.Write(cells)
}

// flush hands on what is buffered.
func (t table) flush() error {
	t.w.Flush()
	return t.w.Error()
}

// tame cleans a value, and keeps a spreadsheet from taking a name out of a packet for a formula: a value that begins
// like one, also in full-width characters or behind spaces, gets an apostrophe before it. Tabs and line breaks are cleaned away.
func tame(s string) string {
	s = report.Clean(s)
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " ")); strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + s
	}
	return s
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// millis returns nanoseconds in milliseconds, "" for -1.
func millis(ns int64) string {
	if ns < 0 {
		return ""
	}
	return strconv.FormatFloat(float64(ns/1000)/1000, 'f', -1, 64)
}

// known returns "" for -1.
func known(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}
