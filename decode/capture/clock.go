package capture

import (
	"math"
	"math/bits"
)

// clock turns an interface's timestamps into nanoseconds, draft-ietf-opsawg-pcapng section 4.2 (if_tsresol,
// if_tsoffset).
type clock struct {
	// A second has units ticks: a power of ten or of two. 0 stands for a power too large for an uint64.
	units  uint64
	power  uint8 // of ten, or of two if binary
	binary bool
	// scale is the number of nanoseconds of a tick, 0 where it is not whole.
	scale  uint64
	offset int64 // seconds
}

func newClock(resolution byte, offset int64) clock {
	c := clock{power: resolution & 0x7f, binary: resolution&0x80 != 0, offset: offset}
	if c.binary {
		if c.power < 64 {
			c.units = 1 << c.power
		}
		return c
	}
	if c.power < 20 {
		c.units = 1
		for range c.power {
			c.units *= 10
		}
	}
	if c.power <= 9 {
		c.scale = 1e9 / c.units
	}
	return c
}

// digits is the number of decimal digits after the second that the resolution makes meaningful, nine at most.
func (c clock) digits() int {
	if c.binary {
		return min(int(math.Ceil(float64(c.power)*math.Log10(2))), 9)
	}
	return min(int(c.power), 9)
}

// time returns the nanoseconds since 1970 of a timestamp. A time outside the years of an int64 (1678 to 2262)
// becomes the nearest one inside.
func (c clock) time(ticks uint64) int64 {
	if c.scale != 0 && c.offset == 0 && ticks <= math.MaxInt64/c.scale {
		return int64(ticks * c.scale)
	}
	var seconds, nanos uint64
	switch {
	case c.units == 0 && c.binary && c.power < 128:
		// All bits are fraction: less than a second.
		hi, _ := bits.Mul64(ticks, 1e9)
		nanos = hi >> (c.power - 64)
	case c.units == 0:
		// 10^20 ticks a second and more: an uint64 does not reach a second.
		nanos = ticks
		for range min(c.power-9, 20) {
			nanos /= 10
		}
	default:
		seconds = ticks / c.units
		hi, lo := bits.Mul64(ticks%c.units, 1e9)
		nanos, _ = bits.Div64(hi, lo, c.units)
	}
	return saturate(seconds, nanos, c.offset)
}

// saturate returns (seconds + offset) * 1e9 + nanos within the range of an int64.
func saturate(seconds, nanos uint64, offset int64) int64 {
	const most = math.MaxInt64/1_000_000_000 - 1
	if seconds > math.MaxInt64/2 || offset > math.MaxInt64/2 {
		return math.MaxInt64
	}
	switch s := int64(seconds) + offset; {
	case s > most:
		return math.MaxInt64
	case s < -most:
		return math.MinInt64
	default:
		return s*1e9 + int64(nanos)
	}
}
