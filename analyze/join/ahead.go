package join

import "github.com/netsift/netsift/analyze/sight"

// Ahead loads what Track will need for the packets with the given leads, at most sight.Batch of them. It changes nothing.
func (j *Joiner) Ahead(leads []sight.Lead) {
	var owners [sight.Batch]uint32
	j.table.Ahead(leads, &owners)
	for i := range leads {
		if owners[i] == 0 {
			continue
		}
		c := j.conn(connID(owners[i]))
		j.touched += c.ways[0].keys[0] + c.ways[1].keys[0] + uint32(c.nlegs)
	}
}
