package traffic

import (
	"fmt"

	"github.com/miekg/dns"

	"github.com/netsift/netsift/decode/wire"
)

// search is the search list of a pod in namespace default. The second candidate is the Service's name.
var search = []string{".default.svc.cluster.local.", ".svc.cluster.local."}

// lookup is a Service's name in another namespace, resolved as glibc does: each candidate from a socket of its own, by two
// queries at once, and the next candidate as soon as both are answered.
type lookup struct {
	packet
	service   int
	candidate int
	asked     bool
	ids       [2]uint16
	ipID      uint16
}

func (g *generator) resolve() *lookup {
	k := g.next
	pod := k % uint32(g.Pods)
	l := &lookup{service: g.below(services), ipID: uint16(k)}
	l.proto = wire.ProtoUDP
	l.client, l.veth = podNet+2+pod, firstVeth+pod
	l.vip, l.called, l.dest, l.far = dnsVIP, 53, dnsPod, 53
	g.truth.Lookups++
	return l
}

func (l *lookup) step(g *generator) bool {
	if l.asked {
		l.pair(g, false)
		l.candidate++
	}
	if l.candidate == len(search) {
		g.truth.Answered++
		return false
	}
	l.port = uint16(1024 + g.below(31000)) // beside the ports of connections
	l.ids = [2]uint16{uint16(g.below(1 << 16)), uint16(g.below(1 << 16))}
	if l.ids[0] == l.ids[1] {
		l.ids[1]++
	}
	g.truth.Sockets++
	l.asked = true
	l.pair(g, true)
	return true
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
	name := fmt.Sprintf("api%d.shop", l.service) + search[l.candidate]
	m.SetQuestion(name, kind)
	m.Id = id
	if !l.up {
		m.Response, m.RecursionAvailable = true, true
		switch {
		case l.candidate < len(search)-1:
			m.Authoritative, m.Rcode = true, dns.RcodeNameError
		case kind == dns.TypeA:
			m.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: 30}, A: be.AppendUint32(nil, vipNet+100+uint32(l.service))}}
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
