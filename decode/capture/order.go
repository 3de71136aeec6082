package capture

import (
	"encoding/binary"
	"math/bits"
)

// order is a file's byte order. It is not binary.ByteOrder because that is called through an interface, which costs
// more than all the rest that is done for a frame.
type order struct{ big bool }

var (
	littleEndian = order{}
	bigEndian    = order{big: true}
)

func (o order) u16(p []byte) uint16 {
	v := binary.LittleEndian.Uint16(p)
	if o.big {
		v = bits.ReverseBytes16(v)
	}
	return v
}

func (o order) u32(p []byte) uint32 {
	v := binary.LittleEndian.Uint32(p)
	if o.big {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func (o order) u64(p []byte) uint64 {
	v := binary.LittleEndian.Uint64(p)
	if o.big {
		v = bits.ReverseBytes64(v)
	}
	return v
}
