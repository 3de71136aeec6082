package trace

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// end finds how a way ends. Packets that arrived at its last hop, but should have gone on, are lost there.
func (b *builder) end(walk *fact.Walk, flow fact.Direction) {
	w, back := &walk.Ways[flow], &walk.Ways[1-flow]
	if len(w.Hops) == 0 {
		w.End = fact.EndUnseen
		return
	}
	last := &w.Hops[len(w.Hops)-1]
	switch {
	case w.Loops > 0 && w.Loops >= uint64(w.Packets):
		w.End = fact.EndLoop
	case b.refused(w, flow) && (last.Dir == decode.DirIn || last.Role.Kind == fact.TunnelDevice):
		w.End = fact.EndRefused
	case last.Dir == decode.DirIn:
		w.End = b.endIn(last, back)
	case last.Dir == decode.DirOut:
		w.End = b.endOut(last, back)
	case answers(last, back):
		w.End = fact.EndLeaves
	default:
		w.End = fact.EndOpen
	}
	if e := b.rejected(last); w.End == fact.EndVanish && e != nil {
		w.End, w.Answer = fact.EndRefused, e
		w.Lost, w.Arrived = w.Lost+w.Arrived, 0
		return
	}
	if w.End == fact.EndVanish && !b.whole(last) {
		w.End = fact.EndOpen
	}
	if w.End == fact.EndVanish || w.End == fact.EndLoop {
		w.Next, w.NextDir = b.next(last)
		w.Lost += w.Arrived
		w.Arrived = 0
	}
}

// endIn finds the fate of packets that were last seen coming in to a node.
func (b *builder) endIn(last *fact.Hop, back *fact.Way) fact.WayEnd {
	if len(back.Hops) > 0 && back.Hops[0].Node == last.Node && back.Hops[0].Dir == decode.DirOut && b.whole(last) {
		return fact.EndHere // the answers begin by leaving the node; IPVS takes one off the TTL of its own packets too
	}
	if a := b.facts.Address(last.Dst.Addr()); a != nil && a.Role == fact.RoleNode && (a.Node == "" || a.Node == last.Node) {
		return fact.EndHere
	}
	if answers(last, back) && last.Role.Kind == fact.Uplink {
		return fact.EndHere
	}
	return fact.EndVanish
}

// endOut finds the fate of packets that were last seen going out.
func (b *builder) endOut(last *fact.Hop, back *fact.Way) fact.WayEnd {
	switch {
	case last.Role.LeadsTo(last.Dst.Addr()), answers(last, back) && last.Role.Kind != fact.Uplink && len(last.Encap) == 0:
		return fact.EndDelivered
	case last.Role.Kind == fact.Bridge && b.ground.find(last.Node, fact.Veth) != nil:
		return fact.EndVanish
	case last.Role.Kind == fact.TunnelDevice && len(b.facts.Tunnels) > 0:
		return fact.EndVanish // packets with their headers on would have been seen
	}
	return fact.EndLeaves
}

// answers reports whether the packets of the other direction begin their way where this hop is.
func answers(h *fact.Hop, back *fact.Way) bool {
	if len(back.Hops) == 0 {
		return false
	}
	x := &back.Hops[0]
	return x.Node == h.Node && x.Capture == h.Capture && x.Interface == h.Interface && (x.Dir == decode.DirIn || x.Dir == decode.DirUnknown)
}

// rejected returns the error that answers the tunnel packets which a hop was the last to show, nil without any. It goes to
// the other node and not to the connection's client.
func (b *builder) rejected(last *fact.Hop) *fact.ICMPError {
	if len(last.Encap) == 0 || last.Dir != decode.DirIn {
		return nil
	}
	return b.ground.errors[wayOf(&last.Encap[0])]
}

// refused reports whether the node itself answered the connection's packets.
func (b *builder) refused(w *fact.Way, flow fact.Direction) bool {
	if r := b.conn.Reset; r != nil && r.ByNode && r.InHandshake && r.From != flow {
		return true
	}
	for i := range b.conn.Errors {
		if e := &b.conn.Errors[i]; e.ByNode && e.Flow == flow && !e.Tunnel && e.Unreachable() {
			w.Answer = e
			return true
		}
	}
	return false
}

// whole reports whether a capture shows all interfaces of its node.
func (b *builder) whole(h *fact.Hop) bool {
	c := &b.facts.Captures[h.Capture]
	return c.Whole() && (c.Interfaces > 1 || h.Interface != 0)
}

// next returns the interface that packets would have come to after the last hop that showed them, and in which direction; nil if
// not known.
func (b *builder) next(last *fact.Hop) (*fact.Interface, decode.Direction) {
	pod := b.ground.leadsTo(last.Node, last.Dst.Addr())
	bridge := b.ground.find(last.Node, fact.Bridge)
	tunnel := b.ground.find(last.Node, fact.TunnelDevice)
	if len(last.Encap) > 0 && last.Dir == decode.DirIn {
		return tunnel, decode.DirIn
	}
	switch {
	case pod != nil && last.Dir == decode.DirOut, pod != nil && bridge == nil:
		return pod, decode.DirOut
	case pod != nil, last.Role.Kind != fact.Bridge && bridge != nil && b.lives(last.Dst.Addr(), last.Node):
		return bridge, decode.DirOut
	}
	if last.Role.Kind == fact.Bridge && last.Dir == decode.DirIn || last.Role.Kind == fact.Veth {
		if tunnel != nil && b.facts.Role(last.Dst.Addr()) == fact.RolePod {
			return tunnel, decode.DirOut
		}
		return b.ground.find(last.Node, fact.Uplink), decode.DirOut
	}
	return nil, decode.DirUnknown
}

// lives reports whether an address is known to be one of a node's, or a pod's that may be there.
func (b *builder) lives(a netip.Addr, node string) bool {
	x := b.facts.Address(a)
	return x != nil && (x.Node == node || x.Node == "" && x.Role == fact.RolePod)
}
