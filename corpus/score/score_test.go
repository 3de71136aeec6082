package score

import (
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// open lists known errors, by case and mode ("name/mode"), with the reason; such a case may not be good, and
// when it is, its line has to go.
var open = map[string]string{}

// scored is how netsift did on a case in one way.
type scored struct {
	c      cases.Case
	mode   Mode
	result Result
}

// scores tries every case in every way, once for all tests.
var scores = func() func(*testing.T) []scored {
	var once sync.Once
	var all []scored
	return func(t *testing.T) []scored {
		once.Do(func() {
			for _, mode := range Modes {
				for _, c := range cases.All() {
					r, err := Run(t.Context(), c, mode)
					if err != nil {
						r.complain("%v", err)
					}
					all = append(all, scored{c, mode, r})
				}
			}
		})
		return all
	}
}()

func TestScore(t *testing.T) {
	board := NewBoard()
	for _, s := range scores(t) {
		board.Add(s.mode, s.result)
		key := s.c.Name + "/" + string(s.mode)
		reason, known := open[key]
		if s.result.Good() {
			if known {
				t.Errorf("%s is listed as open (%s), and is good: take it off the list", key, reason)
			}
			continue
		}
		t.Run(key, func(t *testing.T) {
			text := s.c.About + "\n" + strings.Join(s.result.Complaints, "\n")
			if known {
				t.Log(text)
			} else {
				t.Error(text)
			}
		})
	}
	lab := readLab(t)
	t.Logf("\n%s\nThe lab, as recorded on %s with Linux %s (make lab plays it again):\n\n%s", board, lab.Date, lab.Kernel, lab.Board)
}

// TestCompare shows that the comparison finds errors: one that never objects would let everything pass.
func TestCompare(t *testing.T) {
	client, service, backend := netip.MustParseAddrPort("10.244.1.5:4000"), netip.MustParseAddrPort("10.96.0.50:80"), netip.MustParseAddrPort("10.244.2.8:8080")
	at := rules.Place{Client: client.Addr(), Service: service, Backend: backend}
	truth := cases.Truth{
		Layer:       rules.LayerApp,
		Expect:      []cases.Expected{{Rule: "app-refused", Place: at}},
		Forbid:      []string{"svc-hairpin"},
		Connections: []cases.Connection{{Client: client, Service: service, Backend: backend, Outcome: "refused"}},
		Lookups:     []*build.Lookup{{Client: client.Addr(), Name: "web", Queries: 2, Outcome: "answered"}},
		Roles:       map[netip.Addr]fact.AddressRole{client.Addr(): fact.RoleUnknown},
	}
	perfect := func() *Answer {
		return &Answer{
			Facts: &fact.Facts{Captures: []fact.Capture{{Frames: 10}}},
			Findings: []rules.Finding{{
				Rule: "app-refused", Severity: rules.Critical, Place: at, Evidence: []rules.Evidence{{Ref: fact.Ref{Frame: 3}}},
			}},
			Verdict:     rules.Verdict{Layer: rules.LayerApp},
			Connections: []fact.Connection{{Proto: fact.TCP, Client: client, Called: service, Service: service, Backend: backend, Outcome: fact.Refused}},
			Lookups:     []fact.Lookup{{Client: client.Addr(), Name: "web", Queries: 2, Outcome: fact.LookupAnswered, Resolver: "glibc"}},
		}
	}
	for _, tc := range []struct {
		name, want string
		change     func(*Answer)
	}{
		{"perfect", "", func(*Answer) {}},
		{"info beside", "", func(a *Answer) {
			a.Findings = append(a.Findings, rules.Finding{Rule: "dns-slow", Severity: rules.Info, Evidence: []rules.Evidence{{Ref: fact.Ref{Frame: 1}}}})
		}},
		{"nothing found", "app-refused was missed", func(a *Answer) { a.Findings = nil }},
		{"elsewhere", "reported elsewhere", func(a *Answer) { a.Findings[0].Backend = service }},
		{"only among the affected", "", func(a *Answer) {
			a.Findings[0].Affected = []rules.Affected{{Place: at}}
			a.Findings[0].Backend = service
		}},
		{"false alarm", "tcp-loss is a false alarm", func(a *Answer) {
			a.Findings = append(a.Findings, rules.Finding{Rule: "tcp-loss", Severity: rules.Warning})
		}},
		{"forbidden info", "svc-hairpin is a false alarm", func(a *Answer) {
			a.Findings = append(a.Findings, rules.Finding{Rule: "svc-hairpin", Severity: rules.Info})
		}},
		{"no evidence", "cites no frame", func(a *Answer) { a.Findings[0].Evidence[0].Frame = 11 }},
		{"wrong verdict", "the verdict blames", func(a *Answer) { a.Verdict.Layer = rules.LayerCNI }},
		{"wrong outcome", "is shown as service", func(a *Answer) { a.Connections[0].Outcome = fact.Hang }},
		{"not shown", "not at all", func(a *Answer) { a.Connections = nil }},
		{"shown twice", "of its own", func(a *Answer) { a.Connections = append(a.Connections, a.Connections[0]) }},
		{"taken for a node", "is taken for", func(a *Answer) {
			a.Facts.Addresses = []fact.Address{{Addr: client.Addr(), Role: fact.RoleNode}}
		}},
		{"retries miscounted", "lookup of web", func(a *Answer) { a.Lookups[0].Retries = 1 }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := perfect()
			tc.change(a)
			r := Compare(&truth, a)
			got := strings.Join(r.Complaints, "\n")
			if tc.want == "" && !r.Good() || !strings.Contains(got, tc.want) {
				t.Errorf("complaints are %q, want %q", got, tc.want)
			}
		})
	}
}

func TestPasses(t *testing.T) {
	s := cases.Scene{}
	s.Start(build.Options{})
	s.Client.Get(s.Web.VIP())
	kept := func(ports ...uint16) int {
		file := s.Nodes[0].Capture(build.Form{Filter: func(d []byte) bool { return passes(d, s.Client.Addr(), ports...) }})
		return len(file)
	}
	// Only the frames with the Service's own port are left: neither the translated leg nor the tunnel.
	if empty, some, most := kept(1), kept(80), kept(80, 8080); empty != 24 || some <= empty || most <= some {
		t.Errorf("the filtered captures have %d, %d and %d bytes", empty, some, most)
	}
}
