package rules

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsFragmented = Rule{
	ID: "dns-fragmented", Layer: LayerDNS, Severity: Critical, Since: "0.1.0",
	Title: "large DNS answers travel in fragments, and those do not arrive",
	Text: "An answer over UDP is larger than the path's MTU and leaves in IP fragments, because the client said that it takes that much (EDNS). " +
		"Only the first fragment has ports: a firewall, a security group or a datapath that translates by ports lets that one through at most. " +
		"The client gets no answer, asks again after its timeout, and over TCP in the end, or fails. Answers of ordinary size come at once.",
	Needs: "answers in fragments of which only the first is seen to arrive, or which never come to the client's interface; or answers that " +
		"leave in fragments, each of which the client asks for again, while it is content with those in one piece",
	Explains: []string{"dns-no-response", "dns-intermittent-timeout", "dns-slow", "dns-servfail", "cni-no-reply", "cni-fragments-lost"},
	ToldFrom: []string{
		"dns-no-response: there no answer of any size comes",
		"dns-intermittent-timeout: there queries are lost by chance, or small answers are",
		"dns-tcp-fallback: there the server itself cuts the answer short and says so, and TCP follows at once",
		"answers in fragments that arrive: there the client does not ask again",
		"a capture with a filter for ports, which lets no later fragment through",
	},
	NextSteps: []string{
		"dig @{server-ip} {name} +bufsize=4096 +ignore ; dig @{server-ip} {name} +bufsize=1232   # from {client}: the first fails, the second is truncated at most?",
		"set the EDNS buffer size of clients and servers to 1232 (CoreDNS: plugin bufsize 1232; unbound: edns-buffer-size; BIND: edns-udp-size): larger answers then come over TCP",
		"kubectl get networkpolicy -A   # is TCP port 53 allowed wherever UDP port 53 is?",
		"iptables-save | grep -e ' -f ' -e DROP ; nft list ruleset | grep -e frag -e drop   # on both nodes: who drops fragments? Security groups and load balancers do, too",
		"nstat -az IpReasmReqds IpReasmOKs IpReasmFails IpReasmTimeout   # on the client's node: fragments that wait for the rest in vain",
	},
	Sources: []string{
		"RFC 9715 (IP fragmentation avoidance in DNS over UDP)", "https://www.dnsflagday.net/2020/", "RFC 8900 (IP fragmentation considered fragile)",
		"RFC 6891, section 6.2.5", "RFC 791, section 3.2", "linux net/ipv4/ip_fragment.c, net/ipv4/netfilter/nf_defrag_ipv4.c",
	},
	judge: judgeDNSFragmented,
}

// lostAnswers says how a way of reaching a DNS server shows that answers in fragments do not arrive.
type lostAnswers uint8

const (
	// answersLeave: they are seen in fragments, and no capture shows what becomes of them.
	answersLeave lostAnswers = iota
	// answersTorn: only first fragments are seen at last.
	answersTorn
	// answersVanish: the client's own interface shows none of them.
	answersVanish
)

// lostAnswer is a way of reaching a DNS server whose answers come in fragments, and the example that shows it best.
type lostAnswer struct {
	reach *fact.Reach
	conn  *fact.Connection
	kind  lostAnswers
}

