package rules

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsNoResponse = Rule{
	ID: "dns-no-response", Layer: LayerDNS, Severity: Critical, Since: "0.1.0",
	Title: "a DNS server does not answer",
	Text: "Queries went out and no answer came back, or ICMP errors instead: the server or one of its backends is down, or " +
		"port 53 is dropped on the path (a NetworkPolicy without a rule for DNS is the usual reason). Programs wait for five " +
		"seconds or more and then fail. One dead backend of several fails those lookups that happen to be sent to it.",
	Needs: "unanswered queries, sent more than once, in a capture that shows DNS answers to others, or other traffic to the " +
		"same client where no filter hides DNS",
	Explains: []string{"cni-no-reply", "cni-reject"},
	ToldFrom: []string{
		"dns-intermittent-timeout: there the resolver's second attempt is answered by the same server",
		"ct-stale-udp: there only sockets from before the backend ended get no answer",
		"svc-no-endpoints: there the node itself refuses, because the Service has no backend",
		"cni-reject: there an ICMP error says that the traffic is prohibited",
		"dns-servfail: there the server answers, with an error",
		"a capture of one direction, with a filter, or that ends before the timeout",
	},
	NextSteps: []string{
		"kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide   # do they run, are they Ready, which is which?",
		"kubectl -n kube-system logs -l k8s-app=kube-dns --tail=50",
		"kubectl -n kube-system get endpointslices -l k8s-app=kube-dns -o wide   # does the Service still list a pod that is gone?",
		"kubectl get networkpolicy -A   # does one that selects {client} allow egress to UDP and TCP port 53?",
		"kubectl exec -n {client-pod} -- nslookup kubernetes.default.svc.cluster.local. {backend-ip}   # the pod directly, past the Service",
		"kubectl exec -n {client-pod} -- nslookup kubernetes.default.svc.cluster.local. {server-ip}   # is it so still? From the pod with {client}, and from another",
		debugClient + "nslookup kubernetes.default.svc.cluster.local. {server-ip}   # the same where the image has no nslookup (distroless)",
	},
	Sources: []string{
		"https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/",
		"https://kubernetes.io/docs/concepts/services-networking/network-policies/", "RFC 1035, section 4.2.1", "RFC 1122, section 3.2.2.1",
		"glibc resolv/res_send.c send_dg",
	},
	judge: judgeNoResponse,
}

func judgeNoResponse(r *Rule, s *scene) []Finding {
	d := index(s, newDNSServers)
	var cs dnsCauses
	kinds := map[string]silence{}
	healed := map[netip.AddrPort]bool{} // servers that lose queries and answer the resolver's next attempt
	for _, l := range s.openLookups(r, func(l *fact.Lookup) bool { return fateOf(l) != untouched }) {
		kind, server, backend := d.blame(l)
		if kind == nobody || s.refusedByOther(l) {
			continue
		}
		lost := lostQueries(l)
		if kind == lossy && fateOf(l) == recovered {
			healed[server] = true
			continue
		}
		if !lost[0].Refused && !d.alive(l) {
			continue
		}
		key := fmt.Sprint(kind, server, backend)
		kinds[key] = kind
		cs.add(key, dnsHit{lookup: l, place: Place{Client: l.Client, Server: server, Backend: backend}, query: lost[0]})
	}
	var list []Finding
	for _, c := range cs.list {
		kind := kinds[c.key]
		if kind == lossy && (healed[c.hits[0].place.Server] || c.attempts() < 2) {
			continue // dns-intermittent-timeout's, or a single packet
		}
		f := c.finding(r, s)
		f.Certainty = Inferred
		c.describe(&f, d, kind)
		f.covers = append(f.covers, c.ways(s)...)
		list = append(list, f.fill())
	}
	return list
}

