package root

import (
	"cmp"
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot/dump"
)

// over are the states of entries that translate nothing any more.
var over = map[string]bool{"CLOSE": true, "CLOSED": true, "LAST_ACK": true}

// entry returns an entry of conntrack that leads the finding's client to where the finding's packets went: that of its example, or else one of
// another port which is in force; nil without one.
func (a *asked) entry() (best *dump.Entry, of *dump.Dump) {
	f := a.finding
	to := f.Backend
	if !to.IsValid() {
		to = f.Service
	}
	node := a.callersNode()
	for i := range a.snapshot.Dumps {
		d := &a.snapshot.Dumps[i]
		if d.Kind != dump.Connections || node != "" && d.Node != node {
			continue
		}
		for k := range d.Entries {
			e := &d.Entries[k]
			if e.Protocol != a.protocolWord() || e.Client.Addr() != f.Client || e.Called != f.Service || e.Answers != to {
				continue
			}
			if f.Example != nil && f.Example.Client == e.Client {
				return e, d
			}
			if best == nil && !over[e.State] && a.near(d) {
				best, of = e, d
			}
		}
	}
	return best, of
}

// entryText says what an entry is.
func entryText(d *dump.Dump, e *dump.Entry) string {
	return fmt.Sprintf("Conntrack on %s has the entry: %s of %s to %s, answered from %s.", cmp.Or(d.Node, "a node"), words(" ", e.Protocol, e.State), e.Client, e.Called, e.Answers)
}

// entryLeads shows the entry that still leads to a backend which is gone.
func entryLeads(a *asked, told *fact.Root) *fact.Root {
	if !a.finding.Service.IsValid() || !a.finding.Backend.IsValid() {
		return told
	}
	e, d := a.entry()
	switch {
	case e == nil:
		return told
	case told != nil:
		return a.with(told, d, entryText(d, e))
	}
	return a.dumped("conntrack-entry", d, entryText(d, e))
}

// full is the part of a table that is in use where it is, or was just now, full: entries end all the time.
const full = 0.9

// tableFull tells how many entries conntrack has on a node, and how many it may have.
func tableFull(a *asked, told *fact.Root) *fact.Root {
	node := a.farthest(fact.ToServer).node
	settings, entries := a.dump(node, dump.Settings), a.dump(node, dump.Connections)
	if told != nil || settings == nil || settings.Limits.Max == 0 {
		return told
	}
	count := settings.Limits.Count
	if entries != nil {
		count = max(count, entries.Limits.Count)
	}
	if float64(count) < full*float64(settings.Limits.Max) {
		return nil
	}
	return a.dumped("conntrack-max", settings, fmt.Sprintf("Conntrack on %s has %d entries; its limit is %d (nf_conntrack_max).", node, count, settings.Limits.Max))
}
