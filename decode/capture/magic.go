package capture

// Magic numbers of pcap, as the big-endian number that the first four bytes make when the file is big-endian.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d // draft-ietf-opsawg-pcap section 4
	magicModified = 0xa1b2cd34 // Kuznetzov's patches to libpcap of 1999: longer record headers
	magicIxiaNano = 0x1c0001ac // Ixia's "lcap", hardware capture: a file header of 28 bytes
	magicIxia     = 0x1c0001ab // the same of a software capture
)

// blockSHB is the type of a section header block, the same in both byte orders.
const blockSHB = 0x0a0d0d0a

// byteOrderMagic follows in a section header block and tells its byte order.
const byteOrderMagic = 0x1a2b3c4d

// sniff tells the format of a capture that begins with p and the number of bytes of its file header. Without a format
// the number is 0 if more bytes may tell, and -1 if they can't.
func sniff(p []byte) (int, format) {
	if len(p) < 4 {
		return 0, nil
	}
	m := bigEndian.u32(p)
	if m == blockSHB {
		// A file that is shorter than the smallest section header has no packet.
		if len(p) < minSHB {
			return 0, nil
		}
		o, ok := sectionOrder(p)
		if !ok {
			return -1, nil
		}
		return 0, &pcapng{order: o}
	}
	o := bigEndian
	if !pcapMagic(m) {
		o, m = littleEndian, littleEndian.u32(p)
	}
	if !pcapMagic(m) {
		return -1, nil
	}
	n := fileHeaderSize
	if m == magicIxia || m == magicIxiaNano {
		n += 4 // the length of all records
	}
	if len(p) < n {
		return 0, nil
	}
	return n, newPcap(p, o, m)
}

// another says whether a capture's header begins at p, where a record or a block was expected: captures are
// concatenated with cat, and rotated parts piped one after the other.
func another(p []byte) verdict {
	if len(p) < 4 {
		return tooShort
	}
	if !magic(p) {
		return unlikely
	}
	switch n, f := sniff(p); f := f.(type) {
	case *pcapng:
		return certain
	case *pcap:
		if f.order.u16(p[4:]) == 2 {
			return certain
		}
		return unlikely
	default:
		if n == 0 {
			return tooShort
		}
		return unlikely
	}
}

func pcapMagic(m uint32) bool {
	return m == magicMicro || m == magicNano || m == magicModified || m == magicIxia || m == magicIxiaNano
}

// magic says whether p begins as a capture does.
func magic(p []byte) bool {
	m := bigEndian.u32(p)
	return m == blockSHB || pcapMagic(m) || pcapMagic(littleEndian.u32(p))
}

// sectionOrder returns the byte order of a section header block that begins with p; false if p is none.
func sectionOrder(p []byte) (order, bool) {
	if len(p) < minBlock || bigEndian.u32(p) != blockSHB {
		return order{}, false
	}
	switch {
	case bigEndian.u32(p[8:]) == byteOrderMagic:
		return bigEndian, true
	case littleEndian.u32(p[8:]) == byteOrderMagic:
		return littleEndian, true
	}
	return order{}, false
}

func formatName(f format) string {
	if _, ok := f.(*pcapng); ok {
		return "pcapng"
	}
	return "pcap"
}
