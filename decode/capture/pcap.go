package capture

import "fmt"

const (
	// maxSnaplen is the largest packet that capture programs keep (MAXIMUM_SNAPLEN of libpcap), and the largest that
	// Wireshark believes in. A file whose header announces more is believed up to maxRecord.
	maxSnaplen = 256 << 10
	maxRecord  = 1 << 20
	// maxMessage is the same for link types whose packets are messages or transfers and not frames.
	maxMessage = 128 << 20
)

// Lengths of the standard headers, draft-ietf-opsawg-pcap sections 4 and 5.
const (
	fileHeaderSize = 24
	recordHeader   = 16
)

// pcap reads the records of one pcap file.
type pcap struct {
	order   order
	magic   uint32 // as the record's first number would be if another header came in its place
	variant variant
	settled bool // variant is known
	lengths lengths
	unit    int64  // nanoseconds
	limit   uint32 // the longest captured length that is believed
	snaplen uint32
	link    LinkType
	digits  int
	iface   uint32
}

// lengths is the order of the two lengths in a record header.
type lengths uint8

const (
	capturedFirst lengths = iota
	wireFirst             // until version 2.3
	smallerFirst          // version 2.3, whose writers did not agree
)

// newPcap interprets a file header in byte order o whose magic number is m, draft-ietf-opsawg-pcap section 4.
func newPcap(p []byte, o order, m uint32) *pcap {
	f := &pcap{order: o, magic: m, unit: 1000, digits: 6, settled: true}
	major, minor := o.u16(p[4:]), o.u16(p[6:])
	f.snaplen = o.u32(p[16:])
	// The upper half of the field says whether frames end in a frame check sequence, section 4.
	network := o.u32(p[20:])
	f.link = LinkType(network)
	switch {
	case m == magicNano || m == magicIxiaNano:
		f.unit, f.digits = 1, 9
	case m == magicMicro && major == 2 && minor == 2:
		f.aix(network)
	case m == magicMicro && major == 2 && minor >= 4:
		f.settled = false
	case m == magicModified:
		f.variant, f.settled = patched, false
	}
	switch {
	case major == 543 || major < 2 || major == 2 && minor < 3: // 543.0 is DG/UX
		f.lengths = wireFirst
	case major == 2 && minor == 3:
		f.lengths = smallerFirst
	}
	f.limit = maxSnaplen
	if messages(f.link) {
		f.limit = maxMessage
	} else if f.snaplen > f.limit {
		f.limit = min(f.snaplen, maxRecord)
	}
	return f
}

// aix recognizes a file of AIX. It has no mark of its own and differs in units and link types. Those are interface
// types of RFC 1573; the four below were in no use as link types in files of that version.
func (f *pcap) aix(network uint32) {
	switch network {
	case 6:
		f.link = LinkEthernet
	case 9:
		f.link = 6 // IEEE802_5
	case 15:
		f.link = 10 // FDDI
	case 24:
		f.link = LinkNull
	default:
		return
	}
	f.unit, f.digits = 1, 9
}

// scan reads records, draft-ietf-opsawg-pcap section 5.
func (f *pcap) scan(r *Reader, b *Block) state {
	if !f.settled && !f.settle(r.p[r.at:], r.end != nil) {
		return incomplete
	}
	p, at, prev, number, o := r.p, r.at, r.prev, r.frames, f.order
	size := f.variant.size()
	s := full
	for len(b.Frames) < maxFrames {
		if len(p)-at < size {
			s = incomplete
			break
		}
		h := p[at : at+recordHeader : at+recordHeader]
		sec, frac, n, wire := o.u32(h), o.u32(h[4:]), o.u32(h[8:]), o.u32(h[12:])
		if f.lengths != capturedFirst && (f.lengths == wireFirst || n > wire) {
			n, wire = wire, n
		}
		if n > f.limit || n|wire == 0 || sec == f.magic {
			if v := another(p[at:]); v == certain {
				s = header
				break
			} else if v == tooShort && r.end == nil {
				s = incomplete
				break
			}
			if n > f.limit {
				r.what = fmt.Sprintf("record claims %d captured bytes", n)
				s = bad
				break
			}
		}
		end := at + size + int(n)
		if end > len(p) {
			s = incomplete
			break
		}
		number++
		b.Frames = append(b.Frames, Frame{
			Number: number, Time: int64(sec)*1e9 + int64(frac)*f.unit,
			Offset: uint32(at + size), Cap: n, Wire: wire, Interface: f.iface,
		})
		prev, at = at, end
	}
	r.at, r.prev, r.frames = at, prev, number
	return s
}

// record judges p as a record; see format.
func (f *pcap) record(p []byte) guess {
	size := f.variant.size()
	if len(p) < size {
		return guess{verdict: tooShort}
	}
	o := f.order
	sec, frac, n, wire := o.u32(p), o.u32(p[4:]), o.u32(p[8:]), o.u32(p[12:])
	if n == 0 || sec == blockSHB {
		if v := another(p); v != unlikely {
			return guess{verdict: v, size: fileHeaderSize}
		}
	}
	if f.lengths == wireFirst || f.lengths == smallerFirst && n > wire {
		n, wire = wire, n
	}
	if n == 0 || n > wire || n > min(f.limit, maxAnchor) || wire > maxAnchor || int64(frac)*f.unit >= 1e9 {
		return guess{}
	}
	return guess{verdict: likely, size: size + int(n), time: int64(sec)}
}

// seek finds the next place that record is worth asking about; see format.
func (f *pcap) seek(p []byte, at int) int {
	for ; at+recordHeader <= len(p); at++ {
		n := f.order.u32(p[at+8:])
		if n-1 < maxAnchor || bigEndian.u32(p[at:]) == blockSHB || n == 0 && magic(p[at:]) {
			break
		}
	}
	return at
}

// addPcapInterface returns the index of the interface of f. Concatenated files of one kind share one: nothing in them
// tells their interfaces apart.
func (r *Reader) addPcapInterface(f *pcap) uint32 {
	for i, in := range r.interfaces {
		if in.Link == f.link && in.Digits == f.digits && in.Name == "" {
			return uint32(i)
		}
	}
	r.interfaces = append(r.interfaces, Interface{Link: f.link, Snaplen: f.snaplen, Digits: f.digits, Dropped: -1})
	return uint32(len(r.interfaces) - 1)
}

// messages says whether t's packets are bus messages or USB transfers, which can be larger than any frame.
func messages(t LinkType) bool {
	switch t {
	case 186, 189, 220, 249, 266, 288, 293, 294, 295: // USB in several forms
		return true
	case 231, 279: // D-Bus, Elektrobit bus frames
		return true
	}
	return false
}
