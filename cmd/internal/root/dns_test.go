package root

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/rules"
)

// resolver adds two pods behind the DNS Service, and its Corefile.
func resolver(corefile string, change func(first, second *snapshot.Pod)) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) {
		pod := func(name, address string) snapshot.Pod {
			return snapshot.Pod{
				Meta: meta("kube-system", name, "dns"), Phase: "Running", Node: "node2", Addresses: []netip.Addr{addr(address)},
				Conditions: []snapshot.Condition{{Type: "Ready", Status: "True"}}, Containers: []snapshot.Container{{Name: "coredns", Ready: true}},
			}
		}
		first, second := pod("coredns-1", "10.244.2.2"), pod("coredns-2", "10.244.2.3")
		if change != nil {
			change(&first, &second)
		}
		s.Pods = append(s.Pods, first, second)
		s.Configs = append(s.Configs, snapshot.ConfigMap{Meta: meta("kube-system", "coredns", ""), Data: map[string]string{"Corefile": corefile}})
	}
}

// ask is a finding about a lookup of shop/client.
func ask(rule, name string) *rules.Finding {
	f := &rules.Finding{Rule: rule, First: first, Last: last}
	f.Client, f.Server, f.Name = addr("10.244.1.5"), port1("10.96.0.10:53"), name
	return f
}

func TestDNSNotReady(t *testing.T) {
	unready := func(since int64, pods ...*snapshot.Pod) {
		for _, p := range pods {
			p.Conditions[0] = snapshot.Condition{Type: "Ready", Status: "False", Since: since}
			p.Containers[0].Ready = false
		}
	}
	both := func(since int64) func(*snapshot.Snapshot) {
		return resolver("", func(x, y *snapshot.Pod) { unready(since, x, y) })
	}
	one := resolver("", func(x, _ *snapshot.Pod) { unready(1, x) })
	at := func(backend string) *rules.Finding {
		f := ask("dns-intermittent-timeout", "a.example")
		f.Backend = port1(backend)
		return f
	}
	answered := func(sent int64) fact.Facts {
		q := fact.Query{Server: port1("10.96.0.10:53"), Backend: port1("10.244.2.2:53"), Rcode: "NOERROR", Sent: sent}
		return fact.Facts{Lookups: []fact.Lookup{{Candidates: []fact.Candidate{{Queries: []fact.Query{q}}}}}}
	}
	restarted := func(at int64) func(*snapshot.Snapshot) {
		return resolver("", func(_, y *snapshot.Pod) {
			y.Containers[0].Restarts, y.Containers[0].State = 3, snapshot.ContainerState{Kind: "running", Started: at}
			y.Containers[0].Last = snapshot.ContainerState{Kind: "terminated", Reason: "OOMKilled"}
		})
	}
	silent := ask("dns-no-response", "a.example")
	tell(t, []told{
		{name: "none is", finding: silent, snapshot: snapped(both(1)), want: "dns-not-ready", says: "None of the 2 DNS servers"},
		{name: "one is", finding: silent, snapshot: snapped(one)},
		{name: "both are", finding: silent, snapshot: snapped(resolver("", nil))},
		{name: "not later", finding: silent, snapshot: snapped(both(last + 1e9))},
		{name: "this one", finding: at("10.244.2.2:53"), snapshot: snapped(one), want: "dns-not-ready", says: "coredns-1"},
		{name: "the other one", finding: at("10.244.2.3:53"), snapshot: snapped(one)},
		{name: "it answers", finding: silent, facts: answered(first + 5e9), snapshot: snapped(both(first - 40e9)), want: "contradicted"},
		{name: "it answered, before", finding: silent, facts: answered(first - 5e9), snapshot: snapped(both(first - 1e9)), want: "dns-not-ready"},
		{name: "restarted", finding: silent, snapshot: snapped(restarted(first + 3e9)), want: "dns-not-ready", says: "OOMKilled"},
		{name: "restarted, long before", finding: silent, snapshot: snapped(restarted(first - 3e9))},
		{name: "another server", finding: func() *rules.Finding {
			f := ask("dns-no-response", "a.example")
			f.Server = port1("9.9.9.9:53")
			return f
		}(), snapshot: snapped(both(1))},
	})
}

