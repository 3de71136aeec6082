package main

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// report judges facts. The error is errFinding where a finding is to fail the run; the report is complete also then.
func (p policy) report(facts *fact.Facts) (*report.Report, error) {
	findings, verdict := rules.Judge(facts)
	r := &report.Report{Version: version, Facts: facts, Verdict: verdict}
	var failed error
	for i := range findings {
		f := &findings[i]
		r.BySeverity[f.Severity]++
		if f.Severity >= p.fail {
			failed = errFinding
		}
		if f.Severity >= p.show {
			r.Findings = append(r.Findings, *f)
		}
	}
	return r, failed
}
