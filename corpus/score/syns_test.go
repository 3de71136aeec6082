package score

import (
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/cases"
)

// TestSYNs: a SYN and a SYN-ACK are counted once for each time that they were sent, whatever was captured and in which form: a connection
// that was established at once has one of each.
func TestSYNs(t *testing.T) {
	// late are the first connections of cases in which a SYN or SYN-ACK was sent again.
	once, again := [2]int{1, 1}, [2]int{2, 1}
	late := map[string][][2]int{
		"syn-late": {again, {2, 2}, once}, "syn-late-sll": {again, {2, 2}, once}, "tunnel-rejected-once": {again},
		"ct-snat-collision": {once, again, once, again, once, again}, "snat-lost-beyond": {again, once, again, once, again, once},
		"svc-ipvs-reuse-delay": {once, again, once, again}, "ipvs-reuse-fine": {once, once, once, again},
		"app-backlog-unheard": {once, {1, 4}}, "deferred-accept": {{1, 3}}, "timestamps-not-policy": {{3, 1}}, "cni-vxlan-checksum-late": {once, {4, 1}},
	}
	for _, c := range cases.All() {
		var got [][2]int
		_, err := analyze.Run(t.Context(), Inputs(c.Play().Files()), analyze.Config{Jobs: 1, Connection: func(k *fact.Connection) {
			if k.Proto == fact.TCP && !k.Midstream && k.Phase != fact.PhaseHandshake {
				got = append(got, [2]int{k.Flow[fact.ToServer].SYNs, k.Flow[fact.ToClient].SYNs})
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range got {
			want := [2]int{1, 1}
			exact := i < len(late[c.Name])
			if exact {
				want = late[c.Name][i]
			}
			if n[0] > want[0] || n[1] > want[1] || exact && n != want {
				t.Errorf("%s: connection %d has %d SYNs and %d SYN-ACKs, want %d", c.Name, i, n[0], n[1], want)
			}
		}
	}
}
