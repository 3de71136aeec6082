package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var ctStaleBlackhole = Rule{
	ID: "ct-stale-blackhole", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "connections are still translated to a backend that is gone",
	Text: "A connection through a Service had worked when its backend vanished. Conntrack goes on translating it to the dead " +
		"address, and its data is sent again and again into the void, until the application or TCP gives up. New connections " +
		"are translated to a living backend.",
	Needs: "resent data of an established connection, translated to a backend that has been silent for everybody since, " +
		"while new connections to the Service work",
	Explains: []string{"cni-no-reply", "cni-reject", "tcp-loss"},
	ToldFrom: []string{
		"cni-mtu-blackhole: there only large packets are lost, and the receiver shows life",
		"ct-stale-reset: there somebody answers, with a RST",
		"tcp-loss: there data that is sent again arrives in the end",
	},
	NextSteps: []string{
		"conntrack -L -p tcp -d {service-ip} --dport {service-port} | grep {backend-ip}   # on the client's node",
		"conntrack -D -p tcp -d {service-ip} --dport {service-port}   # frees what hangs; clients reconnect",
		"kubectl get pods -A -o wide | grep {backend-ip}   # is the backend gone, or its node?",
		"set timeouts and TCP keepalives in the client, shorter than what users wait for",
		"shut pods down gracefully: preStop sleep and terminationGracePeriodSeconds long enough to drain connections",
	},
	Sources: []string{"kubernetes #100698", "linux net/netfilter/nf_conntrack_proto_tcp.c (established timeout)"},
	judge:   judgeStaleBlackhole,
}

func judgeStaleBlackhole(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.TCP && x.Service.IsValid() && x.Backend.IsValid()
	}) {
		c := example(x, func(c *fact.Connection) bool { return s.intoTheVoid(c) })
		if c == nil {
			continue
		}
		if began := c.Flow[fact.ToServer].Stall.First; s.otherBackendWorks(x, began) || s.refusedSince(x, began) {
			cs.add(x.Called.String()+x.Backend.String(), hit{x, c, placeOf(c)})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		x := c.hits[0].conn.Flow[fact.ToServer].Stall
		f.Title = fmt.Sprintf("connections through Service %s hang: their backend %s is gone", f.Service, f.Backend)
		f.Explanation = fmt.Sprintf("%s had worked, and %s still translated to %s, which has been silent since. The data was sent %d "+
			"times over %s without an answer. New connections to the Service go elsewhere.",
			count(f.Count, "connection", "connections"), isAre(f.Count), f.Backend, x.Sends, round(x.Last-x.First))
		f.Because = []string{
			fmt.Sprintf("%d transmissions of the same data to %s, not one acknowledged", x.Sends, f.Backend),
			fmt.Sprintf("%s sent nothing to anybody after they began", f.Backend.Addr()),
			"connections begun later are translated to another backend, or refused for want of one",
		}
		f.First = x.First
		list = append(list, f.fill())
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

// refusedSince reports whether the node refused connections to a Service after a time: it has no endpoint any more.
func (s *scene) refusedSince(x *fact.Reach, after int64) bool {
	for _, y := range s.byCalled[x.Called] {
		for i := range y.Examples {
			if c := &y.Examples[i]; c.KnownBy == fact.RejectedByNode && c.End > after {
				return true
			}
		}
	}
	return false
}

func isAre(n uint64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
