package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var svcHairpinDrop = Rule{
	ID: "svc-hairpin-drop", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "a pod can't reach itself through its Service",
	Text: "kube-proxy chose the client pod itself as the backend, and the packet was lost on the way back in: the bridge does " +
		"not send a frame out of the port that it came from unless hairpin mode is on, and a pod drops a packet that comes " +
		"from outside with its own address as the source, which masquerading prevents.",
	Needs: "the translated packet to the client's own address; or a SYN that ends at the client's own interface, while the " +
		"Service is known to be translated to that client",
	Explains: []string{"cni-no-reply", "svc-no-dnat"},
	ToldFrom: []string{
		"cni-no-reply: there the backend is another pod",
		"svc-hairpin: there the exchange is completed",
	},
	NextSteps: []string{
		"grep -H . /sys/class/net/*/brport/hairpin_mode   # on the client's node: 0 is off",
		"kubectl get pods -A -o wide --field-selector status.podIP={client}   # which pod and node is it?",
		"iptables-save -t nat | grep -e KUBE-MARK-MASQ -e {client}   # on that node: is hairpin traffic masqueraded?",
		"grep -r hairpinMode /etc/cni/net.d/   # bridge CNI: hairpinMode must be true, or promiscMode",
	},
	Sources: []string{"kubernetes #45790", "linux net/bridge/br_forward.c should_deliver", "RFC 1812, section 5.3.7"},
	judge:   judgeHairpinDrop,
}

func judgeHairpinDrop(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Outcome == fact.Hang }) {
		c := example(x, func(c *fact.Connection) bool { return c.Phase == fact.PhaseHandshake })
		switch {
		case c == nil:
		case hairpins(x):
			cs.add(x.Called.String()+x.Client.String(), hit{x, c, placeOf(c)})
		case s.endsAtItsDoor(x, c):
			cs.add(x.Called.String()+x.Client.String(), hit{x, c, Place{Client: x.Client, Service: x.Called}})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		f.Title = fmt.Sprintf("%s can't reach itself through Service %s", f.Client, f.Service)
		if hairpins(h.reach) {
			f.Explanation = fmt.Sprintf("%s to %s were translated to the client's own address %s and never answered.",
				count(f.Count, "connection", "connections"), f.Service, f.Backend)
			f.Because = []string{fmt.Sprintf("the translated packet has %s on both ends", f.Client)}
		} else {
			f.Certainty = Inferred
			f.Explanation = fmt.Sprintf("The SYNs from %s to %s come out of the client's interface and are seen nowhere else. Other "+
				"clients' connections show that the Service is translated to %[3]s, the client itself.",
				count(f.Count, "connection", "connections"), f.Service, f.Client)
			f.Because = []string{
				"the SYN is not seen after the client's own interface, where other connections to the Service have theirs",
				fmt.Sprintf("%s is a backend of the Service", f.Client),
			}
		}
		list = append(list, f.fill())
	}
	return list
}

// endsAtItsDoor reports whether a connection's packets are seen coming out of the client and nowhere else, though the
// Service has the client as a backend and other clients' calls to it go on, so that the view is not blind; and whether the
// client reaches it by every other backend it has.
func (s *scene) endsAtItsDoor(x *fact.Reach, c *fact.Connection) bool {
	if x.Backend.IsValid() || !x.Service.IsValid() || !s.whole(c) || !s.bothWays(c) || !s.onlyComesIn(c) {
		return false
	}
	p := index(s, newPods)
	hosts := p.of[x.Called]
	return hosts[x.Client] && (len(hosts) == 1 || p.reaches[called{x.Client, x.Called}])
}

// pods has the hosts behind what is called, and who reaches a host other than itself there.
type pods struct {
	of      map[netip.AddrPort]map[netip.Addr]bool
	reaches map[called]bool
}

func newPods(s *scene) *pods {
	p := &pods{of: map[netip.AddrPort]map[netip.Addr]bool{}, reaches: map[called]bool{}}
	for i := range s.Reach {
		y := &s.Reach[i]
		if !y.Backend.IsValid() {
			continue
		}
		if p.of[y.Called] == nil {
			p.of[y.Called] = map[netip.Addr]bool{}
		}
		p.of[y.Called][y.Backend.Addr()] = true
		if y.Outcome == fact.OK && y.Backend.Addr() != y.Client {
			p.reaches[called{y.Client, y.Called}] = true
		}
	}
	return p
}
