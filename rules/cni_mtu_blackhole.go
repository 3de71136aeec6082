package rules

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var cniMTUBlackhole = Rule{
	ID: "cni-mtu-blackhole", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "large packets vanish between pods",
	Text: "Small packets pass, large ones with Don't Fragment are sent again and again and never acknowledged, and no ICMP " +
		"message says why. Somewhere on the path the MTU is smaller than the pods believe (an overlay adds its headers to each " +
		"packet), and the ICMP that would tell them is dropped.",
	Needs: "a large segment sent three times or more at the same sequence number in the same view, never acknowledged, by a " +
		"connection whose small packets pass: the receiver shows life meanwhile, or has later, smaller data (SACK), or a view further on " +
		"shows small packets only; or the sender tries a smaller packet at last, and it passes; or, at the receiver, data missing for " +
		"seconds where no large packet ever came",
	Explains: []string{"tcp-loss", "cni-mtu-overrun", "cni-mss-too-big", "ct-stale-blackhole"},
	ToldFrom: []string{
		"tcp-loss: there, packets of every size are lost and the retransmission arrives",
		"cni-df-drop: there an ICMP error tells the sender",
		"ct-stale-blackhole: there the receiver is silent altogether",
	},
	NextSteps: []string{
		"ip -d link | grep -e mtu -e vxlan -e geneve   # on both nodes: pods' MTU must be the underlay's less the overhead",
		"kubectl exec -n {backend-pod} -- ping -M do -s 1422 -c 3 {client}   # from the sender: 1422 is 1450 less 28; find the largest that passes",
		debugBackend + "ping -M do -s 1422 -c 3 {client}   # the same where the image has no ping that knows -M (BusyBox, distroless)",
		"iptables-save | grep -i icmp   # on both nodes: a rule that drops ICMP makes a black hole of every MTU mistake",
		"set the CNI's MTU (flannel: net-conf.json Backend.MTU; Calico: veth_mtu) and restart the pods, which keep the MTU they were made with",
	},
	Sources: []string{
		"RFC 2923, section 2.1", "RFC 1191", "RFC 4821", "RFC 2018", "Linux net/ipv4/tcp_timer.c, tcp_mtu_probing",
		"https://github.com/projectcalico/calico/issues/8953",
	},
	judge: judgeMTUBlackhole,
}

// largeLoss is how a direction of a connection shows that large packets vanish and small ones do not.
type largeLoss uint8

const (
	noLoss largeLoss = iota
	// lossSent: the sender's side sends a large packet again and again.
	lossSent
	// lossShrunk: the same, until the sender tries a smaller one, which passes.
	lossShrunk
	// lossMissed: the receiver's side shows small packets only, and data that never came.
	lossMissed
)

func judgeMTUBlackhole(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Proto == fact.TCP && x.Signs&(fact.SignStall|fact.SignHole) != 0 }) {
		for dir := range 2 {
			d := fact.Direction(dir)
			c := example(x, func(c *fact.Connection) bool { return s.holds(c, d) != noLoss })
			if c == nil || s.largePasses(c, d) {
				continue
			}
			from, to := senderNode(c, d)
			cs.add(from+" "+to, hit{x, c, placeOf(c)})
			break
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		d := fact.ToClient
		if s.holds(h.conn, d) == noLoss {
			d = fact.ToServer
		}
		what := "requests"
		if d == fact.ToClient {
			what = "responses"
		}
		f.Nodes = tunnelEnds(h.conn)
		f.Title = fmt.Sprintf("large %s between %s and %s vanish: an MTU black hole", what, f.Client, f.Backend.Addr())
		switch s.holds(h.conn, d) {
		case lossMissed:
			s.tellMissed(&f, h.conn, d)
		default:
			s.tellSent(&f, h.conn, d)
		}
		if !slices.ContainsFunc(c.hits, func(h hit) bool { return h.reach.Signs&fact.SignShrunk == 0 }) {
			f.Severity = Warning // slow, and then it goes on
		}
		list = append(list, f.fill())
	}
	return list
}

