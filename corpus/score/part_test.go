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
	"github.com/netsift/netsift/analyze/filter"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// TestPart: what is asked for changes no fact. Asked for everything, netsift finds what it finds unasked. Asked for one client, it finds those of the same findings that are about it, and
// of nothing only what it says of the captures themselves.
func TestPart(t *testing.T) {
	for _, c := range cases.Some(testing.Short()) {
		files := c.Play().Files()
		facts, want, verdict := judged(t, files, nil)
		all, found, same := judged(t, files, func(netip.Addr) bool { return true })
		if got := ids(found); !slices.Equal(got, ids(want)) || same.CNI != verdict.CNI || same.Service != verdict.Service ||
			same.DNS != verdict.DNS || same.Account.Unexplained != verdict.Account.Unexplained || same.Elsewhere != 0 {
			t.Errorf("%s: asked for all, %v and %+v instead of %v and %+v", c.Name, got, same, ids(want), verdict)
		}
		n, total := all.Part, &facts.Totals
		if n.Connections != total.Connections || n.Lookups != total.Lookups || n.Failed != total.Failed || n.Late != total.Late {
			t.Errorf("%s: all are %+v of %+v", c.Name, *n, *total)
		}

		if forget(all); !reflect.DeepEqual(facts, all) {
			t.Errorf("%s: asked for all, facts are others: %s", c.Name, cmp.Diff(fmt.Sprintf("%+v", facts), fmt.Sprintf("%+v", all)))
		}

		_, found, none := judged(t, files, func(netip.Addr) bool { return false })
		for i := range found {
			if f := &found[i]; f.Layer != rules.LayerCapture {
				t.Errorf("%s: asked for nothing, %s", c.Name, f.ID)
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
		_, found, _ = judged(t, files, func(a netip.Addr) bool { return a == client })
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

// judged asks for the part that has certain clients and addresses; nil asks for everything.
func judged(t *testing.T, files []cases.File, is func(netip.Addr) bool) (*fact.Facts, []rules.Finding, rules.Verdict) {
	t.Helper()
	cfg := analyze.Config{Jobs: 1}
	if is != nil {
		cfg.Part = &analyze.Part{
			Connection: func(c *fact.Connection) bool { return is(c.Client.Addr()) }, Lookup: func(l *fact.Lookup) bool { return is(l.Client) },
		}
	}
	f, err := analyze.Run(t.Context(), Inputs(files), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if is != nil {
		f.Part.Addresses = slices.DeleteFunc(filter.Filter{}.Addresses(f), func(a netip.Addr) bool { return !is(a) })
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
