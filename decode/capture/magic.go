package capture

import "encoding/binary"

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
	m := binary.BigEndian.Uint32(p)
	if m == blockSHB {
		// A shorter file than the smallest section header has no packet.
		if len(p) < minSHB {
			return 0, nil
		}
		o := sectionOrder(p)
		if o == nil {
			return -1, nil
		}
		return 0, &pcapng{order: o}
	}
	var o binary.ByteOrder = binary.BigEndian
	if !pcapMagic(m) {
		o, m = binary.LittleEndian, binary.LittleEndian.Uint32(p)
	}
	if !pcapMagic(m) {
		return -1, nil
	}
	n := 24
	if m == magicIxia || m == magicIxiaNano {
		n = 28
	}
	if len(p) < n {
		return 0, nil
	}
	return n, newPcap(p, o, m)
}

func pcapMagic(m uint32) bool {
	return m == magicMicro || m == magicNano || m == magicModified || m == magicIxia || m == magicIxiaNano
}

// magic says whether p begins as a capture does.
func magic(p []byte) bool {
	return pcapMagic(binary.BigEndian.Uint32(p)) || pcapMagic(binary.LittleEndian.Uint32(p)) || binary.BigEndian.Uint32(p) == blockSHB
}

// sectionOrder returns the byte order that a section header block beginning with p has, nil if it is none.
func sectionOrder(p []byte) binary.ByteOrder {
	if len(p) < 12 || binary.BigEndian.Uint32(p) != blockSHB {
		return nil
	}
	switch {
	case binary.BigEndian.Uint32(p[8:]) == byteOrderMagic:
		return binary.BigEndian
	case binary.LittleEndian.Uint32(p[8:]) == byteOrderMagic:
		return binary.LittleEndian
	}
	return nil
}

func formatName(f format) string {
	if _, ok := f.(*pcapng); ok {
		return "pcapng"
	}
	return "pcap"
}