// describe writes the text: the silent server, its clients, since when, and the traffic that works meanwhile.
func (c *dnsCause) describe(f *Finding, d *dnsServers, kind silence) {
	v := d.byServer[f.Server]
	clients := several(c.clients())
	refused, failures := "", 0
	for _, h := range c.hits {
		if fateOf(h.lookup) == failed {
			failures++
		}
		for _, q := range lostQueries(h.lookup) {
			if q.Refused && refused == "" {
				refused = d.s.refusal(q)
			}
		}
	}
	if failures == 0 {
		f.Severity = Warning // every lookup came to its answer in the end, by another backend or server
	}
	sent := count(uint64(c.attempts()), "query", "queries")
	switch kind {
	case deadBackend:
		f.Title = fmt.Sprintf("%s, one of %d backends of DNS server %s, never answers", f.Backend, len(v.backends), f.Server)
		if v.backends[f.Backend].answered > 0 {
			f.Title = fmt.Sprintf("%s, one of %d backends of DNS server %s, no longer answers", f.Backend, len(v.backends), f.Server)
		}
		f.Because = append(f.Because, fmt.Sprintf("%s translated to %s, none of them answered; other backends of the same server answered meanwhile", sent, f.Backend))
	case deadServer:
		f.Title = fmt.Sprintf("DNS server %s never answers", f.Server)
		if v.answered > 0 {
			f.Title = fmt.Sprintf("DNS server %s no longer answers", f.Server)
		}
		f.Because = append(f.Because, fmt.Sprintf("%s to %s; it answered nobody", sent, f.Server))
	case deafClient:
		get := "get"
		if len(c.clients()) == 1 {
			get = "gets"
		}
		f.Title = fmt.Sprintf("%s %s no answers from DNS server %s; other clients do", clients, get, f.Server)
		f.Because = append(f.Because, fmt.Sprintf("%s from %s to %s, none answered", sent, clients, f.Server),
			fmt.Sprintf("%s answers other clients meanwhile", f.Server))
	case lossy:
		f.Title = fmt.Sprintf("DNS server %s left %s without any answer", f.Server, count(f.Count, "lookup", "lookups"))
		f.Because = append(f.Because, sent+" unanswered; the same clients got answers before or after")
		f.Recovered = v.firstAfter(f.Last)
		if from, to := f.First, c.lastSent(); to > from && !v.answeredBetween(from, to) {
			f.Because = append(f.Because, fmt.Sprintf("%s answered nobody for %s", f.Server, round(to-from)))
		}
	}
	if refused != "" {
		f.Certainty = Shown
		f.Title += ": " + refused
	}
	f.Explanation = fmt.Sprintf("%s by %s asked %s without an answer", count(f.Count, "lookup", "lookups"), clients, f.Server)
	switch failures {
	case len(c.hits):
	case 0:
		f.Explanation += "; all were answered in the end, by another backend or server"
	default:
		f.Explanation += fmt.Sprintf("; %d got no answer at all, the others did in the end", failures)
	}
	if t := c.waited(); t > 0 {
		f.Explanation += fmt.Sprintf(". The resolver waited %s for each attempt", round(t))
	}
	f.Explanation += "."
	c.whereTo(f, d.s)
}

// refusal describes the errors that came back instead of an answer.
func (s *scene) refusal(q *fact.Query) string {
	if _, c := s.connection(q); c != nil {
		for i := range c.Errors {
			if e := &c.Errors[i]; e.Flow == fact.ToServer && e.Unreachable() {
				return fmt.Sprintf("ICMP %s from %s", icmpName(e), e.Src)
			}
		}
	}
	return "ICMP errors came back"
}

// whereTo describes how far an unanswered query was seen to go, the traffic of its client that worked meanwhile, and the
// server's own unanswered queries.
func (c *dnsCause) whereTo(f *Finding, s *scene) {
	for _, h := range c.hits {
		x, conn := s.connection(h.query)
		if conn == nil {
			continue
		}
		if n := len(conn.Legs); n > 0 {
			leg := conn.Legs[n-1]
			text := fmt.Sprintf("the query was last seen on %s with destination %s", leg.Node, leg.Dst)
			if k := len(leg.Views); k > 0 && leg.Views[k-1].Role.Kind != fact.InterfaceUnknown {
				text += ", " + leg.Views[k-1].Role.String()
			}
			f.Because = append(f.Because, text)
		}
		if works := s.whatWorks(x); len(works) > 0 {
			f.Explanation += " Worked meanwhile: " + strings.Join(works, "; ") + "."
		}
		break
	}
	for _, h := range c.hits {
		if u := h.lookup.Upstream; u != nil && u.Failed > 0 {
			f.Explanation += fmt.Sprintf(" The server itself asked %s and got no usable answer.", u.Server)
			break
		}
	}
}

// ways returns the connections that a cause's lost queries went over.
func (c *dnsCause) ways(s *scene) []any {
	var list []any
	seen := map[*fact.Reach]bool{}
	for _, h := range c.hits {
		for _, q := range lostQueries(h.lookup) {
			if x, _ := s.connection(q); x != nil && x.Outcome != fact.OK && !seen[x] {
				seen[x] = true
				list = append(list, x)
			}
		}
	}
	return list
}

// attempts counts the transmissions of queries that got no answer.
func (c *dnsCause) attempts() int {
	n := 0
	for _, h := range c.hits {
		for _, q := range lostQueries(h.lookup) {
			n += 1 + q.Retries
		}
	}
	return n
}

// firstAfter returns when the server first answered after a time, 0 for never.
func (v *dnsServer) firstAfter(t int64) int64 {
	first := int64(0)
	sooner := func(at int64) {
		if at > t && (first == 0 || at < first) {
			first = at
		}
	}
	sooner(firstAfter(v.answers, t))
	for _, h := range v.heard {
		for _, x := range h.Spans {
			if x[0] <= t { // within a span an answer is no further away than the gap
				sooner(min(x[1], t+h.Gap))
			} else {
				sooner(x[0])
			}
		}
	}
	return first
}
