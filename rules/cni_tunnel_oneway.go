package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var cniTunnelOneway = Rule{
	ID: "cni-tunnel-oneway", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "a tunnel between two nodes carries packets one way only",
	Text: "Encapsulated packets go to a node and none come back, or they arrive there and are never unwrapped: a firewall " +
		"(host firewall, security group) lets the tunnel's port or protocol through in one direction at most. All pods behind " +
		"it are unreachable from here.",
	Needs: "tunnel packets that are not answered by tunnel packets while the peer shows life otherwise; or that arrive on its " +
		"uplink and never show on its tunnel device",
	Explains: []string{"cni-no-reply", "tcp-loss", "ct-stale-blackhole", "svc-no-dnat", "dns-no-response", "dns-intermittent-timeout"},
	ToldFrom: []string{
		"cni-no-reply: there other pods behind the same tunnel answer",
		"cni-tunnel-rejected: there an ICMP error says so",
		"a node that is down: there it does not even answer ARP",
	},
	NextSteps: []string{
		"tcpdump -ni any host {node1} and host {node2} and udp   # on {node2}: do the tunnel packets arrive?",
		"iptables-save | grep -e DROP -e REJECT ; nft list ruleset | grep -i drop   # on {node2}; tcpdump sees packets before the firewall drops them",
		"open between all nodes: VXLAN UDP 4789 (flannel 8472), Geneve UDP 6081, IP-in-IP protocol 4, WireGuard UDP 51820",
		"ip -d link ; bridge fdb show | grep {node2}   # on {node1}: is the tunnel device there, on the port the peer listens on?",
	},
	Sources: []string{"RFC 7348", "RFC 8926"},
	judge:   judgeTunnelOneway,
}

func judgeTunnelOneway(r *Rule, s *scene) []Finding {
	var list []Finding
	for i := range s.Tunnels {
		t := &s.Tunnels[i]
		blocked := t.Arrived >= s.limits.TunnelPackets && t.Unwrapped == 0 && s.allWhole()
		unanswered := t.Sent >= s.limits.TunnelPackets && t.Returned == 0 && t.LastSent-t.FirstSent >= s.limits.TunnelSilence && s.peerAlive(t)
		if !blocked && !unanswered {
			continue
		}
		c := s.carriedBy(r, t)
		if len(c.hits) == 0 {
			continue // nobody waits for an answer
		}
		f := tunnelFinding(r, c, t)
		f.Title = fmt.Sprintf("the %s tunnel from %s to %s is blocked", t.Kind, t.Src, t.Dst)
		f.Explanation = fmt.Sprintf("%s went from %s to %s, and none came back. %s through it hang.",
			count(t.Sent, "tunnel packet", "tunnel packets"), t.Src, t.Dst, count(f.Count, "connection", "connections"))
		if blocked {
			f.Explanation = fmt.Sprintf("Tunnel packets from %s arrive on the uplink of %s and are never seen on its tunnel device: "+
				"its own firewall drops them. %s through it hang.", t.Src, t.Dst, count(f.Count, "connection", "connections"))
			f.Because = append(f.Because, fmt.Sprintf("%s, not one of which was unwrapped", count(t.Arrived, "packet arrived", "packets arrived")))
		}
		if unanswered {
			f.Because = append(f.Because,
				fmt.Sprintf("%d tunnel packets one way, %d the other", t.Sent, t.Returned),
				fmt.Sprintf("%s shows life otherwise", t.Dst))
		}
		list = append(list, f.fill())
	}
	return list
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

// peerAlive reports whether a tunnel's far end sent anything since the tunnel was used: ARP or other packets.
func (s *scene) peerAlive(t *fact.Tunnel) bool {
	return s.lastSeen(t.Dst) >= t.FirstSent-30e9 && s.lastSeen(t.Dst) != 0
}
