package lookup

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/netsift/netsift/analyze/fact"
)

// TestPlain: which lookups may be counted only. Each but the first differs from it in one thing.
func TestPlain(t *testing.T) {
	const search = `
		0ms pod:40001 > dns 1000 A    web.default.svc.cluster.local
		0ms pod:40001 > dns 9000 AAAA web.default.svc.cluster.local
		1ms pod:40001 < dns 1000 A    web.default.svc.cluster.local NXDOMAIN from=coredns
		1ms pod:40001 < dns 9000 AAAA web.default.svc.cluster.local NXDOMAIN from=coredns
	`
	for _, c := range []struct {
		name, script string
		want         bool
	}{
		{"a walk through the search list", search + `
			2ms pod:40002 > dns 3000 A    web.svc.cluster.local
			2ms pod:40002 > dns 5000 AAAA web.svc.cluster.local
			3ms pod:40002 < dns 3000 A    web.svc.cluster.local 10.96.0.50 from=coredns2
			4ms pod:40002 < dns 5000 AAAA web.svc.cluster.local ok from=coredns2`, true},
		{"the name does not exist for one type", search + `
			2ms pod:40002 > dns 3000 A    web.svc.cluster.local
			2ms pod:40002 > dns 5000 AAAA web.svc.cluster.local
			3ms pod:40002 < dns 3000 A    web.svc.cluster.local 10.96.0.50
			4ms pod:40002 < dns 5000 AAAA web.svc.cluster.local NXDOMAIN`, false},
		{"an error of the server", search + `
			2ms pod:40002 > dns 3000 A    web.svc.cluster.local
			2ms pod:40002 > dns 5000 AAAA web.svc.cluster.local
			3ms pod:40002 < dns 3000 A    web.svc.cluster.local 10.96.0.50
			4ms pod:40002 < dns 5000 AAAA web.svc.cluster.local SERVFAIL`, false},
		{"no data at all", search + `
			2ms pod:40002 > dns 3000 A    web.svc.cluster.local
			3ms pod:40002 < dns 3000 A    web.svc.cluster.local ok`, false},
		{"an answer that took long", search + `
			2ms   pod:40002 > dns 3000 A web.svc.cluster.local
			103ms pod:40002 < dns 3000 A web.svc.cluster.local 10.96.0.50`, false},
		{"asked again", `
			0ms    pod:40002 > dns 3000 A web.svc.cluster.local
			5000ms pod:40002 > dns 3000 A web.svc.cluster.local
			5001ms pod:40002 < dns 3000 A web.svc.cluster.local 10.96.0.50`, false},
		{"answered twice", `
			0ms pod:40002 > dns 3000 A web.svc.cluster.local
			1ms pod:40002 < dns 3000 A web.svc.cluster.local 10.96.0.50
			2ms pod:40002 < dns 3000 A web.svc.cluster.local 10.96.0.50`, false},
		{"truncated", `
			0ms pod:40002 > dns 3000 A web.svc.cluster.local
			1ms pod:40002 < dns 3000 A web.svc.cluster.local 10.96.0.50 tc`, false},
		{"over TCP", `
			0ms pod:40002 > dns 3000 A web.svc.cluster.local tcp
			1ms pod:40002 < dns 3000 A web.svc.cluster.local 10.96.0.50 tcp`, false},
		{"another server, too", `
			0ms pod:40002 > dns  3000 A    web.svc.cluster.local
			0ms pod:40002 > dns2 5000 AAAA web.svc.cluster.local
			1ms pod:40002 < dns  3000 A    web.svc.cluster.local 10.96.0.50
			1ms pod:40002 < dns2 5000 AAAA web.svc.cluster.local ok`, false},
		{"an error of ICMP", `
			0ms pod:40002 > dns 3000 A web.svc.cluster.local
			1ms pod:40002 < dns 3000 A web.svc.cluster.local 10.96.0.50
			2ms pod:40002 x dns 3000`, false},
		{"only the answer was seen", `
			1ms pod:40002 < dns 3000 A web.svc.cluster.local 10.96.0.50`, false},
		{"the server's own question upstream failed", `
			0ms pod:40002     > dns      3000 A web.svc.cluster.local
			1ms coredns:40002 > upstream 3000 A web.svc.cluster.local
			2ms coredns:40002 < upstream 3000 A web.svc.cluster.local SERVFAIL
			3ms pod:40002     < dns      3000 A web.svc.cluster.local 10.96.0.50 from=coredns`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			plain, got := 0, 0
			playedTo(t, c.script, func(sinks *Sinks) {
				sinks.Plain = func(*Plain) bool { plain++; return true }
				sinks.Lookup = func(*fact.Lookup) { got++ }
			})
			if plain+got != 1 || (plain == 1) != c.want {
				t.Errorf("%d plain, %d others", plain, got)
			}
		})
	}
}

