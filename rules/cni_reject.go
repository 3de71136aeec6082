package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var cniReject = Rule{
	ID: "cni-reject", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "pod traffic is refused on the way",
	Text: "An ICMP error reached the client: a policy rejects the traffic (prohibited, port unreachable), no route leads there " +
		"(network unreachable), or the last node finds nobody with that address (host unreachable: the pod is gone).",
	Needs:    "the ICMP error, addressed to the client; or a RST in a pod's name that a node made, as its TTL and its path show",
	Explains: []string{"cni-no-reply"},
	ToldFrom: []string{
		"svc-no-endpoints: there the node refuses a Service that it never translated",
		"app-refused: there the pod itself answers with RST",
		"cni-tunnel-rejected: there the error quotes the tunnel's packet and reaches only the node",
	},
	NextSteps: []string{
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # host unreachable: does anybody still have the address?",
		"ip neigh show {backend-ip} ; ip route get {backend-ip}   # on the node that sent the error: FAILED means nobody answers ARP",
		"kubectl get networkpolicy -A   # prohibited: which policies select the pod?",
		"iptables-save | grep -i reject ; nft list ruleset | grep -i reject   # on the node that sent the error",
	},
	Sources: []string{"RFC 792", "RFC 1812, section 5.2.7.1", "RFC 4443, section 3.1"},
	judge: func(r *Rule, s *scene) []Finding {
		var cs causes
		for _, x := range s.open(r, func(x *fact.Reach) bool {
			return x.Outcome == fact.Unreachable && x.Signs&fact.SignNoProtocol == 0 || x.Outcome == fact.Refused && x.Proto.Opens()
		}) {
			c := example(x, func(c *fact.Connection) bool {
				return c.KnownBy != fact.RejectedByNode && (reachesClient(c) != nil || s.resetByNode(c))
			})
			if c == nil || x.Outcome == fact.Refused && c.Reset != nil && (!s.resetByNode(c) || s.onceAmongMany(x)) {
				continue
			}
			how := "RST"
			if e := reachesClient(c); e != nil {
				how = fmt.Sprint(e.Type, e.Code)
			}
			cs.add(fmt.Sprint(x.Called.Addr(), x.Backend.Addr(), how), hit{x, c, placeOf(c)})
		}
		var list []Finding
		for _, c := range cs.list {
			f := c.finding(r)
			h := c.hits[0]
			to := f.Backend
			if !to.IsValid() {
				to = h.conn.Called
			}
			where := end(h.conn, to)
			e := reachesClient(h.conn)
			if e == nil {
				f.Title = fmt.Sprintf("%s is refused on the way to %s: a node sends RST in its name", f.Client, where)
				f.Explanation = fmt.Sprintf("%s to %s got a RST that the pod never sent: a firewall or NetworkPolicy of a node says no.",
					count(f.Count, "connection", "connections"), where)
				f.Because = []string{fmt.Sprintf("the RST of %s begins on a node: its TTL is %d, and no interface of a pod shows it coming in",
					h.conn.Reset.Src, h.conn.Reset.TTL)}
				list = append(list, f.fill())
				continue
			}
			f.Title = fmt.Sprintf("%s is refused on the way to %s: ICMP %s", f.Client, where, icmpName(e))
			f.Explanation = fmt.Sprintf("%s to %s got ICMP %s from %s.", count(f.Count, "connection", "connections"), where, icmpName(e), e.Src)
			switch {
			case icmpName(e) == "host unreachable":
				f.Explanation += " The last node found nobody with that address: the pod is gone."
			case e.Prohibited(), e.PortUnreachable():
				f.Explanation += " A firewall or NetworkPolicy says no."
			}
			f.Because = []string{fmt.Sprintf("ICMP %s, addressed to the client, quotes its packet to %s", icmpName(e), end(h.conn, e.QuotedDst))}
			if s.Role(to.Addr()) != fact.RolePod && !s.isPod(h.reach) {
				f.Severity = Warning // outside of the cluster
				if s.outside(h.reach) && !e.ByNode {
					f.Severity = Info
					f.Explanation += " Neither the address nor who refuses it is part of the cluster."
				}
			}
			list = append(list, f.fill())
		}
		return list
	},
}

// resetByNode reports whether a node answered a SYN to a pod with a RST in the pod's name, as REJECT --reject-with tcp-reset does.
func (s *scene) resetByNode(c *fact.Connection) bool {
	return c.Reset != nil && c.Reset.InHandshake && c.Reset.ByNode && s.callsPod(c) &&
		s.whole(c)
}

// onceAmongMany reports whether x is a single refusal of a client that the same backend otherwise lets in. Nothing but the missing sighting at
// the pod tells a node's RST from the pod's own, and a capture that drops frames misses one now and then; a rule of a firewall says no again.
func (s *scene) onceAmongMany(x *fact.Reach) bool {
	return x.Count <= 1 && index(s, newLetIn)[clientAndBackend{x.Client, x.Backend}]
}

// letIn has the clients that a backend lets in by the same way more than once.
type letIn map[clientAndBackend]bool

func newLetIn(s *scene) letIn {
	m := letIn{}
	for i := range s.Reach {
		if y := &s.Reach[i]; y.Outcome == fact.OK && y.Count > 1 {
			m[clientAndBackend{y.Client, y.Backend}] = true
		}
	}
	return m
}
