package policy

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// addrPort reads an address with or without a port.
func addrPort(s string) netip.AddrPort {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(a, 0)
	}
	return netip.MustParseAddrPort(s)
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixNano()

func sampleConnection() *fact.Connection {
	return &fact.Connection{
		ID: "node1:7", Proto: fact.TCP, Client: addrPort("10.244.1.5:33890"), Called: addrPort("10.96.0.50:443"), Service: addrPort("10.96.0.50:443"),
		KnownBy: fact.Translated, Backend: addrPort("10.244.2.8:8443"), Outcome: fact.OK, Phase: fact.PhaseClosed,
		Start: noon, End: noon + 3e9, Frames: 40, Handshake: 250e6,
		Flow: [2]fact.Flow{{Packets: 10, Bytes: 500, SYNs: 2, Retransmissions: 1}, {Packets: 9, Bytes: 9000, FIN: true}},
		Legs: []fact.Leg{
			{Src: addrPort("10.244.1.5:33890"), Dst: addrPort("10.96.0.50:443"), Node: "node1"},
			{Src: addrPort("10.244.1.5:33890"), Dst: addrPort("10.244.2.8:8443"), Node: "node1", After: -1},
		},
		Reset: &fact.Reset{From: fact.ToClient, ByNode: true},
		Errors: []fact.ICMPError{
			{Type: 3, Code: 4, MTU: 1450, Src: netip.MustParseAddr("192.168.1.10")},
		},
		Marks: []fact.Mark{{Kind: fact.MarkSYN, Ref: fact.Ref{Frame: 7}}, {Kind: fact.MarkSYNResend, Ref: fact.Ref{Frame: 9}}},
	}
}

func sampleLookup() *fact.Lookup {
	return &fact.Lookup{
		Client: netip.MustParseAddr("10.244.1.5"), Server: addrPort("10.96.0.10:53"), Backend: addrPort("10.244.2.3:53"), Name: "api.example.com",
		Resolver: "glibc", NdotsMin: 3, NdotsMax: -1, Search: []string{"svc.cluster.local"}, Queries: 8, Wasted: 6, Start: noon, Duration: 42e5, WastedTime: 31e5,
		Timeout: -1, Outcome: fact.LookupAnswered, Answer: []netip.Addr{netip.MustParseAddr("203.0.113.7")},
		Candidates: []fact.Candidate{{QName: "api.example.com.svc.cluster.local", Types: []string{"A", "AAAA"}, Rcode: "NXDOMAIN", Duration: 12e5}},
		First:      fact.Ref{Frame: 21}, Marks: []fact.Mark{{Kind: fact.MarkQuery, Ref: fact.Ref{Frame: 21}}},
	}
}

func sampleFindings() []rules.Finding {
	at := func(client, service string) rules.Affected {
		return rules.Affected{Place: rules.Place{Client: netip.MustParseAddr(client), Service: addrPort(service)}, Count: 2}
	}
	refused := []rules.Affected{at("10.244.1.5", "10.96.3.1:80"), at("10.244.1.6", "10.96.3.1:80")}
	return []rules.Finding{
		{
			ID: "svc-no-endpoints:0001", Rule: "svc-no-endpoints", Layer: rules.LayerService, Severity: rules.Critical, Certainty: rules.Shown, Title: "t",
			Place: refused[0].Place, Affected: refused, AffectedTotal: 2, First: noon, Last: noon + 1e9, Count: 4,
		},
		{ID: "cap-filtered:0002", Rule: "cap-filtered", Layer: rules.LayerCapture, Severity: rules.Info, Certainty: rules.Shown, Title: "f", First: noon, Last: noon, Count: 1},
	}
}