// tellSent explains a large packet that is sent again and again.
func (s *scene) tellSent(f *Finding, c *fact.Connection, d fact.Direction) {
	flow := &c.Flow[d]
	x := flow.Stall
	over, kind := overhead(c)
	tunnel := ""
	if over > 0 {
		tunnel = fmt.Sprintf(" The path goes through %s, which adds %d bytes to each packet: %d + %d is more than an underlay of 1500 carries.",
			kind, over, x.IPLen, over)
		if x.IPLen+over <= 1500 {
			tunnel = fmt.Sprintf(" The path goes through %s, which adds %d bytes to each packet.", kind, over)
		}
	}
	f.Explanation = fmt.Sprintf("%s hang: packets of %d bytes with Don't Fragment were sent up to %d times and never acknowledged, "+
		"while small packets of the same connections pass. No ICMP fragmentation-needed was seen.%s",
		count(f.Count, "connection", "connections"), x.IPLen, x.Sends, tunnel)
	f.Because = []string{fmt.Sprintf("sequence number %d passed one interface %d times, %d bytes each time", x.Seq, x.Sends, x.IPLen)}
	if x.Shrunk > 0 {
		f.Explanation = fmt.Sprintf("%s stall: packets of %d bytes with Don't Fragment were sent again and again in vain, until the sender tried the same "+
			"data in packets of %d bytes, and those passed. No ICMP fragmentation-needed was seen.%s",
			count(f.Count, "connection", "connections"), x.IPLen, x.Shrunk, tunnel)
		f.Because = []string{fmt.Sprintf("sequence number %d was transmitted %d times: with %d bytes each, and at last with %d", x.Seq, x.Sends, x.IPLen, x.Shrunk)}
	}
	if h := flow.Hole; h != nil && h.Beyond > 0 {
		f.Because = append(f.Because, fmt.Sprintf("the receiver has %s of what follows, by its SACK: smaller packets pass", count(uint64(h.Beyond), "byte", "bytes")))
	}
	if v := narrow(c, d, x); v != nil {
		f.Because = append(f.Because, fmt.Sprintf("no packet of more than %d bytes is seen further on%s, where %s of the same direction are",
			v.MaxIPLen, crossing(v), count(uint64(v.Frames), "packet", "packets")))
	}
	if x.PeerAlive {
		f.Because = append(f.Because, "the receiver sent packets meanwhile, so the path is open for small ones")
	}
	if flow.MaxAcked > 0 {
		f.Because = append(f.Because, fmt.Sprintf("the largest packet acknowledged in that direction has %d bytes", flow.MaxAcked))
	}
}

// tellMissed explains data that never arrived at its receiver.
func (s *scene) tellMissed(f *Finding, c *fact.Connection, d fact.Direction) {
	flow := &c.Flow[d]
	h := flow.Hole
	f.Certainty = Inferred
	f.Explanation = fmt.Sprintf("%s hang: %s never arrived, while small packets of the same connections do, and no packet of more "+
		"than %d bytes was ever seen coming. A capture of the sender's node would show the large ones, sent again and again.",
		count(f.Count, "connection", "connections"), count(uint64(h.Missing), "byte", "bytes"), flow.MaxIPLen)
	f.Because = []string{fmt.Sprintf("from sequence number %d on, %s are missing to the end", h.Seq, count(uint64(h.Missing), "byte", "bytes"))}
	if h.Beyond > 0 {
		f.Because = append(f.Because, fmt.Sprintf("the receiver has %s of what follows, and says so (SACK)", count(uint64(h.Beyond), "byte", "bytes")))
	} else {
		f.Because = append(f.Because, "the sequence numbers of the sender's acknowledgements lie beyond them: it had sent them")
	}
}

// holds says how a direction of a connection shows that large packets vanish each time they are sent, and small ones pass.
func (s *scene) holds(c *fact.Connection, d fact.Direction) largeLoss {
	for i := range c.Errors {
		if c.Errors[i].TooBig() {
			return noLoss
		}
	}
	f := &c.Flow[d]
	x := f.Stall
	switch {
	case s.missed(c, d):
		return lossMissed
	case x == nil || x.Probe || !x.DF || x.IPLen < s.limits.LargePacket || x.Sends < s.limits.LargeSends:
		return noLoss
	case x.Shrunk > 0:
		if x.Acked {
			return lossShrunk
		}
	case x.Acked:
		return noLoss
	}
	if f.MaxAcked >= x.IPLen {
		return noLoss
	}
	const headers = 40 // at least
	h := f.Hole
	overtaken := h != nil && h.Seq == x.Seq && h.Beyond > 0 && h.Beyond+headers < x.IPLen
	if x.PeerAlive || overtaken || narrow(c, d, x) != nil || s.receiverAlive(c, x) {
		return lossSent
	}
	return noLoss
}

