package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var tcpLoss = Rule{
	ID: "tcp-loss", Layer: LayerCNI, Severity: Warning, Since: "0.1.0",
	Title: "packets are lost between pods",
	Text: "Data had to be sent again, more than once in a while, and arrived in the end: the path loses packets. Usual causes: overloaded " +
		"links or queues, a failing NIC, a policer.",
	Needs: "retransmissions with a new IP id or timestamp on the same interface, in several connections or as a notable share",
	ToldFrom: []string{
		"one packet seen on several interfaces: same IP id and timestamp",
		"a tail-loss probe that the receiver answers with D-SACK: nothing was lost",
		"SYNs that are never answered: cni-no-reply",
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
		key := lossPath(x)
		t := sums[key]
		if t == nil {
			t = &sum{}
			sums[key] = t
		}
		t.sent += x.Packets
		if x.Lost == 0 {
			continue
		}
		t.lost += x.Lost
		t.connections += x.Count
		worst := worstLoss(x)
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
		f.Explanation = fmt.Sprintf("%d of %d packets (%.1f %%) in %s had to be sent again and arrived in the end.",
			t.lost, t.sent, share, count(t.connections, "connection", "connections"))
		f.Because = []string{"the same bytes again on the same interface with a new IP id or timestamp, so not just the same packet seen twice"}
		list = append(list, f.fill())
	}
	return list
}

// worstLoss returns the example that lost most.
func worstLoss(x *fact.Reach) *fact.Connection {
	worst, most := &x.Examples[0], uint64(0)
	for i := range x.Examples {
		if n, _ := x.Examples[i].Losses(); n > most {
			worst, most = &x.Examples[i], n
		}
	}
	return worst
}

// lossPath names the stretch that is to blame for a loss.
func lossPath(x *fact.Reach) string {
	if ends := tunnelEnds(&x.Examples[0]); ends != nil {
		p := pairOf(ends[0], ends[1])
		return p[0].String() + p[1].String()
	}
	p := pairOf(x.Client, x.Backend.Addr())
	return p[0].String() + p[1].String()
}
