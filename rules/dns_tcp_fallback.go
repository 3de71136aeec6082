package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsTCPFallback = Rule{
	ID: "dns-tcp-fallback", Layer: LayerDNS, Severity: Info, Since: "0.1.0",
	Title: "answers do not fit into a datagram and are fetched again over TCP",
	Text: "The server cut the answer to the size that the client takes over UDP (512 bytes without EDNS) and set the TC bit; the " +
		"resolver asked again over TCP. That works, and costs a connection for each query. A headless Service with dozens of " +
		"endpoints does it. Where TCP port 53 is blocked such names fail, or come back incomplete.",
	Needs: "the truncated answer and the query over TCP",
	ToldFrom: []string{
		"a program that asks over TCP from the beginning: there no truncated answer comes first",
		"dns-intermittent-timeout: there the second query follows a timeout",
	},
	NextSteps: []string{
		"kubectl get endpointslices -n NAMESPACE -l kubernetes.io/service-name=NAME -o wide   # has the headless Service behind {name} more endpoints than its clients need?",
		"add the option edns0 by the pod template's dnsConfig.options: answers of up to 1200 bytes then fit (glibc)",
		"use a Service with a ClusterIP where the client needs one address only",
		"kubectl get networkpolicy -A   # is TCP port 53 allowed wherever UDP port 53 is?",
	},
	Sources: []string{"RFC 1035, section 4.2.1", "RFC 7766, section 5", "RFC 6891, section 6.2.3", "glibc resolv/res_send.c"},
	judge: func(r *Rule, s *scene) []Finding {
		var cs dnsCauses
		for _, l := range s.openLookups(r, func(l *fact.Lookup) bool { return l.TCP && truncated(l) != nil }) {
			cs.add(l.Server.String(), dnsHit{lookup: l, place: byName(l), query: truncated(l)})
		}
		var list []Finding
		for _, c := range cs.list {
			f := c.finding(r, s)
			h := c.hits[0]
			over := overTCP(h.lookup)
			if over != nil {
				more := dnsHit{lookup: h.lookup, query: over}.evidence()
				f.Evidence = append(f.Evidence[:min(len(f.Evidence), maxEvidence-len(more))], more...)
			}
			size := "512 bytes at most, having announced no more (EDNS)"
			if h.query.EDNS > 0 {
				size = fmt.Sprintf("%d bytes at most", h.query.EDNS)
			}
			f.Title = fmt.Sprintf("the answer for %s does not fit into a datagram and is asked for again over TCP", several(c.names()))
			f.Explanation = fmt.Sprintf("%s for %s got a truncated answer over UDP, of which the client takes %s, and went on over TCP.",
				count(f.Count, "lookup", "lookups"), several(c.names()), size)
			if n := max(answers(over), len(h.lookup.Answer)); n > 0 {
				f.Explanation += fmt.Sprintf(" The whole answer has %s.", count(uint64(n), "record", "records"))
			}
			f.Explanation += fmt.Sprintf(" The first of these lookups took %s and %s.", count(uint64(h.lookup.Messages), "query message", "query messages"), round(h.lookup.Duration))
			f.Because = []string{"the answer over UDP has the TC bit set", "the same question follows over TCP"}
			list = append(list, f.fill())
		}
		return list
	},
}
