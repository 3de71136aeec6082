package terse

import "github.com/netsift/netsift/decode/wire"

// flow is how far one direction of a conversation was, wherever it was seen. Flows that share a place only foretell each other badly.
type flow struct {
	next, window, stamp uint32
	id                  uint32
	time                int64 // of stamp
}

// maxFlows is how many places for flows there are.
const maxFlows = 1 << 16

// foretell sets v to what the fields of a track's next frame should be. sibling has those of a sighting of the same packet, nil without one.
func (c *codec) foretell(v *[slots]uint32, t *track, sibling *[slots]uint32, time int64) {
	*v = t.last
	if sibling != nil {
		v[slotLen], v[slotID], v[slotUDP] = sibling[slotLen], sibling[slotID], sibling[slotUDP]
		copy(v[slotSeq:], sibling[slotSeq:])
		for d := 1; d < layers; d++ {
			at := slot(d)*perLayer + slotID
			if v[at] = sibling[at]; v[at] == 0 {
				v[at] = successor(c.pairs[t.pairs[d]])
			}
		}
		return
	}
	for d := 1; d < layers; d++ {
		v[slot(d)*perLayer+slotID] = successor(c.pairs[t.pairs[d]])
	}
	f, r := &c.flows[t.flow], &c.flows[t.reply]
	v[slotSeq], v[slotAck], v[slotWindow] = f.next, r.next, f.window
	v[slotTSEcr] = r.stamp
	v[slotTSVal] = f.stamp + uint32((time-f.time)/1e6)
	v[slotID] = successor(f.id)
	if t.proto != wire.ProtoTCP {
		v[slotID] = successor(c.pairs[t.pairs[0]])
	}
}

// settle sets the lengths of the layers around the innermost to what follows from its own.
func settle(v *[slots]uint32, t *track) {
	v[slotUDP] = t.last[slotUDP] + v[slotLen] - t.last[slotLen]
	for d := 1; d < layers; d++ {
		at := slot(d) * perLayer
		v[at+slotLen] = t.last[at+slotLen] + v[slotLen] - t.last[slotLen]
		v[at+slotUDP] = t.last[at+slotUDP] + v[slotLen] - t.last[slotLen]
	}
}

// successor is the identification after id: of senders that count. 0 is what others set.
func successor(id uint32) uint32 {
	if id == 0 {
		return 0
	}
	return (id + 1) & 0xffff
}

// learn enters the fields of a frame.
func (c *codec) learn(v *[slots]uint32, t *track, sibling bool, time int64) {
	t.last = *v
	for d := range min(layers, len(t.layers)) {
		c.pairs[t.pairs[d]] = v[slot(d)*perLayer+slotID]
	}
	f := &c.flows[t.flow]
	f.window, f.id = v[slotWindow], v[slotID]
	if f.stamp != v[slotTSVal] || !sibling {
		f.stamp, f.time = v[slotTSVal], time
	}
	n := uint32(0)
	if _, in := t.ends(); in != nil && t.proto == wire.ProtoTCP {
		head := t.len - int(in.at) + len(c.forms.list[v[slotForm]].bytes) - 1
		if in.v6 {
			head -= wire.IPv6Len
		}
		n = v[slotLen] - uint32(head)
		if wire.TCPFlags(v[slotFlags])&(wire.SYN|wire.FIN) != 0 {
			n++
		}
	} else {
		n = 1 // an echo's
	}
	f.next = v[slotSeq] + n
}
