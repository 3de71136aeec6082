package json

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/netsift/netsift/cmd/internal/report"
)

// number is a measured time. It is written without trailing zeros and never in exponents.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(n), 'f', -1, 64), nil
}

// millis and micros return nanoseconds in their unit, to a microsecond and a nanosecond.
func millis(ns int64) number { return number(math.Round(float64(ns)/1e3) / 1e3) }
func micros(ns int64) number { return number(float64(ns) / 1e3) }

// duration returns a time in a unit, nil for -1.
func duration(ns int64, unit func(int64) number) *number {
	if ns < 0 {
		return nil
	}
	n := unit(ns)
	return &n
}

// text returns nil for "".
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// known returns nil for -1.
func known[T int | int64](n T) *T {
	if n < 0 {
		return nil
	}
	return &n
}

// when returns nil for 0.
func when(ns int64, digits int) *string {
	if ns == 0 {
		return nil
	}
	return text(report.Time(ns, digits))
}

// orEmpty returns an empty list for nil, which would become null.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// each returns what f makes of every element, never nil.
func each[T, U any](s []T, f func(*T) U) []U {
	out := make([]U, len(s))
	for i := range s {
		out[i] = f(&s[i])
	}
	return out
}

// write writes v and a newline.
func write(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	text := escape(b.Bytes())
	if indent == "" {
		_, err := w.Write(text)
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	writeIndented(out, text, indent)
	return out.Flush()
}

// writeIndented writes valid JSON, which has no white space, as json.Indent does. That reads it again byte by byte, which takes longer than to
// make it.
func writeIndented(w *bufio.Writer, b []byte, indent string) {
	depth := 0
	line := func() {
		w.WriteByte('\n')
		for range depth {
			w.WriteString(indent)
		}
	}
	for len(b) > 0 {
		n := 1
		switch c := b[0]; c {
		case '{', '[':
			if n = 2; len(b) > 1 && b[1] == c+2 { // '}' and ']' come two behind
				w.Write(b[:n])
				break
			}
			n = 1
			depth++
			w.WriteByte(c)
			line()
		case '}', ']':
			depth--
			line()
			w.WriteByte(c)
		case ',':
			w.WriteByte(c)
			line()
		case ':':
			w.WriteString(": ")
		case '"':
			n = quoted(b)
			w.Write(b[:n])
		default:
			w.WriteByte(c)
		}
		b = b[n:]
	}
}

// quoted returns the length of the string that b begins with, its quotes included.
func quoted(b []byte) int {
	n := 1
	for n < len(b) {
		i := bytes.IndexByte(b[n:], '"')
		if i < 0 {
			return len(b)
		}
		n += i + 1
		escapes := 0
		for b[n-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			break
		}
	}
	return n
}

// escape writes as \u escapes what package json leaves alone and a terminal would obey: the C1 control characters,
// DEL and the invisible characters that reorder text. They can only be inside of strings.
func escape(b []byte) []byte {
	if isPlain(b) {
		return b
	}
	out := make([]byte, 0, len(b)+64)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == '\n' || unicode.IsPrint(r):
			out = append(out, b[:n]...)
		case r < 0x10000:
			out = appendEscape(out, r)
		default:
			// JSON escapes are UTF-16.
			r -= 0x10000
			out = appendEscape(appendEscape(out, 0xd800+r>>10), 0xdc00+r&0x3ff)
		}
		b = b[n:]
	}
	return out
}

func appendEscape(b []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

func isPlain(b []byte) bool {
	for _, c := range b {
		if c >= 0x7f {
			return false
		}
	}
	return true
}
