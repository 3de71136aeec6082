package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var cniVXLANChecksum = Rule{
	ID: "cni-vxlan-checksum", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "tunnel packets arrive with a wrong outer checksum and are dropped",
	Text: "Tunnel packets come in to the receiving node with an outer UDP checksum that is not that of their bytes. Its kernel drops them before they are " +
		"unwrapped, without a word (UdpInCsumErrors). Others through the same tunnel, with a right checksum or none, are unwrapped. Some kernels and " +
		"network cards compute it wrongly for packets that were translated before they were encapsulated, so that a node's own calls to Services fail, or " +
		"take 63 s until a SYN is sent that has none; or something on the way spoils packets.",
	Needs: "a tunnel packet that comes in to its receiver, wholly captured, whose outer UDP checksum is neither 0 nor right nor left to a network card, not seen " +
		"outside of the tunnel there, and one of another connection that is",
	Explains: []string{"cni-tunnel-oneway", "cni-no-reply", "tcp-loss"},
	ToldFrom: []string{
		"checksum offload: the sender's own capture, and one on a neighbouring virtual machine, show checksums that are yet to be completed; such packets are unwrapped",
		"cni-tunnel-oneway: there a firewall drops all that comes by the tunnel",
		"cni-no-reply: there the packets are unwrapped, and dropped afterwards",
	},
	NextSteps: []string{
		"nstat -az UdpInCsumErrors   # on {node2}: does it grow?",
		"ethtool -K flannel.1 tx-checksum-ip-generic off   # on {node1}, for flannel; vxlan.calico for Calico (FELIX_FEATUREDETECTOVERRIDE=\"ChecksumOffloadBroken=true\")",
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
		sound, taken := false, false
		for _, p := range s.passengers(t) {
			x := p.reach
			corrupt := x.Signs&fact.SignCorrupt != 0
			lost := x.Outcome == fact.Hang && p.flow == fact.ToServer && p.unopened() && p.unanswered() || x.Late()
			switch {
			case !corrupt:
				sound = sound || p.unwrapped() != 0
			case lost && !s.explained[r.ID][x]:
				c.hits = append(c.hits, hit{x, p.conn, placeOf(p.conn)})
			case x.Fine():
				taken = true
			}
		}
		if len(c.hits) == 0 || !sound || taken {
			continue
		}
		f := tunnelFinding(r, c, t)
		f.Title = fmt.Sprintf("the %s tunnel from %s to %s brings packets with a wrong outer checksum, which are dropped", t.Kind, t.Src, t.Dst)
		f.Explanation = fmt.Sprintf("%s through the tunnel from %s to %s: the packets come in to %s, their outer UDP checksum is wrong, and they are not seen outside of "+
			"the tunnel there. Those of other connections are.", count(f.Count, "connection", "connections"), t.Src, t.Dst, t.Dst)
		f.Because = []string{
			"the checksum was computed again over all bytes that came in",
			"packets of other connections through the same tunnel, with a right checksum or none, are unwrapped",
		}
		for _, h := range c.hits {
			if h.reach.Late() {
				f.Severity = max(f.Severity, Warning)
				f.Explanation += fmt.Sprintf(" The connection was opened at last, after %s, by a SYN that came in without that fault.", round(h.conn.Handshake))
				break
			}
		}
		list = append(list, f.fill())
	}
	return list
}
