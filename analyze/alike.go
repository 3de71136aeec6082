package analyze

import (
	"github.com/netsift/netsift/analyze/cluster"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
)

// alike is the connections of one shape that were counted by their outlines.
type alike struct {
	// reach is their way, nil where there was no room for it.
	reach *fact.Reach
	// begun is when the latest began of which the ledger has a fact.
	begun int64
	// more is what the cluster has still to learn of them.
	more cluster.More
}

const (
	// many is how many connections end before others are counted by their outlines: few cost little, and each may be worth a look.
	many = 1 << 12
	// maxAlikes is how many shapes are known at a time. When there are more, all are forgotten.
	maxAlikes = 1 << 14
	// recent is how long after a connection, in nanoseconds, others are taken to be like it.
	recent = 1e9
)

// known returns what counts the connections that are like one that ended, nil where there is none, and sets d.outline to its outline then.
func (d *digest) known(e *life.Ended) *alike {
	if d.whole || d.nended <= many || !e.Outline(&d.outline) {
		return nil
	}
	a := d.alikes[d.outline.Shape]
	if a == nil {
		if len(d.alikes) == maxAlikes {
			d.settleAll()
		}
		a = &alike{}
		d.alikes[d.outline.Shape] = a
	}
	return a
}

// add counts a connection, and reports false where it is not like one that the ledger has seen a moment ago.
func (a *alike) add(o *life.Outline) bool {
	r := a.reach
	if r == nil || len(r.Examples) == 0 || o.Start < a.begun || o.Start >= a.begun+recent {
		a.begun = o.Start
		return false
	}
	r.Count++
	r.LastStart, r.Last = max(r.LastStart, o.Start), max(r.Last, o.End)
	r.Packets += o.Packets[0] + o.Packets[1]
	r.Acked = max(r.Acked, o.Acked)
	a.more.Add(o.Packets, o.Tail)
	return true
}

// settle has the cluster learn of the connections that are like c.
func (d *digest) settle(a *alike, c *fact.Connection) {
	if a.more.Connections > 0 && !d.learned {
		d.cluster.LearnMore(c, &a.more)
		a.more = cluster.More{}
	}
}

// settleAll has the cluster learn of all that were counted, and forgets their shapes.
func (d *digest) settleAll() {
	for _, a := range d.alikes {
		if a.reach != nil && len(a.reach.Examples) > 0 { // it was not given up
			d.settle(a, &a.reach.Examples[len(a.reach.Examples)-1])
		}
	}
	clear(d.alikes)
}
