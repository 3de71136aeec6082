package main

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/corpus/score"
)

// TestChains compares names of chains with those that kube-proxy gave in a cluster: a user of iptables-save has to
// find them.
func TestChains(t *testing.T) {
	for _, tc := range []struct{ prefix, name, proto, endpoint, want string }{
		{"KUBE-SEP-", "default/web-svc:http", "tcp", "10.244.2.8:8080", "KUBE-SEP-7Y5WJ5POT5DA62Z7"},
		{"KUBE-SEP-", "kube-system/kube-dns:dns", "udp", "10.244.2.2:53", "KUBE-SEP-TCIZBYBD3WWXNWF5"},
		{"KUBE-SVC-", "prod/api:http", "tcp", "", "KUBE-SVC-CHDJO776PRA6J5EO"},
		{"KUBE-EXT-", "default/np-cluster:http", "tcp", "", "KUBE-EXT-CIWBY36TDXEOMCDU"},
	} {
		if got := chain(tc.prefix, tc.name, tc.proto, tc.endpoint); got != tc.want {
			t.Errorf("the chain of %s %s is %s, want %s", tc.name, tc.endpoint, got, tc.want)
		}
	}
}

func TestRules(t *testing.T) {
	n := &node{number: 1}
	near, far := netip.MustParseAddrPort("10.244.1.6:8080"), netip.MustParseAddrPort("10.244.2.8:8080")
	for _, tc := range []struct {
		name string
		service
		want, not []string
	}{
		{
			"two endpoints",
			service{endpoints: []netip.AddrPort{near, far}},
			[]string{"--probability 0.5000000000 -j KUBE-SEP-", "--to-destination 10.244.1.6:8080", "-s 10.244.1.6/32", "! -s 10.244.0.0/16 -d 10.96.0.50/32"},
			[]string{"REJECT", "DROP\n-A KUBE-EXT"},
		},
		{"no endpoints", service{}, []string{"has no endpoints", "--reject-with icmp-port-unreachable"}, []string{"KUBE-SVC-"}},
		{"forgotten", service{endpoints: []netip.AddrPort{far}, forgotten: true}, nil, []string{"10.96.0.50", "KUBE-SVC-"}},
		{
			"NodePort",
			service{endpoints: []netip.AddrPort{far}, nodePort: 30080},
			[]string{"--dport 30080 -j KUBE-EXT-", "masquerade traffic for"},
			[]string{"has no local endpoints"},
		},
		{
			"local policy without a local endpoint",
			service{endpoints: []netip.AddrPort{far}, nodePort: 30080, local: true},
			[]string{"has no local endpoints", "--dport 30080 -j DROP"},
			[]string{"KUBE-SVL-"},
		},
		{
			"local policy with one",
			service{endpoints: []netip.AddrPort{near, far}, nodePort: 30080, local: true},
			[]string{"-j KUBE-SVL-"},
			[]string{"has no local endpoints"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.service.name, tc.vip = "default/web:http", web
			c := &cluster{services: []*service{&tc.service}}
			got := c.rules(n)
			for _, w := range tc.want {
				if !strings.Contains(got, w) {
					t.Errorf("%q is missing in\n%s", w, got)
				}
			}
			for _, w := range tc.not {
				if strings.Contains(got, w) {
					t.Errorf("%q should not be in\n%s", w, got)
				}
			}
			// iptables-restore refuses a jump to a chain that is not declared.
			for line := range strings.Lines(got) {
				_, to, _ := strings.Cut(strings.TrimSpace(line), "-j ")
				if to, _, _ = strings.Cut(to, " "); strings.HasPrefix(to, "KUBE-") && !strings.Contains(got, ":"+to+" ") {
					t.Errorf("chain %s is not declared", to)
				}
			}
		})
	}
}

func TestList(t *testing.T) {
	var names []string
	five := 0
	for _, s := range scenarios {
		if slices.Contains(names, s.name) || s.about == "" || s.play == nil {
			t.Errorf("scenario %q is twice there or not whole", s.name)
		}
		names = append(names, s.name)
		if s.ci {
			five++
		}
	}
	if five != 5 {
		t.Errorf("%d scenarios play in every run, want 5", five)
	}
	for key := range open {
		name, mode, _ := strings.Cut(key, "/")
		if !slices.Contains(names, name) || !slices.Contains(score.Modes, score.Mode(mode)) {
			t.Errorf("open names %s, which there is not", key)
		}
	}
	for _, n := range needs {
		for _, name := range n.scenarios {
			if !slices.Contains(names, name) {
				t.Errorf("%s is needed for %s, which there is not", n.program, name)
			}
		}
	}
}

// TestTruthRoundTrip shows that a truth survives its file, and which parts are compared.
func TestTruthRoundTrip(t *testing.T) {
	dir := t.TempDir()
	wrote := &truth{
		Scenario: "x", Layer: "service", Allow: []string{"cni-no-reply"},
		Expect: []expectation{{Rule: "svc-no-endpoints", Client: netip.MustParseAddr("10.244.1.5"), Service: web, Capture: "node1.pcap"}},
		Connections: []*connection{{
			Proto: "tcp", Client: netip.MustParseAddrPort("10.244.1.5:40000"), Service: web,
			SNAT: netip.MustParseAddr("10.244.1.1"), SNATPort: 5000, Outcome: "ok",
		}},
		Lookups: []lookup{{Client: netip.MustParseAddr("10.244.1.5"), Name: "web", Queries: 2, Outcome: "answered", Resolver: "musl"}},
	}
	if err := wrote.write(dir); err != nil {
		t.Fatal(err)
	}
	got, err := readTruth(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := got.compared()
	if c.Layer != "service" || c.LayerOpen || len(c.Expect) != 1 || c.Expect[0].Service != web || c.Expect[0].Severity == 0 {
		t.Errorf("expected findings became %+v", c)
	}
	if len(c.Connections) != 1 || c.Connections[0].SNAT.String() != "10.244.1.1:5000" || c.Connections[0].Backend.IsValid() {
		t.Errorf("connections became %+v", c.Connections)
	}
	if len(c.Lookups) != 1 || c.Lookups[0].Queries != 2 || c.Lookups[0].Libc == 0 {
		t.Errorf("lookups became %+v", c.Lookups)
	}
	if got.client().String() != "10.244.1.5" {
		t.Errorf("the client is %v", got.client())
	}
}
