package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var ctStaleUDP = Rule{
	ID: "ct-stale-udp", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "a UDP socket is still translated to a backend that is gone",
	Text: "Conntrack remembers the backend of a UDP flow as long as packets come. A socket that is used again and again keeps " +
		"being sent to a pod that no longer exists, while new sockets reach a living one.",
	Needs: "unanswered packets translated to a backend that is silent for everybody since, and other sockets answered by " +
		"another backend of the same Service",
	Explains: []string{"dns-no-response", "dns-intermittent-timeout", "cni-no-reply", "cni-reject"},
	ToldFrom: []string{
		"dns-no-response: there no socket of the client gets an answer",
		"dns-intermittent-timeout: there single queries are lost, and the same socket works again",
	},
	NextSteps: []string{
		"conntrack -L -p udp -d {service-ip} --dport {service-port} | grep {backend-ip}   # on the client's node",
		"conntrack -D -p udp -d {service-ip} --dport {service-port}   # the next packet is translated anew",
		"kubectl -n kube-system logs -l k8s-app=kube-proxy --since=1h | grep -i conntrack   # kube-proxy deletes such entries when an endpoint goes: did it run?",
	},
	Sources: []string{"kubernetes #125467", "kubernetes pkg/proxy/conntrack/cleanup.go"},
	judge:   judgeStaleUDP,
}

func judgeStaleUDP(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.UDP && x.Service.IsValid() && x.Backend.IsValid()
	}) {
		c := example(x, func(c *fact.Connection) bool {
			return c.Outcome == fact.Hang || c.Outcome == fact.Unreachable
		})
		if c != nil && s.hadAnswered(c) && s.silentSince(c) && s.otherBackendWorks(x, c.Flow[fact.ToClient].Tail) {
			cs.add(x.Called.String()+x.Backend.String(), hit{x, c, placeOf(c)})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		f.Title = fmt.Sprintf("UDP to Service %s still goes to %s, which is gone", f.Service, f.Backend)
		f.Explanation = fmt.Sprintf("The packets of %s are translated to %s, which no longer answers. Other sockets reach another "+
			"backend of the Service and get answers.", h.conn.Client, f.Backend)
		f.Because = []string{
			fmt.Sprintf("packets of %s translated to %s stay unanswered", h.conn.Client, f.Backend),
			fmt.Sprintf("%s sent nothing to anybody after them", f.Backend.Addr()),
			"other backends of the same Service answered meanwhile",
		}
		list = append(list, f.fill())
	}
	return list
}

// hadAnswered reports whether the backend of a connection was alive before, and no new socket is translated to it any more:
// a backend that never answers, and is chosen again and again, is an endpoint that does not work.
func (s *scene) hadAnswered(c *fact.Connection) bool {
	if c.Flow[fact.ToClient].Packets == 0 && s.lastSeen(c.Backend.Addr()) == 0 {
		return false
	}
	for _, y := range s.byCalled[c.Called] {
		another := y.Count > 1 || y.Examples[0].ID != c.ID
		if another && y.Backend == c.Backend && y.Outcome == fact.Hang && y.Signs&fact.SignAnswered == 0 &&
			y.LastStart > s.lastSeen(c.Backend.Addr())+1e9 {
			return false
		}
	}
	return true
}

// silentSince reports whether a backend sent nothing after the last unanswered packet to it, nor long before.
func (s *scene) silentSince(c *fact.Connection) bool {
	last := s.lastSeen(c.Backend.Addr())
	return last < c.Flow[fact.ToServer].Tail && last <= max(c.Flow[fact.ToClient].Tail, c.Start)+1e9
}
