package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var appTimestampDrop = Rule{
	ID: "app-timestamp-drop", Layer: LayerApp, Severity: Critical, Since: "0.1.0",
	Title: "a server ignores SYNs whose timestamps are older than the last one from that address",
	Text: "Several clients reach a server from one address (masquerading), each with its own clock in its TCP timestamps. A server with " +
		"net.ipv4.tcp_tw_recycle, which Linux had until 4.12, remembers the last timestamp of each address for a minute, and drops SYNs with older " +
		"ones silently. Clients with the highest clock are served, others are not; which ones lose changes as connections come and go.",
	Needs: "ignored SYNs, each with a timestamp older than that of a connection that the server had accepted from the same address within a minute " +
		"before, while others are accepted; and none accepted with an older one",
	Explains: []string{"app-backlog-full", "cni-no-reply", "tcp-loss"},
	ToldFrom: []string{
		"a policy, which does not look at timestamps: it lets a client in or not",
		"app-backlog-full: there SYNs with any timestamp are ignored while the queue is full",
	},
	NextSteps: []string{
		"sysctl net.ipv4.tcp_tw_recycle   # on the server ({backend-ip}); where it exists, set it to 0",
		"nstat -az TcpExtPAWSPassive TcpExtPAWSActive   # on the server: do they grow?",
		"uname -r   # on the server: 4.12 and later do not have that option",
	},
	Sources: []string{
		"linux 4.11 net/ipv4/tcp_input.c (tcp_conn_request), net/ipv4/tcp_metrics.c (tcp_peer_is_proven); removed by 4396e46187ca in 4.12",
		"RFC 7323, section 5.3", "RFC 6191", "tcp(7): tcp_tw_recycle",
	},
	judge: judgeTimestampDrop,
}

func judgeTimestampDrop(r *Rule, s *scene) []Finding {
	var cs causes
	otherwise := map[netip.AddrPort]bool{}
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.TCP && x.Outcome == fact.Hang && x.Phase == fact.PhaseHandshake && x.Signs&fact.SignAnswered == 0 && x.Backend.IsValid()
	}) {
		if x.Signs&fact.SignOlder == 0 { // one that was ignored with a newer timestamp has another reason
			otherwise[x.Backend] = true
			continue
		}
		c := &x.Examples[0]
		cs.add(x.Backend.String(), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, cause := range cs.list {
		if otherwise[cause.hits[0].reach.Backend] || s.acceptedAfter(cause.hits[0].reach.Backend, cause.hits[0].reach.First) == 0 {
			continue
		}
		f := cause.finding(r)
		// Kernels whose timestamps begin anywhere for each connection (so does Linux by the ports, since 2026) send every other SYN with an older one
		// than the last: one that is ignored for another reason has an older one by chance.
		if f.Count < 2 || f.Count+s.taken(cause.hits[0].reach) < beyondChance {
			continue
		}
		f.Certainty = Inferred
		f.Title = fmt.Sprintf("%s ignores SYNs whose timestamps are older than the last one from their address", addrPort(f.Backend))
		f.Explanation = fmt.Sprintf("%s got no answer. Each SYN has an older TCP timestamp than a connection that %s had accepted from the same address within "+
			"the minute before; it accepted others with newer timestamps.", count(f.Count, "connection attempt", "connection attempts"), addrPort(f.Backend))
		f.Because = []string{
			"every ignored SYN has an older timestamp than the last connection accepted from its address",
			"no connection with an older timestamp was accepted",
		}
		list = append(list, f.fill())
	}
	return list
}

// beyondChance is how many connections have to have gone as their timestamps say.
const beyondChance = 7

// taken counts the connections that the backend of x took from the same address, as it knows it.
func (s *scene) taken(x *fact.Reach) (n uint64) {
	from := func(c *fact.Connection) netip.Addr {
		if c.SNAT.IsValid() {
			return c.SNAT.Addr()
		}
		return c.Client.Addr()
	}
	for _, y := range s.byBackend(x.Backend) {
		if y.Proto == fact.TCP && y.Signs&fact.SignAnswered != 0 && from(&y.Examples[0]) == from(&x.Examples[0]) {
			n += y.Count
		}
	}
	return n
}
