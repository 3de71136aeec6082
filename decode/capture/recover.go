package capture

import (
	"fmt"
	"io"
)

const (
	// links is how many linked records make a chain: three headers in a row that all make sense don't come about by
	// chance, not even in the payload of a packet that is being searched.
	links = 3
	// maxAnchor is the longest record that is trusted in a search. A longer one would make us hold that much only to
	// find out that it was none.
	maxAnchor = 1 << 20
	// maxGap is the longest time between two records of a chain, in seconds: long for a capture, short for a number
	// that only looks like a time.
	maxGap = 400 * 24 * 3600
)

// guess is what a format says of bytes that might be a record.
type guess struct {
	verdict verdict
	// size is the length of the whole record; known if the verdict is likely.
	size int
	// time is in seconds, 0 where the record has none.
	time int64
}

type verdict uint8

const (
	unlikely verdict = iota
	likely
	certain  // a file header or a section header: no chain is needed
	tooShort // more bytes may tell
)

// recover finds where reading can go on after the record at at turned out to be none, notes the damage with what is
// wrong, and moves at. It returns false where nothing more can be read.
//
// The search begins inside the record before: it may be the one whose length was wrong, so that the bad one never was
// a record. Then the chain must lead over the bad place, else it is one that a packet's payload holds. All steps back
// together are no longer than the file, or one that is made for it could be read again and again.
func (r *Reader) recover(what string) bool {
	start := r.off + int64(r.at)
	frame := r.frames + 1
	for q := r.prev + 1; ; q++ {
		q = r.format.seek(r.p, q)
		if q == r.at || q < r.at && r.back+int64(r.at-q) > start {
			continue
		}
		v := r.chain(q)
		for v == tooShort && r.end == nil {
			// What lies before q is done with. The bad place itself is remembered as an offset.
			if len(r.p) == cap(r.p) && q > len(r.p)/2 {
				n := q
				r.at -= n
				r.prev = 0
				r.p = r.p[:copy(r.p, r.p[n:])]
				r.off += int64(n)
				q = 0
			}
			r.refill()
			v = r.chain(q)
		}
		if v == likely {
			r.back += int64(max(r.at-q, 0))
			r.found(start, r.off+int64(q), frame, what)
			r.at, r.prev = q, q
			return true
		}
		if q >= len(r.p) {
			r.lost(start, frame, what)
			r.at, r.prev = len(r.p), len(r.p)
			return false
		}
	}
}

// found notes the damage between start and the next record.
func (r *Reader) found(start, next int64, frame uint64, what string) {
	if next < start {
		r.damages.add(Damage{Offset: next, Frame: frame - 1, What: "record before this offset claims more bytes than it has: the next one begins inside it"})
		return
	}
	r.damages.add(Damage{Offset: start, Skipped: next - start, Frame: frame, What: what})
}

// lost notes that nothing could be read from start on; and, where that was not yet said, that more would follow if it
// could be unpacked.
func (r *Reader) lost(start int64, frame uint64, what string) {
	end := r.off + int64(len(r.p))
	if cut := r.cutWords(); r.end != io.EOF && what != cut {
		r.damages.add(Damage{Offset: start, Skipped: end - start, Frame: frame, What: what})
		start, what = end, cut
	}
	r.damages.add(Damage{Offset: start, Skipped: -1, Frame: frame, What: what})
}

// chain says whether a chain of records begins at q of the window.
func (r *Reader) chain(q int) verdict {
	began := q
	var last int64
	for n := 0; ; n++ {
		if q == len(r.p) && r.end != nil {
			return over(n >= 1, began, r.at, q)
		}
		if q > len(r.p) {
			if r.end == nil {
				return tooShort
			}
			// The last of the chain is cut.
			return over(n >= 2, began, r.at, q)
		}
		g := r.format.record(r.p[q:])
		if g.verdict == likely && last != 0 && g.time != 0 && (g.time-last > maxGap || last-g.time > maxGap) {
			g.verdict = unlikely
		}
		switch {
		case g.verdict == unlikely:
			return unlikely
		case g.verdict == certain:
			return over(true, began, r.at, q+g.size)
		case g.verdict == tooShort && r.end == nil:
			return tooShort
		case g.verdict == tooShort:
			return over(n >= 2, began, r.at, q)
		}
		q += g.size
		if g.time != 0 {
			last = g.time
		}
		if n+1 >= links && (began > r.at || q > r.at) {
			return likely
		}
	}
}

// over says likely where a chain is long enough and, if it began before the bad place, leads over it.
func over(enough bool, began, bad, end int) verdict {
	if enough && (began > bad || end > bad) {
		return likely
	}
	return unlikely
}

// cutWords says why the file ends in the middle of a record.
func (r *Reader) cutWords() string {
	if r.end != io.EOF {
		if r.src.broken() {
			return fmt.Sprintf("reading failed: %v", r.end)
		}
		return packError(r.end).Error()
	}
	return fmt.Sprintf("the file ends in the middle of a packet: the last %d bytes are not a whole record", len(r.p)-r.at)
}

// openError words how reading the file header failed.
func (r *Reader) openError() error {
	if r.src.broken() {
		return r.end
	}
	return fmt.Errorf("%w: %v", ErrUnpack, packError(r.end))
}
