package score

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// Answer is netsift's answer on the captures of a case.
type Answer struct {
	Facts       *fact.Facts
	Findings    []rules.Finding
	Verdict     rules.Verdict
	Connections []fact.Connection
	Lookups     []fact.Lookup
	// Remarks are what is said of the snapshot.
	Remarks []string
}

// Result is how an answer compares with the truth.
type Result struct {
	// Found and Missed are the rules of expected findings; one that was reported elsewhere or too mildly is missed.
	Found, Missed []string
	// False are rules that spoke and should not have, at warning or above, or at all where the truth forbids them.
	False []string
	// Complaints list everything that is wrong, in words.
	Complaints []string
}

// Good reports whether nothing is wrong.
func (r Result) Good() bool { return len(r.Complaints) == 0 }

func (r *Result) complain(format string, args ...any) {
	r.Complaints = append(r.Complaints, fmt.Sprintf(format, args...))
}

// Compare holds an answer against the truth of a whole case.
func Compare(truth *cases.Truth, a *Answer) Result {
	var r Result
	r.findings(truth, a)
	r.connections(truth, a)
	r.lookups(truth, a)
	r.roles(truth, a)
	if a.Verdict.Layer != truth.Layer && !truth.LayerOpen {
		r.complain("the verdict blames %q, want %q", a.Verdict.Layer, truth.Layer)
	}
	return r
}

// CompareAlarms looks only for false alarms: a part of the captures need not be enough to find anything.
func CompareAlarms(truth *cases.Truth, a *Answer) Result {
	part := *truth
	for _, e := range part.Expect {
		part.Allow = append(slices.Clip(part.Allow), e.Rule)
	}
	part.Expect = nil
	var r Result
	r.findings(&part, a)
	return r
}

func (r *Result) findings(truth *cases.Truth, a *Answer) {
	for _, want := range truth.Expect {
		reported := false
		found := slices.ContainsFunc(a.Findings, func(f rules.Finding) bool {
			if f.Rule != want.Rule {
				return false
			}
			reported = true
			return placed(&want, &f)
		})
		switch {
		case found:
			r.Found = append(r.Found, want.Rule)
			continue
		case reported:
			r.complain("%s was reported elsewhere or too mildly, want %s", want.Rule, describe(want.Place))
		default:
			r.complain("%s was missed, at %s", want.Rule, describe(want.Place))
		}
		r.Missed = append(r.Missed, want.Rule)
	}
	for i := range a.Findings {
		f := &a.Findings[i]
		expected := slices.Contains(truth.Allow, f.Rule) ||
			slices.ContainsFunc(truth.Expect, func(e cases.Expected) bool { return e.Rule == f.Rule })
		quiet := f.Severity < rules.Warning && !(slices.Contains(truth.Forbid, "*") && !strings.HasPrefix(f.Rule, "cap-"))
		if slices.Contains(truth.Forbid, f.Rule) || !expected && !quiet {
			r.False = append(r.False, f.Rule)
			r.complain("%s is a false alarm (%s), at %s", f.Rule, f.Severity, describe(f.Place))
		}
		if !slices.ContainsFunc(f.Evidence, func(e rules.Evidence) bool {
			return e.Capture >= 0 && e.Capture < len(a.Facts.Captures) && e.Frame >= 1 && e.Frame <= a.Facts.Captures[e.Capture].Frames
		}) && f.Rule != "cap-empty" {
			r.complain("%s cites no frame that exists", f.Rule)
		}
	}
}

// placed reports whether a finding is about the expected place, or affects it, loud enough and with its nodes.
func placed(want *cases.Expected, got *rules.Finding) bool {
	if got.Severity < want.Severity {
		return false
	}
	for _, n := range want.Nodes {
		if !slices.Contains(got.Nodes, n) {
			return false
		}
	}
	return here(want.Place, got.Place) || slices.ContainsFunc(got.Affected, func(a rules.Affected) bool { return here(want.Place, a.Place) })
}

func here(want, got rules.Place) bool {
	service := want.Service == netip.AddrPort{} || want.Service == got.Service || want.Service == got.Server
	return service && (!want.Client.IsValid() || want.Client == got.Client) &&
		(want.Backend == netip.AddrPort{} || want.Backend == got.Backend) &&
		(want.Server == netip.AddrPort{} || want.Server == got.Server) &&
		(want.Name == "" || want.Name == got.Name)
}

