package lookup

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/netsift/netsift/analyze/fact"
)

// A script is DNS messages, one a line:
//
//	TIME CLIENT:PORT > SERVER ID TYPE NAME [resend] [tcp] [edns=SIZE]
//	TIME CLIENT:PORT < SERVER ID TYPE NAME RCODE|ADDRESS,...|CNAME=TARGET [tc] [tcp] [from=BACKEND]
//	TIME CLIENT:PORT x SERVER ID                 an ICMP error that quotes the query
//	TIME CLIENT:PORT - SERVER ID                 one of the client's own, that quotes the answer: its socket is closed
//	TIME CLIENT:PORT ! SERVER ID                 the same, of an answer from an address that it had not asked
//	TIME tick
//	TIME end                                     the input ends
//
// TIME is as time.ParseDuration has it, after an arbitrary start. Without `end`, it ends a minute after the last line.
// Names of hosts are those of hosts. ok as RCODE is NOERROR without records.
var hosts = map[string]string{
	"pod": "10.244.1.5", "pod2": "10.244.1.6", "node": "192.168.1.10",
	"dns": "10.96.0.10", "dns2": "10.96.0.11", "local": "169.254.20.10", "upstream": "192.168.1.100",
	"coredns": "10.244.2.3", "coredns2": "10.244.2.4", "pod6": "fd00:10:244:1::5", "dns6": "fd00:10:96::a",
}

const epoch = int64(1_795_000_000) * second

func host(s string, port uint16) netip.AddrPort {
	name, p, ok := strings.Cut(s, ":")
	if ok {
		n, err := strconv.Atoi(p)
		if err != nil {
			panic(err)
		}
		port = uint16(n)
	}
	a, ok := hosts[name]
	if !ok {
		panic("no host " + name)
	}
	return netip.AddrPortFrom(netip.MustParseAddr(a), port)
}

// newTracker returns a Tracker for a test.
func newTracker(t testing.TB, emit func(*fact.Lookup)) *Tracker {
	tr := New(Sinks{Lookup: emit})
	t.Cleanup(tr.Release)
	return tr
}

// quoteOf is the part of a message that an ICMP error quotes at least: the id.
func quoteOf(id uint16) []byte { return binary.BigEndian.AppendUint16(nil, id) }

// play runs a script and returns its lookups, in order of time.
func play(t *testing.T, script string) []*fact.Lookup {
	t.Helper()
	out, _ := played(t, script)
	return out
}

// played is play, with the Tracker.
func played(t *testing.T, script string) ([]*fact.Lookup, *Tracker) {
	t.Helper()
	var out []*fact.Lookup
	tr := playedTo(t, script, func(s *Sinks) { s.Lookup = func(l *fact.Lookup) { out = append(out, l) } })
	slices.SortStableFunc(out, func(a, b *fact.Lookup) int { return int(a.Start - b.Start) })
	return out, tr
}

// playedTo plays a script into sinks.
func playedTo(t *testing.T, script string, into func(*Sinks)) *Tracker {
	t.Helper()
	tr := newTracker(t, nil)
	into(&tr.sinks)
	frame, now, ended := uint64(0), epoch, false
	for _, line := range strings.Split(script, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		d, err := time.ParseDuration(f[0])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		now = epoch + int64(d)
		tr.Tick(now)
		frame++
		switch f[1] {
		case "tick":
			continue
		case "end":
			tr.Flush(now)
			ended = true
			continue
		}
		m := &Message{Time: now, Ref: fact.Ref{Frame: frame}, Client: host(f[1], 0), Server: host(f[3], 53)}
		id, err := strconv.Atoi(f[4])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		switch f[2] {
		case "x":
			tr.Unreachable(m.Client, m.Server, quoteOf(uint16(id)), now, m.Ref)
			continue
		case "-", "!":
			tr.Declined(m.Client, m.Server, quoteOf(uint16(id)), f[2] == "!", now, m.Ref)
			continue
		}
		msg := new(dns.Msg)
		msg.SetQuestion(dns.Fqdn(f[6]), dns.StringToType[f[5]])
		msg.Id = uint16(id)
		m.Response = f[2] == "<"
		opts := f[7:]
		if m.Response {
			answer(t, msg, f[7])
			opts = f[8:]
		}
		for _, o := range opts {
			k, v, _ := strings.Cut(o, "=")
			switch k {
			case "resend":
				m.Resend = true
			case "tcp":
				m.TCP = true
			case "tc":
				msg.Truncated = true
			case "from":
				m.Backend = host(v, 53)
			case "edns":
				n, _ := strconv.Atoi(v)
				msg.SetEdns0(uint16(n), false)
			default:
				t.Fatalf("%s: no option %s", line, o)
			}
		}
		if m.Body, err = msg.Pack(); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		tr.Add(m)
	}
	if !ended {
		tr.Flush(now + 60*second)
	}
	empty(t, tr)
	return tr
}

