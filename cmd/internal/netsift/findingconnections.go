package netsift

import (
	"context"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// twice makes sure that the captures can be read once more: what a verb does takes a reading to choose what it is about.
func (q *request) twice(instead string) error {
	for _, i := range q.in {
		if i.Stream {
			return usagef("%s can be read only once, and choosing a connection takes a reading; %s save it to a file first", i.Name, instead)
		}
	}
	return nil
}

// judged reads the captures, and returns what is found in them. What can't be read is said at the second reading, if there is one.
func (q *request) judged(ctx context.Context, e *Env) (*fact.Facts, judgement, error) {
	cfg := q.judge.watch(q.engine)
	facts, err := q.read(ctx, e.silent(), cfg)
	if err != nil || facts.Totals.Connections == 0 { // there is no second one
		facts, err = q.read(ctx, e, cfg)
	}
	if err != nil {
		return nil, judgement{}, err
	}
	found, err := q.judge.judge(facts, q.judge.review)
	return facts, found, err
}

// connectionsOf returns the finding that is named among some, which is about connections.
func connectionsOf(findings []rules.Finding, name string) (*rules.Finding, error) {
	f, err := findFinding(&report.Report{Findings: findings}, name)
	if err != nil {
		return nil, err
	}
	if len(f.Connections) == 0 {
		return nil, usagef("finding %s is about no single connection; netsift extract --finding %s has its frames", f.ID, name)
	}
	return f, nil
}
