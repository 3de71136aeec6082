package root

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/rules"
)

const corefile = `.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
    }
    forward . 203.0.113.53 203.0.113.54 { # the office's
       max_concurrent 1000
    }
}
`

// dnsCluster is a cluster whose DNS has a pod, ready or not; a client in namespace shop; and Services in shop and data.
func dnsCluster(ready string) *snapshot.Snapshot {
	s := &snapshot.Snapshot{
		Namespaces: []snapshot.Namespace{{Meta: meta("", "shop", "")}, {Meta: meta("", "data", "")}},
		Pods: []snapshot.Pod{
			{Meta: meta("shop", "client", "client"), Phase: "Running", DNSPolicy: "ClusterFirst", Addresses: []netip.Addr{netip.MustParseAddr("10.244.1.5")}},
			{
				Meta: meta("kube-system", "coredns-1", "dns"), Phase: "Running", Addresses: []netip.Addr{netip.MustParseAddr("10.244.1.2")},
				Conditions: []snapshot.Condition{{Type: "Ready", Status: ready, Since: 1e9}},
			},
		},
		Configs: []snapshot.ConfigMap{{Meta: meta("kube-system", "coredns", ""), Data: map[string]string{"Corefile": corefile}}},
	}
	service := func(namespace, name, address string, selector map[string]string) {
		x := snapshot.Service{Meta: meta(namespace, name, ""), Selector: selector, Ports: []snapshot.ServicePort{{Port: 53, Protocol: "UDP"}, {Port: 80, Protocol: "TCP"}}}
		if address != "" {
			x.Addresses = []netip.Addr{netip.MustParseAddr(address)}
		}
		x.Created = 2e9
		s.Services = append(s.Services, x)
	}
	service("kube-system", "kube-dns", "10.96.0.10", map[string]string{"app": "dns"})
	service("shop", "catalog", "10.96.0.50", map[string]string{"app": "catalog"})
	service("shop", "peers", "", map[string]string{"app": "catalog"})
	service("data", "db", "10.96.0.51", map[string]string{"app": "db"})
	service("data", "later", "10.96.0.52", nil)
	s.Services[4].Created = 9e9
	return s
}

func TestDNS(t *testing.T) {
	other := func(s *snapshot.Snapshot) { s.Pods[0].Ndots = "2" }
	for _, x := range []struct {
		rule, name, ready string
		set               func(*snapshot.Snapshot)
		kind, says        string
	}{
		{"dns-no-response", "", "False", nil, "dns-not-ready", "coredns-1"},
		{"dns-no-response", "", "True", nil, "", ""},
		{"dns-no-response", "", "False", func(s *snapshot.Snapshot) { s.Pods[1].Conditions[0].Since = 9e9 }, "", ""},
		{"dns-no-response", "", "True", func(s *snapshot.Snapshot) { s.Pods = s.Pods[:1] }, "no-pods", "kube-system/kube-dns"},
		{"dns-servfail", "api.example.com", "True", nil, "upstream", "203.0.113.53, 203.0.113.54"},
		{"dns-servfail", "api.example.com.", "True", func(s *snapshot.Snapshot) {
			s.Configs[0].Data["Corefile"] = strings.ReplaceAll(corefile, "203.0.113.53 203.0.113.54", "/etc/resolv.conf")
		}, "upstream", "of its node"},
		{"dns-servfail", "db.data.svc.cluster.local", "True", nil, "", ""},
		{"dns-servfail", "x.y.cluster.local", "True", nil, "", ""},
		{"dns-servfail", "db.data", "True", nil, "", ""},
		{"dns-servfail", "db", "True", nil, "", ""},
		{"dns-servfail", "api.example.com", "True", func(s *snapshot.Snapshot) { s.Configs = nil }, "", ""},

		{"dns-nxdomain", "db", "True", nil, "other-namespace", "db.data"},
		{"dns-nxdomain", "db.shop.svc.cluster.local", "True", nil, "other-namespace", "db.data"},
		{"dns-nxdomain", "catlog", "True", nil, "no-such-service", "shop/catalog"},
		{"dns-nxdomain", "catlog.shop", "True", nil, "no-such-service", "shop/catalog"},
		{"dns-nxdomain", "basket.shop", "True", nil, "no-such-service", "shop/basket"},
		{"dns-nxdomain", "later.data", "True", nil, "no-such-service", "created"},
		{"dns-nxdomain", "catalog.shop", "True", nil, "contradicted", "shop/catalog"},
		{"dns-nxdomain", "peers.shop", "True", nil, "", ""},                                        // a headless one without endpoints has no name
		{"dns-nxdomain", "example.com", "True", nil, "", ""},                                       // no namespace has that name
		{"dns-nxdomain", "basket.gone.svc.cluster.local", "True", nil, "", ""},                     // the snapshot may lack a namespace
		{"dns-nxdomain", "db", "True", func(s *snapshot.Snapshot) { s.Pods = s.Pods[1:] }, "", ""}, // the client's namespace is not known

		{"dns-search-expansion", "", "True", nil, "ndots", "no ndots of its own"},
		{"dns-search-expansion", "", "True", other, "ndots", "sets ndots to 2"},
		{"dns-search-expansion", "", "True", func(s *snapshot.Snapshot) { s.Pods[0].DNSPolicy = "None" }, "", ""},
	} {
		s := dnsCluster(x.ready)
		if x.set != nil {
			x.set(s)
		}
		f := &rules.Finding{Rule: x.rule, First: 5e9, Last: 6e9}
		f.Client, f.Server, f.Name = netip.MustParseAddr("10.244.1.5"), netip.MustParseAddrPort("10.96.0.10:53"), x.name
		r := Find(f, &fact.Facts{}, snapshot.NewNames(s))
		if r == nil {
			r = &fact.Root{}
		}
		if r.Kind != x.kind || !strings.Contains(r.Text, x.says) {
			t.Errorf("%s of %q: %q (%s), want %q with %q", x.rule, x.name, r.Kind, r.Text, x.kind, x.says)
		}
	}
}
