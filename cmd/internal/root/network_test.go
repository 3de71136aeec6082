package root

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/rules"
)

// TestPolicyPassed: a policy is a cause where packets vanish as it has them vanish, and contradicted where they pass it.
func TestPolicyPassed(t *testing.T) {
	ingress := snapshot.NetworkPolicy{Meta: meta("shop", "in", ""), Ingress: true, Pods: snapshot.Selector{Labels: map[string]string{"app": "web"}}}
	egress := snapshot.NetworkPolicy{Meta: meta("shop", "out", ""), Egress: true, Pods: snapshot.Selector{Labels: map[string]string{"app": "client"}}}
	allowing := egress
	allowing.EgressRules = []snapshot.PolicyRule{{Ports: []snapshot.PolicyPort{{Protocol: "TCP", Port: snapshot.PortOrName{Port: 8000}, End: 8080}}}}
	short := egress
	short.EgressRules = []snapshot.PolicyRule{{Ports: []snapshot.PolicyPort{{Protocol: "TCP", Port: snapshot.PortOrName{Port: 8000}, End: 8079}}}}
	arrived := []fact.Leg{seen("node1", decode.DirIn, fact.Veth), seen("node2", decode.DirIn, fact.TunnelDevice)}
	toPod := seen("node2", decode.DirOut, fact.Veth)
	toPod.Views[0].Role.Pod = addr("10.244.2.8")
	delivered := append(arrived[:2:2], toPod)
	for _, x := range []struct {
		name   string
		policy snapshot.NetworkPolicy
		after  string
		legs   []fact.Leg
		want   string
	}{
		{"ingress, and they end on the backend's node", ingress, "node2", arrived, "network-policy"},
		{"ingress, and they go out to the pod", ingress, "node2", delivered, "contradicted"},
		{"ingress, and they never arrive", ingress, "node1", arrived[:1], ""},
		{"egress, and they end on the client's node", egress, "node1", arrived[:1], "network-policy"},
		{"egress, and they arrive", egress, "node2", arrived, "contradicted"},
		{"egress that allows the port", allowing, "node1", arrived[:1], ""},
		{"egress that allows the ports below", short, "node1", arrived[:1], "network-policy"},
	} {
		s := world()
		s.Policies = []snapshot.NetworkPolicy{x.policy}
		f := call("cni-no-reply", x.legs...)
		f.Where = &fact.Where{Flow: fact.ToServer, After: fact.Viewpoint{Node: x.after}}
		got, text := "", ""
		if r := Find(f, &fact.Facts{}, snapshot.NewNames(s)); r != nil {
			got, text = r.Kind, r.Text
		}
		if got != x.want {
			t.Errorf("%s: %q, not %q (%s)", x.name, got, x.want, text)
		}
	}
}

// TestEndpoints: which Service's the pods of another namespace are, and on which node a caller is, counts.
func TestEndpoints(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(*snapshot.Snapshot, *rules.Finding)
		want   string
	}{
		{"stray pods elsewhere", func(s *snapshot.Snapshot, _ *rules.Finding) { s.Pods[1].Namespace = "other" }, "other-namespace"},
		{"another Service's pods elsewhere", func(s *snapshot.Snapshot, _ *rules.Finding) {
			s.Pods[1].Namespace = "other"
			twin := s.Services[0]
			twin.Namespace, twin.Addresses = "other", []netip.Addr{addr("10.96.0.99")}
			s.Services = append(s.Services, twin)
		}, "no-pods"},
		{"ready", func(*snapshot.Snapshot, *rules.Finding) {}, "proxy-stale"},
		{"local, and the client's node has none", func(s *snapshot.Snapshot, _ *rules.Finding) { s.Services[0].InternalPolicy = "Local" }, "local-policy"},
		{"local, and the caller is a node", func(s *snapshot.Snapshot, f *rules.Finding) {
			s.Services[0].InternalPolicy, f.Client = "Local", addr("192.168.1.10")
		}, "local-policy"},
		{"local, and the caller is not known", func(s *snapshot.Snapshot, f *rules.Finding) {
			s.Services[0].InternalPolicy, f.Client = "Local", addr("203.0.113.9")
		}, ""},
		{"local, and the caller's node has one", func(s *snapshot.Snapshot, f *rules.Finding) {
			s.Services[0].InternalPolicy, f.Client = "Local", addr("192.168.1.11")
		}, "proxy-stale"},
	} {
		s, f := world(), call("svc-no-endpoints")
		x.change(s, f)
		got, text := "", ""
		if r := Find(f, &fact.Facts{}, snapshot.NewNames(s)); r != nil {
			got, text = r.Kind, r.Text
		}
		if got != x.want {
			t.Errorf("%s: %q, not %q (%s)", x.name, got, x.want, text)
		}
	}
}

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
