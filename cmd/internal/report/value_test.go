package report_test

import (
	"net/netip"
	"strings"
	"testing"
	"unicode"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

func TestAddrPort(t *testing.T) {
	for _, c := range []struct {
		in   netip.AddrPort
		want string
	}{
		{netip.AddrPort{}, ""},
		{netip.MustParseAddrPort("10.0.0.1:80"), "10.0.0.1:80"},
		{netip.MustParseAddrPort("[fd00::1]:80"), "[fd00::1]:80"},
		{netip.MustParseAddrPort("[fd00::1]:0"), "fd00::1"},
		{netip.MustParseAddrPort("10.0.0.1:0"), "10.0.0.1"},
	} {
		if got := report.AddrPort(c.in); got != c.want {
			t.Errorf("AddrPort(%v) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestTime(t *testing.T) {
	for _, c := range []struct {
		ns     int64
		digits int
		want   string
	}{
		{1795404972000123000, 6, "2026-11-23T03:36:12.000123Z"},
		{1795404972000123456, 9, "2026-11-23T03:36:12.000123456Z"},
		{1795404972000000000, 6, "2026-11-23T03:36:12.000000Z"},
		{1795404972000123456, 0, "2026-11-23T03:36:12.000123456Z"},
		{1795404972000123000, 0, "2026-11-23T03:36:12.000123Z"},
		{-1_000, 6, "1969-12-31T23:59:59.999999Z"},
	} {
		if got := report.Time(c.ns, c.digits); got != c.want {
			t.Errorf("Time(%d, %d) = %s, want %s", c.ns, c.digits, got, c.want)
		}
	}
}

func TestDigits(t *testing.T) {
	if got := report.Digits([]fact.Capture{{Digits: 6}, {Digits: 9}}); got != 9 {
		t.Errorf("got %d", got)
	}
	if got := report.Digits(nil); got != 6 {
		t.Errorf("without captures: got %d", got)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", 1<<64 - 1: "18,446,744,073,709,551,615"} {
		if got := report.Count(n); got != want {
			t.Errorf("Count(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "api.example.com", "api.example.com"},
		{"letters of other scripts", "日本.例え → ü", "日本.例え → ü"},
		{"colour", "\x1b[31mred", `\x1b[31mred`},
		{"one-byte control sequence introducer", "\u009b2J", `\x9b2J`},
		{"window title", "\x1b]0;owned\a", `\x1b]0;owned\x07`},
		{"line break", "a\r\nb\tc", `a\x0d\x0ab\x09c`},
		{"delete", "a\x7f", `a\x7f`},
		{"writing direction", "\u202egpj.exe\u2066", `\u202egpj.exe\u2066`},
		{"invisible", "a\u200bb\ufeff\u00ad", `a\u200bb\ufeff\xad`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"tag characters", "\U000e0041", `\U000e0041`},
		{"broken UTF-8", "a\xff\xc3", `a\xff\xc3`},
		{"raw C1 byte", "\x9b2J", `\x9b2J`},
		{"nul", "a\x00b", `a\x00b`},
		{"replacement character itself", "\ufffd", "\ufffd"},
	} {
		if got := report.Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[31m\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := report.Clean(s)
		if i := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("Clean(%q) = %q: not printable at %d", s, got, i)
		}
		if again := report.Clean(got); again != got {
			t.Errorf("Clean(%q) = %q is cleaned again to %q", s, got, again)
		}
	})
}
