package rules

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// dnsServers holds the servers that all lookups together asked, and their answers.
type dnsServers struct {
	s        *scene
	byServer map[netip.AddrPort]*dnsServer
	// answers holds, per capture, when DNS answers were seen in it, in order; heard when plain lookups were answered.
	answers map[int][]int64
	heard   map[int]spans
	// traffic holds the times at which captures show packets to clients; made on first use.
	traffic map[seenAt]spans
}

// dnsServer is one server, with its backends and clients.
type dnsServer struct {
	dnsPeer
	backends map[netip.AddrPort]*dnsPeer
	clients  map[netip.Addr]*dnsPeer
	// answers holds the times at which it answered anybody, in order; sockets are those that it answered.
	answers []int64
	sockets map[netip.AddrPort]bool
	// latest has when backends last answered.
	latest latest[netip.AddrPort]
	// plain counts the plain lookups at it, heard says when they were answered.
	plain uint64
	heard []*fact.Heard
}

// dnsPeer counts the queries to, and the answers by or to, one server, backend or client.
type dnsPeer struct {
	// asked counts queries, answered those with an answer, and sent the transmissions of those without.
	asked, answered, sent int
	lastAnswer            int64
	// plain counts the plain lookups.
	plain uint64
}

// hear counts answers to plain lookups.
func (p *dnsPeer) hear(answers uint64, last int64) {
	p.asked += int(answers)
	p.answered += int(answers)
	p.lastAnswer = max(p.lastAnswer, last)
}

func (p *dnsPeer) see(l *fact.Lookup, q *fact.Query) {
	p.asked++
	if at := answeredAt(l, q); at != 0 {
		p.answered++
		p.lastAnswer = max(p.lastAnswer, at)
	} else if l.Outcome != fact.LookupUnfinished {
		p.sent += 1 + q.Retries
	}
}

func newDNSServers(s *scene) *dnsServers {
	d := &dnsServers{s: s, byServer: map[netip.AddrPort]*dnsServer{}, answers: map[int][]int64{}, heard: map[int]spans{}}
	for i := range s.Lookups {
		l := &s.Lookups[i]
		queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
			v := d.server(q.Server)
			v.see(l, q)
			peer(v.clients, l.Client).see(l, q)
			if b := podOf(q); b.IsValid() {
				peer(v.backends, b).see(l, q)
			}
			if at := answeredAt(l, q); at != 0 {
				v.answers = append(v.answers, at)
				v.sockets[q.Client] = true
				if q.AnswerRef.Frame != 0 {
					d.answers[q.AnswerRef.Capture] = append(d.answers[q.AnswerRef.Capture], at)
				}
			}
			return true
		})
	}
	for i := range s.Plain {
		p := &s.Plain[i]
		v := d.server(p.Server)
		v.plain += p.Count
		v.hear(p.Queries, p.Last)
		c := peer(v.clients, p.Client)
		c.plain += p.Count
		c.hear(p.Queries, p.Last)
		for _, b := range p.Backends {
			if b.Backend.IsValid() && b.Backend != p.Server {
				peer(v.backends, b.Backend).hear(b.Answers, b.Last)
			}
		}
	}
	for i := range s.Heard {
		h := &s.Heard[i]
		v := d.server(h.Server)
		v.heard = append(v.heard, h)
		d.heard[h.Capture] = append(d.heard[h.Capture], h.Spans...)
	}
	for _, list := range d.heard {
		list.finish()
	}
	for _, v := range d.byServer {
		slices.Sort(v.answers)
		for a, p := range v.backends {
			v.latest.see(a, p.lastAnswer)
		}
	}
	for _, list := range d.answers {
		slices.Sort(list)
	}
	return d
}

func (d *dnsServers) server(a netip.AddrPort) *dnsServer {
	v := d.byServer[a]
	if v == nil {
		v = &dnsServer{backends: map[netip.AddrPort]*dnsPeer{}, clients: map[netip.Addr]*dnsPeer{}, sockets: map[netip.AddrPort]bool{}}
		d.byServer[a] = v
	}
	return v
}

