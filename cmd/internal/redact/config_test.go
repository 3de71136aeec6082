package redact

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// TestConfigs: what causes are told from stays of ConfigMaps, about other names and addresses, and nothing else.
func TestConfigs(t *testing.T) {
	r := testRedaction(&fact.Facts{})
	a, b := r.Addr(netip.MustParseAddr("10.1.2.3")), r.Addr(netip.MustParseAddr("fd00::53"))
	corp := r.Name("corp.acme")
	for _, c := range []struct {
		name       string
		data, want map[string]string
	}{
		{"nothing known", map[string]string{"acme": "acme", "Corefile ": "acme"}, map[string]string{}},
		{
			"calico, cilium",
			map[string]string{"veth_mtu": "1440", "mtu": "acme", "tunnel-port": " 7", "tunnel-protocol": "VXLAN", "routing-mode": "acme"},
			map[string]string{"veth_mtu": "1440", "tunnel-protocol": "vxlan"},
		},
		{
			"flannel",
			map[string]string{"net-conf.json": `{"Network": "10.244.0.0/16", "acme": 1, "Backend": {"Type": "vxlan", "Port": 8473, "acme": "acme"}}`},
			map[string]string{"net-conf.json": `{"Backend":{"Type":"vxlan","Port":8473}}`},
		},
		{"flannel's other backend", map[string]string{"net-conf.json": `{"Backend": {"Type": "acme"}}`}, map[string]string{}},
		{
			"CoreDNS",
			map[string]string{"Corefile": ".:53 { # acme\n  errors\n  hosts acme {\n    10.1.2.3 acme\n  }\n  forward . 10.1.2.3 tls://[fd00::53]:853 /acme ns.acme {\n    policy acme\n  }\n}\ntls://corp.acme:53, {\n  forward . 10.1.2.3:5353\n}\n"},
			map[string]string{"Corefile": ". {\nplugin {\n}\nforward . " + a.String() + " [" + b.String() + "]:853 /etc/resolv.conf " + r.Name("ns.acme") + " {\n}\n}\n" + corp + " {\nforward . " + a.String() + ":5353\n}\n"},
		},
	} {
		shown := r.Snapshot(&snapshot.Snapshot{Configs: []snapshot.ConfigMap{{Meta: snapshot.Meta{Namespace: "kube-system", Name: "coredns"}, Data: c.data}}})
		got := shown.Configs[0]
		if got.Namespace != "kube-system" || got.Name != "coredns" {
			t.Errorf("%s: %+v", c.name, got.Meta)
		}
		if d := cmp.Diff(c.want, got.Data); d != "" {
			t.Errorf("%s: -want +got\n%s", c.name, d)
		}
		for _, text := range got.Data {
			if strings.Contains(text, "acme") || strings.Contains(text, "10.1.2.3") {
				t.Errorf("%s: %q", c.name, text)
			}
		}
	}
}
