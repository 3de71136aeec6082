package json

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// MaxSaved is how large a saved report may be, in bytes. One of a thousand findings that each hit a hundred places has some 30 MB.
const MaxSaved = 256 << 20

// ReadDocument reads what Report has written, by this version of the program or by another one: fields that it does not know are passed over. The
// error says why the text is no report.
func ReadDocument(r io.Reader) (*Document, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSaved+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) == 0:
		return nil, errors.New("is empty")
	case len(text) > MaxSaved:
		return nil, fmt.Errorf("has more than %d MiB; is it a report?", MaxSaved>>20)
	}
	var head struct{ Schema, Type string }
	wrong := json.Unmarshal(text, &head)
	family, _, _ := strings.Cut(Schema, "/")
	switch {
	case wrong != nil && firstOf(text, &head) && head.Type != "":
		return nil, errors.New("is a stream of events; the object in its last line's field report is one that can be read")
	case wrong != nil:
		return nil, fmt.Errorf("is no report: netsift analyze -o json writes one (%w)", wrong)
	case head.Schema == Schema:
	case strings.HasPrefix(head.Schema, family+"/"):
		return nil, fmt.Errorf("is a report of another form, %s, and this version of netsift reads %s", report.Clean(head.Schema), Schema)
	case head.Schema != "":
		return nil, fmt.Errorf("is no report but %s; netsift analyze -o json writes one", report.Clean(head.Schema))
	default:
		return nil, errors.New("is no report: it has no schema; netsift analyze -o json writes one")
	}
	doc := new(Document)
	if err := json.Unmarshal(text, doc); err != nil {
		return nil, fmt.Errorf("is a damaged report: %w", err)
	}
	return doc, nil
}

// firstOf reads the first of several values, and reports whether there is one.
func firstOf(text []byte, v any) bool {
	return json.NewDecoder(bytes.NewReader(text[:min(len(text), 1<<16)])).Decode(v) == nil
}

// Report returns the report that the document was made of, as far as it says it: nothing of connections, lookups and the course of time. Of the
// policy it has the file's name and the findings that it accepts; the rules in force are for the caller to set. The error names
// the field that no report can have.
func (d *Document) Report() (*report.Report, error) {
	var x reading
	r := &report.Report{Version: d.Netsift, Facts: &fact.Facts{}, Redacted: d.Redacted, FailOn: rules.Critical + 1, Config: orNone(d.Config)}
	for i := range d.Captures {
		r.Facts.Captures = append(r.Facts.Captures, x.in("captures", i).capture(&d.Captures[i]))
		if _, ok := x.files[d.Captures[i].File]; !ok {
			if x.files == nil {
				x.files = map[string]int{}
			}
			x.files[d.Captures[i].File] = i
		}
	}
	for i := range d.Findings {
		r.Findings = append(r.Findings, x.in("findings", i).finding(&d.Findings[i]))
	}
	for i := range d.Unexplained {
		r.Verdict.Account.Open = append(r.Verdict.Account.Open, x.in("unexplained", i).unexplained(&d.Unexplained[i]))
	}
	for _, s := range d.Suppressed {
		r.Suppressed = append(r.Suppressed, policy.Suppressed{Finding: rules.Finding{Rule: s.Rule, ID: s.ID, Severity: rules.Info}, Reasons: []string{s.Reason}})
	}
	x.at = "verdict"
	v, s := &r.Verdict, &d.Summary
	v.Layer, v.Text = rules.Layer(orNone(d.Verdict.Layer)), d.Verdict.Text
	v.DNS, v.Service, v.CNI = x.state(d.Verdict.Layers.DNS), x.state(d.Verdict.Layers.Service), x.state(d.Verdict.Layers.CNI)
	v.Account.Failed, v.Account.Late, v.Account.Unexplained = s.Failed, s.Late, s.Unexplained
	r.Facts.Totals = fact.Totals{
		Frames: s.Frames, Connections: s.Connections, Lookups: s.Lookups, Retransmissions: s.Retransmissions, Failed: s.Failed, Late: s.Late,
	}
	r.BySeverity[rules.Critical], r.BySeverity[rules.Warning], r.BySeverity[rules.Info] = s.BySeverity.Critical, s.BySeverity.Warning, s.BySeverity.Info
	if q := d.Part; q != nil {
		x.at = "part"
		r.Part = &report.Part{
			Filter: orNone(q.Filter), Since: x.time(q.Since), Until: x.time(q.Until),
			Part: fact.Part{Connections: q.Connections, Lookups: q.Lookups, Failed: q.Failed, Late: q.Late}, Elsewhere: q.Elsewhere,
		}
		r.Facts.Part = &r.Part.Part
		v.Account.Failed, v.Account.Late = q.Failed, q.Late
	}
	if c := d.Cluster; c != nil {
		x.at = "cluster"
		r.Cluster = &fact.Snapshotted{Taken: x.time(c.Taken), Nodes: c.Nodes, Objects: c.Objects, Warnings: c.Warnings}
	}
	return r, x.err
}

