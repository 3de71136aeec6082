package sarif

import (
	"strings"

	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/rules"
)

func (p *page) result(f *rules.Finding) result {
	out := result{
		RuleID: plain(f.Rule), Level: level(f.Severity), Message: said(f.Title, f.Explanation),
		// GitHub tells results apart by primaryLocationLineHash, or else by the content of the line, which a capture has not.
		PartialFingerprints: map[string]string{"findingId/v1": plain(f.ID), "primaryLocationLineHash": plain(f.ID)},
		Properties: map[string]any{
			"layer": plain(string(f.Layer)), "severity": f.Severity.String(), "certainty": plain(string(f.Certainty)), "count": f.Count,
		},
	}
	if i, ok := p.ruleIndex[f.Rule]; ok {
		out.RuleIndex = &i
	}
	if f.First != 0 {
		out.Properties["first"], out.Properties["last"] = report.Time(f.First, 0), report.Time(f.Last, 0)
	}
	if f.Recovered != 0 {
		out.Properties["recovered"] = report.Time(f.Recovered, 0)
	}
	for i := range f.Evidence {
		at := p.frame(&f.Evidence[i])
		if i == 0 {
			out.Locations = []location{at}
			continue
		}
		at.ID = &i
		out.RelatedLocations = append(out.RelatedLocations, at)
	}
	if len(out.Locations) == 0 { // a result without a location is not shown by code scanning
		out.Locations = []location{{Physical: &physicalLocation{p.file(0), &region{1}}}}
	}
	out.Locations[0].Logical = logical(f.Place)
	return out
}

// frame returns where a frame is. Its number takes the place of a line: services sort and show locations as file:number,
// and so does netsift.
func (p *page) frame(e *rules.Evidence) location {
	note := said(e.Note)
	return location{
		Physical: &physicalLocation{p.file(e.Capture), &region{max(e.Frame, 1)}}, Message: &note,
		Properties: map[string]any{"frame": e.Frame},
	}
}

// logical returns where in the cluster a finding applies (3.33), in the order of the way.
func logical(pl rules.Place) []logicalLocation {
	var list []logicalLocation
	var way []string
	for _, x := range []struct{ kind, name string }{
		{"client", report.Addr(pl.Client)},
		{"dns-server", report.AddrPort(pl.Server)},
		{"dns-name", plain(pl.Name)},
		{"service", report.AddrPort(pl.Service)},
		{"backend", report.AddrPort(pl.Backend)},
	} {
		if x.name == "" {
			continue
		}
		way = append(way, x.name)
		list = append(list, logicalLocation{x.name, strings.Join(way, "/"), x.kind})
	}
	return list
}
