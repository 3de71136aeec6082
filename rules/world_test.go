package rules

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// world makes facts by chance: a small cluster in which everything fails in some manner, at addresses that are few for what happens there. The
// smaller it is for its connections, the more of them have something to do with each other.
type world struct {
	*rand.Rand
	// hosts is how many addresses of each kind there are.
	hosts int
	frame uint64
}

var nodeNames = []string{"node1", "node2", "host"}

// worldOf returns facts of connections, lookups, tunnels and neighbours, as many of each, among so many addresses of each kind.
func worldOf(seed uint64, things, hosts int) *fact.Facts {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 1)), hosts: hosts}
	f := &fact.Facts{}
	for i, node := range nodeNames {
		f.Captures = append(f.Captures, fact.Capture{
			File: node + ".pcap", Node: node, Frames: 1000, Portless: uint64(w.IntN(3)), In: 500, Out: 500, Interfaces: 4, First: t0, Last: t0 + 200*sec, Host: i == 2,
		})
	}
	for kind := range 4 {
		for i := range hosts {
			a := fact.Address{Addr: w.addr(kind, i), Role: fact.AddressRole(w.IntN(4)), Last: w.time()}
			if w.chance(2) {
				a.Role = [4]fact.AddressRole{fact.RolePod, fact.RolePod, fact.RoleService, fact.RoleNode}[kind]
			}
			if w.chance(2) {
				a.Node = nodeNames[w.IntN(2)]
			}
			if w.chance(4) {
				a.Last = 0
			}
			f.Addresses = append(f.Addresses, a)
		}
	}
	slices.SortFunc(f.Addresses, func(a, b fact.Address) int { return a.Addr.Compare(b.Addr) })
	f.Addresses = slices.CompactFunc(f.Addresses, func(a, b fact.Address) bool { return a.Addr == b.Addr })
	nets := map[netip.Prefix]bool{}
	for i := range hosts {
		if p := network(w.addr(i%2, i)); w.chance(2) && !nets[p] {
			nets[p] = true
			f.Cluster.PodNetworks = append(f.Cluster.PodNetworks, p)
		}
	}
	slices.SortFunc(f.Cluster.PodNetworks, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	f.Cluster.NodePorts = fact.PortRange{First: 30000, Last: 32767}
	for at := range nodeNames {
		for i := range uint32(5) {
			f.Interfaces = append(f.Interfaces, fact.Interface{Capture: at, Index: i, Role: w.role(i), MTU: uint32(w.IntN(2) * 1500)})
		}
	}
	f.Reach = w.ways(things)
	for range things {
		f.Lookups = append(f.Lookups, w.lookup())
		f.Tunnels = append(f.Tunnels, w.tunnel())
		f.Neighbours = append(f.Neighbours, w.neighbour())
	}
	for i := range things / 4 {
		f.Plain = append(f.Plain, w.plain())
		f.Heard = append(f.Heard, fact.Heard{Server: f.Plain[i].Server, Capture: w.IntN(3), Gap: sec, Spans: [][2]int64{{f.Plain[i].First, f.Plain[i].Last}}})
		f.DNS.Servers = append(f.DNS.Servers, fact.DNSServer{Server: f.Plain[i].Server, Median: w.Int64N(100 * ms)})
	}
	f.Tunnels = unique(f.Tunnels, func(t *fact.Tunnel) fact.Encap { return wayOf(&t.Encap, fact.ToServer) })
	f.Neighbours = unique(f.Neighbours, func(n *fact.Neighbour) atNode { return atNode{n.Node, n.Addr} })
	slices.SortStableFunc(f.Lookups, func(a, b fact.Lookup) int { return cmp.Compare(a.Start, b.Start) })
	f.Totals = fact.Totals{Frames: 1000, Connections: uint64(things), Lookups: uint64(things), Failed: uint64(things), Late: uint64(things)}
	return f
}

