package rules

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var cniBGPDown = Rule{
	ID: "cni-bgp-down", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "BGP between two nodes is down, and pods behind one of them are unreachable",
	Text: "Nodes tell each other by BGP which pods live on them (Calico's BIRD, kube-router, Cilium). The session was refused, reset, ended by a NOTIFICATION or " +
		"silent for longer than its hold time: each side forgets the other one's routes, and packets for the pods behind it go nowhere, or to the default gateway.",
	Needs: "the session's end, or attempts to open it that fail; and connections to pods behind that node that fail from then on, and worked before, or are known " +
		"to be for that node",
	Explains: []string{"cni-no-reply", "cni-reject", "cni-tunnel-oneway", "app-refused", "tcp-loss"},
	ToldFrom: []string{
		"a session that is opened again at once, or ends while routes are kept (graceful restart): there the pods stay reachable",
		"cni-no-reply and cni-reject: there the sessions of BGP are well",
		"two sessions that were opened at once, of which one is closed: there the other one goes on",
	},
	NextSteps: []string{
		"calicoctl node status   # on {node1} and {node2}; or: birdcl show protocols, gobgp neighbor, cilium bgp peers",
		"kubectl get pods -A -o wide | grep -e calico-node -e kube-router -e cilium -e speaker   # does it run on both nodes, is it Ready?",
		"ip route get {backend-ip}   # on {node1}: by {node2} or its tunnel, or by the default gateway?",
		"tcpdump -ni any tcp port 179 and host {node2}   # on {node1}: are the two talking?",
		"iptables-save | grep -w 179 ; nft list ruleset | grep -w -e 179 -e bgp   # on both: TCP port 179 must be open between all nodes",
		"ip route get {node2} ; ip addr | grep -wF {node1}   # on {node1}: is the address that it peers from that of the right interface (IP_AUTODETECTION_METHOD)?",
	},
	Sources: []string{
		"RFC 4271, sections 4.4, 4.5, 6 and 8", "RFC 4724", "https://docs.tigera.io/calico/latest/networking/configuring/bgp",
		"https://docs.tigera.io/calico/latest/getting-started/kubernetes/requirements: TCP 179",
	},
	judge: judgeBGPDown,
}

func judgeBGPDown(r *Rule, s *scene) []Finding {
	var list []Finding
	peerings := s.peerings()
	down := map[*peering]*outage{}
	for _, p := range peerings {
		if o := p.outage(); o != nil {
			down[p] = o
		}
	}
	if len(down) == 0 {
		return nil
	}
	failing := s.open(r, func(x *fact.Reach) bool { return x.Failed() && s.noWay(x) })
	most := share(2 * len(down))
	for _, p := range peerings {
		o := down[p]
		if o == nil {
			continue
		}
		for _, ends := range [][2]netip.Addr{p.ends, {p.ends[1], p.ends[0]}} {
			b := behind{near: ends[0], far: ends[1], outage: o, only: len(down) == 1}
			if c := s.cutOff(failing[:min(len(failing), most)], &b, most); len(c.hits) > 0 {
				list = append(list, s.bgpFinding(r, c, &b))
			}
		}
	}
	return list
}

// behind is the pods of one machine, as the other one reaches them.
type behind struct {
	near, far netip.Addr
	*outage
	// only says that no other peering is down.
	only bool
	// worked says that the pods were reached before. guessed says that nothing but this tells on which node they live.
	worked, guessed bool
}

// lasts reports whether something begins in the outage.
func (b *behind) lasts(t int64) bool { return t >= b.from && (b.until == 0 || t < b.until) }

// outlasted reports whether x went on to fail when the session was long open again.
func (b *behind) outlasted(x *fact.Reach) bool {
	const settles = 10e9
	return b.until != 0 && x.Last > b.until+settles
}

// callsBy reports whether the packets of x may go by the near machine: its client lives there, or on a node of which nothing is known, or the
// machine is none that is known to have pods, as a route reflector. A client on the far one needs no route.
func (s *scene) callsBy(x *fact.Reach, b *behind) bool {
	client, at := s.nodeOf(x.Client), s.nodeOf(b.near)
	return x.Client == b.near || x.Client != b.far && (client == "" || client != s.nodeOf(b.far) && (at == "" || client == at))
}

// cutOff returns what of failing ways fails to reach pods behind a machine since BGP with it is down. It asks for most pods.
func (s *scene) cutOff(failing []*fact.Reach, b *behind, most int) *cause {
	c := &cause{key: b.near.String() + b.far.String()}
	for _, x := range failing {
		if !b.lasts(x.LastStart) && !(x.Phase == fact.PhaseEstablished && b.lasts(x.Last)) || b.outlasted(x) || !s.callsBy(x, b) {
			continue
		}
		if slices.ContainsFunc(s.meant(x), func(to netip.Addr) bool { most--; return most >= 0 && s.cut(x, to, b) }) {
			c.hits = append(c.hits, hit{x, &x.Examples[0], placeOf(&x.Examples[0])})
		}
	}
	return c
}

