package rules

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var cniWireGuardHandshake = Rule{
	ID: "cni-wireguard-handshake", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "a WireGuard handshake between two nodes is never completed",
	Text: "A node sends handshake initiations to its peer again and again, every five seconds, and nothing comes of it: the peer does not know the " +
		"node's key or has another one itself, it does not listen, or UDP between the two is blocked in one direction or both. Nothing can be " +
		"sent through the tunnel meanwhile, so that the pods of the two nodes do not reach each other.",
	Needs: "three initiations or more, at short intervals for ten seconds, without data of the peer, in a capture of both directions that would " +
		"show its response: taken without a filter, or with packets of the peer, or with another peer that answers",
	Explains: []string{
		"cni-no-reply", "cni-tunnel-oneway", "tcp-loss", "ct-stale-blackhole", "dns-no-response", "dns-intermittent-timeout",
		"svc-no-endpoints", "app-refused", "cni-reject",
	},
	ToldFrom: []string{
		"a tunnel at rest: there nobody sends an initiation",
		"a handshake of which a packet was lost: there the next one succeeds",
		"a new handshake every two minutes, as a tunnel that works makes it",
		"cni-no-reply: there packets go into a tunnel that delivers others",
	},
	NextSteps: []string{
		"wg show   # on {node1} and {node2}: latest handshake, endpoint and allowed ips of each other; is each one's public key the one that the other has?",
		"tcpdump -ni any udp and host {node1} and host {node2}   # on {node2}: do initiations (148 bytes) come in, do responses (92) go out?",
		"iptables-save | grep -e DROP -e REJECT ; nft list ruleset | grep -i drop   # on {node2}: tcpdump sees packets before its firewall drops them",
		"kubectl get nodes -o yaml | grep -i -e wireguard -e public-key -e backend-data   # the keys that Calico and flannel publish; Cilium: kubectl get ciliumnodes -o yaml | grep wg-pub-key",
		"open between all nodes: UDP 51820 (and 51821 for IPv6), Cilium UDP 51871; security groups, too",
	},
	Sources: []string{
		"https://www.wireguard.com/protocol/", "WireGuard: Next Generation Kernel Network Tunnel, section 6 (timers)", "linux drivers/net/wireguard/receive.c, timers.c",
		"https://docs.cilium.io/en/stable/security/network/encryption-wireguard/",
	},
	judge: judgeWireGuardHandshake,
}

// fruitless is one direction of a WireGuard connection whose handshakes come to nothing.
type fruitless struct {
	reach *fact.Reach
	conn  *fact.Connection
	flow  fact.Direction
	*fact.Handshakes
	// from and to are the side that sends initiations, and its peer.
	from, to netip.AddrPort
	// sent and came are where they were seen leaving the one and coming in at the other; zero where they were not.
	sent, came spot
}

func judgeWireGuardHandshake(r *Rule, s *scene) []Finding {
	var list []Finding
	done := map[[2]netip.Addr]bool{}
	ways := s.open(r, func(x *fact.Reach) bool { return x.Signs&fact.SignFruitless != 0 })
	for _, x := range ways {
		for i := range x.Examples {
			h, ok := s.fruitlessOf(x, &x.Examples[i])
			pair := pairOf(h.from.Addr(), h.to.Addr())
			if !ok || done[pair] || !s.wouldShowResponse(&h) {
				continue
			}
			done[pair] = true
			list = append(list, s.tellHandshake(r, &h, share(len(ways))))
		}
	}
	return list
}

// fruitlessOf returns the direction of a connection whose initiations come to nothing: the one that has more of them.
func (s *scene) fruitlessOf(x *fact.Reach, c *fact.Connection) (fruitless, bool) {
	h := fruitless{reach: x, conn: c}
	if c.Handshakes == nil {
		return h, false
	}
	for d := range c.Handshakes {
		if y := &c.Handshakes[d]; y.Fruitless() && (h.Handshakes == nil || y.Initiations > h.Initiations) {
			h.Handshakes, h.flow = y, fact.Direction(d)
		}
	}
	if h.Handshakes == nil {
		return h, false
	}
	h.from, h.to = c.Client, c.Called
	if h.flow == fact.ToClient {
		h.from, h.to = h.to, h.from
	}
	for _, y := range spots(c, h.flow) {
		switch {
		case y.view.Out():
			h.sent = y
		case y.view.In():
			h.came = y
		}
	}
	return h, true
}

