// Package decode turns the bytes of a captured frame into a Packet: it goes through the headers from the link layer through every
// encapsulation to the innermost transport header.
//
// Nothing here allocates, fails or panics on any bytes: a frame that is cut, malformed or strange is an answer with a
// Stop.
package decode

import "github.com/netsift/netsift/decode/capture"

// Options is how frames are decoded.
type Options struct {
	// Ports are UDP ports beside the usual ones (EncapKind.Ports) on which UDPTunnels are looked for.
	Ports map[EncapKind][]uint16
}

// Decoder decodes frames, one at a time. The zero Decoder is not usable, see New.
type Decoder struct {
	stacks *Stacks
	ports  TunnelPorts
	// The encapsulations of the packet in work. They are here and not in dissection because clearing their 320 bytes for
	// each packet costs as much as a header.
	encaps [MaxDepth]Encap
	cache  stackCache
}

// New returns a Decoder that interns stacks in s, which several decoders may share.
func New(o Options, s *Stacks) *Decoder {
	d := &Decoder{stacks: s}
	d.ports.add(o.Ports)
	return d
}

// Decode decodes the captured bytes of a frame that had wire bytes on the wire. It sets every field of p, except that
// Time, Frame and Interface are left as the caller set them, and for LINUX_SLL2 Interface becomes the kernel's index.
// p keeps no reference to data; its offsets count from data's first byte.
func (d *Decoder) Decode(p *Packet, link capture.LinkType, data []byte, wireLen uint32) {
	// Here and below values are cleared in place and set field by field: a literal is built first and then copied, in
	// wider words than it was written in, for which the processor has to wait.
	time, frame, iface := p.Time, p.Frame, p.Interface
	*p = Packet{}
	p.Time, p.Frame, p.Interface = time, frame, iface
	p.Cap, p.Wire = uint32(len(data)), wireLen
	if !d.fastPath(p, link, data) {
		d.dissect(p, link, data)
	}
}

// dissect decodes a frame of any kind.
func (d *Decoder) dissect(p *Packet, link capture.LinkType, data []byte) {
	var x dissection
	x.decoder, x.data, x.limit, x.end = d, data, len(data), max(int(p.Wire), len(data))
	x.run(p, x.link(p, link))
	x.finish(p)
}
