package report

import (
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/capture"
)

// Tally is what is in one capture: of the Capture only what counting shows.
type Tally struct {
	fact.Capture
	Counts fact.Counts
}

// AddInterface adds the file's record of one of its interfaces.
func (t *Tally) AddInterface(i capture.Interface) {
	if name := i.Link.String(); !slices.Contains(t.LinkTypes, name) {
		t.LinkTypes = append(t.LinkTypes, name)
	}
	t.Digits = max(t.Digits, i.Digits)
	t.Snaplen = max(t.Snaplen, i.Snaplen)
	if i.Dropped >= 0 {
		t.Dropped = max(t.Dropped, 0) + i.Dropped
	}
}
