package rules

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// Layer is the part of a cluster's network that a finding blames.
type Layer string

// The layers of the diagnosis, in the order in which to ask about them, and the capture itself.
const (
	LayerDNS     Layer = "dns"
	LayerService Layer = "service"
	LayerCNI     Layer = "cni"
	LayerApp     Layer = "app"
	LayerCapture Layer = "capture"
)

// Severity is how much a finding hurts.
type Severity uint8

// Critical: traffic fails. Warning: it is slow, degraded or about to fail. Info: worth knowing.
const (
	Info Severity = iota + 1
	Warning
	Critical
)

// String returns info, warning or critical.
func (s Severity) String() string { return [...]string{"", "info", "warning", "critical"}[s] }

// Certainty grades the evidence of a finding.
type Certainty string

// Shown: the capture holds the event itself. Inferred: it follows from what the capture holds. Possible: it fits, and
// so does something else.
const (
	Shown    Certainty = "shown"
	Inferred Certainty = "inferred"
	Possible Certainty = "possible"
)

// Place names the parties that a finding applies to. Fields that do not apply are zero.
type Place struct {
	// Client started the connection or asked the question.
	Client netip.Addr
	// Service is the VIP or NodePort that was called.
	Service netip.AddrPort
	// Backend is the address it was translated to, or the pod or outside address called directly.
	Backend netip.AddrPort
	// Server is the DNS server as the client addressed it.
	Server netip.AddrPort
	// Name is the DNS name asked for.
	Name string
}

// Affected is a place and how often it was hit.
type Affected struct {
	Place
	Count uint64
	// Objects are those of its parties, set by the caller of the rules; nil without a snapshot.
	Objects *fact.Objects
}

// Evidence is a frame that supports a finding, and a note on the thing to see in it.
type Evidence struct {
	fact.Ref
	Note string
}

// Finding is a rule's judgement on facts: one cause, with every place that it hit.
type Finding struct {
	// ID is the rule's id and a hash of the cause, the same in every run: "cni-mtu-blackhole:4f2a". No other finding of a report
	// has it: where two would share the short hash, both have a longer one.
	ID        string
	Rule      string
	Layer     Layer
	Severity  Severity
	Certainty Certainty
	// Title is one line; Explanation a few sentences in the terms of this capture.
	Title, Explanation string
	// Because lists the observations that the judgement rests on, ToldFrom the look-alikes it was told from and how.
	Because, ToldFrom []string
	// Explains lists the rules whose findings about the same places this one takes the place of.
	Explains []string
	// NextSteps are commands, or sentences on things to look at, in the order to try them.
	NextSteps []string
	// Place repeats the most affected place. Affected lists all, most affected first, at most 100; AffectedTotal counts them.
	Place
	Affected      []Affected
	AffectedTotal int
	// Nodes are node addresses: the sender and the receiver for a tunnel, the two ends for an MTU problem.
	Nodes []netip.Addr
	// First and Last bound the time in which it was seen. Recovered is when the same traffic first worked again, 0 if never.
	First, Last, Recovered int64
	Count                  uint64
	// Evidence has at most 20 entries, Connections (ids) at most 100.
	Evidence    []Evidence
	Connections []string
	// Example is the connection that shows it best, nil where it is about none. Where is set by the caller of the rules, from its walk.
	Example *fact.Connection
	Where   *fact.Where
	// Objects are those of the finding's own place, see Affected.Objects.
	Objects *fact.Objects
	// Chosen says that it is of the part that was asked for, where one was (fact.Facts.Part).
	Chosen bool
	// Root is the cause that a snapshot tells, set by the caller of the rules; nil where it says nothing.
	Root *fact.Root

	// steps are the next steps with their placeholders.
	steps []string
	// covers are the facts that it is about: *fact.Reach, *fact.Lookup.
	covers []any
	// key names the cause among those of the rule, the id is a hash of it. apart tells findings apart that have the same key.
	key, apart string
}

// Apart returns the finding without the facts that it is about, whose memory it would keep.
func (f *Finding) Apart() Finding {
	x := *f
	x.Example, x.covers = nil, nil
	return x
}

// State is the condition of a layer as a capture shows it.
type State string

// Unknown is an honest value: nothing in the capture says whether the layer works.
const (
	OK      State = "ok"
	Failing State = "failing"
	Unknown State = "unknown"
)

// Verdict is the three-layer diagnosis of a whole capture.
type Verdict struct {
	// Layer is that of the cause that hurts most, "" if nothing at warning or above was found.
	Layer             Layer
	DNS, Service, CNI State
	// Text is one line that a postmortem can quote.
	Text    string
	Account Account
	// Elsewhere counts findings at warning or above about nothing of the part that was asked for (fact.Facts.Part).
	Elsewhere int
}
