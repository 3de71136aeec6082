package lookup

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/netsift/netsift/analyze/fact"
)

// raw is a DNS message without the cost of packing one: a question, and for a response code no records.
func raw(b []byte, id uint16, response bool, rcode byte, name string, qtype uint16) []byte {
	b = append(b[:0], byte(id>>8), byte(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	if response {
		b[2], b[3] = 0x81, 0x80|rcode
	}
	for more := true; more; {
		var l string
		l, name, more = strings.Cut(name, ".")
		b = append(append(b, byte(len(l))), l...)
	}
	return append(b, 0, byte(qtype>>8), byte(qtype), 0, 1)
}

// pods returns the nth of many client addresses.
func pods(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(64 + n>>16), byte(n >> 8), byte(n)})
}

var vip = netip.MustParseAddrPort("10.96.0.10:53")

// storm plays lookups of an external name, eight questions each, from so many pods.
type storm struct {
	t    *Tracker
	buf  []byte
	now  int64
	port uint16
	// off keeps the messages to itself.
	off bool
}

var suffixes = []string{".default.svc.cluster.local", ".svc.cluster.local", ".cluster.local", ""}

func (s *storm) lookup(pod netip.Addr, base string, answered bool) {
	for i, suffix := range suffixes {
		s.port++
		client := netip.AddrPortFrom(pod, 1024+s.port%60000)
		for _, response := range []bool{false, true} {
			for k, qtype := range []uint16{typeA, typeAAAA} {
				if response && !answered {
					continue
				}
				rcode := byte(rcodeNXDomain)
				if i == len(suffixes)-1 {
					rcode = 0
				}
				s.now += 2000
				s.buf = raw(s.buf, s.port*3+uint16(k)*777, response, rcode, base+suffix, qtype)
				if response && rcode == 0 && qtype == typeA {
					s.buf[7] = 1
					s.buf = append(s.buf, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 203, 0, 113, 7)
				}
				if s.off {
					continue
				}
				s.t.Add(&Message{Time: s.now, Client: SocketOf(client), Server: SocketOf(vip), Response: response, Body: s.buf, Ref: fact.Ref{Frame: 1}})
			}
		}
		if !answered {
			return
		}
	}
}

func TestManyLookupsInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory")
	}
	const n = 100_000
	var got, queries, wasted int
	tr := newTracker(t, func(l *fact.Lookup) {
		got++
		queries += l.Queries
		wasted += l.Wasted
	})
	s := &storm{t: tr, now: epoch}
	most, clients := 0, 0
	for i := range n {
		s.lookup(pods(i%50_000), fmt.Sprintf("api%d.example.com", i%5000), true)
		if i%1000 == 0 {
			tr.Tick(s.now)
		}
		most = max(most, openLookups(tr))
		clients = max(clients, tr.clients.Len())
	}
	tr.Flush(s.now)
	empty(t, tr)
	if got != n || queries != 8*n || wasted != 6*n {
		t.Errorf("%d lookups, %d queries, %d wasted", got, queries, wasted)
	}
	if most > maxSettled+1 {
		t.Errorf("%d lookups open at once", most)
	}
	if clients > maxSettled+maxClients+1 {
		t.Errorf("%d clients remembered", clients)
	}
	c := tr.Costs()
	if c.Lookups != n || c.Queries != 8*n || c.Needed != 2*n || c.FullName.Queries != 6*n || c.Ndots[2].Queries != 6*n || c.Ndots[3].Queries != 0 {
		t.Errorf("costs %+v", c.DNSCost)
	}
	if len(c.Names) != shownNames || len(c.Clients) != shownClients || !c.Partial || c.Evicted != 0 {
		t.Errorf("%d names, %d clients, partial %v, evicted %d", len(c.Names), len(c.Clients), c.Partial, c.Evicted)
	}
	if len(tr.totals.names) > maxNames || len(tr.totals.clients) > maxCosts || tr.late.seen.Len() > maxLate {
		t.Errorf("%d names, %d clients, %d late", len(tr.totals.names), len(tr.totals.clients), tr.late.seen.Len())
	}
}