// unique leaves the first of those that have the same key.
func unique[T any, K comparable](list []T, of func(*T) K) []T {
	seen := map[K]bool{}
	return slices.DeleteFunc(list, func(x T) bool {
		again := seen[of(&x)]
		seen[of(&x)] = true
		return again
	})
}

func (w *world) chance(n int) bool { return w.IntN(n) == 0 }

// time returns one of few, some of which many things have.
func (w *world) time() int64 {
	if w.chance(3) {
		return t0 + int64(w.IntN(20))*10*sec
	}
	return t0 + w.Int64N(200*sec)
}

// addr returns an address: of a client, a pod, a Service or a node.
func (w *world) addr(kind, i int) netip.Addr {
	switch kind {
	case 0:
		return netip.AddrFrom4([4]byte{10, 244, byte(i % 8), byte(i/8%250 + 2)})
	case 1:
		if i%7 == 6 {
			return netip.AddrFrom4([4]byte{9, 8, byte(i / 250), byte(i % 250)})
		}
		return netip.AddrFrom4([4]byte{10, 245, byte(i % 8), byte(i/8%250 + 2)})
	case 2:
		return netip.AddrFrom4([4]byte{10, 96, byte(i / 250), byte(i%250 + 1)})
	}
	return netip.AddrFrom4([4]byte{192, 168, byte(i / 250), byte(i%250 + 1)})
}

func (w *world) one(kind int) netip.Addr { return w.addr(kind, w.IntN(w.hosts)) }

func (w *world) port() uint16 { return [...]uint16{80, 53, 179, 30080, 113, 8080}[w.IntN(6)] }

func (w *world) ref() fact.Ref {
	w.frame++
	return fact.Ref{Capture: w.IntN(3), Frame: w.frame}
}

func (w *world) role(i uint32) fact.InterfaceRole {
	r := fact.InterfaceRole{Kind: fact.InterfaceKind(i+1) % 6}
	if r.Kind == fact.Veth {
		r.Pod = w.one(w.IntN(2))
	}
	return r
}

// ways folds connections as the ledger does.
func (w *world) ways(n int) []fact.Reach {
	type way struct {
		client                      netip.Addr
		called, destination, former netip.AddrPort
		proto                       fact.Proto
		outcome                     fact.Outcome
		phase                       fact.Phase
		signs                       fact.Signs
	}
	at := map[way]int{}
	var list []fact.Reach
	var last *fact.Connection
	for range n {
		c := w.connection()
		if last != nil && w.chance(6) { // the same once more
			again := *last
			again.ID, again.Start, again.End = c.ID, c.Start, c.End
			c = &again
		}
		last = c
		k := way{c.Client.Addr(), c.Called, c.Destination, netip.AddrPort{}, c.Proto, c.Outcome, c.Phase, fact.SignsOf(c)}
		if c.Former != nil {
			k.former = c.Former.To
		}
		i, ok := at[k]
		if !ok {
			i = len(list)
			at[k] = i
			list = append(list, fact.Reach{
				Client: k.client, Called: k.called, Destination: k.destination, Service: c.Service, Backend: c.Backend, Former: k.former, Proto: k.proto,
				Outcome: k.outcome, Phase: k.phase, Signs: k.signs, First: c.Start,
			})
		}
		x := &list[i]
		x.Count += uint64(1 + w.IntN(3))
		x.First, x.LastStart, x.Last = min(x.First, c.Start), max(x.LastStart, c.Start), max(x.Last, c.End)
		lost, sent := c.Losses()
		x.Lost, x.Packets = x.Lost+lost, x.Packets+sent
		x.MSS, x.OwnMSS, x.Acked = max(x.MSS, c.AgreedMSS()), [2]uint16{c.OwnMSS(0), c.OwnMSS(1)}, max(x.Acked, c.Flow[0].MaxAcked, c.Flow[1].MaxAcked)
		x.Examples = append(x.Examples, *c)
	}
	slices.SortFunc(list, func(a, b fact.Reach) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Examples[0].ID, b.Examples[0].ID))
	})
	return list
}

