package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var ctStaleBlackhole = Rule{
	ID: "ct-stale-blackhole", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "connections are still translated to a backend that is gone",
	Text: "A connection through a Service had worked when its backend vanished. Conntrack keeps translating it to the dead " +
		"address, and its data is sent again and again without an answer, until the application or TCP gives up. New connections " +
		"are translated to a live backend.",
	Needs: "resent data of an established connection, translated to a backend that has been silent for everybody since, " +
		"and connections to the Service, by the same client or another, that began after the backend's last packet and go elsewhere",
	Explains: []string{"cni-no-reply", "cni-reject", "tcp-loss"},
	ToldFrom: []string{
		"cni-mtu-blackhole: there only large packets are lost, and the receiver still sends packets",
		"ct-stale-reset: there a RST comes back",
		"tcp-loss: there data that is sent again arrives in the end",
		"an endpoint that hangs: there new connections are translated to it, too",
	},
	NextSteps: []string{
		"conntrack -L -p tcp -d {service-ip} --dport {service-port} --reply-src {backend-ip}   # on the client's node: what hangs",
		"conntrack -D -p tcp -d {service-ip} --dport {service-port} --reply-src {backend-ip}   # CAREFUL: ends all of these; first be sure that {backend-ip} is gone. Their clients connect again",
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # is the backend gone, or its node?",
		"set timeouts and TCP keepalives in the client, shorter than what users wait for",
		"shut pods down gracefully: preStop sleep and terminationGracePeriodSeconds long enough to drain connections",
	},
	Sources: []string{"kubernetes #100698", "linux net/netfilter/nf_conntrack_proto_tcp.c (established timeout)"},
	judge:   judgeStaleBlackhole,
}

func judgeStaleBlackhole(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto.Opens() && x.Service.IsValid() && x.Backend.IsValid()
	}) {
		c := example(x, func(c *fact.Connection) bool { return s.intoTheVoid(c) })
		if c == nil {
			continue
		}
		if gone := s.lastSeen(x.Backend.Addr()); s.goesElsewhere(x, gone) || s.refusedSince(x, gone) {
			cs.add(x.Called.String()+x.Backend.String(), hit{x, c, placeOf(c)})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		x := c.hits[0].conn.Flow[fact.ToServer].Stall
		f.Title = fmt.Sprintf("connections through Service %s hang: their backend %s is gone", f.Service, f.Backend)
		f.Explanation = fmt.Sprintf("%s had worked and %s still translated to %s, which then fell silent. The data was sent %d "+
			"times over %s without an answer. New connections to the Service go elsewhere.",
			count(f.Count, "connection", "connections"), isAre(f.Count), f.Backend, x.Sends, round(x.Last-x.First))
		f.Because = []string{
			fmt.Sprintf("%d transmissions of the same data to %s, not one acknowledged", x.Sends, f.Backend),
			fmt.Sprintf("%s sent nothing at all once they began", f.Backend.Addr()),
			"later connections are translated to another backend, or refused because there is none",
		}
		if gone := s.lastSeen(f.Backend.Addr()); gone != 0 {
			f.First = gone
			f.Because[1] = fmt.Sprintf("%s sent nothing at all in the %s before the last of them", f.Backend.Addr(), round(x.Last-gone))
		}
		list = append(list, f.over(c.hits[0].reach.Proto).fill())
	}
	return list
}

// intoTheVoid reports whether a connection that had worked sends its data again and again, to a backend that has been
// silent for everybody since.
func (s *scene) intoTheVoid(c *fact.Connection) bool {
	x := c.Flow[fact.ToServer].Stall
	return c.Phase == fact.PhaseEstablished && c.Outcome == fact.Hang && x != nil && !x.Acked && !x.PeerAlive && !x.Probe &&
		x.Sends >= 3 && c.Flow[fact.ToClient].Packets > 0 && s.lastSeen(c.Backend.Addr()) < x.First
}

// goesElsewhere reports whether connections to the Service of x that were begun after a time, the last sign of life of its backend, are
// translated to another one. An endpoint that hangs is chosen again and again. One whose node is down is an endpoint until the node counts as
// unreachable (kube-controller-manager, --node-monitor-grace-period), and is chosen until then.
func (s *scene) goesElsewhere(x *fact.Reach, after int64) bool {
	const often = 15e9
	t := s.choices(x)
	elsewhere, ok := t.taken.besides(x.Backend)
	if !ok || elsewhere <= after {
		return false
	}
	chosen, again := t.to[x.Backend].besides(x)
	return !again || chosen <= after || elsewhere > chosen+often
}

func isAre(n uint64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