// TestConditions holds the results of conditions on the samples.
func TestConditions(t *testing.T) {
	for _, c := range []struct {
		over, when string
		want       bool
	}{
		{"connections", `outcome == "ok" && handshake_ms > 200 && service.port == 443`, true},
		{"connections", `handshake_ms > 250`, false},
		{"connections", `within(client, "10.244.0.0/16") and not within(backend, "10.244.1.0/24")`, true},
		{"connections", `within(snat, "0.0.0.0/0")`, false},
		{"connections", `snat.known or snat.ip != ""`, false},
		{"connections", `legs[1].after_ms > 0 or legs[1].after_ms <= 0`, false}, // not known
		{"connections", `known(legs[0].after_ms) and not known(legs[1].after_ms)`, true},
		{"connections", `any(errors, .mtu == 1450 && .src.ip == "192.168.1.10")`, true},
		{"connections", `reset.seen && reset.from == "server" && reset.by_node && !reset.in_handshake`, true},
		{"connections", `to_server.syns == 2 && to_client.bytes / to_client.packets == 1000 && retransmissions == 1`, true},
		{"connections", `"node1" in nodes && len(encap) == 0 && duration_ms == 3000`, true},
		{"connections", `start >= "2026-11-23T12:00" && start < "2026-11-23T12:01"`, true},
		{"connections", `called.ip startsWith "10.96." && count(legs, .node == "node1") == 2`, true},
		{"lookups", `name endsWith ".example.com" && wasted > 5 && ndots_min >= 3`, true},
		{"lookups", `ndots_max < 100 or ndots_max >= 100`, false},
		{"lookups", `name matches "^api\\." && "203.0.113.7" in answer && resolver in ["glibc", "musl"]`, true},
		{"lookups", `all(candidates, .rcode == "NXDOMAIN" && "AAAA" in .types && .ms < 2)`, true},
		{"lookups", `split(name, ".")[0] == "api" && lower(upper(name)) == name`, true},
	} {
		p := parse(t, fmt.Sprintf("rules:\n  - id: user-x\n    over: %s\n    when: %q\n    severity: info\n    layer: app\n    title: x\n", c.over, c.when))
		v := p.Review()
		v.Connection(sampleConnection())
		v.Lookup(sampleLookup())
		got := len(v.Findings(nil)) == 1
		if got != c.want || len(v.Remarks(noon)) > 0 {
			t.Errorf("%s: %v, want %v %v", c.when, got, c.want, v.Remarks(noon))
		}
	}
}

const slow = `rules:
  - id: user-slow
    over: connections
    when: handshake_ms > 200
    severity: critical
    layer: cni
    title: "slow handshake to {service}: {handshake_ms} ms, SNAT {snat}"
    explanation: "client {client.ip}"
    next_steps:
      - "kubectl get pods -A -o jsonpath='{.items[*].status.podIP}' | grep {backend.ip}  # ${HOME} {{service}}"
      - "ping {snat.ip}"
`

func TestUserFinding(t *testing.T) {
	v := parse(t, slow).Review()
	for i := range 1000 {
		c := sampleConnection()
		c.ID = fmt.Sprintf("node1:%d", i)
		if i%10 == 0 {
			c.Client = addrPort("10.244.1.9:1")
		}
		if i%100 == 0 {
			c.Called = addrPort("10.96.0.51:443")
			c.Service = c.Called
		}
		c.Marks = []fact.Mark{{Kind: fact.MarkSYN, Ref: fact.Ref{Frame: uint64(2*i + 1)}}, {Kind: fact.MarkSYNACK, Ref: fact.Ref{Frame: uint64(2*i + 2)}}}
		v.Connection(c)
	}
	found := v.Findings(nil)
	if len(found) != 2 {
		t.Fatalf("%d findings, want one for each Service", len(found))
	}
	f := found[1]
	if f.Count != 990 || len(f.Evidence) != rules.MaxEvidence || len(f.Connections) != rules.MaxConnections || f.AffectedTotal != 2 {
		t.Errorf("count %d, evidence %d, connections %d, places %d", f.Count, len(f.Evidence), len(f.Connections), f.AffectedTotal)
	}
	if f.Affected[0].Count != 900 || f.Client.String() != "10.244.1.5" || f.First != noon || f.Last != noon+3e9 {
		t.Errorf("%+v", f.Affected)
	}
	if f.Title != "slow handshake to 10.96.0.50:443: 250 ms, SNAT unknown" || f.Explanation != "client 10.244.1.5" {
		t.Errorf("%q, %q", f.Title, f.Explanation)
	}
	want := []string{"kubectl get pods -A -o jsonpath='{.items[*].status.podIP}' | grep 10.244.2.8  # ${HOME} {{service}}"}
	if diff := cmp.Diff(want, f.NextSteps); diff != "" {
		t.Error(diff)
	}
	if found[0].ID == f.ID || !strings.HasPrefix(f.ID, "user-slow:") {
		t.Errorf("ids %s and %s", f.ID, found[0].ID)
	}
}

