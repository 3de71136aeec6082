package report

import (
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// Moment is how a live analysis stands.
type Moment struct {
	// Time is that of the latest packet, in nanoseconds since 1970; 0 before the first.
	Time     int64
	Captures []fact.Capture
	Totals   fact.Totals
	Verdict  rules.Verdict
	// Open are the findings that hold, worst first, and Judged is the time of the latest packet that they were judged by, as Verdict was: that of
	// the moment, or an earlier one where judging takes long; 0 before the first judgement.
	Open   []rules.Finding
	Judged int64
	// Live is how many connections are open.
	Live int
	// Frames, Connections and Lookups are what came in a second, since the moment before.
	Frames, Connections, Lookups float64
	// Lag is how far the latest packet lies behind the clock, negative where nothing came lately or the capture is an old one.
	Lag time.Duration
	// Memory is what the program has from the system, in bytes.
	Memory uint64
}

// Change is a change of a finding that a live analysis reports.
type Change struct {
	// Kind says what happened to it.
	Kind ChangeKind
	// Finding is the finding as it is now; of one that was withdrawn, as it was.
	Finding rules.Finding
	// By is the id of the finding that explains one that was withdrawn, or the new id of one that was renamed; else "".
	By string
	// Renamed says that the finding has another id than before: it is opened under the new one and withdrawn under the old.
	Renamed bool
}

// ChangeKind is what can happen to a finding.
type ChangeKind uint8

// The changes of findings.
const (
	Opened ChangeKind = iota
	Updated
	Withdrawn
)

// String returns the kind as JSON has it.
func (k ChangeKind) String() string { return [...]string{"opened", "updated", "withdrawn"}[k] }