// meant returns for whom x may have been: its destination, or, of a call to a Service that no view shows translated, the backends that others were
// translated to.
func (s *scene) meant(x *fact.Reach) []netip.Addr {
	list := []netip.Addr{x.Destination.Addr()}
	if x.Destination == x.Called {
		list = append(list, index(s, newTranslatedHosts)[x.Called]...)
	}
	return list
}

// translatedHosts has the hosts that calls to an address were translated to.
type translatedHosts map[netip.AddrPort][]netip.Addr

func newTranslatedHosts(s *scene) translatedHosts {
	const enough = 256 // of each; more Services have not in a cluster whose routes BGP tells
	m := translatedHosts{}
	for called, ways := range s.byCalled {
		seen := map[netip.Addr]bool{}
		for _, y := range ways {
			if to := y.Destination.Addr(); y.Destination != y.Called && !seen[to] && len(seen) < enough {
				seen[to] = true
				m[called] = append(m[called], to)
			}
		}
	}
	return m
}

// cut reports whether x fails because a pod, for which it may have been, lives behind the far machine.
func (s *scene) cut(x *fact.Reach, to netip.Addr, b *behind) bool {
	if s.Role(to) == fact.RoleNode || s.Role(to) == fact.RoleService || !s.livesWithPods(to) && !inside(to, x.Client) {
		return false
	}
	worked, works := s.reachedBefore(x, to, b)
	known, there := s.livesBehind(to, b)
	if works || known && !there || !known && (!worked || !b.only || x.Count < 2 && x.Packets < 3) || !worked && !there {
		return false
	}
	b.worked, b.guessed = b.worked || worked, b.guessed || !known
	return true
}

// noWay reports whether x failed as it does without a route: nothing came back, or a router says that it knows no way.
func (s *scene) noWay(x *fact.Reach) bool {
	switch x.Outcome {
	case fact.Hang:
		return x.Phase == fact.PhaseEstablished || x.Signs&fact.SignAnswered == 0
	case fact.Unreachable:
		return example(x, func(c *fact.Connection) bool {
			return slices.ContainsFunc(c.Errors, func(e fact.ICMPError) bool { return e.Unreachable() && !e.Prohibited() && !e.PortUnreachable() })
		}) != nil
	}
	return false
}

// inside reports whether an address is one of the networks of the cluster as far as its form tells: a private one, or one near to the client's.
func inside(a, client netip.Addr) bool {
	const site = 48 // RFC 6177
	p, err := client.Prefix(min(site, client.BitLen()))
	return a.IsPrivate() || client.Is6() && err == nil && p.Contains(a)
}

// reachedBefore reports whether a pod answered before the outage, and whether it does in it, to the client of x or another one on the near machine.
func (s *scene) reachedBefore(x *fact.Reach, pod netip.Addr, b *behind) (before, during bool) {
	const settles = 1e9
	p := index(s, newReachedHosts)[pod]
	if p == nil {
		return false, false
	}
	begun := func(times []int64) bool {
		t := firstAfter(times, b.from+settles)
		return t != 0 && (b.until == 0 || t < b.until)
	}
	near := s.nodeOf(b.near)
	return p.first < b.from, begun(p.byClient[x.Client]) || near != "" && near != s.nodeOf(pod) && begun(p.byNode[near])
}

// reachedHost is when a host answered: from when on, and when connections last began that work, by client and by the node of that.
type reachedHost struct {
	first    int64
	byClient map[netip.Addr][]int64
	byNode   map[string][]int64
}

type reachedHosts map[netip.Addr]*reachedHost

func newReachedHosts(s *scene) reachedHosts {
	m := reachedHosts{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Signs&fact.SignAnswered == 0 || y.Outcome == fact.Unreachable || y.Phase == fact.PhaseHandshake && y.Outcome != fact.Refused {
			continue
		}
		pod := y.Destination.Addr()
		p := m[pod]
		if p == nil {
			p = &reachedHost{first: y.First, byClient: map[netip.Addr][]int64{}, byNode: map[string][]int64{}}
			m[pod] = p
		}
		p.first = min(p.first, y.First)
		if y.Outcome == fact.OK || y.Outcome == fact.Unfinished {
			p.byClient[y.Client] = append(p.byClient[y.Client], y.LastStart)
			node := s.nodeOf(y.Client)
			p.byNode[node] = append(p.byNode[node], y.LastStart)
		}
	}
	for _, p := range m {
		for _, times := range p.byClient {
			slices.Sort(times)
		}
		for _, times := range p.byNode {
			slices.Sort(times)
		}
	}
	return m
}

