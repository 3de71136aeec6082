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
	// maxSteps bounds how many records of a file's last megabytes are looked at in search of its end, see tail.
	maxSteps = 1 << 20
)

// guess is a format's opinion on bytes that might be a record.
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

// resume finds where reading can go on after the record at at turned out to be none, notes the damage, and moves at. It
// returns false if nothing more can be read. It may rename the fault: a record that runs over the end of the file
// has a wrong length if others can be read behind its header, else it is cut.
//
// The search begins inside the record before: it may be the one whose length was wrong, so that the bad one never was
// a record. All steps back together are no longer than the file, else a hostile file could be read again and
// again.
func (r *Reader) resume(wrong, last string) bool {
	start := r.off + int64(r.at)
	frame := r.frames + 1
	chain := r.chain
	if r.end != nil && r.format.record(r.p[r.at:]).verdict != unlikely {
		chain = r.tail
	}
	for q := r.prev + 1; ; q++ {
		q = r.format.seek(r.p, q)
		if q == r.at || q < r.at && r.back+int64(r.at-q) > start {
			continue
		}
		v := chain(q)
		for v == tooShort && r.end == nil {
			q -= r.forget(q)
			r.refill()
			v = chain(q)
		}
		if v == likely {
			r.back += int64(max(r.at-q, 0))
			r.found(start, r.off+int64(q), frame, wrong)
			r.at, r.prev = q, q
			return true
		}
		if q >= len(r.p) {
			r.lost(start, frame, last)
			r.at, r.prev = len(r.p), len(r.p)
			return false
		}
	}
}

// forget makes room in a full window by dropping what lies before q and has been searched, and returns how much. The
// bad place may be among it; at is negative then, which serves as well to compare places with.
func (r *Reader) forget(q int) int {
	if len(r.p) < cap(r.p) || q <= len(r.p)/2 {
		return 0
	}
	r.at -= q
	r.prev = 0
	r.p = r.p[:copy(r.p, r.p[q:])]
	r.off += int64(q)
	return q
}

// found notes the damage between start and the next record.
func (r *Reader) found(start, next int64, frame uint64, what string) {
	if next < start {
		r.damages.add(Damage{Offset: next, Frame: frame - 1, What: "record before this offset claims more bytes than it has: the next one begins inside it"})
		return
	}
	r.damages.add(Damage{Offset: start, Skipped: next - start, Frame: frame, What: what})
}

// lost notes that nothing could be read from start on. If reading or unpacking failed, it notes that too, unless what
// is that failure.
func (r *Reader) lost(start int64, frame uint64, what string) {
	r.torn = r.end == io.EOF && r.at >= 0 && r.format.record(r.p[r.at:]).verdict != unlikely
	end := r.off + int64(len(r.p))
	if cut := r.cutWords(); r.end != io.EOF && what != cut {
		r.damages.add(Damage{Offset: start, Skipped: end - start, Frame: frame, What: what})
		start, what = end, cut
	}
	r.damages.add(Damage{Offset: start, Skipped: -1, Frame: frame, What: what})
}

// chain says whether a chain of records begins at q of the window. One that begins before the bad place must lead over
// it to another record: records in a packet's payload (a capture that is being copied) end with the packet.
func (r *Reader) chain(q int) verdict {
	var t int64
	over := q > r.at
	for n := 0; ; n++ {
		if q == len(r.p) && r.end != nil {
			return verdictOf(n >= 1 && (over || q > r.at))
		}
		over = over || q > r.at
		g := r.link(q, &t)
		switch {
		case g.verdict == unlikely:
			return unlikely
		case g.verdict == certain && over:
			return likely
		case g.verdict == tooShort && r.end == nil:
			return tooShort
		case g.verdict == tooShort: // the last of the chain is cut
			return verdictOf(over && n >= links-1)
		case over && n+1 >= links:
			return likely
		}
		q += g.size
	}
}

// tail says whether a chain of records leads from q exactly to the end. Nothing less is believed where the last record
// may simply be cut: its packet could be one of many that carry another capture's bytes.
func (r *Reader) tail(q int) verdict {
	var t int64
	for n := 0; r.steps < maxSteps; n++ {
		if q == len(r.p) {
			return verdictOf(n >= 1 && q > r.at)
		}
		g := r.link(q, &t)
		if g.verdict != likely && g.verdict != certain {
			return unlikely
		}
		q += g.size
		r.steps++
	}
	return unlikely
}

// link judges the record at q as one that follows another of time t, which it sets; t is 0 for none.
func (r *Reader) link(q int, t *int64) guess {
	if q > len(r.p) {
		return guess{verdict: tooShort}
	}
	g := r.format.record(r.p[q:])
	if g.time == 0 || g.verdict != likely {
		return g
	}
	if *t != 0 && (g.time-*t > maxGap || *t-g.time > maxGap) {
		return guess{}
	}
	*t = g.time
	return g
}

func verdictOf(ok bool) verdict {
	if ok {
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
