package trace

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// Wanted selects the connection to walk through. The zero value selects any.
type Wanted struct {
	// Client began it, from this address and, if it is not 0, this port.
	Client netip.AddrPort
	// Service was called, translated to or reached, at this address and, if it is not 0, this port.
	Service netip.AddrPort
	// Selected reports whether a connection is one of those to choose from; nil for all.
	Selected func(*fact.Connection) bool
}

func (w *Wanted) fits(c *fact.Connection) bool {
	fits := func(want, is netip.AddrPort) bool {
		return want.Addr() == is.Addr() && (want.Port() == 0 || want.Port() == is.Port())
	}
	return (w.Selected == nil || w.Selected(c)) && (!w.Client.IsValid() || fits(w.Client, c.Client)) &&
		(!w.Service.IsValid() || fits(w.Service, c.Called) || fits(w.Service, c.Service) || fits(w.Service, c.Backend))
}

// Choose returns the most telling of the wanted connections: one of the preferred ids if it is among them, else
// the one with the worst outcome. It returns nil where none is wanted.
func Choose(reach []fact.Reach, w Wanted, preferred []string) *fact.Connection {
	var best *fact.Connection
	for i := range reach {
		for k := range reach[i].Examples {
			c := &reach[i].Examples[k]
			if w.fits(c) && (best == nil || compare(c, best, preferred) < 0) {
				best = c
			}
		}
	}
	return best
}

// severity orders outcomes from worst to best.
var severity = map[fact.Outcome]int{
	fact.Hang: 0, fact.ResetOutcome: 1, fact.Unreachable: 2, fact.Refused: 3, fact.Unfinished: 5, fact.OneWay: 6, fact.OK: 7,
}

// compare returns a negative number if a tells more than b.
func compare(a, b *fact.Connection, preferred []string) int {
	rank := func(c *fact.Connection) int {
		r := severity[c.Outcome]
		if r > 4 && c.Flow[0].Retransmissions+c.Flow[1].Retransmissions > 0 {
			return 4 // it came through, but something was lost
		}
		return r
	}
	known := func(c *fact.Connection) int {
		if slices.Contains(preferred, c.ID) {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(known(a), known(b)),
		cmp.Compare(rank(a), rank(b)),
		cmp.Compare(protocolRank(a.Proto), protocolRank(b.Proto)),
		cmp.Compare(len(b.Legs), len(a.Legs)), // the longer path
		cmp.Compare(a.Start, b.Start),
		strings.Compare(a.ID, b.ID),
	)
}

// protocolRank prefers protocols with numbers to follow packets by.
func protocolRank(p fact.Proto) int {
	switch p {
	case fact.TCP:
		return 0
	case fact.UDP, fact.SCTP:
		return 1
	}
	return 2
}

// Nearest keeps, of the ids added, those most like a wanted one.
type Nearest struct {
	wanted string
	list   []near
}

type near struct {
	id   string
	away int64
}

// NewNearest returns a Nearest for an id that was not found.
func NewNearest(wanted string) *Nearest { return &Nearest{wanted: wanted} }

// nearestIDs is how many ids are kept.
const nearestIDs = 5

// Add adds an id.
func (n *Nearest) Add(id string) {
	x := near{id, unlike(n.wanted, id)}
	i, _ := slices.BinarySearchFunc(n.list, x, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.away, b.away), cmp.Compare(len(a.id), len(b.id)), strings.Compare(a.id, b.id))
	})
	if i == nearestIDs {
		return
	}
	n.list = slices.Insert(n.list, i, x)
	n.list = n.list[:min(len(n.list), nearestIDs)]
}

// IDs returns the nearest ids, the nearest first.
func (n *Nearest) IDs() []string {
	var list []string
	for _, x := range n.list {
		list = append(list, x.id)
	}
	return list
}

// unlike returns how unlike two ids are: the frames' distance if the labels are the same, else a large number.
func unlike(a, b string) int64 {
	la, fa := halves(a)
	lb, fb := halves(b)
	d := fa - fb
	if d < 0 {
		d = -d
	}
	d = min(d, 1<<30)
	if la != lb {
		d += 1 << 31
	}
	return d
}

// halves cuts an id into its capture's label and its frame, 0 without one.
func halves(id string) (label string, frame int64) {
	i := strings.LastIndexByte(id, ':')
	digits := id[i+1:]
	for _, r := range digits {
		if r < '0' || r > '9' || frame > 1<<40 {
			return id, 0
		}
		frame = frame*10 + int64(r-'0')
	}
	return id[:max(i, 0)], frame
}
