package decode

import "github.com/netsift/netsift/decode/capture"

// DecodeWithoutTrunk is Decode by dissection alone.
func (d *Decoder) DecodeWithoutTrunk(p *Packet, link capture.LinkType, data []byte, wireLen uint32) {
	*p = Packet{Time: p.Time, Frame: p.Frame, Interface: p.Interface, Cap: uint32(len(data)), Wire: wireLen}
	d.dissect(p, link, data)
}
