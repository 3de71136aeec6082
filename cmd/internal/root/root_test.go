package root

import (
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/rules"
)

func meta(namespace, name, app string) snapshot.Meta {
	return snapshot.Meta{Namespace: namespace, Name: name, Labels: map[string]string{"app": app}, File: "f"}
}

// TestPolicy holds the evaluation of policies against the API's definition: a client of namespace shop speaks to port 8080, named http, of pod
// web there.
func TestPolicy(t *testing.T) {
	client := &snapshot.Pod{Meta: meta("shop", "client", "client")}
	web := &snapshot.Pod{Meta: meta("shop", "web", "web"), Containers: []snapshot.Container{{Ports: []snapshot.ContainerPort{{Name: "http", Port: 8080, Protocol: "TCP"}}}}}
	app := func(name string) *snapshot.Selector {
		return &snapshot.Selector{Labels: map[string]string{"app": name}}
	}
	other := &snapshot.Selector{Labels: map[string]string{nameLabel: "other"}}
	shop := &snapshot.Selector{Expressions: []snapshot.Expression{{Key: nameLabel, Operator: "In", Values: []string{"shop", "x"}}}}
	rule := func(peers []snapshot.PolicyPeer, ports ...snapshot.PolicyPort) []snapshot.PolicyRule {
		return []snapshot.PolicyRule{{Peers: peers, Ports: ports}}
	}
	peers := func(p ...snapshot.PolicyPeer) []snapshot.PolicyPeer { return p }
	block := func(b string, except ...string) snapshot.PolicyPeer {
		p := snapshot.PolicyPeer{Block: netip.MustParsePrefix(b)}
		for _, e := range except {
			p.Except = append(p.Except, netip.MustParsePrefix(e))
		}
		return p
	}
	for _, test := range []struct {
		name    string
		policy  snapshot.NetworkPolicy
		blocked bool
	}{
		{"no rules", snapshot.NetworkPolicy{Ingress: true}, true},
		{"of the other direction", snapshot.NetworkPolicy{Egress: true}, false},
		{"an empty rule", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(nil)}, false},
		{"another pod", snapshot.NetworkPolicy{Ingress: true, Pods: *app("db")}, false},
		{"another namespace", snapshot.NetworkPolicy{Meta: meta("other", "p", ""), Ingress: true}, false},
		{"all pods of the namespace", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(peers(snapshot.PolicyPeer{Pods: &snapshot.Selector{}}))}, false},
		{"other pods", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(peers(snapshot.PolicyPeer{Pods: app("admin")}))}, true},
		{"its namespace", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(peers(snapshot.PolicyPeer{Namespaces: shop}))}, false},
		{"another one", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(peers(snapshot.PolicyPeer{Namespaces: other}))}, true},
		{"by labels of a namespace that the snapshot lacks", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(peers(snapshot.PolicyPeer{Namespaces: app("x")}))}, false},
		{"both together", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(peers(snapshot.PolicyPeer{Namespaces: other, Pods: app("client")}))}, true},
		{"both apart", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(peers(snapshot.PolicyPeer{Namespaces: other}, snapshot.PolicyPeer{Pods: app("client")}))}, false},
		{"a block", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(peers(block("10.244.0.0/16")))}, false},
		{"a block but for it", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(peers(block("10.244.0.0/16", "10.244.1.0/24")))}, true},
		{"the port", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(nil, snapshot.PolicyPort{Protocol: "TCP", Port: snapshot.PortOrName{Port: 8080}})}, false},
		{"a named port", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(nil, snapshot.PolicyPort{Protocol: "TCP", Port: snapshot.PortOrName{Name: "http"}})}, false},
		{"another name", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(nil, snapshot.PolicyPort{Protocol: "TCP", Port: snapshot.PortOrName{Name: "metrics"}})}, true},
		{"a range", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(nil, snapshot.PolicyPort{Protocol: "TCP", Port: snapshot.PortOrName{Port: 8000}, End: 9000})}, false},
		{"another protocol", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(nil, snapshot.PolicyPort{Protocol: "UDP"})}, true},
		{"all of the protocol", snapshot.NetworkPolicy{Ingress: true, IngressRules: rule(nil, snapshot.PolicyPort{Protocol: "TCP"})}, false},
	} {
		if test.policy.Namespace == "" {
			test.policy.Meta = meta("shop", "p", "")
		}
		a := &asked{Causes: New(nil, snapshot.NewNames(&snapshot.Snapshot{Policies: []snapshot.NetworkPolicy{test.policy}})), finding: &rules.Finding{}}
		from, to := peer{netip.MustParseAddr("10.244.1.5"), client}, port{8080, "TCP", web}
		if got := a.blocked(web, from, to, false) != nil; got != test.blocked {
			t.Errorf("%s: blocked is %v", test.name, got)
		}
		onHost := *web
		onHost.HostNetwork = true
		if a.blocked(&onHost, from, to, false) != nil {
			t.Errorf("%s: a pod in the network of its host is blocked", test.name)
		}
	}
}

