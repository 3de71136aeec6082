package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// judge makes a report of facts as a policy has it. One serves for one analysis: its review sees connections as they pass.
type judge struct {
	env    *Env
	policy *policy.Policy
	review *policy.Review
	// show is what the user wants to hear of, fail what is to fail the run.
	show, fail rules.Severity
}

// never is more severe than any finding.
const never = rules.Critical + 1

// newJudge returns the judge that a command line and its policy file ask for. Flags go before the file.
func newJudge(e *Env, c *cli.Context) (*judge, error) {
	p, err := loadPolicy(e, c)
	if err != nil {
		return nil, err
	}
	j := &judge{env: e, policy: p, review: p.Review()}
	if j.show, err = severity(c, "min-severity", max(p.MinSeverity, rules.Info)); err != nil {
		return nil, err
	}
	fail := never
	if p.FailOn != 0 {
		fail = p.FailOn
	}
	j.fail, err = severity(c, "fail-on", fail)
	return j, err
}

// plainJudge returns the judge of the rules as they are.
func plainJudge(e *Env) *judge {
	p := policy.New()
	return &judge{env: e, policy: p, review: p.Review(), show: rules.Info, fail: never}
}

// watch has rules of the user's own see what passes. Callbacks that are set are called as well.
func (j *judge) watch(cfg analyze.Config) analyze.Config {
	connections, lookups := j.review.Watches()
	if next := cfg.Connection; connections {
		cfg.Connection = func(c *fact.Connection) {
			j.review.Connection(c)
			if next != nil {
				next(c)
			}
		}
	}
	if next := cfg.Lookup; lookups {
		cfg.Lookup = func(l *fact.Lookup) {
			j.review.Lookup(l)
			if next != nil {
				next(l)
			}
		}
	}
	return cfg
}

// report judges facts, and says on standard error what is to be said of the policy. The error is errFinding where a finding
// is to fail the run; the report is complete also then.
func (j *judge) report(facts *fact.Facts) (*report.Report, error) {
	findings, verdict := rules.JudgeWith(facts, j.policy.Thresholds, j.review.Findings)
	r := &report.Report{
		Version: version, Facts: facts, Verdict: verdict, Config: j.policy.File, Suppressed: j.review.Suppressed(),
		Rules: j.policy.Effective(), FailOn: j.fail,
	}
	confess(&r.Verdict, r.Suppressed)
	var last int64
	for i := range facts.Captures {
		last = max(last, facts.Captures[i].Last)
	}
	for _, s := range j.review.Remarks(last) {
		fmt.Fprintln(j.env.Stderr, "netsift:", report.Clean(s))
	}
	var failed error
	for i := range findings {
		f := &findings[i]
		r.BySeverity[f.Severity]++
		if f.Severity >= j.fail {
			failed = errFinding
		}
		if f.Severity >= j.show {
			r.Findings = append(r.Findings, *f)
		}
	}
	return r, failed
}

// confess keeps a verdict honest about what has been suppressed: a layer with an accepted fault is not ok, and "nothing wrong"
// is not all there is to say.
func confess(v *rules.Verdict, suppressed []policy.Suppressed) {
	accepted := 0
	for i := range suppressed {
		s := &suppressed[i]
		if s.Severity < rules.Warning {
			continue
		}
		accepted++
		for layer, state := range map[rules.Layer]*rules.State{
			rules.LayerDNS: &v.DNS, rules.LayerService: &v.Service, rules.LayerCNI: &v.CNI,
		} {
			if s.Layer == layer && *state == rules.OK {
				*state = rules.Unknown
			}
		}
	}
	if v.Layer != "" || accepted == 0 {
		return
	}
	what := "1 finding that is suppressed"
	if accepted > 1 {
		what = fmt.Sprintf("%d findings that are suppressed", accepted)
	}
	v.Text = strings.TrimSuffix(v.Text, ".") + ", but for " + what + "."
}
