package join

import (
	"cmp"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

const (
	// maxNeighbours bounds the addresses that are followed: a scan asks for all of a network.
	maxNeighbours = 1 << 14
	// maxAskers, maxClaimants, maxPlaces, maxTurns and maxRunMarks bound what is kept of each.
	maxAskers, maxClaimants, maxPlaces, maxTurns, maxRunMarks = 8, 4, 8, 16, 4
	// onItsWay is how long a frame is on its way through the interfaces of a node, in nanoseconds: a bridge shows a broadcast on each of its
	// ports. Who asks again does so a second later (RFC 1122, section 2.3.2.1; RFC 4861, section 10: RetransTimer).
	onItsWay = 20e6
)

// Neighbours follows who asks for whose link-layer address, and who claims to have it.
type Neighbours struct {
	sources []Source
	known   map[neighbourKey]*neighbourState
	// ports has the link-layer address whose questions and answers come in by an interface.
	ports map[fact.Place]port
}

// neighbourKey is an address as one node knows it: networks that nodes have for themselves use the same addresses.
type neighbourKey struct {
	node uint16
	addr wire.Addr
}

type neighbourState struct {
	askers    []asker
	claimants []fact.Claimant
	turns     []fact.Claim
}

// asker is a fact.Asker with the run that goes on.
type asker struct {
	fact.Asker
	addr wire.Addr
	run  fact.Run
}

// port is who comes in by an interface.
type port struct {
	mac  uint64
	many bool
}

func newNeighbours(sources []Source) Neighbours {
	return Neighbours{sources: sources, known: map[neighbourKey]*neighbourState{}, ports: map[fact.Place]port{}}
}

// at returns what is known of an address. Beyond maxNeighbours it returns what is not kept.
func (n *Neighbours) at(o *sight.Origin, a wire.Addr) *neighbourState {
	k := neighbourKey{o.Node, a}
	x := n.known[k]
	if x == nil {
		x = &neighbourState{}
		if len(n.known) < maxNeighbours {
			n.known[k] = x
		}
	}
	return x
}

// arp enters an ARP packet. One without a sender's address is a probe (RFC 5227, section 2.1.1). One whose sender asks for itself, or answers
// itself, announces (section 2.3).
func (n *Neighbours) arp(b wire.ARP, p *decode.Packet, o *sight.Origin) {
	from, to := b.Sender(), b.Target()
	if p.Stack != 0 || from == wire.Addr4(0) {
		return
	}
	n.enters(p, o)
	answer := b.Operation() == wire.ARPReply
	own := n.at(o, from)
	own.claimed(b.SenderMAC(), answer, p, o)
	switch {
	case from == to:
		own.heal(wire.Addr{}, p.Time)
	case answer:
		own.heal(to, p.Time)
	case b.Operation() == wire.ARPRequest:
		own.heal(to, p.Time) // who is asked learns where the asker is
		n.at(o, to).asked(from, p, o)
	}
}

// message enters a neighbour solicitation or advertisement; body is what follows the ICMPv6 header. A solicitation without a sender's address
// is a probe (RFC 4862, section 5.4.2).
func (n *Neighbours) message(body wire.Neighbour, p *decode.Packet, o *sight.Origin) {
	if p.Stack != 0 || !body.Valid() || p.Src.IsZero() || p.ICMPCode != 0 {
		return
	}
	n.enters(p, o)
	target := body.Target()
	if p.ICMPType == wire.ICMPv6NeighbourSolicitation {
		mac, ok := body.MAC(wire.NeighbourSourceMAC)
		if ok {
			own := n.at(o, p.Src)
			own.claimed(mac, false, p, o)
			own.heal(target, p.Time)
		}
		n.at(o, target).asked(p.Src, p, o)
		return
	}
	mac, ok := body.MAC(wire.NeighbourTargetMAC)
	if !ok {
		mac = p.MAC // it may leave it out in an answer to who has asked by it (RFC 4861, section 4.4)
	}
	const solicited = 1 << 30
	x := n.at(o, target)
	answer := p.ICMPWord&solicited != 0
	x.claimed(mac, answer, p, o)
	if p.Dst.Netip().IsMulticast() {
		x.heal(wire.Addr{}, p.Time)
	} else {
		x.heal(p.Dst, p.Time)
	}
}

// placeIn returns the interface that shows a packet.
func placeIn(p *decode.Packet, o *sight.Origin) fact.Place {
	at := fact.Place{Capture: int(o.Series), Interface: p.Interface, Mixed: o.Mixed}
	if o.Mixed {
		at.Interface = 0
	}
	return at
}

// enters enters whose packet comes in by an interface.
func (n *Neighbours) enters(p *decode.Packet, o *sight.Origin) {
	if p.Direction != decode.DirIn {
		return
	}
	at := placeIn(p, o)
	x, ok := n.ports[at]
	switch {
	case !ok && len(n.ports) < maxNeighbours:
		n.ports[at] = port{mac: p.MAC}
	case ok && x.mac != p.MAC && !x.many:
		x.many = true
		n.ports[at] = x
	}
}

// asked enters a question.
func (s *neighbourState) asked(by wire.Addr, p *decode.Packet, o *sight.Origin) {
	i := slices.IndexFunc(s.askers, func(a asker) bool { return a.addr == by })
	if i < 0 {
		if len(s.askers) == maxAskers {
			return
		}
		i = len(s.askers)
		s.askers = append(s.askers, asker{addr: by, Asker: fact.Asker{First: p.Time, Place: placeIn(p, o)}})
	}
	a := &s.askers[i]
	a.WentOut = a.WentOut || p.Direction == decode.DirOut
	if p.Direction == decode.DirIn && !a.CameIn {
		a.CameIn, a.Place = true, placeIn(p, o)
	}
	if a.Asked > 0 && abs(p.Time-a.Last) < onItsWay {
		return
	}
	a.Asked++
	a.Last = max(a.Last, p.Time)
	if a.run.Count == 0 {
		a.run.First = p.Time
	}
	a.run.Count++
	a.run.Last = p.Time
	if len(a.run.Marks) < maxRunMarks {
		a.run.Marks = append(a.run.Marks, ref(o.Capture, p.Frame))
	}
	if a.run.Count > a.Run.Count || a.run.Count == a.Run.Count && a.Run.Ended != 0 {
		a.Run = a.run
		a.Run.Marks = slices.Clone(a.run.Marks)
	}
}

// heal enters an answer to who has asked; all have it where to is zero.
func (s *neighbourState) heal(to wire.Addr, time int64) {
	for i := range s.askers {
		a := &s.askers[i]
		if !to.IsZero() && a.addr != to {
			continue
		}
		if a.Answered == 0 || time-a.LastAnswer >= onItsWay {
			a.Answered++
		}
		a.LastAnswer = max(a.LastAnswer, time)
		if a.run.Count > 0 && a.Run.First == a.run.First && a.Run.Ended == 0 {
			a.Run.Ended = time
		}
		a.run = fact.Run{}
	}
}

// claimed enters that a link-layer address is said to be that of the neighbour.
func (s *neighbourState) claimed(mac uint64, answer bool, p *decode.Packet, o *sight.Origin) {
	i := slices.IndexFunc(s.claimants, func(c fact.Claimant) bool { return uint64(c.MAC) == mac })
	if i < 0 {
		if len(s.claimants) == maxClaimants {
			return
		}
		i = len(s.claimants)
		s.claimants = append(s.claimants, fact.Claimant{MAC: fact.MAC(mac), First: p.Time})
	}
	c := &s.claimants[i]
	c.CameIn = c.CameIn || p.Direction != decode.DirOut
	if at := placeIn(p, o); len(c.Places) < maxPlaces && !slices.Contains(c.Places, at) {
		c.Places = append(c.Places, at)
	}
	if c.Count > 0 && abs(p.Time-c.Last) < onItsWay {
		return
	}
	c.Count++
	if answer {
		c.Answers++
	}
	c.Last = max(c.Last, p.Time)
	if n := len(s.turns); n < maxTurns && (n == 0 || s.turns[n-1].MAC != c.MAC) {
		s.turns = append(s.turns, fact.Claim{MAC: c.MAC, Answer: answer, Time: p.Time, Ref: ref(o.Capture, p.Frame)})
	}
}

func abs(d int64) int64 { return max(d, -d) }

// Facts returns what is known of neighbours, by node and address.
func (n *Neighbours) Facts() []fact.Neighbour {
	list := make([]fact.Neighbour, 0, len(n.known))
	for k, x := range n.known {
		f := fact.Neighbour{Addr: k.addr.Netip(), Turns: slices.Clone(x.turns)}
		for _, s := range n.sources {
			if s.NodeIndex == k.node {
				f.Node = s.Node
			}
		}
		for i := range x.askers {
			a := x.askers[i].Asker
			a.Addr = x.askers[i].addr.Netip()
			a.Alone = a.CameIn && !a.Mixed && !n.ports[a.Place].many
			a.Run.Marks = slices.Clone(a.Run.Marks)
			f.Askers = append(f.Askers, a)
		}
		for _, c := range x.claimants {
			c.Places = slices.Clone(c.Places)
			f.Claimants = append(f.Claimants, c)
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b fact.Neighbour) int { return cmp.Or(cmp.Compare(a.Node, b.Node), a.Addr.Compare(b.Addr)) })
	return list
}
