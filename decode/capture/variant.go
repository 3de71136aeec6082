package capture

// variant is a form of pcap's record header. Only two of them have a magic number of their own, and share it; the
// others show in the records.
type variant uint8

const (
	standard variant = iota
	// patched has 8 more bytes: the interface, the protocol and the direction. Kuznetzov's patches of 1999-04-17 (with
	// the standard magic number) and 1999-10-29.
	patched
	// patchedSMP has 12 more: those, and the processors. The patch of 1999-09-15.
	patchedSMP
	// nokia has 4 more of unknown meaning.
	nokia
)

func (v variant) size() int {
	return recordHeader + [...]int{standard: 0, patched: 8, patchedSMP: 12, nokia: 4}[v]
}

// guessed is how many records the variant is guessed from.
const guessed = 3

// settle tells the variant from the first records, which begin at p, the same way as Wireshark does: by the one that
// has the fewest things wrong, but by the record: one that soon comes upon an impossible length has fewer records to be
// wrong in. It returns false if more bytes are needed; final says that there are none.
//
// A standard record that looks right is believed at once, so that the first packet of a pipe does not wait for the
// second.
func (f *pcap) settle(p []byte, final bool) bool {
	candidates := []variant{standard, patched, nokia}
	if f.magic == magicModified {
		candidates = []variant{patched, patchedSMP}
	}
	least, among := 0, 0
	for i, v := range candidates {
		wrong, records, enough := f.oddities(p, v, final)
		if !enough && (wrong > 0 || f.magic == magicModified) && len(p) < guessed*(maxSnaplen+recordHeader) {
			return false
		}
		if i == 0 || wrong*among < least*records {
			f.variant, least, among = v, wrong, records
		}
		if wrong == 0 {
			break
		}
	}
	f.settled = true
	return true
}

// oddities counts what is odd in the first records at p if they are of variant v, and those records. It is not enough where p ends
// before the last of them does.
func (f *pcap) oddities(p []byte, v variant, final bool) (wrong, records int, enough bool) {
	o := f.order
	for range guessed {
		if len(p) == 0 && final {
			return wrong, records, true
		}
		records++
		if len(p) < recordHeader {
			return wrong + count(len(p) >= 8 && o.u32(p[4:]) >= 1e6, true), records, final
		}
		n, wire := o.u32(p[8:]), o.u32(p[12:])
		wrong += count(o.u32(p[4:]) >= 1e6, n > f.limit, n > f.snaplen, wire > maxMessage, n > wire)
		if len(p) < v.size() {
			return wrong + 1, records, final
		}
		wrong += f.extraOddities(p, v, o)
		if n > f.limit {
			return wrong, records, true
		}
		if len(p) < v.size()+int(n) {
			return wrong + count(final), records, final
		}
		p = p[v.size()+int(n):]
	}
	return wrong, records, true
}

// extraOddities judges the part of a record header that only variant v has.
func (f *pcap) extraOddities(p []byte, v variant, o order) int {
	switch v {
	case patched, patchedSMP:
		proto := o.u16(p[20:])
		// Ethertypes, and Linux's own protocol numbers below them (linux/if_ether.h).
		known := proto >= 0x600 || proto <= 0x17 || proto == 0x60 || proto == 0x200 || proto == 0x400
		return count(o.u32(p[16:]) > 10000, !known, p[22] > 4)
	case nokia:
		// The few values that were ever seen there.
		x := o.u32(p[16:])
		a, b, c, d := x>>28, x>>12&0xf, x>>8&0xf, x&0xf
		seen := x&0x0fff00f0 == 0x0fbf0000 && (a == 9 || a == 0xb) && (b == 0xb || b == 0xd) && (c == 6 || c == 9) && (d == 1 || d == 2)
		return count(!seen)
	}
	return 0
}

func count(odd ...bool) int {
	n := 0
	for _, b := range odd {
		if b {
			n++
		}
	}
	return n
}
