package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsServfail = Rule{
	ID: "dns-servfail", Layer: LayerDNS, Severity: Critical, Since: "0.1.0",
	Title: "a DNS server answers with an error",
	Text: "The server answered, and had nothing to say: SERVFAIL mostly means that it could not reach its own upstream for names " +
		"outside of the cluster, or got an error from it; REFUSED that it serves no such zone. Names of the cluster may work " +
		"all the while. An error for AAAA alone breaks musl's resolver, and delays others.",
	Needs: "the answers with the error; where the server's own queries are in the capture, what became of them",
	ToldFrom: []string{
		"dns-nxdomain: there the server knows that the name does not exist",
		"dns-no-response: there no answer comes",
		"an error that another attempt heals: there the lookup is answered after all",
	},
	NextSteps: []string{
		"kubectl -n kube-system logs -l k8s-app=kube-dns --tail=100 | grep -e SERVFAIL -e ERROR -e timeout   # which upstream, which error?",
		"kubectl -n kube-system get configmap coredns -o yaml   # where does `forward` lead? /etc/resolv.conf there is the node's",
		"cat /etc/resolv.conf   # on the node of {backend-ip}: its nameservers are CoreDNS's upstreams",
		"dig @UPSTREAM -q {name}   # from that node: does the upstream answer?",
		"kubectl get networkpolicy -n kube-system   # may CoreDNS reach its upstream on port 53?",
	},
	Sources: []string{
		"RFC 1035, section 4.1.1 (RCODE)", "RFC 8914", "https://coredns.io/plugins/forward/",
		"https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/", "musl src/network/lookup_name.c",
	},
	judge: judgeServfail,
}

func judgeServfail(r *Rule, s *scene) []Finding {
	type servfail struct {
		key      string
		upstream *fact.Upstream
		hit      dnsHit
	}
	var hits []servfail
	known := map[string][]netip.AddrPort{} // the upstreams that failed a server
	for _, l := range s.openLookups(r, func(l *fact.Lookup) bool { return l.Outcome != fact.LookupUnfinished }) {
		q := failure(l)
		if q == nil {
			continue
		}
		key := fmt.Sprint(q.Server, q.Rcode)
		u := failedUpstream(l)
		if u != nil {
			known[key] = append(known[key], u.Server)
		}
		place := byName(l)
		place.Server = q.Server
		hits = append(hits, servfail{key, u, dnsHit{lookup: l, place: place, query: q}})
	}
	var cs dnsCauses
	for _, h := range hits {
		switch {
		case h.upstream != nil:
			cs.add(h.key+h.upstream.Server.String(), h.hit)
		case len(known[h.key]) > 0 && h.hit.lookup.Upstream == nil:
			// A server that knows its upstream to be down, or has the error in its cache, does not ask again.
			cs.add(h.key+known[h.key][0].String(), h.hit)
		default:
			cs.add(h.key, h.hit)
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r, s)
		c.failing(&f, s)
		list = append(list, f.fill())
	}
	return list
}

// failure returns a question of a lookup to which an error was the best answer, nil if there is none. A question that another
// attempt or server answered is no failure, and neither is an error for a type beside addresses if those came.
func failure(l *fact.Lookup) *fact.Query {
	for i := len(l.Candidates) - 1; i >= 0; i-- {
		c := &l.Candidates[i]
		for k := range c.Queries {
			q := &c.Queries[k]
			if !serverError(q.Rcode) || healed(c, q.Type) {
				continue
			}
			if l.Outcome == fact.LookupServfail || q.Rcode == "SERVFAIL" && (q.Type == "A" || q.Type == "AAAA") {
				return q
			}
		}
	}
	return nil
}

// healed reports whether some message that asked a candidate for a type got a good answer.
func healed(c *fact.Candidate, qtype string) bool {
	for i := range c.Queries {
		if q := &c.Queries[i]; q.Type == qtype && (q.Rcode == "NOERROR" || q.Rcode == "NXDOMAIN") {
			return true
		}
	}
	return false
}

// failedUpstream returns the server's own queries upstream if some failed, nil if none did or none can be seen.
func failedUpstream(l *fact.Lookup) *fact.Upstream {
	if u := l.Upstream; u != nil && u.Failed > 0 {
		return u
	}
	return nil
}

