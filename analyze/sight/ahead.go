package sight

// Batch is the number of packets that Ahead takes at most.
const Batch = 32

// Ahead loads what the packets with the given leads will need, of all of them at once: waiting for memory packet by packet is
// most of what following them would cost. owners gets the owners of their legs, 0 where none is known. It changes
// nothing but the leads, in which it leaves where it found the legs.
func (t *Table) Ahead(leads []Lead, owners *[Batch]uint32) {
	var legs [Batch]LegID
	for i := range leads {
		legs[i] = t.ids.guess(leads[i].leg)
		leads[i].guess, leads[i].generation = legs[i], t.generation
	}
	for i := range leads {
		owners[i] = 0
		if legs[i] != 0 {
			owners[i] = t.Leg(legs[i]).Owner
		}
	}
	for i := range leads {
		if legs[i] == 0 {
			continue
		}
		g := t.Leg(legs[i])
		for k := range g.tags {
			if g.tags[k] == uint32(leads[i].view) && g.ids[k] != 0 {
				v := t.View(g.ids[k])
				t.touched += v.Frames + v.Interface
			}
		}
	}
}