func judgeDNSFragmented(r *Rule, s *scene) []Finding {
	var all []lostAnswer
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.UDP && x.Signs&fact.SignDNS != 0 && x.Signs&fact.SignFragmented != 0
	}) {
		if a, ok := s.lostAnswerOf(x); ok {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return nil
	}
	var list []Finding
	done := map[*fact.Reach]bool{}
	byServer, byWay := map[netip.AddrPort][]lostAnswer{}, map[*fact.Reach]lostAnswer{}
	for _, a := range all {
		byServer[a.reach.Called] = append(byServer[a.reach.Called], a)
		byWay[a.reach] = a
	}
	for _, c := range s.missedBy(r, all).list {
		f := c.finding(r, s)
		if s.allOverTCP(c) {
			f.Severity = Warning
		}
		var best lostAnswer
		asked := newQueried(c)
		for _, a := range byServer[c.hits[0].query.Server] {
			if !done[a.reach] && asked.wentOver(a.reach) {
				done[a.reach] = true
				f.covers = append(f.covers, a.reach)
				if best.reach == nil || a.kind > best.kind {
					best = a
				}
			}
		}
		if best.reach == nil {
			continue
		}
		if best.kind == answersLeave && (s.repeats(c) < 2 || !s.contentWithSmall(c)) {
			continue
		}
		s.tellFragmented(&f, best, uint64(cutAnswers(best.conn)))
		f.Explanation = fmt.Sprintf("%s of %s asked %s again because no answer came: %s",
			count(f.Count, "lookup", "lookups"), several(c.clients()), f.Server, f.Explanation)
		list = append(list, f.fill())
	}
	var cs causes
	for _, a := range all { // a server's own queries upstream are no lookups
		if !done[a.reach] && a.kind != answersLeave {
			cs.add(a.reach.Called.String(), hit{a.reach, a.conn, Place{Client: a.reach.Client, Server: a.reach.Called, Backend: a.conn.Backend}})
		}
	}
	for _, c := range cs.list {
		datagrams := uint64(0)
		for _, h := range c.hits {
			datagrams += uint64(cutAnswers(h.conn)) * h.reach.Count
		}
		if datagrams < 2 {
			continue // a single packet may get lost
		}
		f := c.finding(r)
		s.waitFor(&f, c)
		s.tellFragmented(&f, byWay[c.hits[0].reach], datagrams)
		list = append(list, f.fill())
	}
	return list
}

// lostAnswerOf returns what x shows of answers in fragments; false where they are seen to arrive.
func (s *scene) lostAnswerOf(x *fact.Reach) (lostAnswer, bool) {
	c := example(x, func(c *fact.Connection) bool { first, _ := cutAt(c, fact.ToClient); return first.view != nil })
	if c == nil {
		return lostAnswer{}, false
	}
	a := lostAnswer{reach: x, conn: c}
	switch torn := s.tornAt(c, fact.ToClient); {
	case torn.view != nil:
		a.kind = answersTorn
	case x.Outcome == fact.Hang:
		a.kind = answersVanish
	}
	return a, true
}

// missedBy returns the lookups that asked again for answers in fragments, or got none, by server. Where not all connections were kept, those of a
// name count for which a kept one shows fragments.
func (s *scene) missedBy(r *Rule, all []lostAnswer) *dnsCauses {
	var cs dnsCauses
	var again []dnsHit
	names, over, shown := map[string]bool{}, carriers{}, map[[2]netip.AddrPort]int64{}
	for _, a := range all {
		over.add(a.reach)
		noteCut(shown, a.reach)
	}
	for _, l := range s.openLookups(r, func(l *fact.Lookup) bool { return l.Outcome != fact.LookupUnfinished && !l.Headless }) {
		queries(l, func(c *fact.Candidate, q *fact.Query) bool {
			if q.TCP || !askedAgain(c, q) {
				return true
			}
			again = append(again, dnsHit{lookup: l, place: Place{Client: l.Client, Server: q.Server, Backend: podOf(q), Name: l.Name}, query: q})
			if last, ok := shown[[2]netip.AddrPort{q.Client, q.Server}]; ok && last >= q.Sent {
				names[l.Name] = true
			}
			return false
		})
	}
	for _, h := range again {
		if names[h.lookup.Name] && over.carry(h.lookup.Client, h.query) {
			cs.add(h.query.Server.String(), h)
		}
	}
	return &cs
}

// noteCut notes when the sockets of connections that were kept last show fragments from the server, by the socket and what it called.
func noteCut(shown map[[2]netip.AddrPort]int64, x *fact.Reach) {
	for i := range x.Examples {
		c := &x.Examples[i]
		if first, _ := cutAt(c, fact.ToClient); first.view != nil {
			k := [2]netip.AddrPort{c.Client, x.Called}
			shown[k] = max(shown[k], first.view.Last)
		}
	}
}

// askedAgain reports whether a question got no answer, or was put again after it had one that was no error and not truncated.
func askedAgain(c *fact.Candidate, q *fact.Query) bool {
	switch {
	case unanswered(q):
		return q.Retries > 0
	case q.Sent == 0 || q.Duration < 0 || q.Truncated || serverError(q.Rcode):
		return false
	}
	at := q.Sent + q.Duration
	if q.Retries > 0 && q.LastSent > at {
		return true
	}
	for i := range c.Queries {
		if y := &c.Queries[i]; y.Type == q.Type && y.Sent > at && (y.Again == fact.NewAttempt || y.Again == fact.NextServer || y.Again == fact.OverTCP) {
			return true
		}
	}
	return false
}