// narrow returns a view beyond which large packets of a direction do not come and small ones do, nil without one. Small ones that passed
// before show it only where the connection is so young that nothing else can have happened since.
func narrow(c *fact.Connection, d fact.Direction, x *fact.Stall) *fact.View {
	const young = 3e9
	large := map[uint16]bool{}
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			if v := &c.Legs[i].Views[k]; v.Flow == d && v.MaxIPLen >= x.IPLen {
				large[v.Capture] = true
			}
		}
	}
	fresh := !c.Midstream && c.Phase == fact.PhaseEstablished && x.First-c.Start < young
	for i := range c.Legs {
		for k := range c.Legs[i].Views {
			v := &c.Legs[i].Views[k]
			if v.Flow == d && v.MaxIPLen < x.IPLen && v.Frames > 1 && large[v.Capture] && (fresh || v.Last > x.First) {
				return v
			}
		}
	}
	return nil
}

// missed reports whether the receiver's side of a connection misses data to the end that takes a large packet, for so long that it must have
// been sent several times, and never had a large one.
func (s *scene) missed(c *fact.Connection, d fact.Direction) bool {
	const long = 3e9 // Linux sends after 0.2, 0.6 and 1.4 s (RFC 6298; net/ipv4/tcp_timer.c)
	f := &c.Flow[d]
	h := f.Hole
	if h == nil || c.Phase == fact.PhaseHandshake || c.Midstream || !s.whole(c) || f.MaxIPLen >= s.limits.LargePacket {
		return false
	}
	const headers = 52 // with timestamps
	least := s.limits.LargePacket - headers
	if mss := min(f.MSS, c.Flow[1-d].MSS); mss > 0 {
		least = max(least, uint32(mss)-12)
	}
	since := h.Since
	if since == 0 {
		since = c.Start + max(c.Handshake, 0)
	}
	at := &s.Captures[s.captureOf(c)] // whoever waits for data sends nothing meanwhile
	return h.Missing >= least && h.Beyond < least && at.Last-at.Clock.Offset-since >= long
}

// receiverAlive reports whether the receiver of stalled data went on with others of the same sender meanwhile.
func (s *scene) receiverAlive(c *fact.Connection, x *fact.Stall) bool {
	began := firstAfter(s.between(c).works, x.First)
	return began != 0 && began < x.Last+30e9
}

// pairTraffic is what the connections between two addresses show.
type pairTraffic struct {
	// works are the beginnings of those that worked, in order; acked is the largest packet that was acknowledged, by its direction.
	works []int64
	acked [2]uint32
}

// trafficOfPairs is by the client's address and the backend's.
type trafficOfPairs map[[2]netip.Addr]*pairTraffic

// between returns what the connections between the two ends of c show, itself among them.
func (s *scene) between(c *fact.Connection) *pairTraffic {
	return index(s, newTrafficOfPairs)[[2]netip.Addr{c.Client.Addr(), c.Backend.Addr()}]
}

func newTrafficOfPairs(s *scene) trafficOfPairs {
	m := trafficOfPairs{}
	for i := range s.Reach {
		for k := range s.Reach[i].Examples {
			e := &s.Reach[i].Examples[k]
			pair := [2]netip.Addr{e.Client.Addr(), e.Backend.Addr()}
			if m[pair] == nil {
				m[pair] = &pairTraffic{}
			}
			p := m[pair]
			if e.Outcome == fact.OK {
				p.works = append(p.works, e.Start)
			}
			for d := range e.Flow {
				p.acked[d] = max(p.acked[d], e.Flow[d].MaxAcked)
			}
		}
	}
	for _, p := range m {
		slices.Sort(p.works)
	}
	return m
}

// largePasses reports whether packets as large as the vanished ones do pass between the same addresses at other times.
func (s *scene) largePasses(c *fact.Connection, d fact.Direction) bool {
	size := s.limits.LargePacket
	if x := c.Flow[d].Stall; x != nil && x.IPLen > size {
		size = x.IPLen
	}
	return s.between(c).acked[d] >= size
}
