package analyze

import (
	"cmp"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

const (
	// longestWay is how long, in nanoseconds, a packet may take from one node to another: TCP's first timeout for a SYN (RFC 6298,
	// section 2.1). What takes longer was sent again.
	longestWay = 1e9
	// clockWindow is how far apart two sightings' time differences may be to vote for the same offset: as far as packets of both
	// ways are.
	clockWindow = 2 * longestWay
	// longestStay is how long, in nanoseconds, a packet's sightings in one capture may be apart: what takes longer are two packets
	// with the same numbers.
	longestStay = 100e6
	// clockVotes is how many packets must agree. Numbers of 64 bits do not meet by chance, but captures may be copies.
	clockVotes = 2
	// driftSpan is how long, in nanoseconds, the votes must stretch to tell a drift from them, and driftVotes how many votes
	// each of its ends needs.
	driftSpan, driftVotes = 60e9, 10
)

// estimateClocks estimates how far the captures' clocks are ahead of the first one's, from packets that several of them
// show. A packet can't arrive before it was sent: so those of one direction bound the offset from above, and those of the other
// from below, however long their ways are.
func (e *engine) estimateClocks(sketches []sketch) {
	var live []int
	for _, i := range e.order {
		if sketches[i].stays != nil && e.streams[i].capture.CopyOf == "" {
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
					c, ok = offset(&sketches[a], &sketches[i])
				}
				if !ok {
					continue
				}
				if abs(c.Offset) <= c.Error && c.DriftPPM == 0 {
					c.Offset = 0 // nothing says that they differ
				}
				base := e.streams[a].clock
				since := sketches[i].first - c.Offset - sketches[a].first // base drifted since its own beginning
				c.Offset += base.Offset + int64(base.DriftPPM*1e-6*float64(since))
				c.Error += base.Error
				c.DriftPPM += base.DriftPPM
				e.streams[i].setClock(c, sketches[i].first)
				aligned = append(aligned, i)
				progress = true
				break
			}
		}
	}
}

// difference is how much later one capture says that a packet was there than the other.
type difference struct {
	packet number
	// at is when, by the first capture's clock.
	by, at  int64
	heading heading
}

// heading is the way of a packet between two captures.
type heading uint8

const (
	unknown heading = iota
	onward          // from the first capture to the second: they differ by the offset and the time that it took
	back            // from the second to the first: they differ by the offset less that time
)

// headingOf tells the way of a packet that two captures show.
func headingOf(x, y *stay) heading {
	switch {
	case x.ttl > y.ttl:
		return onward
	case x.ttl < y.ttl:
		return back
	case x.went == leaves && y.went == comes: // from one machine's uplink to the other's
		return onward
	case x.went == comes && y.went == leaves:
		return back
	}
	return unknown
}

// offset estimates how far the clock of b is ahead of that of a at the beginning of b.
func offset(a, b *sketch) (fact.Clock, bool) {
	votes := agreeing(differences(a.stays, b.stays))
	if len(votes) < clockVotes {
		return fact.Clock{}, false
	}
	c, x := fact.Clock{Samples: len(votes)}, within(votes)
	start := b.first - votes[len(votes)/2].by
	if rate := drift(votes, start); rate != 0 {
		// Without a drift, packets of the two directions contradict each other.
		if y := within(straight(votes, rate, start)); y.agree > x.agree {
			c.DriftPPM, x = rate*1e6, y
		}
	}
	c.Offset, c.Error = x.lower+(x.upper-x.lower)/2, (x.upper-x.lower)/2
	if x.onward == 0 || x.back == 0 {
		c.Error += longestWay // nothing tells how long the fastest packet took
	}
	return c, true
}