// queried is the queries that a cause is about, which are asked whether one of them went over a connection.
type queried map[carrying]*queriedBy

// queriedBy is those of one client to one server.
type queriedBy struct {
	sockets map[netip.AddrPort]bool
	// backends are where they were translated to, anywhere says that of some nobody knows.
	backends map[netip.AddrPort]bool
	anywhere bool
}

func newQueried(c *dnsCause) queried {
	m := queried{}
	for _, h := range c.hits {
		k := carrying{called{h.lookup.Client, h.query.Server}, h.query.TCP}
		q := m[k]
		if q == nil {
			q = &queriedBy{sockets: map[netip.AddrPort]bool{}, backends: map[netip.AddrPort]bool{}}
			m[k] = q
		}
		q.sockets[h.query.Client] = true
		q.backends[h.query.Backend] = true
		q.anywhere = q.anywhere || !h.query.Backend.IsValid()
	}
	return m
}

// wentOver reports whether one of the queries went over a connection of x, see carriers.
func (m queried) wentOver(x *fact.Reach) bool {
	q := m[carrying{called{x.Client, x.Called}, x.Proto == fact.TCP}]
	if q == nil {
		return false
	}
	if example(x, func(c *fact.Connection) bool { return q.sockets[c.Client] }) != nil {
		return true
	}
	return x.Count > uint64(len(x.Examples)) &&
		(!x.Backend.IsValid() || q.anywhere || q.backends[x.Backend] || x.Former.IsValid() && q.backends[x.Former])
}

// repeats counts how often the questions that a cause is about were put again: in the same lookup, or over TCP soon after.
func (s *scene) repeats(c *dnsCause) int {
	const soon = 30e9
	n := 0
	over := index(s, newAskedOverTCP)
	for _, h := range c.hits {
		n += h.query.Retries
		again := func(sent int64) bool { return sent > h.query.LastSent && sent < h.query.LastSent+soon }
		queries(h.lookup, func(_ *fact.Candidate, q *fact.Query) bool {
			if q != h.query && q.Type == h.query.Type && !q.TCP && again(q.Sent) {
				n++
			}
			return true
		})
		sent := over.sent[question{h.lookup.Client, h.lookup.Name, h.query.Type}]
		from, _ := slices.BinarySearch(sent, h.query.LastSent+1)
		to, _ := slices.BinarySearch(sent, h.query.LastSent+soon)
		n += to - from
	}
	return n
}

// question is a client, the name that it asks for and a type, "" for all.
type question struct {
	client      netip.Addr
	name, qtype string
}

// askedOverTCP has when questions were put over TCP, in order, and when the last of any type was.
type askedOverTCP struct {
	sent map[question][]int64
	last map[question]int64
}

func newAskedOverTCP(s *scene) *askedOverTCP {
	o := &askedOverTCP{sent: map[question][]int64{}, last: map[question]int64{}}
	for i := range s.Lookups {
		l := &s.Lookups[i]
		queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
			if q.TCP {
				k := question{l.Client, l.Name, q.Type}
				o.sent[k] = append(o.sent[k], q.Sent)
				k.qtype = ""
				o.last[k] = max(o.last[k], q.Sent)
			}
			return true
		})
	}
	for _, sent := range o.sent {
		slices.Sort(sent)
	}
	return o
}

// allOverTCP reports whether every lookup of a cause went on over TCP.
func (s *scene) allOverTCP(c *dnsCause) bool {
	over := index(s, newAskedOverTCP)
	for _, h := range c.hits {
		if over.last[question{client: h.lookup.Client, name: h.lookup.Name}] <= h.query.Sent {
			return false
		}
	}
	return true
}

// waitFor adds the lookups of clients whose server waited in vain for an answer to the queries of a cause, and later ones of the same names.
func (s *scene) waitFor(f *Finding, c *cause) {
	names, over, pairs := map[string]bool{}, carriers{}, map[called]bool{}
	for _, h := range c.hits {
		over.add(h.reach)
		pairs[called{h.reach.Client, h.reach.Called}] = true
	}
	for _, l := range index(s, newWaiting)[c.hits[0].reach.Called] { // one server a cause
		u := l.Upstream
		asked := fact.Query{Client: u.Client, Server: u.Server}
		if !pairs[called{u.Client.Addr(), u.Server}] || !names[u.Name] && !over.carry(u.Client.Addr(), &asked) {
			continue
		}
		names[u.Name] = true
		f.covers = append(f.covers, l)
		place := byName(l)
		if k := slices.IndexFunc(f.Affected, func(a Affected) bool { return a.Place == place }); k >= 0 {
			f.Affected[k].Count++
			continue
		}
		f.AffectedTotal++
		if len(f.Affected) < maxAffected {
			f.Affected = append(f.Affected, Affected{Place: place, Count: 1})
		}
	}
}

