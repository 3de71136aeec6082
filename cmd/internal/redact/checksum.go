package redact

import "encoding/binary"

// sum is an Internet checksum (RFC 1071) that has to follow what changed in the bytes that it covers.
//
// It is updated and not computed, because the payload is gone when the frame is read again, and may have been before. Being
// right matters less than revealing nothing of the originals. A checksum that an interface was still to complete is
// the sum of the old addresses, and an update would keep the sum of their difference: it becomes the sum of the new
// ones. Zero stays zero. A checksum that is wrong for no known reason becomes wrong by a fixed amount.
type sum struct {
	field      int // offset of the checksum
	start, end int // what it covers
	pseudo         // besides
	// whole: the frame has all that it covers.
	whole bool
	// zeroIsNone: no checksum was computed where it is zero (RFC 768).
	zeroIsNone bool
}

// pseudo is a pseudo-header (RFC 9293, section 3.1; RFC 8200, section 8.1); size is 0 where there is none. The addresses
// are named by their offsets in the frame.
type pseudo struct {
	src, dst, size int
	protocol       uint8
}

func (s *sum) fix(data, out []byte) {
	if s.field+2 > len(out) {
		return
	}
	old := binary.BigEndian.Uint16(data[s.field:])
	if old == 0 && s.zeroIsNone {
		return
	}
	var sum uint16
	switch {
	case s.whole && s.over(data) == 0xffff:
		sum = s.update(old, data, out)
	case old == 0:
		return
	case s.size != 0 && old == s.partial(data, s.end-s.start):
		sum = s.partial(out, s.end-s.start)
	case s.size != 0 && old == s.partial(data, 0): // the length is added for each segment
		sum = s.partial(out, 0)
	case s.whole:
		// The right value is computed without the field itself.
		right := ^fold(uint64(s.over(data)) + uint64(^old))
		sum = s.update(right, data, out) ^ 0x5555
	default:
		sum = s.update(old, data, out)
	}
	if sum == 0 && s.zeroIsNone {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(out[s.field:], sum)
}

// over returns the sum of all that the checksum covers: 0xffff iff it is right. The bytes must all be there.
func (s *sum) over(data []byte) uint16 {
	total := uint64(s.partial(data, s.end-s.start))
	b := data[s.start:s.end]
	for ; len(b) >= 2; b = b[2:] {
		total += uint64(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		total += uint64(b[0]) << 8
	}
	return fold(total)
}

// partial returns the sum of the pseudo-header alone, as Linux puts it where an interface is to add the rest.
func (s *sum) partial(data []byte, length int) uint16 {
	if s.size == 0 {
		return 0
	}
	total := uint64(s.protocol) + uint64(length)
	for _, at := range [2]int{s.src, s.dst} {
		for i := at; i < at+s.size; i += 2 {
			total += uint64(binary.BigEndian.Uint16(data[i:]))
		}
	}
	return fold(total)
}

// update returns the checksum after what changed from data to out (RFC 1624, equation 3). Bytes that out no longer has are
// as if they had stayed.
func (s *sum) update(old uint16, data, out []byte) uint16 {
	total := uint64(^old)
	change := func(start, end int) {
		for i := start; i < end; i++ {
			shift := 8 * (1 - (i-start)&1)
			total += uint64(^(uint16(data[i]) << shift)) + uint64(out[i])<<shift
		}
	}
	change(s.start, min(s.end, len(out)))
	if s.size != 0 {
		change(s.src, s.src+s.size)
		change(s.dst, s.dst+s.size)
	}
	return ^fold(total)
}

func fold(total uint64) uint16 {
	for total > 0xffff {
		total = total>>16 + total&0xffff
	}
	return uint16(total)
}