func TestUnansweredAreEvicted(t *testing.T) {
	outcomes := map[fact.LookupOutcome]int{}
	tr := newTracker(t, func(l *fact.Lookup) { outcomes[l.Outcome]++ })
	tr.limits.open, tr.limits.settled, tr.limits.clients = 1000, 100, 10
	s := &storm{t: tr, now: epoch}
	for i := range 5000 {
		s.lookup(pods(i), "api.example.com", false)
		if n := openLookups(tr); n > 1000 {
			t.Fatalf("%d open", n)
		}
	}
	tr.Flush(s.now + 60*second)
	empty(t, tr)
	if outcomes[fact.LookupUnfinished] != 4000 || outcomes[fact.LookupTimeout] != 1000 || tr.Costs().Evicted != 4000 {
		t.Errorf("%v, evicted %d", outcomes, tr.Costs().Evicted)
	}
	if tr.clients.Len() > 10 {
		t.Errorf("%d clients remembered", tr.clients.Len())
	}
}

// TestOneClient has one address that stands for many programs: a node that masquerades.
func TestOneClient(t *testing.T) {
	var wrong int
	tr := newTracker(t, func(l *fact.Lookup) {
		if l.Queries != 8 || l.Wasted != 6 {
			wrong++
		}
	})
	s := &storm{t: tr, now: epoch}
	for range 20_000 {
		s.lookup(pods(1), "api.example.com", true)
	}
	tr.Flush(s.now)
	if wrong != 0 {
		t.Errorf("%d lookups are wrong", wrong)
	}
}

func TestTicksDoNotMatter(t *testing.T) {
	run := func(every int) []string {
		var out []string
		tr := newTracker(t, func(l *fact.Lookup) { out = append(out, line(l)) })
		s := &storm{t: tr, now: epoch}
		for i := range 300 {
			s.lookup(pods(i%7), fmt.Sprintf("api%d.example.com", i%3), i%11 != 0)
			s.now += 37 * millisecond
			if i%every == 0 {
				tr.Tick(s.now)
			}
		}
		tr.Flush(s.now)
		// The time of output depends on ticks, the lookups do not.
		return sorted(out)
	}
	if d := cmp.Diff(run(1), run(100)); d != "" {
		t.Error(d)
	}
}

