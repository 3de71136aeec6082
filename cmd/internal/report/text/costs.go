package text

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// costs writes what the waste of name resolution comes down to: the names and clients that cost most, and what other ways of
// asking would have saved in this capture.
func (p *page) costs(d *fact.DNSCosts) {
	if d.Wasted == 0 && d.Retries == 0 {
		return
	}
	p.line()
	p.line(p.bold.Render("What it cost"))
	factor := ""
	if d.Needed > 0 {
		factor = fmt.Sprintf("%.1f queries for each one needed", float64(d.Queries)/float64(d.Needed))
	}
	p.parts("  ", factor, report.Took(d.WastedTime)+" spent on names that do not exist")
	t := table{indent: "  ", heads: &p.dim, cols: []column{
		{head: "NAME", flex: 20},
		{head: "LOOKUPS", right: true},
		{head: "QUERIES", right: true},
		{head: "WASTED", right: true},
		{head: "RTX", right: true, drop: 1},
		{head: "TIME WASTED", right: true},
	}}
	for i := range d.Names {
		n := &d.Names[i]
		if n.Wasted+n.Retries > 0 {
			t.rows = append(t.rows, plain(report.Clean(n.Name), uintText(n.Lookups), uintText(n.Queries), uintText(n.Wasted),
				uintText(n.Retries), report.Took(n.WastedTime)))
		}
	}
	if len(t.rows) > 0 {
		t.used()
		t.render(&p.Builder, t.fit(p.table()), true)
	}
	p.savings(d)
}

// savings writes what could be had for a change of configuration or of names.
func (p *page) savings(d *fact.DNSCosts) {
	type saving struct {
		what string
		fact.DNSSaving
	}
	var list []saving
	// Of several that save as much, take the largest: names in the cluster still resolve by their short form.
	best := 0
	for n := range fact.MaxNdots {
		if d.Ndots[n].Queries > 0 && d.Ndots[n].Queries >= d.Ndots[best].Queries {
			best = n
		}
	}
	if best > 0 {
		list = append(list, saving{fmt.Sprintf("options ndots:%d in the pod's dnsConfig", best), d.Ndots[best]})
	}
	if d.FullName.Queries > 0 {
		list = append(list, saving{"names in full: a trailing dot outside, NAME.NAMESPACE.svc.cluster.local. inside", d.FullName})
	}
	if len(list) == 0 {
		return
	}
	p.line("  " + p.dim.Render("would have saved, in this capture:"))
	for _, s := range list {
		p.parts("    ", s.what, fmt.Sprintf("%s of %s queries", report.Count(uint64(s.Queries)), report.Count(d.Queries)), report.Took(s.Time))
	}
}
