package terse

import (
	"bytes"

	"github.com/netsift/netsift/decode/wire"
)

// Frame is what is coded of a frame.
type Frame struct {
	// Number counts frames from 1, and Time is in nanoseconds since 1970.
	Number uint64
	Time   int64
	// Wire and Captured are its lengths in bytes: on the wire, and in the capture that it is from.
	Wire, Captured uint32
	// Interface is the index of its interface, and Link that interface's link type.
	Interface uint32
	Link      uint16
	// Checksum is any byte that is said of the frame.
	Checksum uint8
	// Data are the first bytes of the frame, those that are kept. Checksums of IPv4 headers are made anew, and other checksums are not kept: only
	// whether a UDP checksum is 0, which says that there is none.
	Data []byte
}

// codec foretells frames. It codes, or decodes, by its page.
type codec struct {
	page
	tracks
	forms forms
	flows []flow
	// pairs has the identification that came last from one address to another: hosts count them for each pair, but for TCP's.
	pairs  []uint32
	recent [window]sighting // the frames before; of frame n at n%window
	// count is how many frames there were, previous the number of the last one, time its time in units.
	count, previous uint64
	time, unit      int64
	// want and header are those of the frame to be coded, values what was foretold of its fields.
	want, values [slots]uint32
	header, form []byte
	rest         []byte // behind the headers
	options      []field
	scratch      layout
	guess, best  []byte
	data         []byte
}

// window is how many frames back a sighting of the same packet is looked for.
const window = 16

// sighting is a frame that was just coded.
type sighting struct {
	track  int32
	values [slots]uint32
	tail   []byte
}

func newCodec(unit int64) codec {
	return codec{flows: make([]flow, maxFlows), pairs: make([]uint32, maxFlows), unit: unit}
}

// back returns the frame k+1 before the one at work, nil where there is none.
func (c *codec) back(k int) *sighting {
	if uint64(k) >= min(c.count, window) {
		return nil
	}
	return &c.recent[(c.count-1-uint64(k))%window]
}

// op says how a frame's track is named, and what of the frame is as foretold.
type op = byte

// The ways to name a track.
const (
	opFirst   op = iota // what followed the frame before, of the same packet
	opSecond            // what followed that before it
	opThird             // and that before that
	opAfter             // what followed the frame before, of another packet
	opNumber            // any track by its number, of a packet that none of the frames before shows
	opSighted           // the same of one that is shown by one of them
	opFresh             // a new track, of a packet that none of them shows
	opFound             // a new track of one that is shown
	opTrack      = 7

	opFields op = 1 << 3 // all fields are as foretold
	opMisc   op = 1 << 4 // so is what else there is
	opTail   op = 1 << 5 // so are the bytes behind the headers
)

// sighted reports whether a frame before shows the packet of one that is coded like this.
func sighted(o op) bool { return o < opAfter || o == opSighted || o == opFound }

// noBack is in colBack where a frame's packet was not seen before.
const noBack = window

// The bits of colMisc: what is not as foretold.
const (
	miscNumber = 1 << iota
	miscWire
	miscCaptured
	miscChecksum
)

// frame codes f, or decodes it into f, whose Data are valid until the next one. What is foretold wrongly is said; nothing is asked of f where the
// page is read.
func (c *codec) frame(f *Frame) {
	o, to, from := op(0), none, noBack
	if !c.read {
		o, to, from = c.choose(f)
	}
	place := len(c.b[colOp])
	o = c.byte(colOp, o)
	c.since(f, o&opTrack)
	if c.read {
		from = noBack
	}
	to, from = c.track(o&opTrack, to, from, f)
	t := c.tracks.at(to)
	if c.bad || t == nil {
		c.bad = true
		return
	}
	var sibling *sighting
	var seen *[slots]uint32
	if from != noBack {
		sibling = c.back(from)
		seen = &sibling.values
	}
	c.foretell(&c.values, t, seen, f.Time)
	var now [slots]uint32
	now, o = c.fields(t, o)
	o = c.misc(f, t, &now, o)
	var tail []byte
	tail, o = c.tail(f, t, sibling, o)
	if c.bad {
		return
	}
	if !c.read {
		c.b[colOp][place] = o
	} else {
		c.assemble(f, t, &now, tail)
	}
	c.learn(&now, t, sibling != nil, f.Time)
	c.push(to, from, &now, tail)
}

// choose says how to name the track of f. It leaves the frame's header in c.header, and its fields in c.want.
func (c *codec) choose(f *Frame) (o op, to int32, from int) {
	l := &c.scratch
	c.walker.walk(l, f.Data, f.Link)
	c.header = append(c.header[:0], f.Data[:l.len]...)
	c.want = [slots]uint32{}
	for _, x := range l.fields {
		c.want[x.slot] = x.get(c.header)
	}
	blank(c.header, l)
	c.rest = f.Data[l.len:]
	if l.tcp > 0 {
		c.formOf(f.Data)
	}
	all, _, _ := keys(c.header, l, f.Interface)
	to = c.find(c.header, all, f.Interface)
	from = noBack
	for k := range window {
		s := c.back(k)
		if s == nil {
			break
		}
		if c.same(s) && c.list[s.track].proto == l.proto {
			from = k
			break
		}
	}
	switch {
	case to == none && from == noBack:
		return opFresh, none, from
	case to == none:
		return opFound, none, from
	case from <= int(opThird) && c.list[c.back(from).track].next == to:
		return op(from), to, from
	case from != noBack:
		return opSighted, to, from
	case c.count > 0 && c.list[c.back(0).track].next == to:
		return opAfter, to, noBack
	}
	return opNumber, to, noBack
}

