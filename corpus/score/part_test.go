package score

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// TestPart: what is asked for changes no fact. Asked for everything, netsift finds what it finds unasked. Asked for one client, it finds those of the same findings that are about it, and
// of nothing only what it says of the captures themselves.
func TestPart(t *testing.T) {
	for _, c := range cases.Some(testing.Short()) {
		files := c.Play().Files()
		facts, want, verdict := judged(t, files, nil)
		all, found, same := judged(t, files, of(func(netip.Addr) bool { return true }))
		if got := ids(found); !slices.Equal(got, ids(want)) || same.Text != verdict.Text || same.CNI != verdict.CNI || same.Service != verdict.Service ||
			same.DNS != verdict.DNS || same.Account.Unexplained != verdict.Account.Unexplained || same.Elsewhere != 0 {
			t.Errorf("%s: asked for all, %v and %+v instead of %v and %+v", c.Name, got, same, ids(want), verdict)
		}
		if n := *all.Part; n != (fact.Part{
			Connections: facts.Totals.Connections, Lookups: facts.Totals.Lookups, Failed: facts.Totals.Failed, Late: facts.Totals.Late,
		}) {
			t.Errorf("%s: all are %+v of %+v", c.Name, n, facts.Totals)
		}

		if forget(all); !reflect.DeepEqual(facts, all) {
			t.Errorf("%s: asked for all, facts are others: %s", c.Name, cmp.Diff(fmt.Sprintf("%+v", facts), fmt.Sprintf("%+v", all)))
		}

		_, found, none := judged(t, files, of(func(netip.Addr) bool { return false }))
		for i := range found {
			if f := &found[i]; len(f.Connections) > 0 {
				t.Errorf("%s: asked for nothing, %s of %s", c.Name, f.ID, f.Connections)
			}
		}
		if s := none; s.DNS == rules.OK || s.Service == rules.OK || s.CNI == rules.OK || s.Account.Unexplained != 0 {
			t.Errorf("%s: asked for nothing, %+v", c.Name, s)
		}

		var client netip.Addr
		for i := range want {
			if client = want[i].Client; client.IsValid() {
				break
			}
		}
		if !client.IsValid() {
			continue
		}
		_, found, _ = judged(t, files, of(func(a netip.Addr) bool { return a == client }))
		kept := ids(found)
		for i := range want {
			f := &want[i]
			is := slices.ContainsFunc(f.Affected, func(a rules.Affected) bool { return a.Client == client })
			others := len(f.Affected) > 0 && !slices.ContainsFunc(f.Affected, func(a rules.Affected) bool { return a.Client == client || !a.Client.IsValid() })
			if has := slices.Contains(kept, f.ID); is && !has || others && has {
				t.Errorf("%s: asked for %s, %s is there: %v", c.Name, client, f.ID, has)
			}
		}
		for _, id := range kept {
			if !slices.Contains(ids(want), id) {
				t.Errorf("%s: asked for %s, %s is new", c.Name, client, id)
			}
		}
	}
}

// forget takes away from facts what was asked for.
func forget(f *fact.Facts) {
	f.Part = nil
	for i := range f.Reach {
		r := &f.Reach[i]
		r.Chosen = 0
		for k := range r.Examples {
			r.Examples[k].Chosen = false
		}
	}
	for i := range f.Lookups {
		f.Lookups[i].Chosen = false
	}
	for i := range f.Plain {
		f.Plain[i].Chosen = 0
	}
}

// of is the part that has certain clients.
func of(is func(netip.Addr) bool) *analyze.Part {
	return &analyze.Part{
		Connection: func(c *fact.Connection) bool { return is(c.Client.Addr()) }, Lookup: func(l *fact.Lookup) bool { return is(l.Client) },
	}
}

func judged(t *testing.T, files []cases.File, part *analyze.Part) (*fact.Facts, []rules.Finding, rules.Verdict) {
	t.Helper()
	f, err := analyze.Run(t.Context(), Inputs(files), analyze.Config{Jobs: 1, Part: part})
	if err != nil {
		t.Fatal(err)
	}
	list, v := rules.Judge(f)
	return f, list, v
}

func ids(list []rules.Finding) (all []string) {
	for i := range list {
		all = append(all, list[i].ID)
	}
	return all
}
