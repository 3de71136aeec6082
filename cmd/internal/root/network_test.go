package root

import (
	"net/netip"
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
		if r := New(&fact.Facts{}, snapshot.NewNames(s)).Find(f); r != nil {
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
		if r := New(&fact.Facts{}, snapshot.NewNames(s)).Find(f); r != nil {
			got, text = r.Kind, r.Text
		}
		if got != x.want {
			t.Errorf("%s: %q, not %q (%s)", x.name, got, x.want, text)
		}
	}
}