func sorted(s []string) []string {
	for i := 1; i < len(s); i++ {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
	return s
}

func TestBackend(t *testing.T) {
	var got []*fact.Lookup
	tr := newTracker(t, func(l *fact.Lookup) { got = append(got, l) })
	client, dead, live := host("pod:34567", 0), host("coredns", 53), host("coredns2", 53)
	ask := func(at int64, id uint16, b netip.AddrPort) {
		tr.Add(&Message{Time: epoch + at, Client: SocketOf(client), Server: SocketOf(vip), Backend: SocketOf(b), Body: raw(nil, id, false, 0, "web.default.svc.cluster.local", typeA)})
	}
	ask(0, 1, netip.AddrPort{})
	ask(second, 2, dead)
	ask(2*second, 3, live)
	tr.Flush(epoch + 60*second)
	for i, want := range []netip.AddrPort{{}, dead, live} {
		if got[i].Backend != want || got[i].Candidates[0].Queries[0].Backend != want {
			t.Errorf("lookup %d: backend %v, want %v", i, got[i].Backend, want)
		}
	}
}

func TestServers(t *testing.T) {
	tr := newTracker(t, func(*fact.Lookup) {})
	for i := range 100 {
		client := netip.AddrPortFrom(pods(i), 40000)
		b := raw(nil, 7, false, 0, "web.default.svc.cluster.local", typeA)
		tr.Add(&Message{Time: epoch, Client: SocketOf(client), Server: SocketOf(vip), Body: b})
		rcode := byte(0)
		if i%10 == 0 {
			rcode = rcodeServfail
		}
		if i%4 != 3 {
			b = raw(b, 7, true, rcode, "web.default.svc.cluster.local", typeA)
			tr.Add(&Message{Time: epoch + int64(i)*millisecond, Client: SocketOf(client), Server: SocketOf(vip), Backend: SocketOf(host("coredns", 53)), Response: true, Body: b})
		}
	}
	s := tr.Servers()
	if len(s) != 1 || s[0].Server != vip || s[0].Queries != 100 || s[0].Answers != 75 || s[0].Servfail != 10 || len(s[0].Backends) != 1 {
		t.Fatalf("%+v", s)
	}
	if m := s[0].Median; m < 45*millisecond || m > 53*millisecond {
		t.Errorf("median %d", m)
	}
}

func TestHostileNames(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, c := range []struct {
		name string
		wire string
		want string
	}{
		{"dot inside a label", "\x03a.b\x03com", `a\.b.com`},
		{"zero byte", "\x03a\x00b\x03com", `a\000b.com`},
		{"terminal escape", "\x04\x1b[2J\x03com", `\027[2j.com`},
		{"newline and quote", "\x03a\n\"\x03com", `a\010\".com`},
		{"not UTF-8", "\x02\xff\xfe\x03com", `\255\254.com`},
		{"label of length bytes", "\x03\x03\x03\x03\x03com", `\003\003\003.com`},
		{"upper case", "\x03WeB\x03Com", "web.com"},
		{"255 bytes", "\x3f" + long + "\x3f" + long + "\x3f" + long + "\x3d" + long[:61], long + "." + long + "." + long + "." + long[:61]},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []*fact.Lookup
			tr := newTracker(t, func(l *fact.Lookup) { got = append(got, l) })
			b := append(raw(nil, 1, false, 0, "x", typeA)[:12], c.wire...)
			b = append(b, 0, 0, 1, 0, 1)
			tr.Add(&Message{Time: epoch, Client: SocketOf(host("pod:1", 0)), Server: SocketOf(vip), Body: b})
			tr.Flush(epoch)
			if len(got) != 1 || got[0].Name != c.want || got[0].Candidates[0].QName != c.want {
				t.Errorf("got %v, want %q", got, c.want)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	whole := raw(nil, 1, false, 0, "web.default.svc.cluster.local", typeA)
	for name, b := range map[string][]byte{
		"nothing":            {},
		"half a header":      whole[:11],
		"half a question":    whole[:20],
		"a name of 256":      append(append(append([]byte{}, whole[:12]...), []byte(strings.Repeat("\x3f"+strings.Repeat("a", 63), 4))...), 0, 0, 1, 0, 1),
		"a pointer loop":     append(append([]byte{}, whole[:12]...), 0xc0, 12, 0, 1, 0, 1),
		"dynamic update":     append([]byte{0, 1, 0x28, 0}, whole[4:]...),
		"a response as one":  append([]byte{0, 1, 0x80, 0}, whole[4:]...),
		"two questions":      append([]byte{0, 1, 1, 0, 0, 2}, whole[6:]...),
		"another class (CH)": append(append([]byte{}, whole[:len(whole)-1]...), 3),
	} {
		tr := newTracker(t, func(l *fact.Lookup) { t.Errorf("%s: %s", name, line(l)) })
		tr.Add(&Message{Time: epoch, Client: SocketOf(host("pod:1", 0)), Server: SocketOf(vip), Body: b})
		tr.Flush(epoch)
		if tr.Costs().Unreadable != 1 {
			t.Errorf("%s: not counted", name)
		}
	}
}

func TestCutAnswer(t *testing.T) {
	var got []*fact.Lookup
	tr := newTracker(t, func(l *fact.Lookup) { got = append(got, l) })
	m := &Message{Time: epoch, Client: SocketOf(host("pod:1", 0)), Server: SocketOf(vip), Body: raw(nil, 1, false, 0, "web.default.svc.cluster.local", typeA)}
	tr.Add(m)
	m.Time, m.Response, m.Body = epoch+millisecond, true, raw(nil, 1, true, rcodeNXDomain, "web.default.svc.cluster.local", typeA)[:16]
	tr.Add(m)
	tr.Flush(epoch + 60*second)
	if len(got) != 1 || got[0].Outcome != fact.LookupNXDomain {
		t.Errorf("%s", lines(got))
	}
}

// FuzzTracker feeds messages made of the input's bytes and checks the invariants.
func FuzzTracker(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x10\x11\x12\x13\x14\x15\x16\x17\x18"))
	f.Add([]byte(strings.Repeat("\x01\x80\x00\x01\x02\x81\x05\x01", 20)))
	f.Add([]byte(strings.Repeat("\x11\x05\x40\x02\x91\x05\x40\x03\x51\x44\x02\x09", 20)))
	names := []string{
		"web.default.svc.cluster.local", "web.svc.cluster.local", "web.cluster.local", "web", "web.default.svc.cluster.local.default.svc.cluster.local",
		"api.example.com", "api.example.com.default.svc.cluster.local", "web.corp",
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var lookups, queries, wasted uint64
		tr := newTracker(t, func(l *fact.Lookup) {
			lookups++
			queries += uint64(l.Queries)
			wasted += uint64(l.Wasted)
			if err := sound(l); err != nil {
				t.Error(err)
			}
		})
		tr.limits = limits{open: 12, settled: 6, clients: 3, queries: 100, pieces: 50, names: 40}
		now := epoch
		hosts := []netip.AddrPort{host("pod:40001", 0), host("pod:40002", 0), host("pod2:40001", 0), host("coredns:50001", 0)}
		servers := []netip.AddrPort{vip, host("dns2", 53), host("upstream", 53), host("coredns", 53)}
		var body []byte
		for len(data) >= 4 {
			a, b, c, d := data[0], data[1], data[2], data[3]
			data = data[4:]
			now += int64(d) * int64(d) * millisecond / 4
			m := &Message{Time: now, Client: SocketOf(hosts[a&3]), Server: SocketOf(servers[a>>2&3]), Response: a&0x10 != 0, TCP: a&0xe0 == 0xe0, Resend: a&0x20 != 0}
			qtype := []uint16{typeA, typeAAAA, typeHTTPS, 12}[b&3]
			body = raw(body, uint16(b>>2&7)*150, m.Response, c>>5, names[c&7], qtype)
			switch {
			case b&0xe0 == 0xe0:
				body = body[:min(len(body), int(c)/4)]
			case b&0x40 != 0 && m.Response:
				body[2] |= 2 // truncated
			case b&0x80 != 0 && m.Response:
				body[7] = 1
				body = append(body, 0xc0, 12, 0, byte(qtype), 0, 1, 0, 0, 0, 1, 0, 4, 10, 0, 0, c)
			}
			m.Body = body
			switch d & 0x1f {
			case 0x1f:
				tr.Unreachable(m.Client, m.Server, quoteOf(uint16(b>>2&7)*150), now, fact.Ref{Frame: 1})
			case 0x1e:
				m.Backend = SocketOf(servers[c&3])
				tr.Add(m)
			case 0x1d:
				tr.Tick(now)
			case 0x1c:
				m.Time -= 30 * millisecond
				fallthrough
			default:
				tr.Add(m)
			}
			if n := openLookups(tr); n > 12 {
				t.Fatalf("%d open", n)
			}
		}
		tr.Flush(now)
		empty(t, tr)
		if c := tr.Costs(); c.Lookups != lookups || c.Queries != queries || c.Wasted != wasted {
			t.Errorf("costs %+v after %d lookups, %d queries, %d wasted", c.DNSCost, lookups, queries, wasted)
		}
	})
}

// sound checks the invariants of a lookup.
func sound(l *fact.Lookup) error {
	n, sends := 0, 0
	for _, c := range l.Candidates {
		n += len(c.Types)
		for _, q := range c.Queries {
			if q.Sent != 0 {
				sends += 1 + q.Retries
			}
			if q.Duration < -1 || (q.Rcode == "") != (q.AnswerRef == fact.Ref{}) && q.AnswerRef.Frame != 0 {
				return fmt.Errorf("query %+v", q)
			}
		}
		if len(c.Queries) == 0 || len(c.Queries) > maxMessages || c.QName == "" {
			return fmt.Errorf("candidate %+v", c)
		}
	}
	switch {
	case l.Queries != n || l.Queries == 0, l.Wasted+l.Unanswered > l.Queries, sends != l.Messages,
		l.Duration < 0, l.WastedTime < 0, l.Name == "", len(l.Candidates) > maxCandidates, len(l.Marks) > maxMarks:
		return fmt.Errorf("%d questions, %d sends: %+v", n, sends, l)
	}
	return nil
}

func BenchmarkAdd(b *testing.B) {
	b.ReportAllocs()
	tr := newTracker(b, func(*fact.Lookup) {})
	s := &storm{t: tr, now: epoch}
	for i := 0; b.Loop(); i++ {
		s.lookup(pods(i%1000), "api.example.com", true)
		if i%100 == 0 {
			tr.Tick(s.now)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/msg")
}

// BenchmarkPlain is BenchmarkAdd where plain lookups are counted only.
func BenchmarkPlain(b *testing.B) {
	for _, c := range []struct {
		name    string
		clients int
	}{{"few clients", 1000}, {"many clients", 20_000}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			tr := newTracker(b, nil)
			tr.sinks.Plain = func(*Plain) bool { return true }
			s := &storm{t: tr, now: epoch}
			for i := 0; b.Loop(); i++ {
				s.lookup(pods(i%c.clients), "api.example.com", true)
				if i%100 == 0 {
					tr.Tick(s.now)
				}
			}
		})
	}
}

// BenchmarkStorm is what the messages of BenchmarkAdd cost to make.
func BenchmarkStorm(b *testing.B) {
	tr := newTracker(b, nil)
	s := &storm{t: tr, now: epoch, off: true}
	for i := 0; b.Loop(); i++ {
		s.lookup(pods(i%1000), "api.example.com", true)
	}
}
