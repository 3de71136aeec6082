package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// functions are those of the language that expressions may use. None of them makes a text longer than its argument, or takes
// longer than going through its argument once.
var functions = []string{
	"within", "known",
	"all", "any", "none", "one", "count", "filter", "map", "find", "findIndex", "sum", "len", "first", "last",
	"abs", "ceil", "floor", "round", "int", "float", "min", "max", "lower", "upper", "trim", "trimPrefix", "trimSuffix", "split",
	"hasPrefix", "hasSuffix", "indexOf",
}

// guard refuses operations by which a value could grow. It walks the tree as a visitor of the compiler, children first.
type guard struct {
	err *file.Error
}

// Visit implements ast.Visitor.
func (g *guard) Visit(at *ast.Node) {
	switch n := (*at).(type) {
	case *ast.BuiltinNode:
		g.function(n, n.Name)
	case *ast.PredicateNode:
		var inside predicates
		ast.Walk(&n.Node, &inside)
		if inside > maxInside {
			g.refuse(n, "too many lists are gone through inside of this; at most %d may be", maxInside)
		}
	case *ast.CallNode:
		if f, ok := n.Callee.(*ast.IdentifierNode); ok {
			g.function(n, f.Value)
			g.network(n, f.Value)
		} else {
			g.refuse(n, "only functions by their names can be called: %s", strings.Join(functions, ", "))
		}
	case *ast.VariableDeclaratorNode:
		g.refuse(n, "let is not available; write the value where it is used")
	case *ast.BinaryNode:
		g.operator(n)
	}
}

func (g *guard) function(n ast.Node, name string) {
	if !slices.Contains(functions, name) {
		g.refuse(n, "%s is not available; these are: %s", name, strings.Join(functions, ", "))
	}
}

// network checks the network of within(x, "10.0.0.0/8") once instead of for each connection.
func (g *guard) network(n *ast.CallNode, name string) {
	if name != "within" || len(n.Arguments) != 2 {
		return
	}
	text, ok := n.Arguments[1].(*ast.StringNode)
	if !ok {
		g.refuse(n.Arguments[1], `the network must stand here in quotes, as in within(client, "10.244.0.0/16")`)
		return
	}
	if _, err := parseAddresses(text.Value); err != nil {
		g.refuse(text, "%v", err)
	}
}

func (g *guard) operator(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		g.refuse(n, "ranges are not available; compare with >= and <=")
	case "+":
		if t := n.Type(); t == nil || t.Kind() == reflect.String || t.Kind() == reflect.Interface {
			g.refuse(n, "+ adds numbers only; texts are compared with ==, matches, hasPrefix and the like")
		}
	case "matches":
		if _, ok := n.Right.(*ast.StringNode); !ok {
			g.refuse(n.Right, `what a text is to match must stand here in quotes, as in name matches "^api-[0-9]+"`)
		}
	}
}

// refuse notes a mistake, unless one was noted before.
func (g *guard) refuse(n ast.Node, format string, args ...any) {
	e := &file.Error{Location: n.Location(), Message: fmt.Sprintf(format, args...)}
	if g.err == nil || e.From < g.err.From {
		g.err = e
	}
}

// predicates counts those in a tree.
type predicates int

// Visit implements ast.Visitor.
func (p *predicates) Visit(at *ast.Node) {
	if _, ok := (*at).(*ast.PredicateNode); ok {
		*p++
	}
}
