package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var cniRoutingLoop = Rule{
	ID: "cni-routing-loop", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "packets go in circles between nodes",
	Text: "The same packet comes by again and again with a falling TTL until that runs out: two nodes (or a node and a router) " +
		"each believe that the other one has the destination. Often it is in the pod network of a removed node.",
	Needs:    "the same packet on the same interface with falling TTL, or ICMP time-exceeded about it",
	Explains: []string{"cni-no-reply", "tcp-loss", "cni-reject", "svc-no-dnat", "cni-tunnel-oneway"},
	ToldFrom: []string{
		"tcp-loss: there the same data comes with a new IP id and an untouched TTL",
		"flooding by a bridge: there the same packet shows on several interfaces with the same TTL",
		"traceroute: there TTLs are small from the beginning",
	},
	NextSteps: []string{
		"ip route get {backend-ip}   # on each node of the circle: where does it send the packet?",
		"kubectl get nodes -o 'custom-columns=NAME:.metadata.name,CIDR:.spec.podCIDR,IP:.status.addresses[0].address'   # who owns {backend-ip}?",
		"ip route ; bridge fdb show   # on each node: a route of a node that was removed?",
	},
	Sources: []string{"RFC 1812, section 5.3.1"},
	judge: func(r *Rule, s *scene) []Finding {
		var cs causes
		for _, x := range s.open(r, func(x *fact.Reach) bool { return true }) {
			c := example(x, func(c *fact.Connection) bool { return c.Loops >= 2 })
			if c != nil {
				cs.add(c.Backend.Addr().String(), hit{x, c, placeOf(c)})
			}
		}
		var list []Finding
		for _, c := range cs.list {
			f := c.finding(r)
			h := c.hits[0]
			f.Nodes = tunnelEnds(h.conn)
			dst := f.Backend
			if !dst.IsValid() {
				dst = h.conn.Called
			}
			to := end(h.conn, dst)
			f.Title = fmt.Sprintf("packets to %s go in circles", to)
			f.Explanation = fmt.Sprintf("A packet from %s to %s came by %d times more, each time with a lower TTL.", f.Client, to, h.conn.Loops)
			if len(f.Nodes) == 2 {
				f.Explanation += fmt.Sprintf(" It circles between %s and %s: each routes it to the other.", f.Nodes[0], f.Nodes[1])
			}
			f.Because = []string{"same IP id, same direction on the same interface, lower TTL each time"}
			for i := range h.conn.Errors {
				if e := &h.conn.Errors[i]; e.TimeExceeded() {
					f.Because = append(f.Because, fmt.Sprintf("%s said time exceeded about it, to %s", e.Src, e.Dst))
				}
			}
			list = append(list, f.fill())
		}
		return list
	},
}
