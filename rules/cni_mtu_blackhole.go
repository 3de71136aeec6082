package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var cniMTUBlackhole = Rule{
	ID: "cni-mtu-blackhole", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "large packets vanish on the way between pods",
	Text: "Small packets pass, large ones with Don't Fragment are sent again and again and never acknowledged, and no ICMP " +
		"message says why. Somewhere on the way the MTU is smaller than the pods believe (an overlay adds its headers to each " +
		"packet), and the ICMP that would tell them is dropped.",
	Needs: "a large segment sent three times or more at the same sequence number in the same view, never acknowledged, by a " +
		"connection whose small packets are, and a receiver that shows life meanwhile",
	Explains: []string{"tcp-loss", "cni-mtu-overrun", "ct-stale-blackhole"},
	ToldFrom: []string{
		"tcp-loss: there, packets of every size are lost and the retransmission arrives",
		"cni-df-drop: there an ICMP error tells the sender",
		"ct-stale-blackhole: there the receiver is silent altogether",
	},
	NextSteps: []string{
		"ip -d link | grep -e mtu -e vxlan -e geneve   # on both nodes: pods' MTU must be the underlay's less the overhead",
		"kubectl exec -n NAMESPACE POD -- ping -M do -s 1422 -c 3 {client}   # from the sender: 1422 is 1450 less 28; find the largest that passes",
		"tcpdump -ni any 'icmp[icmptype] == icmp-unreach and icmp[icmpcode] == 4'   # on both nodes: does anything say fragmentation-needed?",
		"iptables-save | grep -i icmp   # on both nodes: a rule that drops ICMP makes a black hole of every MTU mistake",
		"set the CNI's MTU (flannel: net-conf.json Backend.MTU; Calico: veth_mtu) and restart the pods, which keep the MTU they were made with",
	},
	Sources: []string{"RFC 2923, section 2.1", "RFC 1191", "RFC 4821"},
	judge:   judgeMTUBlackhole,
}

func judgeMTUBlackhole(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Proto == fact.TCP }) {
		for dir := range 2 {
			d := fact.Direction(dir)
			c := example(x, func(c *fact.Connection) bool { return s.holds(c, d) })
			if c == nil || s.largePasses(c, d) {
				continue
			}
			from, to := senderNode(c, d)
			cs.add(from+" "+to, hit{x, c, placeOf(c)})
			break
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		d := fact.ToClient
		if !s.holds(h.conn, d) {
			d = fact.ToServer
		}
		flow := h.conn.Flow[d]
		what := "requests"
		if d == fact.ToClient {
			what = "responses"
		}
		f.Nodes = tunnelEnds(h.conn)
		f.Title = fmt.Sprintf("large %s between %s and %s vanish: an MTU black hole", what, f.Client, f.Backend.Addr())
		over, kind := overhead(h.conn)
		tunnel := ""
		if over > 0 {
			tunnel = fmt.Sprintf(" The way leads through %s, which adds %d bytes to each packet: %d + %d is more than an underlay of 1500 carries.",
				kind, over, flow.Stall.IPLen, over)
			if flow.Stall.IPLen+over <= 1500 {
				tunnel = fmt.Sprintf(" The way leads through %s, which adds %d bytes to each packet.", kind, over)
			}
		}
		f.Explanation = fmt.Sprintf("%s hang: packets of %d bytes with Don't Fragment were sent up to %d times and never acknowledged, "+
			"while small packets of the same connections pass. No ICMP fragmentation-needed was seen.%s",
			count(f.Count, "connection", "connections"), flow.Stall.IPLen, flow.Stall.Sends, tunnel)
		f.Because = []string{
			fmt.Sprintf("sequence number %d was transmitted %d times in one view, %d bytes each", flow.Stall.Seq, flow.Stall.Sends, flow.Stall.IPLen),
			"the receiver sent packets meanwhile, so the way is open for small ones",
		}
		if flow.MaxAcked > 0 {
			f.Because = append(f.Because, fmt.Sprintf("the largest packet acknowledged in that direction has %d bytes", flow.MaxAcked))
		}
		list = append(list, f.fill())
	}
	return list
}

// holds reports whether a direction of a connection has a large packet that vanishes each time it is sent.
func (s *scene) holds(c *fact.Connection, d fact.Direction) bool {
	f := &c.Flow[d]
	x := f.Stall
	if x == nil || x.Probe || x.Acked || !x.DF || x.Sends < s.limits.LargeSends || x.IPLen < s.limits.LargePacket || f.MaxAcked >= x.IPLen {
		return false
	}
	for i := range c.Errors {
		if c.Errors[i].TooBig() {
			return false
		}
	}
	return x.PeerAlive || s.receiverAlive(c, d, x)
}

// receiverAlive reports whether the receiver of stalled data answered others meanwhile.
func (s *scene) receiverAlive(c *fact.Connection, d fact.Direction, x *fact.Stall) bool {
	receiver := c.Client.Addr()
	if d == fact.ToServer {
		receiver = c.Backend.Addr()
	}
	for i := range s.Reach {
		for k := range s.Reach[i].Examples {
			e := &s.Reach[i].Examples[k]
			if e.Outcome == fact.OK && (e.Client.Addr() == receiver || e.Backend.Addr() == receiver) &&
				e.Start > x.First && e.Start < x.Last+30e9 && samePair(e, c) {
				return true
			}
		}
	}
	return false
}

// samePair reports whether two connections run between the same two addresses.
func samePair(a, b *fact.Connection) bool {
	return a.Client.Addr() == b.Client.Addr() && a.Backend.Addr() == b.Backend.Addr()
}

// largePasses reports whether packets as large as the vanished ones do pass between the same addresses at other times.
func (s *scene) largePasses(c *fact.Connection, d fact.Direction) bool {
	for i := range s.Reach {
		for k := range s.Reach[i].Examples {
			e := &s.Reach[i].Examples[k]
			if samePair(e, c) && e.Flow[d].MaxAcked >= c.Flow[d].Stall.IPLen {
				return true
			}
		}
	}
	return false
}
