package report

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/netsift/netsift/analyze/fact"
)

// AddrPort returns an address with its port as output has it: 10.0.0.1:80, [fd00::1]:80, the bare address where there
// is no port (ICMP), and "" for the zero value.
func AddrPort(a netip.AddrPort) string {
	switch {
	case !a.Addr().IsValid():
		return ""
	case a.Port() == 0:
		return a.Addr().String()
	}
	return a.String()
}

// End returns one end of a conversation. In ICMP the port field holds the echo's identifier, which is no port.
func End(p fact.Proto, a netip.AddrPort) string {
	if p == fact.ICMP {
		return Addr(a.Addr())
	}
	return AddrPort(a)
}

// Addr returns an address, "" for the zero value.
func Addr(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// Time returns a time (nanoseconds since 1970-01-01 UTC) as RFC 3339 with this number of decimal digits. 0 digits
// stand for those that the value needs, microseconds at least; it is used where the capture's resolution isn't known.
func Time(ns int64, digits int) string {
	if digits == 0 {
		digits = 6
		if ns%1000 != 0 {
			digits = 9
		}
	}
	layout := "2006-01-02T15:04:05." + strings.Repeat("0", digits) + "Z"
	return time.Unix(0, ns).UTC().Format(layout)
}

// Digits returns the finest resolution among captures.
func Digits(captures []fact.Capture) int {
	digits := 6
	for i := range captures {
		digits = max(digits, captures[i].Digits)
	}
	return digits
}

// Count returns a number with a comma between thousands.
func Count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Clean makes text from packets, file names and other strangers harmless for a terminal: characters that could move the cursor,
// change colours, reorder or hide text become escapes (\x1b, \u202e). Everything else stays.
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x`)
			b.WriteString(hex(uint64(s[i]), 2))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			b.WriteString(`\x`)
			b.WriteString(hex(uint64(r), 2))
		case r < 0x10000:
			b.WriteString(`\u`)
			b.WriteString(hex(uint64(r), 4))
		default:
			b.WriteString(`\U`)
			b.WriteString(hex(uint64(r), 8))
		}
		i += n
	}
	return b.String()
}

// isClean is the fast way out for nearly everything.
func isClean(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

func hex(n uint64, digits int) string {
	s := strconv.FormatUint(n, 16)
	return strings.Repeat("0", digits-len(s)) + s
}

// File returns the name of the capture with this index.
func File(captures []fact.Capture, i int) string {
	if i < 0 || i >= len(captures) {
		return ""
	}
	return captures[i].File
}

// HasVNI says whether an encapsulation carries the number of a virtual network, or a key as GRE may have.
func HasVNI(e *fact.Encap) bool { return e.Kind.HasVNI() || e.VNI != 0 }

// FirstOfInterface says whether views[i] is the first on its interface: a leg has a view for each direction.
func FirstOfInterface(views []fact.View, i int) bool {
	for k := range views[:i] {
		a, b := &views[k], &views[i]
		if a.Capture == b.Capture && a.Interface == b.Interface && a.Name == b.Name {
			return false
		}
	}
	return true
}
