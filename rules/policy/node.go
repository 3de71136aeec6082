package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// reader walks the tree of a file. It goes by the tree rather than decoding into structs, because only nodes know their
// position in the file.
type reader struct {
	Problems
	lines []string // of the file
}

func (r *reader) at(n *yaml.Node, format string, args ...any) {
	r.add(n.Line, n.Column, format, args...)
}

// field is a key of a mapping and its value.
type field struct {
	// name is the key in its documented form, with underscores.
	name       string
	key, value *yaml.Node
}

// mapping returns the fields of a mapping in their order. It complains if n is none, and calls it what there. known lists the
// keys it may have, nil if the caller checks them itself.
func (r *reader) mapping(n *yaml.Node, what string, known []string) []field {
	if n = r.plain(n); n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		if isNull(n) {
			return nil // a key whose lines are all commented out
		}
		r.at(n, "%s must have keys, as in %q, and not %s", what, first(known, "key")+": ...", kindOf(n))
		return nil
	}
	var list []field
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			r.at(k, "a key of %s must be a word, and not %s", what, kindOf(k))
			continue
		}
		name := k.Value
		if known != nil {
			// Flags are written with hyphens and JSON with underscores: both are understood here.
			name = strings.ReplaceAll(name, "-", "_")
			if !slices.Contains(known, name) {
				r.at(k, "unknown key %q in %s%s", k.Value, what, suggest(name, known))
				continue
			}
		}
		if line, again := seen[name]; again {
			r.at(k, "%q stands here a second time, first in line %d; remove one of them", k.Value, line)
			continue
		}
		seen[name] = k.Line
		list = append(list, field{name, k, v})
	}
	return list
}

// sequence returns the items of a list.
func (r *reader) sequence(n *yaml.Node, what string) []*yaml.Node {
	n = r.plain(n)
	switch {
	case n == nil || isNull(n):
		return nil
	case n.Kind != yaml.SequenceNode:
		r.at(n, "%s must be a list, each item after a hyphen, and not %s", what, kindOf(n))
		return nil
	}
	return n.Content
}

// text returns a scalar as it is written: a number or date of YAML is text here.
func (r *reader) text(n *yaml.Node, what string) (string, bool) {
	n = r.plain(n)
	switch {
	case n == nil:
		return "", false
	case n.Kind != yaml.ScalarNode:
		r.at(n, "%s must be a text, and not %s", what, kindOf(n))
		return "", false
	case strings.TrimSpace(n.Value) == "" || isNull(n):
		r.at(n, "%s is empty; give a value or remove the line", what)
		return "", false
	case !utf8.ValidString(n.Value):
		r.at(n, "%s is no UTF-8 text", what)
		return "", false
	}
	return n.Value, true
}

// texts returns a list of texts; one alone needs no list.
func (r *reader) texts(n *yaml.Node, what string) []*yaml.Node {
	if n = r.plain(n); n == nil {
		return nil
	}
	items := []*yaml.Node{n}
	if n.Kind != yaml.ScalarNode {
		items = r.sequence(n, what)
	}
	return slices.DeleteFunc(slices.Clone(items), func(i *yaml.Node) bool {
		_, ok := r.text(i, "an item of "+what)
		return !ok
	})
}

// oneOf returns a scalar that is one of values.
func (r *reader) oneOf(n *yaml.Node, what string, values ...string) (string, bool) {
	s, ok := r.text(n, what)
	if !ok {
		return "", false
	}
	if !slices.Contains(values, s) {
		r.at(n, "%s %q: give one of %s", what, s, strings.Join(values, ", "))
		return "", false
	}
	return s, true
}

// plain complains of anchors and aliases, with which a small file can stand for a huge one.
func (r *reader) plain(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.at(n, "anchors and aliases (& and *) are not supported; write it out, or put it between quotes")
		return nil
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return fmt.Sprintf("%q", n.Value)
}

func first(list []string, otherwise string) string {
	if len(list) == 0 {
		return otherwise
	}
	return list[0]
}
