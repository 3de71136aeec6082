package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// lookups are those that wasted something or failed, one for each name.
type lookups struct {
	Totals []figure
	Names  []nameRow
	More   string
}

// nameRow is the worst lookup of a name.
type nameRow struct {
	Name, Client, Server, Resolver, Outcome, Time, Wasted string
	Failed                                                bool
	Queries, Retries                                      int
	// Like says how many lookups of the name were as wasteful.
	Like       string
	Candidates []candidate
	More       string
	Frame      string
}

// candidate is a name that was tried. From and Long place it in the lookup's time, in hundredths.
type candidate struct {
	Name, Types, Said, State string
	From, Long               int
}

// maxNames is how many names are shown, maxCandidates how many were tried for each.
const maxNames, maxCandidates = 50, 16

func (m *maker) lookups(f *fact.Facts) *lookups {
	d := &f.DNS
	if d.Lookups == 0 {
		return nil
	}
	s := &lookups{Totals: []figure{
		{"Lookups", report.Count(d.Lookups)},
		{"Queries", report.Count(d.Queries)},
		{"Wasted on names that do not exist", share(d.Wasted, d.Queries)},
		{"Sent again", report.Count(d.Retries)},
		{"Unanswered", report.Count(d.Unanswered)},
		{"Time wasted", report.Took(d.Costs.WastedTime)},
	}}
	if f.Part != nil { // what the others cost is not told
		s.Totals = []figure{{"Lookups", report.Count(f.Part.Lookups)}}
	}
	type group struct {
		worst *fact.Lookup
		n     int
	}
	byName := map[string]*group{}
	var groups []*group
	for i := range f.Lookups {
		l := &f.Lookups[i]
		if l.Wasted == 0 && l.Retries == 0 && !lookupFailed(l) || f.Part != nil && !l.Chosen {
			continue
		}
		g := byName[l.Name]
		if g == nil {
			g = &group{worst: l}
			byName[l.Name] = g
			groups = append(groups, g)
		}
		g.n++
		if badness(l, g.worst) < 0 {
			g.worst = l
		}
	}
	unseen := map[string]bool{} // names of lookups that were counted only
	for i := range f.Plain {
		p, n := &f.Plain[i], f.Plain[i].Count
		if f.Part != nil {
			n = p.Chosen
		}
		switch {
		case p.Wasted == 0 || n == 0:
		case byName[p.Name] == nil:
			unseen[p.Name] = true
		default:
			byName[p.Name].n += int(n)
		}
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Or(badness(a.worst, b.worst), cmp.Compare(b.n, a.n))
	})
	for _, g := range groups[:min(len(groups), maxNames)] {
		row := newNameRow(g.worst, m.file(g.worst.First.Capture))
		if g.n > 1 {
			row.Like = fmt.Sprintf("the worst of %s", report.Many(g.n, "such lookup"))
		}
		s.Names = append(s.Names, row)
	}
	if more := len(groups) + len(unseen) - len(s.Names); more > 0 {
		s.More = report.Many(more, "more name")
	}
	return s
}

func share(part, whole uint64) string {
	if whole == 0 {
		return "0"
	}
	return fmt.Sprintf("%s (%.0f%%)", report.Count(part), 100*float64(part)/float64(whole))
}

func lookupFailed(l *fact.Lookup) bool {
	return l.Outcome == fact.LookupTimeout || l.Outcome == fact.LookupServfail || l.Outcome == fact.LookupNXDomain ||
		l.Outcome == fact.LookupTruncated
}

// badness compares what two lookups cost: less than 0 where a is worse.
func badness(a, b *fact.Lookup) int {
	loss := func(l *fact.Lookup) int64 {
		t := l.WastedTime
		if l.Retries > 0 || l.Outcome == fact.LookupTimeout {
			t = max(t, l.Duration)
		}
		return t
	}
	return cmp.Or(cmp.Compare(loss(b), loss(a)), cmp.Compare(b.Wasted, a.Wasted), cmp.Compare(a.Start, b.Start))
}

func newNameRow(l *fact.Lookup, file string) nameRow {
	row := nameRow{
		Name: report.Clean(l.Name), Client: report.Named(report.Parties(l.Objects).Client, report.Addr(l.Client)),
		Server: report.Named(report.Parties(l.Objects).Server, report.AddrPort(l.Server)), Resolver: report.Clean(l.Resolver),
		Outcome: l.Outcome.String(), Failed: lookupFailed(l), Time: report.Took(l.Duration), Wasted: fmt.Sprint(l.Wasted),
		Queries: l.Queries, Retries: l.Retries,
		Frame: fmt.Sprintf("%s, frame %d", file, l.First.Frame),
	}
	for i := range l.Candidates[:min(len(l.Candidates), maxCandidates)] {
		row.Candidates = append(row.Candidates, newCandidate(&l.Candidates[i], l))
	}
	if more := len(l.Candidates) - len(row.Candidates); more > 0 {
		row.More = report.Many(more, "more name")
	}
	return row
}

func newCandidate(c *fact.Candidate, l *fact.Lookup) candidate {
	x := candidate{Name: report.Clean(c.QName), Types: report.Clean(strings.Join(c.Types, " ")), State: "answered"}
	switch {
	case c.Rcode == "":
		x.State, x.Said = "silent", "no answer"
	case c.Rcode == "NXDOMAIN":
		x.State, x.Said = "wasted", "NXDOMAIN, "+report.Took(c.Duration)
	case c.NoData:
		x.State, x.Said = "empty", "no data, "+report.Took(c.Duration)
	case c.Rcode != "NOERROR":
		x.State, x.Said = "failed", report.Clean(c.Rcode)+", "+report.Took(c.Duration)
	default:
		x.Said = "answered, " + report.Took(c.Duration)
	}
	if whole := l.Duration; whole > 0 && c.Start >= l.Start {
		x.From = int(min((c.Start-l.Start)*100/whole, 99))
		long := c.Duration
		if long < 0 {
			long = l.Start + whole - c.Start
		}
		x.Long = min(max(int(min(long, whole)*100/whole), 1), 100-x.From)
	}
	return x
}
