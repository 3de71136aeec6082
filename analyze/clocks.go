package analyze

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

const (
	// clockWindow is how far apart, in nanoseconds, two sightings' time differences may be to vote for the same offset:
	// more than any packet needs between two nodes of a cluster.
	clockWindow = 20e6
	// clockVotes is how many packets must agree. Numbers of 64 bits do not meet by chance, but captures may be copies.
	clockVotes = 2
	// driftSpan is how long, in nanoseconds, the votes must stretch to tell a drift from them, and driftVotes how many votes
	// each of its ends needs.
	driftSpan, driftVotes = 60e9, 10
)

// estimateClocks estimates how far the captures' clocks are ahead of the first one's, from packets that several of them
// show. The times of both directions bound the offset: a packet can't arrive before it was sent.
func (e *engine) estimateClocks(sketches []sketch) {
	var live []int
	for _, i := range e.order {
		if s := e.streams[i]; s.failed == nil && !s.input.Stream {
			live = append(live, i)
		}
	}
	if len(live) < 2 {
		return
	}
	aligned := []int{live[0]}
	for progress := true; progress; {
		progress = false
		for _, i := range live {
			if slices.Contains(aligned, i) {
				continue
			}
			for _, a := range aligned {
				c, ok := fact.Clock{}, true
				if !sameNode(&sketches[a], &sketches[i]) { // else there is one clock only
					c, ok = offset(sketches[a].stays, sketches[i].stays)
				}
				if !ok {
					continue
				}
				base := e.streams[a].capture.Clock
				c.Offset += base.Offset
				c.Error += base.Error
				c.DriftPPM += base.DriftPPM
				if abs(c.Offset) <= c.Error && c.DriftPPM == 0 {
					c.Offset = 0 // nothing says that they differ
				}
				e.streams[i].capture.Clock = c
				aligned = append(aligned, i)
				progress = true
				break
			}
		}
	}
}

// difference is how much later one capture says that a packet was there than the other.
type difference struct {
	// at is when, by the first capture's clock.
	by, at int64
	// onward says that the packet went from the first capture to the second, back that it came the other way.
	onward, back bool
}

// offset estimates how far the clock of b is ahead of that of a.
func offset(a, b map[number]stay) (fact.Clock, bool) {
	var list []difference
	for k, x := range a {
		if y, ok := b[k]; ok {
			d := difference{by: y.first - x.first, at: x.first, onward: x.ttl > y.ttl, back: x.ttl < y.ttl}
			switch { // from the last sighting here to the first there is the shortest time it can have taken
			case d.onward:
				d.by = y.first - x.last
			case d.back:
				d.by = y.last - x.first
			}
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(x, y difference) int {
		switch {
		case x.by < y.by:
			return -1
		case x.by > y.by:
			return 1
		}
		return 0
	})
	from, to := 0, 0
	for i, j := 0, 0; i < len(list); i++ {
		for j < len(list) && list[j].by-list[i].by <= clockWindow {
			j++
		}
		if j-i > to-from {
			from, to = i, j
		}
	}
	votes := list[from:to]
	if len(votes) < clockVotes {
		return fact.Clock{}, false
	}
	lower, upper := bounds(votes)
	c := fact.Clock{Offset: lower + (upper-lower)/2, Error: (upper - lower) / 2, Samples: len(votes)}
	drift(votes, &c)
	return c, true
}

// bounds returns the interval that the offset lies in, by votes in order of their differences.
func bounds(votes []difference) (lower, upper int64) {
	least, most := votes[0].by, votes[0].by
	for _, v := range votes {
		least, most = min(least, v.by), max(most, v.by)
	}
	lower, upper = least, most
	onward, back := false, false
	for _, v := range votes {
		switch {
		case v.onward && (!onward || v.by < upper):
			upper, onward = v.by, true
		case v.back && (!back || v.by > lower):
			lower, back = v.by, true
		}
	}
	switch {
	case onward && !back:
		lower = upper - (most - least)
	case back && !onward:
		upper = lower + (most - least)
	}
	if lower > upper { // the clocks drift within the sample
		lower, upper = upper, lower
	}
	return lower, upper
}

// drift compares the offset in the first and the last third of the votes' time. Where it moved by more than it is uncertain,
// the clocks run at different rates; c's offset becomes that at the first vote.
func drift(votes []difference, c *fact.Clock) {
	from, to := votes[0].at, votes[0].at
	for _, v := range votes {
		from, to = min(from, v.at), max(to, v.at)
	}
	if to-from < driftSpan {
		return
	}
	var early, late []difference
	for _, v := range votes {
		switch {
		case v.at < from+(to-from)/3:
			early = append(early, v)
		case v.at > to-(to-from)/3:
			late = append(late, v)
		}
	}
	if len(early) < driftVotes || len(late) < driftVotes {
		return
	}
	l1, u1 := bounds(early)
	l2, u2 := bounds(late)
	first, last := l1+(u1-l1)/2, l2+(u2-l2)/2
	uncertain := (u1-l1)/2 + (u2-l2)/2
	if abs(last-first) <= uncertain {
		return
	}
	rate := float64(last-first) / float64((to-from)*2/3)
	c.DriftPPM = rate * 1e6
	c.Offset = first - int64(rate*float64(to-from)/6)
	c.Error = uncertain
}

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}
