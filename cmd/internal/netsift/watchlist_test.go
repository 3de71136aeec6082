package netsift

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/rules"
)

func TestWatchlist(t *testing.T) {
	loss := rules.Finding{ID: "tcp-loss:1", Rule: "tcp-loss", Severity: rules.Warning, Count: 1}
	loss.Client = netip.MustParseAddr("10.244.1.5")
	hole := rules.Finding{ID: "cni-mtu-blackhole:1", Rule: "cni-mtu-blackhole", Severity: rules.Critical, Count: 1, Explains: []string{"tcp-loss"}}
	hole.Client = loss.Client
	with := func(f rules.Finding, n uint64) rules.Finding { f.Count = n; return f }
	w := newWatchlist()
	for i, step := range []struct {
		at    int64
		found []rules.Finding
		want  []string
	}{
		{0, nil, nil},
		{1e9, []rules.Finding{loss}, []string{"opened tcp-loss:1"}},
		{2e9, []rules.Finding{loss}, nil},
		{3e9, []rules.Finding{with(loss, 2)}, nil},
		{4e9, []rules.Finding{with(loss, 4)}, []string{"updated tcp-loss:1"}},
		{5e9, []rules.Finding{with(loss, 5)}, nil},
		{14e9, []rules.Finding{with(loss, 5)}, []string{"updated tcp-loss:1"}},
		{15e9, []rules.Finding{hole}, []string{"opened cni-mtu-blackhole:1", "withdrawn tcp-loss:1 by cni-mtu-blackhole:1"}},
		{16e9, nil, []string{"withdrawn cni-mtu-blackhole:1"}},
		{17e9, []rules.Finding{hole}, []string{"opened cni-mtu-blackhole:1"}},
	} {
		var got []string
		for _, c := range w.update(step.found, step.at) {
			s := fmt.Sprintf("%s %s", c.Kind, c.Finding.ID)
			if c.By != "" {
				s += " by " + c.By
			}
			got = append(got, s)
		}
		if d := cmp.Diff(step.want, got); d != "" {
			t.Errorf("step %d: -want +got\n%s", i, d)
		}
	}
}

// TestWatchlistIDs: no id is reported for two causes, and none is lost if two would share one, in any order of events.
func TestWatchlistIDs(t *testing.T) {
	const one, other = "10.96.3.26:80", "10.96.8.1:80"
	found := func(keys ...string) []rules.Finding {
		list := make([]rules.Finding, len(keys))
		for i := range list {
			list[i] = rules.Finding{Rule: "svc-no-endpoints", Severity: rules.Critical, Count: 1}
		}
		rules.Identify(list, keys)
		return list
	}
	const short = "svc-no-endpoints:b3c9"
	both := found(one, other)
	long, otherLong := both[0].ID, both[1].ID
	for _, x := range []struct {
		name  string
		steps [][]string
		want  []string
	}{
		{"a second comes and goes", [][]string{{one}, {one, other}, {one}}, []string{
			"opened " + short,
			"opened " + long + " again", "opened " + otherLong, "withdrawn " + short + " by " + long,
			"opened " + short + " again", "withdrawn " + long + " by " + short, "withdrawn " + otherLong,
		}},
		{"one takes the other's place", [][]string{{one}, {other}, {one}}, []string{
			"opened " + short,
			"opened " + otherLong, "withdrawn " + short,
			"opened " + short, "withdrawn " + otherLong,
		}},
		{"both at once", [][]string{{other, one}, {other, one}}, []string{"opened " + otherLong, "opened " + long}},
	} {
		w := newWatchlist()
		var got []string
		for i, keys := range x.steps {
			for _, c := range w.update(found(keys...), int64(i)*1e9) {
				s := fmt.Sprintf("%s %s", c.Kind, c.Finding.ID)
				if c.By != "" {
					s += " by " + c.By
				}
				if c.Renamed && c.By == "" {
					s += " again"
				}
				got = append(got, s)
			}
		}
		if d := cmp.Diff(x.want, got); d != "" {
			t.Errorf("%s: -want +got\n%s", x.name, d)
		}
	}
}
