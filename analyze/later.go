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
	// before is closed when what was found in the batch before has been digested, done when this has.
	before <-chan struct{}
	done   chan struct{}

	found       []found
	connections []ended
	outlines    []life.Outline
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
	foundConnection
	foundAlike
	foundHeard
	foundTunnel
	foundDNS
	foundRefused
	foundDeclined
	foundResent
)

// ended is a connection that has ended, the frame that it was first seen in, and its shape.
type ended struct {
	fact.Connection
	first fact.Ref
	shape uint64
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

func (l *later) resent(time int64) { l.add(foundResent, time) }

func (l *later) alike(o *life.Outline) {
	l.add(foundAlike, int64(len(l.outlines)))
	l.outlines = append(l.outlines, *o)
}

func (l *later) connection(c *fact.Connection, first fact.Ref, shape uint64) {
	if l.ends == maxLater {
		l.catchUp()
	}
	if l.ends == len(l.connections) {
		l.connections = append(l.connections, ended{})
	}
	e := &l.connections[l.ends]
	l.add(foundConnection, int64(l.ends))
	l.ends++
	e.Connection, *c, e.first, e.shape = *c, e.Connection, first, shape
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
		case foundConnection:
			e := &l.connections[f.at]
			l.digest.connection(&e.Connection, e.first, e.shape)
		case foundAlike:
			l.digest.alike(&l.outlines[f.at])
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
	l.found, l.outlines, l.messages, l.spans, l.hearsay = l.found[:0], l.outlines[:0], l.messages[:0], l.spans[:0], l.hearsay[:0]
	l.ends = 0
}