// nodeOf returns the label of the capture on whose node an address lives, "" where it is not known.
func (s *scene) nodeOf(a netip.Addr) string {
	if x := s.Address(a); x != nil {
		return x.Node
	}
	return ""
}

// livesBehind reports whether it is known on which node a pod lives, and whether that is the far one: a tunnel led there, or its capture shows it.
func (s *scene) livesBehind(pod netip.Addr, b *behind) (known, there bool) {
	if at := s.nodeOf(pod); at != "" {
		if far := s.nodeOf(b.far); far != "" {
			return true, far == at
		}
		if at == s.nodeOf(b.near) {
			return true, false
		}
	}
	l := index(s, newLeads)
	alone, net := l.to[pod], l.into[network(pod)]
	return len(alone)+len(net) > 0, alone[b.far] || net[b.far]
}

// leads has the ends of the tunnels that lead to hosts, and into pods' networks.
type leads struct {
	to   map[netip.Addr]map[netip.Addr]bool
	into map[netip.Prefix]map[netip.Addr]bool
}

func newLeads(s *scene) *leads {
	l := &leads{to: map[netip.Addr]map[netip.Addr]bool{}, into: map[netip.Prefix]map[netip.Addr]bool{}}
	for i := range s.Reach {
		y := &s.Reach[i]
		to := y.Destination.Addr()
		for k := range y.Examples {
			ends := tunnelEnds(&y.Examples[k])
			if ends == nil {
				continue
			}
			if l.to[to] == nil {
				l.to[to] = map[netip.Addr]bool{}
			}
			l.to[to][ends[1]] = true
			if s.livesWithPods(to) {
				if n := network(to); l.into[n] == nil {
					l.into[n] = map[netip.Addr]bool{ends[1]: true}
				} else {
					l.into[n][ends[1]] = true
				}
			}
		}
	}
	return l
}

func (s *scene) bgpFinding(r *Rule, c *cause, b *behind) Finding {
	f := c.finding(r)
	f.Nodes = []netip.Addr{b.near, b.far}
	f.Certainty = Inferred
	since := "went down"
	how := b.why
	if b.over[0].up == 0 {
		since, how = "does not come up", fmt.Sprintf("%s: %s", count(b.tries+1, "attempt to open it", "attempts to open it"), b.why)
	}
	f.Title = fmt.Sprintf("BGP between %s and %s %s (%s): pods behind %s are unreachable", b.near, b.far, since, b.why, b.far)
	f.Explanation = fmt.Sprintf("The session of BGP (TCP port 179) between %s and %s %s (%s), and %s to pods behind %s failed since. "+
		"Without the session %s has no route to them.", b.near, b.far, since, how, count(f.Count, "connection", "connections"), b.far, b.near)
	f.Because = []string{fmt.Sprintf("the session of BGP: %s", how)}
	if b.tries > 0 && b.over[0].up != 0 {
		f.Because = append(f.Because, count(b.tries, "attempt to open it again", "attempts to open it again")+" failed")
	}
	if b.worked {
		f.Because = append(f.Because, "the same pods were reached before, and not once since")
	}
	if b.guessed {
		f.Certainty = Possible
		f.Explanation += fmt.Sprintf(" That they live on %s can't be seen: they were reached until its session ended, the only one that did.", b.far)
	}
	if heard := s.lastSeen(b.far); b.over[0].ended == "silent" && heard != 0 && heard < b.from+5e9 {
		f.Certainty = Possible
		f.Explanation += fmt.Sprintf(" Nothing at all is heard of %s any more: it may be down.", b.far)
	}
	if b.until != 0 {
		f.Recovered = b.until
		f.Explanation += fmt.Sprintf(" It was opened again %s later.", round(b.until-b.from))
	}
	var shown []Evidence
	for i := range b.over[:min(len(b.over), 4)] {
		t := &b.over[i]
		if n := t.conn.Notice; n != nil {
			shown = append(shown, Evidence{n.Ref, fmt.Sprintf("BGP NOTIFICATION: %s", n)})
		}
		for _, m := range t.conn.Marks {
			if m.Kind == fact.MarkReset || m.Kind == fact.MarkSYN || m.Kind == fact.MarkFIN || m.Kind == fact.MarkStall {
				shown = append(shown, Evidence{m.Ref, "BGP: " + note(t.conn, m)})
			}
		}
	}
	for i := range b.over {
		f.covers = append(f.covers, b.over[i].reach)
		if len(f.Connections) < maxConnections {
			f.Connections = append(f.Connections, b.over[i].conn.ID)
		}
	}
	f.Evidence = append(shown[:min(len(shown), maxEvidence/2)], f.Evidence...)
	f.Evidence = f.Evidence[:min(len(f.Evidence), maxEvidence)]
	f.First = min(f.First, b.from)
	return f.fill()
}