// failing writes the text: the error, the names, and the reason if the server's own queries show it.
func (c *dnsCause) failing(f *Finding, s *scene) {
	h := c.hits[0]
	rcode := h.query.Rcode
	failures, onlyAAAA, errors := 0, true, uint64(0)
	for _, h := range c.hits {
		if h.lookup.Outcome == fact.LookupServfail {
			failures++
		}
		onlyAAAA = onlyAAAA && h.query.Type == "AAAA" && h.lookup.Outcome == fact.LookupAnswered
		queries(h.lookup, func(_ *fact.Candidate, q *fact.Query) bool {
			if q.Rcode == rcode {
				errors++
			}
			return true
		})
	}
	if failures == 0 {
		f.Severity = Warning
	}
	what := several(c.names())
	if onlyAAAA {
		what = "AAAA of " + what
	}
	server := f.Server.String()
	if f.Backend.IsValid() {
		server += fmt.Sprintf(" (%s)", f.Backend)
	}
	f.Title = fmt.Sprintf("DNS server %s answers %s for %s", f.Server, rcode, what)
	f.Explanation = fmt.Sprintf("%s of %s got %s from %s.", count(f.Count, "lookup", "lookups"), several(c.clients()), rcode, server)
	if n := len(c.hits) - failures; n > 0 {
		f.Explanation += fmt.Sprintf(" %d of them got an answer all the same, by another type or candidate; musl gives up there.", n)
	}
	f.Because = []string{count(errors, "question", "questions") + " answered with response code " + rcode}
	var u *fact.Upstream
	for _, h := range c.hits {
		if u = failedUpstream(h.lookup); u != nil {
			break
		}
	}
	switch {
	case u == nil && rcode == "REFUSED":
		f.Explanation += " It serves no zone that has the name, and forwards it nowhere."
	case u == nil && h.lookup.Upstream != nil:
		f.Explanation += fmt.Sprintf(" Its upstream %s answered well enough: the error is the server's own.", h.lookup.Upstream.Server)
	case u == nil:
		f.Explanation += " Why can't be seen here: queries of the server's own are not in the capture. Capture on its node too."
	case u.Unreachable:
		f.Title += fmt.Sprintf(": its upstream %s can't be reached", u.Server)
		f.Explanation += fmt.Sprintf(" It had asked its upstream %s, and got an ICMP error back: nothing listens there, or the path is blocked.", u.Server)
		f.Because = append(f.Because, fmt.Sprintf("ICMP error to the query from %s to %s", u.Client, u.Server))
	case u.Rcode == "":
		f.Title += fmt.Sprintf(": its upstream %s does not answer", u.Server)
		f.Explanation += fmt.Sprintf(" It had asked its upstream %s, which did not answer.", u.Server)
		f.Because = append(f.Because, fmt.Sprintf("the query from %s to %s got no answer", u.Client, u.Server))
	default:
		f.Title += fmt.Sprintf(": its upstream %s says %s", u.Server, u.Rcode)
		f.Explanation += fmt.Sprintf(" It only passes on what its upstream %s says.", u.Server)
		f.Because = append(f.Because, fmt.Sprintf("%s from %s", u.Rcode, u.Server))
	}
	if u != nil && u.Ref.Frame != 0 {
		f.Evidence = append(f.Evidence[:min(len(f.Evidence), maxEvidence-1)], Evidence{
			Ref: u.Ref, Note: fmt.Sprintf("%s asks its upstream %s for %s", u.Client, u.Server, clip(u.Name)),
		})
	}
	if s.clusterNamesWork(f) {
		f.Because = append(f.Because, "names of the cluster are answered by the same server")
	}
}

// clusterNamesWork reports whether the server of a finding answered for a Service's name.
func (s *scene) clusterNamesWork(f *Finding) bool {
	return index(s, newClusterServers)[f.Server]
}

// clusterServers has the servers that answered for a Service's name.
type clusterServers map[netip.AddrPort]bool

func newClusterServers(s *scene) clusterServers {
	m := clusterServers{}
	for i := range s.Lookups {
		if _, ok := serviceOf(fullName(&s.Lookups[i])); ok {
			m[s.Lookups[i].Server] = true
		}
	}
	for i := range s.Plain {
		if _, ok := serviceOf(s.Plain[i].Full); ok {
			m[s.Plain[i].Server] = true
		}
	}
	return m
}