func describe(p rules.Place) string {
	var words []string
	add := func(name string, valid bool, value any) {
		if valid {
			words = append(words, fmt.Sprintf("%s %v", name, value))
		}
	}
	add("client", p.Client.IsValid(), p.Client)
	add("service", p.Service.IsValid(), p.Service)
	add("backend", p.Backend.IsValid(), p.Backend)
	add("server", p.Server.IsValid(), p.Server)
	add("name", p.Name != "", p.Name)
	if words == nil {
		return "no place in particular"
	}
	return strings.Join(words, ", ")
}

func (r *Result) connections(truth *cases.Truth, a *Answer) {
	var shown []fact.Connection
	for i := range a.Connections {
		if a.Connections[i].Proto.Opens() {
			shown = append(shown, a.Connections[i])
		}
	}
	used := make([]bool, len(shown))
	for _, want := range truth.Connections {
		hit := slices.IndexFunc(shown, func(c fact.Connection) bool { return matches(want, &c) })
		for hit >= 0 && used[hit] {
			next := slices.IndexFunc(shown[hit+1:], func(c fact.Connection) bool { return matches(want, &c) })
			if next < 0 {
				hit = -1
				break
			}
			hit += 1 + next
		}
		if hit >= 0 {
			used[hit] = true
			continue
		}
		got := "not at all"
		for _, c := range shown {
			if c.Client == want.Client {
				got = fmt.Sprintf("as service %v, backend %v, snat %v, %s", c.Service, c.Backend, c.SNAT, c.Outcome)
			}
		}
		r.complain("connection %v (service %v, backend %v, snat %v, %s) is shown %s",
			want.Client, want.Service, want.Backend, want.SNAT, want.Outcome, got)
	}
	// A connection shown twice, or a leg of one shown as another.
	for i, c := range shown {
		if used[i] {
			continue
		}
		for _, want := range truth.Connections {
			times := 0
			for _, w := range truth.Connections {
				if w.Client == c.Client {
					times++
				}
			}
			count := 0
			for _, o := range shown[:i+1] {
				if o.Client == c.Client {
					count++
				}
			}
			if c.Client == want.SNAT || c.Client == want.Client && count > times {
				r.complain("%v>%v is shown as a connection of its own", c.Client, c.Called)
				break
			}
		}
	}
}

func (r *Result) roles(truth *cases.Truth, a *Answer) {
	for _, addr := range slices.SortedFunc(maps.Keys(truth.Roles), netip.Addr.Compare) {
		if got, want := a.Facts.Role(addr), truth.Roles[addr]; got != want {
			r.complain("%v is taken for %q, want %q", addr, got, want)
		}
	}
}

func matches(want cases.Connection, got *fact.Connection) bool {
	return want.Client == got.Client &&
		(want.Service == netip.AddrPort{} || want.Service == got.Service) &&
		(want.Backend == netip.AddrPort{} || want.Backend == got.Backend) &&
		(want.SNAT == netip.AddrPort{} || want.SNAT == got.SNAT) &&
		(want.Outcome == "" || want.Outcome == got.Outcome.String())
}

// libcs are the resolvers as facts name them.
var libcs = map[build.Libc]string{build.Glibc: "glibc", build.Musl: "musl", build.Go: "go", build.OtherLibc: "other"}

func (r *Result) lookups(truth *cases.Truth, a *Answer) {
	used := make([]bool, len(a.Lookups))
	for _, want := range truth.Lookups {
		hit, near := -1, "not at all"
		for i, l := range a.Lookups {
			if used[i] || l.Client != want.Client || l.Name != want.Name {
				continue
			}
			near = fmt.Sprintf("with %d queries, %d wasted, %d retries, %s, resolver %q", l.Queries, l.Wasted, l.Retries, l.Outcome, l.Resolver)
			if l.Queries == want.Queries && l.Wasted == want.Wasted && l.Retries == want.Retries &&
				l.Outcome.String() == want.Outcome && (l.Resolver == "" || l.Resolver == libcs[want.Libc]) {
				hit = i
				break
			}
		}
		if hit < 0 {
			r.complain("lookup of %s (%d queries, %d wasted, %d retries, %s, resolver %q) is shown %s",
				want.Name, want.Queries, want.Wasted, want.Retries, want.Outcome, libcs[want.Libc], near)
			continue
		}
		used[hit] = true
	}
}
