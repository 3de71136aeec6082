package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var ctIdleReset = Rule{
	ID: "ct-idle-reset", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "idle connections are forgotten on the path",
	Text: "A connection was idle for a while, and the next packet on it was answered with a RST or not at all, while the other end is alive: something " +
		"on the path had forgotten it. Conntrack, IPVS, load balancers and firewalls forget idle connections, each after its own timeout. Where the " +
		"source is masqueraded, a forgotten connection continues from another port, which the server does not know; through a Service, it may continue to another " +
		"backend, which does not know it either.",
	Needs: "a silence of 15 s or longer, the next packet answered with a RST or never, and packets from the backend after that; or a source port, " +
		"or a backend that is still alive, that changed over the silence",
	Explains: []string{"tcp-loss"},
	ToldFrom: []string{
		"ct-stale-reset: there the backend was replaced meanwhile, and the new one sends the RST",
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
		ended := "was answered with a RST"
		if h.reach.Outcome == fact.Hang {
			ended = "was never answered"
		}
		f.Title = fmt.Sprintf("connections from %s to %s were forgotten while idle", f.Client, addrPort(c.Called))
		f.Explanation = fmt.Sprintf("%s idle for %s; the next packet %s.", count(f.Count, "connection was", "connections were"), gap, ended)
		switch {
		case h.reach.Signs&fact.SignMoved != 0:
			f.Because = []string{"after the silence its source was rewritten to another port: the node had forgotten its translation"}
		case h.reach.Signs&fact.SignDiverted != 0:
			f.Because = []string{fmt.Sprintf("after the silence it was translated to another backend, and %s still answers others: the node "+
				"had forgotten its translation", addrPort(c.Former.To))}
		case s.livedThrough(h.reach.Backend, c.Idle):
			f.Certainty = Inferred
			f.Because = []string{"the backend is alive: its other connections continue after the silence"}
		default:
			f.Certainty = Possible
			f.Because = []string{"the backend answers new connections, so it is alive"}
		}
		switch x := c.Reset; {
		case x == nil || h.reach.Outcome != fact.ResetOutcome:
		case x.ByNode:
			f.Because = append(f.Because, "a node sent the RST, not the backend")
		case nearer(x):
			f.Certainty = Inferred
			f.Because = append(f.Because, fmt.Sprintf("a machine on the path made the RST: it came with TTL %d, the backend's packets with %d", x.TTL, x.UsualTTL))
		}
		if t := s.answersLater(h.reach.Backend, c.Idle.Until); t != 0 {
			f.Recovered = t
		}
		f.Explanation += " The capture can't show the idle limit in force; known ones are 900 s (IPVS), 350 s (AWS NLB), 240 s (Azure), and whatever " +
			"nf_conntrack_tcp_timeout_established is set to."
		list = append(list, f.fill())
	}
	return list
}

// mayBeReplaced reports whether a RST is what a new pod at the old address would send: no node and no machine on the path made it, and no connection
// that the backend had before goes on. Servers on the Internet are seldom replaced within a minute.
func (s *scene) mayBeReplaced(x *fact.Reach, c *fact.Connection) bool {
	return x.Outcome == fact.ResetOutcome && !s.outside(x) && !c.Reset.ByNode && !nearer(c.Reset) && !s.livedThrough(x.Backend, c.Idle)
}

// nearer reports whether a RST came in with more TTL left than the packets of its sender had in the same place: a machine between made it, or one that
// begins with a larger TTL, as load balancers and routers do.
func nearer(r *fact.Reset) bool { return r.UsualTTL != 0 && r.TTL > r.UsualTTL }

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
