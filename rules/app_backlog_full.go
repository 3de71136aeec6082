package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var appBacklogFull = Rule{
	ID: "app-backlog-full", Layer: LayerApp, Severity: Critical, Since: "0.1.0",
	Title: "an application does not accept its connections: its listen queue is full",
	Text: "A pod's kernel keeps connections that the application has not yet accepted in a queue. Once that is full, the kernel silently drops SYNs, " +
		"or ignores the client's acknowledgement and repeats its SYN-ACK, or (net.ipv4.tcp_abort_on_overflow) answers the acknowledgement with a RST. " +
		"The application is overloaded or stuck, or its queue is short. A RST right after the handshake may also come from a proxy or a firewall that " +
		"does not know the connection, or from an application that closes at once with SO_LINGER 0.",
	Needs: "SYNs that went out to the pod's own interface and were not answered, while the pod answers others on that port; or a SYN-ACK repeated although " +
		"the client's acknowledgement and its data had reached the pod; or a RST without ACK in answer to the last packet of a handshake",
	Explains: []string{"cni-no-reply", "tcp-loss", "app-refused", "ct-stale-blackhole", "cni-mtu-blackhole"},
	ToldFrom: []string{
		"cni-no-reply: there the SYN is dropped before it reaches the pod, or the pod answers nobody",
		"ct-stale-reset: there the backend had used the connection before",
		"app-refused: there a RST answers the SYN, because nothing listens",
		"a server that waits for data before it accepts a connection (TCP_DEFER_ACCEPT): there data is answered at once",
		"app-timestamp-drop: there the ignored SYNs have older timestamps than an earlier one",
	},
	NextSteps: []string{
		"kubectl exec -n {backend-pod} -- ss -ltn   # in the backend: Recv-Q of {backend-port} at Send-Q is a full queue",
		debugBackend + "ss -ltn   # the same where the image has no ss (distroless)",
		debugBackend + "nstat -az TcpExtListenOverflows TcpExtListenDrops   # in the backend: do they grow?",
		"kubectl top pod -A   # is it out of CPU (throttled)? More replicas spread the load",
		"raise the backlog of the application, and net.core.somaxconn in the pod, which bounds it",
	},
	Sources: []string{
		"linux net/ipv4/tcp_input.c (tcp_conn_request), net/ipv4/tcp_ipv4.c (tcp_v4_syn_recv_sock), net/ipv4/tcp_minisocks.c (tcp_check_req)",
		"https://docs.kernel.org/networking/ip-sysctl.html: tcp_abort_on_overflow, tcp_max_syn_backlog", "listen(2)",
	},
	judge: judgeBacklogFull,
}

func judgeBacklogFull(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.TCP && x.Backend.IsValid() && x.Backend.Addr() != x.Client
	}) {
		c := &x.Examples[0]
		switch {
		case x.Outcome == fact.Hang && x.Phase == fact.PhaseHandshake && x.Signs&(fact.SignAnswered|fact.SignMidstream) == 0:
			if c = example(x, s.delivered); c == nil || !s.answersOthers(x) {
				continue
			}
		case x.Signs&fact.SignUnheard != 0:
			if c = example(x, s.delivered); c == nil {
				continue // a lost acknowledgement may be the reason as well
			}
		case x.Signs&fact.SignUnserved != 0 && x.Outcome == fact.ResetOutcome:
		default:
			continue
		}
		cs.add(x.Backend.String(), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, cause := range cs.list {
		f := cause.finding(r)
		h := cause.hits[0]
		n, same := s.answersMeanwhile(h.reach)
		f.Certainty = Inferred
		f.Title = fmt.Sprintf("%s does not accept all connections: its listen queue is full", addrPort(f.Backend))
		switch {
		case h.reach.Signs&fact.SignUnheard != 0:
			f.Explanation = fmt.Sprintf("%s: the client acknowledged the SYN-ACK from %s and sent its request, but the server sent the SYN-ACK again, %s.",
				count(f.Count, "connection", "connections"), addrPort(f.Backend), count(uint64(h.conn.Unheard), "time", "times"))
			f.Because = []string{"the acknowledgement and the data went out to the pod's own interface", "its kernel does not treat the connection as established"}
		case h.reach.Signs&fact.SignUnserved != 0:
			f.Certainty = Possible
			f.Title = fmt.Sprintf("%s resets connections right after the handshake: its listen queue may be full", addrPort(f.Backend))
			f.Explanation = fmt.Sprintf("%s: SYN and SYN-ACK were exchanged, and the client's next packet was answered with a RST without the ACK flag, as by a host "+
				"that has no such connection. A full listen queue does that (tcp_abort_on_overflow, or once the SYN-ACK timed out), and so does a device "+
				"on the path that answers for the server.", count(f.Count, "connection", "connections"))
			f.Because = []string{"the server's side had sent nothing but its SYN-ACK"}
		default:
			f.Explanation = fmt.Sprintf("%s from %s went out to the pod's own interface and got no answer, while the pod answered %s on the same port.",
				count(f.Count, "connection attempt", "connection attempts"), f.Client, count(n, "other", "others"))
			f.Because = []string{"the SYNs reached the pod's own interface", "the same port answers other connections: something listens there"}
			if !same {
				f.Certainty = Possible
				f.Explanation += " None of those was this client's: a policy enforced at the pod's interface itself would look the same."
			}
		}
		last := int64(0)
		for _, h := range cause.hits {
			last = max(last, h.reach.Last)
		}
		f.Recovered = s.acceptedAfter(h.reach.Backend, last)
		list = append(list, f.fill())
	}
	return list
}
