package rules

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsSlow = Rule{
	ID: "dns-slow", Layer: LayerDNS, Severity: Info, Since: "0.1.0",
	Title: "DNS answers take long",
	Text: "Answers come to the first transmission of the query but take long: the server is slow, or waits for its upstream. " +
		"No query was lost. A name outside the cluster may well take a few hundred milliseconds the first " +
		"time; names of the cluster are answered from memory and should take one or two.",
	Needs: "the time from query to answer, of several names, or of one that takes more than a second; where the server's own " +
		"queries are in the capture, what its upstream took",
	ToldFrom: []string{
		"dns-intermittent-timeout: there a query is lost, and the answer comes at once when it is sent again",
		"dns-search-expansion: there many queries add up, each of which may be quick",
		"dns-servfail: there the late answer is an error",
	},
	NextSteps: []string{
		"kubectl -n kube-system top pods -l k8s-app=kube-dns   # is one of them at its CPU limit? (throttling: container_cpu_cfs_throttled_periods_total)",
		"kubectl -n kube-system get configmap coredns -o yaml   # where does `forward` lead, is `cache` on?",
		"dig @UPSTREAM -q {name}   # on the node of {backend-ip}: how long does the upstream take?",
		"dig @{server-ip} -q {name}   # twice: is the second answer, from the cache, quick?",
	},
	Sources: []string{"https://coredns.io/plugins/forward/", "https://coredns.io/plugins/metrics/ (coredns_dns_request_duration_seconds)", "RFC 8767"},
	judge:   judgeSlow,
}

// kindOfName groups comparable answers: those of one server for names in the cluster, and for others.
type kindOfName struct {
	server  netip.AddrPort
	cluster bool
}

// pace is how a server answers for one kind of names.
type pace struct {
	times []int64 // of all answers
	slow  int
	// middle is the median of the times, -1 before it is asked for.
	middle int64
	plain  int // answers that came soon, whose times are not known
}

func (p *pace) median() int64 {
	if p.middle < 0 {
		p.middle = median(p.times)
	}
	return p.middle
}

func (p *pace) answers() int { return len(p.times) + p.plain }

func judgeSlow(r *Rule, s *scene) []Finding {
	all := map[kindOfName]*pace{}
	type slowLookup struct {
		kind kindOfName
		hit  dnsHit
	}
	var candidates []slowLookup
	for _, l := range s.openLookups(r, func(l *fact.Lookup) bool { return !l.Headless && l.Outcome != fact.LookupUnfinished }) {
		var worst *fact.Query
		var kind kindOfName
		queries(l, func(c *fact.Candidate, q *fact.Query) bool {
			if expanded(l) && c.Rcode == "NXDOMAIN" {
				return true // dns-search-expansion reports that cost
			}
			if q.Duration < 0 || serverError(q.Rcode) || q.Rcode == "" || q.TCP || late(l, q) && !tookLong(l, q) {
				return true
			}
			k := kindOfName{q.Server, inCluster(l, c)}
			if all[k] == nil {
				all[k] = &pace{middle: -1}
			}
			all[k].times = append(all[k].times, q.Duration)
			if q.Duration >= s.limits.SlowAnswer {
				all[k].slow++
				if worst == nil || q.Duration > worst.Duration {
					worst, kind = q, k
				}
			}
			return true
		})
		if worst != nil {
			place := byName(l)
			place.Server = worst.Server
			candidates = append(candidates, slowLookup{kind, dnsHit{lookup: l, place: place, query: worst}})
		}
	}
	var cs dnsCauses
	for i := range s.Plain {
		p := &s.Plain[i]
		_, cluster := serviceOf(p.Full)
		if q := all[kindOfName{p.Server, cluster || strings.HasSuffix(p.Full, ".cluster.local")}]; q != nil {
			q.plain += int(p.Queries - p.Wasted)
		}
	}
	for _, x := range candidates {
		if p := all[x.kind]; float64(p.slow) < s.limits.SlowShare*float64(p.answers()) {
			continue
		}
		cs.add(fmt.Sprint(x.kind.server, x.hit.upstream()), x.hit)
	}
	var list []Finding
	for _, c := range cs.list {
		if c.slowNames(s.limits.SlowAnswer) < 2 && c.slowest() < s.limits.VerySlow {
			continue
		}
		f := c.finding(r, s)
		c.slow(&f, all, s.limits)
		list = append(list, f.fill())
	}
	return list
}

