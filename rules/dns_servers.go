package rules

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// dnsServers is what all lookups together show of the servers that they asked.
type dnsServers struct {
	s        *scene
	byServer map[netip.AddrPort]*dnsServer
	// answers holds, per capture, when DNS answers were seen in it, in order.
	answers map[int][]int64
}

// dnsServer is one server, with its backends and clients.
type dnsServer struct {
	dnsPeer
	backends map[netip.AddrPort]*dnsPeer
	clients  map[netip.Addr]*dnsPeer
	// answers is when it answered anybody, in order; sockets are those that it answered.
	answers []int64
	sockets map[netip.AddrPort]bool
}

// dnsPeer counts what was asked of, and answered by or to, somebody.
type dnsPeer struct {
	// asked counts queries, answered those with an answer, and sent the transmissions of those without.
	asked, answered, sent int
	lastAnswer            int64
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
	d := &dnsServers{s: s, byServer: map[netip.AddrPort]*dnsServer{}, answers: map[int][]int64{}}
	for i := range s.Lookups {
		l := &s.Lookups[i]
		queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
			v := d.byServer[q.Server]
			if v == nil {
				v = &dnsServer{backends: map[netip.AddrPort]*dnsPeer{}, clients: map[netip.Addr]*dnsPeer{}, sockets: map[netip.AddrPort]bool{}}
				d.byServer[q.Server] = v
			}
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
	for _, v := range d.byServer {
		slices.Sort(v.answers)
	}
	for _, list := range d.answers {
		slices.Sort(list)
	}
	return d
}

func peer[K comparable](m map[K]*dnsPeer, k K) *dnsPeer {
	p := m[k]
	if p == nil {
		p = &dnsPeer{}
		m[k] = p
	}
	return p
}

// silence is who is to blame for queries that got no answer.
type silence int

const (
	nobody      silence = iota
	deadBackend         // one backend of several answers nobody
	deadServer          // the server answers nobody any more
	deafClient          // the server answers others, but no longer this client
	lossy               // the same client is answered before and after
)

// blame tells who did not answer a lookup's queries: the server as addressed, and the backend where it is to blame.
func (d *dnsServers) blame(l *fact.Lookup) (silence, netip.AddrPort, netip.AddrPort) {
	none := netip.AddrPort{}
	lost := lostQueries(l)
	if len(lost) == 0 {
		return nobody, none, none
	}
	first := lost[0]
	v := d.byServer[first.Server]
	if v == nil {
		return nobody, none, none
	}
	if b := podOf(first); b.IsValid() && !slices.ContainsFunc(lost, func(q *fact.Query) bool { return q.Server == first.Server && podOf(q) != b }) &&
		v.backends[b].silentFrom(first.Sent) {
		for a, p := range v.backends {
			if a != b && p.lastAnswer > first.Sent {
				return deadBackend, first.Server, b
			}
		}
	}
	switch {
	case !d.s.asCalled(first.Server) && !slices.ContainsFunc(lost, func(q *fact.Query) bool { return !v.sockets[q.Client] }):
		// A socket that the pod had answered, seen behind the translation: whether the pod is still the one to be asked, or
		// its Service has another, can't be seen from there.
		return nobody, none, none
	case v.silentFrom(first.Sent):
		return deadServer, first.Server, none
	case v.clients[l.Client].silentFrom(first.Sent):
		return deafClient, first.Server, none
	}
	return lossy, first.Server, none
}

// asCalled reports whether an address is for sure the one that clients call, rather than a pod's behind a Service: what is
// seen of a pod is only the part that was translated to it.
func (s *scene) asCalled(server netip.AddrPort) bool {
	switch a := server.Addr(); s.role(a) {
	case fact.RoleService, fact.RoleNode, fact.RoleExternal:
		return true
	case fact.RolePod:
		return false
	default:
		// NodeLocal DNSCache is 169.254.20.10. Where a translation was seen, the address is a Service's.
		return a.IsLinkLocalUnicast() || a.IsLoopback() || slices.ContainsFunc(s.byCalled[server], func(x *fact.Reach) bool {
			return x.Service == server && x.Backend.IsValid() && x.Backend != server
		})
	}
}

// silentFrom reports whether nobody was answered after a time, though more was sent than a single packet, which may get lost.
func (p *dnsPeer) silentFrom(t int64) bool { return p.lastAnswer < t && p.sent >= 2 }

// alive reports whether the capture that shows a lookup's unanswered queries would have shown their answers too, near in
// time: it shows other DNS answers, or other traffic to the client where nothing suggests a filter for ports, or traffic
// both ways where nothing suggests any filter.
func (d *dnsServers) alive(l *fact.Lookup) bool {
	const near = 60e9
	lost := lostQueries(l)
	at := lost[0].QueryRef.Capture
	list := d.answers[at]
	from, to := lost[0].Sent-near, lost[len(lost)-1].LastSent+near
	if i, _ := slices.BinarySearch(list, from); i < len(list) && list[i] <= to {
		return true
	}
	if at >= len(d.s.Captures) || d.s.Captures[at].PortFiltered() {
		return false
	}
	reaches := d.s.byClient[l.Client]
	if answersSeen(reaches, at, from, to) {
		return true
	}
	if !d.s.Captures[at].Whole() {
		return false
	}
	for i := range d.s.Reach {
		if answersSeen([]*fact.Reach{&d.s.Reach[i]}, at, from, to) {
			return true
		}
	}
	return false
}

// answersSeen reports whether a capture shows packets to the client of any of these connections, within a time.
func answersSeen(list []*fact.Reach, capture int, from, to int64) bool {
	for _, x := range list {
		if x.First > to || x.Last < from {
			continue
		}
		for i := range x.Examples {
			if e := &x.Examples[i]; e.Flow[fact.ToClient].Packets > 0 && captureOf(e) == capture {
				return true
			}
		}
	}
	return false
}

// connection returns a connection that one of a lookup's queries went over, nil where none was kept.
func (s *scene) connection(q *fact.Query) (*fact.Reach, *fact.Connection) {
	for _, x := range s.byClient[q.Client.Addr()] {
		if x.Called != q.Server {
			continue
		}
		for i := range x.Examples {
			if c := &x.Examples[i]; c.Client == q.Client {
				return x, c
			}
		}
	}
	return nil, nil
}

// answeredBetween reports whether a server answered anybody within a time.
func (v *dnsServer) answeredBetween(from, to int64) bool {
	i, _ := slices.BinarySearch(v.answers, from)
	return i < len(v.answers) && v.answers[i] <= to
}
