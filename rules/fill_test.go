package rules

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// TestStepsAreFilled: what a finding knows is in its steps, and no step is left with a gap.
func TestStepsAreFilled(t *testing.T) {
	full := Place{
		Client: netip.MustParseAddr("10.244.1.5"), Service: netip.MustParseAddrPort("10.96.0.50:80"), Backend: netip.MustParseAddrPort("10.244.2.8:8080"),
		Server: netip.MustParseAddrPort("10.96.0.10:53"), Name: "api.example.com",
	}
	nodes := []netip.Addr{netip.MustParseAddr("192.168.1.10"), netip.MustParseAddr("192.168.1.11")}
	for _, r := range Catalogue() {
		for _, f := range []Finding{{Place: full, Nodes: nodes}, {Place: full, Nodes: nodes, Recovered: 1}, {Place: Place{Client: full.Client}}, {}} {
			f.NextSteps = r.NextSteps
			all := len(f.NextSteps)
			f = f.fill()
			for _, step := range f.NextSteps {
				if placeholder.MatchString(step) || strings.Contains(step, "invalid") && strings.Contains(step, "AddrPort") {
					t.Errorf("%s: %q was not filled", r.ID, step)
				}
			}
			changes := slices.ContainsFunc(f.NextSteps, func(s string) bool { return strings.Contains(s, careful) })
			switch {
			case f.Recovered != 0 && changes:
				t.Errorf("%s: the traffic works again, and a step would change something: %q", r.ID, f.NextSteps)
			case f.Recovered == 0 && f.Name != "" && len(f.NextSteps) != all:
				t.Errorf("%s: %d of %d steps of a finding that knows everything", r.ID, len(f.NextSteps), all)
			}
		}
	}
}

func TestServiceAsListed(t *testing.T) {
	for called, want := range map[string]string{
		"10.96.0.50:80": "10.96.0.50", "192.168.1.10:30080": "30080", "[fd00:96::50]:443": "fd00:96::50",
	} {
		if got := shown(netip.MustParseAddrPort(called)); got != want {
			t.Errorf("kubectl get svc shows %s of %s, not %s", want, called, got)
		}
	}
}