// wouldShowResponse reports whether a response would have been seen.
func (s *scene) wouldShowResponse(h *fruitless) bool {
	if !s.bothWays(h.conn) {
		return false
	}
	if h.Responses > 0 || h.refusal() != nil || s.whole(h.conn) || h.conn.Flow[1-h.flow].Packets > 0 {
		return true
	}
	return index(s, newResponders)[s.captureOf(h.conn)]
}

// responders has the captures that show a peer which responds.
type responders map[int]bool

func newResponders(s *scene) responders {
	m := responders{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Proto != fact.UDP || y.Signs&fact.SignAnswered == 0 || y.Signs&fact.SignFruitless != 0 {
			continue
		}
		for k := range y.Examples {
			if y.Examples[k].Handshakes != nil {
				m[s.captureOf(&y.Examples[k])] = true
			}
		}
	}
	return m
}

// tellHandshake makes the finding.
func (s *scene) tellHandshake(r *Rule, h *fruitless, most int) Finding {
	from, to := h.from.Addr(), h.to.Addr()
	c := &cause{key: fmt.Sprint(pairOf(from, to))}
	c.hits = append(c.hits, hit{h.reach, h.conn, placeOf(h.conn)})
	pods := s.heldBack(h, most)
	c.hits = append(c.hits, pods...)
	f := c.finding(r)
	f.Count, f.First, f.Last, f.Recovered = uint64(h.Initiations), h.First, h.Last, h.Over
	f.Nodes = []netip.Addr{from, to}
	if h.Over > 0 || len(pods) == 0 && s.Role(to) != fact.RoleNode {
		f.Severity = Warning // it is over, or the peer may be no node
	}
	f.Certainty = Inferred
	f.Title = fmt.Sprintf("WireGuard handshakes of %s with %s are never completed", from, h.to)
	f.Explanation = fmt.Sprintf("%s sent %s to %s in %s, and no data came of it.",
		from, count(uint64(h.Initiations), "handshake initiation", "handshake initiations"), h.to, round(h.Last-h.First))
	f.Because = []string{fmt.Sprintf("%s, one after the other at short intervals, as they are repeated when no response comes",
		count(uint64(h.Initiations), "initiation", "initiations"))}
	refused := h.refusal()
	switch {
	case refused != nil:
		f.Certainty = Shown
		f.Explanation += fmt.Sprintf(" ICMP %s from %s comes back.", icmpName(refused), refused.Src)
		if refused.PortUnreachable() {
			f.Explanation += " Nobody listens on that port there: its WireGuard device is missing, or has another port."
		}
		f.Because = append(f.Because, fmt.Sprintf("ICMP %s quotes them", icmpName(refused)))
	case h.Responses > 0:
		f.tellResponses(h)
	case h.came.view != nil:
		f = f.without("tcpdump")
		f.Explanation += fmt.Sprintf(" They arrive at %s, which sends no response: it does not have the public key of %s, %s has an old one of its own, "+
			"or its firewall drops them.", to, from, from)
		f.Because = append(f.Because, fmt.Sprintf("they come in on %s, and no response (92 bytes) goes out", h.came.place()))
	case s.capturedAt(to, h.sent):
		f.Explanation += fmt.Sprintf(" They leave %s and never arrive at %s: UDP is blocked between the two.", from, to)
		f.Because = append(f.Because, fmt.Sprintf("the capture of %s shows none of them", to))
	default:
		f.Explanation += fmt.Sprintf(" No response came back to %s: they or the responses are dropped on the way, or %s refuses them, as it does where either does not "+
			"have the other's present key.", from, to)
		f.Because = append(f.Because, "no response (92 bytes) is seen")
	}
	if n := len(pods); n > 0 {
		f.Explanation += fmt.Sprintf(" Meanwhile %s of pods hang that may have gone through it.", count(connections(pods), "connection", "connections"))
	}
	if h.Over > 0 {
		f.Explanation += fmt.Sprintf(" After %s a handshake was completed.", round(h.Over-h.First))
	}
	return f.fill()
}

