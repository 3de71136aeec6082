package rules

import (
	"fmt"
	"net/netip"
	"slices"

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
		"conntrack -L -p udp -d {service-ip} --dport {service-port} --reply-src {backend-ip}   # on the client's node",
		"conntrack -D -p udp -d {service-ip} --dport {service-port} --reply-src {backend-ip}   # CAREFUL: first be sure that {backend-ip} is gone. The next packet of each flow is translated anew",
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
		if x.Signs&fact.SignMute != 0 {
			p := Place{Client: x.Client, Service: x.Service, Backend: x.Former}
			cs.add(x.Called.String()+x.Former.String(), hit{x, &x.Examples[0], p})
			continue
		}
		c := example(x, func(c *fact.Connection) bool {
			return c.Outcome == fact.Hang || c.Outcome == fact.Unreachable
		})
		if c != nil && (s.diedUnder(c) && s.newSocketsElsewhere(x, c) || s.hadAnswered(c) && s.silentSince(c) && s.otherBackendWorks(x, c.Flow[fact.ToClient].Tail)) {
			cs.add(x.Called.String()+x.Backend.String(), hit{x, c, placeOf(c)})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		if i := slices.IndexFunc(c.hits, func(h hit) bool { return h.reach.Signs&fact.SignMute == 0 }); i > 0 {
			h = c.hits[i] // some sockets heal, and this one has not
		}
		if t := h.conn.Former; t != nil && t.To == f.Backend {
			list = append(list, translatedAnew(f, h.conn, t).fill())
			continue
		}
		f.Title = fmt.Sprintf("UDP to Service %s still goes to %s, which is gone", f.Service, f.Backend)
		f.Explanation = fmt.Sprintf("The packets of %s are translated to %s, which no longer answers. Other sockets reach another "+
			"backend of the Service and get answers.", h.conn.Client, f.Backend)
		f.Because = []string{
			fmt.Sprintf("packets of %s translated to %s stay unanswered", h.conn.Client, f.Backend),
			fmt.Sprintf("%s sent nothing to anybody after them", f.Backend.Addr()),
			"other backends of the same Service answered meanwhile",
		}
		if e := unreachable(h.conn); e != nil {
			f.Explanation = fmt.Sprintf("The packets of %s are translated to %s, which is no longer there. New sockets reach another backend of the Service.",
				h.conn.Client, f.Backend)
			f.Because = []string{
				fmt.Sprintf("%s reports %s for the packets of %s that are translated to %s", e.Src, icmpName(e), h.conn.Client, f.Backend),
				"sockets opened later are translated to another backend of the Service, and none to this one",
			}
		}
		list = append(list, f.fill())
	}
	return list
}

// translatedAnew words a finding about a socket that was translated anew in the end.
func translatedAnew(f Finding, c *fact.Connection, t *fact.Turn) Finding {
	since := t.Unanswered
	f.Severity = Warning
	f.First, f.Recovered = since, t.Last
	for _, l := range c.Legs {
		if l.Dst == c.Destination && len(l.Views) > 0 {
			f.Recovered = max(f.Recovered, l.Views[0].First)
			break
		}
	}
	f.Title = fmt.Sprintf("UDP to Service %s went on to %s for %s after that had ceased to answer", f.Service, t.To, round(t.Last-since))
	f.Explanation = fmt.Sprintf("The packets of %s were translated to %s, which no longer answered, and later to %s.", c.Client, t.To, c.Destination)
	f.Because = []string{
		fmt.Sprintf("packets of %s translated to %s stayed unanswered for %s", c.Client, t.To, round(t.Last-since)),
		fmt.Sprintf("the same socket was then translated to %s", c.Destination),
	}
	return f
}

// unreachable returns the ICMP error that said of a connection's packets that their destination can't be reached; nil without one. A host
// that is there and refuses a port says that itself.
func unreachable(c *fact.Connection) *fact.ICMPError {
	for i := range c.Errors {
		if e := &c.Errors[i]; e.Unreachable() && !e.PortUnreachable() && !e.Prohibited() && e.Flow == fact.ToServer && !e.Tunnel {
			return e
		}
	}
	return nil
}

// diedUnder reports whether a connection's packets went on to a backend that the network calls unreachable (no answer to ARP), and that
// has not shown life since.
func (s *scene) diedUnder(c *fact.Connection) bool {
	return c.Outcome == fact.Unreachable && unreachable(c) != nil && s.lastSeen(c.Backend.Addr()) < c.Flow[fact.ToServer].Tail
}

// newSocketsElsewhere reports whether sockets that were opened after a backend was called unreachable are translated to another one, and
// none to it. They need not be answered: nobody answers metrics.
func (s *scene) newSocketsElsewhere(x *fact.Reach, c *fact.Connection) bool {
	const late = 2e9 // kube-proxy writes its rules once a second at most (--iptables-min-sync-period)
	gone := max(s.lastSeen(x.Backend.Addr()), unreachable(c).Time)
	t := s.choices(x)
	if last, ok := t.to[x.Backend].any(); ok && last > gone+late {
		return false
	}
	elsewhere, ok := t.sent.besides(x.Backend)
	return ok && elsewhere > gone
}

// hadAnswered reports whether the backend of a connection was alive before, and no new socket is translated to it any more:
// a backend that never answers, and is chosen again and again, is an endpoint that does not work.
func (s *scene) hadAnswered(c *fact.Connection) bool {
	if c.Flow[fact.ToClient].Packets == 0 && s.lastSeen(c.Backend.Addr()) == 0 {
		return false
	}
	last, ok := index(s, newIgnored)[calledAndBackend{c.Called, c.Backend}].besides(c.ID)
	return !ok || last <= s.lastSeen(c.Backend.Addr())+1e9
}

// calledAndBackend is an address that is called, and what calls to it are translated to.
type calledAndBackend struct{ called, backend netip.AddrPort }

// ignored has when the last call began that got no answer, by the connection if it is one alone.
type ignored map[calledAndBackend]*latest[string]

func newIgnored(s *scene) ignored {
	m := ignored{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Outcome != fact.Hang || y.Signs&fact.SignAnswered != 0 {
			continue
		}
		k, id := calledAndBackend{y.Called, y.Backend}, ""
		if y.Count == 1 {
			id = y.Examples[0].ID
		}
		if m[k] == nil {
			m[k] = &latest[string]{}
		}
		m[k].see(id, y.LastStart)
	}
	return m
}

// silentSince reports whether a backend sent nothing after the last unanswered packet to it, nor long before.
func (s *scene) silentSince(c *fact.Connection) bool {
	last := s.lastSeen(c.Backend.Addr())
	return last < c.Flow[fact.ToServer].Tail && last <= max(c.Flow[fact.ToClient].Tail, c.Start)+1e9
}
