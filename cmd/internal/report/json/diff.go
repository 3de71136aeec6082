package json

import (
	"io"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// DiffSchema names the form of `netsift diff -o json`.
const DiffSchema = "netsift.diff/v1"

// Diff is what changed between two reports: the object that `netsift diff -o json` prints.
type Diff struct {
	Schema  string   `json:"schema"`
	Netsift string   `json:"netsift"`
	Before  Compared `json:"before"`
	After   Compared `json:"after"`
	// New are findings of the second report alone, Gone those of the first alone, worst first.
	New  []Finding `json:"new"`
	Gone []Finding `json:"gone"`
	// Worse and Better are findings of both whose severity, or else count, has risen or fallen.
	Worse  []Changed `json:"worse"`
	Better []Changed `json:"better"`
	// Same counts findings of both with the same severity and count. Unknown counts those of which it can't be said whether they are new or gone,
	// because one report leaves their severity out.
	Same    int `json:"same"`
	Unknown int `json:"unknown"`
}

// Compared is one of two reports.
type Compared struct {
	Verdict Verdict `json:"verdict"`
	Summary Summary `json:"summary"`
	// Part is that of the report.
	Part *Part `json:"part"`
}

// Changed is a finding as it is now, and what it was.
type Changed struct {
	Was     Degree  `json:"was"`
	Finding Finding `json:"finding"`
}

// Degree is how bad a finding is.
type Degree struct {
	Severity string `json:"severity"`
	Count    uint64 `json:"count"`
}

// WriteDiff writes d as one object.
func WriteDiff(w io.Writer, d *report.Diff) error {
	before, after := document(d.Before), document(d.After)
	of := func(r *report.Report) func(**rules.Finding) Finding {
		digits := report.Digits(r.Facts.Captures)
		return func(f **rules.Finding) Finding { return newFinding(*f, r.Facts.Captures, digits) }
	}
	changed := func(c *report.Changed) Changed {
		return Changed{Degree{c.Before.Severity.String(), c.Before.Count}, of(d.After)(&c.After)}
	}
	return write(w, &Diff{
		Schema: DiffSchema, Netsift: d.Version, Before: Compared{before.Verdict, before.Summary, before.Part}, After: Compared{after.Verdict, after.Summary, after.Part},
		New: each(d.New, of(d.After)), Gone: each(d.Gone, of(d.Before)), Worse: each(d.Worse, changed), Better: each(d.Better, changed),
		Same: d.Same, Unknown: d.Unknown,
	}, "  ")
}
