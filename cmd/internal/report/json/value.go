package json

import (
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
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escape(b.Bytes()))
	return err
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
