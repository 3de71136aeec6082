package rules

import (
	"fmt"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var cniTunnelRejected = Rule{
	ID: "cni-tunnel-rejected", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "a node refuses another's tunnel packets",
	Text: "A node answered encapsulated packets with an ICMP error: its firewall rejects the tunnel (prohibited), or nothing " +
		"listens on the tunnel's port there (port unreachable: another port, or no tunnel device). The error goes to the " +
		"sending node only; the pods' connections just hang.",
	Needs:    "an ICMP unreachable or prohibited that quotes an encapsulated packet",
	Explains: []string{"cni-tunnel-oneway", "cni-no-reply", "cni-reject", "tcp-loss", "dns-no-response", "dns-intermittent-timeout"},
	ToldFrom: []string{
		"cni-reject: there the ICMP error quotes the pod's own packet and reaches the pod",
		"cni-tunnel-oneway: there no error comes back",
		"a momentary error, as while a node starts: there the tunnel's packets are answered afterwards",
	},
	NextSteps: []string{
		"iptables-save | grep -i reject ; nft list ruleset | grep -i reject   # on {node2}",
		"ss -lun | grep -e 8472 -e 4789 -e 6081 ; ip -d link   # on {node2}: which port does its tunnel device listen on?",
		"open the tunnel's port between all nodes: VXLAN UDP 4789 (flannel 8472), Geneve UDP 6081, IP-in-IP protocol 4",
	},
	Sources: []string{"RFC 1812, section 5.2.7.1", "RFC 792"},
	judge: func(r *Rule, s *scene) []Finding {
		var list []Finding
		for i := range s.Tunnels {
			t := &s.Tunnels[i]
			for k := range t.Errors {
				e := &t.Errors[k]
				if !e.Unreachable() {
					continue
				}
				c, until := s.carriedBy(r, t), s.deliveredUntil(t)
				if until > e.Time {
					c.hits = slices.DeleteFunc(c.hits, func(h hit) bool { return h.reach.First > e.Last || h.reach.Last < e.Time })
				}
				hangs := slices.ContainsFunc(c.hits, func(h hit) bool { return h.reach.Outcome == fact.Hang })
				if !hangs && (until > e.Time || e.Count < 3) {
					break // an error of a moment, and nobody waits in vain
				}
				f := tunnelFinding(r, c, t)
				f.Title = fmt.Sprintf("%s refuses the %s packets of %s (%s)", e.Src, t.Kind, t.Src, icmpName(e))
				f.Explanation = fmt.Sprintf("%s answers tunnel packets of %s with ICMP %s. The pods behind it never hear of it: "+
					"their connections hang.", e.Src, t.Src, icmpName(e))
				f.Because = []string{fmt.Sprintf("ICMP %s from %s quotes a %s packet from %s to %s", icmpName(e), e.Src, t.Kind, t.Src, t.Dst)}
				if until > e.Time {
					f.Severity = Warning
					f.Title = fmt.Sprintf("%s refuses some %s packets of %s (%s)", e.Src, t.Kind, t.Src, icmpName(e))
					f.Explanation = fmt.Sprintf("%s answers tunnel packets of %s with ICMP %s at times, and others pass. The pods behind it "+
						"never hear of it: what they sent is lost.", e.Src, t.Src, icmpName(e))
					f.Because = append(f.Because, "packets of the same tunnel are answered after the first of these errors")
				}
				f.Evidence = append([]Evidence{{Ref: e.Ref, Note: "ICMP " + icmpName(e) + " about a tunnel packet"}}, f.Evidence...)
				f.Evidence = f.Evidence[:min(len(f.Evidence), maxEvidence)]
				if len(f.Affected) == 0 {
					f.Count = uint64(e.Count)
				}
				list = append(list, f.fill())
				break
			}
		}
		return list
	},
}
