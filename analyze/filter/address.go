package filter

import (
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

// Addresses returns the addresses of facts that match by themselves, in order: as either end of something without protocol, port and name. Who
// asks for a neighbour in vain has no connection by which an expression could find it.
func (f Filter) Addresses(facts *fact.Facts) []netip.Addr {
	var list []netip.Addr
	for i := range facts.Addresses {
		list = append(list, facts.Addresses[i].Addr)
	}
	for i := range facts.Tunnels {
		list = append(list, facts.Tunnels[i].Src, facts.Tunnels[i].Dst)
	}
	for i := range facts.Neighbours {
		n := &facts.Neighbours[i]
		list = append(list, n.Addr)
		for k := range n.Askers {
			list = append(list, n.Askers[k].Addr)
		}
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return slices.DeleteFunc(slices.Compact(list), func(a netip.Addr) bool {
		return !a.IsValid() || !f.Match([]Layer{{Network: network(a), Src: a}, {Network: network(a), Dst: a}})
	})
}
