package snapshot

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// isYAML reports whether a text begins as objects in YAML do, comments and separators aside.
func isYAML(head []byte) bool {
	for line := range bytes.Lines(head) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("%YAML")) {
			continue
		}
		key, _, ok := bytes.Cut(line, []byte(":"))
		return ok && (string(key) == "apiVersion" || string(key) == "kind" || string(key) == "metadata" || string(key) == "items")
	}
	return false
}

// yaml reads objects and lists. A list is taken apart by its lines, so that no more than an item is in memory: what belongs to one stands
// further to the right than its dash (YAML 1.2, section 8.2.1).
func (r *reader) yaml(in io.Reader) {
	s := bufio.NewScanner(in)
	s.Buffer(nil, maxObject)
	var head, item []byte // of a document without its items, and the item that is being read
	var dash []byte       // what an item's first line begins with, nil outside of a list
	inItems := false
	before := r.objects
	flushItem := func() {
		if len(item) > 0 {
			r.yamlObject(item, head)
		}
		item = item[:0]
	}
	for s.Scan() {
		line := s.Bytes()
		switch {
		case bytes.HasPrefix(line, []byte("---")):
			flushItem()
			r.yamlObject(head, nil)
			head, inItems, dash = head[:0], false, nil
			continue
		case !inItems && bytes.Equal(bytes.TrimRight(line, " \r"), []byte("items:")):
			inItems = true
			continue
		case inItems && dash == nil:
			text := bytes.TrimLeft(line, " ")
			if len(text) == 0 || text[0] == '#' {
				continue
			}
			if text[0] == '-' {
				dash = append([]byte{}, line[:len(line)-len(text)+1]...)
			} else {
				inItems = false
			}
		}
		switch {
		case inItems && bytes.HasPrefix(line, dash) && (len(line) == len(dash) || line[len(dash)] == ' '):
			flushItem()
			item = append(append(item, line...), '\n')
		case inItems && (len(line) == 0 || line[0] == '#' || len(line) > len(dash) && len(bytes.TrimLeft(line[:len(dash)], " ")) == 0):
			item = append(append(item, line...), '\n')
		default:
			if inItems {
				flushItem()
				inItems, dash = false, nil
			}
			head = append(append(head, line...), '\n')
		}
		if len(item) > maxObject || len(head) > maxObject {
			r.warn(fmt.Errorf("an object of more than %d bytes", maxObject))
			return
		}
		if r.objects >= maxObjects {
			r.warn(errFull)
			return
		}
	}
	flushItem()
	r.yamlObject(head, nil)
	if err := s.Err(); err != nil {
		r.warn(err)
	} else if r.objects == before {
		r.warn(errForeign)
	}
}

// errAlias refuses what kubectl never writes: a large value that many aliases repeat would be as many values.
var errAlias = errors.New("an object with YAML's aliases left out")

// aliased reports whether a document repeats a value by an alias (YAML 1.2, section 7.1).
func aliased(text []byte) bool {
	var document yaml.Node
	return yaml.Unmarshal(text, &document) == nil && hasAlias(&document)
}

func hasAlias(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, hasAlias)
}

// top returns the value of a key at the left margin, "" without one.
func top(text []byte, key string) string {
	for line := range bytes.Lines(text) {
		if v, ok := bytes.CutPrefix(line, []byte(key+":")); ok {
			return string(bytes.Trim(v, " \r\n\"'"))
		}
	}
	return ""
}

// yamlObject reads an object, or an item of a list that begins so: it says of what kind its items are where they don't.
func (r *reader) yamlObject(text, list []byte) {
	if len(bytes.TrimSpace(text)) == 0 {
		return
	}
	if bytes.IndexByte(text, '&') >= 0 && bytes.IndexByte(text, '*') >= 0 && aliased(text) {
		r.warn(errAlias)
		return
	}
	var v any
	err := yaml.Unmarshal(text, &v)
	if list, ok := v.([]any); ok && len(list) == 1 {
		v = list[0]
	}
	if o, ok := v.(map[string]any); ok && o["kind"] == nil && list != nil {
		kind, ok := strings.CutSuffix(top(list, "kind"), "List")
		if !ok || kind == "" {
			r.warn(errors.New("an item without a kind left out"))
			return
		}
		o["kind"], o["apiVersion"] = kind, top(list, "apiVersion")
	}
	var b []byte
	if err == nil {
		b, err = json.Marshal(v)
	}
	if err != nil {
		r.warn(fmt.Errorf("an object left out: %w", err))
		return
	}
	if v == nil { // comments alone
		return
	}
	if _, ok := v.(map[string]any); !ok {
		r.warn(errors.New("a text in it is no object"))
		return
	}
	if err := r.value(newDecoder(bytes.NewReader(b))); err != nil {
		r.warn(err)
	}
}
