package main

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/report"
)

// maxWalks is how many connections a report draws.
const maxWalks = 24

// affected returns a connection for each finding, the worst first: the first of those it names that facts still hold.
func affected(r *report.Report) []*fact.Connection {
	byID := map[string]*fact.Connection{}
	for i := range r.Facts.Reach {
		examples := r.Facts.Reach[i].Examples
		for k := range examples {
			byID[examples[k].ID] = &examples[k]
		}
	}
	var list []*fact.Connection
	chosen := map[string]bool{}
	for i := range r.Findings {
		for _, id := range r.Findings[i].Connections {
			c := byID[id]
			if c == nil {
				continue
			}
			if !chosen[id] {
				chosen[id] = true
				list = append(list, c)
			}
			break
		}
		if len(list) == maxWalks {
			break
		}
	}
	return list
}

// outlines draws up the walks of affected connections from what facts say of them.
func outlines(r *report.Report) []*report.Trace {
	var walks []*report.Trace
	for _, c := range affected(r) {
		walks = append(walks, &report.Trace{Version: version, Trace: trace.Outline(c, r.Facts), Captures: r.Facts.Captures})
	}
	return walks
}
