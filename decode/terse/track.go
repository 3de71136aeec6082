package terse

import (
	"bytes"
	"encoding/binary"
)

const (
	// maxTracks is how many tracks are known at a time. Beyond them the one that was not used for longest is forgotten, as good as.
	maxTracks = 1 << 16
	// none is no track.
	none = int32(-1)
)

// track is frames of one place whose headers are equal but for their fields.
type track struct {
	*layout        // that of its base, if it is the same
	header  []byte // fields and checksums are 0
	iface   uint32
	link    uint16
	// last has the fields of the frame before, wire and captured its lengths, checksum what was said of it.
	last           [slots]uint32
	wire, captured uint32
	checksum       uint8
	uses           uint8
	// flow is where its flow stands among the flows, reply where the other direction does.
	flow, reply uint32
	// pairs is where the addresses of its layers stand among the pairs, the innermost first.
	pairs [layers]uint16
	// next followed it last time, child was new when it did; base is what it was made from.
	next, child, base int32
	// hash and kin are its keys.
	hash, kin, place uint64
}

// tracks are those known, by number.
type tracks struct {
	list []track
	hand int
	// made is the layout of the header at work.
	made   layout
	walker walker
	// byHash and byKin find tracks for the coder: by interface and header, and by all of that but the innermost ports.
	byHash, byKin, byPlace map[uint64]int32
}

// at returns a track, nil where there is none of that number.
func (ts *tracks) at(n int32) *track {
	if n < 0 || int(n) >= len(ts.list) {
		return nil
	}
	return &ts.list[n]
}

// add makes a track of a header, which is copied.
func (ts *tracks) add(header []byte, iface uint32, link uint16, base int32) int32 {
	n := int32(len(ts.list))
	if n < maxTracks {
		ts.list = append(ts.list, track{})
	} else {
		n = ts.evict()
	}
	t := &ts.list[n]
	*t = track{header: append(t.header[:0], header...), iface: iface, link: link, next: none, child: none, base: base}
	ts.walker.walk(&ts.made, t.header, link)
	if b := ts.at(base); b != nil && base != n && b.layout.equal(&ts.made) {
		t.layout = b.layout
	} else {
		t.layout = ts.made.clone()
	}
	t.hash, t.kin, t.place = keys(t.header, t.layout, iface)
	t.flow, t.reply = t.flows()
	for d := 0; d < layers && d < len(t.layers); d++ {
		src, _, n := t.layers[len(t.layers)-1-d].addresses()
		t.pairs[d] = uint16(hash(uint64(d), t.header[src:src+2*n]))
	}
	if b := ts.at(base); b != nil && base != n {
		t.last, t.wire, t.captured, t.checksum = b.last, b.wire, b.captured, b.checksum
	}
	if ts.byHash != nil {
		ts.byHash[t.hash], ts.byKin[t.kin], ts.byPlace[t.place] = n, n, n
	}
	return n
}

// evict takes the number of a track that was not used since it was last asked for one.
func (ts *tracks) evict() int32 {
	for {
		n := ts.hand
		ts.hand = (ts.hand + 1) % maxTracks
		t := &ts.list[n]
		if t.uses < 2 {
			if ts.byHash[t.hash] == int32(n) {
				delete(ts.byHash, t.hash)
			}
			if ts.byKin[t.kin] == int32(n) {
				delete(ts.byKin, t.kin)
			}
			if ts.byPlace[t.place] == int32(n) {
				delete(ts.byPlace, t.place)
			}
			return int32(n)
		}
		t.uses /= 2
	}
}

// find returns the track of a header, none where there is none.
func (ts *tracks) find(header []byte, hash uint64, iface uint32) int32 {
	n, ok := ts.byHash[hash]
	if !ok || ts.list[n].iface != iface || !bytes.Equal(ts.list[n].header, header) {
		return none
	}
	return n
}

// ends returns where the innermost ports are, 0 without any, and the innermost layer, nil without one.
func (l *layout) ends() (ports int, _ *layer) {
	if len(l.layers) == 0 {
		return 0, nil
	}
	in := &l.layers[len(l.layers)-1]
	return int(in.ports), in
}

