package join

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/life"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// maxTunnels bounds the pairs of nodes that are followed, maxErrors the ICMP errors kept of each.
const maxTunnels, maxErrors = 1 << 14, 8

// Tunnels follows the encapsulated traffic between nodes.
type Tunnels struct {
	stacks *decode.Stacks
	told   func(src, dst netip.Addr, ttl uint8)
	ways   map[tunnelWay]*tunnelState
	// byStack leads from the encapsulations of a packet to its outermost tunnel; nil where they were not seen yet.
	byStack []*tunnelState
	// rests counts the later fragments that came in, of packets that may be a tunnel's.
	rests map[outerWay]uint64
}

// outerWay is what a later fragment of a tunnel's packet shows of its way.
type outerWay struct {
	src, dst wire.Addr
	proto    uint8
}

// tunnelWay is one direction of a tunnel.
type tunnelWay struct {
	src, dst wire.Addr
	kind     decode.EncapKind
	port     uint16
}

type tunnelState struct {
	vni, overhead uint32
	// sent counts the packets by the direction on the interface that showed them: unknown, in, out.
	sent        [3]uint64
	first, last int64
	// fragments counts first fragments, arrived those that came in.
	fragments, arrived uint64
	// ttl is the largest TTL that packets inside arrive with, other than RSTs: a pod's, once the sending node took one off.
	ttl           uint8
	maxInner, mtu uint32
	// whole is the longest packet that came in and was no fragment, if it can't be several that offload made one.
	whole  uint32
	errors []fact.ICMPError
	marks  []fact.Mark
}

func newTunnels(stacks *decode.Stacks, told func(src, dst netip.Addr, ttl uint8)) Tunnels {
	return Tunnels{stacks: stacks, told: told, ways: map[tunnelWay]*tunnelState{}, rests: map[outerWay]uint64{}}
}

func (t *Tunnels) way(e decode.Encap) *tunnelState {
	k := tunnelWay{src: e.Src, dst: e.Dst, kind: e.Kind, port: e.Port}
	w := t.ways[k]
	if w == nil {
		if len(t.ways) >= maxTunnels {
			return &tunnelState{}
		}
		w = &tunnelState{vni: e.VNI}
		t.ways[k] = w
		t.say(e, 0)
	}
	return w
}

// say hands on that there is a tunnel, and the largest TTL in it.
func (t *Tunnels) say(e decode.Encap, ttl uint8) {
	if t.told != nil {
		t.told(e.Src.Netip(), e.Dst.Netip(), ttl)
	}
}

// outermost returns the tunnel that a packet's outermost encapsulation is one of.
func (t *Tunnels) outermost(id decode.StackID) *tunnelState {
	if int(id) < len(t.byStack) && t.byStack[id] != nil {
		return t.byStack[id]
	}
	w := t.way(t.stacks.Get(id).Encaps[0])
	for len(t.byStack) <= int(id) {
		t.byStack = append(t.byStack, nil)
	}
	t.byStack[id] = w
	return w
}

// see enters an encapsulated packet.
func (t *Tunnels) see(p *decode.Packet, o *sight.Origin) {
	w := t.outermost(p.Stack)
	if w.first == 0 {
		w.first = p.Time
	}
	w.last = max(w.last, p.Time)
	w.sent[p.Direction]++
	if p.TTL > w.ttl && p.Has&decode.HasTCP != 0 && p.Flags&wire.RST == 0 {
		w.ttl = p.TTL
		t.say(t.stacks.Get(p.Stack).Encaps[0], w.ttl)
	}
	if over := p.OuterIPLen - p.IPLen; p.Has&decode.HasOuterFragment == 0 {
		w.overhead = over
		if p.Direction == decode.DirIn && p.Has&decode.HasTCP == 0 {
			w.whole = max(w.whole, p.OuterIPLen)
		}
		return
	}
	w.fragment(p, o, p.IPLen)
}

// fragment enters the first fragment of a tunnel packet; inner is the length of the packet inside, 0 if not known.
func (w *tunnelState) fragment(p *decode.Packet, o *sight.Origin, inner uint32) {
	w.fragments++
	if p.Direction == decode.DirIn {
		w.arrived++
	}
	w.maxInner = max(w.maxInner, inner)
	w.mtu = max(w.mtu, p.OuterIPLen)
	if len(w.marks) < 8 {
		w.marks = append(w.marks, fact.Mark{
			Kind: fact.MarkFragment, Ref: ref(o.Capture, p.Frame), Time: p.Time, IPLen: inner,
		})
	}
}

