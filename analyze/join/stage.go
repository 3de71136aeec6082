package join

import "github.com/netsift/netsift/analyze/life"

// idle is how long after its last packet a connection of each stage is given up, in nanoseconds. The last sightings of a
// packet come within a millisecond, and within seconds where clocks differ; Linux sends its last SYN after about a minute
// (tcp_syn_retries); conntrack forgets a UDP exchange after 30 s (nf_conntrack_udp_timeout), streams after 120 s
// (nf_conntrack_udp_timeout_stream) and TCP after 5 days, for which no capture waits.
var idle = [life.Stages]int64{life.Closing: 3e9, life.Opening: 130e9, life.Answered: 35e9, life.Datagram: 180e9, life.Open: 4 * 3600e9}

// list is the connections of a stage, the longest idle first.
type list struct {
	oldest, newest life.ID
	n              int
}

func (j *Joiner) unlink(id life.ID) {
	c := j.conn(id)
	l := &j.lists[c.Stage]
	if c.older != 0 {
		j.conn(c.older).newer = c.newer
	} else {
		l.oldest = c.newer
	}
	if c.newer != 0 {
		j.conn(c.newer).older = c.older
	} else {
		l.newest = c.older
	}
	c.older, c.newer = 0, 0
	l.n--
}

func (j *Joiner) link(id life.ID, k life.Stage) {
	c := j.conn(id)
	l := &j.lists[k]
	c.Stage, c.linked = k, c.Last
	c.older, c.newer = l.newest, 0
	if l.newest != 0 {
		j.conn(l.newest).newer = id
	} else {
		l.oldest = id
	}
	l.newest = id
	l.n++
}

// dwell is how long a connection may stay where it was put in its stage's order, in nanoseconds, while packets of it go on.
const dwell = 0.5e9

// touch puts a connection that a packet belongs to at the young end of its stage.
func (j *Joiner) touch(id life.ID, c *conn, k life.Stage) {
	if c.Stage == k && c.Last-c.linked < dwell {
		return
	}
	j.unlink(id)
	j.link(id, k)
}

// Where connections are over faster than they are forgotten, those that are over are kept for a moment only, and no more of a kind than an eighth
// of all, beyond the first crowd: memory must follow the live connections. lateFIN is when Linux sends the last FIN again that
// nobody acknowledged (TCP_RTO_MIN, include/net/tcp.h), and some. lateSighting is for how long an answer may still be seen in further places: no packet
// needs that long through a node. lateAnswer is for how long the other answer may still be on its way: resolvers ask
// for A and AAAA at once, and close the socket when they have both. If one is lost they ask again after 5 s, which counts as another connection.
const (
	lateFIN      = 0.25e9
	lateSighting = 0.1e9
	lateAnswer   = 1e9
	crowd        = 1 << 10
	// crowded is the share of a crowd in all connections, one part in so many, beyond which it is thinned out.
	crowded = 8
)

// thin ends connections that are over, where they are a crowd.
func (j *Joiner) thin() {
	j.thinOut(life.Closing, lateFIN)
	j.thinOut(life.Answered, lateSighting)
}

// thinOut ends connections of a stage that is a crowd, if nothing came of them for some time. A new connection takes the place of one or two.
func (j *Joiner) thinOut(k life.Stage, late int64) {
	l := &j.lists[k]
	for range 2 {
		if l.n < crowd || crowded*l.n < j.conns.Len() {
			return
		}
		switch id, c := l.oldest, j.conn(l.oldest); {
		case c.Last+late > j.now:
			return
		case k == life.Answered && !c.AllAnswered() && c.Last+lateAnswer > j.now: // those behind it need not wait for its other answer
			j.unlink(id)
			j.link(id, k)
		default:
			j.endOldest(l)
		}
	}
}

// endOldest ends the oldest connection of a list, and asks for the memory that ending the next ones will take: nobody has
// touched it lately.
func (j *Joiner) endOldest(l *list) {
	var next ends
	last := l.oldest
	for i := range next {
		if last = j.conn(last).newer; last == 0 {
			break
		}
		next[i] = last
	}
	j.aheadEnds(&next)
	j.end(l.oldest)
}

// Tick gives up connections that have been idle for longer than their stage allows; now is in capture time.
func (j *Joiner) Tick(now int64) {
	for k := range j.lists {
		for l := &j.lists[k]; l.oldest != 0 && j.conn(l.oldest).Last+idle[k] < now; {
			j.endOldest(l)
		}
	}
}
