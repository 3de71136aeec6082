package json

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

// Finding is one cause, with every place that it hit.
type Finding struct {
	// ID is the rule and a hash of the cause: the same for the same cause in every run.
	ID   string `json:"id"`
	Rule string `json:"rule"`
	// Layer is dns, service, cni, app or capture; Severity critical, warning or info.
	Layer    string `json:"layer"`
	Severity string `json:"severity"`
	// Certainty is shown (the capture holds the event itself), inferred (it follows) or possible (it fits, and so does
	// something else).
	Certainty string `json:"certainty"`
	// Title is one line, Explanation a few sentences.
	Title       string `json:"title"`
	Explanation string `json:"explanation"`
	// Because lists the observations it rests on, ToldFrom the look-alikes that were ruled out, and how.
	Because  []string `json:"because"`
	ToldFrom []string `json:"told_from"`
	// Explains lists the rules whose findings about the same places are not reported beside it.
	Explains []string `json:"explains"`
	// NextSteps are commands, or sentences that say what to look at, in the order to try them.
	NextSteps []string `json:"next_steps"`
	Place
	// Affected lists the distinct places, most affected first, at most 100; AffectedTotal counts them all.
	Affected      []Affected `json:"affected"`
	AffectedTotal int        `json:"affected_total"`
	// Nodes are node addresses: sender and receiver for a tunnel, the two ends for an MTU problem.
	Nodes []string `json:"nodes"`
	// First and Last bound what was seen of it. Recovered is when the same traffic was first seen to work again.
	First     *string `json:"first"`
	Last      *string `json:"last"`
	Recovered *string `json:"recovered"`
	// Count is how many connections or lookups it hit.
	Count uint64 `json:"count"`
	// Where is the place at which the packets of the finding's first connection vanish, null where nothing does or where the captures can't
	// tell.
	Where *Where `json:"where"`
	// Evidence are frames that show it, at most 20; Connections the ids of connections, at most 100.
	Evidence    []Evidence `json:"evidence"`
	Connections []string   `json:"connections"`
	// Objects are those of the finding's own place, null without a snapshot of the cluster.
	Objects *Objects `json:"objects"`
	// Root is the cause that the snapshot tells, null where it says nothing.
	Root *Root `json:"root"`
}

// Place is where a finding applies.
type Place struct {
	// Client started the connection or asked the question.
	Client *string `json:"client"`
	// Service is the VIP or NodePort that was called.
	Service *string `json:"service"`
	// Backend is where it was translated to, or the pod or outside address called directly.
	Backend *string `json:"backend"`
	// Server is the DNS server as the client addressed it, Name the DNS name asked for.
	Server *string `json:"server"`
	Name   *string `json:"name"`
}

// Affected is a place and how often it was hit.
type Affected struct {
	Place
	Count uint64 `json:"count"`
	// Objects are those of the place, null without a snapshot of the cluster.
	Objects *Objects `json:"objects"`
}

// Evidence is a frame, numbered from 1 within its file as in Wireshark, and what to see in it.
type Evidence struct {
	File  string `json:"file"`
	Frame uint64 `json:"frame"`
	Note  string `json:"note"`
}

func newFinding(f *rules.Finding, captures []fact.Capture, digits int) Finding {
	return Finding{
		ID:            f.ID,
		Rule:          f.Rule,
		Layer:         string(f.Layer),
		Severity:      f.Severity.String(),
		Certainty:     string(f.Certainty),
		Title:         f.Title,
		Explanation:   f.Explanation,
		Because:       orEmpty(f.Because),
		ToldFrom:      orEmpty(f.ToldFrom),
		Explains:      orEmpty(f.Explains),
		NextSteps:     orEmpty(f.NextSteps),
		Place:         newPlace(f.Place),
		Affected:      each(f.Affected, func(a *rules.Affected) Affected { return Affected{newPlace(a.Place), a.Count, newObjects(a.Objects)} }),
		AffectedTotal: f.AffectedTotal,
		Nodes:         each(f.Nodes, func(a *netip.Addr) string { return report.Addr(*a) }),
		First:         when(f.First, digits),
		Last:          when(f.Last, digits),
		Recovered:     when(f.Recovered, digits),
		Count:         f.Count,
		Where:         newWhere(f.Where),
		Evidence:      each(f.Evidence, func(e *rules.Evidence) Evidence { return newEvidence(e, captures) }),
		Connections:   orEmpty(f.Connections),
		Objects:       newObjects(f.Objects),
		Root:          newRoot(f.Root),
	}
}

func newEvidence(e *rules.Evidence, captures []fact.Capture) Evidence {
	return Evidence{report.File(captures, e.Capture), e.Frame, e.Note}
}

func newPlace(p rules.Place) Place {
	return Place{
		Client:  text(report.Addr(p.Client)),
		Service: text(report.AddrPort(p.Service)),
		Backend: text(report.AddrPort(p.Backend)),
		Server:  text(report.AddrPort(p.Server)),
		Name:    text(p.Name),
	}
}