func (w *world) connection() *fact.Connection {
	r := w.ref()
	c := &fact.Connection{
		ID: fmt.Sprintf("%s:%d", nodeNames[r.Capture], r.Frame), Proto: fact.TCP, Outcome: fact.Outcome(w.IntN(6)), Phase: fact.Phase(w.IntN(3)),
		Client: netip.AddrPortFrom(w.one(w.IntN(2)), uint16(40000+w.IntN(4))), Called: netip.AddrPortFrom(w.one(1+w.IntN(3)), w.port()),
		Start: w.time(), Handshake: -1, Midstream: w.chance(8), DNS: w.chance(4), Untranslated: w.chance(8),
	}
	if w.chance(6) {
		c.Client = netip.AddrPortFrom(w.one(3), 40000)
	}
	if w.chance(3) {
		c.Proto = [...]fact.Proto{fact.UDP, fact.UDP, fact.ICMP, fact.SCTP}[w.IntN(4)]
	}
	if c.Proto == fact.UDP && w.chance(4) {
		c.Outcome = fact.OneWay
	}
	if w.chance(2) {
		c.Outcome = fact.OK
	}
	if c.Outcome == fact.Refused {
		c.Phase = fact.PhaseHandshake
	}
	c.End = c.Start + w.Int64N(40*sec)
	if w.chance(5) {
		c.End = c.Start
	}
	c.Destination = c.Called
	switch w.IntN(4) {
	case 0, 1:
		c.Destination = netip.AddrPortFrom(w.one(1), w.port())
		if w.chance(8) {
			c.Destination = netip.AddrPortFrom(c.Client.Addr(), 8080)
		}
		c.Service, c.Backend, c.KnownBy = c.Called, c.Destination, fact.Translated
	case 2:
		c.Service, c.KnownBy = c.Called, fact.OtherConnection
		if c.Outcome == fact.Refused {
			c.KnownBy = fact.RejectedByNode
		}
	default:
		c.Backend = c.Called
	}
	if w.chance(6) && c.Backend.IsValid() {
		c.Former = &fact.Turn{To: netip.AddrPortFrom(w.one(1), w.port()), First: c.Start, Last: c.Start + 5*sec, Unanswered: c.Start + sec}
	}
	if w.chance(5) {
		c.SNAT = netip.AddrPortFrom(w.one(3), uint16(40000+w.IntN(4)))
	}
	w.flows(c)
	w.legs(c)
	w.faults(c)
	for range w.IntN(4) {
		c.Marks = append(c.Marks, fact.Mark{
			Kind: fact.MarkKind(1 + w.IntN(19)), Flow: fact.Direction(w.IntN(2)), Leg: w.IntN(len(c.Legs)), Ref: w.ref(), Time: c.Start, Count: 2, IPLen: 1400,
		})
	}
	return c
}

func (w *world) flows(c *fact.Connection) {
	for d := range c.Flow {
		f := &c.Flow[d]
		if d == 1 && (w.chance(3) || c.Outcome == fact.Hang && w.chance(2)) {
			continue
		}
		f.Packets, f.Bytes, f.SYNs, f.Tail = uint64(1+w.IntN(5)), uint64(w.IntN(3)*1000), w.IntN(4), c.Start+w.Int64N(max(1, c.End-c.Start+1))
		f.MaxIPLen, f.MaxAcked, f.MSS, f.FIN = uint32(w.IntN(3)*700), uint32(w.IntN(4)*500), uint16(w.IntN(3)*700), w.chance(4)
		if w.chance(3) {
			f.Retransmissions = uint64(w.IntN(6))
		}
		if w.chance(3) {
			f.Stall = &fact.Stall{
				Seq: 7, IPLen: uint32(1000 + w.IntN(5)*100), DF: !w.chance(5), Sends: 2 + w.IntN(4), First: c.Start, Last: c.End, Acked: w.chance(4),
				PeerAlive: w.chance(3), Probe: w.chance(8), Shrunk: uint32(w.IntN(2) * 600),
			}
		}
		if w.chance(8) {
			f.Hole = &fact.Hole{Seq: 7, Missing: uint32(w.IntN(3000)), Beyond: uint32(w.IntN(100)), Since: c.Start}
		}
		if w.chance(8) {
			f.Shut = &fact.Shut{First: c.Start, Last: c.Start + 5*sec, Announced: 3, Reopened: w.chance(2)}
		}
	}
	if c.Phase != fact.PhaseHandshake {
		c.Handshake = w.Int64N(3 * sec)
	}
}

