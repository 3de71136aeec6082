package capture

import "fmt"

// maxDamage bounds the list of damaged places, so that the report on a badly broken capture stays readable. Later places
// are counted in the last entry.
const maxDamage = 1000

// damages collects what could not be read of one file.
type damages struct {
	list []Damage
	more int
	last string // What of the last entry before places were counted in it
}

// add notes a damaged place. Places of one kind that follow each other without a frame between them become one.
func (d *damages) add(n Damage) {
	if k := len(d.list) - 1; k >= 0 {
		l := &d.list[k]
		if d.more == 0 && l.What == n.What && l.Frame == n.Frame && l.Skipped >= 0 && l.Offset+l.Skipped == n.Offset {
			if l.Skipped += n.Skipped; n.Skipped < 0 {
				l.Skipped = -1
			}
			return
		}
		if k+1 >= maxDamage {
			if d.more == 0 {
				d.last = l.What
			}
			d.more++
			l.What = fmt.Sprintf("%s; %d more damaged places follow", d.last, d.more)
			if n.Skipped < 0 {
				l.Skipped = -1
			}
			return
		}
	}
	d.list = append(d.list, n)
}
