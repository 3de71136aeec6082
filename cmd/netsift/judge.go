package main

import (
	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// policy is what the user wants to hear of, and what is to fail the run.
type policy struct {
	show, fail rules.Severity
}

// never is more severe than any finding.
const never = rules.Critical + 1

func newPolicy(c *cli.Context) (p policy, err error) {
	if p.show, err = severity(c, "min-severity", rules.Info); err != nil {
		return p, err
	}
	p.fail, err = severity(c, "fail-on", never)
	return p, err
}

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
