package build

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Libc is a kind of resolver.
type Libc uint8

// The resolvers, by their behaviour on the wire.
const (
	// Glibc asks for A and AAAA from one socket a candidate, with random ids, 5 s and twice.
	Glibc Libc = iota
	// Musl asks for both at once, the AAAA's id 120 to 290 above the A's.
	Musl
	// Go asks for A and AAAA from two sockets.
	Go
	// OtherLibc is any other, which behaves as glibc here.
	OtherLibc
)

// Resolver is a pod's resolv.conf.
type Resolver struct {
	Pod    Host
	Server netip.AddrPort
	Search []string
	Ndots  int
	Libc   Libc
	// OnlyA leaves out AAAA.
	OnlyA bool
	// EDNS adds an OPT record with this UDP payload size; 0 for none.
	EDNS uint16
	// Mixed writes names in upper and lower case by turns, as resolvers do against forged answers (0x20).
	Mixed bool
}

// Resolver returns the pod's resolver as Kubernetes configures it: three search domains and ndots:5.
func (p *Pod) Resolver(server netip.AddrPort) *Resolver {
	return &Resolver{Pod: p, Server: server, Search: []string{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"}, Ndots: 5}
}

// Names is how a cluster's DNS servers answer.
type Names struct {
	// Servfail, Truncated: names that are answered so (Truncated only over UDP).
	Servfail, Truncated map[string]bool
	// OneTypeOnly: names for which a server answers NXDOMAIN, not NODATA, for the type that it has no records of.
	OneTypeOnly map[string]bool
	// Delay is how long the answer for a name takes, 400 microseconds by default.
	Delay map[string]time.Duration
	// Upstream gets the server's own queries for names outside of cluster.local; nil for none.
	Upstream *External
	// UpstreamRefuses makes it answer ICMP port-unreachable.
	UpstreamRefuses bool
}

// Lookup is the record of one name's resolution, for the truth of a case.
type Lookup struct {
	Client                   netip.Addr
	Server                   netip.AddrPort
	Name                     string
	Queries, Wasted, Retries int
	Libc                     Libc
	Outcome                  string
	Answer                   netip.Addr
}

// Lookup resolves a name as the resolver's program would: all candidates, both types, with retries.
func (r *Resolver) Lookup(name string) *Lookup { return r.LookupWith(name, Names{}) }

// LookupWith is Lookup with servers that answer according to names.
func (r *Resolver) LookupWith(name string, names Names) *Lookup {
	l := &Lookup{Client: r.Pod.Addr(), Server: r.Server, Name: strings.TrimSuffix(name, "."), Libc: r.Libc, Outcome: "nxdomain"}
	bare := strings.TrimSuffix(name, ".")
	var candidates []string
	if !strings.HasSuffix(name, ".") {
		for _, s := range r.Search {
			candidates = append(candidates, bare+"."+s)
		}
	}
	for _, s := range r.Search {
		// Whether a program asked for "web" or for "web" with the first search domain shows nowhere: the short name is meant.
		if short, ok := strings.CutSuffix(bare, "."+s); ok && l.Name == bare {
			l.Name = short
		}
	}
	if strings.Count(name, ".") >= r.Ndots || strings.HasSuffix(name, ".") {
		candidates = append([]string{bare}, candidates...)
	} else {
		candidates = append(candidates, bare)
	}
	for i := 0; i < len(candidates); i++ {
		rcode, ok := r.try(l, candidates[i], names)
		switch {
		case rcode == refused:
			l.Outcome = "servfail" // glibc takes it for a server that is not there, and stops at once
			return l
		case !ok:
			l.Outcome = "timeout"
			// glibc gives up the search list after a timeout and tries the bare name; others stop.
			if r.Libc == Glibc && candidates[i] != bare {
				candidates = append(candidates[:i+1:i+1], bare)
				continue
			}
			return l
		case rcode == dns.RcodeSuccess:
			l.Outcome = "answered"
			if !l.Answer.IsValid() {
				l.Outcome = "nodata"
			}
			return l
		case rcode == dns.RcodeServerFailure:
			l.Outcome = "servfail"
			if r.Libc != Glibc {
				return l
			}
		default:
			if l.Outcome == "timeout" || l.Outcome == "servfail" {
				continue
			}
			l.Outcome = "nxdomain"
		}
	}
	return l
}

// refused stands for a response code where ICMP errors came back.
const refused = -1

// question is one query of a candidate.
type question struct {
	msg    *dns.Msg
	socket *Datagrams
	rcode  int
	done   bool
}

// try asks for one candidate, both types, and resends unanswered queries.
func (r *Resolver) try(l *Lookup, name string, names Names) (rcode int, ok bool) {
	c := r.Pod.base().c
	types := []uint16{dns.TypeA, dns.TypeAAAA}
	if r.OnlyA {
		types = types[:1]
	}
	socket := c.UDP(r.Pod, r.Server)
	id := uint16(c.rng.Uint32())
	var questions []*question
	for i, t := range types {
		m := new(dns.Msg)
		asked := dns.Fqdn(name)
		if r.Mixed {
			asked = mixed(asked, l.Queries)
		}
		m.SetQuestion(asked, t)
		m.Id = id
		switch {
		case i == 1 && r.Libc == Musl:
			m.Id = id + uint16(120+c.rng.IntN(170))
		case i == 1:
			m.Id = uint16(c.rng.Uint32())
		}
		if r.EDNS != 0 {
			m.SetEdns0(r.EDNS, false)
		}
		q := &question{msg: m, socket: socket}
		if i == 1 && r.Libc == Go {
			q.socket = c.UDP(r.Pod, r.Server)
		}
		questions = append(questions, q)
		l.Queries++
	}
	attempts, timeout := 2, 5*time.Second
	if r.Libc == Musl {
		timeout = 2500 * time.Millisecond
	}
	for attempt := range attempts {
		start := c.now
		latest := start
		// glibc, when only one of the two was answered, asks for both again, one after the other: the server may be one
		// that drops the second of a pair (resolv.conf, single-request).
		single := attempt > 0 && r.Libc == Glibc && slices.ContainsFunc(questions, func(q *question) bool { return q.done })
		for i, q := range questions {
			if q.done && !single {
				continue
			}
			if attempt > 0 {
				l.Retries++
			}
			if c.now = start + int64(i)*int64(90+c.rng.IntN(60))*1000; single {
				c.now = latest + 50_000
			}
			q.done = false
			r.ask(q, names, l)
			latest = max(latest, c.now)
			if single && !q.done {
				break
			}
		}
		c.now = latest
		if !slices.ContainsFunc(questions, func(q *question) bool { return !q.done }) {
			break
		}
		if !socket.Refused {
			c.now = start + int64(timeout)
		}
	}
	for _, q := range questions {
		if !q.done && socket.Refused {
			return refused, false
		}
		if !q.done {
			return 0, false
		}
		if q.rcode == dns.RcodeNameError {
			l.Wasted++
		}
	}
	c.now += 60_000
	return questions[0].rcode, true
}

// ask sends one query and lets the server that gets it answer.
func (r *Resolver) ask(q *question, names Names, l *Lookup) {
	c := r.Pod.base().c
	wire, _ := q.msg.Pack()
	if !q.socket.Send(wire) {
		return
	}
	name := strings.ToLower(strings.TrimSuffix(q.msg.Question[0].Name, "."))
	delay := 400 * time.Microsecond
	if d, ok := names.Delay[name]; ok {
		delay = d
	}
	if names.Upstream != nil && !strings.HasSuffix(name, "cluster.local") {
		if !c.forwardQuery(q.socket.Server(), q.msg, names) {
			names.Servfail = map[string]bool{name: true}
		}
	}
	c.now += int64(delay)
	answer := c.answer(q.msg, names, true)
	packed, _ := answer.Pack()
	if !q.socket.Reply(packed) {
		return
	}
	if answer.Truncated {
		answer = r.askTCP(q.msg, names)
	}
	q.done, q.rcode = true, answer.Rcode
	for _, rr := range answer.Answer {
		if a, ok := rr.(*dns.A); ok {
			l.Answer, _ = netip.AddrFromSlice(a.A.To4())
		}
	}
}

// askTCP asks again over TCP, with the two bytes of length ahead (RFC 1035, section 4.2.2).
func (r *Resolver) askTCP(m *dns.Msg, names Names) *dns.Msg {
	c := r.Pod.base().c
	answer := c.answer(m, names, false)
	k := c.Dial(r.Pod, r.Server, Dialer{})
	if !k.ends() {
		return answer
	}
	framed := func(m *dns.Msg) []byte {
		b, _ := m.Pack()
		return append([]byte{byte(len(b) >> 8), byte(len(b))}, b...)
	}
	k.transfer(k.Client, k.Server, framed(m))
	k.transfer(k.Server, k.Client, framed(answer))
	k.CloseByClient()
	return answer
}

// answer is the response of a cluster's DNS server: the zone, and NXDOMAIN for the rest.
func (c *Cluster) answer(m *dns.Msg, names Names, udp bool) *dns.Msg {
	a := new(dns.Msg)
	a.SetReply(m)
	a.RecursionAvailable = true
	q := m.Question[0]
	name := strings.ToLower(strings.TrimSuffix(q.Name, "."))
	inside := strings.HasSuffix(name, "cluster.local")
	a.Authoritative = inside
	if names.Servfail[name] {
		a.Rcode = dns.RcodeServerFailure
		return a
	}
	if udp && names.Truncated[name] {
		a.Truncated = true
		return a
	}
	addrs, known := c.Zone[name]
	for _, addr := range addrs {
		h := dns.RR_Header{Name: q.Name, Class: dns.ClassINET, Ttl: 5}
		switch {
		case q.Qtype == dns.TypeA && addr.Is4():
			h.Rrtype = dns.TypeA
			a.Answer = append(a.Answer, &dns.A{Hdr: h, A: addr.AsSlice()})
		case q.Qtype == dns.TypeAAAA && addr.Is6():
			h.Rrtype = dns.TypeAAAA
			a.Answer = append(a.Answer, &dns.AAAA{Hdr: h, AAAA: addr.AsSlice()})
		}
	}
	if !known || names.OneTypeOnly[name] && len(a.Answer) == 0 {
		a.Rcode = dns.RcodeNameError
	}
	if len(a.Answer) == 0 {
		zone := "cluster.local."
		if !inside {
			zone = "example.com."
		}
		a.Ns = append(a.Ns, &dns.SOA{
			Hdr: dns.RR_Header{Name: zone, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 5},
			Ns:  "ns.dns." + zone, Mbox: "hostmaster." + zone, Serial: 1, Refresh: 7200, Retry: 1800, Expire: 86400, Minttl: 5,
		})
	}
	return a
}

// mixed writes a name's letters in upper and lower case, differently for each query.
func mixed(name string, query int) string {
	b := []byte(name)
	for i := range b {
		if b[i] >= 'a' && b[i] <= 'z' && (i+query)%3 == 0 {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

// Upkeep is a DNS server's own query to its upstream: CoreDNS looks for a loop with a query for HINFO of a random name.
func (c *Cluster) Upkeep(server Host, upstream *External) {
	up := c.UDP(server, upstream.Port(53))
	m := new(dns.Msg)
	m.SetQuestion("4619128574263157936.7205283471046318562.", dns.TypeHINFO)
	m.Id = uint16(c.rng.Uint32())
	wire, _ := m.Pack()
	if !up.Send(wire) {
		return
	}
	c.now += int64(3 * time.Millisecond)
	packed, _ := c.answer(m, Names{}, false).Pack()
	up.Reply(packed)
}

// forwardQuery is the server's own query upstream, a transaction of its own; false where the upstream refused it.
func (c *Cluster) forwardQuery(server Host, m *dns.Msg, names Names) bool {
	up := c.UDP(server, names.Upstream.Port(53))
	own := m.Copy()
	own.Id = uint16(c.rng.Uint32())
	own.SetEdns0(2048, false)
	wire, _ := own.Pack()
	if names.UpstreamRefuses {
		names.Upstream.Refuse(53)
	}
	if !up.Send(wire) {
		return false
	}
	c.now += int64(3 * time.Millisecond)
	packed, _ := c.answer(own, names, false).Pack()
	return up.Reply(packed)
}