// TestCrowded holds that a capture full of Services neither makes a report of as many findings nor loses count.
func TestCrowded(t *testing.T) {
	v := parse(t, slow).Review()
	for i := range 20_000 {
		c := sampleConnection()
		c.Service = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 96, byte(i >> 8), byte(i)}), 443)
		v.Connection(c)
	}
	found := v.Findings(nil)
	total := uint64(0)
	for i := range found {
		total += found[i].Count
	}
	if len(found) != maxGroups || total != 20_000 || !strings.HasSuffix(found[maxGroups-1].Title, " (and others)") {
		t.Errorf("%d findings with %d connections", len(found), total)
	}
	if r := v.Remarks(noon); len(r) != 1 || !strings.Contains(r[0], "more than 50 findings") {
		t.Errorf("%q", r)
	}
}

// TestHostileName holds that a name can't leave the word it stands in.
func TestHostileName(t *testing.T) {
	v := parse(t, `rules:
  - id: user-x
    over: lookups
    when: queries > 1
    severity: info
    layer: dns
    title: "{name}"
    next_steps: ["dig {name} @{server.ip}"]
`).Review()
	l := sampleLookup()
	l.Name = "$(reboot)'`x` {client}" + strings.Repeat("a", 300)
	v.Lookup(l)
	f := v.Findings(nil)[0]
	if want := `dig '$(reboot)'\''` + "`x` {client}" + strings.Repeat("a", 300-67); !strings.HasPrefix(f.NextSteps[0], want) || !strings.HasSuffix(f.NextSteps[0], "…' @10.96.0.10") {
		t.Errorf("%s", f.NextSteps[0])
	}
	for word, want := range map[string]string{"-rf": "-rf", "a b": "'a b'", "a.b-c:1": "a.b-c:1", "[fd00::1]:80": "[fd00::1]:80"} {
		if got := rules.ShellWord(word); got != want {
			t.Errorf("%s: %s", word, got)
		}
	}
}

// TestFailingCondition holds that a failed evaluation is counted and reported, and meets no condition.
func TestFailingCondition(t *testing.T) {
	v := parse(t, "rules:\n  - {id: user-x, over: connections, when: 'legs[5].node == \"\"', severity: info, layer: app, title: x}\n").Review()
	v.Connection(sampleConnection())
	v.Connection(sampleConnection())
	if found := v.Findings(nil); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	want := []string{"netsift.yaml:2: rule user-x could not be evaluated for 2 of the connections, which count as not meeting it: index out of range: 5 (array length is 2)"}
	if diff := cmp.Diff(want, v.Remarks(noon)); diff != "" {
		t.Error(diff)
	}
}

func TestOverFindings(t *testing.T) {
	v := parse(t, `select: all,-cap-*
severity: {svc-no-endpoints: warning}
rules:
  - {id: user-x, over: findings, when: 'severity == "warning" && affected_total > 1', severity: critical, layer: app, title: "{rule} at {affected[0].client}"}
  - {id: user-y, over: findings, when: 'rule startsWith "user-"', severity: critical, layer: app, title: no}
  - {id: user-z, over: findings, when: 'layer == "capture"', severity: critical, layer: app, title: no}
`).Review()
	found := v.Findings(sampleFindings())
	if len(found) != 2 || found[0].Severity != rules.Warning || found[1].Rule != "user-x" || found[1].Count != 4 || found[1].AffectedTotal != 2 {
		t.Errorf("%+v", found)
	}
}

func TestAtLeast(t *testing.T) {
	v := parse(t, "rules:\n  - {id: user-x, over: connections, when: loops == 0, severity: info, layer: app, title: x, at_least: 3}\n").Review()
	v.Connection(sampleConnection())
	v.Connection(sampleConnection())
	if found := v.Findings(nil); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	v.Connection(sampleConnection())
	if found := v.Findings(nil); len(found) != 1 {
		t.Errorf("%+v", found)
	}
}

