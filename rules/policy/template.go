package policy

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"go.yaml.in/yaml/v4"

	"github.com/netsift/netsift/rules"
)

// template is a text with fields in it: "slow handshake to {service}".
type template struct {
	parts []part
}

// part is a text, or a field.
type part struct {
	text  string
	field program // its Program is nil where the part is a text
}

// placeholder is a field in braces. Other braces are no placeholders, so that {.status.podIP} and ${NODE} in a command stay
// unchanged, nor is anything between {{ and }}.
var (
	placeholder = regexp.MustCompile(`\{\{.*?\}\}|\$\{[^}]*\}|\{[a-z][a-z0-9_.\[\]-]*\}`)
	fieldPath   = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*|\[[0-9]+\])*$`)
)

func (r *reader) template(n *yaml.Node, what, over string) (template, bool) {
	text, ok := r.text(n, what)
	if !ok {
		return template{}, false
	}
	if len(text) > maxExpression {
		r.at(n, "%s has more than %d characters", what, maxExpression)
		return template{}, false
	}
	var t template
	done := 0
	for _, at := range placeholder.FindAllStringIndex(text, -1) {
		name := text[at[0]:at[1]]
		if strings.HasPrefix(name, "{{") || strings.HasPrefix(name, "$") {
			continue
		}
		name = name[1 : len(name)-1]
		offset := len([]rune(text[:at[0]+1]))
		if !fieldPath.MatchString(name) {
			line, column := r.locate(n, offset)
			r.add(line, column, "{%s} is no field: write it as {client}, {client.ip} or {legs[0].node}", name)
			ok = false
			continue
		}
		p, good := r.compile(n, name, offset, over, expr.AsAny())
		ok = ok && good
		t.parts = append(t.parts, part{text: text[done:at[0]]}, part{field: p})
		done = at[1]
	}
	t.parts = append(t.parts, part{text: text[done:]})
	return t, ok
}

// fill puts values in; a missing one becomes "unknown". quote makes each value one word for a shell. all is false if a value
// is missing.
func (t *template) fill(e *evaluator, env any, quote bool) (text string, all bool) {
	if len(t.parts) == 1 {
		return t.parts[0].text, true
	}
	all = true
	var b strings.Builder
	for i := range t.parts {
		p := &t.parts[i]
		if p.field.Program == nil {
			b.WriteString(p.text)
			continue
		}
		v, err := e.value(p.field, env)
		s := show(v)
		if err != nil || s == "" {
			s, all = "unknown", false
		}
		if len(s) > maxValue {
			s = strings.ToValidUTF8(s[:maxValue], "") + "…"
		}
		if quote {
			s = rules.ShellWord(s)
		}
		b.WriteString(s)
	}
	return b.String(), all
}

// maxValue bounds a value in a text: the longest DNS name.
const maxValue = 255

// show returns a field's value as text, "" if it isn't known.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		if math.IsNaN(v) {
			return ""
		}
		return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	case []string:
		return strings.Join(v, ", ")
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}