// rest enters a later fragment of what may be a tunnel's packet.
func (t *Tunnels) rest(p *decode.Packet) {
	if p.Direction != decode.DirIn {
		return
	}
	k := outerWay{src: p.Src, dst: p.Dst, proto: p.Proto}
	if n := t.rests[k]; n > 0 || len(t.rests) < maxTunnels {
		t.rests[k] = n + 1
	}
}

// opaque enters the first fragment of a UDP packet, which may be WireGuard's: its inside is not to be seen, but that it had
// to be fragmented is.
func (t *Tunnels) opaque(p *decode.Packet, data []byte, o *sight.Origin) {
	b, ports := life.Payload(p, data), decode.EncapWireGuard.Ports()
	if !slices.Contains(ports, p.DstPort) && !slices.Contains(ports, p.SrcPort) || len(b) < 4 || b[0] != 4 || b[1]|b[2]|b[3] != 0 { // a data message, https://www.wireguard.com/protocol/
		return
	}
	w := t.way(decode.Encap{Kind: decode.EncapWireGuard, Src: p.Src, Dst: p.Dst, Port: p.DstPort})
	if w.first == 0 {
		w.first = p.Time
	}
	w.last = max(w.last, p.Time)
	w.sent[p.Direction]++
	w.fragment(p, o, 0)
}

// quoted returns the tunnel that a packet quoted by an ICMP error is one of. Where the quote ends before what is inside, as it may after
// eight bytes of UDP (RFC 792) or where the capture cut it, it is one of a tunnel that was seen.
func (t *Tunnels) quoted(q *decode.Packet) (decode.Encap, bool) {
	if q.Stack != 0 {
		return t.stacks.Get(q.Stack).Encaps[0], true
	}
	if q.Proto != wire.ProtoUDP {
		return decode.Encap{}, false
	}
	for kind := range decode.Unwrapped().All() {
		if t.ways[tunnelWay{src: q.Src, dst: q.Dst, kind: kind, port: q.DstPort}] != nil {
			return decode.Encap{Kind: kind, Src: q.Src, Dst: q.Dst, Port: q.DstPort}, true
		}
	}
	return decode.Encap{}, false
}

// rejected enters an ICMP error that quotes a packet of a tunnel.
func (t *Tunnels) rejected(tunnel decode.Encap, e fact.ICMPError) {
	w := t.way(tunnel)
	for i := range w.errors {
		if x := &w.errors[i]; x.Type == e.Type && x.Code == e.Code {
			x.Count++
			x.Last = e.Time
			x.In, x.Out = x.In|e.In, x.Out|e.Out
			if e.MTU != 0 && (x.MTU == 0 || e.MTU < x.MTU) {
				x.MTU = e.MTU
			}
			return
		}
	}
	if len(w.errors) < maxErrors {
		w.errors = append(w.errors, e)
	}
}

// Facts returns the tunnels, each direction for itself, in the order in which they were first used.
func (t *Tunnels) Facts() []fact.Tunnel {
	list := make([]fact.Tunnel, 0, len(t.ways))
	for k, w := range t.ways {
		f := fact.Tunnel{
			Encap: fact.Encap{
				Kind: k.kind, VNI: w.vni, Src: k.src.Netip(), Dst: k.dst.Netip(), Port: k.port, Overhead: w.overhead,
			},
			Sent: slices.Max(w.sent[:]), FirstSent: w.first, LastSent: w.last,
			Fragments: w.fragments, FragmentsIn: w.arrived, RestsIn: t.rests[outerWay{k.src, k.dst, k.kind.Proto()}],
			MaxInner: w.maxInner, MTU: w.mtu, Whole: w.whole,
			Errors: slices.Clone(w.errors), Marks: slices.Clone(w.marks),
		}
		if back := t.ways[tunnelWay{src: k.dst, dst: k.src, kind: k.kind, port: k.port}]; back != nil {
			f.Returned, f.LastReturned = slices.Max(back.sent[:]), back.last
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b fact.Tunnel) int {
		if a.FirstSent != b.FirstSent {
			if a.FirstSent < b.FirstSent {
				return -1
			}
			return 1
		}
		if c := a.Src.Compare(b.Src); c != 0 {
			return c
		}
		return a.Dst.Compare(b.Dst)
	})
	return list
}
