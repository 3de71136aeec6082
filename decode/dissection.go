package decode

import "github.com/netsift/netsift/decode/wire"

// layer names the header that comes next of a dissection.
type layer uint8

const (
	atEnd  layer = iota
	atDone       // atEnd, and finish has nothing to do any more
	atEthernet
	atEtherType // of dissection.etherType
	atLLC
	atMPLS
	atPPPoE
	atPPP
	atIP // IPv4 or IPv6, by the version
	atIPv6
	atProtocol // of dissection.protocol
)

// dissection is the way through one frame. Every step consumes bytes, so that it ends on any input.
type dissection struct {
	decoder *Decoder
	data    []byte
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

// run goes from next to the end of what can be decoded.
func (d *dissection) run(p *Packet, next layer) {
	for next != atEnd {
		switch next {
		case atEthernet:
			next = d.ethernet(p)
		case atEtherType:
			next = d.byEtherType(p)
		case atLLC:
			next = d.llc(p)
		case atMPLS:
			next = d.mpls(p)
		case atPPPoE:
			next = d.pppoe(p)
		case atPPP:
			next = d.ppp(p)
		case atIP:
			next = d.ip(p)
		case atIPv6:
			next = d.ipv6(p)
		case atProtocol:
			next = d.byProtocol(p)
		}
	}
}

// finish sets what is known only when the dissection has ended.
func (d *dissection) finish(p *Packet) {
	if d.depth != 0 {
		p.Stack = d.decoder.cache.intern(d.decoder.stacks, &d.decoder.encaps, d.depth)
	}
	if p.Network == NetIPv4 || p.Network == NetIPv6 {
		p.Payload = uint32(min(d.off, d.limit)) // a header that was cut, but says its length, ends beyond what is there
		p.PayloadCap = uint32(max(0, d.limit-d.off))
		p.PayloadLen = uint32(max(0, d.ipEnd-d.off))
	}
}

// rest returns the captured bytes of the packet in work from the next header on.
func (d *dissection) rest() []byte { return d.data[d.off:d.limit:d.limit] }

// bound ends the packet in work n bytes from here, if it does not end earlier.
func (d *dissection) bound(n int) {
	n += d.off
	d.end = min(d.end, n)
	d.limit = min(d.limit, n)
}

// short ends the dissection at a header of which need bytes were wanted and not found.
func (d *dissection) short(p *Packet, l Layer, need int) layer {
	if d.off+need > d.end {
		return d.stop(p, StopShort, l, need)
	}
	return d.stop(p, StopCut, l, need)
}

// stop ends the dissection at the next header.
func (d *dissection) stop(p *Packet, r Reason, l Layer, need int) layer {
	p.Stop = Stop{Reason: r, Layer: l, Offset: uint16(min(d.off, 0xffff)), Need: uint16(min(need, 0xffff))}
	return atEnd
}

// enter notes that the innermost packet so far carries another one, which becomes the innermost; it reports false where
// MaxDepth is reached. It clears the packet's fields of the network and transport header: those inside may be
// unreadable.
func (d *dissection) enter(p *Packet, kind EncapKind, vni uint32, port uint16) bool {
	if d.depth == MaxDepth {
		return false
	}
	e := &d.decoder.encaps[d.depth]
	e.Src.Hi, e.Src.Lo = p.Src.Hi, p.Src.Lo // not as a whole, see Decode
	e.Dst.Hi, e.Dst.Lo = p.Dst.Hi, p.Dst.Lo
	e.VNI, e.Kind, e.Port = vni, kind, port
	d.depth++
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
