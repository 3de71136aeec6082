package policy

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
	"go.yaml.in/yaml/v4"
)

// Bounds on an expression. Names come from strangers' packets, and a file from a directory that may be strangers' too:
// neither must be able to make an analysis slow. Nesting is bounded, operations that grow a value are not available (see
// guard), and only lists of a connection can be iterated over. So an evaluation ends soon without a clock to watch it.
const (
	maxExpression = 4096   // characters
	maxNodes      = 500    // of its tree
	maxInside     = 1      // lists gone through (any, all, filter, ...) for each element of another
	maxMemory     = 20_000 // elements of the lists that an evaluation makes
)

// program is a compiled expression.
type program struct {
	*vm.Program
}

// environments are the values that expressions may be over.
var environments = map[string]any{
	overConnections: connection{},
	overLookups:     lookup{},
	overFindings:    finding{},
}

// within is the function for networks: within(client, "10.244.0.0/16").
func within(args ...any) (any, error) {
	a, err := parseAddresses(args[1].(string))
	if err != nil {
		return nil, err
	}
	return a.matches(args[0].(endpoint).addr), nil
}

// known reports whether a number is known.
func known(args ...any) (any, error) { return !math.IsNaN(args[0].(float64)), nil }

// compile compiles a scalar's text; the expression begins at offset in it. If that fails, it complains and returns
// false.
func (r *reader) compile(n *yaml.Node, source string, offset int, over string, options ...expr.Option) (program, bool) {
	if len(source) > maxExpression {
		r.at(n, "the expression has more than %d characters; make several rules of it", maxExpression)
		return program{}, false
	}
	g := &guard{}
	options = append(
		options, expr.Env(environments[over]), expr.MaxNodes(maxNodes), expr.Patch(g),
		expr.Function("within", within, new(func(endpoint, string) bool)),
		expr.Function("known", known, new(func(float64) bool)),
	)
	// Optimizing evaluates parts at once: not before guard has seen them.
	compiled, err := expr.Compile(source, append(slices.Clip(options), expr.Optimize(false))...)
	if err == nil && g.err == nil {
		compiled, err = expr.Compile(source, options...)
	}
	if err == nil && g.err != nil {
		err = g.err
	}
	if err == nil {
		return program{compiled}, true
	}
	var at *file.Error
	if !errors.As(err, &at) {
		r.at(n, "%s", words(err.Error(), over))
		return program{}, false
	}
	line, column := r.locate(n, offset+min(at.From, len([]rune(source))))
	r.add(line, column, "%s", words(at.Message, over))
	return program{}, false
}

// evaluator runs programs, reusing one machine.
type evaluator struct{ machine vm.VM }

// truth returns the result of a condition on a value.
func (e *evaluator) truth(p program, env any) (bool, error) {
	v, err := e.value(p, env)
	b, _ := v.(bool)
	return b, err
}

func (e *evaluator) value(p program, env any) (any, error) {
	e.machine.MemoryBudget = maxMemory
	v, err := e.machine.Run(p.Program, env)
	if err == nil {
		return v, nil
	}
	var at *file.Error
	if errors.As(err, &at) { // without the lines of the expression
		err = errors.New(at.Message)
	}
	return nil, err
}

var (
	unknownName  = regexp.MustCompile(`^unknown name (\S+)$`)
	unknownField = regexp.MustCompile(`^type (?:policy\.)?(\S+) has no field (\S+)$`)
	gotOther     = regexp.MustCompile(`^expected bool, but got (.+)$`)
)

// words returns an error of the expression's compiler in the words of the file, with the way to mend it.
func words(message, over string) string {
	message, _, _ = strings.Cut(message, "\n")
	if m := unknownName.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("unknown field or function %q%s (docs/policy.md lists what a rule over %s sees)", m[1],
			suggest(m[1], append(fieldNames(reflect.TypeOf(environments[over])), functions...)), over)
	}
	if m := unknownField.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s has no field %q%s", m[1], m[2], suggest(m[2], fieldsOf(reflect.TypeOf(environments[over]), m[1])))
	}
	if m := gotOther.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("this is no condition: it gives %s and not true or false; compare it with something", typeName(m[1]))
	}
	hint := ""
	if strings.Contains(message, "mismatched types") && strings.Contains(message, "policy.endpoint") {
		hint = `; an endpoint has .ip, .port and .known, and within(client, "10.0.0.0/8") asks for a network`
	}
	if strings.Contains(message, "unexpected token EOF") {
		hint = "; the expression breaks off here (in YAML a # after a space begins a comment, unless the whole stands in quotes)"
	}
	return strings.ReplaceAll(message, "policy.", "") + hint
}

func typeName(s string) string { return strings.ReplaceAll(s, "policy.", "") }

// fieldNames returns the names under which expressions see a struct's fields.
func fieldNames(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		if name := f.Tag.Get("expr"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// fieldsOf returns the names of the fields of the type with this name, at any depth below t.
func fieldsOf(t reflect.Type, name string) []string {
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	if t.Name() == name {
		return fieldNames(t)
	}
	for f := range t.Fields() {
		if f.IsExported() {
			if names := fieldsOf(f.Type, name); names != nil {
				return names
			}
		}
	}
	return nil
}