// TestPolicyEgress holds the evaluation of rules for egress: pod client of namespace shop speaks to port 8080, named http, of pod web there, to the
// same of a pod in the network of its host, or to an address outside.
func TestPolicyEgress(t *testing.T) {
	selects := func(app string) *snapshot.Selector { return &snapshot.Selector{Labels: map[string]string{"app": app}} }
	operator := func(op string, values ...string) *snapshot.Selector {
		return &snapshot.Selector{Expressions: []snapshot.Expression{{Key: "app", Operator: op, Values: values}}}
	}
	peers := func(p ...snapshot.PolicyPeer) []snapshot.PolicyRule { return []snapshot.PolicyRule{{Peers: p}} }
	ports := func(p ...snapshot.PolicyPort) []snapshot.PolicyRule { return []snapshot.PolicyRule{{Ports: p}} }
	number := func(from, to uint16) snapshot.PolicyPort {
		return snapshot.PolicyPort{Protocol: "TCP", Port: snapshot.PortOrName{Port: from}, End: to}
	}
	name := func(s string) snapshot.PolicyPort {
		return snapshot.PolicyPort{Protocol: "TCP", Port: snapshot.PortOrName{Name: s}}
	}
	block := func(b string, except ...string) snapshot.PolicyPeer {
		p := snapshot.PolicyPeer{Block: prefix(b)}
		for _, e := range except {
			p.Except = append(p.Except, prefix(e))
		}
		return p
	}
	var nobody []snapshot.PolicyRule
	named := &snapshot.Selector{Labels: map[string]string{"team": "shop"}}
	for _, test := range []struct {
		name  string
		rules []snapshot.PolicyRule
		// web, host and outside say whether that may be spoken to.
		web, host, outside bool
	}{
		{"no rules", nobody, false, false, false},
		{"an empty rule", peers(), true, true, true},
		{"its pods", peers(snapshot.PolicyPeer{Pods: selects("web")}), true, false, false},
		{"all pods", peers(snapshot.PolicyPeer{Pods: &snapshot.Selector{}}), true, false, false},
		{"all namespaces", peers(snapshot.PolicyPeer{Namespaces: &snapshot.Selector{}}), true, false, false},
		{"a namespace by its own label", peers(snapshot.PolicyPeer{Namespaces: named}), true, false, false},
		{"its namespace and pods", peers(snapshot.PolicyPeer{Namespaces: named, Pods: selects("web")}), true, false, false},
		{"its namespace and others", peers(snapshot.PolicyPeer{Namespaces: named, Pods: selects("db")}), false, false, false},
		{"In", peers(snapshot.PolicyPeer{Pods: operator("In", "db", "web")}), true, false, false},
		{"NotIn", peers(snapshot.PolicyPeer{Pods: operator("NotIn", "web")}), false, false, false},
		{"Exists", peers(snapshot.PolicyPeer{Pods: operator("Exists")}), true, false, false},
		{"DoesNotExist", peers(snapshot.PolicyPeer{Pods: operator("DoesNotExist")}), false, false, false},
		{"an operator that there is not", peers(snapshot.PolicyPeer{Pods: operator("Equals", "web")}), false, false, false},
		{"everything by address", peers(block("0.0.0.0/0")), true, true, true},
		{"by address, the cluster's left out", peers(block("0.0.0.0/0", "10.0.0.0/8", "192.168.0.0/16")), false, false, true},
		{"one address", peers(block("203.0.113.9/32")), false, false, true},
		{"of the other family", peers(block("::/0")), false, false, false},
		{"one block or the other", peers(block("192.168.0.0/16"), block("203.0.113.0/24")), false, true, true},
		{"the port", ports(number(8080, 0)), true, true, true},
		{"another port", ports(number(80, 0)), false, false, false},
		{"a range that ends with it", ports(number(8000, 8080)), true, true, true},
		{"a range that begins with it", ports(number(8080, 9000)), true, true, true},
		{"a range before it", ports(number(8000, 8079)), false, false, false},
		{"a range after it", ports(number(8081, 9000)), false, false, false},
		{"one of several", ports(number(53, 0), number(8080, 0)), true, true, true},
		{"its name", ports(name("http")), true, false, false},
		{"a name that it has not", ports(name("https")), false, false, false},
		{"a peer of one rule, a port of another", []snapshot.PolicyRule{
			{Peers: []snapshot.PolicyPeer{{Pods: selects("web")}}, Ports: []snapshot.PolicyPort{number(80, 0)}},
			{Peers: []snapshot.PolicyPeer{{Pods: selects("db")}}, Ports: []snapshot.PolicyPort{number(8080, 0)}},
		}, false, false, false},
	} {
		p := snapshot.NetworkPolicy{Meta: meta("shop", "p", ""), Egress: true, EgressRules: test.rules, Pods: *selects("client")}
		client := &snapshot.Pod{Meta: meta("shop", "client", "client")}
		web := &snapshot.Pod{Meta: meta("shop", "web", "web"), Containers: []snapshot.Container{{Ports: []snapshot.ContainerPort{{Name: "http", Port: 8080, Protocol: "TCP"}}}}}
		s := &snapshot.Snapshot{
			Policies:   []snapshot.NetworkPolicy{p},
			Namespaces: []snapshot.Namespace{{Meta: snapshot.Meta{Name: "shop", Labels: map[string]string{"team": "shop"}}}},
		}
		a := &asked{Causes: New(&fact.Facts{}, snapshot.NewNames(s)), finding: &rules.Finding{}}
		for _, to := range []struct {
			what string
			peer peer
			port port
			may  bool
		}{
			{"web", peer{addr("10.244.2.8"), web}, port{8080, "TCP", web}, test.web},
			{"a pod of the host's network", peer{addr("192.168.1.11"), nil}, port{8080, "TCP", nil}, test.host},
			{"outside", peer{addr("203.0.113.9"), nil}, port{8080, "TCP", nil}, test.outside},
		} {
			if got := a.blocked(client, to.peer, to.port, true) == nil; got != to.may {
				t.Errorf("%s: %s may be spoken to: %v", test.name, to.what, got)
			}
			if a.blocked(web, to.peer, to.port, true) != nil || a.blocked(client, to.peer, to.port, false) != nil {
				t.Errorf("%s: a pod or a direction that the policy is not about is blocked", test.name)
			}
		}
		allow := p
		allow.EgressRules = []snapshot.PolicyRule{{}}
		s.Policies = append(s.Policies, allow)
		a.Causes = New(&fact.Facts{}, snapshot.NewNames(s))
		if a.blocked(client, peer{addr("203.0.113.9"), nil}, port{1, "UDP", nil}, true) != nil {
			t.Errorf("%s: what a second policy allows is blocked", test.name)
		}
	}
}

