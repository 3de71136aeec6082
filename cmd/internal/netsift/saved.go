package netsift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/json"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// readSaved reads a report that analyze has written in JSON, plain or compressed.
func readSaved(e *Env, name string) (*report.Report, error) {
	unreadable := func(err error) error { return &exitError{ExitNoCapture, fmt.Sprintf("%s: %v", name, err)} }
	var f io.ReadCloser
	switch {
	case name == "-" && e.StdinTTY:
		return nil, unreadable(errors.New("standard input is the terminal; pipe a report into it: netsift analyze -o json node1.pcap | netsift report -"))
	case name == "-":
		f = io.NopCloser(e.Stdin)
	default:
		var err error
		if f, err = open(e, name); err != nil {
			return nil, unreadable(err)
		}
	}
	defer f.Close()
	plain, stop, err := capture.Unpack(f)
	if err != nil {
		return nil, unreadable(err)
	}
	defer stop()
	var head [4]byte
	n, _ := io.ReadFull(plain, head[:])
	if capture.Is(head[:n]) {
		return nil, unreadable(errors.New("is a capture; netsift analyze -o json makes a report of it"))
	}
	doc, err := json.ReadDocument(io.MultiReader(bytes.NewReader(head[:n]), plain))
	if err != nil {
		return nil, unreadable(err)
	}
	r, err := doc.Report()
	if err != nil {
		return nil, unreadable(err)
	}
	r.Rules = policy.New().Effective()
	return r, nil
}

// lacking says what each form would show that JSON does not hold.
var lacking = map[string]string{
	"html":     "the course of time, lookups, the ways of connections, frames, checksums and the command line",
	"markdown": "diagrams, checksums and the command line",
	"sarif":    "checksums, the command line, what a policy makes of the rules, and more than the ids of suppressed findings",
	"junit":    "checksums, and what a policy makes of the rules",
}

// savedRequest is a request for a saved report in another form.
type savedRequest struct {
	*analyzeRequest
	name string
	// show is the least severity to show, fail the least to fail the run; failUnexplained has what is unexplained fail it, too.
	show, fail      rules.Severity
	failUnexplained bool
}

func runReport(_ context.Context, e *Env, q *savedRequest) error {
	r, err := readSaved(e, q.name)
	if err != nil {
		return err
	}
	r.Lacks, r.FailOn, r.FailUnexplained = lacking[q.form], q.fail, q.failUnexplained
	if r.Lacks != "" {
		fmt.Fprintf(e.Stderr, "netsift: a saved report does not hold %s; netsift analyze -o %s has them\n", r.Lacks, q.form)
	}
	var failed error
	if r.FailUnexplained && r.Verdict.Account.Unexplained > 0 {
		failed = errFinding
	}
	all := r.Findings
	r.Findings = nil
	for i := range all {
		if all[i].Severity >= q.fail {
			failed = errFinding
		}
		if all[i].Severity >= q.show {
			r.Findings = append(r.Findings, all[i])
		}
	}
	if err := q.analyzeRequest.show(r); err != nil {
		return err
	}
	return failed
}

// diffRequest is a request to compare two saved reports.
type diffRequest struct {
	*request
	before, after string
	least         rules.Severity
}

// runDiff returns errFinding where something is new or worse.
func runDiff(_ context.Context, e *Env, q *diffRequest) error {
	before, err := readSaved(e, q.before)
	if err != nil {
		return err
	}
	after, err := readSaved(e, q.after)
	if err != nil {
		return err
	}
	switch {
	case before.Redacted != after.Redacted:
		return usagef("one of the reports is redacted, and the other one is not: no finding of one has its id in the other")
	case before.Redacted:
		fmt.Fprintln(e.Stderr, "netsift: both reports are redacted: their findings have the same ids only if both were with the same --redact-key")
	}
	d := report.Compare(before, after, q.least)
	d.Version = Version
	write := func(w io.Writer) error { return text.Diff(w, d, q.text) }
	if q.form == "json" {
		write = func(w io.Writer) error { return json.WriteDiff(w, d) }
	}
	if err := q.out.Close(write(q.out)); err != nil {
		return err
	}
	if d.Bad() {
		return errFinding
	}
	return nil
}
