package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var ctIdleReset = Rule{
	ID: "ct-idle-reset", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "connections that were idle are forgotten on the way",
	Text: "A connection was idle for a while, and the next thing sent on it was answered by RST, or by nothing, while the other end lives: something " +
		"on the way had forgotten it. Conntrack, IPVS, load balancers and firewalls forget what is idle, each after a time of its own. Where the " +
		"source is masqueraded, a forgotten connection goes on from another port, which the server does not know; through a Service, it may go on to another " +
		"backend, which does not know it either.",
	Needs: "a silence of 15 s or longer, what was sent after it answered by RST or never, and a sign of life of the backend after that; or a source port, " +
		"or a backend that lives, that changed over the silence",
	Explains: []string{"tcp-loss"},
	ToldFrom: []string{
		"ct-stale-reset: there the backend was replaced meanwhile, and the new one resets",
		"ct-stale-blackhole: there the backend is gone",
		"a server that closes what is idle: there its FIN comes first",
		"app-keepalive-race: there the request crosses the server's FIN",
	},
	NextSteps: []string{
		"let the client send TCP keep-alives, or close idle connections, well before that silence is over (net.ipv4.tcp_keepalive_time does nothing without SO_KEEPALIVE)",
		"sysctl net.netfilter.nf_conntrack_tcp_timeout_established   # on the client's node; kube-proxy sets it to 24 h (conntrack.tcpEstablishedTimeout)",
		"ipvsadm -L --timeout   # on the client's node, where kube-proxy uses IPVS: 900 s for TCP by default",
		"look up the idle time-out of what lies between: cloud load balancers, NAT gateways and firewalls have some minutes",
	},
	Sources: []string{
		"linux net/netfilter/nf_conntrack_proto_tcp.c (tcp_timeouts), net/netfilter/ipvs/ip_vs_proto_tcp.c (tcp_timeouts), net/netfilter/nf_nat_core.c (get_unique_tuple)",
		"cloudnativelabs/kube-router #521", "kubernetes #32457",
	},
	judge: judgeIdleReset,
}

func judgeIdleReset(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Signs&fact.SignDiedIdle != 0 }) {
		c := &x.Examples[0]
		backend := x.Backend
		if x.Signs&fact.SignDiverted != 0 {
			backend = c.Former.To
		}
		if x.Signs&fact.SignMoved == 0 && (s.answersLater(backend, c.Idle.Until) == 0 || x.Signs&fact.SignDiverted == 0 && s.mayBeReplaced(x, c)) {
			continue
		}
		cs.add(x.Called.String()+x.Destination.String(), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, cause := range cs.list {
		f := cause.finding(r)
		h := cause.hits[0]
		c := h.conn
		gap := round(c.Idle.Until - c.Idle.Since)
		ended := "was answered by RST"
		if h.reach.Outcome == fact.Hang {
			ended = "was never answered"
		}
		f.Title = fmt.Sprintf("connections from %s to %s were forgotten while idle", f.Client, addrPort(c.Called))
		f.Explanation = fmt.Sprintf("%s idle for %s; what came next %s.", count(f.Count, "connection was", "connections were"), gap, ended)
		switch {
		case h.reach.Signs&fact.SignMoved != 0:
			f.Because = []string{"its source was rewritten to another port after the silence than before it: the node had forgotten its translation"}
		case h.reach.Signs&fact.SignDiverted != 0:
			f.Because = []string{fmt.Sprintf("it was translated to another backend after the silence than before it, and %s answers others later: the node "+
				"had forgotten its translation", addrPort(c.Former.To))}
		case s.livedThrough(h.reach.Backend, c.Idle):
			f.Certainty = Inferred
			f.Because = []string{"the backend lives: connections that it had before the silence go on after it"}
		default:
			f.Certainty = Possible
			f.Because = []string{"the backend answers new connections: it is there"}
		}
		if x := c.Reset; x != nil && x.ByNode && h.reach.Outcome == fact.ResetOutcome {
			f.Because = append(f.Because, "a node sent the RST, and not the backend")
		}
		if t := s.answersLater(h.reach.Backend, c.Idle.Until); t != 0 {
			f.Recovered = t
		}
		f.Explanation += " How long connections may be idle there can't be seen; known limits are 900 s (IPVS), 350 s (AWS NLB), 240 s (Azure), and whatever " +
			"nf_conntrack_tcp_timeout_established is set to."
		list = append(list, f.fill())
	}
	return list
}

// mayBeReplaced reports whether a RST is what a new pod at the old address would send: no node made it, and no connection that the backend had
// before goes on. Servers on the Internet are seldom replaced within a minute.
func (s *scene) mayBeReplaced(x *fact.Reach, c *fact.Connection) bool {
	return x.Outcome == fact.ResetOutcome && !s.outside(x) && !c.Reset.ByNode && !s.livedThrough(x.Backend, c.Idle)
}

// livedThrough reports whether a connection that a backend had before a silence went on after it. One that it took meanwhile may be that of a
// new pod at the same address.
func (s *scene) livedThrough(backend netip.AddrPort, silence *fact.Idle) bool {
	return s.livesOn(backend, silence.Since, silence.Until)
}

// answersLater returns when a backend first answered a connection that began after a time; the time itself where one that had begun
// before goes on. 0 for never.
func (s *scene) answersLater(backend netip.AddrPort, t int64) int64 {
	if s.livesOn(backend, t, t) {
		return t
	}
	return s.acceptedAfter(backend, t)
}
