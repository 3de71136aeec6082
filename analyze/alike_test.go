package analyze_test

import (
	"bytes"
	"cmp"
	"reflect"
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/traffic"
)

// TestAlike: what is counted of connections by their outlines is what is counted of each by itself, those of a part among them, and the cluster learns
// the same.
func TestAlike(t *testing.T) {
	for _, x := range []struct {
		name string
		set  func(o *traffic.Options)
	}{
		{"sockets of lookups", func(o *traffic.Options) { o.Frames, o.Requests, o.Lookups, o.Losses = 250_000, 0, 1000, 20 }},
		{"connections", func(o *traffic.Options) { o.Frames, o.Requests, o.Lookups, o.Losses = 400_000, 1, 0, 20 }},
	} {
		t.Run(x.name, func(t *testing.T) {
			o := traffic.Churn
			o.Live, o.Short, o.Sightings, o.Pods, o.Services, o.Called, o.Backends = 20, 1000, 2, 3, 1, 1, 2
			x.set(&o)
			var file bytes.Buffer
			if _, err := traffic.Write(&file, o); err != nil {
				t.Fatal(err)
			}
			odd := func(c *fact.Connection) bool { return c.Client.Port()%2 == 1 }
			part := &analyze.Part{Connection: odd, Lookup: func(*fact.Lookup) bool { return false }}
			outlined, err := analyze.Run(t.Context(), oneFile(file.Bytes()), analyze.Config{Part: part})
			if err != nil {
				t.Fatal(err)
			}
			wanted := uint64(0)
			each, err := analyze.Run(t.Context(), oneFile(file.Bytes()), analyze.Config{Connection: func(c *fact.Connection) {
				if odd(c) {
					wanted++
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if n := outlined.Totals.Connections; n < 6000 {
				t.Fatalf("%d connections: hardly any was counted by its outline", n)
			}
			got, want := outlined.Reach, each.Reach
			var chosen uint64
			for _, list := range [][]fact.Reach{got, want} {
				for i := range list {
					chosen += list[i].Chosen
					list[i].Examples, list[i].Chosen = nil, 0
				}
				slices.SortFunc(list, func(a, b fact.Reach) int {
					return cmp.Or(cmp.Compare(a.First, b.First), a.Client.Compare(b.Client), cmp.Compare(a.Signs, b.Signs))
				})
			}
			if chosen != wanted || outlined.Part.Connections != wanted || wanted == 0 || wanted == each.Totals.Connections {
				t.Errorf("of %d connections %d are asked for, %d by their ways, and not %d", each.Totals.Connections, outlined.Part.Connections, chosen, wanted)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("ways:\n%+v\neach by itself:\n%+v", got, want)
			}
			if !reflect.DeepEqual(outlined.Addresses, each.Addresses) {
				t.Errorf("addresses:\n%+v\neach by itself:\n%+v", outlined.Addresses, each.Addresses)
			}
			if !reflect.DeepEqual(outlined.Interfaces, each.Interfaces) {
				t.Errorf("interfaces:\n%+v\neach by itself:\n%+v", outlined.Interfaces, each.Interfaces)
			}
			if outlined.Totals != each.Totals || !reflect.DeepEqual(outlined.Timeline, each.Timeline) {
				t.Errorf("%+v, each by itself %+v", outlined.Totals, each.Totals)
			}
		})
	}
}
