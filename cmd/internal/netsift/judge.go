package netsift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// judge makes a report of facts as a policy has it. One serves for one analysis: its review sees connections as they pass.
type judge struct {
	env    *Env
	policy *policy.Policy
	review *policy.Review
	// redaction is nil where the report is to show things as they are.
	redaction *redact.Redaction
	// names is nil without a snapshot of the cluster. It is redacted where the report is, and known is not.
	names, known *snapshot.Names
	// show is the least severity to report, fail the least to fail the run.
	show, fail rules.Severity
	// failUnexplained has a connection that no finding explains fail the run, too.
	failUnexplained bool
}

// never is more severe than any finding.
const never = rules.Critical + 1

// newJudge returns a judge by a policy, whose severities count where show and fail are 0.
func newJudge(e *Env, p *policy.Policy, hidden *redact.Redaction, show, fail rules.Severity) *judge {
	j := &judge{env: e, policy: p, redaction: hidden, show: cmp.Or(show, p.MinSeverity, rules.Info), fail: cmp.Or(fail, p.FailOn, never)}
	j.review = j.fresh()
	return j
}

// fresh returns a review that has seen nothing yet.
func (j *judge) fresh() *policy.Review {
	if j.redaction == nil {
		return j.policy.Review()
	}
	return j.policy.DisguisedReview(j.redaction)
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

// judgement is the result of rules and a policy on facts, as they are to be shown.
type judgement struct {
	facts    *fact.Facts
	findings []rules.Finding
	verdict  rules.Verdict
}

// judge judges facts with a review. Facts are redacted before the rules see them, so that no text of a rule can hold what was
// replaced. The policy is about the facts as they are.
func (j *judge) judge(facts *fact.Facts, review *policy.Review) (judgement, error) {
	if j.known != nil {
		j.known.Fit(facts) // what that brings up is said when names are given
		j.known.Compare(facts)
	}
	if j.redaction == nil {
		findings, verdict := rules.JudgeWith(facts, j.policy.Limits.Thresholds, review.Findings)
		return judgement{facts, findings, verdict}, nil
	}
	var is []rules.Finding
	rules.JudgeWith(facts, j.policy.Limits.Thresholds, func(found []rules.Finding) []rules.Finding {
		is = found
		return nil
	})
	shown := judgement{facts: j.redaction.Facts(facts)}
	var failed error
	shown.findings, shown.verdict = rules.JudgeWith(shown.facts, j.policy.Limits.Thresholds, func(found []rules.Finding) []rules.Finding {
		found, failed = review.DisguisedFindings(is, found)
		return found
	})
	if failed != nil {
		return shown, usagef("--redact: %v; leave the policy out (--config %s), or --redact", failed, noPolicy)
	}
	return shown, nil
}

// report judges facts, and writes remarks about the policy to standard error. The error is errFinding if a finding is to
// fail the run; the report is complete also then.
func (j *judge) report(facts *fact.Facts) (*report.Report, error) {
	judged, err := j.judge(facts, j.review)
	if err != nil {
		return nil, err
	}
	facts = judged.facts
	findings := judged.findings
	r := &report.Report{
		Version: Version, Facts: facts, Verdict: judged.verdict, Config: j.policy.File, Suppressed: j.review.Suppressed(),
		Rules: j.policy.Effective(), FailOn: j.fail, FailUnexplained: j.failUnexplained,
	}
	if j.redaction != nil {
		r.Redacted, r.Rules = true, j.policy.Disguised()
		if r.Config != "" {
			r.Config = policy.Hidden
		}
	}
	if facts.Part != nil {
		r.Suppressed = slices.DeleteFunc(slices.Clone(r.Suppressed), func(s policy.Suppressed) bool { return !s.Chosen })
	}
	confess(&r.Verdict, r.Suppressed)
	locate(facts, findings, &r.Verdict.Account)
	var last int64
	for i := range facts.Captures {
		last = max(last, facts.Captures[i].Last)
	}
	if j.names != nil {
		holdAgainst(j.env, j.names, facts)
		j.names.Facts(facts)
		nameFindings(j.names, facts, findings, &r.Verdict)
		nameUnexplained(j.names, &r.Verdict.Account)
		r.Cluster = j.names.Summary()
	}
	for i := range r.Verdict.Account.Open {
		u := &r.Verdict.Account.Open[i]
		u.Hint = report.Hint(facts.Captures, u)
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
	if r.FailUnexplained && r.Verdict.Account.Unexplained > 0 {
		failed = errFinding
	}
	return r, failed
}

// locate says where the packets vanish that findings, and what they leave unexplained, are about.
func locate(facts *fact.Facts, findings []rules.Finding, a *rules.Account) {
	where := trace.Where(facts)
	for i := range findings {
		if f := &findings[i]; f.Example != nil && f.Severity > rules.Info {
			f.Where = where(f.Example)
		}
	}
	for i := range a.Open {
		if u := &a.Open[i]; u.Example != nil && !u.Late {
			u.Where = where(u.Example)
		}
	}
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
