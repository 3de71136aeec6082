package analyze

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/cluster"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/lookup"
)

// taker takes what is found on the way of packets: a digest at once, a later when there is time.
type taker interface {
	// frames takes how many frames came in a moment, before what is found in them.
	frames(at int64, n int)
	// tick takes the time now and then, so that what waits for it can end.
	tick(now int64)
	// outage takes when a capture ended that was begun anew.
	outage(began int64)

	// The sinks of join.Joiner.
	connection(e *life.Ended)
	heard(a netip.Addr, time int64)
	tunnel(src, dst netip.Addr, ttl uint8)
	dns(m join.Message)
	refused(m join.Message)
	declined(m join.Message)
	resent(time int64)
}

// digest is the second half of analysis: it makes facts of connections that have ended and of DNS messages, and learns what the cluster is.
// The first half, which leads packets to their connections, asks nothing of it.
type digest struct {
	lookups *lookup.Tracker
	cluster *cluster.Cluster
	// learned says that the cluster has learned already of the connections that end now.
	learned bool
	reach   *ledger
	// retransmissions adds up those of the connections that ended, nended counts these.
	retransmissions, nended uint64
	// ended is the connection that was concluded last, and memory for the next; outline is that of the one looked at last.
	ended   fact.Connection
	outline life.Outline
	// alikes are the connections that were counted by their outlines, by shape.
	alikes map[uint64]*alike
	// timeline counts what happens when.
	timeline timeline
	// id makes the ID of a connection of its first frame.
	id func(fact.Ref) string
	// whole says that each connection is wanted, by Config.Connection or a moment of a live analysis. The others are Config's.
	whole bool
	// part is what is asked for, nil for everything, and chosen counts it.
	part         *Part
	chosen       fact.Part
	onConnection func(*fact.Connection)
	onLookup     func(*fact.Lookup)
}

func newDigest(cfg Config, k *cluster.Cluster, id func(fact.Ref) string) *digest {
	d := &digest{
		cluster: k, reach: newLedger(cfg.MaxMemory), id: id, alikes: map[uint64]*alike{},
		whole: cfg.Connection != nil || cfg.Live != nil, part: cfg.Part, onConnection: cfg.Connection, onLookup: cfg.Lookup,
	}
	d.reach.owned = !d.whole
	d.lookups = lookup.New(lookup.Sinks{Lookup: d.lookup, Plain: d.plain, Query: d.timeline.query, Service: k.NamedService})
	return d
}

func (d *digest) frames(at int64, n int) { d.timeline.frames(at, n) }

func (d *digest) tick(now int64) { d.lookups.Tick(now) }

func (d *digest) outage(began int64) { d.lookups.Outage(began) }

func (d *digest) heard(a netip.Addr, time int64) { d.cluster.Heard(a, time) }

func (d *digest) tunnel(src, dst netip.Addr, ttl uint8) { d.cluster.Tunnel(src, dst, ttl) }

func (d *digest) resent(time int64) { d.timeline.resent(time) }

func (d *digest) connection(e *life.Ended) {
	d.nended++
	a := d.known(e)
	if a != nil && a.add(&d.outline) {
		d.timeline.opened(d.outline.Start)
		if d.part != nil { // counted as ever: what is asked for changes no fact
			e.Conclude(&d.ended)
			if d.choose(&d.ended); d.ended.Chosen {
				a.reach.Chosen++
			}
		}
		return
	}
	e.Conclude(&d.ended)
	d.concluded(&d.ended, e.First(), a)
}

// concluded takes a connection that has ended. It is one of the connections counted by a, where that is not nil. If it is kept, *c becomes another
// one whose memory can be reused.
func (d *digest) concluded(c *fact.Connection, first fact.Ref, a *alike) {
	d.retransmissions += c.Flow[0].Retransmissions + c.Flow[1].Retransmissions
	d.timeline.connection(c)
	if !d.learned {
		d.cluster.Learn(c)
	}
	d.choose(c)
	if !d.whole {
		if a != nil {
			d.settle(a, c)
		}
		if r := d.reach.add(c, first, d.id); a != nil {
			a.reach = r
		}
		return
	}
	c.ID = d.id(first)
	kept := *c
	*c = fact.Connection{} // others may keep it, too
	if d.onConnection != nil {
		d.cluster.Name(&kept)
		d.onConnection(&kept)
	}
	last := kept
	d.reach.add(&last, first, nil)
}

func (d *digest) lookup(l *fact.Lookup) {
	d.chooseLookup(l)
	if d.onLookup != nil {
		d.onLookup(l)
	}
	d.reach.addLookup(l)
}

// plain takes a lookup that may be counted, and reports whether it was.
func (d *digest) plain(l *lookup.Plain) bool {
	w := d.reach.addPlain(l)
	if w == nil {
		return false
	}
	if d.part != nil || d.onLookup != nil {
		x := l.Fact()
		if d.chooseLookup(x); x.Chosen {
			w.Chosen++
		}
		if d.onLookup != nil {
			d.onLookup(x)
		}
	}
	return true
}

func (d *digest) dns(m join.Message) {
	d.lookups.Add(&lookup.Message{
		Time: m.Time, Ref: m.Ref, Client: lookup.Socket{Addr: m.Client.Addr, Port: m.Client.Port},
		Server:  lookup.Socket{Addr: m.Server.Addr, Port: m.Server.Port},
		Backend: lookup.Socket{Addr: m.Backend.Addr, Port: m.Backend.Port}, Response: m.Response, TCP: m.TCP, Body: m.Body, Resend: m.Resend,
	})
}

func (d *digest) refused(m join.Message) {
	d.lookups.Unreachable(lookup.SocketOf(m.Client.AddrPort()), lookup.SocketOf(m.Server.AddrPort()), m.Body, m.Time, m.Ref)
}

func (d *digest) declined(m join.Message) {
	d.lookups.Declined(lookup.SocketOf(m.Client.AddrPort()), lookup.SocketOf(m.Server.AddrPort()), m.Body, m.Foreign, m.Time, m.Ref)
}
