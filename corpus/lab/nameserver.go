package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// names is the data of a cluster's DNS server.
type names struct {
	// Addresses has names, without the dot at the end, and their IPv4 addresses.
	Addresses map[string]netip.Addr
	// Many has names with so many addresses that the answer does not fit into a datagram.
	Many map[string]int `json:",omitempty"`
	// Delay is how long the server takes for names outside cluster.local.
	Delay time.Duration `json:",omitempty"`
	// Upstream is asked for names outside cluster.local. Without one, names that are not known do not exist.
	Upstream netip.AddrPort `json:",omitzero"`
}

// query is one that reached the server: the truth about lookups is counted here, not in a capture.
type query struct {
	Client netip.Addr
	Name   string
	Type   uint16
	ID     uint16
	Rcode  int
}

// nameServer plays CoreDNS: authority for cluster.local, a forwarder for the rest.
type nameServer struct {
	names
	mu      sync.Mutex
	queries []query
}

// serveNames answers on port 53, UDP and TCP.
func serveNames(n *names) (*nameServer, error) {
	s := &nameServer{names: *n}
	udp, err := net.ListenPacket("udp4", ":53")
	if err != nil {
		return nil, err
	}
	tcp, err := net.Listen("tcp4", ":53")
	if err != nil {
		return nil, err
	}
	go func() { _ = (&dns.Server{PacketConn: udp, Handler: s}).ActivateAndServe() }()
	go func() { _ = (&dns.Server{Listener: tcp, Handler: s}).ActivateAndServe() }()
	return s, nil
}

// ServeDNS answers one query.
func (s *nameServer) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	a := s.answer(q)
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		size := dns.MinMsgSize
		if opt := q.IsEdns0(); opt != nil {
			size = int(opt.UDPSize())
		}
		a.Truncate(size)
	}
	client, _ := netip.ParseAddrPort(w.RemoteAddr().String())
	s.mu.Lock()
	s.queries = append(s.queries, query{client.Addr(), strings.TrimSuffix(q.Question[0].Name, "."), q.Question[0].Qtype, q.Id, a.Rcode})
	s.mu.Unlock()
	_ = w.WriteMsg(a)
}

func (s *nameServer) answer(q *dns.Msg) *dns.Msg {
	a := new(dns.Msg)
	a.SetReply(q)
	a.RecursionAvailable = true
	name := strings.TrimSuffix(strings.ToLower(q.Question[0].Name), ".")
	ours := strings.HasSuffix(name, "cluster.local")
	if !ours && s.Upstream.IsValid() {
		up := &dns.Client{Net: "udp", Timeout: 2 * time.Second}
		got, _, err := up.Exchange(q, s.Upstream.String())
		if err != nil {
			a.Rcode = dns.RcodeServerFailure
			return a
		}
		return got
	}
	if !ours {
		time.Sleep(s.Delay)
	}
	zone := "."
	if ours {
		zone, a.Authoritative = "cluster.local.", true
	}
	for i := range s.Many[name] {
		if q.Question[0].Qtype == dns.TypeA {
			a.Answer = append(a.Answer, address(q, netip.AddrFrom4([4]byte{10, 244, 2, byte(100 + i)})))
		}
	}
	if len(a.Answer) > 0 {
		return a
	}
	addr, known := s.Addresses[name]
	switch {
	case known && q.Question[0].Qtype == dns.TypeA:
		a.Answer = append(a.Answer, address(q, addr))
		return a
	case !known && s.Many[name] == 0:
		a.Rcode = dns.RcodeNameError
	}
	soa, err := dns.NewRR(fmt.Sprintf("%s 5 IN SOA ns.dns.%s hostmaster.%s 1 7200 1800 86400 5", zone, zone, zone))
	if zone == "." {
		soa, err = dns.NewRR(". 5 IN SOA a.root-servers.net. nstld.verisign-grs.com. 1 1800 900 604800 86400")
	}
	if err == nil {
		a.Ns = append(a.Ns, soa)
	}
	return a
}

// address is the record that answers a question for one.
func address(q *dns.Msg, addr netip.Addr) dns.RR {
	return &dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 5}, A: addr.AsSlice()}
}

func (s *nameServer) seen() []query {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queries
}
