package rules

import (
	"fmt"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var cniVXLANChecksum = Rule{
	ID: "cni-vxlan-checksum", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "tunnel packets arrive with a wrong outer checksum and are dropped",
	Text: "Tunnel packets come in to the receiving node with an outer UDP checksum that does not match their bytes. Its kernel silently drops them before they are " +
		"decapsulated (UdpInCsumErrors). Others through the same tunnel, with a right checksum or none, are decapsulated. Some kernels and " +
		"network cards compute it wrongly for packets that were translated before they were encapsulated, so that a node's own connections to Services fail, or " +
		"take 63 s until a SYN is sent that has none; or something on the path corrupts packets.",
	Needs: "a fully captured tunnel packet that comes in to its receiver, whose outer UDP checksum is neither 0 nor right nor left to a network card, not seen " +
		"outside of the tunnel there; and none with such a checksum that is. Of one that a network card would complete: others that are complete",
	Explains: []string{"cni-tunnel-oneway", "cni-no-reply", "tcp-loss"},
	ToldFrom: []string{
		"checksum offload: the sender's own capture, and one on a neighbouring virtual machine, show checksums that are yet to be completed; such packets are unwrapped",
		"cni-tunnel-oneway: there a firewall drops all packets of the tunnel",
		"cni-no-reply: there the packets are unwrapped, and dropped afterwards",
	},
	NextSteps: []string{
		"nstat -az UdpInCsumErrors   # on {node2}: does it grow?",
		"ethtool -K flannel.1 tx-checksum-ip-generic off   # CAREFUL: on {node1}; costs throughput. flannel.1 is flannel's, vxlan.calico for Calico (FELIX_FEATUREDETECTOVERRIDE=\"ChecksumOffloadBroken=true\")",
		"uname -r   # on {node1}: kernels before 5.7 spoil the checksum of what is translated and then encapsulated",
	},
	Sources: []string{
		"linux net/ipv4/udp.c (udp4_csum_init, __udp4_lib_rcv), net/netfilter/nf_nat_proto.c (udp_manip_pkt; ea64d8d6c675 in 5.7)", "flannel-io/flannel #1279", "projectcalico/calico #3145", "kubernetes #88986",
	},
	judge: judgeVXLANChecksum,
}

func judgeVXLANChecksum(r *Rule, s *scene) []Finding {
	var list []Finding
	for i := range s.Tunnels {
		t := &s.Tunnels[i]
		c := &cause{key: t.Src.String() + t.Dst.String()}
		var taken fact.Signs // what the checksums of those were that were taken all the same
		sound := false
		for _, p := range s.passengers(t) {
			x := p.reach
			fault := x.Signs & (fact.SignCorrupt | fact.SignIncomplete)
			lost := x.Outcome == fact.Hang && p.unopened() && p.unanswered() || x.Late()
			switch {
			case fault == 0:
				sound = sound || p.unwrapped() != 0
			case lost && !s.explained[r.ID][x]:
				c.hits = append(c.hits, hit{x, p.conn, placeOf(p.conn)})
			case x.Fine():
				taken |= fault
			}
		}
		c.hits = slices.DeleteFunc(c.hits, func(h hit) bool {
			// What a network card would complete is a fault only where others are complete.
			fault := h.reach.Signs & (fact.SignCorrupt | fact.SignIncomplete)
			return fault&taken != 0 || fault&fact.SignCorrupt == 0 && !sound
		})
		if len(c.hits) == 0 {
			continue
		}
		f := tunnelFinding(r, c, t)
		f.Title = fmt.Sprintf("the %s tunnel from %s to %s delivers packets with a wrong outer checksum, which are dropped", t.Kind, t.Src, t.Dst)
		f.Explanation = fmt.Sprintf("%s through the tunnel from %s to %s: the packets come in to %s, their outer UDP checksum is wrong, and they are not seen outside "+
			"the tunnel there.", count(f.Count, "connection", "connections"), t.Src, t.Dst, t.Dst)
		f.Because = []string{"the checksum was recomputed over all bytes that came in"}
		if sound {
			f.Because = append(f.Because, "packets of other connections through the same tunnel, with a right checksum or none, are unwrapped")
		}
		if !slices.ContainsFunc(c.hits, func(h hit) bool { return !h.reach.Late() }) {
			f.Severity = Warning
		}
		for _, h := range c.hits {
			if h.reach.Late() {
				f.Explanation += fmt.Sprintf(" The connection was opened after %s, by a SYN that came in with a right checksum or none.", round(h.conn.Handshake))
				break
			}
		}
		list = append(list, f.fill())
	}
	return list
}
