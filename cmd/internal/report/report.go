// Package report holds what the handlers of results have in common: the report that they write, and how values look.
// A handler (json, text, csv) turns it into bytes; it looks nothing up and holds no state beyond its writer.
package report

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/dissect"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// RedactionNote marks a report as redacted.
const RedactionNote = "Redacted: addresses, MAC addresses and names are replaced; ports, times and sizes are not."

// Report is the result of an analysis.
type Report struct {
	// Version is netsift's own.
	Version string
	Facts   *fact.Facts
	// Findings are those to be shown, worst first; BySeverity counts all, shown or not.
	Findings   []rules.Finding
	BySeverity [rules.Critical + 1]int
	Verdict    rules.Verdict
	// Config is the file of the policy in force, "" without one. Suppressed are the findings that it accepts; they are
	// neither in Findings nor counted in BySeverity.
	Config     string
	Suppressed []policy.Suppressed
	// Rules are those in force, and those that are turned off. FailOn is the severity that is to fail a run, above Critical
	// where none is.
	Rules  []policy.Rule
	FailOn rules.Severity
	// FailUnexplained says that a connection that no finding explains is to fail a run, too.
	FailUnexplained bool
	// Part is what was asked for, nil for everything.
	Part *Part
	// Redacted says that addresses and names in it are others than in the captures.
	Redacted bool
	// Cluster is what is said of the snapshot of the cluster, nil without one.
	Cluster *fact.Snapshotted
	// Origin is nil where nobody asked how the report came about.
	Origin *Origin
	// Lacks says what the report lacks because it was saved and read again, "" where it comes right from an analysis.
	Lacks string
	// Walks are those of some of the connections that findings name, for forms that draw them.
	Walks []*Walk
	// Frames are some of those that findings rest on, taken apart, for forms that open them.
	Frames map[fact.Ref]*dissect.Dissection
}

// Saved says of a report that it was read from a file, and what is not in it because of that.
func (r *Report) Saved() string {
	if r.Lacks == "" {
		return ""
	}
	return "From a saved report, which does not hold " + r.Lacks + "."
}
