package root

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot/dump"
)

// witnesses tell the cause of a finding from dumps of nodes, by rule. They get what objects tell, nil for nothing, and return that, more of it, or
// a cause of their own.
var witnesses = map[string]func(*asked, *fact.Root) *fact.Root{
	"svc-no-endpoints":   refusedByRules,
	"svc-no-dnat":        notInRules,
	"ct-syn-stale":       rulesChanged,
	"ct-stale-reset":     entryLeads,
	"ct-stale-blackhole": entryLeads,
	"ct-stale-udp":       entryLeads,
	"ct-table-full":      tableFull,
	"svc-hairpin-drop":   hairpin,
	"cni-no-reply":       wayMissing,
	"cni-reject":         wayMissing,
	"cni-mtu-blackhole":  mtuConfig,
	"cni-mtu-overrun":    mtuConfig,
	"cni-df-drop":        mtuConfig,
	"cni-mss-too-big":    mtuConfig,
}

// dump returns the dump of a kind of a node, nil without one. Of several the one with the latest time of its own is taken.
func (a *asked) dump(node string, kind dump.Kind) *dump.Dump {
	var best *dump.Dump
	for i := range a.snapshot.Dumps {
		if d := &a.snapshot.Dumps[i]; node != "" && d.Node == node && d.Kind == kind && (best == nil || d.Taken > best.Taken) {
			best = d
		}
	}
	return best
}

// dumped makes a cause that a dump tells. The node that it is of comes first.
func (a *asked) dumped(kind string, d *dump.Dump, text string, more ...fact.Object) *fact.Root {
	return &fact.Root{
		Kind: kind, Text: text + a.apart(d), Objects: append([]fact.Object{{Kind: "Node", Name: d.Node}}, more...), Source: source(d),
	}
}

// source says where a dump lies.
func source(d *dump.Dump) string { return d.File + ": " + d.Kind.Command() }

// with adds to a cause what a dump says of it.
func (a *asked) with(told *fact.Root, d *dump.Dump, text string) *fact.Root {
	r := *told
	r.Text += " " + text + a.apart(d)
	if node := (fact.Object{Kind: "Node", Name: d.Node}); !slices.Contains(told.Objects, node) {
		r.Objects = append(slices.Clone(told.Objects), node)
	}
	r.Source += "; " + source(d)
	return &r
}

// A dump's own time is its node's, of no known zone (iptables/iptables-save.c). Where it is as far from the objects' as zones are from each other, it may
// be theirs, and says nothing.
const zoneLeast, zoneMost = 1200e9, 15 * 3600e9

// taken returns when a dump was taken, in Unix nanoseconds: as it says itself, or another of its node; 0 where that is not known.
func (a *asked) taken(d *dump.Dump) int64 {
	t := d.Taken
	for i := range a.snapshot.Dumps {
		if x := &a.snapshot.Dumps[i]; d.Taken == 0 && x.Node == d.Node {
			t = max(t, x.Taken)
		}
	}
	if off := max(t-a.snapshot.Taken, a.snapshot.Taken-t); a.snapshot.Taken != 0 && off > zoneLeast && off < zoneMost {
		return 0
	}
	return t
}

// soon is how far from the packets a dump may be without a word on it: rules, routes and entries change at any time.
const soon = 600e9

// apart says that a dump was taken at another time than the packets, "" where it was not.
func (a *asked) apart(d *dump.Dump) string {
	t, objects := a.taken(d), a.snapshot.Taken
	switch {
	case t == 0 && objects != 0 && (objects < a.span.First-soon || objects > a.span.Last+soon):
		return " (It is unknown when the dump was taken; the objects given with it are not from the time of the packets.)"
	case t == 0:
		return ""
	case t < a.span.First-soon:
		return fmt.Sprintf(" (The dump is %s older than the packets.)", rough(a.span.First-t))
	case t > a.span.Last+soon:
		return fmt.Sprintf(" (The dump was taken %s after the packets, so things may have changed in between.)", rough(t-a.span.Last))
	}
	return ""
}

// before reports whether a dump is known to have been taken before the packets.
func (a *asked) before(d *dump.Dump) bool {
	t := a.taken(d)
	return t != 0 && t < a.span.First
}

// later reports whether a dump was taken after the packets, as far as its node's or the objects' times tell.
func (a *asked) later(d *dump.Dump) bool { return cmp.Or(a.taken(d), a.snapshot.Taken) > a.span.Last }

// near reports whether a dump was taken about when the packets were, or after them, as far as its node's or the objects' times tell.
func (a *asked) near(d *dump.Dump) bool {
	t := cmp.Or(a.taken(d), a.snapshot.Taken)
	return t == 0 || t >= a.span.First-soon
}

// rough words a time of minutes or more.
func rough(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours())/24)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d minutes", int(d.Minutes()))
}

// callersNode returns the name of the node that decides on what a finding's client sends: its own, or the one at whose address the Service was called; "" where
// that is not known.
func (a *asked) callersNode() string {
	if p := a.names.Pod(a.finding.Client, a.span); p != nil {
		return p.Node
	}
	for _, x := range []*fact.Object{a.names.Client(a.finding.Client, a.span), a.names.Client(a.finding.Service.Addr(), a.span)} {
		if x != nil && x.Kind == "Node" {
			return x.Name
		}
	}
	return ""
}

// protocolWord returns Linux' name for the finding's protocol.
func (a *asked) protocolWord() string {
	switch a.proto {
	case fact.UDP:
		return "udp"
	case fact.SCTP:
		return "sctp"
	}
	return "tcp"
}
