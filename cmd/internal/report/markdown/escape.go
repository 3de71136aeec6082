package markdown

import (
	"strings"
	"unicode"

	"github.com/netsift/netsift/cmd/internal/report"
)

// prose returns text that shows as s. A word with anything that Markdown, or a forge on top of it, could act upon becomes
// code: there nothing is markup, a mention (@name), a reference (#1, !1), an emoji (:a: is also part of an IPv6 address) or a
// link. Escaping with backslashes would not do: forges look for mentions and references after Markdown has removed them.
func prose(s string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(report.Clean(s), " ") {
		if word == "" {
			continue
		}
		first := b.Len() == 0
		if !first {
			b.WriteByte(' ')
		}
		before, word, after := peel(word)
		b.WriteString(before)
		if active(word) || first && before == "" && opensBlock(word+after) {
			b.WriteString(code(word))
		} else {
			b.WriteString(word)
		}
		b.WriteString(after)
	}
	return b.String()
}

// peel takes punctuation off a word that is harmless beside code.
func peel(s string) (before, word, after string) {
	word = strings.TrimLeft(s, `("'`)
	before = s[:len(s)-len(word)]
	s = word
	word = strings.TrimRight(s, `.,;:?)"'`)
	return before, word, s[len(word):]
}

// active reports whether a word could be more than text.
func active(s string) bool {
	lower := strings.ToLower(s)
	return strings.ContainsAny(s, "\\`*_{}[]<>#!|~@$^&%") || strings.Count(s, ":") > 1 || strings.Contains(s, "://") ||
		strings.HasPrefix(lower, "www.") || strings.HasPrefix(lower, "gh-")
}

// opensBlock reports whether a word at the beginning of a line makes it a list, a heading or a rule.
func opensBlock(s string) bool {
	digits := strings.TrimLeftFunc(s, unicode.IsDigit)
	return strings.Trim(s, "-+=") == "" || digits != s && (digits == "." || digits == ")")
}

// code returns s as a code span, "" for nothing. It is fit for a cell of a table too.
func code(s string) string {
	if s = report.Clean(s); strings.TrimSpace(s) == "" {
		return ""
	}
	ticks := strings.Repeat("`", longestRun(s)+1)
	space := ""
	// One space on both sides is taken away again (CommonMark, section 6.1).
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' {
		space = " "
	}
	return ticks + space + s + space + ticks
}

// cell makes Markdown fit for a cell of a table: there a pipe ends the cell, even inside of code, unless a backslash is
// before it (GitHub Flavored Markdown, section 4.10).
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// longestRun returns how many backticks follow one another at most.
func longestRun(s string) int {
	longest, n := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			n = 0
			continue
		}
		n++
		longest = max(longest, n)
	}
	return longest
}

// clip shortens text that is longer than n bytes, and says so.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
