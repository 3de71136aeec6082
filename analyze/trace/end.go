package trace

import (
	"net/netip"
	"strconv"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// end says how a way ends. What did arrive at its last hop, but should have gone on, is lost there.
func (b *builder) end(t *Trace, flow fact.Direction) {
	w, back := &t.Ways[flow], &t.Ways[1-flow]
	if len(w.Hops) == 0 {
		w.End = EndUnseen
		return
	}
	last := &w.Hops[len(w.Hops)-1]
	switch {
	case w.Loops > 0 && w.Loops >= uint64(w.Packets):
		w.End = EndLoop
	case b.refused(w, flow) && (last.Dir == decode.DirIn || last.Role.Kind == fact.TunnelDevice):
		w.End = EndRefused
	case last.Dir == decode.DirIn:
		w.End = b.endIn(last, back)
	case last.Dir == decode.DirOut:
		w.End = b.endOut(last, back)
	case last.answers(back):
		w.End = EndLeaves
	default:
		w.End = EndOpen
	}
	if e := b.rejected(last); w.End == EndVanish && e != nil {
		w.End, w.Answer = EndRefused, e
		w.Lost, w.Arrived = w.Lost+w.Arrived, 0
		return
	}
	if w.End == EndVanish && !b.whole(last) {
		w.End = EndOpen
	}
	if w.End == EndVanish || w.End == EndLoop {
		w.Next = b.next(last)
		w.Lost += w.Arrived
		w.Arrived = 0
	}
}

// endIn says what became of packets that were last seen coming in to a node.
func (b *builder) endIn(last *Hop, back *Way) End {
	if len(back.Hops) > 0 && back.Hops[0].Node == last.Node && back.Hops[0].Dir == decode.DirOut && b.whole(last) {
		return EndHere // the answers begin by leaving the node; IPVS takes one off the TTL of its own packets too
	}
	if a := b.facts.Address(last.Dst.Addr()); a != nil && a.Role == fact.RoleNode && (a.Node == "" || a.Node == last.Node) {
		return EndHere
	}
	if last.answers(back) && last.Role.Kind == fact.Uplink {
		return EndHere
	}
	return EndVanish
}

// endOut says what became of packets that were last seen going out.
func (b *builder) endOut(last *Hop, back *Way) End {
	switch {
	case last.Role.LeadsTo(last.Dst.Addr()), last.answers(back) && last.Role.Kind != fact.Uplink && len(last.Encap) == 0:
		return EndDelivered
	case last.Role.Kind == fact.Bridge && b.find(last.Node, fact.Veth) != nil:
		return EndVanish
	case last.Role.Kind == fact.TunnelDevice && len(b.facts.Tunnels) > 0:
		return EndVanish // packets with their headers on would have been seen
	}
	return EndLeaves
}

// answers reports whether the packets of the other direction begin their way where this hop is.
func (h *Hop) answers(back *Way) bool {
	if len(back.Hops) == 0 {
		return false
	}
	x := &back.Hops[0]
	return x.Node == h.Node && x.Capture == h.Capture && x.Interface == h.Interface && (x.Dir == decode.DirIn || x.Dir == decode.DirUnknown)
}

// rejected returns the error that answers the tunnel packets which a hop was the last to show, nil without any. It goes to
// the other node and not to the connection's client.
func (b *builder) rejected(last *Hop) *fact.ICMPError {
	if len(last.Encap) == 0 || last.Dir != decode.DirIn {
		return nil
	}
	e := &last.Encap[0]
	for i := range b.facts.Tunnels {
		if t := &b.facts.Tunnels[i]; t.Src == e.Src && t.Dst == e.Dst && t.Kind == e.Kind && t.Port == e.Port && len(t.Errors) > 0 {
			return &t.Errors[0]
		}
	}
	return nil
}

// refused reports whether the node itself answered the connection's packets.
func (b *builder) refused(w *Way, flow fact.Direction) bool {
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

// whole reports whether a capture shows what passes all interfaces of its node.
func (b *builder) whole(h *Hop) bool {
	c := &b.facts.Captures[h.Capture]
	return c.Whole() && (c.Interfaces > 1 || h.Interface != 0)
}

// find returns an interface of a node that does something, nil without one.
func (b *builder) find(node string, kind fact.InterfaceKind) *fact.Interface {
	return b.findWhere(node, func(r fact.InterfaceRole) bool { return r.Kind == kind })
}

func (b *builder) findWhere(node string, is func(fact.InterfaceRole) bool) *fact.Interface {
	for i := range b.facts.Interfaces {
		if x := &b.facts.Interfaces[i]; b.facts.Captures[x.Capture].Node == node && is(x.Role) {
			return x
		}
	}
	return nil
}

// next names the view that packets would have come to after the last one that showed them.
func (b *builder) next(last *Hop) string {
	pod := b.findWhere(last.Node, func(r fact.InterfaceRole) bool { return r.LeadsTo(last.Dst.Addr()) })
	bridge := b.find(last.Node, fact.Bridge)
	if x := b.find(last.Node, fact.TunnelDevice); len(last.Encap) > 0 && last.Dir == decode.DirIn {
		if x == nil {
			return ""
		}
		return Face(x.Name, x.Role, x.Index) + " in"
	}
	switch {
	case pod != nil && last.Dir == decode.DirOut, pod != nil && bridge == nil:
		return Face(pod.Name, pod.Role, pod.Index) + " out"
	case pod != nil, last.Role.Kind != fact.Bridge && bridge != nil && b.lives(last.Dst.Addr(), last.Node):
		return Face(bridge.Name, bridge.Role, bridge.Index) + " out"
	}
	if last.Role.Kind == fact.Bridge && last.Dir == decode.DirIn || last.Role.Kind == fact.Veth {
		if x := b.find(last.Node, fact.TunnelDevice); x != nil && b.facts.Role(last.Dst.Addr()) == fact.RolePod {
			return Face(x.Name, x.Role, x.Index) + " out"
		}
		if x := b.find(last.Node, fact.Uplink); x != nil {
			return Face(x.Name, x.Role, x.Index) + " out"
		}
	}
	return ""
}

// lives reports whether an address is known to be one of a node's, or a pod's that may be there.
func (b *builder) lives(a netip.Addr, node string) bool {
	x := b.facts.Address(a)
	return x != nil && (x.Node == node || x.Node == "" && x.Role == fact.RolePod)
}

// Face names an interface for people: its name if it has one, with what it does.
func Face(name string, role fact.InterfaceRole, index uint32) string {
	switch {
	case name != "" && role.Pod.IsValid():
		return name + " (pod " + role.Pod.String() + ")"
	case name != "" && role.Kind != fact.InterfaceUnknown:
		return name + " (" + role.String() + ")"
	case name != "":
		return name
	case role.Kind != fact.InterfaceUnknown:
		return role.String()
	case index == 0:
		return "interface"
	}
	return "interface " + strconv.FormatUint(uint64(index), 10)
}
