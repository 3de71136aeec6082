package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsIntermittentTimeout = Rule{
	ID: "dns-intermittent-timeout", Layer: LayerDNS, Severity: Warning, Since: "0.1.0",
	Title: "some DNS queries are lost and answered only when sent again",
	Text: "Single queries, or their answers, vanish; the resolver waits (5 s with glibc and Go) and asks again, and then the " +
		"answer comes at once. Overloaded conntrack, a lossy path, or the race of two queries from one new socket: A and AAAA " +
		"leave together, both are translated at the same moment, one loses and is dropped. Where it is always exactly one of " +
		"a pair, the race is likely.",
	Needs:    "a query, the same query sent again after a timeout, and the answer to that; the server answers other queries",
	Explains: []string{"dns-slow"},
	ToldFrom: []string{
		"dns-slow: there the answer comes late and no query is lost",
		"dns-no-response: there nothing ever comes back, or nothing from one of several backends",
		"ct-stale-udp: there the lost queries come from old sockets, translated to a backend that is gone",
		"dns-servfail: a query sent again after an error was not lost",
	},
	NextSteps: []string{
		"conntrack -S   # on the client's node: insert_failed and drop grow with the conntrack race, or with a full table",
		"sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max   # on the client's node",
		"kubectl -n kube-system top pods -l k8s-app=kube-dns   # is one of those behind {server-ip} at its CPU limit?",
		"kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide   # was one of them replaced at that time?",
		"kubectl exec -n {client-pod} -- cat /etc/resolv.conf   # in {client}: the options single-request-reopen or use-vc avoid the race",
		debugClient + "cat /etc/resolv.conf   # the same where the image has no cat (distroless)",
		"run NodeLocal DNSCache: its connections from pods are not translated",
	},
	Sources: []string{
		"kubernetes #56903", "linux net/netfilter/nf_conntrack_core.c (clash resolution)",
		"https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/", "resolv.conf(5), timeout, attempts, single-request-reopen",
	},
	judge: judgeIntermittentTimeout,
}

func judgeIntermittentTimeout(r *Rule, s *scene) []Finding {
	d := index(s, newDNSServers)
	var cs dnsCauses
	for _, l := range s.openLookups(r, func(l *fact.Lookup) bool { return fateOf(l) != untouched }) {
		kind, server, _ := d.blame(l)
		if kind != lossy || s.refusedByOther(l) {
			continue
		}
		cs.add(server.String(), dnsHit{lookup: l, place: Place{Client: l.Client, Server: server}, query: lostQueries(l)[0]})
	}
	var list []Finding
	for _, c := range cs.list {
		failures, pairs := 0, 0
		for _, h := range c.hits {
			if fateOf(h.lookup) == failed {
				failures++
			}
			if oneOfPair(h.lookup) {
				pairs++
			}
		}
		if failures == len(c.hits) {
			continue // dns-no-response's
		}
		f := c.finding(r, s)
		if failures > 0 {
			f.Severity = Critical
		}
		c.intermittent(&f, d, failures, pairs)
		list = append(list, f.fill())
	}
	return list
}