// refusal returns the ICMP error that came back for the initiations, nil without one.
func (h *fruitless) refusal() *fact.ICMPError {
	for i := range h.conn.Errors {
		if e := &h.conn.Errors[i]; e.Flow == h.flow && e.Unreachable() {
			return e
		}
	}
	return nil
}

// tellResponses explains responses that are of no use.
func (f *Finding) tellResponses(h *fruitless) {
	back := spots(h.conn, 1-h.flow)
	n := count(uint64(h.Responses), "response", "responses")
	arrives := h.sent.view != nil && slices.ContainsFunc(back, func(x spot) bool { return x.view.In() && x.view.Capture == h.sent.view.Capture })
	if arrives {
		f.Explanation += fmt.Sprintf(" Responses arrive, and %s takes none of them: its own firewall drops them, or it sent the initiations with another "+
			"key than it has now.", h.from.Addr())
		f.Because = append(f.Because, n+" came in, and no data followed")
		return
	}
	f.Explanation += fmt.Sprintf(" %s responds, and its responses do not arrive: UDP is blocked from %s to %s.", h.to.Addr(), h.to.Addr(), h.from.Addr())
	f.Because = append(f.Because, n+" went out, and the next initiation came all the same")
}

// capturedAt reports whether another capture than the sender's was taken without a filter on the node that has an address.
func (s *scene) capturedAt(a netip.Addr, sender spot) bool {
	x := s.Address(a)
	if x == nil || x.Node == "" || sender.view == nil || x.Node == sender.leg.Node {
		return false
	}
	return slices.ContainsFunc(s.Captures, func(c fact.Capture) bool { return c.Node == x.Node && c.Whole() })
}

// connections counts those of hits.
func connections(hits []hit) uint64 {
	n := uint64(0)
	for _, h := range hits {
		n += h.reach.Count
	}
	return n
}

// heldBack returns the ways of reaching that hang meanwhile and may lead through the tunnel: they left the sender of the initiations by an
// interface that is no pod's, for a network of pods from which nothing came meanwhile. It looks at most ways.
func (s *scene) heldBack(h *fruitless, most int) []hit {
	if h.sent.view == nil {
		return nil
	}
	const near = 10e9
	from, to := around(h.First, h.Last, near)
	alive := index(s, newLiveNetworks)
	var hits []hit
	waiting := index(s, newWaitingOutside)[h.sent.view.Capture]
	for _, x := range waiting[:min(len(waiting), most)] {
		if x.First > to || x.Last < from || alive[network(x.Backend.Addr())].touches(from, to) {
			continue
		}
		c := &x.Examples[0]
		leg, view := farthest(c)
		if view.Interface == h.sent.view.Interface {
			continue
		}
		if len(leg.Encap) > 0 && pairOf(leg.Encap[0].Src, leg.Encap[0].Dst) != pairOf(h.from.Addr(), h.to.Addr()) {
			continue // a tunnel inside of WireGuard, as Cilium has it
		}
		hits = append(hits, hit{x, c, placeOf(c)})
	}
	return hits
}

// liveNetworks has when pods' networks answered.
type liveNetworks map[netip.Prefix]spans

func newLiveNetworks(s *scene) liveNetworks {
	m := liveNetworks{}
	for i := range s.Reach {
		x := &s.Reach[i]
		if x.Signs&fact.SignAnswered != 0 && x.Backend.IsValid() && x.Outcome != fact.Hang {
			n := network(x.Backend.Addr())
			m[n] = append(m[n], [2]int64{x.First, x.Last})
		}
	}
	for _, list := range m {
		list.finish()
	}
	return m
}

// waitingOutside has the ways to pods that hang and were seen at last leaving a machine by an interface that is no pod's, by the capture of that.
type waitingOutside map[uint16][]*fact.Reach

func newWaitingOutside(s *scene) waitingOutside {
	m := waitingOutside{}
	for i := range s.Reach {
		x := &s.Reach[i]
		if x.Outcome != fact.Hang || !x.Backend.IsValid() || !s.isPod(x) || len(x.Examples) == 0 {
			continue
		}
		if _, view := farthest(&x.Examples[0]); view.Out() && view.Role.Kind != fact.Veth {
			enter(m, view.Capture, x)
		}
	}
	return m
}
