package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsSearchExpansion = Rule{
	ID: "dns-search-expansion", Layer: LayerDNS, Severity: Info, Since: "0.1.0",
	Title: "lookups go through the search list before the name is found",
	Text: "A name with fewer dots than the resolver's ndots option is first tried with each domain of the search list appended. " +
		"Kubernetes sets ndots:5, so a name outside the cluster costs three pairs of queries for names that do not " +
		"exist before the name itself is tried; so does a Service's full name, which has four dots. In a healthy cluster that is " +
		"wasteful but harmless. It becomes a fault where those queries are slow or lost.",
	Needs: "a pass through the search list: the candidates answered with NXDOMAIN, and the final answer",
	ToldFrom: []string{
		"dns-nxdomain: there the search ends without an answer",
		"dns-slow: there the answer itself takes long, whatever was asked before",
		"a name that the first candidate finds, or one with a trailing dot: there nothing is wasted",
		"a name tried as it is first, and with the search list after: there ndots is not the reason",
	},
	NextSteps: []string{
		"kubectl get pods -A -o wide --field-selector status.podIP={client}   # whose lookups are these?",
		"kubectl exec -n {client-pod} -- cat /etc/resolv.conf   # the search list and ndots",
		debugClient + "cat /etc/resolv.conf   # the same where the image has no cat (distroless)",
		"write the name in full and with a trailing dot in the application's configuration: {name}.",
		"set the option ndots to 2 in the pod template's dnsConfig.options: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config",
	},
	Sources: []string{
		"resolv.conf(5), ndots and search", "glibc resolv/res_query.c __res_context_search",
		"kubernetes pkg/kubelet/network/dns/dns.go (ndots:5)", "kubernetes #33554", "RFC 1536, section 6",
	},
	judge: judgeSearchExpansion,
}

const (
	// busyQueries is the number of queries for which a server must have been busy; below, it was busy for a moment only.
	busyQueries = 10000
	// longUpstream is a wait for the server's own server that is worth telling.
	longUpstream = 50e6
)

func judgeSearchExpansion(r *Rule, s *scene) []Finding {
	var cs dnsCauses
	for _, l := range s.openLookups(r, expanded) {
		cs.add(l.Server.String(), dnsHit{lookup: l, place: byName(l)})
	}
	for i := range s.Plain {
		if p := &s.Plain[i]; p.Expanded {
			cs.addPlain(p.Server.String(), p)
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r, s)
		w := wasteOf(c)
		middle := w.median()
		var hurts []string
		if middle > s.limits.CostlySearch {
			hurts = append(hurts, fmt.Sprintf("it cost a median of %s per lookup", round(middle)))
		}
		if w.timeouts > 0 {
			hurts = append(hurts, fmt.Sprintf("%s waited for a timeout on a name that does not exist", count(uint64(w.timeouts), "lookup", "lookups")))
		}
		if busy := s.mostlyWaste(f); busy != "" {
			hurts = append(hurts, busy)
		}
		if len(hurts) > 0 {
			f.Severity = Warning
		}
		names := c.names()
		waste := fmt.Sprintf("%d of %d queries asked for names that do not exist", w.wasted, w.queries)
		if len(names) == 1 {
			f.Title = fmt.Sprintf("lookups of %s go through the search list first: %s", names[0], waste)
		} else {
			f.Title = fmt.Sprintf("lookups of %d names go through the search list first: %s", len(names), waste)
		}
		if middle > s.limits.CostlySearch {
			f.Title += fmt.Sprintf(", %s per lookup", round(middle))
		}
		f.Explanation = searchText(c.worst()) + s.savings()
		f.Because = append([]string{fmt.Sprintf("%s of %s: %s answered with NXDOMAIN before the final answer", count(f.Count, "lookup", "lookups"),
			several(names), count(uint64(w.wasted), "query", "queries"))}, hurts...)
		list = append(list, f.fill())
	}
	return list
}

// waste sums up searches.
type waste struct {
	queries, wasted, timeouts int
	times                     []wastedTime
}

// wastedTime is how long each of so many lookups wasted.
type wastedTime struct {
	took int64
	n    uint64
}

// median returns the median of the times, which it sorts.
func (w *waste) median() int64 {
	slices.SortFunc(w.times, func(a, b wastedTime) int { return cmp.Compare(a.took, b.took) })
	half := uint64(0)
	for _, t := range w.times {
		half += t.n
	}
	half /= 2
	for _, t := range w.times {
		if half < t.n {
			return t.took
		}
		half -= t.n
	}
	return 0
}

