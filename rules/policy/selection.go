package policy

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Selection says which rules are on. The zero value has all of them on.
type Selection struct {
	terms []term
}

// term turns the rules that match its pattern on or off; the last one that matches a rule decides.
type term struct {
	pattern string
	off     bool
}

// ParseSelection reads "all,-dns-slow": rules and patterns of rules (dns-*) to be on, or with a hyphen before them off, the
// later overruling the earlier. If the first is off, all others are on. known are the ids of the rules there are.
func ParseSelection(text string, known []string) (Selection, error) {
	var s Selection
	for part := range strings.SplitSeq(text, ",") {
		name := strings.ToLower(strings.TrimSpace(part))
		name, off := strings.CutPrefix(name, "-")
		switch {
		case name == "":
			return Selection{}, fmt.Errorf("%q names no rule; write it like all,-dns-slow or cni-*", text)
		case name == "all":
			name = "*"
		case name == "none":
			name, off = "*", !off
		default:
			if err := checkPattern(name, known); err != nil {
				return Selection{}, err
			}
		}
		s.terms = append(s.terms, term{name, off})
	}
	return s, nil
}

// checkPattern complains of a pattern that no rule matches.
func checkPattern(pattern string, known []string) error {
	if _, err := path.Match(pattern, ""); err != nil {
		return fmt.Errorf("%q is no pattern: a * stands for anything, a [ needs its ]", pattern)
	}
	if slices.ContainsFunc(known, func(id string) bool { return matches(pattern, id) }) {
		return nil
	}
	if strings.ContainsAny(pattern, "*?[") {
		return fmt.Errorf("no rule matches %q (netsift rules lists them)", pattern)
	}
	return fmt.Errorf("unknown rule %q%s (netsift rules lists them)", pattern, suggest(pattern, known))
}

// matches reports whether a pattern, which has been checked, fits a name. No rule's id has a slash, which * would not match.
func matches(pattern, name string) bool {
	ok, _ := path.Match(pattern, name)
	return ok
}

// On reports whether a rule is on.
func (s Selection) On(id string) bool {
	on := len(s.terms) == 0 || s.terms[0].off
	for _, t := range s.terms {
		if matches(t.pattern, id) {
			on = !t.off
		}
	}
	return on
}
