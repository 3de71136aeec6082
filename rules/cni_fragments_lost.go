package rules

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var cniFragmentsLost = Rule{
	ID: "cni-fragments-lost", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "fragmented packets do not arrive, unfragmented ones do",
	Text: "Datagrams larger than the MTU are cut into IP fragments, and only the first one has ports. A datapath that translates Service addresses by " +
		"ports, a firewall or a security group drops the others, or all of them. So small datagrams of a UDP service work and large ones never do. " +
		"Where tunnel packets are fragmented, everything in the tunnel that is larger than the underlay's MTU hangs.",
	Needs: "several fragmented datagrams, none of which is complete or seen at all further on, where unfragmented packets pass; or first fragments of tunnel " +
		"packets that come in without any later ones, and connections through the tunnel that stall",
	Explains: []string{"cni-no-reply", "cni-mtu-overrun", "cni-mtu-blackhole", "tcp-loss", "ct-stale-udp"},
	ToldFrom: []string{
		"dns-fragmented: there the datagrams are a DNS server's answers",
		"cni-mtu-overrun: there tunnel packets are fragmented, and arrive",
		"cni-mtu-blackhole: there packets may not be fragmented, and vanish whole",
		"datagrams of every size that get no answer: the sender may not expect one",
		"a capture filtered by port, which has no later fragments",
	},
	NextSteps: []string{
		"kubectl -n kube-system get configmap cilium-config -o yaml | grep -i fragment   # Cilium: enable-ipv4-fragment-tracking has to be on, and bpf-fragments-map-max large enough",
		"nstat -az IpReasmReqds IpReasmOKs IpReasmFails IpReasmTimeout IpFragCreates   # on both nodes: fragments that wait for the rest in vain",
		"iptables-save | grep -e ' -f ' -e DROP ; nft list ruleset | grep -e frag -e drop   # on both nodes: who drops fragments? Security groups do, too",
		"tcpdump -ni any 'ip[6:2] & 0x3fff != 0 or ip6[6] = 44'   # on the receiver's node: which fragments arrive? A filter for ports shows first ones only",
		"keep datagrams below the pods' MTU less 28 bytes in the application, or raise the MTU",
	},
	Sources: []string{
		"RFC 791, section 3.2", "RFC 8200, section 4.5", "RFC 8900", "https://github.com/cilium/cilium/issues/8185",
		"https://docs.cilium.io/en/stable/network/concepts/fragmentation/", "linux net/ipv4/netfilter/nf_defrag_ipv4.c, net/ipv4/ip_fragment.c",
	},
	judge: func(r *Rule, s *scene) []Finding { return append(s.lostDatagrams(r), s.lostTunnelPackets(r)...) },
}

// enoughCut is how many datagrams in fragments must be lost: one or two may be by chance.
const enoughCut = 3

// lostPieces is where a connection's datagrams in fragments cease to pass.
type lostPieces struct {
	flow fact.Direction
	// from is the last place that shows them, torn says that it shows first fragments only. small is a place further on that shows packets in
	// one piece only; zero where no place does.
	from, small spot
	torn        bool
	datagrams   uint32
}

