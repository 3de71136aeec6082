package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var appTimestampDrop = Rule{
	ID: "app-timestamp-drop", Layer: LayerApp, Severity: Critical, Since: "0.1.0",
	Title: "a server ignores SYNs whose timestamps are older than the last of that address",
	Text: "Several clients reach a server by one address (masquerading), each with a clock of its own in its TCP timestamps. A server with " +
		"net.ipv4.tcp_tw_recycle, which Linux had until 4.12, remembers the last timestamp of each address for a minute, and drops SYNs with older " +
		"ones without a word. Clients with the highest clock are served, others are not; who loses changes as connections come and go.",
	Needs: "SYNs from one address that got to the server and were ignored, each with a timestamp older than that of a connection which the server had " +
		"taken from the same address within a minute before; and none taken with an older one",
	Explains: []string{"app-backlog-full", "cni-no-reply", "tcp-loss"},
	ToldFrom: []string{
		"a policy, which does not look at timestamps: it lets a client in or not",
		"app-backlog-full: there SYNs with any timestamp are ignored while the queue is full",
	},
	NextSteps: []string{
		"sysctl net.ipv4.tcp_tw_recycle   # on the server ({backend-ip}); where it exists, set it to 0",
		"nstat -az TcpExtPAWSPassive TcpExtPAWSActive   # on the server: do they grow?",
		"uname -r   # on the server: 4.12 and later do not have that option",
	},
	Sources: []string{
		"linux 4.11 net/ipv4/tcp_input.c (tcp_conn_request), net/ipv4/tcp_metrics.c (tcp_peer_is_proven); removed by 4396e46187ca in 4.12",
		"RFC 7323, section 5.3", "RFC 6191", "tcp(7): tcp_tw_recycle",
	},
	judge: judgeTimestampDrop,
}

func judgeTimestampDrop(r *Rule, s *scene) []Finding {
	var cs causes
	newer := map[*fact.Reach]*fact.Connection{}
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.TCP && x.Outcome == fact.Hang && x.Phase == fact.PhaseHandshake && x.Signs&(fact.SignAnswered|fact.SignMidstream) == 0 && x.Backend.IsValid()
	}) {
		var shown *fact.Connection
		all := true
		for i := range x.Examples {
			c := &x.Examples[i]
			before := s.takenBefore(c)
			if before == nil || !older32(c.TSVal, before.TSVal) {
				all = false
				break
			}
			if shown == nil {
				shown, newer[x] = c, before
			}
		}
		if shown == nil || !all || s.takesOlder(shown) {
			continue
		}
		cs.add(x.Backend.String()+source(shown).String(), hit{x, shown, placeOf(shown)})
	}
	var list []Finding
	for _, cause := range cs.list {
		f := cause.finding(r)
		h := cause.hits[0]
		before := newer[h.reach]
		f.Certainty = Inferred
		if f.Count < 2 {
			f.Certainty = Possible
		}
		f.Title = fmt.Sprintf("%s ignores SYNs from %s whose timestamps are older than the last one", addrPort(f.Backend), source(h.conn))
		f.Explanation = fmt.Sprintf("%s from %s got no answer. Each has an older TCP timestamp than the connection that %s had taken from that address "+
			"before, of another client.", count(f.Count, "connection attempt", "connection attempts"), source(h.conn), addrPort(f.Backend))
		f.Because = []string{
			fmt.Sprintf("the SYN of %s has timestamp %d; %s before, %s was let in with %d", addrPort(h.conn.Client), h.conn.TSVal,
				round(h.conn.SYNTime-before.SYNTime), addrPort(before.Client), before.TSVal),
			"no connection from that address was let in with a timestamp older than the one before",
		}
		list = append(list, f.fill())
	}
	return list
}

// source returns the address that the server knows a client by.
func source(c *fact.Connection) netip.Addr {
	if c.SNAT.IsValid() {
		return c.SNAT.Addr()
	}
	return c.Client.Addr()
}

// older32 reports whether a timestamp is older than another one (RFC 7323, section 5.2).
func older32(a, b uint32) bool { return a != 0 && b != 0 && int32(a-b) < 0 }

// taken lists the connections that the backend of c took from the address that it knows c's client by.
func (s *scene) taken(c *fact.Connection, visit func(*fact.Connection)) {
	for i := range s.Reach {
		x := &s.Reach[i]
		if x.Backend != c.Backend || x.Proto != fact.TCP || x.Signs&fact.SignAnswered == 0 || x.Signs&fact.SignMidstream != 0 || x.Outcome == fact.Refused {
			continue
		}
		for k := range x.Examples {
			if e := &x.Examples[k]; e.TSVal != 0 && source(e) == source(c) {
				visit(e)
			}
		}
	}
}

// remembered is for how long a timestamp is remembered (linux include/net/tcp.h, TCP_PAWS_MSL).
const remembered = 60e9

// takenBefore returns the latest connection of another client that the backend of c had taken from the same address when c's SYN came, nil
// without one.
func (s *scene) takenBefore(c *fact.Connection) *fact.Connection {
	var last *fact.Connection
	s.taken(c, func(e *fact.Connection) {
		if e.Client.Addr() != c.Client.Addr() && e.SYNTime < c.Start && c.Start-e.SYNTime < remembered && (last == nil || e.SYNTime > last.SYNTime) {
			last = e
		}
	})
	return last
}

// takesOlder reports whether the backend of c took a connection from the same address with a timestamp older than that of one just before.
func (s *scene) takesOlder(c *fact.Connection) bool {
	var all []*fact.Connection
	s.taken(c, func(e *fact.Connection) { all = append(all, e) })
	for _, a := range all {
		for _, b := range all {
			if a.SYNTime < b.SYNTime && b.SYNTime-a.SYNTime < remembered && older32(b.TSVal, a.TSVal) {
				return true
			}
		}
	}
	return false
}