func (w *world) legs(c *fact.Connection) {
	ends := [2][]netip.AddrPort{{c.Client, c.Client}, {c.Called, c.Destination}}
	if c.SNAT.IsValid() {
		ends[0][1] = c.SNAT
	}
	n := 1
	if c.Destination != c.Called || w.chance(3) {
		n = 2
	}
	for i := range n {
		at := w.IntN(len(nodeNames))
		if w.chance(2) {
			at = 0
		}
		l := fact.Leg{Src: ends[0][i], Dst: ends[1][i], Node: nodeNames[at], After: int64(i) * ms, Seen: [2]uint64{uint64(w.IntN(2)), uint64(w.IntN(2))}}
		if i == 1 && w.chance(2) {
			l.Encap = []fact.Encap{w.encap()}
		}
		for k := range 1 + w.IntN(3) {
			index := uint32(w.IntN(5))
			v := fact.View{
				Interface: index, Capture: uint16(at), Hardware: 1, Dir: [...]decode.Direction{decode.DirIn, decode.DirOut}[w.IntN(2)], Flow: fact.Direction(w.IntN(4) / 3),
				Mixed: w.chance(12), TTL: uint8(60 + w.IntN(5)), Frames: uint32(1 + w.IntN(3)), MaxIPLen: uint32(w.IntN(3) * 600), First: c.Start + int64(i*10+k)*ms,
				Last: c.End, After: int64(i*10+k) * ms, Role: w.role(index),
			}
			if w.chance(2) {
				v.Fragmented = uint32(w.IntN(4))
				v.Torn = uint32(w.IntN(int(v.Fragmented) + 1))
			}
			l.Views = append(l.Views, v)
		}
		c.Legs = append(c.Legs, l)
	}
}

func (w *world) faults(c *fact.Connection) {
	if c.Outcome == fact.ResetOutcome || c.Outcome == fact.Refused && w.chance(2) || w.chance(8) {
		c.Reset = &fact.Reset{
			From: fact.Direction(w.IntN(4) & 1), MadeHere: w.chance(3), ByNode: w.chance(4), Bare: w.chance(2), AnswersAck: w.chance(2), InHandshake: c.Outcome == fact.Refused,
			TTL: 63, UsualTTL: 62, Src: c.Destination, Dst: c.Client, Time: c.End, Ref: w.ref(),
		}
	}
	for range w.IntN(3) / 2 * (1 + w.IntN(2)) {
		c.Errors = append(c.Errors, w.failure(c))
	}
	if w.chance(4) {
		c.Idle = &fact.Idle{Since: c.Start, Until: c.Start + w.Int64N(max(1, c.End-c.Start+1))}
	}
	c.Older, c.Corrupt, c.Incomplete, c.Crossed = w.chance(6), w.IntN(8)/7, w.chance(12), w.chance(8)
	c.Unheard, c.Loops = w.IntN(3), uint64(w.IntN(10)/8*2)
	if w.chance(4) {
		c.Reused = c.Start - sec
	}
	if c.Proto == fact.UDP && w.chance(6) {
		c.Handshakes = &[2]fact.Handshakes{{Initiations: 5, Responses: uint32(w.IntN(2)), First: c.Start, Last: c.Start + 20*sec}}
	}
	if c.Called.Port() == bgpPort && w.chance(2) {
		c.Notice = &fact.Notice{Code: 4, Time: c.End, Ref: w.ref()}
	}
}

