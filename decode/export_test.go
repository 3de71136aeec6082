package decode

import "github.com/netsift/netsift/decode/capture"

// DecodeWithoutTrunk is Decode by the walk alone.
func (d *Decoder) DecodeWithoutTrunk(p *Packet, link capture.LinkType, data []byte, wireLen uint32) {
	*p = Packet{Time: p.Time, Frame: p.Frame, Interface: p.Interface, Cap: uint32(len(data)), Wire: wireLen}
	w := walk{d: d, data: data, limit: len(data), end: max(int(wireLen), len(data))}
	w.run(p, w.link(p, link))
	w.finish(p)
	if w.depth != 0 {
		p.Stack = d.cache.intern(d.stacks, &d.encaps, w.depth)
	}
}
