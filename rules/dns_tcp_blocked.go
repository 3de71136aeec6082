package rules

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsTCPBlocked = Rule{
	ID: "dns-tcp-blocked", Layer: LayerDNS, Severity: Critical, Since: "0.1.0",
	Title: "answers are truncated, and the server does not accept TCP",
	Text: "An answer did not fit into a datagram: the server cut it and set the TC bit, and the resolver must ask again over TCP. But TCP port 53 of the " +
		"server is refused or silent: the Service has no TCP port, the server does not listen there, or a NetworkPolicy or firewall opens UDP port 53 " +
		"only. Small answers come, and names with many records fail or come back incomplete.",
	Needs: "the truncated answer over UDP, and the same client's connection to the same server's port that follows it and fails before it is open",
	Explains: []string{
		"app-refused", "cni-no-reply", "cni-reject", "svc-no-endpoints", "svc-no-dnat", "tcp-loss", "dns-no-response", "dns-intermittent-timeout",
		"dns-tcp-fallback", "dns-servfail",
	},
	ToldFrom: []string{
		"dns-tcp-fallback: there the connection works and the whole answer comes",
		"app-refused, cni-no-reply: there no truncated answer comes before, as where a program asks over TCP from the beginning",
		"dns-no-response: there nothing comes over UDP either",
	},
	NextSteps: []string{
		"kubectl -n kube-system get svc kube-dns   # PORT(S): is there 53/TCP beside 53/UDP?",
		"kubectl get networkpolicy -A -o yaml | grep -B3 -A3 'port: 53'   # is TCP allowed wherever UDP is, at the clients' egress and the server's ingress?",
		debugClient + "dig +tcp @{server-ip} {name}   # in the client's pod: does it fail, and +notcp +ignore not?",
		debugClient + "dig +tcp @{backend-ip} {name}   # the same without the Service",
		"iptables-save | grep -w 53 ; nft list ruleset | grep -w 53   # on the client's node and the server's",
		"until TCP works, add the option edns0 by the pod template's dnsConfig.options: answers of up to 1200 bytes then fit (glibc)",
	},
	Sources: []string{
		"RFC 7766, section 5", "RFC 2181, section 9", "RFC 1035, section 4.2.1", "coredns #844", "cloudnativelabs/kube-router #1136", "glibc resolv/res_send.c",
	},
	judge: judgeTCPBlocked,
}

func judgeTCPBlocked(r *Rule, s *scene) []Finding {
	// A resolver asks again over TCP at once; some try other servers first.
	const soon = 15e9
	refusing := map[called]*refusals{}
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.TCP && x.Failed() && x.Phase == fact.PhaseHandshake && x.Signs&fact.SignMidstream == 0
	}) {
		if x.Outcome == fact.Hang && example(x, func(c *fact.Connection) bool { return s.bothWays(c) }) == nil {
			continue
		}
		k := called{x.Client, x.Called}
		if refusing[k] == nil {
			refusing[k] = &refusals{}
		}
		refusing[k].ways = append(refusing[k].ways, x)
		refusing[k].begun = append(refusing[k].begun, [2]int64{x.First, x.LastStart})
	}
	for _, t := range refusing {
		t.begun.finish()
	}
	if len(refusing) == 0 {
		return nil
	}
	var cs dnsCauses
	fails := map[string][]*fact.Reach{}
	for _, l := range s.openLookups(r, func(l *fact.Lookup) bool { return truncated(l) != nil && !tcpAnswered(l) }) {
		q := truncated(l)
		key := q.Server.String()
		at := q.Sent + max(q.Duration, 0)
		t := refusing[called{l.Client, q.Server}]
		if t == nil || !t.begun.touches(at, at+soon) {
			continue
		}
		fails[key] = append(fails[key], t.take(at, at+soon)...)
		p := byName(l)
		p.Server, p.Backend = q.Server, podOf(q)
		cs.add(key, dnsHit{lookup: l, place: p, query: q})
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r, s)
		how := map[fact.Outcome]uint64{}
		tried, worked := uint64(0), uint64(0)
		for _, x := range fails[c.key] {
			how[x.Outcome] += x.Count
			tried += x.Count
			f.covers = append(f.covers, x)
			f.Last = max(f.Last, x.Last)
			f.Evidence = append(f.Evidence[:min(len(f.Evidence), maxEvidence/2)], EvidenceOf(&x.Examples[0])...)
			for i := range x.Examples {
				if len(f.Connections) < maxConnections {
					f.Connections = append(f.Connections, x.Examples[i].ID)
				}
			}
			worked += index(s, newTCPCalls)[called{x.Client, x.Called}]
		}
		f.Evidence = f.Evidence[:min(len(f.Evidence), maxEvidence)]
		if !f.Backend.IsValid() {
			f.Backend = translatedTo(fails[c.key][0])
		}
		f.Title = fmt.Sprintf("answers from %s are truncated, and its TCP port %s", addrPort(f.Server), refusedOrSilent(how))
		f.Explanation = fmt.Sprintf("%s for %s got a truncated answer over UDP. %s over TCP followed, and none succeeded: %s.",
			count(f.Count, "lookup", "lookups"), several(c.names()), count(tried, "attempt", "attempts"), howEnded(how))
		if worked > 0 {
			f.Severity = Warning
			f.Explanation += fmt.Sprintf(" %s by the same clients over TCP worked: perhaps only one of several servers does not accept TCP.", count(worked, "other connection", "other connections"))
		}
		f.Because = []string{"the answer over UDP has the TC bit set", fmt.Sprintf("TCP connections to %s begin after it and fail to open", addrPort(f.Server))}
		list = append(list, f.fill())
	}
	return list
}

// refusals are the ways of one client to one server that fail, as far as they were not taken yet, and when their connections began.
type refusals struct {
	ways  []*fact.Reach
	begun spans
	steps int
}

// take returns ways, each once, of which connections began in a stretch of time; some, where there are more than can be asked each time.
func (t *refusals) take(from, to int64) (list []*fact.Reach) {
	const most = 1 << 20
	if t.steps += len(t.ways); t.steps > most {
		return nil
	}
	t.ways = slices.DeleteFunc(t.ways, func(x *fact.Reach) bool {
		fits := x.LastStart >= from && x.First <= to
		if fits {
			list = append(list, x)
		}
		return fits
	})
	return list
}

// tcpCalls counts the connections over TCP that worked, by who called what.
type tcpCalls map[called]uint64

func newTCPCalls(s *scene) tcpCalls {
	m := tcpCalls{}
	for i := range s.Reach {
		if y := &s.Reach[i]; y.Proto == fact.TCP && y.Outcome == fact.OK {
			m[called{y.Client, y.Called}] += y.Count
		}
	}
	return m
}

// tcpAnswered reports whether a question that was asked over TCP was answered.
func tcpAnswered(l *fact.Lookup) bool {
	q := overTCP(l)
	return q != nil && q.Rcode != ""
}

// refusedOrSilent says what most connections met.
func refusedOrSilent(n map[fact.Outcome]uint64) string {
	switch {
	case n[fact.Refused] >= n[fact.Hang] && n[fact.Refused] >= n[fact.Unreachable]:
		return "refuses connections"
	case n[fact.Unreachable] > n[fact.Hang]:
		return "cannot be reached"
	}
	return "does not answer"
}

// translatedTo returns the backend that a Service's address was translated to, zero where it was called directly.
func translatedTo(x *fact.Reach) netip.AddrPort {
	if x.Backend == x.Called {
		return netip.AddrPort{}
	}
	return x.Backend
}
