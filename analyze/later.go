package analyze

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/life"
)

// maxLater is how many connections a later keeps. More end together only when many were idle, or in a flood.
const maxLater = 1 << 10

// laters are the laters of an analysis. What was kept is digested in the order in which they were taken.
type laters struct {
	free chan *later
	// last is closed when all that was kept in the latest that was taken has been digested.
	last chan struct{}
}

// newLaters returns n laters. lasting says that the frames that messages are in stay as they are until these are digested.
func newLaters(n int, d *digest, j *join.Joiner, lasting bool) *laters {
	ls := &laters{free: make(chan *later, n), last: make(chan struct{})}
	close(ls.last)
	for range n {
		ls.free <- &later{digest: d, keeper: j.Keeper(), lasting: lasting}
	}
	return ls
}

// take returns one to be filled, which is digested behind those that were taken before, and waits for one. One goroutine at a time takes one.
func (ls *laters) take() *later {
	l := <-ls.free
	l.before, l.done = ls.last, make(chan struct{})
	ls.last = l.done
	return l
}

// give takes one back: what it kept has been digested, or will never be.
func (ls *laters) give(l *later) {
	close(l.done)
	ls.free <- l
}

// release gives back the memory of all, which were given back.
func (ls *laters) release() {
	for range cap(ls.free) {
		(<-ls.free).keeper.Release()
	}
}

// later keeps what is found in some packets until it can be digested, in its order: while the next packets are followed, on another processor.
type later struct {
	digest *digest
	// keeper keeps what connections leave behind.
	keeper *life.Keeper
	// before is closed when what was found before has been digested, done when this has.
	before <-chan struct{}
	done   chan struct{}
	// lasting says that the bodies of messages need not be copied.
	lasting bool

	found       []found
	connections []ended
	messages    []join.Message
	bodies      []byte
	moments     []moment
	hearsay     []hearsay
	// ends is how many of the connections are in use. The others are memory.
	ends int
}

// found is what was found, with the time where that is all, or where it is in the list of its kind.
type found struct {
	what what
	at   int64
}

type what uint8

const (
	foundFrames what = iota
	foundTick
	foundOutage
	foundConnection
	foundHeard
	foundTunnel
	foundDNS
	foundRefused
	foundDeclined
	foundResent
)

// ended is a connection that has ended: its state, or where it could not be kept, the fact, and the frame that it was first seen in.
type ended struct {
	life.Ended
	state life.State
	fact  *fact.Connection
	first fact.Ref
}

// moment is how many frames came at a time.
type moment struct {
	at int64
	n  int
}

// hearsay is what is heard of addresses: of one, or of the ends of a tunnel.
type hearsay struct {
	a, b netip.Addr
	time int64
	ttl  uint8
}

const (
	// enough is how many things are kept before they should be digested, enoughBytes how many bytes of messages, which may be as long as frames.
	enough, enoughBytes = 1 << 10, 1 << 20
)

// full reports whether so much is kept that it should be digested.
func (l *later) full() bool { return len(l.found) >= enough || len(l.bodies) >= enoughBytes }

func (l *later) add(w what, at int64) { l.found = append(l.found, found{w, at}) }

func (l *later) frames(at int64, n int) {
	if k := len(l.found); k > 0 && l.found[k-1].what == foundFrames {
		if m := &l.moments[len(l.moments)-1]; m.at == at {
			m.n += n
			return
		}
	}
	l.add(foundFrames, int64(len(l.moments)))
	l.moments = append(l.moments, moment{at, n})
}

func (l *later) tick(now int64) { l.add(foundTick, now) }

func (l *later) outage(began int64) { l.add(foundOutage, began) }

func (l *later) resent(time int64) { l.add(foundResent, time) }

func (l *later) connection(e *life.Ended) {
	if l.ends == maxLater {
		l.catchUp()
	}
	if l.ends == len(l.connections) {
		l.connections = append(l.connections, ended{})
	}
	x := &l.connections[l.ends]
	l.add(foundConnection, int64(l.ends))
	l.ends++
	var kept bool
	if x.Ended, kept = l.keeper.Keep(e, &x.state); !kept { // few are so special
		x.fact, x.first = &fact.Connection{}, e.First()
		e.Conclude(x.fact)
	}
}

func (l *later) heard(a netip.Addr, time int64) {
	l.add(foundHeard, int64(len(l.hearsay)))
	l.hearsay = append(l.hearsay, hearsay{a: a, time: time})
}

func (l *later) tunnel(src, dst netip.Addr, ttl uint8) {
	l.add(foundTunnel, int64(len(l.hearsay)))
	l.hearsay = append(l.hearsay, hearsay{a: src, b: dst, ttl: ttl})
}

func (l *later) message(w what, m join.Message) {
	l.add(w, int64(len(l.messages)))
	if !l.lasting {
		at := len(l.bodies)
		l.bodies = append(l.bodies, m.Body...)
		m.Body = l.bodies[at:len(l.bodies):len(l.bodies)]
	}
	l.messages = append(l.messages, m)
}

func (l *later) dns(m join.Message) { l.message(foundDNS, m) }

func (l *later) refused(m join.Message) { l.message(foundRefused, m) }

func (l *later) declined(m join.Message) { l.message(foundDeclined, m) }

// catchUp digests what was found so far, when what was found before has been.
func (l *later) catchUp() {
	<-l.before
	for _, f := range l.found {
		switch f.what {
		case foundFrames:
			m := l.moments[f.at]
			l.digest.frames(m.at, m.n)
		case foundTick:
			l.digest.tick(f.at)
		case foundOutage:
			l.digest.outage(f.at)
		case foundConnection:
			e := &l.connections[f.at]
			if e.fact != nil {
				l.digest.nended++
				l.digest.concluded(e.fact, e.first, nil)
				e.fact = nil
			} else {
				l.digest.connection(&e.Ended)
			}
		case foundHeard:
			h := &l.hearsay[f.at]
			l.digest.heard(h.a, h.time)
		case foundTunnel:
			h := &l.hearsay[f.at]
			l.digest.tunnel(h.a, h.b, h.ttl)
		case foundDNS:
			l.digest.dns(l.messages[f.at])
		case foundRefused:
			l.digest.refused(l.messages[f.at])
		case foundDeclined:
			l.digest.declined(l.messages[f.at])
		case foundResent:
			l.digest.resent(f.at)
		}
	}
	l.found, l.messages, l.bodies, l.moments, l.hearsay, l.ends = l.found[:0], l.messages[:0], l.bodies[:0], l.moments[:0], l.hearsay[:0], 0
	l.keeper.Clear()
}