// reading makes values of what a document says of them. It keeps the first error; values that it returns after that mean nothing.
type reading struct {
	// at names the part of the document that is being read.
	at    string
	err   error
	files map[string]int
}

func (x *reading) in(list string, i int) *reading {
	x.at = fmt.Sprintf("%s[%d]", list, i)
	return x
}

func (x *reading) wrong(what, value string) {
	if x.err == nil {
		x.err = fmt.Errorf("is a damaged report: %s has %q as %s", x.at, value, what)
	}
}

// orNone returns "" for nil.
func orNone(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// orMinus returns -1 for nil.
func orMinus(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

func (x *reading) time(s *string) int64 {
	if s == nil {
		return 0
	}
	t, err := time.Parse(time.RFC3339Nano, *s)
	if err != nil || t.Year() < 1970 || t.Year() > 2261 { // what 64 bits of nanoseconds hold
		x.wrong("a time", *s)
		return 0
	}
	return t.UnixNano()
}

func (x *reading) addr(s *string) netip.Addr {
	if s == nil {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(*s)
	if err != nil {
		x.wrong("an address", *s)
	}
	return a
}

// addrPort reads an address with or without a port.
func (x *reading) addrPort(s *string) netip.AddrPort {
	if s == nil {
		return netip.AddrPort{}
	}
	if a, err := netip.ParseAddr(*s); err == nil {
		return netip.AddrPortFrom(a, 0)
	}
	a, err := netip.ParseAddrPort(*s)
	if err != nil {
		x.wrong("an address", *s)
	}
	return a
}

// word returns the index of a word among those of a kind.
func (x *reading) word(what, s string, words []string) int {
	i := slices.Index(words, s)
	if i < 0 {
		x.wrong(what, s)
		return 0
	}
	return i
}

func (x *reading) state(s string) rules.State {
	x.word("a state", s, []string{string(rules.OK), string(rules.Failing), string(rules.Unknown)})
	return rules.State(s)
}

// words returns those that a kind of value has from first to last.
func words[T ~uint8](first, last T, word func(T) string) (list []string) {
	for v := first; v <= last; v++ {
		list = append(list, word(v))
	}
	return list
}

var (
	severityWords  = words(rules.Info, rules.Critical, rules.Severity.String)
	outcomeWords   = words(fact.Unfinished, fact.OneWay, fact.Outcome.String)
	roleWords      = words(fact.InterfaceUnknown, fact.Loopback, fact.InterfaceKind.String)
	directionWords = words(decode.DirUnknown, decode.DirOut, report.Way)
)

func (x *reading) capture(c *Capture) fact.Capture {
	out := fact.Capture{
		File: c.File, Node: orNone(c.Node), Format: orNone(c.Format), Of: orNone(c.FactsOf), LinkTypes: c.LinkTypes, Frames: c.Frames, Bytes: c.Bytes,
		First: x.time(c.First), Last: x.time(c.Last), Digits: digits(c.First), Snaplen: c.Snaplen, CutFrames: c.CutFrames, Dropped: orMinus(c.Dropped),
		CopyOf: orNone(c.CopyOf), Torn: c.Torn, Error: orNone(c.Error),
		Clock: fact.Clock{
			Offset: nanoseconds(c.Clock.OffsetMicros, 1e3), Error: nanoseconds(c.Clock.ErrorMicros, 1e3), DriftPPM: float64(c.Clock.DriftPPM),
			Samples: c.Clock.Samples,
		},
	}
	for _, d := range c.Damage {
		out.Damage = append(out.Damage, capture.Damage{Offset: d.Offset, Skipped: orMinus(d.Skipped), Frame: d.Frame, What: d.What})
	}
	if s := c.Stream; s != nil {
		out.Stream = &fact.Stream{Ended: s.Ended, Silent: nanoseconds(s.SilentMS, 1e6), Pause: nanoseconds(s.PauseMS, 1e6), Late: s.Late}
	}
	return out
}

// nanoseconds returns a time that is given in a unit of so many.
func nanoseconds(n number, unit float64) int64 {
	ns := math.Round(float64(n) * unit)
	if math.Abs(ns) < 1<<62 {
		return int64(ns)
	}
	return 0
}

// digits returns the decimal digits of a time, 0 of none.
func digits(s *string) int {
	_, fraction, _ := strings.Cut(orNone(s), ".")
	return min(len(strings.TrimSuffix(fraction, "Z")), 9)
}

func (x *reading) finding(f *Finding) rules.Finding {
	out := rules.Finding{
		ID: f.ID, Rule: f.Rule, Layer: rules.Layer(f.Layer), Severity: rules.Info + rules.Severity(x.word("a severity", f.Severity, severityWords)),
		Certainty: rules.Certainty(f.Certainty), Title: f.Title, Explanation: f.Explanation, Because: f.Because, ToldFrom: f.ToldFrom,
		Explains: f.Explains, NextSteps: f.NextSteps, Place: x.place(&f.Place), AffectedTotal: f.AffectedTotal,
		First: x.time(f.First), Last: x.time(f.Last), Recovered: x.time(f.Recovered), Count: f.Count, Where: x.where(f.Where),
		Evidence: x.evidence(f.Evidence), Connections: f.Connections, Objects: f.Objects.objects(),
	}
	for i := range f.Affected {
		a := &f.Affected[i]
		out.Affected = append(out.Affected, rules.Affected{Place: x.place(&a.Place), Count: a.Count, Objects: a.Objects.objects()})
	}
	for _, n := range f.Nodes {
		out.Nodes = append(out.Nodes, x.addr(&n))
	}
	if r := f.Root; r != nil {
		out.Root = &fact.Root{Kind: r.Kind, Text: r.Text, Source: r.Source}
		for i := range r.Objects {
			out.Root.Objects = append(out.Root.Objects, *r.Objects[i].object())
		}
	}
	return out
}

func (x *reading) unexplained(u *Unexplained) rules.Unexplained {
	return rules.Unexplained{
		Place:   x.place(&Place{Client: u.Client, Service: u.Service, Backend: u.Backend, Server: u.Server}),
		Outcome: fact.Outcome(x.word("an outcome", u.Outcome, outcomeWords)), Late: u.Late, ByClient: u.ByClient, Count: u.Count,
		Where: x.where(u.Where), Hint: orNone(u.Hint), Evidence: x.evidence(u.Evidence), Connections: u.Connections, Objects: u.Objects.objects(),
	}
}

func (x *reading) place(p *Place) rules.Place {
	return rules.Place{Client: x.addr(p.Client), Service: x.addrPort(p.Service), Backend: x.addrPort(p.Backend), Server: x.addrPort(p.Server), Name: orNone(p.Name)}
}

// evidence reads frames. One of a file that is not among the captures is of none.
func (x *reading) evidence(list []Evidence) (out []rules.Evidence) {
	for _, e := range list {
		i, ok := x.files[e.File]
		if !ok {
			i = -1
		}
		out = append(out, rules.Evidence{Ref: fact.Ref{Capture: i, Frame: e.Frame}, Note: e.Note})
	}
	return out
}

func (x *reading) where(w *Where) *fact.Where {
	if w == nil {
		return nil
	}
	out := &fact.Where{After: x.viewpoint(&w.After), Before: x.viewpoint(&w.Before), Packets: w.Packets, Of: w.Of}
	if len(w.Sizes) == 2 {
		out.Smallest, out.Largest = w.Sizes[0], w.Sizes[1]
	}
	return out
}

func (x *reading) viewpoint(v *Viewpoint) fact.Viewpoint {
	out := fact.Viewpoint{
		Node: v.Node, Name: orNone(v.Interface.Name), Role: x.role(orNone(v.Interface.Role)),
		Dir: decode.Direction(x.word("a direction", orNone(v.Direction), directionWords)),
	}
	out.Role.Object = v.Object.object()
	if v.Interface.Index != nil {
		out.Interface = *v.Interface.Index
	}
	return out
}

// role reads "veth 10.244.1.5", "uplink".
func (x *reading) role(s string) fact.InterfaceRole {
	kind := s
	var pod netip.Addr
	if i := strings.LastIndexByte(s, ' '); i >= 0 {
		if a, err := netip.ParseAddr(s[i+1:]); err == nil {
			kind, pod = s[:i], a
		}
	}
	return fact.InterfaceRole{Kind: fact.InterfaceKind(x.word("an interface's role", kind, roleWords)), Pod: pod}
}

func (o *Objects) objects() *fact.Objects {
	if o == nil {
		return nil
	}
	return &fact.Objects{Client: o.Client.object(), Service: o.Service.object(), Backend: o.Backend.object(), Server: o.Server.object()}
}

func (o *Object) object() *fact.Object {
	if o == nil {
		return nil
	}
	return &fact.Object{Kind: o.Kind, Namespace: orNone(o.Namespace), Name: o.Name, Owner: orNone(o.Owner), Node: orNone(o.Node), Port: orNone(o.Port), Doubtful: o.Doubtful}
}