func (w *world) failure(c *fact.Connection) fact.ICMPError {
	codes := [...][2]uint8{{3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}, {3, 13}, {11, 0}}
	x := codes[w.IntN(len(codes))]
	e := fact.ICMPError{
		Type: x[0], Code: x[1], Src: w.one(w.IntN(4)), Dst: w.one(0), ToClient: w.chance(2), MadeHere: w.chance(2), ByNode: w.chance(3), MTU: uint32(1000 + w.IntN(3)*200),
		QuotedLen: 1400, Tunnel: w.chance(6), In: uint64(w.IntN(4)), Out: uint64(w.IntN(2)), Flow: fact.Direction(w.IntN(4) / 3), Time: w.time(), Count: 1 + w.IntN(4), Ref: w.ref(),
	}
	e.Last = e.Time + w.Int64N(sec)
	if c != nil {
		e.QuotedSrc, e.QuotedDst, e.Time = c.Client, c.Called, c.Start
	}
	return e
}

func (w *world) encap() fact.Encap {
	kind := [...]decode.EncapKind{decode.EncapVXLAN, decode.EncapGeneve}[w.IntN(2)]
	return fact.Encap{Kind: kind, Src: w.one(3), Dst: w.one(3), Port: uint16(4789 + w.IntN(w.hosts)), Overhead: 50}
}

func (w *world) tunnel() fact.Tunnel {
	t := fact.Tunnel{
		Encap: w.encap(), Sent: uint64(w.IntN(10)), Returned: uint64(w.IntN(3)), FirstSent: w.time(), Fragments: uint64(w.IntN(12) / 8),
		FragmentsIn: uint64(w.IntN(5)), RestsIn: uint64(w.IntN(2)), MaxInner: uint32(w.IntN(2) * 1450), MTU: 1500, Whole: uint32(w.IntN(3) * 700),
	}
	t.VNI = uint32(w.IntN(2))
	t.LastSent = t.FirstSent + w.Int64N(50*sec)
	t.LastReturned = t.FirstSent
	for range w.IntN(3) {
		t.Errors = append(t.Errors, w.failure(nil))
	}
	for range w.IntN(2) {
		t.Marks = append(t.Marks, fact.Mark{Kind: fact.MarkFragment, Ref: w.ref(), Time: t.FirstSent, IPLen: 1450})
	}
	return t
}

func (w *world) neighbour() fact.Neighbour {
	n := fact.Neighbour{Addr: w.one(w.IntN(4)), Node: nodeNames[w.IntN(2)]}
	place := func() fact.Place {
		return fact.Place{Capture: w.IntN(2), Interface: uint32(w.IntN(5)), Mixed: w.chance(8)}
	}
	for range w.IntN(3) {
		a := fact.Asker{Addr: w.one(w.IntN(4)), First: w.time(), Place: place(), CameIn: w.chance(2), WentOut: w.chance(2), Alone: w.chance(2), Answered: uint64(w.IntN(3))}
		a.Asked, a.Last, a.LastAnswer = 4, a.First+5*sec, a.First+w.Int64N(5*sec)
		a.Run = fact.Run{Count: uint64(w.IntN(6)), First: a.First, Last: a.Last, Marks: []fact.Ref{w.ref()}}
		if w.chance(4) {
			a.Run.Ended = a.Last + sec
		}
		n.Askers = append(n.Askers, a)
	}
	for i := range w.IntN(3) {
		n.Claimants = append(n.Claimants, fact.Claimant{
			MAC: fact.MAC(1 + i + w.IntN(3)*2*w.IntN(w.hosts)), Count: 3, Answers: uint64(w.IntN(3)), First: w.time(), Last: w.time(), CameIn: !w.chance(3), Places: []fact.Place{place()},
		})
	}
	if len(n.Claimants) == 2 {
		n.Claimants[1].Places = n.Claimants[0].Places
		at := w.time()
		for i := range 6 {
			n.Turns = append(n.Turns, fact.Claim{MAC: n.Claimants[i%2].MAC, Answer: w.chance(2), Time: at + int64(i)*50*ms, Ref: w.ref()})
		}
	}
	return n
}

