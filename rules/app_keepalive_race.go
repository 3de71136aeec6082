package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var appKeepaliveRace = Rule{
	ID: "app-keepalive-race", Layer: LayerApp, Severity: Info, Since: "0.1.0",
	Title: "a request crossed the server's closing of an idle connection",
	Text: "The server closed a connection that had been idle, as servers do. While its FIN was on the way, the client sent another request, which " +
		"the server's kernel answered with a RST. The client sees \"connection reset\" or an empty answer, and nothing is wrong with the network.",
	Needs: "a silence, then the server's FIN, and data that the client sent before it could know of it, answered by RST",
	ToldFrom: []string{
		"ct-idle-reset: there the server had not closed the connection",
		"ct-stale-reset: there no FIN comes before the RST",
		"a client that goes on to write after it has acknowledged the FIN: that is no race, and its own fault",
	},
	NextSteps: []string{
		"set the client's idle time-out for kept connections (keep-alive) below the server's",
		"let the client try idempotent requests again that fail so (most HTTP libraries can)",
	},
	Sources: []string{"RFC 9112, section 9.5", "RFC 9293, section 3.10.7.4", "linux net/ipv4/tcp_input.c (tcp_rcv_state_process)"},
	judge:   judgeKeepaliveRace,
}

func judgeKeepaliveRace(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Signs&fact.SignCrossed != 0 }) {
		c := &x.Examples[0]
		cs.add(x.Called.String(), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, cause := range cs.list {
		f := cause.finding(r)
		c := cause.hits[0].conn
		f.Title = fmt.Sprintf("a request from %s to %s crossed the server's FIN", f.Client, addrPort(c.Called))
		f.Explanation = fmt.Sprintf("%s: after a silence of %s the server closed, the client's next request was under way already, and was answered by RST.",
			count(f.Count, "connection", "connections"), round(c.Idle.Until-c.Idle.Since))
		f.Because = []string{"the request does not acknowledge the FIN, and the FIN does not acknowledge the request"}
		list = append(list, f.fill())
	}
	return list
}