// formOf sets c.form to the form of a TCP header, what is wanted of its fields, and c.rest to what is behind it.
func (c *codec) formOf(data []byte) {
	at := c.scratch.tcp
	o := options(data, at)
	c.form = append(append(c.form[:0], data[at+12]), o...)
	c.options = optionFields(c.options[:0], o)
	for _, x := range c.options {
		c.want[x.slot] = x.get(o)
		x.set(c.form[1:], 0)
	}
	c.header[at+12] = 0
	c.rest = data[c.scratch.len+len(o):]
	n, ok := c.forms.number[string(c.form)]
	if !ok {
		n = newForm
	}
	c.want[slotForm] = uint32(n)
}

// same reports whether a frame before has the packet whose fields are wanted.
func (c *codec) same(s *sighting) bool {
	return s.values[slotLen] == c.want[slotLen] && s.values[slotID] == c.want[slotID] &&
		[slots - slotSeq]uint32(s.values[slotSeq:]) == [slots - slotSeq]uint32(c.want[slotSeq:]) && bytes.Equal(s.tail, c.rest)
}

// blank sets the fields and the checksums of a header to 0, but for UDP checksums that are there: they become all ones.
func blank(header []byte, l *layout) {
	for _, x := range l.fields {
		x.set(header, 0)
	}
	for _, at := range l.checksums {
		if header[at] != 0 || header[at+1] != 0 {
			header[at], header[at+1] = 0xff, 0xff
		}
	}
	for _, ip := range l.layers {
		if !ip.v6 {
			header[ip.at+10], header[ip.at+11] = 0, 0
		}
	}
}

// since codes the time of f.
func (c *codec) since(f *Frame, o op) {
	at := colTime
	if sighted(o) {
		at = colSoon
	}
	c.time += c.difference(at, f.Time/c.unit-c.time, 0)
	f.Time = c.time * c.unit
}

// track codes which track a frame is of, and which frame before shows the same packet.
func (c *codec) track(o op, to int32, from int, f *Frame) (int32, int) {
	switch o {
	case opFirst, opSecond, opThird:
		from = int(o)
	case opFound, opSighted:
		from = int(c.byte(colBack, byte(from)))
	case opAfter:
		from = 0
	default:
		from = noBack
	}
	if from != noBack && (from > noBack || c.back(from) == nil) {
		c.bad = true
		return none, noBack
	}
	switch o {
	case opNumber, opSighted:
		return c.numbered(to), from
	case opFresh, opFound:
		return c.fresh(from, f), from
	case opAfter:
		return c.list[c.back(0).track].next, noBack
	}
	return c.list[c.back(from).track].next, from
}

// fields codes the fields of a frame of t, which were foretold in c.values.
func (c *codec) fields(t *track, o op) (now [slots]uint32, _ op) {
	v := &c.values
	mask := uint64(0)
	if !c.read {
		mask = c.differences(t)
		if mask == 0 {
			o |= opFields
		}
	}
	if o&opFields == 0 {
		mask = c.number(colMask, mask)
	}
	if now = c.want; c.read {
		now = [slots]uint32{}
	}
	if t.tcp > 0 {
		c.coded(&now, slotForm, mask, 0xff)
		if now[slotForm] == newForm {
			now[slotForm] = c.freshForm()
		}
		if int(now[slotForm]) >= min(c.forms.n, maxForms) {
			c.bad = true
			return now, o
		}
	}
	if len(t.layers) > 0 {
		c.coded(&now, slotLen, mask, 0xffff)
		v[slotLen] = now[slotLen]
	}
	settle(v, t)
	for _, x := range t.fields {
		if x.slot != slotLen {
			c.coded(&now, x.slot, mask, x.all())
		}
	}
	if t.tcp > 0 && !c.bad {
		for _, x := range c.forms.list[now[slotForm]].fields {
			c.coded(&now, x.slot, mask, x.all())
		}
	}
	return now, o
}

// coded codes one field: as foretold, unless the mask says that it is not.
func (c *codec) coded(now *[slots]uint32, s slot, mask uint64, all uint32) {
	v := c.values[s]
	if mask&(1<<s) == 0 {
		now[s] = v & all
		return
	}
	now[s] = (v + uint32(c.difference(colField+column(s), int64(int32(now[s]-v)), 0))) & all
}

