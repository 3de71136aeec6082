package html

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// row is an interface on the path, with the hop of each direction that was seen there; -1 for none. Hops of the way to the
// client are counted from its end, so that both directions count from the client on.
type row struct {
	hop  [2]int
	node string
}

// at returns a hop of a row, that of the way to the server where there is one.
func (w *walk) at(i int) *fact.Hop {
	if r := &w.rows[i]; r.hop[0] >= 0 {
		return w.hop(0, r.hop[0])
	}
	return w.hop(1, w.rows[i].hop[1])
}

// hop returns the hop of a direction, counted from the client's end, and its step from the view before it on its way.
func (w *walk) hop(flow, i int) *fact.Hop {
	hops := w.t.Ways[flow].Hops
	if flow == int(fact.ToClient) {
		i = len(hops) - 1 - i
	}
	return &hops[i]
}

// align puts the hops of both directions side by side where they are at the same interface: the longest common subsequence.
func (w *walk) align() {
	n, m := len(w.t.Ways[0].Hops), len(w.t.Ways[1].Hops)
	best := make([][]int, n+1)
	for i := range best {
		best[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for k := m - 1; k >= 0; k-- {
			best[i][k] = max(best[i+1][k], best[i][k+1])
			if samePlace(w.hop(0, i), w.hop(1, k)) {
				best[i][k] = max(best[i][k], best[i+1][k+1]+1)
			}
		}
	}
	add := func(i, k int) {
		flow, at := 0, i
		if i < 0 {
			flow, at = 1, k
		}
		w.rows = append(w.rows, row{[2]int{i, k}, report.Clean(w.hop(flow, at).Node)})
	}
	i, k := 0, 0
	for i < n || k < m {
		switch {
		case i < n && k < m && samePlace(w.hop(0, i), w.hop(1, k)) && best[i][k] == best[i+1][k+1]+1:
			add(i, k)
			i, k = i+1, k+1
		case k == m || i < n && best[i+1][k] >= best[i][k+1]:
			add(i, -1)
			i++
		default:
			add(-1, k)
			k++
		}
	}
}

func samePlace(a, b *fact.Hop) bool {
	return a.Capture == b.Capture && a.Interface == b.Interface && a.Name == b.Name && len(a.Encap) == len(b.Encap)
}
