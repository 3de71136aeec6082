package rules

import (
	"fmt"
	"math"

	"github.com/netsift/netsift/analyze/fact"
)

var ctStaleReset = Rule{
	ID: "ct-stale-reset", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "connections were still translated to a backend that had been replaced",
	Text: "A connection through a Service outlived its backend. Conntrack kept translating it to the old address, where a " +
		"new pod (or, with IPVS, the node itself) knew nothing of it and answered with a RST (of SCTP: an ABORT). New connections work.",
	Needs: "data from the old backend, or its acknowledgement of the client's, and a RST without the ACK flag on the same path whose sequence " +
		"number is the client's own acknowledgement (an ABORT whose T bit is set): the answer of a host that has no such connection. Of a RST that the client's node " +
		"made: new connections that go elsewhere",
	Explains: []string{"ct-stale-blackhole", "ct-idle-reset", "app-refused", "tcp-loss"},
	ToldFrom: []string{
		"app-refused: there the RST answers a SYN",
		"an application that aborts: its RST carries the ACK flag and follows its own data",
		"data sent to a server that has closed: there its FIN came before",
		"a full listen queue: there the server had sent nothing but its SYN-ACK",
		"a translation that was forgotten while the connection was idle: there the backend is alive, and the RST comes from elsewhere",
		"ct-invalid-reset: there the client sends the first RST, to an answer from the wrong address",
	},
	NextSteps: []string{
		"conntrack -L -p tcp -d {service-ip} --dport {service-port} --reply-src {backend-ip}   # on the client's node: what is still translated to it",
		"conntrack -D -p tcp -d {service-ip} --dport {service-port} --reply-src {backend-ip}   # CAREFUL: ends all of these; first be sure that {backend-ip} is gone, and that no new pod has its address. Their clients connect again",
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # when was it started?",
		"shut pods down gracefully: preStop sleep and terminationGracePeriodSeconds long enough to drain connections",
	},
	Sources: []string{
		"kubernetes #100698", "RFC 9293, section 3.5.2", "RFC 9260, section 8.4",
		"linux net/netfilter/ipvs/ip_vs_core.c (expire_nodest_conn), ip_vs_conn.c (timeouts)", "cloudnativelabs/kube-router #521",
	},
	judge: judgeStaleReset,
}

func judgeStaleReset(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto.Opens() && x.Outcome == fact.ResetOutcome && x.Service.IsValid()
	}) {
		c := example(x, neverKnew)
		if c == nil || s.livesOn(x.Backend, heardBefore(c), c.Reset.Time) || c.Reset.ByNode && !s.otherBackendWorks(x, c.Reset.Time) && !s.refusedSince(x, c.Reset.Time) {
			continue
		}
		cs.add(x.Called.String()+x.Backend.String(), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		x := h.conn.Reset
		how := "a RST that acknowledges nothing"
		if h.reach.Proto == fact.SCTP {
			how = "an ABORT"
		}
		f.Title = fmt.Sprintf("connections through Service %s are reset: their backend %s was replaced", f.Service, backendText(f.Backend))
		f.Explanation = fmt.Sprintf("%s had worked and then got %s: the host at %s has no such connection. Conntrack on the "+
			"client's node still translates it there.", count(f.Count, "established connection", "established connections"), how, backendText(f.Backend))
		if x.ByNode {
			f.Explanation = fmt.Sprintf("%s had worked and then got a RST from the client's own node, which no longer has a backend for it (IPVS).",
				count(f.Count, "established connection", "established connections"))
		}
		f.Because = []string{
			"the RST has no ACK flag, and its sequence number is what the client acknowledged: so answers a host that does not know the connection",
			fmt.Sprintf("the server had sent neither %s nor %s before", h.reach.Proto.Terms().Shut, h.reach.Proto.Terms().Abort),
		}
		if h.reach.Proto == fact.SCTP {
			f.Because[0] = "the ABORT's T bit is set and it repeats the tag of the packet it answers: so answers a host that does not know the connection"
		}
		if x.UsualTTL != 0 && x.TTL != x.UsualTTL {
			f.Because = append(f.Because, fmt.Sprintf("its TTL is %d, while the server's packets had %d in the same place", x.TTL, x.UsualTTL))
		}
		if t := s.worksAfter(h.reach, x.Time); t != 0 {
			f.Recovered = t
			f.Because = append(f.Because, "later connections to the same Service work")
		}
		list = append(list, f.over(h.reach.Proto).fill())
	}
	return list
}

// neverKnew reports whether a connection that had worked was ended by a host that has no state of it.
func neverKnew(c *fact.Connection) bool {
	return c.Dropped() && (c.Reset.Bare && c.Reset.AnswersAck || c.Reset.ByNode)
}

// heardBefore returns a time at which the backend that had taken part in a connection was still there: before the silence that its last packets
// ended, or else its RST. Where the client's own node made the RST, any time will do: IPVS had forgotten the connection, as it does after 15 minutes
// (net/netfilter/ipvs/ip_vs_proto_tcp.c, tcp_timeouts), if the backend answers others later.
func heardBefore(c *fact.Connection) int64 {
	if c.Reset.ByNode {
		return math.MaxInt64
	}
	if c.Idle != nil && c.Idle.Until <= c.Reset.Time {
		return c.Idle.Since
	}
	return c.Reset.Time
}

func backendText(b interface {
	IsValid() bool
	String() string
},
) string {
	if !b.IsValid() {
		return "(not seen)"
	}
	return b.String()
}