// differences returns which of the wanted fields are not as foretold.
func (c *codec) differences(t *track) (mask uint64) {
	v, want := &c.values, &c.want
	foretold := v[slotLen]
	v[slotLen] = want[slotLen]
	settle(v, t)
	v[slotLen] = foretold
	for _, x := range t.fields {
		if want[x.slot] != v[x.slot]&x.all() {
			mask |= 1 << x.slot
		}
	}
	if t.tcp == 0 {
		return mask
	}
	if want[slotForm] != v[slotForm] {
		mask |= 1 << slotForm
	}
	for _, x := range c.options {
		if want[x.slot] != v[x.slot] {
			mask |= 1 << x.slot
		}
	}
	return mask
}

// freshForm codes a form that was not met yet, and returns its number.
func (c *codec) freshForm() uint32 {
	n := int(c.number(colLength, uint64(len(c.form))))
	if n < 1 || n > maxForm {
		c.bad = true
		return 0
	}
	b := c.bytes(colHeader, c.form, n)
	if c.bad {
		return 0
	}
	return uint32(c.forms.add(b))
}

// all is a value of a field with all bits set.
func (f field) all() uint32 { return 1<<(8*f.size-1)<<1 - 1 }

// misc codes a frame's number and lengths, and what is said of it.
func (c *codec) misc(f *Frame, t *track, now *[slots]uint32, o op) op {
	number := c.previous + 1
	wire := t.wire
	if n := len(t.layers); n > 0 {
		if depth := n - 1; depth < layers {
			at := slot(depth)*perLayer + slotLen
			wire += now[at] - t.last[at]
		}
	}
	captured := wire
	if t.captured < t.wire {
		captured = min(captured, t.captured)
	}
	mask := byte(0)
	if !c.read {
		if f.Number != number {
			mask |= miscNumber
		}
		if f.Wire != wire {
			mask |= miscWire
		}
		if f.Captured != captured {
			mask |= miscCaptured
		}
		if f.Checksum != t.checksum {
			mask |= miscChecksum
		}
		if mask == 0 {
			o |= opMisc
		}
	}
	if o&opMisc == 0 {
		mask = c.byte(colMisc, mask)
	}
	if mask&miscNumber != 0 {
		number = uint64(c.difference(colLength, int64(f.Number), int64(number)))
	}
	if mask&miscWire != 0 {
		wire = uint32(c.number(colLength, uint64(f.Wire)))
	}
	if mask&miscCaptured != 0 {
		captured = uint32(c.number(colLength, uint64(f.Captured)))
	}
	if mask&miscChecksum != 0 {
		t.checksum = c.byte(colMisc, f.Checksum)
	}
	f.Number, f.Wire, f.Captured, f.Checksum = number, wire, captured, t.checksum
	c.previous, t.wire, t.captured = number, wire, captured
	return o
}

// tail codes the bytes behind the headers. Foretold are none, or those of a sighting of the same packet.
func (c *codec) tail(f *Frame, t *track, sibling *sighting, o op) ([]byte, op) {
	var foretold []byte
	if sibling != nil {
		foretold = sibling.tail
	}
	var tail []byte
	if !c.read {
		tail = c.rest
		if bytes.Equal(tail, foretold) {
			o |= opTail
		}
	}
	if o&opTail != 0 {
		return foretold, o
	}
	n := c.number(colLength, uint64(len(tail)))
	if n > maxTail {
		c.bad = true
		return nil, o
	}
	return c.bytes(colTail, tail, int(n)), o
}

// maxTail bounds the bytes of a frame that are kept behind its headers.
const maxTail = 1 << 18

// assemble sets the data of a frame that is read.
func (c *codec) assemble(f *Frame, t *track, now *[slots]uint32, tail []byte) {
	c.data = append(c.data[:0], t.header...)
	for _, x := range t.fields {
		x.set(c.data, now[x.slot])
	}
	if t.tcp > 0 {
		form := &c.forms.list[now[slotForm]]
		c.data[t.tcp+12] = form.bytes[0]
		c.data = append(c.data, form.bytes[1:]...)
		for _, x := range form.fields {
			x.set(c.data[t.len:], now[x.slot])
		}
	}
	c.data = append(c.data, tail...)
	for _, ip := range t.layers {
		if !ip.v6 {
			wire.IPv4(c.data[ip.at:ip.end]).SetChecksum()
		}
	}
	f.Data, f.Interface, f.Link = c.data, t.iface, t.link
}

// push enters a frame as one of those before.
func (c *codec) push(to int32, from int, now *[slots]uint32, tail []byte) {
	if from == noBack {
		from = 0
	}
	if s := c.back(from); s != nil {
		c.list[s.track].next = to
	}
	if t := &c.list[to]; t.uses < 16 {
		t.uses++
	}
	s := &c.recent[c.count%window]
	c.count++
	s.track, s.values = to, *now
	s.tail = append(s.tail[:0], tail...)
}

// numbered codes the number of a track.
func (c *codec) numbered(to int32) int32 {
	low := c.byte(colTrackLo, byte(to))
	return int32(c.number(colTrackHi, uint64(to)>>8)<<8 | uint64(low))
}
