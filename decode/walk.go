package decode

import "github.com/netsift/netsift/decode/wire"

// layer names the header that comes next on a walk.
type layer uint8

const (
	atEnd  layer = iota
	atDone       // atEnd, and finish has nothing to do any more
	atEthernet
	atEtherType // of walk.etherType
	atLLC
	atMPLS
	atPPPoE
	atPPP
	atIP // IPv4 or IPv6, by the version
	atIPv6
	atProtocol // of walk.protocol
)

// walk is the way through one frame. Every step consumes bytes, so that it ends whatever they say.
type walk struct {
	d    *Decoder
	data []byte
	// off is where the next header begins, limit where the captured bytes of the packet in work end; off <= limit.
	off, limit int
	// end is where the packet in work ends on the wire, by the frame's length and by all length fields met so far. It
	// lies beyond len(data) where the capture is cut.
	end int
	// ipEnd is the end of the innermost IP packet as its own header claims it, which may be beyond end: a quoted packet
	// was longer than its quote.
	ipEnd int
	// depth is the number of encapsulations.
	depth     int
	etherType uint16
	protocol  uint8
}

// run walks from next to the end of what can be decoded.
func (w *walk) run(p *Packet, next layer) {
	for next != atEnd {
		switch next {
		case atEthernet:
			next = w.ethernet(p)
		case atEtherType:
			next = w.byEtherType(p)
		case atLLC:
			next = w.llc(p)
		case atMPLS:
			next = w.mpls(p)
		case atPPPoE:
			next = w.pppoe(p)
		case atPPP:
			next = w.ppp(p)
		case atIP:
			next = w.ip(p)
		case atIPv6:
			next = w.ipv6(p)
		case atProtocol:
			next = w.byProtocol(p)
		}
	}
}

// finish sets what is known only when the walk has ended.
func (w *walk) finish(p *Packet) {
	if w.depth != 0 {
		p.Stack = w.d.cache.intern(w.d.stacks, &w.d.encaps, w.depth)
	}
	if p.Network == NetIPv4 || p.Network == NetIPv6 {
		p.Payload = uint32(w.off)
		p.PayloadCap = uint32(w.limit - w.off)
		p.PayloadLen = uint32(max(0, w.ipEnd-w.off))
	}
}

// rest returns the captured bytes of the packet in work from the next header on.
func (w *walk) rest() []byte { return w.data[w.off:w.limit:w.limit] }

// bound ends the packet in work n bytes from here, if it does not end earlier.
func (w *walk) bound(n int) {
	n += w.off
	w.end = min(w.end, n)
	w.limit = min(w.limit, n)
}

// short ends the walk at a header of which need bytes were wanted and not found.
func (w *walk) short(p *Packet, l Layer, need int) layer {
	if w.off+need > w.end {
		return w.stop(p, StopShort, l, need)
	}
	return w.stop(p, StopCut, l, need)
}

// stop ends the walk at the next header.
func (w *walk) stop(p *Packet, r Reason, l Layer, need int) layer {
	p.Stop = Stop{Reason: r, Layer: l, Offset: uint16(min(w.off, 0xffff)), Need: uint16(min(need, 0xffff))}
	return atEnd
}

// enter notes that the innermost packet so far carries another one, which becomes the innermost; it reports false where
// MaxDepth is reached. What the packet says of its network and transport header is cleared: the one inside may be none
// that can be read.
func (w *walk) enter(p *Packet, kind EncapKind, vni uint32, port uint16) bool {
	if w.depth == MaxDepth {
		return false
	}
	e := &w.d.encaps[w.depth]
	e.Src.Hi, e.Src.Lo = p.Src.Hi, p.Src.Lo // not as a whole, see Decode
	e.Dst.Hi, e.Dst.Lo = p.Dst.Hi, p.Dst.Lo
	e.VNI, e.Kind, e.Port = vni, kind, port
	w.depth++
	p.Encaps |= kind.Set()
	if p.Has&HasMF != 0 {
		p.Has = HasOuterFragment
	} else {
		p.Has &= HasOuterFragment
	}
	p.Network = NetOther
	p.Src, p.Dst = wire.Addr{}, wire.Addr{}
	p.SrcPort, p.DstPort = 0, 0
	p.Inner, p.IPLen, p.IPID = 0, 0, 0
	p.Proto, p.TTL = 0, 0
	return true
}
