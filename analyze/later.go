package analyze

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/life"
)

// maxLater is how many connections a later keeps. More end together only when many were idle, or in a flood.
const maxLater = 1 << 10

// later keeps what is found in one batch of packets until it can be digested, in its order: while the packets of the next batch are followed,
// on another processor.
type later struct {
	digest *digest
	// keeper keeps what connections leave behind.
	keeper *life.Keeper
	// before is closed when what was found in the batch before has been digested, done when this has.
	before <-chan struct{}
	done   chan struct{}

	found       []found
	connections []ended
	messages    []join.Message
	spans       []span
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

// hearsay is what is heard of addresses: of one, or of the ends of a tunnel.
type hearsay struct {
	a, b netip.Addr
	time int64
	ttl  uint8
}

func (l *later) add(w what, at int64) { l.found = append(l.found, found{w, at}) }

func (l *later) frames(x *span) {
	l.add(foundFrames, int64(len(l.spans)))
	l.spans = append(l.spans, *x)
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
	l.messages = append(l.messages, m)
}

// The bodies of messages lie in the batch, which is not used again before catchUp.

func (l *later) dns(m join.Message) { l.message(foundDNS, m) }

func (l *later) refused(m join.Message) { l.message(foundRefused, m) }

func (l *later) declined(m join.Message) { l.message(foundDeclined, m) }

// catchUp digests what was found so far, when what was found before has been.
func (l *later) catchUp() {
	<-l.before
	for _, f := range l.found {
		switch f.what {
		case foundFrames:
			l.digest.frames(&l.spans[f.at])
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
	l.found, l.messages, l.spans, l.hearsay, l.ends = l.found[:0], l.messages[:0], l.spans[:0], l.hearsay[:0], 0
	l.keeper.Clear()
}