// TestPlainAndFact: what a Plain says is what the fact says, and lookups that differ in client, server, name or search have other ways.
func TestPlainAndFact(t *testing.T) {
	ask := func(client, server, name string, at int, answers ...string) (lines string) {
		for i, typ := range []string{"A", "AAAA"} {
			id := at*7 + i*2000
			lines += fmt.Sprintf("%dms %s > %s %d %s %s\n%[7]dms %[2]s < %[3]s %[4]d %[5]s %[6]s %[8]s from=coredns\n", at, client, server, id, typ, name, at+1, answers[i])
		}
		return lines
	}
	const web, found = "web.svc.cluster.local", "10.96.0.50"
	script := ask("pod:1", "dns", web, 0, found, "ok") + ask("pod:2", "dns", web, 400, found, "ok") + // alike
		ask("pod2:1", "dns", web, 800, found, "ok") + ask("pod:3", "dns2", web, 1200, found, "ok") + ask("pod:4", "dns", "db.svc.cluster.local", 1600, found, "ok") +
		ask("pod:5", "dns", "web.default.svc.cluster.local", 2000, "NXDOMAIN", "NXDOMAIN") + ask("pod:6", "dns", web, 2002, found, "ok")
	var plain []Plain
	var names [][2]string
	var facts, others []*fact.Lookup
	playedTo(t, script, func(sinks *Sinks) {
		sinks.Plain = func(p *Plain) bool {
			asked, full := p.Names()
			plain, names, facts = append(plain, *p), append(names, [2]string{asked, full}), append(facts, p.Fact())
			plain[len(plain)-1].Answers = append([]PlainAnswer{}, p.Answers...)
			return false
		}
		sinks.Lookup = func(l *fact.Lookup) { others = append(others, l) }
	})
	if d := cmp.Diff(others, facts, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})); d != "" || len(facts) != 6 {
		t.Fatalf("%d facts: %s", len(facts), d)
	}
	ways, nameless := map[uint64][]int{}, map[uint64]bool{}
	for i, p := range plain {
		l := facts[i]
		last := &l.Candidates[len(l.Candidates)-1]
		if p.Client != l.Client || p.Server != l.Server || p.Queries != l.Queries || p.Wasted != l.Wasted || p.WastedTime != l.WastedTime ||
			p.Start != l.Start || p.End != l.Start+l.Duration || names[i] != [2]string{l.Name, last.QName} || len(p.Answers) != p.Queries {
			t.Errorf("lookup %d: %+v of %+v", i, p, l)
		}
		if a := p.Answers[0]; a.Backend != host("coredns", 53) || a.Time != l.Start+millisecond {
			t.Errorf("lookup %d: answer %+v", i, a)
		}
		if p.Expanded != (i == 5) {
			t.Errorf("lookup %d: expanded: %v", i, p.Expanded)
		}
		ways[p.Way] = append(ways[p.Way], i)
		nameless[p.Nameless] = true
	}
	if len(ways) != 5 || len(ways[plain[0].Way]) != 2 || ways[plain[0].Way][1] != 1 || len(nameless) != 4 {
		t.Errorf("%d ways, %d without names: %v", len(ways), len(nameless), ways)
	}
}

// TestCrowd has a socket ask for many names with one id, which no resolver does and every pod could.
func TestCrowd(t *testing.T) {
	const n = 500
	outcomes := map[fact.LookupOutcome]int{}
	tr := newTracker(t, func(l *fact.Lookup) {
		outcomes[l.Outcome]++
		q := &l.Candidates[0].Queries[0]
		if i := int(q.QueryRef.Frame); q.Refused != (i%5 == 0) || l.Outcome == fact.LookupAnswered != (i%5 == 1) {
			t.Errorf("question %d: %s, refused: %v", i, l.Outcome, q.Refused)
		}
	})
	client := host("pod:5353", 0)
	message := func(i int, response bool) []byte {
		b := raw(nil, 7, response, 0, fmt.Sprintf("n%d.example.com", i), typeA)
		if response {
			b[7] = 1
			b = append(b, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 203, 0, 113, 7)
		}
		return b
	}
	for i := 1; i <= n; i++ {
		tr.Add(&Message{Time: epoch + int64(i), Ref: fact.Ref{Frame: uint64(i)}, Client: client, Server: vip, Body: message(i, false)})
	}
	if tr.crowded != n-crowd {
		t.Errorf("%d are found by their question", tr.crowded)
	}
	for i := 1; i <= n; i++ {
		switch i % 5 {
		case 0:
			tr.Unreachable(client, vip, message(i, false), epoch+millisecond, fact.Ref{Frame: 1})
		case 1:
			tr.Add(&Message{Time: epoch + millisecond, Client: client, Server: vip, Response: true, Body: message(i, true)})
		}
	}
	tr.Flush(epoch + 60*second)
	empty(t, tr)
	if outcomes[fact.LookupAnswered] != n/5 || outcomes[fact.LookupServfail] != n/5 || outcomes[fact.LookupTimeout] != n*3/5 {
		t.Error(outcomes)
	}
}

// TestQueriesBounded: lookups with many questions each make their number smaller.
func TestQueriesBounded(t *testing.T) {
	var got uint64
	tr := newTracker(t, func(*fact.Lookup) { got++ })
	tr.limits.queries, tr.limits.pieces, tr.limits.names = 100, 100, 30
	s := &storm{t: tr, now: epoch}
	for i := range 2000 {
		s.lookup(pods(i%50), fmt.Sprintf("api%d.example.com", i), i%2 == 0)
		if q, a := tr.queries.Len(), tr.addrs.Len(); q > 100+1 || a > 100+1 {
			t.Fatalf("%d queries, %d lists of addresses", q, a)
		}
	}
	tr.Flush(s.now)
	empty(t, tr)
	if got != 2000 || tr.names.heads.Len() > 100 {
		t.Errorf("%d lookups, %d names", got, tr.names.heads.Len())
	}
}