func peer[K comparable](m map[K]*dnsPeer, k K) *dnsPeer {
	p := m[k]
	if p == nil {
		p = &dnsPeer{}
		m[k] = p
	}
	return p
}

// silence names the party to blame for queries that got no answer.
type silence int

const (
	nobody      silence = iota
	deadBackend         // one backend of several answers nobody
	deadServer          // the server answers nobody any more
	deafClient          // the server answers others, but no longer this client
	lossy               // the same client is answered before and after
)

// blame returns the party that left a lookup's queries unanswered: the server as addressed, and the backend if it is to blame.
func (d *dnsServers) blame(l *fact.Lookup) (silence, netip.AddrPort, netip.AddrPort) {
	none := netip.AddrPort{}
	lost := lostQueries(l)
	if len(lost) == 0 {
		return nobody, none, none
	}
	first := lost[0]
	v := d.byServer[first.Server]
	if a := first.Server.Addr(); v == nil || a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return nobody, none, none // a client that asks all does not know whether anybody listens
	}
	if b := podOf(first); b.IsValid() && !slices.ContainsFunc(lost, func(q *fact.Query) bool { return q.Server == first.Server && podOf(q) != b }) &&
		v.backends[b].silentFrom(first.Sent) {
		if last, ok := v.latest.besides(b); ok && last > first.Sent {
			return deadBackend, first.Server, b
		}
	}
	switch {
	case !d.s.asCalled(first.Server) && !slices.ContainsFunc(lost, func(q *fact.Query) bool { return !d.answered(v, q) }):
		// A socket that the pod had answered, seen behind the translation: whether the pod is still the one to be asked, or
		// its Service has another, can't be seen from there.
		return nobody, none, none
	case v.silentFrom(first.Sent):
		return deadServer, first.Server, none
	case v.clients[l.Client].silentFrom(first.Sent):
		return deafClient, first.Server, none
	case v.clients[l.Client].answered == 0:
		return nobody, none, none // a single packet, to somebody who may be no server
	}
	return lossy, first.Server, none
}

// answered reports whether a server answered the socket of a query. Of plain lookups the sockets are not known: their connections tell.
func (d *dnsServers) answered(v *dnsServer, q *fact.Query) bool {
	if v.sockets[q.Client] || v.plain == 0 {
		return v.sockets[q.Client]
	}
	_, c := d.s.connection(q)
	return c != nil && c.Flow[fact.ToClient].Packets > 0
}

// asCalled reports whether an address is for sure the one that clients call, rather than a pod's behind a Service: of a pod,
// the capture shows only the queries that were translated to it.
func (s *scene) asCalled(server netip.AddrPort) bool {
	switch a := server.Addr(); s.Role(a) {
	case fact.RoleService, fact.RoleNode:
		return true
	case fact.RolePod:
		return false
	default:
		// NodeLocal DNSCache is 169.254.20.10. Where a translation was seen, the address is a Service's.
		return a.IsLinkLocalUnicast() || a.IsLoopback() || index(s, newTranslatedServers)[server]
	}
}

// translatedServers has the Services that were translated to something else.
type translatedServers map[netip.AddrPort]bool

func newTranslatedServers(s *scene) translatedServers {
	m := translatedServers{}
	for i := range s.Reach {
		if x := &s.Reach[i]; x.Called == x.Service && x.Backend.IsValid() && x.Backend != x.Called {
			m[x.Called] = true
		}
	}
	return m
}

// silentFrom reports whether nobody was answered after a time, though more was sent than a single packet, which may get lost.
func (p *dnsPeer) silentFrom(t int64) bool { return p.lastAnswer < t && p.sent >= 2 }