// keys hashes a header for finding it: all of it, without the innermost ports, and what tells its place alone, without the innermost addresses and
// the source port of a tunnel, which is a hash of the flow (RFC 7348, section 5).
func keys(header []byte, l *layout, iface uint32) (all, kin, place uint64) {
	ports, in := l.ends()
	if in == nil {
		all = hash(uint64(iface), header)
		return all, all, all
	}
	src, _, n := in.addresses()
	at := 0
	if out := l.layers[0]; len(l.layers) > 1 && out.udp {
		place, at = hash(uint64(iface), header[:out.ports]), int(out.ports)+2
	}
	if ports == 0 {
		ports = src + 2*n - 4 // nothing but the addresses is left out
		place = hash(hash(place, header[at:src]), header[ports+4:])
		all = hash(uint64(iface), header)
		return all, all, place
	}
	place = hash(hash(hash(place^uint64(iface), header[at:src]), header[src+2*n:ports]), header[ports+4:])
	kin = hash(hash(uint64(iface), header[:ports]), header[ports+4:])
	return hash(kin, header[ports:ports+4]), kin, place
}

// flows returns where the flow of a track and its other direction stand.
func (t *track) flows() (flow, reply uint32) {
	ports, in := t.ends()
	if in == nil {
		return 0, 0
	}
	src, dst, n := in.addresses()
	a, b := hash(uint64(t.proto), t.header[src:src+n]), hash(uint64(t.proto), t.header[dst:dst+n])
	if ports != 0 {
		a, b = hash(a, t.header[ports:ports+2]), hash(b, t.header[ports+2:ports+4])
	}
	return slotOf(a, b), slotOf(b, a)
}

func slotOf(a, b uint64) uint32 { return uint32((a*0x9e3779b97f4a7c15 + b) * prime >> 48) }

const prime = 0x100000001b3

// hash is FNV-1a over words. It need not withstand an enemy: keys that collide cost bytes, or the reading of some bytes that are equal.
func hash(h uint64, b []byte) uint64 {
	h ^= 0xcbf29ce484222325
	for len(b) >= 8 {
		h = (h ^ binary.LittleEndian.Uint64(b)) * prime
		h ^= h >> 29
		b = b[8:]
	}
	for _, x := range b {
		h = (h ^ uint64(x)) * prime
	}
	return h ^ h>>32
}

// substituted appends to dst the header of x with what tells s from its base replaced: of a packet that comes from elsewhere than that which b was
// made of, the next sighting is like the next one then, but for the same differences.
func substituted(dst []byte, x, b, s *track) []byte {
	dst = append(dst, x.header...)
	for d := 1; d <= len(x.layers) && d <= len(b.layers) && d <= len(s.layers); d++ {
		xl, bl, sl := x.layers[len(x.layers)-d], b.layers[len(b.layers)-d], s.layers[len(s.layers)-d]
		if xl.v6 != bl.v6 || xl.v6 != sl.v6 {
			break
		}
		xs, xd, n := xl.addresses()
		bs, bd, _ := bl.addresses()
		ss, sd, _ := sl.addresses()
		for _, at := range [2]int{xs, xd} {
			switch {
			case bytes.Equal(x.header[at:at+n], b.header[bs:bs+n]):
				copy(dst[at:], s.header[ss:ss+n])
			case bytes.Equal(x.header[at:at+n], b.header[bd:bd+n]):
				copy(dst[at:], s.header[sd:sd+n])
			}
		}
		if xl.ports == 0 || bl.ports == 0 || sl.ports == 0 {
			continue
		}
		for _, at := range [2]uint16{xl.ports, xl.ports + 2} {
			switch {
			case bytes.Equal(x.header[at:at+2], b.header[bl.ports:bl.ports+2]):
				copy(dst[at:], s.header[sl.ports:sl.ports+2])
			case bytes.Equal(x.header[at:at+2], b.header[bl.ports+2:bl.ports+4]):
				copy(dst[at:], s.header[sl.ports+2:sl.ports+4])
			}
		}
	}
	return dst
}
