package traffic

import (
	"fmt"

	"github.com/miekg/dns"

	"github.com/netsift/netsift/decode/wire"
)

// suffixes are what a resolver appends to a name with fewer than five dots (ndots:5) in a pod of namespace default: the search
// list, and at last nothing.
var suffixes = [...]string{".default.svc.cluster.local.", ".svc.cluster.local.", ".cluster.local.", "."}

// spelling has the ways to write a Service's name, by how many candidates it takes to find it.
var spelling = [len(suffixes)]string{"api%d", "api%d.shop", "api%d.shop.svc", "api%d.shop.svc.cluster.local"}

// lookup is a Service's name, resolved as glibc does (resolv/res_query.c, __res_context_search, and resolv/res_send.c,
// __res_context_send): each candidate from a socket of its own, which is closed with the answers, by two queries at once, and
// the next candidate as soon as both are answered.
type lookup struct {
	packet
	then      *conn // follows, or nil
	pod       uint32
	name      string // as the application writes it
	candidate int
	asked     bool
	ids       [2]uint16
	answer    uint32 // the Service's address
	ipID      uint16
}

// resolve returns a lookup that has yet to begin.
func (g *generator) resolve(node int, pod, service uint32, then *conn) *lookup {
	l := &lookup{pod: uint32(node*g.Pods) + pod, name: fmt.Sprintf(spelling[g.Candidates-1], service), then: then}
	l.answer = vipNet + 100 + service
	l.proto = wire.ProtoUDP
	l.of(node, pod)
	l.vip, l.called, l.far = dnsVIP, g.DNSPort, g.DNSPort
	l.dest, l.farNode = dnsPod, 1
	if g.Nodes > 1 { // the first two nodes have a server each
		if node == 1 {
			l.farNode = 0
		}
		l.at(l.farNode, maxPods)
	}
	return l
}

func (l *lookup) step(g *generator) (actor, int64) {
	if !l.asked {
		l.ask(g)
		return l, g.between(minNaming, naming)
	}
	l.pair(g, false)
	l.asked = false
	l.candidate++
	soon := g.between(minReaction, reaction)
	switch {
	case l.candidate < g.Candidates:
		return l, soon
	case l.then != nil:
		g.truth.Answered++
		return l.then, soon
	}
	g.truth.Answered++
	return nil, 0
}

// A pod takes each port for a DNS socket once before it takes one again, ahead of the pod before.
const (
	stride = 7919 // no divisor in common with ephemerals
	ahead  = 157
)

// ask shows the queries for the next candidate.
func (l *lookup) ask(g *generator) {
	if l.candidate == 0 {
		g.truth.Lookups++
	}
	g.truth.Sockets++
	g.sockets[l.pod]++
	l.port = uint16(firstEphemeral + (g.sockets[l.pod]+l.pod*ahead)*stride%ephemerals)
	l.ipID = uint16(g.below(1 << 16)) // each socket counts on from a number of its own, as Linux has it
	l.ids = [2]uint16{uint16(g.below(1 << 16)), uint16(g.below(1 << 16))}
	if l.ids[0] == l.ids[1] {
		l.ids[1]++
	}
	l.asked = true
	l.pair(g, true)
}

// pair shows the queries for A and AAAA, or their answers.
func (l *lookup) pair(g *generator, up bool) {
	l.up = up
	for i, kind := range [2]uint16{dns.TypeA, dns.TypeAAAA} {
		l.ipID++
		l.id = max(l.ipID, 1)
		l.say(g, l.ids[i], kind)
	}
}

// say shows a query, or the answer to it.
func (l *lookup) say(g *generator, id, kind uint16) {
	var m dns.Msg
	name := l.name + suffixes[l.candidate]
	m.SetQuestion(name, kind)
	m.Id = id
	if !l.up {
		m.Response, m.RecursionAvailable = true, true
		switch {
		case l.candidate < g.Candidates-1:
			m.Authoritative, m.Rcode = true, dns.RcodeNameError
		case kind == dns.TypeA:
			m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: 30}, A: be.AppendUint32(nil, l.answer)}}
		}
	}
	body, err := m.Pack()
	if err != nil {
		g.err = err
		return
	}
	b := append(g.body[:0], 0, 0, 0, 0)
	b = be.AppendUint16(b, uint16(wire.UDPLen+len(body)))
	b = append(b, 0, 0)
	b = append(b, body...)
	g.body, l.body = b, b
	g.show(&l.packet, 0)
}
