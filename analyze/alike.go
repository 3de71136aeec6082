package analyze

import (
	"github.com/netsift/netsift/analyze/cluster"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/life"
)

// alike is the connections of one shape that were counted by their outlines.
type alike struct {
	// reach is their way, nil where there was no room for it.
	reach *fact.Reach
	// more is what the cluster has still to learn of them.
	more cluster.More
}

// shaped returns what counts the connections that are like c, nil where c has no shape. The cluster learns of those that were counted since the
// one before it.
func (d *digest) shaped(shape uint64, c *fact.Connection) *alike {
	if shape == 0 {
		return nil
	}
	a := d.alikes[shape]
	if a == nil {
		if len(d.alikes) == join.MaxShapes {
			d.settleAll()
		}
		a = &alike{}
		d.alikes[shape] = a
	} else {
		d.settle(a, c)
	}
	return a
}

// alike counts a connection that is like one which the ledger has.
func (d *digest) alike(o *life.Outline) {
	d.timeline.opened(o.Start)
	a := d.alikes[o.Shape]
	if a == nil || a.reach == nil {
		d.reach.evictedWays++
		return
	}
	r := a.reach
	r.Count++
	r.LastStart, r.Last = max(r.LastStart, o.Start), max(r.Last, o.End)
	r.Packets += o.Packets[0] + o.Packets[1]
	r.Acked = max(r.Acked, o.Acked)
	a.more.Add(o.Packets, o.Tail)
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
		if a.reach != nil {
			d.settle(a, &a.reach.Examples[len(a.reach.Examples)-1])
		}
	}
	clear(d.alikes)
}
