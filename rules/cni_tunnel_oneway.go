package rules

import (
	"fmt"
	"math"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var cniTunnelOneway = Rule{
	ID: "cni-tunnel-oneway", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "a tunnel between two nodes carries packets one way only",
	Text: "Encapsulated packets go to a node and nobody acts upon them, or they arrive there and are never unwrapped: a firewall " +
		"(host firewall, security group) lets the tunnel's port or protocol through in one direction at most. All pods behind " +
		"it are unreachable from here, from the beginning or from some moment on.",
	Needs: "tunnel packets none of which is answered or acknowledged on any way, for more than one pod or in more than one call, while the " +
		"peer shows life otherwise; or that arrive on its uplink and never show on its tunnel device",
	Explains: []string{"cni-no-reply", "tcp-loss", "ct-stale-blackhole", "svc-no-dnat", "dns-no-response", "dns-intermittent-timeout"},
	ToldFrom: []string{
		"cni-no-reply: there other pods behind the same tunnel answer, or the packets are seen outside of the tunnel on the pod's node",
		"direct server return: there the answers take another path, and the client goes on",
		"cni-tunnel-rejected: there an ICMP error says so",
		"a node that is down: there it does not even answer ARP",
	},
	NextSteps: []string{
		"tcpdump -ni any host {node1} and host {node2} and not tcp   # on {node2}: do the tunnel packets arrive?",
		"iptables-save | grep -e DROP -e REJECT ; nft list ruleset | grep -i drop   # on {node2}; tcpdump sees packets before the firewall drops them",
		"open between all nodes: VXLAN UDP 4789 (flannel 8472), Geneve UDP 6081, IP-in-IP protocol 4, WireGuard UDP 51820",
		"ip -d link ; bridge fdb show | grep {node2}   # on {node1}: is the tunnel device there, on the port the peer listens on?",
	},
	Sources: []string{
		"RFC 7348", "RFC 8926", "Linux net/core/dev.c, __netif_receive_skb_core: captures see a packet before netfilter and before a tunnel's receive function",
		"https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/#direct-server-return-dsr",
	},
	judge: judgeTunnelOneway,
}

func judgeTunnelOneway(r *Rule, s *scene) []Finding {
	var list []Finding
	for i := range s.Tunnels {
		t := &s.Tunnels[i]
		b := s.blockage(r, t)
		if b == nil {
			continue
		}
		f := tunnelFinding(r, &b.cause, t)
		f.Title = fmt.Sprintf("the %s tunnel from %s to %s is blocked", t.Kind, t.Src, t.Dst)
		hang := count(f.Count, "connection", "connections")
		if b.since > 0 {
			f.Because = append(f.Because, fmt.Sprintf("the tunnel worked before: until %s after its first packet its packets were acted upon", round(b.since-t.FirstSent)))
		}
		if b.arrived {
			f = f.without("tcpdump")
			f.Explanation = fmt.Sprintf("Tunnel packets from %s arrive on the uplink of %s and are never seen on its tunnel device: its firewall "+
				"drops them, or its kernel refuses them (a wrong checksum, a VNI that is not its own). %s through it hang.", t.Src, t.Dst, hang)
			f.Because = append(f.Because, fmt.Sprintf("%s, not one of which was unwrapped", count(b.packets, "packet arrived", "packets arrived")))
			list = append(list, f.fill())
			continue
		}
		f.Certainty = Inferred
		f.Explanation = fmt.Sprintf("%s went from %s into the tunnel to %s, and nothing that comes back answers one of them. %s through it hang.",
			count(b.packets, "packet", "packets"), t.Src, t.Dst, hang)
		if len(b.far) == 1 {
			f.Certainty = Possible
			f.Explanation += fmt.Sprintf(" All were for %s, which may be what is silent: a capture of %s would tell.", b.far[0], t.Dst)
		}
		f.Because = append(f.Because,
			fmt.Sprintf("%d tunnel packets one way, %d the other", t.Sent, t.Returned),
			fmt.Sprintf("%s shows life otherwise", t.Dst))
		list = append(list, f.fill())
	}
	return list
}

// blockage is what speaks for a tunnel that delivers nothing.
type blockage struct {
	cause
	// since is when it last delivered something, 0 for never.
	since int64
	// arrived says that packets came in at the far end, and not one came out of the tunnel there.
	arrived bool
	packets uint64
	// far are the addresses behind the tunnel that were called, near those which called them.
	far, near   []netip.Addr
	first, last int64
}

// blockage returns what speaks for t delivering nothing, from some moment on or at all; nil where too little does. What a single address
// behind the tunnel does not answer may be its own fault, or a policy's: where the tunnel worked before, more than one has to be silent.
func (s *scene) blockage(r *Rule, t *fact.Tunnel) *blockage {
	b := &blockage{cause: cause{key: t.Src.String() + t.Dst.String()}, first: math.MaxInt64}
	b.since = s.deliveredUntil(t)
	all, asymmetric := s.passengers(t), false
	for i := range all {
		asymmetric = asymmetric || all[i].reach.Signs&fact.SignAsymmetric != 0
	}
	b.arrived = s.allWhole() && slices.ContainsFunc(all, func(p passenger) bool { return p.unopened() && p.reach.First > b.since })
	done := s.explained[r.ID]
	calls := uint64(0)
	for i := range all {
		p := &all[i]
		x := p.reach
		if x.First <= b.since || done[x] || !p.unanswered() || b.arrived && !p.unopened() || !b.arrived && !p.awaited() {
			continue
		}
		b.hits = append(b.hits, hit{x, p.conn, placeOf(p.conn)})
		if x.Outcome != fact.Hang {
			continue // its answer may be on its way
		}
		b.packets += p.sent()
		b.first, b.last = min(b.first, x.First), max(b.last, x.Last)
		b.far, b.near = among(b.far, p.far()), among(b.near, p.near())
		if x.Proto.Opens() {
			calls += x.Count
		}
	}
	switch {
	case b.packets < s.limits.TunnelPackets:
		return nil
	case b.arrived:
		if b.since > 0 && len(b.near) < 2 {
			return nil
		}
	case asymmetric, b.last-b.first < s.limits.TunnelSilence, s.lastSeen(t.Dst) == 0, s.lastSeen(t.Dst) < b.first-30e9,
		len(b.far) < 2 && (b.since > 0 || calls < 2):
		return nil
	}
	for i := range all { // what was going on when it began
		p := &all[i]
		if x := p.reach; !done[x] && x.Outcome == fact.Hang && x.Phase == fact.PhaseEstablished && x.Last > b.since && x.Signs&fact.SignStall != 0 {
			b.hits = append(b.hits, hit{x, p.conn, placeOf(p.conn)})
		}
	}
	return b
}

// among returns list with a, which is in it once. Whether there are several is all that is asked of it: more than two are left out.
func among(list []netip.Addr, a netip.Addr) []netip.Addr {
	if len(list) == 2 || slices.Contains(list, a) {
		return list
	}
	return append(list, a)
}

// allWhole reports whether no capture looks filtered, so that packets which are not there were not there.
func (s *scene) allWhole() bool {
	for i := range s.Captures {
		if c := &s.Captures[i]; c.Frames > 0 && !c.Whole() {
			return false
		}
	}
	return true
}
