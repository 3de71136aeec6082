package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var cniPTBLost = Rule{
	ID: "cni-ptb-lost", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "a pod is never told that its packets are too big: the ICMP error ends on its node",
	Text: "A router dropped a packet that was too big for its next hop and said so (ICMP fragmentation-needed, ICMPv6 packet-too-big). The error came in to " +
		"the node of the pod that had sent the packet, and never went out to the pod, which keeps sending packets of that size. Usual causes: a " +
		"firewall or a policy on the node drops ICMP, its conntrack does not know the packet that the error quotes and does not translate it back, " +
		"or the quoted packet is a tunnel's and the node does not tell the pod inside.",
	Needs: "the ICMP error that comes in, the pod's own packets on the same node, and a packet longer than the error allows sent three times or more, also " +
		"after the error, and never acknowledged",
	Explains: []string{"cni-df-drop", "cni-mtu-blackhole", "cni-mtu-overrun", "cni-mss-too-big", "ct-stale-blackhole", "tcp-loss"},
	ToldFrom: []string{
		"cni-df-drop: there the error reaches the pod, which makes its packets smaller",
		"cni-mtu-blackhole: there no error comes at all",
	},
	NextSteps: []string{
		"iptables-save | grep -i -e icmp -e INVALID ; nft list ruleset | grep -i -e icmp -e invalid   # on the pod's node: what drops ICMP errors?",
		"kubectl get networkpolicy -A -o wide   # does a policy admit TCP alone to {client}? ICMP errors belong to the connection",
		"conntrack -L | grep -wF {client}   # on that node: does it know the connection that the error quotes?",
		"ip route get {backend-ip} ; ip route show cache   # on that node: `mtu` shows what it learned itself",
		"allow ICMP type 3 code 4 (IPv6: type 2) to pods, or set the pods' MTU to what the path carries, or clamp: " +
			"iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu",
	},
	Sources: []string{
		"RFC 1191", "RFC 8201", "RFC 4890, section 4.3.1", "RFC 2923, section 2.1", "linux net/netfilter/nf_conntrack_proto_icmp.c (nf_conntrack_inet_error)",
		"linux net/ipv4/ip_tunnel.c (tnl_update_pmtu)",
	},
	judge: judgePTBLost,
}

func judgePTBLost(r *Rule, s *scene) []Finding {
	var cs causes
	errors := map[*fact.Connection]*fact.ICMPError{}
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Proto == fact.TCP && x.Signs&fact.SignStall != 0 }) {
		var e *fact.ICMPError
		c := example(x, func(c *fact.Connection) bool {
			if e = c.Untold(); e == nil {
				e = s.untoldOfTunnel(c)
			}
			return e != nil && s.whole(c)
		})
		if c == nil {
			continue
		}
		errors[c] = e
		from, _ := senderOf(c, e.Flow)
		cs.add(fmt.Sprint(from, e.MTU, e.Tunnel), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		e := errors[h.conn]
		sender, receiver := senderOf(h.conn, e.Flow)
		stall := h.conn.Flow[e.Flow].Stall
		name := "fragmentation-needed"
		if e.V6 {
			name = "packet-too-big"
		}
		f.Certainty = Inferred
		f.Nodes = tunnelEnds(h.conn)
		f.Title = fmt.Sprintf("%s is never told that its packets to %s are too big: MTU %d", sender, receiver, e.MTU)
		f.Explanation = fmt.Sprintf("%s told %s (%s, MTU %d), but nothing tells the pod %s, whose packets are seen in the same capture. It keeps sending "+
			"packets of %d bytes, the same one %d times: %s.", e.Src, e.Dst, name, e.MTU, sender, stall.IPLen, stall.Sends,
			count(f.Count, "connection hangs", "connections hang"))
		f.Because = []string{
			fmt.Sprintf("ICMP %s from %s to %s quotes a packet of %d bytes and gives MTU %d; it comes in and does not go out to the pod", name, e.Src, e.Dst, e.QuotedLen, e.MTU),
			fmt.Sprintf("sequence number %d was sent %d times with %d bytes, the last time %s after the error", stall.Seq, stall.Sends, stall.IPLen, round(stall.Last-e.Time)),
		}
		if e.Tunnel {
			over, kind := overhead(h.conn)
			f.Explanation += fmt.Sprintf(" The error is about a %s tunnel packet with %d bytes of added headers, and went to the node, which has to tell the pod itself.", kind, over)
		}
		if a := e.QuotedSrc.Addr(); !e.Tunnel && a.IsValid() && a != sender {
			f.Explanation += fmt.Sprintf(" The error quotes the packet as %s sent it: only conntrack knows that it was the pod's.", a)
		}
		f.Evidence = append([]Evidence{{Ref: e.Ref, Note: fmt.Sprintf("ICMP %s, MTU %d", name, e.MTU)}}, f.Evidence...)
		f.Evidence = f.Evidence[:min(len(f.Evidence), maxEvidence)]
		list = append(list, f.fill())
	}
	return list
}

// untoldOfTunnel returns the ICMP error about a tunnel's packets that came to the node of a connection's sender, while the sender goes on with
// packets too long for it; nil without one. Where the error quotes too little of them to tell whose they were, the tunnel alone has it.
func (s *scene) untoldOfTunnel(c *fact.Connection) *fact.ICMPError {
	ends := tunnelEnds(c)
	if ends == nil || tooBig(c) != nil {
		return nil
	}
	for _, t := range index(s, newFaultyTunnels)[pairOf(ends[0], ends[1])] {
		for d := range c.Flow {
			from := [2]netip.Addr{ends[0], ends[1]}[d]
			if t.Src != from || t.Dst != ends[1-d] {
				continue
			}
			for k := range t.Errors {
				e := t.Errors[k]
				if e.Flow = fact.Direction(d); e.TooBig() && c.TooLong(e.Flow, &e) && c.At(e.Flow, e.In) {
					return &e
				}
			}
		}
	}
	return nil
}

// faultyTunnels has the tunnels between two nodes about whose packets ICMP errors came: some, if there is one for each of the ports that there are.
type faultyTunnels map[[2]netip.Addr][]*fact.Tunnel

func newFaultyTunnels(s *scene) faultyTunnels {
	const enough = 16
	m := faultyTunnels{}
	for i := range s.Tunnels {
		t := &s.Tunnels[i]
		if pair := pairOf(t.Src, t.Dst); len(t.Errors) > 0 && len(m[pair]) < enough {
			m[pair] = append(m[pair], t)
		}
	}
	return m
}
