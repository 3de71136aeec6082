package trace

import (
	"net/netip"
	"strconv"
	"strings"

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
	case b.refused(w, flow) && (last.Dir == decode.DirIn || last.Role == tunnelDevice):
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
	for i := range b.facts.Addresses {
		if a := &b.facts.Addresses[i]; a.Addr == last.Dst.Addr() && a.Role == fact.RoleNode && (a.Node == "" || a.Node == last.Node) {
			return EndHere
		}
	}
	if last.answers(back) && last.Role == "uplink" {
		return EndHere
	}
	return EndVanish
}

// endOut says what became of packets that were last seen going out.
func (b *builder) endOut(last *Hop, back *Way) End {
	switch {
	case last.Role == "veth "+last.Dst.Addr().String(), last.answers(back) && last.Role != "uplink" && len(last.Encap) == 0:
		return EndDelivered
	case last.Role == "bridge" && b.has(last.Node, "veth"):
		return EndVanish
	case last.Role == tunnelDevice && len(b.facts.Tunnels) > 0:
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

// has reports whether a node has an interface of some role.
func (b *builder) has(node, role string) bool { return b.find(node, role) != nil }

func (b *builder) find(node, role string) *fact.Interface {
	for i := range b.facts.Interfaces {
		x := &b.facts.Interfaces[i]
		if b.facts.Captures[x.Capture].Node == node && (x.Role == role || strings.HasPrefix(x.Role, role+" ")) {
			return x
		}
	}
	return nil
}

// next names the view that packets would have come to after the last one that showed them.
func (b *builder) next(last *Hop) string {
	pod := b.find(last.Node, "veth "+last.Dst.Addr().String())
	bridge := b.find(last.Node, "bridge")
	if x := b.find(last.Node, tunnelDevice); len(last.Encap) > 0 && last.Dir == decode.DirIn {
		if x == nil {
			return ""
		}
		return Face(x.Name, x.Role, x.Index) + " in"
	}
	switch {
	case pod != nil && last.Dir == decode.DirOut, pod != nil && bridge == nil:
		return Face(pod.Name, pod.Role, pod.Index) + " out"
	case pod != nil, last.Role != "bridge" && bridge != nil && b.lives(last.Dst.Addr(), last.Node):
		return Face(bridge.Name, bridge.Role, bridge.Index) + " out"
	}
	if last.Role == "bridge" && last.Dir == decode.DirIn || strings.HasPrefix(last.Role, "veth") {
		if x := b.find(last.Node, tunnelDevice); x != nil && b.isPod(last.Dst.Addr()) {
			return Face(x.Name, x.Role, x.Index) + " out"
		}
		if x := b.find(last.Node, "uplink"); x != nil {
			return Face(x.Name, x.Role, x.Index) + " out"
		}
	}
	return ""
}

// lives reports whether an address is known to be one of a node's, or near those of its pods.
func (b *builder) lives(a netip.Addr, node string) bool {
	for i := range b.facts.Addresses {
		if x := &b.facts.Addresses[i]; x.Addr == a {
			return x.Node == node || x.Node == "" && x.Role == fact.RolePod
		}
	}
	return false
}

func (b *builder) isPod(a netip.Addr) bool {
	for i := range b.facts.Addresses {
		if x := &b.facts.Addresses[i]; x.Addr == a {
			return x.Role == fact.RolePod
		}
	}
	return false
}

// Face names an interface for people: its name if it has one, with what it does.
func Face(name, role string, index uint32) string {
	pod, isVeth := strings.CutPrefix(role, "veth ")
	switch {
	case name != "" && isVeth:
		return name + " (pod " + pod + ")"
	case name != "" && role != "":
		return name + " (" + role + ")"
	case name != "":
		return name
	case role != "":
		return role
	case index == 0:
		return "interface"
	}
	return "interface " + strconv.FormatUint(uint64(index), 10)
}