func TestMeant(t *testing.T) {
	more := func(s *snapshot.Snapshot) {
		for _, x := range []named{{"pay", "ledger"}, {"shop", "checkout"}, {"shop", "cache-1"}, {"far", "cart"}, {"near", "cart"}} {
			s.Services = append(s.Services, snapshot.Service{Meta: meta(x.namespace, x.name, ""), Addresses: []netip.Addr{addr("10.96.1.1")}})
		}
		s.Namespaces = []snapshot.Namespace{{Meta: snapshot.Meta{Name: "empty", Labels: map[string]string{}}}}
	}
	nx := func(name string) *rules.Finding { return ask("dns-nxdomain", name) }
	headless := func(s *snapshot.Snapshot) { s.Services[0].Addresses = nil }
	later := func(s *snapshot.Snapshot) { s.Services[0].Created = last + 1 }
	old := func(s *snapshot.Snapshot) { s.Taken = first - 700e9 }
	tell(t, []told{
		{name: "of another namespace", finding: nx("ledger"), snapshot: snapped(more), want: "other-namespace", says: "namespace pay"},
		{name: "of another one, in full", finding: nx("ledger.shop.svc.cluster.local"), snapshot: snapped(more), want: "other-namespace", says: "namespace pay"},
		{name: "of two", finding: nx("cart"), snapshot: snapped(more), want: "other-namespace", says: "2 other namespaces: far, near"},
		{name: "a slip", finding: nx("chekout"), snapshot: snapped(more), want: "no-such-service", says: "shop/checkout"},
		{name: "another number", finding: nx("cache-2"), snapshot: snapped(more)},
		{name: "nothing like it", finding: nx("wpad"), snapshot: snapped(more)},
		{name: "nothing like it in a namespace", finding: nx("wpad.shop"), snapshot: snapped(more), want: "no-such-service", says: "no Service wpad"},
		{name: "outside", finding: nx("wpad.example"), snapshot: snapped(more)},
		{name: "outside, three labels", finding: nx("ledger.shop.example"), snapshot: snapped(more)},
		{name: "it is there", finding: nx("web"), snapshot: snapped(more), want: "contradicted"},
		{name: "it is there, headless", finding: nx("web"), snapshot: snapped(more, headless)},
		{name: "created later", finding: nx("web"), snapshot: snapped(more, later), want: "no-such-service", says: "created at"},
		{name: "a snapshot from long before", finding: nx("wpad.shop"), snapshot: snapped(more, old)},
		{name: "a host of a Service", finding: nx("db-0.ledger.shop.svc.cluster.local"), snapshot: snapped(more)},
		{name: "Services of one namespace", finding: nx("chekout"), snapshot: snapped(more, func(s *snapshot.Snapshot) {
			s.Services = slices.DeleteFunc(s.Services, func(x snapshot.Service) bool { return x.Namespace != "shop" })
		})},
	})
}

func TestNdots(t *testing.T) {
	f := ask("dns-search-expansion", "a.example")
	shows := func(least, most int) fact.Facts {
		return fact.Facts{Lookups: []fact.Lookup{{Client: f.Client, Name: f.Name, Start: first, NdotsMin: least, NdotsMax: most}}}
	}
	with := func(policy, ndots string) *snapshot.Snapshot {
		return snapped(func(s *snapshot.Snapshot) { s.Pods[0].DNSPolicy, s.Pods[0].Ndots = policy, ndots })
	}
	tell(t, []told{
		{name: "kubelet's", finding: f, facts: shows(2, -1), snapshot: with("ClusterFirst", ""), want: "ndots", says: "kubelet sets 5"},
		{name: "its own", finding: f, facts: shows(2, -1), snapshot: with("ClusterFirst", "7"), want: "ndots", says: "ndots:7"},
		{name: "packets show more", finding: f, facts: shows(3, -1), snapshot: with("ClusterFirst", "2"), want: "contradicted", says: "3 or more"},
		{name: "packets show less", finding: f, facts: shows(-1, 1), snapshot: with("ClusterFirst", ""), want: "contradicted", says: "1 or fewer"},
		{name: "the node's", finding: f, facts: shows(2, -1), snapshot: with("Default", "")},
		{name: "no number", finding: f, facts: shows(2, -1), snapshot: with("None", "many")},
	})
}

func TestUpstream(t *testing.T) {
	const file = ".:53 {\n  errors\n  forward . /etc/resolv.conf {\n    max_concurrent 1000\n  }\n}\n"
	const fixed = "# forward . 8.8.8.8\n.:53 {\n  forward . 192.0.2.1 tls://192.0.2.2\n}\ncorp.example:53 {\n  forward . 198.51.100.1:5353\n}\n"
	f := func(name string) *rules.Finding { return ask("dns-servfail", name) }
	up := func(name, client, to, rcode string, took int64) fact.Facts {
		return fact.Facts{Lookups: []fact.Lookup{{Client: addr("10.244.1.5"), Name: name, Start: first, Upstream: &fact.Upstream{
			Client: port1(client), Server: port1(to), Name: name, Rcode: rcode, Duration: took,
		}}}}
	}
	in := func(corefile string) *snapshot.Snapshot { return snapped(resolver(corefile, nil)) }
	const own = "10.244.2.2:40000"
	tell(t, []told{
		{name: "of the node", finding: f("a.test"), facts: up("a.test", own, "192.0.2.9:53", "SERVFAIL", 1), snapshot: in(file), want: "upstream", says: "/etc/resolv.conf"},
		{name: "fixed", finding: f("a.test"), facts: up("a.test", own, "192.0.2.2:53", "", -1), snapshot: in(fixed), want: "upstream", says: "did not answer"},
		{name: "of a zone", finding: f("a.corp.example"), facts: up("a.corp.example", own, "198.51.100.1:5353", "REFUSED", 1), snapshot: in(fixed), want: "upstream", says: "198.51.100.1"},
		{name: "another is asked", finding: f("a.test"), facts: up("a.test", own, "192.0.2.9:53", "SERVFAIL", 1), snapshot: in(fixed), want: "contradicted"},
		{name: "it answers", finding: f("a.test"), facts: up("a.test", own, "192.0.2.2:53", "NOERROR", 1e6), snapshot: in(fixed)},
		{name: "another server asks", finding: f("a.test"), facts: up("a.test", "192.168.1.11:40000", "192.0.2.2:53", "SERVFAIL", 1), snapshot: in(fixed)},
		{name: "nothing is forwarded", finding: f("a.test"), facts: up("a.test", own, "192.0.2.2:53", "SERVFAIL", 1), snapshot: in(".:53 {\n  errors\n}\n")},
		{name: "no Corefile", finding: f("a.test"), facts: up("a.test", own, "192.0.2.2:53", "SERVFAIL", 1), snapshot: in("")},
		{name: "a zone that only ends alike", finding: f("a.notcorp.example"), facts: up("a.notcorp.example", own, "192.0.2.1:53", "SERVFAIL", 1), snapshot: in(fixed), want: "upstream"},
	})
}
