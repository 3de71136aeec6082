package capture

import "fmt"

// Block types, draft-ietf-opsawg-pcapng section 4 and its registry.
const (
	blockIDB     = 1
	blockPacket  = 2 // obsolete
	blockSPB     = 3
	blockISB     = 5
	blockEPB     = 6
	blockJournal = 9
	blockCustom  = 0x0bad
	blockCustom2 = 0x40000bad // not to be copied
)

const (
	minBlock = 12
	minSHB   = 28
	// maxBlock is the longest block that is believed, as in Wireshark. It leaves room for packets of maxSnaplen with any
	// number of comments, and for secrets and journals beside them.
	maxBlock = 16 << 20
	// maxInterfaces bounds what interface descriptions alone can make us remember.
	maxInterfaces = 1 << 16
)

// pcapng reads the blocks of a pcapng file.
type pcapng struct {
	order order
	// base is the index of the section's first interface among all of the file. Its clocks are those from there.
	base    int
	clocks  []clock
	foreign bool // the section is of an unknown version
	// sections counts those that have begun.
	sections int
}

// scan reads blocks, draft-ietf-opsawg-pcapng section 3.
func (f *pcapng) scan(r *Reader, b *Block) state {
	for len(b.Frames) < maxFrames {
		p := r.p[r.at:]
		if len(p) < minBlock {
			return incomplete
		}
		o := f.order
		if o.u32(p) == blockSHB {
			var ok bool
			if o, ok = sectionOrder(p); !ok {
				r.what = "section header has no byte-order magic"
				return bad
			}
		}
		kind, claimed := o.u32(p), o.u32(p[4:])
		if kind > blockCustom && kind != blockSHB {
			// A pcap file may follow, whose magic number and version would make a block type and a length.
			if v := another(p); v == certain {
				return header
			} else if v == tooShort && r.end == nil {
				return incomplete
			}
		}
		if claimed < minBlock || claimed > maxBlock || kind == blockSHB && claimed < minSHB {
			r.what = fmt.Sprintf("block claims %d bytes", claimed)
			return bad
		}
		n := int(claimed+3) &^ 3 // some writers forget the padding, and their readers forgive them
		if n > len(p) {
			return incomplete
		}
		if again := o.u32(p[n-4:]); again != claimed && int(again+3)&^3 != n {
			if s := f.mismatch(r, n, claimed, again); s != full {
				return s
			}
		}
		f.block(r, b, o, kind, p[:n:n])
		r.at += n
		r.prev = r.at // its length is confirmed, so no search needs to look into it
	}
	return full
}

// mismatch decides about a block of n bytes whose two lengths differ: the first is right if it leads to what looks like
// another block, or to the end. It returns full if the block can be read.
func (f *pcapng) mismatch(r *Reader, n int, first, second uint32) state {
	rest := r.p[r.at+n:]
	if len(rest) < minBlock && r.end == nil {
		return incomplete
	}
	what := fmt.Sprintf("block claims %d bytes at its beginning and %d at its end", first, second)
	if len(rest) == 0 || f.blockHeader(rest) {
		r.damages.add(Damage{Offset: r.off + int64(r.at), Frame: r.frames + 1, What: what})
		return full
	}
	r.what = what
	return bad
}

// blockHeader says whether p begins with a block's type and length, as far as one can tell without its end.
func (f *pcapng) blockHeader(p []byte) bool {
	if len(p) < minBlock {
		return false
	}
	kind, n := f.order.u32(p), f.order.u32(p[4:])
	return kind == blockSHB || n >= minBlock && n <= maxAnchor && n%4 == 0 && registered(kind)
}

// block reads one whole block.
func (f *pcapng) block(r *Reader, b *Block, o order, kind uint32, p []byte) {
	if kind == blockSHB {
		f.section(r, o, p)
		return
	}
	if f.foreign {
		return
	}
	switch kind {
	case blockEPB:
		f.enhanced(r, b, p)
	case blockSPB:
		f.simple(r, b, p)
	case blockPacket:
		f.obsolete(r, b, p)
	case blockIDB:
		f.describe(r, p)
	case blockISB:
		f.statistics(r, p)
	case blockJournal, blockCustom, blockCustom2:
		// No packets, but Wireshark numbers them as if they were.
		r.frames++
	default:
		if sysdig(kind) {
			r.frames++
		}
	}
}

// section begins a section, section 4.1. Its interfaces are counted anew.
func (f *pcapng) section(r *Reader, o order, p []byte) {
	f.order = o
	f.sections++
	f.base = len(r.interfaces)
	f.clocks = f.clocks[:0]
	major, minor := o.u16(p[12:]), o.u16(p[14:])
	f.foreign = major != 1
	if f.foreign {
		r.damages.add(Damage{
			Offset: r.off + int64(r.at), Skipped: int64(len(p)), Frame: r.frames + 1,
			What: fmt.Sprintf("section of pcapng version %d.%d is not read", major, minor),
		})
	}
}

// record judges p as a block; see format.
func (f *pcapng) record(p []byte) guess {
	if len(p) < minBlock {
		return guess{verdict: tooShort}
	}
	o := f.order
	if o.u32(p) == blockSHB {
		var ok bool
		if o, ok = sectionOrder(p); !ok {
			return guess{}
		}
	}
	kind, n := o.u32(p), o.u32(p[4:])
	if kind > blockCustom && kind != blockSHB {
		if v := another(p); v != unlikely {
			return guess{verdict: v, size: fileHeaderSize}
		}
	}
	if n < minBlock || n > maxAnchor || n%4 != 0 || !registered(kind) {
		return guess{}
	}
	if int(n) > len(p) {
		return guess{verdict: tooShort}
	}
	if o.u32(p[n-4:]) != n {
		return guess{}
	}
	if kind == blockSHB {
		return guess{verdict: certain, size: int(n)}
	}
	return guess{verdict: likely, size: int(n)}
}

// seek finds the next place that record is worth asking about; see format.
func (f *pcapng) seek(p []byte, at int) int {
	for ; at+minBlock <= len(p); at++ {
		kind, n := f.order.u32(p[at:]), f.order.u32(p[at+4:])
		if kind == blockSHB || n-minBlock <= maxAnchor && n%4 == 0 && registered(kind) || kind > blockCustom && magic(p[at:]) {
			break
		}
	}
	return at
}

// registered says whether a block type is one that writers are known to use, section 11.1.
func registered(kind uint32) bool {
	return kind >= 1 && kind <= 0xc || kind == blockSHB || kind == blockCustom || kind == blockCustom2 || sysdig(kind)
}

// sysdig says whether a block is one of sysdig's or Falco's.
func sysdig(kind uint32) bool { return kind >= 0x201 && kind <= 0x221 }
