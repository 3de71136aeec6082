package policy

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// mirror is a disguise in which 10.244.1.5 is 10.0.0.5, and all names are x.
type mirror struct{}

func (mirror) Connection(c *fact.Connection) *fact.Connection {
	x := *c
	x.ID, x.Client = "capture1:7", addrPort("10.0.0.5:33890")
	x.Service, x.Called, x.Backend = addrPort("10.0.0.50:443"), addrPort("10.0.0.50:443"), addrPort("10.0.0.8:8443")
	return &x
}

func (mirror) Lookup(l *fact.Lookup) *fact.Lookup {
	x := *l
	x.Client, x.Name = netip.MustParseAddr("10.0.0.5"), "x"
	return &x
}

// shown returns the sample findings as mirror shows them.
func shown() []rules.Finding {
	list := sampleFindings()
	f := &list[0]
	f.ID = "svc-no-endpoints:ffff"
	for i := range f.Affected {
		f.Affected[i].Client, f.Affected[i].Service = netip.AddrFrom4([4]byte{10, 0, 0, byte(5 + i)}), addrPort("10.0.0.51:80")
	}
	f.Place = f.Affected[0].Place
	return list
}

func disguised(t *testing.T, text string) (*Review, []rules.Finding) {
	t.Helper()
	v := parse(t, text).DisguisedReview(mirror{})
	v.Connection(sampleConnection())
	v.Lookup(sampleLookup())
	list, err := v.DisguisedFindings(sampleFindings(), shown())
	if err != nil {
		t.Fatal(err)
	}
	return v, list
}

// TestDisguisedConditions holds that conditions look at the originals, and findings show the disguise and none of the user's words.
func TestDisguisedConditions(t *testing.T) {
	_, list := disguised(t, `rules:
  - {id: user-off, over: lookups, when: 'true', severity: info, layer: dns, title: off}
  - {id: user-acme, over: connections, when: 'client.ip == "10.244.1.5"', severity: info, layer: cni, title: "acme {client}", next_steps: "ping {client}"}
  - {id: user-lookup, over: lookups, when: 'name == "api.example.com"', severity: info, layer: dns, title: "acme {name}", group_by: name}
  - {id: user-found, over: findings, when: 'within(client, "10.244.0.0/16") and id == "svc-no-endpoints:0001"', severity: info, layer: dns, title: "acme {title}"}
severity: {user-off: off}
`)
	if len(list) != 5 {
		t.Fatalf("%d findings: %+v", len(list), list)
	}
	for i, want := range []struct{ rule, client, name string }{{"user-2", "10.0.0.5", ""}, {"user-3", "10.0.0.5", "x"}, {"user-4", "10.0.0.5", ""}} {
		f := &list[2+i]
		if f.Rule != want.rule || f.Client.String() != want.client || f.Name != want.name || !strings.HasPrefix(f.ID, want.rule+":") {
			t.Errorf("%+v, want %v", f, want)
		}
		if text := strings.Join(append(append(f.Because, f.NextSteps...), f.Title, f.Explanation), "\n"); strings.Contains(text, "acme") || strings.Contains(text, "10.244") || strings.Contains(text, "api.") {
			t.Errorf("%s says %s", f.Rule, text)
		}
	}
}

// TestDisguisedSuppressions holds that suppressions match the originals, by address, network, name and id.
func TestDisguisedSuppressions(t *testing.T) {
	for what, want := range map[string]int{
		"service: 10.96.3.0/24:80":      1,
		"service: 10.0.0.0/24":          2,
		"client: 10.244.1.5":            2, // one of two places
		"rule: 'svc-no-endpoints:0001'": 1,
		"rule: 'svc-no-endpoints:ffff'": 2,
	} {
		if !strings.HasPrefix(what, "rule") {
			what = "rule: svc-*, " + what
		}
		v, list := disguised(t, "suppress:\n  - {"+what+", reason: acme}\n")
		if len(list) != want {
			t.Errorf("%s leaves %d findings, want %d", what, len(list), want)
		}
		for _, s := range v.Suppressed() {
			if s.ID != "svc-no-endpoints:ffff" || strings.Join(s.Reasons, "") != Hidden {
				t.Errorf("%s: %+v", what, s)
			}
		}
	}
}

// TestDisguisedOthers holds that a policy is not applied to findings that are others.
func TestDisguisedOthers(t *testing.T) {
	others := shown()
	others[0].Count++
	p := parse(t, "suppress:\n  - {rule: svc-*, service: 10.96.3.0/24, reason: r}\n")
	if _, err := p.DisguisedReview(mirror{}).DisguisedFindings(sampleFindings(), others); !errors.Is(err, ErrDisguised) {
		t.Error(err)
	}
	if _, err := p.DisguisedReview(mirror{}).DisguisedFindings(sampleFindings(), others[:1]); !errors.Is(err, ErrDisguised) {
		t.Error(err)
	}
	// One that speaks of rules only can't be wrong about them.
	list, err := parse(t, "severity: {svc-no-endpoints: off}\n").DisguisedReview(mirror{}).DisguisedFindings(sampleFindings(), others)
	if err != nil || len(list) != 1 {
		t.Error(list, err)
	}
}

// TestDisguisedRules holds that the list of rules has none of the user's words either.
func TestDisguisedRules(t *testing.T) {
	p := parse(t, slow+"severity: {user-slow: warning}\n")
	list := p.Disguised()
	r := list[len(list)-1]
	if r.ID != "user-1" || r.Severity != rules.Warning || !r.On || strings.Contains(r.Title+r.Text+r.Needs+strings.Join(r.NextSteps, ""), "handshake") {
		t.Errorf("%+v", r.Rule)
	}
	if p.Rules[0].Rule.ID != "user-slow" || len(list) != len(p.Effective()) {
		t.Error("the policy itself is changed")
	}
}
