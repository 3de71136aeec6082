package rules

import (
	"fmt"
	"math"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var cniMSSTooBig = Rule{
	ID: "cni-mss-too-big", Layer: LayerCNI, Severity: Warning, Since: "0.1.0",
	Title: "pods announce segments that the tunnel between their nodes can't carry",
	Text: "A TCP segment of the size that both ends announced makes a packet that, with the tunnel's headers, is longer than the network between the " +
		"nodes carries. Small exchanges work, so nothing may have been lost yet; the first full packet is dropped or fragmented, and " +
		"where no ICMP error reaches the pod, its connection hangs. The pods' MTU was set without regard to the tunnel's headers.",
	Needs: "the MSS that both ends announced, and the MTU of the network between the nodes: by the MSS of the nodes' own connections to each other " +
		"outside of the tunnel, by an ICMP error about a tunnel packet, or by a dump of the node's links",
	ToldFrom: []string{
		"a network with larger packets (jumbo frames): there the nodes announce more to each other, or long packets are acknowledged",
		"clamping (TCPMSS --clamp-mss-to-pmtu): there the other end is told a smaller MSS than the pod sent",
		"cni-mtu-blackhole, cni-df-drop, cni-mtu-overrun: there long packets were already lost, refused or fragmented",
	},
	NextSteps: []string{
		"ip -d link | grep -e mtu -e vxlan -e geneve -e ipip   # on {node1} and {node2}: pods' MTU must be the uplink's less the overhead",
		"kubectl exec -n {client-pod} -- ip link show eth0   # the MTU that the pod {client} was made with",
		debugClient + "ip link show eth0   # the same where the image has no ip (distroless)",
		"ping -M do -s 1472 -c 3 {node2}   # on {node1}: does the network between the nodes carry 1500 bytes, and more?",
		"set the CNI's MTU (flannel: net-conf.json Backend.MTU; Calico: veth_mtu) and restart the pods, which keep the MTU they were made with",
	},
	Sources: []string{
		"RFC 9293, section 3.7.1", "RFC 6691", "RFC 7348, section 4.3", "RFC 4459", "linux net/ipv4/route.c (ipv4_default_advmss)",
		"linux net/netfilter/xt_TCPMSS.c",
	},
	judge: judgeMSSTooBig,
}

func judgeMSSTooBig(r *Rule, s *scene) []Finding {
	var list []Finding
	u, through := s.underlay(), s.throughTunnels()
	carriesMore := map[[2]netip.Addr]uint32{} // in one piece, or in fragments
	for i := range s.Tunnels {
		t := &s.Tunnels[i]
		pair := pairOf(t.Src, t.Dst)
		carriesMore[pair] = max(carriesMore[pair], t.Whole)
		if t.Fragments > 0 {
			carriesMore[pair] = math.MaxUint32
		}
	}
	const enough = 16 // tunnels between two nodes that errors give widths of their own
	done, tried := map[[2]netip.Addr]bool{}, map[[2]netip.Addr]int{}
	for i := range s.Tunnels {
		t := &s.Tunnels[i]
		pair := pairOf(t.Src, t.Dst)
		w, ok := u.between(t)
		if !ok || done[pair] {
			continue
		}
		if tried[pair]++; carriesMore[pair] > w.mtu || tried[pair] > enough {
			continue
		}
		c := s.tooLong(r, pair, through[pair], w)
		if c == nil {
			continue
		}
		done[pair] = true
		f := c.finding(r)
		f.Certainty = Inferred
		f.Nodes = []netip.Addr{t.Src, t.Dst}
		x, longest, acked := c.hits[0].reach, uint16(0), uint32(0)
		for _, h := range c.hits {
			acked = max(acked, h.reach.Acked)
			if h.reach.MSS > longest {
				x, longest = h.reach, h.reach.MSS
			}
		}
		over, kind := overhead(&x.Examples[0])
		packet := segmentPacket(longest, x.Client)
		f.Title = fmt.Sprintf("pods agree on segments of %d bytes, and the %s tunnel between %s and %s carries %d",
			longest, kind, t.Src, t.Dst, w.mtu-over-(packet-uint32(longest)))
		f.Explanation = fmt.Sprintf("The two ends of %s announced an MSS of %d: a full segment is a packet of %d bytes, and of %d in the tunnel, whose "+
			"headers take %d bytes. The network between the nodes carries %d.", count(f.Count, "connection", "connections"), longest, packet, packet+over, over, w.mtu)
		f.Because = []string{
			fmt.Sprintf("MSS %d, the smaller of those that %s and %s announced", longest, x.Client, x.Destination),
			w.because(),
		}
		if acked > 0 && !w.from.IsValid() {
			f.Explanation += fmt.Sprintf(" Nothing has been lost yet: the longest acknowledged packet has %d bytes.", acked)
			f.Because = append(f.Because, fmt.Sprintf("no packet of more than %d bytes was acknowledged", acked))
		}
		list = append(list, f.fill())
	}
	return list
}

// because says how the width is known.
func (w width) because() string {
	switch {
	case w.from.IsValid():
		return fmt.Sprintf("ICMP from %s about a tunnel packet gives MTU %d", w.from, w.mtu)
	case w.mss == 0 || segmentPacket(w.mss, w.by) != w.mtu:
		return fmt.Sprintf("the uplink of %s has an MTU of %d", w.by, w.mtu)
	}
	return fmt.Sprintf("%[2]s itself announced MSS %[1]d to another node, outside the tunnel: its uplink's MTU is %[3]d", w.mss, w.by, w.mtu)
}

// throughTunnels returns the ways of TCP through tunnels, by the pair of nodes between which those are.
func (s *scene) throughTunnels() map[[2]netip.Addr][]hit {
	through := map[[2]netip.Addr][]hit{}
	for i := range s.Reach {
		x := &s.Reach[i]
		if x.Proto != fact.TCP {
			continue
		}
		if e := example(x, func(e *fact.Connection) bool { return tunnelEnds(e) != nil }); e != nil {
			ends := tunnelEnds(e)
			pair := pairOf(ends[0], ends[1])
			through[pair] = append(through[pair], hit{x, e, placeOf(e)})
		}
	}
	return through
}

// tooLong returns the paths through the tunnels between two nodes whose full segments are too long for them; nil without any, and where something
// shows that long packets pass, or another rule says what became of them.
func (s *scene) tooLong(r *Rule, pair [2]netip.Addr, ways []hit, w width) *cause {
	c := &cause{key: pair[0].String() + pair[1].String()}
	for _, h := range ways {
		x := h.reach
		over, _ := overhead(h.conn)
		long := segmentPacket(x.MSS, x.Client)+over > w.mtu
		switch {
		case s.explained[r.ID][x]:
			return nil
		case x.Acked+over > w.mtu && (long || x.MSS == 0): // one packet or several that offload made one, of full segments
			return nil
		case over > 0 && long && x.MSS > 0:
			c.hits = append(c.hits, h)
		}
	}
	if len(c.hits) == 0 {
		return nil
	}
	return c
}