// alive reports whether the capture that shows a lookup's unanswered queries would have shown their answers too, near in
// time: it shows other DNS answers, or other traffic to the client where nothing suggests a filter for ports, or traffic
// both ways where nothing suggests any filter.
func (d *dnsServers) alive(l *fact.Lookup) bool {
	const near = 60e9
	lost := lostQueries(l)
	at := d.s.seenOn(lost[0])
	list := d.answers[at]
	from, to := lost[0].Sent-near, lost[len(lost)-1].LastSent+near
	if i, _ := slices.BinarySearch(list, from); i < len(list) && list[i] <= to {
		return true
	}
	if d.heard[at].touches(from, to) {
		return true
	}
	if at >= len(d.s.Captures) || d.s.Captures[at].PortFiltered() {
		return false
	}
	if d.traffic == nil {
		d.traffic = trafficToClients(d.s)
	}
	return d.traffic[seenAt{at, l.Client}].touches(from, to) ||
		d.s.Captures[at].Whole() && d.traffic[seenAt{capture: at}].touches(from, to)
}

// seenOn returns the capture that would show the answer to a query: that of a node, rather than the client's own, which does not show
// enough to tell how it was taken.
func (s *scene) seenOn(q *fact.Query) int {
	if at := q.QueryRef.Capture; at >= len(s.Captures) || !s.Captures[at].Host {
		return at
	}
	if _, c := s.connection(q); c != nil {
		return s.captureOf(c)
	}
	return q.QueryRef.Capture
}

// seenAt is a capture, and a client whose traffic it shows; the zero client stands for all.
type seenAt struct {
	capture int
	client  netip.Addr
}

// trafficToClients returns when captures show packets to clients.
func trafficToClients(s *scene) map[seenAt]spans {
	m := map[seenAt]spans{}
	for i := range s.Reach {
		x := &s.Reach[i]
		for k := range x.Examples {
			if e := &x.Examples[k]; e.Flow[fact.ToClient].Packets > 0 {
				for _, at := range []seenAt{{s.captureOf(e), x.Client}, {capture: s.captureOf(e)}} {
					m[at] = append(m[at], [2]int64{x.First, x.Last})
				}
			}
		}
	}
	for _, list := range m {
		list.finish()
	}
	return m
}

// connection returns a connection that one of a lookup's queries went over, nil where none was kept.
func (s *scene) connection(q *fact.Query) (*fact.Reach, *fact.Connection) {
	v := index(s, newSockets)[[2]netip.AddrPort{q.Client, q.Server}]
	return v.reach, v.conn
}

// sockets has the connection of a client's socket with a server.
type sockets map[[2]netip.AddrPort]socket

func newSockets(s *scene) sockets {
	m := sockets{}
	for i := range s.Reach {
		x := &s.Reach[i]
		for k := range x.Examples {
			c := &x.Examples[k]
			if key := [2]netip.AddrPort{c.Client, x.Called}; m[key].conn == nil {
				m[key] = socket{x, c}
			}
		}
	}
	return m
}

// socket is a connection, and the way of reaching that it is an example of.
type socket struct {
	reach *fact.Reach
	conn  *fact.Connection
}

// answeredBetween reports whether a server answered anybody within a time.
func (v *dnsServer) answeredBetween(from, to int64) bool {
	i, _ := slices.BinarySearch(v.answers, from)
	return i < len(v.answers) && v.answers[i] <= to || heardBetween(v.heard, from, to)
}

// heardBetween reports whether plain lookups were answered within a time, as far as their spans tell.
func heardBetween(heard []*fact.Heard, from, to int64) bool {
	return slices.ContainsFunc(heard, func(h *fact.Heard) bool { return spans(h.Spans).touches(from, to) })
}

// refusedByOther reports whether the node itself (a Service without endpoints) or a firewall refused the queries that a lookup
// lost, with an error of its own.
func (s *scene) refusedByOther(l *fact.Lookup) bool {
	for _, q := range lostQueries(l) {
		if !q.Refused {
			continue
		}
		_, c := s.connection(q)
		if c == nil {
			continue
		}
		if c.KnownBy == fact.RejectedByNode {
			return true
		}
		for i := range c.Errors {
			if c.Errors[i].Prohibited() {
				return true
			}
		}
	}
	return false
}