// waiting has the lookups that failed or were late while their server asked another one, by that one.
type waiting map[netip.AddrPort][]*fact.Lookup

func newWaiting(s *scene) waiting {
	m := waiting{}
	for i := range s.Lookups {
		if l := &s.Lookups[i]; l.Upstream != nil && (l.Outcome != fact.LookupAnswered || l.Late()) {
			m[l.Upstream.Server] = append(m[l.Upstream.Server], l)
		}
	}
	return m
}

// contentWithSmall reports whether the clients of a cause got answers in one piece from its server, and asked for none of these again.
func (s *scene) contentWithSmall(c *dnsCause) bool {
	about := map[*fact.Lookup]bool{}
	for _, h := range c.hits {
		about[h.lookup] = true
	}
	content := index(s, newPlainPairs)[called{c.hits[0].lookup.Client, c.hits[0].lookup.Server}]
	for _, l := range s.lookupsAt(c.hits[0].lookup.Server) {
		if about[l] || l.Client != c.hits[0].lookup.Client {
			continue
		}
		again := false
		queries(l, func(c *fact.Candidate, q *fact.Query) bool {
			again = again || !q.TCP && askedAgain(c, q)
			content = content || !q.TCP && q.Rcode != ""
			return true
		})
		if again {
			return false
		}
	}
	return content
}

// plainPairs has which clients had plain answers of which servers.
type plainPairs map[called]bool

func newPlainPairs(s *scene) plainPairs {
	m := plainPairs{}
	for i := range s.Plain {
		m[called{s.Plain[i].Client, s.Plain[i].Server}] = true
	}
	return m
}

// cutAnswers counts the answers in fragments that a connection shows.
func cutAnswers(c *fact.Connection) uint32 {
	first, _ := cutAt(c, fact.ToClient)
	return first.view.Fragmented
}

// tellFragmented says where the fragments were seen at last.
func (s *scene) tellFragmented(f *Finding, a lostAnswer, answers uint64) {
	first, last := cutAt(a.conn, fact.ToClient)
	whole := spot{}
	for _, x := range spots(a.conn, fact.ToClient) {
		if x.view.Fragmented > x.view.Torn && (whole.view == nil || beyond(x.view, whole.view)) {
			whole = x
		}
	}
	size := first.view.MaxIPLen
	f.Title = fmt.Sprintf("large answers of DNS server %s come in fragments, and %s does not get them", f.Server, f.Client)
	switch a.kind {
	case answersTorn:
		f.Explanation = fmt.Sprintf("answers that are too large for one packet travel in IP fragments, and only the first fragment, of %d bytes, arrives. "+
			"Without the rest, which has no ports, there is no answer.", last.view.MaxIPLen)
		f.Because = append(f.Because, fmt.Sprintf("of %s only the first fragment is seen on %s", count(answers, "answer", "answers"), last.place()))
		if whole.view != nil {
			f.Because = append(f.Because, fmt.Sprintf("on %s all fragments are seen: the others are dropped between", whole.place()))
		}
	case answersVanish:
		f.Certainty = Inferred
		f.Explanation = "answers that are too large for one packet travel in IP fragments, and none of them comes to the client's own interface."
		f.Because = append(f.Because, fmt.Sprintf("the fragments of %s, the first of %d bytes, are seen on %s, and nothing of them further on",
			count(answers, "answer", "answers"), size, last.place()))
	default:
		f.Certainty = Inferred
		f.Explanation = fmt.Sprintf("answers that are too large for one packet leave in IP fragments, the first of %d bytes, and after each the question comes again. "+
			"A capture on the client's node would show which of them arrive.", size)
		f.Because = append(f.Because, fmt.Sprintf("%s left in fragments (%s), and the same question came again", count(answers, "answer", "answers"), last.place()),
			"answers in one piece were not asked for again")
	}
	if f.First > 0 {
		f.First = min(f.First, a.reach.First)
	}
}
