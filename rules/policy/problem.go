package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is a mistake in a policy, and the way to mend it.
type Problem struct {
	// Line and Column count from 1, columns in characters; 0 if the problem has no place.
	Line, Column int
	Text         string
}

// Problems are all mistakes in a policy file, in its order.
type Problems struct {
	// File is the name that the caller gave.
	File string
	List []Problem
}

// maxProblems bounds the problems that are reported for a file that is no policy at all.
const maxProblems = 20

// Error implements error: one line for each problem, as compilers print them.
func (p *Problems) Error() string { return strings.Join(p.Lines(), "\n") }

// Lines returns "netsift.yaml:3:5: the mistake" for each problem.
func (p *Problems) Lines() []string {
	list := make([]string, 0, len(p.List))
	for _, x := range p.List {
		if x.Line == 0 {
			list = append(list, fmt.Sprintf("%s: %s", p.File, x.Text))
			continue
		}
		list = append(list, fmt.Sprintf("%s:%d:%d: %s", p.File, x.Line, x.Column, x.Text))
	}
	return list
}

func (p *Problems) add(line, column int, format string, args ...any) {
	p.List = append(p.List, Problem{line, column, fmt.Sprintf(format, args...)})
}

// err returns p, in order and not too long, or nil without problems.
func (p *Problems) err() error {
	if len(p.List) == 0 {
		return nil
	}
	slices.SortStableFunc(p.List, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if n := len(p.List); n > maxProblems {
		p.List = append(p.List[:maxProblems], Problem{Text: fmt.Sprintf("and %d more problems", n-maxProblems)})
	}
	return p
}