func answer(t *testing.T, m *dns.Msg, what string) {
	t.Helper()
	m.Response = true
	head := func(name string, typ uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: typ, Class: dns.ClassINET, Ttl: 30}
	}
	name := m.Question[0].Name
	if what == "ok" {
		return
	}
	if code, ok := dns.StringToRcode[what]; ok {
		m.Rcode = code
		return
	}
	for _, s := range strings.Split(what, ",") {
		if to, ok := strings.CutPrefix(s, "CNAME="); ok {
			m.Answer = append(m.Answer, &dns.CNAME{Hdr: head(name, dns.TypeCNAME), Target: dns.Fqdn(to)})
			name = dns.Fqdn(to)
			continue
		}
		if to, ok := strings.CutPrefix(s, "PTR="); ok {
			m.Answer = append(m.Answer, &dns.PTR{Hdr: head(name, dns.TypePTR), Ptr: dns.Fqdn(to)})
			continue
		}
		a := netip.MustParseAddr(s)
		if a.Is4() {
			m.Answer = append(m.Answer, &dns.A{Hdr: head(name, dns.TypeA), A: a.AsSlice()})
		} else {
			m.Answer = append(m.Answer, &dns.AAAA{Hdr: head(name, dns.TypeAAAA), AAAA: a.AsSlice()})
		}
	}
}

// empty checks that nothing is left behind when all lookups have ended, but what is known of clients and servers.
func empty(t *testing.T, tr *Tracker) {
	t.Helper()
	names := map[name]bool{}
	for _, c := range clientsOf(t, tr) {
		if c.lookups != 0 || c.held != 0 || !c.isIdle {
			t.Errorf("client %v is not idle", c.addr)
		}
		if c.list != 0 {
			for _, n := range tr.searches.At(c.list).names {
				names[n] = n != 0
			}
		}
		if c.hints != 0 {
			for _, h := range tr.hints.At(c.hints).pairs {
				names[h.base], names[h.before], names[h.after] = h.base != 0, h.before != 0, h.after != 0
			}
		}
	}
	delete(names, 0)
	for what, n := range map[string]int{
		"names":   tr.names.heads.Len() - len(names),
		"queries": tr.queries.Len(), "parts of queries": tr.mores.Len(), "lists of addresses": tr.addrs.Len(), "candidates": tr.cands.Len(),
		"lookups": tr.lookups.Len(), "ids": tr.byID.Len(), "crowded ids": tr.crowded, "questions": tr.asks.latest.Len(), "labels": tr.byLabel.Len(),
		"lookups in lists": openLookups(tr), "endpoints": tr.endpoints.Len() - len(tr.stats.list), "indexed endpoints": tr.byEndpoint.Len() - len(tr.stats.list),
		"indexed names":  tr.names.index.Len() - tr.names.heads.Len(),
		"texts of names": tr.names.heads.Len() - tr.names.short.Len() - tr.names.medium.Len() - tr.names.long.Len() - tr.names.full.Len(),
	} {
		if n != 0 {
			t.Errorf("left behind: %d %s", n, what)
		}
	}
	for i, n := range tr.asks.ids {
		if n != 0 {
			t.Errorf("left behind: %d with the hash %d", n, i)
		}
	}
}

// openLookups counts those that have not ended.
func openLookups(tr *Tracker) int {
	return tr.lists[waiting].n + tr.lists[settled].n + tr.lists[forwards].n
}

// clientsOf returns the clients that are known, in the order of the idle ones.
func clientsOf(t *testing.T, tr *Tracker) (list []*client) {
	t.Helper()
	for id := tr.idle.head; id != 0; id = tr.clients.At(id).next {
		list = append(list, tr.clients.At(id))
	}
	if tr.clients.Len() != len(list) || tr.byAddr.Len() != len(list) {
		t.Errorf("%d clients, %d of them idle, %d findable", tr.clients.Len(), len(list), tr.byAddr.Len())
	}
	return list
}

// line is a lookup in one line: client, name, resolver, q(ueries) w(asted) r(etries), outcome, number of candidates.
func line(l *fact.Lookup) string {
	who := l.Client.String()
	for n, a := range hosts {
		if a == who {
			who = n
		}
	}
	r := l.Resolver
	if r == "" {
		r = "?"
	}
	return fmt.Sprintf("%s %s %s q%d w%d r%d %s c%d", who, l.Name, r, l.Queries, l.Wasted, l.Retries, l.Outcome, len(l.Candidates))
}

func lines(ls []*fact.Lookup) string {
	var out []string
	for _, l := range ls {
		out = append(out, line(l))
	}
	return strings.Join(out, "\n")
}

// situation is a script with its expected lookups.
type situation struct {
	name, script, want string
}

func check(t *testing.T, all []situation) {
	t.Helper()
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			var want []string
			for _, l := range strings.Split(s.want, "\n") {
				if l = strings.TrimSpace(l); l != "" {
					want = append(want, l)
				}
			}
			if got := lines(play(t, s.script)); got != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
			}
		})
	}
}