// upstream returns the server's own server if that one took long, zero if it did not or can't be seen.
func (h dnsHit) upstream() netip.AddrPort {
	if u := h.lookup.Upstream; u != nil && (u.Duration < 0 || 2*u.Duration >= h.query.Duration) {
		return u.Server
	}
	return netip.AddrPort{}
}

// slowNames counts the slow names that a cause's lookups asked for: several in one search count.
func (c *dnsCause) slowNames(limit int64) int {
	n := 0
	for _, h := range c.hits {
		for i := range h.lookup.Candidates {
			if d := h.lookup.Candidates[i].Duration; d >= limit {
				n++
			}
		}
	}
	return n
}

func (c *dnsCause) slowest() int64 {
	slowest := int64(0)
	for _, h := range c.hits {
		slowest = max(slowest, h.query.Duration)
	}
	return slowest
}

// slow writes the text: how slow, whose fault, and the comparison.
func (c *dnsCause) slow(f *Finding, all map[kindOfName]*pace, limits Thresholds) {
	h := c.hits[0]
	var times []int64
	cluster := false
	for _, h := range c.hits {
		times = append(times, h.query.Duration)
		queries(h.lookup, func(cand *fact.Candidate, q *fact.Query) bool {
			cluster = cluster || q == h.query && inCluster(h.lookup, cand)
			return true
		})
	}
	up := h.upstream()
	middle := median(times)
	if c.slowNames(limits.SlowAnswer) > 1 && (middle >= limits.PainfullySlow || cluster && !up.IsValid()) {
		f.Severity = Warning
	}
	server := h.query.Server
	what := "names outside of the cluster"
	if cluster {
		what = "names of the cluster"
	}
	switch {
	case up.IsValid():
		f.Title = fmt.Sprintf("upstream %s of DNS server %s answers slowly: %s in the median", up, server, round(middle))
		f.Because = append(f.Because, fmt.Sprintf("the server's own query to %s took %s of the %s", up, took(h.lookup.Upstream.Duration), round(h.query.Duration)))
	case h.lookup.Upstream != nil:
		f.Title = fmt.Sprintf("DNS server %s answers slowly: %s in the median, though its upstream is quick", server, round(middle))
		f.Because = append(f.Because, fmt.Sprintf("the server's own query to %s took %s of the %s", h.lookup.Upstream.Server, took(h.lookup.Upstream.Duration), round(h.query.Duration)))
	default:
		f.Title = fmt.Sprintf("DNS server %s answers slowly: %s in the median", server, round(middle))
	}
	f.Explanation = fmt.Sprintf("%s by %s waited for %s, up to %s for one answer. The first transmission of each query was answered, so nothing was lost.",
		count(f.Count, "lookup", "lookups"), several(c.clients()), several(c.names()), round(c.slowest()))
	if h.lookup.Upstream == nil && !cluster {
		f.Explanation += " The capture can't show whether the server or its upstream is slow: the server's own queries are not in it."
	}
	for _, other := range []bool{cluster, !cluster} {
		p := all[kindOfName{server, other}]
		if p == nil {
			continue
		}
		if other == cluster {
			f.Because = append(f.Because, fmt.Sprintf("%d of %d answers for %s took more than %s", p.slow, p.answers(), what, round(limits.SlowAnswer)))
			continue
		}
		f.Because = append(f.Because, fmt.Sprintf("its answers for other names took a median of %s", round(p.median())))
	}
}

// took returns a duration in words; a negative one is an answer that never came.
func took(d int64) string {
	if d < 0 {
		return "longer than the capture shows"
	}
	return round(d)
}
