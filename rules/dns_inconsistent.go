package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsInconsistent = Rule{
	ID: "dns-inconsistent", Layer: LayerDNS, Severity: Info, Since: "0.1.0",
	Title: "a name has addresses of one type (A or AAAA) and does not exist for the other",
	Text: "For one type the server returned records, for the other NXDOMAIN: that the name does not exist at all. A name " +
		"without records of a type should be answered with NOERROR and no records. Resolvers that believe the NXDOMAIN, or cache " +
		"it for the whole name, then fail now and then.",
	Needs: "both answers, from one lookup, about the same name",
	ToldFrom: []string{
		"NODATA: a name without AAAA that is answered with NOERROR and no records is as it should be",
		"dns-nxdomain: there all types get NXDOMAIN",
	},
	NextSteps: []string{
		"dig @UPSTREAM -q {name} -t A ; dig @UPSTREAM -q {name} -t AAAA   # from CoreDNS's node: does the difference come from upstream?",
		"kubectl -n kube-system get configmap coredns -o yaml   # a template, rewrite or hosts plugin for one type only?",
	},
	Sources: []string{"RFC 2308, section 2", "RFC 8020", "coredns #1139", "coredns #1752"},
	judge: func(r *Rule, s *scene) []Finding {
		var cs dnsCauses
		for _, l := range s.openLookups(r, func(*fact.Lookup) bool { return true }) {
			c, q, p := contradicted(l)
			if q == nil {
				continue
			}
			cs.add(fmt.Sprint(l.Server, c.QName), dnsHit{lookup: l, place: byName(l), query: q})
			_ = p
		}
		var list []Finding
		for _, c := range cs.list {
			f := c.finding(r, s)
			h := c.hits[0]
			name, q, p := contradicted(h.lookup)
			f.Evidence = append(f.Evidence[:min(len(f.Evidence), maxEvidence-2)], dnsHit{lookup: h.lookup, query: p}.evidence()...)
			f.Title = fmt.Sprintf("%s says that %s has %s records and does not exist for %s", f.Server, clip(name.QName), p.Type, q.Type)
			f.Explanation = fmt.Sprintf("In %s %s was answered with %s for %s and with NXDOMAIN for %s. NXDOMAIN is about the name, not "+
				"about a type: one of the answers is wrong.", count(f.Count, "lookup", "lookups"), clip(name.QName),
				count(uint64(p.Answers), "record", "records"), p.Type, q.Type)
			f.Because = []string{fmt.Sprintf("%s NOERROR, %s NXDOMAIN", p.Type, q.Type)}
			if a, b := podOf(q), podOf(p); a != b {
				f.Because = append(f.Because, fmt.Sprintf("the answers come from two backends, %s and %s, which do not know the same", a, b))
			}
			list = append(list, f.fill())
		}
		return list
	},
}

// contradicted returns a candidate with records for one type and NXDOMAIN for another: the candidate, the query that got
// NXDOMAIN and the one that got records.
func contradicted(l *fact.Lookup) (*fact.Candidate, *fact.Query, *fact.Query) {
	for i := range l.Candidates {
		c := &l.Candidates[i]
		var gone, found *fact.Query
		for k := range c.Queries {
			switch q := &c.Queries[k]; {
			case q.Rcode == "NXDOMAIN":
				gone = q
			case q.Rcode == "NOERROR" && q.Answers > 0 && !q.NoData:
				found = q
			}
		}
		if gone != nil && found != nil && gone.Type != found.Type {
			return c, gone, found
		}
	}
	return nil, nil, nil
}
