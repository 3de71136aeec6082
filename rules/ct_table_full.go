package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var ctTableFull = Rule{
	ID: "ct-table-full", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "a node drops the first packets of all new connections: its conntrack table is full",
	Text: "The first packets of new connections, of several pods or hosts, come in to one node and end at the interface where they came in, while connections " +
		"that were opened before continue there. Conntrack makes an entry before a packet is translated or routed; where nf_conntrack_max is reached, and no " +
		"entry can be evicted early, it drops the packet instead (\"nf_conntrack: table full, dropping packet\"). New connections of that node get through by " +
		"chance, or once entries have timed out.",
	Needs: "first packets of two clients or more that come in to one node within one period and are never seen beyond, in a capture of all " +
		"interfaces; a connection opened before that is answered there since and lost nothing; and new connections to the same addresses that work again " +
		"(or, where all that is called fails, worked before). " +
		"Without a bridge to separate what comes before routing, several addresses that are called",
	Explains: []string{"cni-no-reply", "svc-no-dnat", "svc-local-no-endpoint", "dns-no-response", "dns-intermittent-timeout", "tcp-loss"},
	ToldFrom: []string{
		"a NetworkPolicy of one pod: there other pods of the node open connections meanwhile, and where there is a bridge, its packets get that far",
		"a node that forwards nothing: there connections that are open stop, too",
		"svc-local-no-endpoint: there one NodePort alone is dropped",
		"a source port collision: there the packet is translated first, and its retry a second later passes",
	},
	NextSteps: []string{
		"dmesg -T | grep 'nf_conntrack: table full'   # on the node",
		"sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max   # on the node: how near are they now?",
		"conntrack -S   # on the node: drop and early_drop of each CPU, growing?",
		"conntrack -L -o extended | grep -o 'src=[^ ]*' | sort | uniq -c | sort -rn | head   # on the node: whose entries are they?",
		"conntrack -L | grep -o 'src=[^ ]*' | sort | uniq -c | sort -rn | head   # on the node: whose?",
		"kubectl -n kube-system get configmap kube-proxy -o yaml | grep -A6 conntrack   # maxPerCore, min, and the timeouts",
	},
	Sources: []string{
		"linux net/netfilter/nf_conntrack_core.c (__nf_conntrack_alloc, early_drop)", "linux Documentation/networking/nf_conntrack-sysctl.rst",
		"kubernetes pkg/proxy/apis/config/types.go (KubeProxyConntrackConfiguration)",
	},
	judge: judgeTableFull,
}

func judgeTableFull(r *Rule, s *scene) []Finding {
	var cs causes
	at := map[string]int{}
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Outcome == fact.Hang && x.Signs&(fact.SignAnswered|fact.SignMidstream) == 0 &&
			(x.Proto == fact.TCP && x.Phase == fact.PhaseHandshake && x.Signs&fact.SignSYNResend != 0 || x.Proto == fact.UDP && x.Packets > x.Count)
	}) {
		if c := example(x, s.endsWhereItCameIn); c != nil {
			leg, view := farthest(c)
			at[leg.Node] = int(view.Capture)
			cs.add(leg.Node, hit{x, c, Place{Client: x.Client, Service: x.Called}})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		if t := s.newFail(c, at[c.key]); t != nil {
			list = append(list, s.tableFull(r, c, t))
		}
	}
	return list
}

// newOnly is what shows that a node drops new connections, and new ones alone.
type newOnly struct {
	// first is when the first of those that fail began, until when the last of them ended.
	first, until int64
	// clients and called count who failed, and what they called.
	clients, called int
	// before says that connections to one of the addresses called had worked, after is when one began that works again, 0 for none.
	before bool
	after  int64
	// open is a connection that was there before and is answered since.
	open *fact.Connection
	// late are connections that were opened meanwhile, after resends.
	late []*fact.Reach
}

