package rules

import (
	"fmt"
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
	for _, c := range s.missedBy(r, all).list {
		f := c.finding(r, s)
		if s.allOverTCP(c) {
			f.Severity = Warning
		}
		var best lostAnswer
		for _, a := range all {
			if covers(c, a.reach) && !done[a.reach] {
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
		f.Explanation = fmt.Sprintf("%s of %s asked %s again for want of an answer: %s",
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
		for _, a := range all {
			if a.reach == c.hits[0].reach {
				s.tellFragmented(&f, a, datagrams)
			}
		}
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
	names := map[string]bool{}
	for _, l := range s.openLookups(r, func(l *fact.Lookup) bool { return l.Outcome != fact.LookupUnfinished && !l.Headless }) {
		queries(l, func(c *fact.Candidate, q *fact.Query) bool {
			if q.TCP || !askedAgain(c, q) {
				return true
			}
			again = append(again, dnsHit{lookup: l, place: Place{Client: l.Client, Server: q.Server, Backend: podOf(q), Name: l.Name}, query: q})
			for _, a := range all {
				names[l.Name] = names[l.Name] || shownBy(a.reach, q)
			}
			return false
		})
	}
	for _, h := range again {
		for _, a := range all {
			if a.reach.Client == h.lookup.Client && names[h.lookup.Name] && carries(a.reach, h.query) {
				cs.add(h.query.Server.String(), h)
				break
			}
		}
	}
	return &cs
}

// shownBy reports whether a connection that was kept shows fragments from the server after a query that went over it.
func shownBy(x *fact.Reach, q *fact.Query) bool {
	return x.Called == q.Server && example(x, func(c *fact.Connection) bool {
		first, _ := cutAt(c, fact.ToClient)
		return c.Client == q.Client && first.view != nil && first.view.Last >= q.Sent
	}) != nil
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

// covers reports whether lookups of a cause went over x.
func covers(c *dnsCause, x *fact.Reach) bool {
	for _, h := range c.hits {
		if h.lookup.Client == x.Client && carries(x, h.query) {
			return true
		}
	}
	return false
}

// repeats counts how often the questions that a cause is about were put again: in the same lookup, or over TCP soon after.
func (s *scene) repeats(c *dnsCause) int {
	const soon = 30e9
	n := 0
	for _, h := range c.hits {
		n += h.query.Retries
		for i := range s.Lookups {
			l := &s.Lookups[i]
			if l.Client != h.lookup.Client || l.Name != h.lookup.Name {
				continue
			}
			queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
				if later := q.Sent - h.query.LastSent; q != h.query && q.Type == h.query.Type && later > 0 && later < soon && (q.TCP || l == h.lookup) {
					n++
				}
				return true
			})
		}
	}
	return n
}

// allOverTCP reports whether every lookup of a cause went on over TCP.
func (s *scene) allOverTCP(c *dnsCause) bool {
	for _, h := range c.hits {
		if !slices.ContainsFunc(s.Lookups, func(l fact.Lookup) bool {
			found := false
			queries(&l, func(_ *fact.Candidate, q *fact.Query) bool {
				found = q.TCP && q.Sent > h.query.Sent
				return !found
			})
			return found && l.Client == h.lookup.Client && l.Name == h.lookup.Name
		}) {
			return false
		}
	}
	return true
}

// waitFor adds the lookups of clients whose server waited in vain for an answer to the queries of a cause, and later ones of the same names.
func (s *scene) waitFor(f *Finding, c *cause) {
	names := map[string]bool{}
	for i := range s.Lookups {
		l := &s.Lookups[i]
		u := l.Upstream
		if u == nil || l.Outcome == fact.LookupAnswered && !l.Late() {
			continue
		}
		asked := fact.Query{Client: u.Client, Server: u.Server}
		if !slices.ContainsFunc(c.hits, func(h hit) bool {
			return h.reach.Client == asked.Client.Addr() && h.reach.Called == asked.Server && (names[u.Name] || carries(h.reach, &asked))
		}) {
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

// contentWithSmall reports whether the clients of a cause got answers in one piece from its server, and asked for none of these again.
func (s *scene) contentWithSmall(c *dnsCause) bool {
	about := map[*fact.Lookup]bool{}
	for _, h := range c.hits {
		about[h.lookup] = true
	}
	content := false
	for i := range s.Lookups {
		l := &s.Lookups[i]
		if l.Server != c.hits[0].lookup.Server || about[l] || l.Client != c.hits[0].lookup.Client {
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