// intermittent writes the text for lookups that lost queries now and then.
func (c *dnsCause) intermittent(f *Finding, d *dnsServers, failures, pairs int) {
	server := c.hits[0].place.Server
	total, clients := 0, map[netip.Addr]bool{}
	for _, h := range c.hits {
		clients[h.lookup.Client] = true
	}
	for _, l := range d.s.lookupsAt(server) {
		if clients[l.Client] {
			total++
		}
	}
	for a := range clients {
		if p := d.byServer[server].clients[a]; p != nil {
			total += int(p.plain)
		}
	}
	asked := server.String()
	if b := c.onlyBackend(); b.IsValid() && len(d.byServer[server].backends) > 1 {
		asked += fmt.Sprintf(" (backend %s alone)", b) // the others lose nothing
	}
	wait := c.waited()
	f.Title = fmt.Sprintf("%d of %d lookups at DNS server %s lost a query", len(c.hits), max(total, len(c.hits)), asked)
	f.Explanation = fmt.Sprintf("%s by %s asked %s, and no answer came until the resolver sent the query again",
		count(f.Count, "lookup", "lookups"), several(c.clients()), asked)
	if wait > 0 {
		f.Title += fmt.Sprintf(" and waited %s", round(wait))
		f.Explanation += fmt.Sprintf(" %s later", round(wait))
	}
	f.Explanation += ". Other queries to the same server were answered"
	if m := d.median(server); m > 0 {
		f.Explanation += fmt.Sprintf(" in %s (median)", round(m))
	}
	f.Explanation += ", so it works: the queries or their answers were lost."
	if failures > 0 {
		f.Explanation += fmt.Sprintf(" %s lost every attempt and failed.", count(uint64(failures), "lookup", "lookups"))
	}
	f.Because = []string{fmt.Sprintf("%s: query, silence, the query again, answer", count(f.Count-uint64(failures), "lookup", "lookups"))}
	if pairs > 0 {
		text := fmt.Sprintf("in %s exactly one query of an A and AAAA pair from one socket was lost", count(uint64(pairs), "lookup", "lookups"))
		if pairs == len(c.hits) && pairs > 1 {
			text += ", as happens in the conntrack race of two queries from a new socket"
		}
		f.Because = append(f.Because, text)
	}
	if from, to := c.hits[0].query.Sent, c.lastSent(); len(c.hits) > 1 && to > from && !d.byServer[server].answeredBetween(from, to) {
		f.Because = append(f.Because, fmt.Sprintf("%s answered nobody for %s: an outage rather than loss", server, round(to-from)))
	}
}

// onlyBackend returns the backend that all lost queries were translated to, zero if there were several.
func (c *dnsCause) onlyBackend() netip.AddrPort {
	b := podOf(c.hits[0].query)
	for _, h := range c.hits {
		for _, q := range lostQueries(h.lookup) {
			if podOf(q) != b {
				return netip.AddrPort{}
			}
		}
	}
	return b
}

// median returns the median time of a server's answers that came to the first transmission.
func (d *dnsServers) median(server netip.AddrPort) int64 {
	if d.byServer[server].plain > 0 { // then that of all answers says more than that of what was kept
		if v := index(d.s, newServersByAddress)[server]; v != nil {
			return max(v.Median, 0)
		}
	}
	return median(index(d.s, newAnswerTimes)[server])
}

type serversByAddress map[netip.AddrPort]*fact.DNSServer

func newServersByAddress(s *scene) serversByAddress {
	m := serversByAddress{}
	for i := range s.DNS.Servers {
		if v := &s.DNS.Servers[i]; m[v.Server] == nil {
			m[v.Server] = v
		}
	}
	return m
}

// answerTimes has how long servers took for answers to the first transmission.
type answerTimes map[netip.AddrPort][]int64

func newAnswerTimes(s *scene) answerTimes {
	m := answerTimes{}
	for i := range s.Lookups {
		l := &s.Lookups[i]
		queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
			if q.Rcode != "" && q.Duration >= 0 && !late(l, q) {
				m[q.Server] = append(m[q.Server], q.Duration)
			}
			return true
		})
	}
	return m
}

// oneOfPair reports whether of A and AAAA, sent together from one socket, exactly one was lost.
func oneOfPair(l *fact.Lookup) bool {
	lost := lostQueries(l)
	if len(lost) != 1 || lost[0].Type != "A" && lost[0].Type != "AAAA" {
		return false
	}
	found := false
	queries(l, func(_ *fact.Candidate, q *fact.Query) bool {
		const together = 5e6
		found = q.Client == lost[0].Client && (q.Type == "A" || q.Type == "AAAA") && q.Type != lost[0].Type && q.Rcode != "" &&
			max(q.Sent-lost[0].Sent, lost[0].Sent-q.Sent) < together
		return !found
	})
	return found
}
