package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var tcpLoss = Rule{
	ID: "tcp-loss", Layer: LayerCNI, Severity: Warning, Since: "0.1.0",
	Title: "packets are lost between pods",
	Text: "Data had to be sent again, in more than a stray case, and arrived in the end: the path loses packets. Overloaded " +
		"links or queues, a failing NIC, a policer.",
	Needs: "retransmissions with a new IP id or timestamp in the same view, in several connections or as a share worth telling",
	ToldFrom: []string{
		"sightings of one packet on several interfaces: same IP id and timestamp",
		"a tail-loss probe that the receiver answers with D-SACK: nothing was lost",
		"SYNs to somebody who never answers: cni-no-reply",
		"cni-mtu-blackhole: there only large packets are lost, each time",
	},
	NextSteps: []string{
		"ip -s link   # on both nodes: errors, dropped, overrun",
		"ethtool -S eth0 | grep -i -e drop -e err   # on both nodes",
		"nstat -az TcpRetransSegs TcpExtTCPTimeouts TcpExtTCPLossProbes   # in the pods: how much, over time?",
		"tc -s qdisc   # on both nodes: dropped",
	},
	Sources: []string{"RFC 9293, section 3.8.1", "RFC 6298", "RFC 8985"},
	judge:   judgeLoss,
}

func judgeLoss(r *Rule, s *scene) []Finding {
	type sum struct{ lost, sent, connections uint64 }
	var cs causes
	sums := map[string]*sum{}
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Proto == fact.TCP && x.Outcome != fact.Hang }) {
		var worst *fact.Connection
		var lost, sent uint64
		for i := range x.Examples {
			c := &x.Examples[i]
			n, of := losses(c)
			lost, sent = lost+n, sent+of
			if n > 0 && (worst == nil || n > losses0(worst)) {
				worst = c
			}
		}
		key := lossPath(x)
		t := sums[key]
		if t == nil {
			t = &sum{}
			sums[key] = t
		}
		t.sent += sent
		if worst == nil {
			continue
		}
		t.lost += lost
		t.connections += x.Count
		cs.add(key, hit{x, worst, placeOf(worst)})
	}
	var list []Finding
	for _, c := range cs.list {
		t := sums[c.key]
		if t.lost < s.limits.LossPackets || float64(t.lost) < s.limits.LossShare*float64(t.sent) {
			continue
		}
		f := c.finding(r)
		f.Nodes = tunnelEnds(c.hits[0].conn)
		share := 100 * float64(t.lost) / float64(t.sent)
		f.Title = fmt.Sprintf("packets are lost between %s and %s: %d retransmissions", f.Client, f.Backend.Addr(), t.lost)
		f.Explanation = fmt.Sprintf("%d of %d packets (%.1f %%) in %s had to be sent again, and arrived in the end.",
			t.lost, t.sent, share, count(t.connections, "connection", "connections"))
		f.Because = []string{"the same bytes again in the same view, with a new IP id or timestamp: no second sighting"}
		list = append(list, f.fill())
	}
	return list
}

// losses returns how many packets of a connection were sent again though they had been needed, and how many were sent.
func losses(c *fact.Connection) (lost, sent uint64) {
	if c.Phase == fact.PhaseHandshake { // SYNs to one that never took the call
		return 0, 0
	}
	for _, f := range c.Flow {
		n := f.Retransmissions
		if f.Stall != nil && (!f.Stall.Acked || f.Stall.Probe) { // nobody was there to take it, or it is no data
			n -= min(n, uint64(f.Stall.Sends-1))
		}
		lost += n
		sent += f.Packets
	}
	return lost, sent
}

func losses0(c *fact.Connection) uint64 {
	n, _ := losses(c)
	return n
}

// lossPath names the stretch that a loss is blamed on.
func lossPath(x *fact.Reach) string {
	if ends := tunnelEnds(&x.Examples[0]); ends != nil {
		p := pairOf(ends[0], ends[1])
		return p[0].String() + p[1].String()
	}
	p := pairOf(x.Client, x.Backend.Addr())
	return p[0].String() + p[1].String()
}
