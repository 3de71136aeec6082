package markdown

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// maxQueries bounds the messages that are drawn of a lookup.
const maxQueries = 16

// lookup returns the diagram of a name resolution: each name that was tried, and what came back.
func (p *page) lookup(l *fact.Lookup) *diagram {
	d := &diagram{}
	o := report.Parties(l.Objects)
	d.add(titled("client", o.Client) + "\n" + report.Addr(l.Client))
	servers := map[string]int{}
	server := func(q *fact.Query) int {
		name := "DNS server"
		if q.Server == l.Server {
			name = titled(name, o.Server)
		}
		name += "\n" + report.AddrPort(q.Server)
		if _, ok := servers[name]; !ok {
			servers[name] = d.add(name)
		}
		return servers[name]
	}
	for i := range l.Candidates {
		c := &l.Candidates[i]
		for k := range c.Queries {
			if len(d.steps) >= maxQueries {
				break
			}
			q := &c.Queries[k]
			to := server(q)
			again := ""
			if why := q.Again.String(); why != "" {
				again = " (" + why + ")"
			}
			silent := q.Rcode == "" && !q.Refused
			// A resolver repeats both questions of a pair, also the one that was answered.
			inVain := silent || q.Retries > 0 && q.Sent+q.Duration > q.LastSent
			if q.QueryRef.Frame > 0 {
				d.steps = append(d.steps, step{time: q.Sent, to: to, text: q.Type + " " + c.QName + again, at: p.ref(q.QueryRef), lost: inVain})
			}
			if q.ResendRef.Frame > 0 {
				d.steps = append(d.steps, step{time: q.LastSent, to: to, text: q.Type + " " + c.QName + " sent again", at: p.ref(q.ResendRef), lost: silent})
			}
			if q.AnswerRef.Frame > 0 && q.Duration >= 0 {
				rcode := q.Rcode
				if q.NoData {
					rcode += " without data"
				}
				d.steps = append(d.steps, step{time: q.Sent + q.Duration, from: to, text: rcode + " for " + q.Type, at: p.ref(q.AnswerRef)})
			}
			if q.Refused && q.ErrorRef.Frame > 0 {
				d.steps = append(d.steps, step{time: q.Sent, from: to, text: "ICMP error instead of an answer for " + q.Type, at: p.ref(q.ErrorRef)})
			}
		}
	}
	if len(d.steps) == 0 {
		return nil
	}
	slices.SortStableFunc(d.steps, func(a, b step) int { return cmp.Compare(a.time, b.time) })
	d.stamp(d.steps[0].time)
	d.steps = append(d.steps, step{to: len(d.parts) - 1, note: true, text: "after " + report.Took(l.Duration) + ": " + l.Outcome.String()})
	return d
}

// findLookup returns the lookup that a finding is about: one that has a frame of its evidence, or else one of its place.
func (p *page) findLookup(refs map[fact.Ref]bool, client, name string) *fact.Lookup {
	var like *fact.Lookup
	for i := range p.facts.Lookups {
		l := &p.facts.Lookups[i]
		if report.Addr(l.Client) != client {
			continue
		}
		if like == nil && name != "" && (l.Name == name || strings.HasPrefix(l.Name, name+".")) {
			like = l
		}
		for k := range l.Candidates {
			for _, q := range l.Candidates[k].Queries {
				if refs[q.QueryRef] && q.QueryRef.Frame > 0 || refs[q.AnswerRef] && q.AnswerRef.Frame > 0 {
					return l
				}
			}
		}
	}
	return like
}
