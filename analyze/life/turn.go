package life

import (
	"github.com/netsift/netsift/analyze/fact"
)

// apart is how long after the last packet to one destination the first one to the next comes at the soonest, where one node translates a
// connection to both in turn. A packet that is translated twice on its way is seen in both within less.
const apart = 10e6

// former returns the destination that the packets of a connection were translated to before the present one, which it returns, too.
// Conntrack keeps a translation for as long as its entry lives (net/netfilter/nf_nat_core.c), and a socket may outlive it.
func former(paths []path) (present Endpoint, before *fact.Turn) {
	var first, last int64
	for i := range paths {
		to := paths[i].dst
		if to == paths[0].dst || to == present || !paths[i].forward {
			continue
		}
		t := turn(paths, to)
		switch {
		case present == Endpoint{}:
		case last+apart < t.First && sameNode(paths, to, present):
			before = turn(paths, present)
		case t.Last+apart < first && sameNode(paths, to, present):
			if before == nil || before.Last < t.Last {
				before = t
			}
			continue
		default:
			continue
		}
		present, first, last = to, t.First, t.Last
	}
	return present, before
}

// turn returns when packets were translated to a destination.
func turn(paths []path, to Endpoint) *fact.Turn {
	t := &fact.Turn{To: to.AddrPort()}
	for i := range paths {
		if paths[i].dst != to {
			continue
		}
		for k := range paths[i].leg.Views {
			v := &paths[i].leg.Views[k]
			if v.Flow == fact.ToClient {
				continue
			}
			if t.First == 0 || v.First < t.First {
				t.First = v.First
			}
			t.Last = max(t.Last, v.Last)
		}
	}
	return t
}

// sameNode reports whether one node shows packets to both of two destinations.
func sameNode(paths []path, a, b Endpoint) bool {
	for i := range paths {
		for k := range paths {
			if paths[i].dst == a && paths[k].dst == b && paths[i].leg.Node == paths[k].leg.Node {
				return true
			}
		}
	}
	return false
}
