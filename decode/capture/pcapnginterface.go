package capture

import "fmt"

// Option codes of interface description and interface statistics blocks, draft-ietf-opsawg-pcapng sections 4.2 and 4.6.
const (
	optEnd        = 0
	ifName        = 2
	ifDescription = 3
	ifTsresol     = 9
	ifTsoffset    = 14
	isbIfrecv     = 4
	isbIfdrop     = 5
	isbOsdrop     = 7
	minIDB        = 20
	minISB        = 24
	maxNameSize   = 256
)

// describe reads an interface description block, section 4.2.
func (f *pcapng) describe(r *Reader, p []byte) {
	if len(p) < minIDB {
		f.damaged(r, p, "interface description is too short")
		return
	}
	if len(r.interfaces) >= maxInterfaces {
		f.damaged(r, p, fmt.Sprintf("more than %d interfaces", maxInterfaces))
		return
	}
	in := Interface{Link: LinkType(f.order.u16(p[8:])), Snaplen: f.order.u32(p[12:]), Section: f.sections - 1, Dropped: -1}
	resolution, offset := byte(6), int64(0)
	f.options(r, p, 16, func(code uint16, v []byte) {
		switch {
		case code == ifName:
			in.Name = name(v)
		case code == ifDescription:
			in.Description = name(v)
		case code == ifTsresol && len(v) == 1:
			resolution = v[0]
		case code == ifTsoffset && len(v) == 8:
			offset = int64(f.order.u64(v))
		}
	})
	c := newClock(resolution, offset)
	in.Digits = c.digits()
	r.interfaces = append(r.interfaces, in)
	f.clocks = append(f.clocks, c)
}

// statistics reads an interface statistics block, section 4.6. The counters run since the capture's beginning, so the
// last block counts.
func (f *pcapng) statistics(r *Reader, p []byte) {
	if len(p) < minISB {
		f.damaged(r, p, "interface statistics are too short")
		return
	}
	i := f.order.u32(p[8:])
	if i >= uint32(len(f.clocks)) {
		f.damaged(r, p, fmt.Sprintf("statistics of interface %d, which is not described", i))
		return
	}
	in := &r.interfaces[f.base+int(i)]
	dropped := int64(-1)
	f.options(r, p, 20, func(code uint16, v []byte) {
		if len(v) != 8 {
			return
		}
		n := int64(f.order.u64(v))
		switch code {
		case isbIfrecv:
			in.Received = n
		case isbIfdrop, isbOsdrop:
			dropped = max(dropped, 0) + n
		}
	})
	if dropped >= 0 {
		in.Dropped = dropped
	}
}

// options calls see for the options in the block p from at on, section 3.5. Options that run over the end of the
// block are damage, but no reason not to read the block.
func (f *pcapng) options(r *Reader, p []byte, at int, see func(code uint16, value []byte)) {
	end := len(p) - 4
	for end-at >= 4 {
		code, n := f.order.u16(p[at:]), int(f.order.u16(p[at+2:]))
		at += 4
		if code == optEnd {
			return
		}
		if n > end-at {
			r.damages.add(Damage{
				Offset: r.off + int64(r.at+at-4), Skipped: int64(end - at + 4), Frame: r.frames + 1,
				What: fmt.Sprintf("option claims %d bytes, its block has %d left", n, end-at),
			})
			return
		}
		see(code, p[at:at+n])
		at += (n + 3) &^ 3
	}
}

// name makes a name out of text that should be UTF-8 and may be terminated as in C.
func name(v []byte) string {
	for i, c := range v {
		if c == 0 {
			v = v[:i]
			break
		}
	}
	return string(v[:min(len(v), maxNameSize)])
}
