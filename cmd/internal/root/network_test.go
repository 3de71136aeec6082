package root

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/rules"
)

func TestUntranslated(t *testing.T) {
	for _, x := range []struct {
		called     string
		created    int64
		kind, says string
	}{
		{"10.96.0.77:80", 0, "no-such-service", "10.96.0.77"},
		{"10.96.0.50:81", 0, "port-mismatch", "81"},
		{"10.96.0.50:80", 9e9, "rule-later", "shop/catalog"},
		{"10.96.0.50:80", 0, "", ""},
		{"203.0.113.7:80", 0, "", ""},
		{"10.244.1.5:80", 0, "", ""}, // a pod's
	} {
		s := dnsCluster("True")
		s.Services[1].Created = x.created
		for _, rule := range []string{"svc-no-dnat", "ct-syn-stale"} {
			f := &rules.Finding{Rule: rule, First: 5e9, Last: 6e9}
			f.Client, f.Service = netip.MustParseAddr("10.244.1.5"), netip.MustParseAddrPort(x.called)
			r := Find(f, &fact.Facts{}, snapshot.NewNames(s))
			if r == nil {
				r = &fact.Root{}
			}
			if r.Kind != x.kind || !strings.Contains(r.Text, x.says) {
				t.Errorf("%s to %s: %q (%s), want %q with %q", rule, x.called, r.Kind, r.Text, x.kind, x.says)
			}
		}
	}
}

func TestDuplicateAddress(t *testing.T) {
	address := netip.MustParseAddr("10.244.2.8")
	pod := func(name, node string) snapshot.Pod {
		return snapshot.Pod{Meta: meta("shop", name, name), Node: node, Phase: "Running", Addresses: []netip.Addr{address}}
	}
	late, over := pod("late", "node2"), pod("over", "node2")
	late.Created = 9e9
	over.Created, over.Phase = 1, "Succeeded"
	node := snapshot.Node{Meta: meta("", "node3", ""), Addresses: []netip.Addr{address}}
	for _, x := range []struct {
		name  string
		pods  []snapshot.Pod
		nodes []snapshot.Node
		says  string
	}{
		{"two pods", []snapshot.Pod{pod("a", "node1"), pod("b", "node2")}, nil, "shop/b on node2"},
		{"one", []snapshot.Pod{pod("a", "node1")}, nil, ""},
		{"one came later", []snapshot.Pod{pod("a", "node1"), late}, nil, ""},
		{"one had ended", []snapshot.Pod{pod("a", "node1"), over}, nil, ""},
		{"a pod and a node", []snapshot.Pod{pod("a", "node1")}, []snapshot.Node{node}, "node3"},
		{"none", nil, []snapshot.Node{node}, ""},
	} {
		f := &rules.Finding{Rule: "cni-duplicate-ip", First: 5e9, Last: 6e9}
		f.Backend = netip.AddrPortFrom(address, 0)
		r := Find(f, &fact.Facts{}, snapshot.NewNames(&snapshot.Snapshot{Pods: x.pods, Nodes: x.nodes}))
		if (r != nil) != (x.says != "") || r != nil && (r.Kind != "duplicate-address" || !strings.Contains(r.Text, x.says)) {
			t.Errorf("%s: %+v", x.name, r)
		}
	}
}

func TestTunnelPort(t *testing.T) {
	for _, x := range []struct {
		name, key, value string
		want             bool
	}{
		{"flannel's other port", "net-conf.json", `{"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan", "Port": 4789}}`, true},
		{"flannel's port", "net-conf.json", `{"Backend": {"Type": "vxlan", "Port": 8472}}`, false},
		{"flannel without a port", "net-conf.json", `{"Backend": {"Type": "vxlan"}}`, false},
		{"flannel without tunnels", "net-conf.json", `{"Backend": {"Type": "host-gw", "Port": 4789}}`, false},
		{"no JSON", "net-conf.json", `{`, false},
		{"Cilium's other port", "tunnel-port", "8473", true},
		{"Cilium's own choice", "tunnel-port", "0", false},
		{"no number", "tunnel-port", "many", false},
	} {
		s := &snapshot.Snapshot{Configs: []snapshot.ConfigMap{{Meta: meta("kube-system", "c", ""), Data: map[string]string{x.key: x.value}}}}
		f := &rules.Finding{Rule: "cni-tunnel-oneway", Example: &fact.Connection{Legs: []fact.Leg{{Encap: []fact.Encap{{Port: 8472}}}}}}
		if r := Find(f, &fact.Facts{}, snapshot.NewNames(s)); (r != nil) != x.want || r != nil && r.Kind != "port-config" {
			t.Errorf("%s: %+v", x.name, r)
		}
	}
}