// TestSuppression holds the effect of suppressions on the samples: a finding with two clients, and one about the capture.
func TestSuppression(t *testing.T) {
	for _, c := range []struct {
		name, file string
		left       string
		reasons    string
		remarks    string
	}{
		{"by rule", "[{rule: svc-no-endpoints, reason: moved}]", "cap-filtered", "moved", ""},
		{"by pattern", "[{rule: '*', reason: moved}]", "", "moved|moved", ""},
		{"by id", "[{rule: 'svc-no-endpoints:0001', reason: moved}]", "cap-filtered", "moved", ""},
		{"by another id", "[{rule: 'svc-no-endpoints:0009', reason: moved}]", "svc-no-endpoints cap-filtered", "", "netsift.yaml:1: the suppression of svc-no-endpoints:0009 matched nothing; remove it, or check its conditions"},
		{"by service", "[{rule: svc-*, service: '10.96.3.0/24:80', reason: moved}]", "cap-filtered", "moved", ""},
		{"by another port", "[{rule: svc-*, service: '10.96.3.0/24:81', reason: moved}]", "svc-no-endpoints cap-filtered", "", "netsift.yaml:1: the suppression of svc-* matched nothing; remove it, or check its conditions"},
		{"by one client of two", "[{rule: svc-*, client: 10.244.1.5, reason: moved}]", "svc-no-endpoints cap-filtered", "", "netsift.yaml:1: the suppression of svc-* fits some of the places of svc-no-endpoints:0001, which is reported because of the others"},
		{"client by client", "[{rule: svc-*, client: 10.244.1.5, reason: moved}, {rule: svc-no-endpoints, client: 10.244.1.6, reason: known}]", "cap-filtered", "moved; known", ""},
		{"in time", "[{rule: svc-*, reason: moved, until: 2026-11-23}]", "cap-filtered", "moved", ""},
		{"too late", "[{rule: svc-*, reason: moved, until: 2026-11-22}]", "svc-no-endpoints cap-filtered", "", "netsift.yaml:1: the suppression of svc-* expired after 2026-11-22, so that svc-no-endpoints:0001 is reported; renew it or remove it"},
		{"too late for nothing", "[{rule: tcp-loss, reason: moved, until: 2026-11-22}]", "svc-no-endpoints cap-filtered", "", "netsift.yaml:1: the suppression of tcp-loss expired after 2026-11-22; remove it"},
		{"a place where there is none", "[{rule: cap-*, client: 10.0.0.0/8, reason: x}]", "svc-no-endpoints cap-filtered", "", "netsift.yaml:1: the suppression of cap-* matched nothing; remove it, or check its conditions"},
	} {
		v := parse(t, "suppress: "+c.file+"\n").Review()
		var left, reasons []string
		for _, f := range v.Findings(sampleFindings()) {
			left = append(left, f.Rule)
		}
		for _, s := range v.Suppressed() {
			reasons = append(reasons, strings.Join(s.Reasons, "; "))
		}
		if got := strings.Join(left, " "); got != c.left {
			t.Errorf("%s: left are %s, want %s", c.name, got, c.left)
		}
		if got := strings.Join(reasons, "|"); got != c.reasons {
			t.Errorf("%s: reasons are %s, want %s", c.name, got, c.reasons)
		}
		if got := strings.Join(v.Remarks(noon+1e9), "|"); got != c.remarks {
			t.Errorf("%s: %s, want %s", c.name, got, c.remarks)
		}
	}
}

// TestMoreThanListed holds that a finding with more places than it lists is not suppressed by matches of the listed ones.
func TestMoreThanListed(t *testing.T) {
	f := sampleFindings()[:1]
	f[0].AffectedTotal = 101
	v := parse(t, "suppress: [{rule: svc-*, service: 10.96.3.1, reason: moved}]\n").Review()
	if left := v.Findings(f); len(left) != 1 {
		t.Error("it is suppressed")
	}
}

func TestNamePattern(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*.example.com", "api.Example.COM.", true},
		{"*.example.com", "a.b.example.com", true},
		{"*.example.com", "example.com", false},
		{"*", "a/b.c", true},
		{"a?b", "a/b", true},
		{"API.*", "api.x", true},
		{"*", "", false},
	} {
		name, err := parseName(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		p := place{name: name}
		if got := p.matches(rules.Place{Name: c.name}); got != c.want {
			t.Errorf("%s, %s: %v", c.pattern, c.name, got)
		}
	}
}

// example returns the example of the documentation.
func example(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "policy.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```yaml\n")
	block, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("docs/policy.md has no example")
	}
	return block
}

func BenchmarkConnection(b *testing.B) {
	p, err := Parse("netsift.yaml", []byte(slow))
	if err != nil {
		b.Fatal(err)
	}
	v, c := p.Review(), sampleConnection()
	b.ReportAllocs()
	for b.Loop() {
		v.Connection(c)
	}
}