var worldNames = []string{"api", "web.default", "db.prod.svc.cluster.local", "api.example.com", "apj.example.com"}

func (w *world) lookup() fact.Lookup {
	l := fact.Lookup{
		Client: w.one(w.IntN(2)), Server: netip.AddrPortFrom(w.one(1+w.IntN(2)), 53), Name: worldNames[w.IntN(len(worldNames))], NdotsMin: -1, NdotsMax: -1,
		Start: w.time(), Duration: w.Int64N(6 * sec), Timeout: -1, Outcome: fact.LookupOutcome(w.IntN(7)), CutShort: w.chance(5), TCP: w.chance(3), Headless: w.chance(8),
	}
	if w.chance(2) {
		l.Timeout = 2 * sec
	}
	if w.chance(2) {
		l.Outcome = fact.LookupAnswered
	}
	if w.chance(2) {
		l.Backend = netip.AddrPortFrom(w.one(1), 53)
	}
	for i := range 1 + w.IntN(2) {
		l.Candidates = append(l.Candidates, w.candidate(&l, i))
	}
	if w.chance(4) {
		l.Upstream = &fact.Upstream{
			Client: netip.AddrPortFrom(w.one(1), 40000), Server: netip.AddrPortFrom(w.one(1), 53), Name: l.Name, Failed: w.IntN(2), Duration: w.Int64N(sec) - 1,
			Unreachable: w.chance(4), Ref: w.ref(),
		}
	}
	l.Queries, l.Wasted, l.WastedTime = 2, w.IntN(3), w.Int64N(sec)
	return l
}

func (w *world) plain() fact.Plain {
	p := fact.Plain{
		Client: w.one(w.IntN(2)), Server: netip.AddrPortFrom(w.one(1+w.IntN(2)), 53), Name: "web", Full: "web", Expanded: w.chance(2), Count: uint64(1 + w.IntN(5)),
		Queries: 8, Wasted: 6, WastedTime: w.Int64N(sec), First: w.time(),
	}
	p.Last = p.First + w.Int64N(5*sec)
	for range w.IntN(3) {
		p.Backends = append(p.Backends, fact.PlainBackend{Backend: netip.AddrPortFrom(w.one(1), 53), Answers: 2, Last: p.Last})
	}
	return p
}

func (w *world) candidate(l *fact.Lookup, i int) fact.Candidate {
	rcodes := [...]string{"", "", "NOERROR", "NXDOMAIN", "SERVFAIL"}
	c := fact.Candidate{QName: l.Name, Types: []string{"A"}, Rcode: rcodes[w.IntN(len(rcodes))], Start: l.Start, Duration: w.Int64N(2 * sec)}
	if i == 0 && w.chance(2) {
		c.QName += ".default.svc.cluster.local"
	}
	for _, kind := range []string{"A", "AAAA"}[:1+w.IntN(2)] {
		q := fact.Query{
			Type: kind, Client: netip.AddrPortFrom(l.Client, uint16(40000+w.IntN(4))), Server: l.Server, Backend: l.Backend, TCP: w.chance(5), Again: fact.AgainKind(w.IntN(6)),
			Sent: l.Start + w.Int64N(sec), Retries: w.IntN(3), Rcode: rcodes[w.IntN(len(rcodes))], Duration: -1, Truncated: w.chance(4), Answers: w.IntN(3),
			Refused: w.chance(6), QueryRef: w.ref(),
		}
		q.LastSent = q.Sent + int64(q.Retries)*sec
		if q.Rcode != "" {
			q.Duration, q.AnswerRef = w.Int64N(6*sec), w.ref()
		}
		l.Retries += q.Retries
		if q.Rcode == "" {
			l.Unanswered++
		}
		c.Queries = append(c.Queries, q)
	}
	return c
}