// differences lists the packets that both captures show, the smallest difference first.
func differences(a, b map[number]stay) []difference {
	var list []difference
	for k, x := range a {
		y, ok := b[k]
		if !ok || x.last-x.first > longestStay || y.last-y.first > longestStay {
			continue
		}
		d := difference{packet: k, by: y.first - x.first, at: x.first, heading: headingOf(&x, &y)}
		switch d.heading { // from the last sighting here to the first there is the shortest time it can have taken
		case onward:
			d.by = y.first - x.last
		case back:
			d.by = y.last - x.first
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(x, y difference) int { return cmp.Or(cmp.Compare(x.at, y.at), x.packet.compare(y.packet)) })
	pair(list)
	if slices.ContainsFunc(list, func(d difference) bool { return d.heading != unknown }) {
		list = slices.DeleteFunc(list, func(d difference) bool { return d.heading == unknown })
	}
	inOrder(list)
	return list
}

// pair gives packets a heading that show none, in a list in order of time. An answer goes the other way than its question: of the two,
// the one with the larger difference went onward.
func pair(list []difference) {
	questions := map[number]*difference{}
	for i := range list {
		d := &list[i]
		if d.heading != unknown {
			continue
		}
		if q := questions[d.packet.answered()]; q != nil && q.heading == unknown {
			d.heading, q.heading = onward, back
			if d.by < q.by {
				d.heading, q.heading = back, onward
			}
		}
		if k := d.packet.question(); questions[k] == nil {
			questions[k] = d
		}
	}
}

// inOrder sorts by difference.
func inOrder(list []difference) {
	slices.SortStableFunc(list, func(x, y difference) int { return cmp.Compare(x.by, y.by) })
}

// agreeing returns the most differences, of a list in order, that lie within clockWindow of each other.
func agreeing(list []difference) []difference {
	from, to := 0, 0
	for i, j := 0, 0; i < len(list); i++ {
		for j < len(list) && list[j].by-list[i].by <= clockWindow {
			j++
		}
		if j-i > to-from {
			from, to = i, j
		}
	}
	return list[from:to]
}

// bounds is what the offset lies between.
type bounds struct {
	lower, upper int64
	// onward and back count the packets of each way, agree those of both that arrive after they were sent, if the offset lies there.
	onward, back, agree int
}

// within returns the bounds that most packets agree with, by votes in order: those onward differ by no less than the offset,
// those back by no more.
func within(votes []difference) bounds {
	x := bounds{lower: votes[0].by, upper: votes[len(votes)-1].by}
	for _, v := range votes {
		switch v.heading {
		case onward:
			x.onward++
		case back:
			x.back++
		}
	}
	if x.onward+x.back == 0 {
		return x
	}
	// An offset is passed from below: each vote back joins those that agree when it is reached, each onward leaves them thereafter.
	for i, j, agree := 0, 0, x.onward; i < len(votes); i = j {
		for ; j < len(votes) && votes[j].by == votes[i].by; j++ {
			if votes[j].heading == back {
				agree++
			}
		}
		if agree > x.agree {
			x.lower, x.agree = votes[i].by, agree
		}
		if agree == x.agree {
			x.upper = votes[i].by
		}
		for _, v := range votes[i:j] {
			if v.heading == onward {
				agree--
			}
		}
	}
	return x
}

// drift returns how fast the offset grows, 0 where nothing shows it: what bounds it early is not what bounds it late.
func drift(votes []difference, start int64) float64 {
	from, to := votes[0].at, votes[0].at
	for _, v := range votes {
		from, to = min(from, v.at), max(to, v.at)
	}
	if to-from < driftSpan {
		return 0
	}
	rate := 0.0
	for range 8 { // within a third of the time the offset moves, too: less so with each step
		var early, late []difference
		for _, v := range straight(votes, rate, start) {
			switch {
			case v.at < from+(to-from)/3:
				early = append(early, v)
			case v.at > to-(to-from)/3:
				late = append(late, v)
			}
		}
		if len(early) < driftVotes || len(late) < driftVotes {
			return 0
		}
		x, y := within(early), within(late)
		if x.onward == 0 || x.back == 0 || y.onward == 0 || y.back == 0 {
			return 0
		}
		if x.lower <= y.upper && y.lower <= x.upper {
			break
		}
		rate += float64((y.lower-x.lower)+(y.upper-x.upper)) / 2 / (float64(to-from) * 2 / 3)
	}
	return rate
}

// straight returns the votes in order as they were without a drift since start.
func straight(votes []difference, rate float64, start int64) []difference {
	list := slices.Clone(votes)
	for i := range list {
		list[i].by -= int64(rate * float64(list[i].at-start))
	}
	inOrder(list)
	return list
}

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}
