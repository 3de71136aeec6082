package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var cniDFDrop = Rule{
	ID: "cni-df-drop", Layer: LayerCNI, Severity: Warning, Since: "0.1.0",
	Title: "packets too big for the path were dropped, and the sender was told",
	Text: "A packet with Don't Fragment was larger than the next hop's MTU. The node or router that dropped it said so (ICMP " +
		"fragmentation-needed, ICMPv6 packet-too-big), and path MTU discovery makes the sender shrink its packets. Each new " +
		"peer costs a round of lost packets; and where the ICMP is dropped one day, this becomes a black hole. Pods should " +
		"have the MTU that the path carries.",
	Needs:    "the ICMP error, quoting the packet",
	Explains: []string{"tcp-loss", "cni-mtu-blackhole", "cni-mtu-overrun", "cni-mss-too-big"},
	ToldFrom: []string{
		"cni-mtu-blackhole: there no ICMP error is seen, and nothing recovers",
		"cni-mtu-overrun: there the outer packets are fragmented instead of dropped",
	},
	NextSteps: []string{
		"ip -d link | grep -e mtu -e vxlan -e geneve -e ipip   # on both nodes: pods' MTU must be the underlay's less the overhead",
		"kubectl exec -n NAMESPACE POD -- ip link show eth0   # the MTU that the pod was made with",
		debugPod + "ip link show eth0   # the same where the image has no ip (distroless)",
		"ip route get {client} ; ip route get {backend-ip}   # on the node: `mtu` shows what was learned",
		"set the CNI's MTU (flannel: net-conf.json Backend.MTU; Calico: veth_mtu) and restart the pods, which keep the MTU they were made with",
	},
	Sources: []string{"RFC 1191", "RFC 8201"},
	judge:   judgeDFDrop,
}

func judgeDFDrop(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return true }) {
		c := example(x, func(c *fact.Connection) bool { return tooBig(c) != nil })
		if c == nil {
			continue
		}
		e := tooBig(c)
		from, to := senderNode(c, e.Flow)
		cs.add(fmt.Sprint(from, to, e.MTU), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		e := tooBig(h.conn)
		sender, receiver := senderOf(h.conn, e.Flow)
		f.Nodes = tunnelEnds(h.conn)
		name := "fragmentation-needed"
		if e.V6 {
			name = "packet-too-big"
		}
		f.Title = fmt.Sprintf("packets from %s to %s are too big for the path: MTU %d", sender, receiver, e.MTU)
		f.Explanation = fmt.Sprintf("%s to %s was told %s (next hop's MTU %d) by %s.", sender, receiver, name, e.MTU, e.Src)
		if over, kind := overhead(h.conn); over > 0 {
			f.Explanation += fmt.Sprintf(" The path goes through %s, which adds %d bytes.", kind, over)
		}
		hung := uint64(0)
		for _, h := range c.hits {
			if h.reach.Outcome == fact.Hang {
				hung += h.reach.Count
			}
		}
		if hung > 0 {
			f.Severity = Critical
			f.Explanation += fmt.Sprintf(" %s hang all the same.", count(hung, "connection", "connections"))
		} else {
			f.Explanation += " The sender shrank its packets, and the exchange went on."
		}
		if s.Role(receiver) != fact.RolePod && s.Role(sender) == fact.RolePod && hung == 0 && len(f.Nodes) == 0 {
			f.Severity = Info // path MTU discovery toward the outside is ordinary life
		}
		f.Because = []string{fmt.Sprintf("ICMP %s from %s quotes a packet of %d bytes and says MTU %d", name, e.Src, e.QuotedLen, e.MTU)}
		list = append(list, f.fill())
	}
	return list
}
