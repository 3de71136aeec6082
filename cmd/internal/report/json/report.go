// Package json writes results as JSON: one object for a report, one line for a connection or lookup. Its structs are
// the documented schema. A field that does not apply is null, never missing.
package json

import (
	"io"
	"math"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// Schema names the form of a report. It changes with any change that could break a reader; new fields don't.
const Schema = "netsift.report/v1"

// Document is the whole report of `netsift analyze`.
type Document struct {
	// Schema is "netsift.report/v1", Netsift the version of the program.
	Schema  string `json:"schema"`
	Netsift string `json:"netsift"`
	// Captures are the files, in the order given.
	Captures []Capture `json:"captures"`
	Verdict  Verdict   `json:"verdict"`
	// Findings come worst first. Those below --min-severity are left out.
	Findings []Finding `json:"findings"`
	// Unexplained are the connections and lookups that failed, or succeeded only after a resend, and that no finding covers: folded by
	// place and outcome, worst first, at most 100.
	Unexplained []Unexplained `json:"unexplained"`
	// Suppressed are the findings that the policy file Config, null without one, accepts. Nothing else in this report
	// counts them.
	Suppressed []Suppressed `json:"suppressed"`
	Config     *string      `json:"config"`
	// Redacted says that addresses and names are replaced by others.
	Redacted bool `json:"redacted"`
	// Part is what was asked for with --filter, --since and --until, null where everything was. Verdict, findings and what is unexplained are about
	// it; captures and all other counts of the summary are of the whole.
	Part    *Part   `json:"part"`
	Summary Summary `json:"summary"`
	// Cluster is what is said of the snapshot that names come from, null without one.
	Cluster *Cluster `json:"cluster"`
}

// Part is what was asked for, and what it has.
type Part struct {
	// Filter, Since and Until are null where they were not given.
	Filter *string `json:"filter"`
	Since  *string `json:"since"`
	Until  *string `json:"until"`
	// Connections and Lookups count what was asked for. Failed and Late are those of the summary, of the part.
	Connections uint64 `json:"connections"`
	Lookups     uint64 `json:"lookups"`
	Failed      uint64 `json:"failed"`
	Late        uint64 `json:"late"`
	// Elsewhere counts the findings at warning or above about the rest, which are left out.
	Elsewhere int `json:"elsewhere"`
}

func newPart(p *report.Part, digits int) *Part {
	if p == nil {
		return nil
	}
	x := &Part{Filter: text(p.Filter), Connections: p.Connections, Lookups: p.Lookups, Failed: p.Failed, Late: p.Late, Elsewhere: p.Elsewhere}
	if p.Since != 0 {
		x.Since = text(report.Time(p.Since, digits))
	}
	if p.Until != 0 {
		x.Until = text(report.Time(p.Until, digits))
	}
	return x
}

// Suppressed is a finding that is known and accepted, and why.
type Suppressed struct {
	Rule   string `json:"rule"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Verdict is the three-layer diagnosis.
type Verdict struct {
	// Layer is that of the cause that hurts most: dns, service, cni, app or capture; null where nothing at warning or
	// above was found.
	Layer *string `json:"layer"`
	// Layers says ok, failing or unknown for each.
	Layers Layers `json:"layers"`
	// Text is one line that a postmortem can quote.
	Text string `json:"text"`
}

// Layers is the state of each layer: ok, failing or unknown.
type Layers struct {
	DNS     string `json:"dns"`
	Service string `json:"service"`
	CNI     string `json:"cni"`
}

// Summary counts.
type Summary struct {
	Frames          uint64 `json:"frames"`
	Connections     uint64 `json:"connections"`
	Lookups         uint64 `json:"lookups"`
	Retransmissions uint64 `json:"retransmissions"`
	// Failed counts the connections (TCP and UDP) that were refused, unreachable or reset, or hung. Late counts those that were opened,
	// and the lookups that were answered, only after a resend. Unexplained counts those of both that no finding covers, of the
	// part where one was asked for.
	Failed      uint64 `json:"failed"`
	Late        uint64 `json:"late"`
	Unexplained uint64 `json:"unexplained"`
	// BySeverity counts all findings, also those that --min-severity leaves out.
	BySeverity BySeverity `json:"by_severity"`
}

// BySeverity counts findings.
type BySeverity struct {
	Critical int `json:"critical"`
	Warning  int `json:"warning"`
	Info     int `json:"info"`
}

// Report writes r as one object.
func Report(w io.Writer, r *report.Report) error {
	return write(w, document(r), "  ")
}

func document(r *report.Report) *Document {
	f := r.Facts
	doc := &Document{
		Schema:   Schema,
		Netsift:  r.Version,
		Captures: each(f.Captures, newCapture),
		Verdict: Verdict{
			Layer:  text(string(r.Verdict.Layer)),
			Layers: Layers{state(r.Verdict.DNS), state(r.Verdict.Service), state(r.Verdict.CNI)},
			Text:   r.Verdict.Text,
		},
		Summary: Summary{
			Frames:          f.Totals.Frames,
			Connections:     f.Totals.Connections,
			Lookups:         f.Totals.Lookups,
			Retransmissions: f.Totals.Retransmissions,
			Failed:          f.Totals.Failed,
			Late:            f.Totals.Late,
			Unexplained:     r.Verdict.Account.Unexplained,
			BySeverity: BySeverity{
				r.BySeverity[rules.Critical], r.BySeverity[rules.Warning], r.BySeverity[rules.Info],
			},
		},
	}
	digits := report.Digits(f.Captures)
	doc.Cluster, doc.Part = newCluster(r.Cluster), newPart(r.Part, digits)
	doc.Findings = each(r.Findings, func(fd *rules.Finding) Finding { return newFinding(fd, f.Captures, digits) })
	doc.Unexplained = each(r.Verdict.Account.Open, func(u *rules.Unexplained) Unexplained { return newUnexplained(u, f.Captures) })
	doc.Config, doc.Redacted = text(r.Config), r.Redacted
	doc.Suppressed = each(r.Suppressed, func(s *policy.Suppressed) Suppressed {
		return Suppressed{s.Rule, s.ID, strings.Join(s.Reasons, "; ")}
	})
	return doc
}

// state returns unknown for the empty state.
func state(s rules.State) string {
	if s == "" {
		s = rules.Unknown
	}
	return string(s)
}

// Capture is one file and what was read of it.
type Capture struct {
	// File is its name as given, Node the label of the node it was taken on.
	File string  `json:"file"`
	Node *string `json:"node"`
	// Format is pcap, pcapng or facts, null where the file could not be read.
	Format *string `json:"format"`
	// FactsOf is the name of the capture that a facts file was made of: frames are numbered as they are there. Null for a capture.
	FactsOf *string `json:"facts_of"`
	// LinkTypes are named as on tcpdump.org, without their prefix.
	LinkTypes []string `json:"link_types"`
	// Frames counts its records, Bytes the bytes captured of them, CutFrames those of which less was captured than
	// was on the wire. Snaplen is the limit that the file states.
	Frames    uint64  `json:"frames"`
	Bytes     uint64  `json:"bytes"`
	First     *string `json:"first"`
	Last      *string `json:"last"`
	Snaplen   uint32  `json:"snaplen"`
	CutFrames uint64  `json:"cut_frames"`
	// Dropped is how many packets the kernel lost while capturing, null where the file does not say.
	Dropped *int64 `json:"dropped"`
	// CopyOf is the file that has all packets of this one, which was then left out; null without one.
	CopyOf *string `json:"copy_of"`
	// Damage lists what could not be read, null where nothing is damaged.
	Damage []Damage `json:"damage"`
	// Torn says that the last of Damage is nothing but the end of the file in the middle of its last packet.
	Torn bool `json:"torn"`
	// Error says why the file could not be read at all, else null.
	Error *string `json:"error"`
	Clock Clock   `json:"clock"`
	// Stream says how it came in, null but for one of several that live reads.
	Stream *Stream `json:"stream"`
}

// Stream is how one of several live streams came in, by the clock on the wall.
type Stream struct {
	// Ended says that it is over.
	Ended bool `json:"ended"`
	// SilentMS is for how long nothing has come of it, or since when it is over, PauseMS the longest time that the others went on without it, in
	// milliseconds, 0 if they never did.
	SilentMS number `json:"silent_ms"`
	PauseMS  number `json:"pause_ms"`
	// Late counts the packets that came when later ones of others had been analyzed already.
	Late uint64 `json:"late"`
}

func newStream(s *fact.Stream) *Stream {
	if s == nil {
		return nil
	}
	return &Stream{s.Ended, number(s.Silent / 1e6), number(s.Pause / 1e6), s.Late}
}

// Damage is a part of a file that could not be read.
type Damage struct {
	// Offset is where it begins in the decompressed file, Skipped its length in bytes, null where it reaches to the end.
	Offset  int64  `json:"offset"`
	Skipped *int64 `json:"skipped"`
	// Frame is the number of the first frame that is missing or cut.
	Frame uint64 `json:"frame"`
	What  string `json:"what"`
}

// Clock is how far a capture's clock is ahead of the first capture's. Without samples nothing is known, and 0 assumed.
type Clock struct {
	OffsetMicros number `json:"offset_us"`
	DriftPPM     number `json:"drift_ppm"`
	ErrorMicros  number `json:"error_us"`
	Samples      int    `json:"samples"`
}

func newCapture(c *fact.Capture) Capture {
	return Capture{
		File:      c.File,
		Node:      text(c.Node),
		Format:    text(c.Format),
		FactsOf:   text(c.Of),
		LinkTypes: orEmpty(c.LinkTypes),
		Frames:    c.Frames,
		Bytes:     c.Bytes,
		First:     when(c.First, c.Digits),
		Last:      when(c.Last, c.Digits),
		Snaplen:   c.Snaplen,
		CutFrames: c.CutFrames,
		Dropped:   known(c.Dropped),
		CopyOf:    text(c.CopyOf),
		Damage:    newDamage(c.Damage),
		Torn:      c.Torn,
		Error:     text(c.Error),
		Clock:     Clock{micros(c.Clock.Offset), number(math.Round(c.Clock.DriftPPM*1000) / 1000), micros(c.Clock.Error), c.Clock.Samples},
		Stream:    newStream(c.Stream),
	}
}

// newDamage returns nil, which becomes null, where nothing is damaged.
func newDamage(list []capture.Damage) []Damage {
	if len(list) == 0 {
		return nil
	}
	return each(list, func(d *capture.Damage) Damage { return Damage{d.Offset, known(d.Skipped), d.Frame, d.What} })
}
