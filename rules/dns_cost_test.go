package rules

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// crowd is the most that facts hold: as many lookups and ways of reaching as are kept, all of one client, none answered.
func crowd(n int) *fact.Facts {
	f := captured()
	for i := range n {
		l := nobodyAnswers(alice, fmt.Sprintf("x%d", i), int64(i)*ms).ends(fact.LookupTimeout)
		f.Lookups = append(f.Lookups, l)
	}
	for i := range n {
		x := over(&f.Lookups[i], fact.Hang)
		x.Backend = netip.AddrPortFrom(pod1.Addr(), uint16(i+1)) // each another way
		f.Reach = append(f.Reach, x)
	}
	return f
}

func BenchmarkDNSRules(b *testing.B) {
	for _, n := range []int{1 << 10, 1 << 12, 1 << 14} {
		f := crowd(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				s := newScene(f, DefaultThresholds())
				for _, r := range Catalogue() {
					if r.Layer == LayerDNS {
						r.judge(r, s)
					}
				}
			}
		})
	}
}