func wasteOf(c *dnsCause) (w waste) {
	for _, h := range c.hits {
		l := h.lookup
		w.queries += l.Queries
		w.wasted += l.Wasted
		w.times = append(w.times, wastedTime{l.WastedTime, 1})
		if timeoutInSearch(l) {
			w.timeouts++
		}
	}
	for _, p := range c.plain {
		w.queries += int(p.Queries)
		w.wasted += int(p.Wasted)
		w.times = append(w.times, wastedTime{p.WastedTime / int64(p.Count), p.Count})
	}
	return w
}

// timeoutInSearch reports whether a query for a candidate that was of no use was lost.
func timeoutInSearch(l *fact.Lookup) bool {
	found := false
	queries(l, func(c *fact.Candidate, q *fact.Query) bool {
		found = (c.Rcode == "NXDOMAIN" || c.Rcode == "") && (late(l, q) || unanswered(q) && l.Timeout > 0)
		return !found
	})
	return found
}

// worst returns the lookup whose search cost most.
func (c *dnsCause) worst() *fact.Lookup {
	worst := c.hits[0].lookup
	for _, h := range c.hits {
		if h.lookup.WastedTime > worst.WastedTime {
			worst = h.lookup
		}
	}
	return worst
}

// searchText describes one search through the list.
func searchText(l *fact.Lookup) string {
	who := l.Resolver
	switch who {
	case "", "other":
		who = "the resolver"
	case "go":
		who = "Go's resolver"
	}
	var names []string
	for i := range l.Candidates {
		if c := &l.Candidates[i]; c.Rcode == "NXDOMAIN" {
			names = append(names, clip(c.QName))
		}
	}
	least := ""
	if l.NdotsMin > 0 {
		least = fmt.Sprintf(" (at least %d here)", l.NdotsMin)
	}
	text := fmt.Sprintf("%s has %s, fewer than ndots%s, so %s asked for %s first: %s answered with NXDOMAIN", clip(l.Name),
		count(uint64(dots(l.Name)), "dot", "dots"), least, who, several(names), count(uint64(l.Wasted), "query", "queries"))
	if l.WastedTime > 0 && !l.Headless {
		text += fmt.Sprintf(", %s of the %s that the lookup took", round(l.WastedTime), round(l.Duration))
	}
	text += "."
	if u := l.Upstream; u != nil && l.WastedTime > 0 && 2*u.Duration*int64(max(len(names), 1)) >= l.WastedTime && u.Duration >= longUpstream {
		text += fmt.Sprintf(" The server itself waited for its upstream %s, up to %s for one name.", u.Server, round(u.Duration))
	}
	return text
}

// savings describes the waste of all lookups of the capture, and the means to avoid it.
func (s *scene) savings() string {
	c := &s.DNS.Costs
	if c.Queries == 0 || c.Wasted == 0 {
		return ""
	}
	text := fmt.Sprintf(" In the whole capture %d of %d queries (%.0f%%) were wasted", c.Wasted, c.Queries, 100*float64(c.Wasted)/float64(c.Queries))
	if c.Needed > 0 {
		text += fmt.Sprintf(", %.1f times as many as needed", float64(c.Queries)/float64(c.Needed))
	}
	var ways []string
	way := func(what string, v fact.DNSSaving) {
		if v.Queries <= 0 {
			return
		}
		saved := what + " " + count(uint64(v.Queries), "query", "queries")
		if v.Time > 0 {
			saved += " and " + round(v.Time)
		}
		ways = append(ways, saved)
	}
	way("`ndots:2` would have saved", c.Ndots[2])
	if c.Ndots[1].Queries > c.Ndots[2].Queries {
		way("`ndots:1` would have saved", c.Ndots[1])
	}
	way("full names with a trailing dot would have saved", c.FullName)
	if len(ways) == 0 {
		return text + "."
	}
	return text + ": " + strings.Join(ways, ", ") + "."
}

// mostlyWaste says that most queries to a busy server are of no use; "" if they are not.
func (s *scene) mostlyWaste(f Finding) string {
	queries, wasted, first, last := 0, 0, int64(0), int64(0)
	for _, l := range s.lookupsAt(f.Server) {
		queries += l.Queries
		wasted += l.Wasted
		if first == 0 || l.Start < first {
			first = l.Start
		}
		last = max(last, l.Start+l.Duration)
	}
	for _, p := range s.plainAt(f.Server) {
		queries += int(p.Queries)
		wasted += int(p.Wasted)
		if first == 0 || p.First < first {
			first = p.First
		}
		last = max(last, p.Last)
	}
	if queries < busyQueries || 2*wasted <= queries || last <= first {
		return ""
	}
	rate := float64(queries) / (float64(last-first) / 1e9)
	if rate < float64(s.limits.BusyServer) {
		return ""
	}
	return fmt.Sprintf("%s gets %.0f queries a second, %.0f%% of them for names that do not exist", f.Server, rate, 100*float64(wasted)/float64(queries))
}