// lostDatagrams judges UDP conversations.
func (s *scene) lostDatagrams(r *Rule) []Finding {
	var cs causes
	found := map[*fact.Reach]lostPieces{}
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.UDP && x.Signs&fact.SignFragmented != 0 && x.Signs&fact.SignDNS == 0
	}) {
		var lost lostPieces
		c := example(x, func(c *fact.Connection) bool {
			lost = s.lostPiecesOf(x, c, fact.ToServer)
			if lost.from.view == nil {
				lost = s.lostPiecesOf(x, c, fact.ToClient)
			}
			return lost.from.view != nil
		})
		if c == nil {
			continue
		}
		found[x] = lost
		cs.add(fmt.Sprint(x.Called, lost.flow), hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, c := range cs.list {
		datagrams := uint64(0)
		for _, h := range c.hits {
			datagrams += uint64(found[h.reach].datagrams) * h.reach.Count
		}
		if datagrams < enoughCut {
			continue
		}
		f := c.finding(r)
		h := c.hits[0]
		f.tellPieces(h.conn, found[h.reach], datagrams)
		f.Nodes = tunnelEnds(h.conn)
		list = append(list, f.fill())
	}
	return list
}

// tellPieces writes the text for datagrams.
func (f *Finding) tellPieces(c *fact.Connection, lost lostPieces, datagrams uint64) {
	from, to := addr(c.Client.Addr()), addrPort(c.Called)
	if lost.flow == fact.ToClient {
		from, to = to, from
	}
	f.Title = fmt.Sprintf("datagrams in fragments from %s to %s do not arrive, small ones do", from, to)
	f.Explanation = fmt.Sprintf("%s from %s to %s were fragmented, the first fragment of %d bytes, and not one got through.",
		count(datagrams, "datagram", "datagrams"), from, to, lost.from.view.MaxIPLen)
	if lost.torn {
		f.Because = append(f.Because, fmt.Sprintf("on %s only their first fragments are seen, never the rest", lost.from.place()))
	} else {
		f.Because = append(f.Because, fmt.Sprintf("they were last seen on %s", lost.from.place()))
	}
	if lost.small.view != nil {
		f.Because = append(f.Because, fmt.Sprintf("on %s unfragmented packets of up to %d bytes are seen", lost.small.place(), lost.small.view.MaxIPLen))
		f.Explanation += " Unfragmented ones get through."
	}
}

// lostPiecesOf returns where the datagrams in fragments of one direction of c cease to pass; zero where they do not, or where the capture may
// not show it.
func (s *scene) lostPiecesOf(x *fact.Reach, c *fact.Connection, d fact.Direction) lostPieces {
	first, last := cutAt(c, d)
	if first.view == nil {
		return lostPieces{}
	}
	lost := lostPieces{flow: d, from: last, datagrams: first.view.Fragmented}
	if torn := s.tornAt(c, d); torn.view != nil {
		lost.from, lost.torn, lost.datagrams = torn, true, torn.view.Fragmented
		return lost
	}
	if last.view.Torn > 0 {
		return lostPieces{}
	}
	if lost.small = s.smallBeyond(x, c, d, last); lost.small.view == nil || !s.smallStillPass(x, lost.small.view.Last, firstCut(c, d)) {
		return lostPieces{}
	}
	return lost
}

// smallStillPass reports whether packets in one piece still pass after a time: they were seen until another one, or the place answers somebody.
func (s *scene) smallStillPass(x *fact.Reach, seen, after int64) bool {
	return seen >= after || s.callsTo(x.Called).tail > after
}

// firstCut returns when the first fragment of a connection's direction was seen.
func firstCut(c *fact.Connection, d fact.Direction) int64 {
	for _, m := range c.Marks {
		if m.Kind == fact.MarkFragment && m.Flow == d {
			return m.Time
		}
	}
	return c.Start
}

// smallBeyond returns a place behind the last one that shows datagrams in fragments, where only packets in one piece came, of this connection or
// of the same client's others to the same place; zero where all that come there are as large.
func (s *scene) smallBeyond(x *fact.Reach, c *fact.Connection, d fact.Direction, last spot) spot {
	if n := narrowBeyond(c, d, last.view); n.view != nil {
		if s.Captures[n.view.Capture].Whole() {
			return n
		}
		return spot{}
	}
	for _, n := range spots(c, d) {
		if beyond(n.view, last.view) {
			return spot{} // put together there
		}
	}
	const enough = 256
	others := index(s, newWholeDatagrams)[called{x.Client, x.Called}]
	for _, y := range others[:min(len(others), enough)] {
		for i := range y.Examples {
			e := &y.Examples[i]
			for _, same := range spots(e, d) {
				if !samePlace(same.view, last.view) || len(same.leg.Encap) != len(last.leg.Encap) {
					continue
				}
				if n := narrowBeyond(e, d, same.view); n.view != nil && n.view.MaxIPLen < last.view.MaxIPLen && s.Captures[n.view.Capture].Whole() {
					return n
				}
			}
		}
	}
	return spot{}
}

// narrowBeyond returns the nearest view behind another one, if all that come behind that one show no fragment and no larger packet than it does.
func narrowBeyond(c *fact.Connection, d fact.Direction, after *fact.View) spot {
	var nearest spot
	for _, n := range spots(c, d) {
		if n.view == after || !beyond(n.view, after) {
			continue
		}
		if n.view.Fragmented > 0 || n.view.MaxIPLen > after.MaxIPLen {
			return spot{}
		}
		if nearest.view == nil || beyond(nearest.view, n.view) {
			nearest = n
		}
	}
	return nearest
}

// samePlace reports whether two views are of one interface and direction.
func samePlace(a, b *fact.View) bool {
	return a.Capture == b.Capture && a.Interface == b.Interface && a.Dir == b.Dir
}

// lostTunnelPackets judges tunnels whose own packets are cut.
func (s *scene) lostTunnelPackets(r *Rule) []Finding {
	var list []Finding
	done := map[[2]netip.Addr]bool{}
	for i := range s.Tunnels {
		t := &s.Tunnels[i]
		way := [2]netip.Addr{t.Src, t.Dst}
		if t.FragmentsIn < enoughCut || t.RestsIn > 0 || done[way] || !s.marksTrusted(t) {
			continue
		}
		c := cause{key: way[0].String() + way[1].String()}
		stalls := false
		for _, p := range s.passengers(t) {
			x := p.reach
			if x.Proto != fact.TCP {
				continue
			}
			f := p.conn.Flow[p.flow]
			stalls = stalls || f.Stall != nil || f.Hole != nil || f.Gap > 0
			if x.Failed() || x.Signs&(fact.SignStall|fact.SignHole|fact.SignGap|fact.SignResent) != 0 {
				c.hits = append(c.hits, hit{x, p.conn, placeOf(p.conn)})
			}
		}
		if !stalls {
			continue
		}
		done[way] = true
		f := tunnelFinding(r, &c, t)
		f.Title = fmt.Sprintf("%s packets from %s to %s are fragmented, and only the first fragments arrive", t.Kind, t.Src, t.Dst)
		f.Explanation = fmt.Sprintf("Inner packets of up to %d bytes plus the tunnel's headers exceed the underlay's MTU, so the tunnel's packets leave in fragments "+
			"(the first of %d bytes). Only first fragments arrive: %s, which need more than one, hang.",
			t.MaxInner, t.MTU, count(uint64(len(c.hits)), "path through the tunnel", "paths through the tunnel"))
		f.Because = []string{
			fmt.Sprintf("%s came in from %s, and no later fragment", count(t.FragmentsIn, "first fragment", "first fragments"), t.Src),
			"data through the tunnel is sent again and again or is missing, while small packets pass",
		}
		f = f.without("kubectl -n kube-system get configmap cilium", "keep datagrams")
		list = append(list, f.fill())
	}
	return list
}

// marksTrusted reports whether the captures that show a tunnel's first fragments were taken without a filter.
func (s *scene) marksTrusted(t *fact.Tunnel) bool {
	return len(t.Marks) > 0 && !slices.ContainsFunc(t.Marks, func(m fact.Mark) bool { return !s.Captures[m.Ref.Capture].Whole() })
}

// wholeDatagrams has the ways of UDP whose datagrams come in one piece, by who called what.
type wholeDatagrams map[called][]*fact.Reach

func newWholeDatagrams(s *scene) wholeDatagrams {
	m := wholeDatagrams{}
	for i := range s.Reach {
		if y := &s.Reach[i]; y.Proto == fact.UDP && y.Signs&fact.SignFragmented == 0 {
			enter(m, called{y.Client, y.Called}, y)
		}
	}
	return m
}
