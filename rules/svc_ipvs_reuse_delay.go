package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var svcIPVSReuseDelay = Rule{
	ID: "svc-ipvs-reuse-delay", Layer: LayerService, Severity: Warning, Since: "0.1.0",
	Title: "a SYN from a port that was used before is swallowed by the node, and passes a second later",
	Text: "A client called a Service from a port of an earlier connection that the node had not forgotten yet (TIME_WAIT). IPVS, where conntrack is on, drops the " +
		"SYN to get rid of the old entry, and forwards the one that is sent again a second later. Under load, when ports are used again soon, many " +
		"connections take a second longer.",
	Needs: "an earlier connection from the same port within two minutes, the SYN where the node takes it in, none where it goes on, and a later SYN that does",
	ToldFrom: []string{
		"ct-snat-collision: there the source is rewritten, and the port is new",
		"tcp-loss: there the SYN goes on from the node",
		"ct-table-full: there ports that were never used before are affected as well",
	},
	Explains: []string{"tcp-loss"},
	NextSteps: []string{
		"ipvsadm -L -n -c | grep -F {client}   # on the client's node: is the port in TIME_WAIT?",
		"sysctl net.ipv4.vs.conn_reuse_mode   # on the client's node: 1 drops such SYNs where conntrack is on; kube-proxy sets 0 on kernels that allow it",
		"let the client keep its connections, or spread over more source addresses, so that ports are not used again so soon",
	},
	Sources: []string{"linux net/netfilter/ipvs/ip_vs_core.c (ip_vs_in, conn_reuse_mode)", "kubernetes #81775", "https://docs.kernel.org/networking/ipvs-sysctl.html"},
	judge:   judgeIPVSReuseDelay,
}

func judgeIPVSReuseDelay(r *Rule, s *scene) []Finding {
	const both = fact.SignLateDNAT | fact.SignReused
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Signs&both == both && x.Service.IsValid() && !x.Failed() }) {
		c := &x.Examples[0]
		cs.add(x.Called.String(), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, cause := range cs.list {
		f := cause.finding(r)
		c := cause.hits[0].conn
		before, _ := c.Swallowed()
		f.Certainty = Inferred
		f.Title = fmt.Sprintf("connections from %s to Service %s take a second longer: their ports had been used before", f.Client, addrPort(f.Service))
		f.Explanation = fmt.Sprintf("%s: the first SYN from %s came in on %s and was not translated, the one sent again was; the connection was opened after %s.",
			count(f.Count, "connection", "connections"), addrPort(c.Client), before.Node, round(c.Handshake))
		f.Because = []string{
			fmt.Sprintf("an earlier connection from the same port was last seen %s before", round(c.Start-c.Reused)),
			"the node shows the first SYN before translation, and not after; the second one it shows in both places",
		}
		list = append(list, f.fill())
	}
	return list
}
