package capture

import "fmt"

// enhanced reads an enhanced packet block, draft-ietf-opsawg-pcapng section 4.3.
func (f *pcapng) enhanced(r *Reader, b *Block, p []byte) {
	if len(p) < 32 {
		f.damaged(r, p, "packet block is too short")
		return
	}
	f.packet(r, b, p, f.order.u32(p[8:]), 28)
}

// obsolete reads a packet block as it was until 2004, appendix A.
func (f *pcapng) obsolete(r *Reader, b *Block, p []byte) {
	if len(p) < 32 {
		f.damaged(r, p, "packet block is too short")
		return
	}
	f.packet(r, b, p, uint32(f.order.u16(p[8:])), 28)
}

// packet appends the frame of a block whose times and lengths end where its data begins.
func (f *pcapng) packet(r *Reader, b *Block, p []byte, iface uint32, data int) {
	n := f.order.u32(p[data-8:])
	if iface >= uint32(len(f.clocks)) {
		f.damaged(r, p, fmt.Sprintf("packet of interface %d, which is not described", iface))
		return
	}
	if n > uint32(len(p)-data-4) {
		f.damaged(r, p, fmt.Sprintf("packet claims %d captured bytes in a block of %d", n, len(p)))
		return
	}
	ticks := uint64(f.order.u32(p[12:]))<<32 | uint64(f.order.u32(p[16:]))
	r.frames++
	b.Frames = append(b.Frames, Frame{
		Number: r.frames, Time: f.clocks[iface].time(ticks),
		Offset: uint32(r.at + data), Cap: n, Wire: f.order.u32(p[data-4:]), Interface: uint32(f.base) + iface,
	})
}

// simple reads a simple packet block, section 4.4: of the section's first interface, without a time, as long as the
// block and the snaplen let it be.
func (f *pcapng) simple(r *Reader, b *Block, p []byte) {
	if len(p) < 16 {
		f.damaged(r, p, "packet block is too short")
		return
	}
	if len(f.clocks) == 0 {
		f.damaged(r, p, "packet of interface 0, which is not described")
		return
	}
	wire := f.order.u32(p[8:])
	n := min(wire, uint32(len(p)-16))
	if s := r.interfaces[f.base].Snaplen; s > 0 {
		n = min(n, s)
	}
	r.frames++
	b.Frames = append(b.Frames, Frame{Number: r.frames, Offset: uint32(r.at + 12), Cap: n, Wire: wire, Interface: uint32(f.base)})
}

// damaged notes that the block p can't be read. Reading goes on behind it: its length was right.
func (f *pcapng) damaged(r *Reader, p []byte, what string) {
	r.damages.add(Damage{Offset: r.off + int64(r.at), Skipped: int64(len(p)), Frame: r.frames + 1, What: what})
}