// newFail judges the connections whose first packets end at one node; nil if something else, or nothing, explains them as well.
func (s *scene) newFail(c *cause, capture int) *newOnly {
	t := &newOnly{}
	clients, called, veths := map[netip.Addr]bool{}, map[netip.AddrPort]bool{}, map[netip.Addr]bool{}
	for _, h := range c.hits {
		x := h.reach
		if t.first == 0 || x.First < t.first {
			t.first = x.First
		}
		t.until = max(t.until, x.Last)
		clients[x.Client], called[x.Called] = true, true
		if _, v := farthest(h.conn); v.Role.Kind == fact.Veth {
			veths[x.Client] = true
		}
	}
	t.clients, t.called = len(clients), len(called)
	bridged := slices.ContainsFunc(s.Interfaces, func(i fact.Interface) bool { return i.Capture == capture && i.Role.Kind == fact.Bridge })
	if t.clients < 2 || t.called < 2 && !(bridged && len(veths) > 1) || !together(c) {
		return nil
	}
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Signs&fact.SignAnswered == 0 || y.Failed() || len(y.Examples) == 0 || !s.passes(&y.Examples[0], capture) {
			continue
		}
		if e := openSince(y, t.first); e != nil && (t.open == nil || e.Flow[fact.ToClient].Tail < t.open.Flow[fact.ToClient].Tail) {
			t.open = e
		}
		switch {
		case y.Signs&fact.SignMidstream != 0:
		case y.Late():
			if y.First >= t.first && y.LastStart <= t.until {
				t.late = append(t.late, y)
			}
		case !clients[y.Client] && (t.spans(y.First) || t.spans(y.LastStart)):
			return nil // others open connections meanwhile
		case called[y.Called]:
			t.before = t.before || y.First < t.first
			for _, begun := range []int64{y.First, y.LastStart} {
				if begun > t.until && (t.after == 0 || begun < t.after) {
					t.after = begun
				}
			}
		}
	}
	// A policy that comes into force for a pod that all call drops their first packets, too, and goes on doing so.
	const everything = 3
	if t.open == nil || t.after == 0 && (!t.before || t.called < everything) {
		return nil
	}
	return t
}

// spans reports whether a time lies between the first loss and the last.
func (t *newOnly) spans(begun int64) bool { return begun > t.first && begun < t.until }

// openSince returns a TCP connection of x that was begun before a time and is answered since, and lost nothing: an outage would have cost it
// packets. Where x has others, begun later, it shows only if it was kept as an example.
func openSince(x *fact.Reach, since int64) *fact.Connection {
	if x.Proto != fact.TCP || x.Signs&fact.SignResent != 0 || x.First >= since || x.Last <= since {
		return nil
	}
	return example(x, func(c *fact.Connection) bool { return c.Start < since && c.Flow[fact.ToClient].Tail > since })
}

// together reports whether connections of two clients failed at the same time.
func together(c *cause) bool {
	ways := make([]*fact.Reach, len(c.hits))
	for i, h := range c.hits {
		ways[i] = h.reach
	}
	slices.SortFunc(ways, func(a, b *fact.Reach) int { return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last)) })
	var until latest[netip.Addr] // of those that began before
	for _, x := range ways {
		if last, ok := until.besides(x.Client); ok && last > x.First {
			return true
		}
		until.see(x.Client, x.Last)
	}
	return false
}

// passes reports whether a connection's packets go through the node of a capture: they come in by one interface of it and are seen on another.
func (s *scene) passes(c *fact.Connection, capture int) bool {
	seen, first := 0, uint32(0)
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			v := &c.Legs[i].Views[k]
			if int(v.Capture) != capture || v.Flow != fact.ToServer {
				continue
			}
			if seen == 0 || v.Interface != first {
				seen++
				first = v.Interface
			}
		}
	}
	return seen > 1
}

func (s *scene) tableFull(r *Rule, c *cause, t *newOnly) Finding {
	f := c.finding(r)
	leg, view := farthest(c.hits[0].conn)
	f.Certainty = Inferred
	if !t.before || t.after == 0 {
		f.Certainty, f.Severity = Possible, Warning
	}
	f.Title = fmt.Sprintf("the first packets of new connections vanish on %s: its conntrack table is full", leg.Node)
	f.Explanation = fmt.Sprintf("%s by %d clients to %s came in to %s within %s and ended there%s, neither translated nor routed nor refused. "+
		"A connection opened earlier was still answered then or later: %s to %s. This is how a full conntrack table looks.",
		count(f.Count, "connection attempt", "connection attempts"), t.clients, count(uint64(t.called), "address", "addresses"), leg.Node, round(t.until-t.first),
		crossing(view), t.open.Client, t.open.Called)
	f.Because = []string{
		"no other interface of the node shows them, in a capture of all interfaces",
		fmt.Sprintf("%d clients are affected at the same time, so it is not a rule for one of them", t.clients),
		fmt.Sprintf("%s to %s, opened before, is answered %s after the first loss, without a retransmission", t.open.Client, t.open.Called, round(t.open.Flow[fact.ToClient].Tail-t.first)),
	}
	switch {
	case t.before && t.after != 0:
		f.Because = append(f.Because, "new connections to the same address work before and after")
	case t.before:
		f.Because = append(f.Because, "new connections to the same address worked before")
		f.Explanation += " None is seen to work again: a policy that took effect for all of these clients would look the same."
	default:
		f.Because = append(f.Because, "new connections to the same address work after")
	}
	f.Recovered = t.after
	for _, x := range t.late {
		f.covers = append(f.covers, x)
		for i := range x.Examples {
			if len(f.Connections) < maxConnections {
				f.Connections = append(f.Connections, x.Examples[i].ID)
			}
		}
	}
	return f.fill()
}