func TestNoEndpoints(t *testing.T) {
	vip := netip.MustParseAddr("10.96.0.60")
	pod := func(namespace, app, ready string) snapshot.Pod {
		return snapshot.Pod{
			Meta: meta(namespace, app+"-1", app), Phase: "Running", Addresses: []netip.Addr{netip.MustParseAddr("10.244.2.7")},
			Conditions: []snapshot.Condition{{Type: "Ready", Status: ready}},
		}
	}
	ending := pod("shop", "web", "True")
	ending.Deleted = 1e9
	late := pod("shop", "web", "False")
	late.Conditions[0].Since = 9e9
	slice := snapshot.EndpointSlice{Meta: meta("shop", "s", ""), Service: "web", Ports: []snapshot.SlicePort{{Port: 8080}}, Endpoints: []snapshot.Endpoint{
		{Addresses: []netip.Addr{netip.MustParseAddr("10.244.2.7")}, Ready: true, Pod: "web-1"},
	}}
	for _, test := range []struct {
		name   string
		target snapshot.PortOrName
		pods   []snapshot.Pod
		slices []snapshot.EndpointSlice
		want   string
	}{
		{"nothing", snapshot.PortOrName{}, nil, nil, "no-pods"},
		{"a typo", snapshot.PortOrName{}, []snapshot.Pod{pod("shop", "wbe", "True")}, nil, "no-pods"},
		{"elsewhere", snapshot.PortOrName{}, []snapshot.Pod{pod("other", "web", "True")}, nil, "other-namespace"},
		{"not ready", snapshot.PortOrName{}, []snapshot.Pod{pod("shop", "web", "False")}, nil, "not-ready"},
		{"not ready later", snapshot.PortOrName{}, []snapshot.Pod{late}, nil, ""},
		{"ending", snapshot.PortOrName{}, []snapshot.Pod{ending}, nil, "terminating"},
		{"no such port", snapshot.PortOrName{Name: "http"}, []snapshot.Pod{pod("shop", "web", "True")}, nil, "port-mismatch"},
		{"ready", snapshot.PortOrName{}, []snapshot.Pod{pod("shop", "web", "True")}, []snapshot.EndpointSlice{slice}, "proxy-stale"},
		{"ready, and in no slice", snapshot.PortOrName{}, []snapshot.Pod{pod("shop", "web", "True")}, nil, ""},
	} {
		s := &snapshot.Snapshot{Pods: test.pods, Slices: test.slices, Services: []snapshot.Service{{
			Meta: meta("shop", "web", ""), Addresses: []netip.Addr{vip}, Selector: map[string]string{"app": "web"},
			Ports: []snapshot.ServicePort{{Port: 80, Target: test.target, Protocol: "TCP"}},
		}}}
		f := &rules.Finding{Rule: "svc-no-endpoints", First: 5e9, Last: 6e9}
		f.Service = netip.AddrPortFrom(vip, 80)
		got := ""
		if r := New(&fact.Facts{}, snapshot.NewNames(s)).Find(f); r != nil {
			got = r.Kind
		}
		if got != test.want {
			t.Errorf("%s: %q, not %q", test.name, got, test.want)
		}
	}
}
