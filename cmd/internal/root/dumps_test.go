package root

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/cluster"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/analyze/snapshot/dump"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/rules"
)

func addr(s string) netip.Addr          { return netip.MustParseAddr(s) }
func port1(s string) netip.AddrPort     { return netip.MustParseAddrPort(s) }
func prefix(s string) netip.Prefix      { return netip.MustParsePrefix(s) }
func links(l ...cluster.Link) dump.Dump { return dump.Dump{Kind: dump.Links, Links: l} }

// on says of which node a dump is.
func on(node string, d dump.Dump) dump.Dump {
	d.Node, d.File = node, node+".txt"
	return d
}

// at says when a dump was taken.
func at(taken int64, d dump.Dump) dump.Dump {
	d.Taken = taken
	return d
}

// world is a cluster of two nodes, with pod shop/client on node1 and shop/web, of a Service of that name, on node2; and pod shop/own of Service own on node1.
func world(dumps ...dump.Dump) *snapshot.Snapshot {
	node := func(name, address, network string) snapshot.Node {
		return snapshot.Node{Meta: snapshot.Meta{Name: name}, Addresses: []netip.Addr{addr(address)}, PodNetworks: []netip.Prefix{prefix(network)}}
	}
	pod := func(app, address, node string) snapshot.Pod {
		return snapshot.Pod{
			Meta: meta("shop", app, app), Phase: "Running", Node: node, Addresses: []netip.Addr{addr(address)},
			Conditions: []snapshot.Condition{{Type: "Ready", Status: "True"}},
		}
	}
	service := func(app, address string) snapshot.Service {
		return snapshot.Service{
			Meta: meta("shop", app, ""), Addresses: []netip.Addr{addr(address)}, Selector: map[string]string{"app": app},
			Ports: []snapshot.ServicePort{{Port: 80, Target: snapshot.PortOrName{Port: 8080}, Protocol: "TCP"}},
		}
	}
	web := service("web", "10.96.0.50")
	web.External = []netip.Addr{addr("203.0.113.7")}
	return &snapshot.Snapshot{
		Nodes:    []snapshot.Node{node("node1", "192.168.1.10", "10.244.1.0/24"), node("node2", "192.168.1.11", "10.244.2.0/24"), node("node3", "192.168.1.12", "10.244.3.0/24")},
		Pods:     []snapshot.Pod{pod("client", "10.244.1.5", "node1"), pod("web", "10.244.2.8", "node2"), pod("own", "10.244.1.6", "node1")},
		Services: []snapshot.Service{web, service("own", "10.96.0.51")},
		Slices: []snapshot.EndpointSlice{{Meta: meta("shop", "s", ""), Service: "web", Ports: []snapshot.SlicePort{{Port: 8080}}, Endpoints: []snapshot.Endpoint{
			{Addresses: []netip.Addr{addr("10.244.2.8")}, Ready: true, Pod: "web", Node: "node2"},
		}}},
		Dumps: dumps,
	}
}

// The time of findings: dumps that are taken earlier or later may be of another state.
const first, last = 1000e9, 1010e9

// call is a finding about calls of shop/client to Service web, whose packets are seen in some places.
func call(rule string, views ...fact.Leg) *rules.Finding {
	f := &rules.Finding{Rule: rule, First: first, Last: last}
	f.Client, f.Service, f.Backend = addr("10.244.1.5"), port1("10.96.0.50:80"), port1("10.244.2.8:8080")
	f.Example = &fact.Connection{Proto: fact.TCP, Outcome: fact.Hang, Client: port1("10.244.1.5:40000"), Called: f.Service, Service: f.Service, Backend: f.Backend, Legs: views}
	return f
}

// seen is a view of the client's packets on a node.
func seen(node string, dir decode.Direction, kind fact.InterfaceKind, encap ...fact.Encap) fact.Leg {
	return fact.Leg{Node: node, Encap: encap, Views: []fact.View{{Dir: dir, Flow: fact.ToServer, Role: fact.InterfaceRole{Kind: kind}}}}
}

// tunnel is one from node1 to an address.
func tunnel(to string) fact.Encap {
	return fact.Encap{Kind: decode.EncapVXLAN, Src: addr("192.168.1.10"), Dst: addr(to), Overhead: 50}
}

// finds is a finding, dumps, and the kind of root that is to come of it.
type finds struct {
	name    string
	finding *rules.Finding
	dumps   []dump.Dump
	want    string
}

func check(t *testing.T, list []finds) {
	t.Helper()
	for _, x := range list {
		facts := &fact.Facts{Captures: []fact.Capture{{Node: "node1"}, {Node: "node2"}}, Interfaces: []fact.Interface{{Capture: 1, Role: fact.InterfaceRole{Kind: fact.TunnelDevice}}}}
		got, text := "", ""
		if r := New(facts, snapshot.NewNames(world(x.dumps...))).Find(x.finding); r != nil {
			got, text = r.Kind, r.Text
			if r.Source == "" || len(r.Objects) == 0 || !strings.HasSuffix(strings.TrimSuffix(text, ")"), ".") {
				t.Errorf("%s: %+v", x.name, r)
			}
		}
		if got != x.want {
			t.Errorf("%s: %q, not %q (%s)", x.name, got, x.want, text)
		}
	}
}

// ruling are rules that lead Services to backends, "" for refusing.
func ruling(services map[string]string) dump.Dump {
	d := dump.Dump{Kind: dump.IPTables, IPv4: true, Masquerades: true}
	for service, backend := range services {
		s := dump.Service{Protocol: "tcp", At: port1(service), Refused: backend == ""}
		if backend != "" {
			s.Backends = []dump.Backend{{AddrPort: port1(backend), Masqueraded: true}}
		}
		d.Services = append(d.Services, s)
	}
	return d
}

func TestProxy(t *testing.T) {
	other := ruling(map[string]string{"10.96.0.10:53": "10.244.2.2:53"})
	leads := ruling(map[string]string{"10.96.0.50:80": "10.244.2.8:8080"})
	moved := ruling(map[string]string{"10.96.0.50:80": "10.244.2.9:8080"})
	untranslated := func(rule string) *rules.Finding {
		f := call(rule)
		f.Backend = netip.AddrPort{}
		return f
	}
	outer := untranslated("svc-no-dnat")
	outer.Service = port1("203.0.113.7:80")
	six := other
	six.IPv4, six.IPv6 = false, true
	check(t, []finds{
		{"not in the rules", untranslated("svc-no-dnat"), []dump.Dump{on("node1", at(last, other))}, "proxy-stale"},
		{"not in the rules, by two witnesses", untranslated("svc-no-dnat"), []dump.Dump{on("node1", other), on("node1", dump.Dump{Kind: dump.IPVS, IPv4: true})}, "proxy-stale"},
		{"in the other rules", untranslated("svc-no-dnat"), []dump.Dump{on("node1", other), on("node1", at(last, leads))}, ""},
		{"not in another node's", untranslated("svc-no-dnat"), []dump.Dump{on("node2", at(last, other))}, ""},
		{"not in those of IPv6", untranslated("svc-no-dnat"), []dump.Dump{on("node1", at(last, six))}, ""},
		{"in the rules, later", untranslated("svc-no-dnat"), []dump.Dump{on("node1", at(last+1e9, leads))}, "rule-later"},
		{"in the rules, when is not known", untranslated("svc-no-dnat"), []dump.Dump{on("node1", leads)}, ""},
		{"in the rules, later by another dump", untranslated("svc-no-dnat"), []dump.Dump{on("node1", leads), on("node1", at(last+1e9, dump.Dump{Kind: dump.IPTables}))}, "rule-later"},
		{"in the rules, before", untranslated("svc-no-dnat"), []dump.Dump{on("node1", at(first-1e9, leads))}, ""},
		{"not in the rules, and of a load balancer", outer, []dump.Dump{on("node1", at(last, other))}, ""},
		{"no dump", untranslated("svc-no-dnat"), nil, ""},

		{"a SYN before the rules", untranslated("ct-syn-stale"), []dump.Dump{on("node1", at(last, leads))}, "rule-later"},
		{"a SYN before the rules moved", call("ct-syn-stale"), []dump.Dump{on("node1", at(last, moved))}, "rule-later"},
		{"a SYN, and rules that still lead there", call("ct-syn-stale"), []dump.Dump{on("node1", at(last, leads))}, ""},
		{"a SYN, and older rules", untranslated("ct-syn-stale"), []dump.Dump{on("node1", at(first-1e9, leads))}, ""},
		{"a SYN, and no such rule", untranslated("ct-syn-stale"), []dump.Dump{on("node1", at(last, other))}, ""},

		{"refused", untranslated("svc-no-endpoints"), []dump.Dump{on("node1", ruling(map[string]string{"10.96.0.50:80": ""}))}, "proxy-stale"},
	})
}

// TestZones: a dump's time of another zone is none, and one that is days off is.
func TestZones(t *testing.T) {
	const objects = 1000000e9
	for own, want := range map[int64]int64{0: 0, objects: objects, objects + 60e9: objects + 60e9, objects - 5*3600e9: 0, objects + 3600e9: 0, objects - 48*3600e9: objects - 48*3600e9} {
		s := world(on("node1", dump.Dump{Kind: dump.Routes}), on("node1", at(own, ruling(nil))), on("node2", at(1, ruling(nil))))
		s.Taken = objects
		a := &asked{Causes: &Causes{snapshot: s}}
		for i := range 2 {
			if got := a.taken(&s.Dumps[i]); got != want {
				t.Errorf("%d: %d, not %d", own, got, want)
			}
		}
	}
}

// TestProxySays: a kube-proxy that objects show to be behind is seen in the rules.
func TestProxySays(t *testing.T) {
	for _, x := range []struct {
		dump dump.Dump
		says string
	}{
		{ruling(map[string]string{"10.96.0.50:80": ""}), "The rules on node1 refuse"},
		{ruling(map[string]string{"10.96.0.10:80": ""}), "The rules on node1 have nothing for"},
		{ruling(map[string]string{"10.96.0.50:80": "10.244.2.8:8080"}), "had caught up"},
		{at(last+7200e9, ruling(nil)), "2 hours after the packets"},
	} {
		f := call("svc-no-endpoints")
		r := New(&fact.Facts{}, snapshot.NewNames(world(on("node1", x.dump)))).Find(f)
		if r == nil || r.Kind != "proxy-stale" || !strings.Contains(r.Text, x.says) || !strings.HasSuffix(r.Source, "; node1.txt: iptables-save") {
			t.Errorf("%s: %+v", x.says, r)
		}
	}
	old := at(first-1e9, ruling(map[string]string{"10.96.0.50:80": "10.244.2.8:8080"}))
	if r := New(&fact.Facts{}, snapshot.NewNames(world(on("node1", old)))).Find(call("svc-no-endpoints")); r == nil || strings.Contains(r.Text, "node1") {
		t.Errorf("older rules: %+v", r)
	}
}

func TestConntrack(t *testing.T) {
	entries := func(e ...dump.Entry) dump.Dump { return dump.Dump{Kind: dump.Connections, Entries: e} }
	entry := func(state, client, answers string) dump.Entry {
		return dump.Entry{Protocol: "tcp", State: state, Client: port1(client), Called: port1("10.96.0.50:80"), Answers: port1(answers)}
	}
	limits := func(count, most uint64) dump.Dump {
		return dump.Dump{Kind: dump.Settings, Limits: dump.Limits{Count: count, Max: most}}
	}
	full := call("ct-table-full", seen("node1", decode.DirIn, fact.Veth))
	check(t, []finds{
		{"its own entry", call("ct-stale-reset"), []dump.Dump{on("node1", entries(entry("CLOSE", "10.244.1.5:40000", "10.244.2.8:8080")))}, "conntrack-entry"},
		{"another of the client", call("ct-stale-blackhole"), []dump.Dump{on("node1", entries(entry("ESTABLISHED", "10.244.1.5:40001", "10.244.2.8:8080")))}, "conntrack-entry"},
		{"another that is over", call("ct-stale-blackhole"), []dump.Dump{on("node1", entries(entry("CLOSE", "10.244.1.5:40001", "10.244.2.8:8080")))}, ""},
		{"another, long before", call("ct-stale-blackhole"), []dump.Dump{on("node1", at(1, entries(entry("ESTABLISHED", "10.244.1.5:40001", "10.244.2.8:8080"))))}, ""},
		{"of another client", call("ct-stale-reset"), []dump.Dump{on("node1", entries(entry("ESTABLISHED", "10.244.1.7:40000", "10.244.2.8:8080")))}, ""},
		{"to another backend", call("ct-stale-reset"), []dump.Dump{on("node1", entries(entry("ESTABLISHED", "10.244.1.5:40000", "10.244.2.9:8080")))}, ""},
		{"on another node", call("ct-stale-reset"), []dump.Dump{on("node2", entries(entry("ESTABLISHED", "10.244.1.5:40000", "10.244.2.8:8080")))}, ""},

		{"full", full, []dump.Dump{on("node1", limits(65536, 65536))}, "conntrack-max"},
		{"nearly full", full, []dump.Dump{on("node1", limits(60000, 65536))}, "conntrack-max"},
		{"far from full", full, []dump.Dump{on("node1", limits(6000, 65536))}, ""},
		{"full elsewhere", full, []dump.Dump{on("node2", limits(65536, 65536))}, ""},
		{"full by the entries", full, []dump.Dump{on("node1", limits(0, 65536)), on("node1", dump.Dump{Kind: dump.Connections, Limits: dump.Limits{Count: 65000}})}, "conntrack-max"},
		{"no limit", full, []dump.Dump{on("node1", limits(65536, 0))}, ""},
	})
}

func TestHairpin(t *testing.T) {
	self := func(snat string, views ...fact.Leg) *rules.Finding {
		f := call("svc-hairpin-drop", views...)
		f.Client, f.Service, f.Backend = addr("10.244.1.6"), port1("10.96.0.51:80"), port1("10.244.1.6:8080")
		if snat != "" {
			f.Example.SNAT = port1(snat)
		}
		return f
	}
	way := self("", fact.Leg{Node: "node1", Views: []fact.View{{Interface: 6, Hardware: 1, Dir: decode.DirIn, Role: fact.InterfaceRole{Kind: fact.Veth, Pod: addr("10.244.1.6")}}}})
	port := func(hairpin string) dump.Dump {
		return on("node1", links(cluster.Link{Index: 5, Name: "veth5", Kind: "veth", Master: "cni0", Hairpin: "off"}, cluster.Link{Index: 6, Name: "veth6", Kind: "veth", Master: "cni0", Hairpin: hairpin}))
	}
	neighbours := on("node1", dump.Dump{Kind: dump.Neighbours, Neighbours: []dump.Neighbour{{Addr: addr("10.244.1.6"), Device: "cni0", MAC: 6}}})
	forwards := on("node1", dump.Dump{Kind: dump.Forwarding, Forwards: []dump.Forward{{MAC: 5, Device: "veth5"}, {MAC: 6, Device: "veth6"}}})
	unseen := on("node1", dump.Dump{Kind: dump.Settings, Limits: dump.Limits{Unseen: true}})
	own := func(marked, masquerades bool) dump.Dump {
		d := ruling(map[string]string{"10.96.0.51:80": "10.244.1.6:8080"})
		d.Services[0].Backends[0].Masqueraded, d.Masquerades = marked, masquerades
		return on("node1", d)
	}
	check(t, []finds{
		{"off, by the interface", way, []dump.Dump{port("off")}, "hairpin-mode"},
		{"on, by the interface", way, []dump.Dump{port("on")}, ""},
		{"off, by the forwarding database", self(""), []dump.Dump{port("off"), neighbours, forwards}, "hairpin-mode"},
		{"on, by the forwarding database", self(""), []dump.Dump{port("on"), neighbours, forwards}, ""},
		{"which port is not known", self(""), []dump.Dump{port("off")}, ""},
		{"off, and the bridge is routed around", way, []dump.Dump{port("off"), unseen}, ""},
		{"not said", way, []dump.Dump{port("")}, ""},
		{"not marked", way, []dump.Dump{port("on"), own(false, true)}, "masquerade-missing"},
		{"marked, and not masqueraded", way, []dump.Dump{own(true, false)}, "masquerade-missing"},
		{"masqueraded", way, []dump.Dump{own(true, true)}, ""},
		{"not marked, and yet masqueraded", self("10.244.1.1:40000"), []dump.Dump{own(false, true)}, ""},
		{"off comes first", way, []dump.Dump{port("off"), own(false, true)}, "hairpin-mode"},
	})
}

func TestWays(t *testing.T) {
	unicast := func(to, via, device string) dump.Route {
		r := dump.Route{Type: "unicast", To: prefix(to), Device: device}
		if via != "" {
			r.Via = addr(via)
		}
		return r
	}
	byDefault := unicast("0.0.0.0/0", "192.168.1.1", "eth0")
	pods2, pods3 := unicast("10.244.2.0/24", "10.244.2.0", "flannel.1"), unicast("10.244.3.0/24", "10.244.3.0", "flannel.1")
	routes := func(node string, r ...dump.Route) dump.Dump {
		return on(node, dump.Dump{Kind: dump.Routes, Routes: r})
	}
	unreachable := dump.Route{Type: "unreachable", To: prefix("10.244.2.0/24")}
	from, bare := seen("node1", decode.DirIn, fact.Veth), seen("node1", decode.DirOut, fact.Uplink)
	enters := seen("node1", decode.DirOut, fact.TunnelDevice)
	leaves := func(to string) fact.Leg { return seen("node1", decode.DirOut, fact.Uplink, tunnel(to)) }
	arrives := seen("node2", decode.DirIn, fact.TunnelDevice)
	delivered := seen("node2", decode.DirOut, fact.Veth)
	delivered.Views[0].Role.Pod = addr("10.244.2.8")
	rejected := func(kind, code uint8, views ...fact.Leg) *rules.Finding {
		f := call("cni-reject", views...)
		f.Example.Outcome, f.Example.Errors = fact.Unreachable, []fact.ICMPError{{Type: kind, Code: code, ToClient: true}}
		return f
	}
	refused := call("cni-reject", from)
	refused.Example.Outcome = fact.Refused
	vxlan := on("node1", links(cluster.Link{Name: "flannel.1", Kind: "vxlan", Static: true}))
	learning := on("node1", links(cluster.Link{Name: "flannel.1", Kind: "vxlan"}))
	hop := func(m fact.MAC) dump.Dump {
		return on("node1", dump.Dump{Kind: dump.Neighbours, Neighbours: []dump.Neighbour{{Addr: addr("10.244.2.0"), Device: "flannel.1", MAC: m}}})
	}
	behind := func(m fact.MAC, to string) dump.Dump {
		return on("node1", dump.Dump{Kind: dump.Forwarding, Forwards: []dump.Forward{{MAC: m, Device: "flannel.1", To: addr(to)}}})
	}
	check(t, []finds{
		{"no route at all", call("cni-no-reply", from), []dump.Dump{routes("node1", pods3)}, "route-missing"},
		{"unreachable", call("cni-no-reply", from), []dump.Dump{routes("node1", byDefault, unreachable)}, "route-missing"},
		{"a default route, and others' pods have their own", call("cni-no-reply", from, bare), []dump.Dump{routes("node1", byDefault, pods3)}, "route-missing"},
		{"a default route, and the way back has its own", call("cni-no-reply", from, bare), []dump.Dump{routes("node1", byDefault), routes("node2", unicast("10.244.1.0/24", "10.244.1.0", "flannel.1"))}, "route-missing"},
		{"a default route, as clouds have it", call("cni-no-reply", from, bare), []dump.Dump{routes("node1", byDefault), routes("node2", byDefault)}, ""},
		{"a route", call("cni-no-reply", from), []dump.Dump{routes("node1", byDefault, pods2)}, ""},
		{"a wide route", call("cni-no-reply", from), []dump.Dump{routes("node1", byDefault, pods3, unicast("10.244.0.0/16", "192.168.1.1", "eth0"))}, ""},
		{"not seen where the route is missing", call("cni-no-reply"), []dump.Dump{routes("node1", pods3)}, ""},
		{"no route, and yet it goes out", call("cni-no-reply", from, enters), []dump.Dump{routes("node1", pods3)}, ""},
		{"no route, and yet it leaves for the node", call("cni-no-reply", from, leaves("192.168.1.11")), []dump.Dump{routes("node1", pods3)}, "contradicted"},
		{"no route, and yet it arrives", call("cni-no-reply", from, arrives), []dump.Dump{routes("node1", pods3)}, "contradicted"},
		{"no route, and yet it is delivered", call("cni-no-reply", from, arrives, delivered), []dump.Dump{routes("node1", pods3), routes("node2", byDefault)}, ""},
		{"no route of the pod's node", call("cni-no-reply", from, arrives), []dump.Dump{routes("node2", byDefault)}, "route-missing"},
		{"no route of the pod's node, and it went on", call("cni-no-reply", from, arrives, seen("node2", decode.DirOut, fact.Bridge)), []dump.Dump{routes("node2", byDefault)}, ""},
		{"no route of a node that it never reached", call("cni-no-reply", from), []dump.Dump{routes("node2", byDefault)}, ""},
		{"a route of the pod's node", call("cni-no-reply", from, arrives), []dump.Dump{routes("node2", byDefault, unicast("10.244.2.0/24", "", "cni0"))}, ""},
		{"a route of the pod alone", call("cni-no-reply", from, arrives), []dump.Dump{routes("node2", byDefault, dump.Route{Type: "blackhole", To: prefix("10.244.2.0/26")}, unicast("10.244.2.8/32", "", "cali1"))}, ""},
		{"the block without the pod", call("cni-no-reply", from, arrives), []dump.Dump{routes("node2", byDefault, dump.Route{Type: "blackhole", To: prefix("10.244.2.0/26")})}, "route-missing"},

		{"network unreachable", rejected(3, 0, from), []dump.Dump{routes("node1", pods3)}, "route-missing"},
		{"host unreachable, by a route", rejected(3, 1, from), []dump.Dump{routes("node1", unreachable)}, "route-missing"},
		{"host unreachable, which is no lack of a route", rejected(3, 1, from, arrives), []dump.Dump{routes("node2", pods3)}, ""},
		{"prohibited, by something else", rejected(3, 13, from), []dump.Dump{routes("node1", unreachable)}, ""},
		{"prohibited, by a route", rejected(3, 13, from), []dump.Dump{routes("node1", dump.Route{Type: "prohibit", To: prefix("10.244.2.0/24")})}, "route-missing"},
		{"refused by a firewall", refused, []dump.Dump{routes("node1", pods3)}, ""},

		{"no next hop", call("cni-no-reply", from), []dump.Dump{routes("node1", pods2), vxlan, hop(0)}, "fdb-missing"},
		{"no next hop, and host unreachable", rejected(3, 1, from), []dump.Dump{routes("node1", pods2), vxlan, hop(0)}, "fdb-missing"},
		{"no next hop, and network unreachable", rejected(3, 0, from), []dump.Dump{routes("node1", pods2), vxlan, hop(0)}, ""},
		{"no next hop, and it learns", call("cni-no-reply", from), []dump.Dump{routes("node1", pods2), learning, hop(0)}, ""},
		{"no next hop, and yet it enters", call("cni-no-reply", from, enters), []dump.Dump{routes("node1", pods2), vxlan, hop(0)}, ""},
		{"no node of the next hop", call("cni-no-reply", from, enters), []dump.Dump{routes("node1", pods2), vxlan, hop(3), behind(4, "192.168.1.12")}, "fdb-missing"},
		{"another node's", call("cni-no-reply", from, enters, leaves("192.168.1.12")), []dump.Dump{routes("node1", pods2), vxlan, hop(3), behind(3, "192.168.1.12")}, "fdb-missing"},
		{"another node's, and yet it leaves for a third", call("cni-no-reply", from, enters, leaves("192.168.1.13")), []dump.Dump{routes("node1", pods2), vxlan, hop(3), behind(3, "192.168.1.12")}, ""},
		{"the node", call("cni-no-reply", from, enters), []dump.Dump{routes("node1", pods2), vxlan, hop(3), behind(3, "192.168.1.11")}, ""},
		{"another node's, and yet it arrives", call("cni-no-reply", from, enters, arrives), []dump.Dump{routes("node1", pods2), vxlan, hop(3), behind(3, "192.168.1.12")}, ""},
	})
}

func TestMTU(t *testing.T) {
	on1 := func(node string, veth, tunnel, uplink uint32) dump.Dump {
		return on(node, links(cluster.Link{Index: 2, Name: "eth0", MTU: uplink}, cluster.Link{Index: 3, Name: "flannel.1", Kind: "vxlan", MTU: tunnel, Under: "eth0"},
			cluster.Link{Index: 6, Name: "veth6", Kind: "veth", Master: "cni0", MTU: veth}))
	}
	long := func(rule string, length uint32) *rules.Finding {
		f := call(rule, seen("node1", decode.DirOut, fact.Uplink, tunnel("192.168.1.11")))
		f.Example.Flow[fact.ToServer].Stall = &fact.Stall{IPLen: length, DF: true, Sends: 4}
		return f
	}
	told := func(mtu uint32) *rules.Finding {
		f := long("cni-df-drop", 0)
		f.Example.Flow[fact.ToServer].Stall = nil
		f.Example.Errors = []fact.ICMPError{{Type: 3, Code: 4, MTU: mtu, Flow: fact.ToClient}}
		return f
	}
	ipip := long("cni-mtu-blackhole", 1500)
	ipip.Example.Legs[0].Encap[0] = fact.Encap{Kind: decode.Encap4in4, Src: addr("192.168.1.10"), Dst: addr("192.168.1.11"), Overhead: 20}
	both := func(veth, tunnel, uplink uint32) []dump.Dump {
		return []dump.Dump{on1("node1", veth, tunnel, uplink), on1("node2", veth, tunnel, uplink)}
	}
	check(t, []finds{
		{"pods as large as the uplink", long("cni-mtu-blackhole", 1500), both(1500, 1500, 1500), "mtu-config"},
		{"pods larger than the tunnel", long("cni-mtu-blackhole", 1500), both(1500, 1450, 1500), "mtu-config"},
		{"all fits", long("cni-mtu-blackhole", 1450), both(1450, 1450, 1500), ""},
		{"jumbo frames on one node alone", long("cni-mtu-blackhole", 8950), []dump.Dump{on1("node1", 8950, 8950, 9000), on1("node2", 1450, 1450, 1500)}, "mtu-config"},
		{"the other end's are too large", long("cni-mtu-blackhole", 1450), []dump.Dump{on1("node1", 1450, 1450, 1500), on1("node2", 1500, 1450, 1500)}, ""},
		{"smaller packets vanish, too", long("cni-mtu-blackhole", 1400), both(1500, 1450, 1500), ""},
		{"told by a node", told(1450), both(1500, 1450, 1500), "mtu-config"},
		{"told by something narrower", told(1400), both(1500, 1450, 1500), ""},
		{"segments", long("cni-mss-too-big", 0), both(1500, 1500, 1500), "mtu-config"},
		{"fragments", long("cni-mtu-overrun", 0), both(1500, 1500, 1500), "mtu-config"},
		{"IP in IP", ipip, []dump.Dump{on("node1", links(cluster.Link{Name: "tunl0", Kind: "ipip", MTU: 1480}, cluster.Link{Name: "veth6", Kind: "veth", Master: "cni0", MTU: 1500}))}, "mtu-config"},
		{"the sender's node alone", long("cni-mtu-blackhole", 1500), both(1500, 1450, 1500)[:1], "mtu-config"},
		{"the receiver's node alone", long("cni-mtu-blackhole", 1500), both(1500, 1450, 1500)[1:], ""},
		{"of another node", long("cni-mtu-blackhole", 1500), []dump.Dump{on1("node3", 1500, 1450, 1500)}, ""},
	})
}

// TestWorks: where others get through by the same way, it is not missing, whatever a dump says.
func TestWorks(t *testing.T) {
	lacks := on("node2", dump.Dump{Kind: dump.Routes, Routes: []dump.Route{{Type: "unicast", To: prefix("10.244.1.0/24"), Device: "flannel.1"}}})
	arrives := call("cni-no-reply", seen("node1", decode.DirIn, fact.Veth), seen("node2", decode.DirIn, fact.TunnelDevice))
	other := func(client, backend string, begun int64) fact.Reach {
		return fact.Reach{Client: addr(client), Backend: port1(backend), Signs: fact.SignAnswered, First: begun, LastStart: begun, Last: begun}
	}
	hung := other("10.244.1.5", "10.244.2.9:80", first)
	hung.Signs = 0
	for _, x := range []struct {
		name string
		ways []fact.Reach
		want string
	}{
		{"nobody", nil, "route-missing"},
		{"another pod of the node, meanwhile", []fact.Reach{other("10.244.1.5", "10.244.2.9:80", first+1e9)}, "contradicted"},
		{"a pod of the node calls, meanwhile", []fact.Reach{other("10.244.2.9", "10.244.1.6:80", first+1e9)}, "contradicted"},
		{"another pod of the node, shortly before", []fact.Reach{other("10.244.1.5", "10.244.2.9:80", first-1e9)}, "contradicted"},
		{"all was well shortly before", []fact.Reach{other("10.244.1.5", "10.244.2.9:80", first-1e9), other("10.244.1.5", "10.244.2.8:8080", first-1e9)}, "route-missing"},
		{"long before", []fact.Reach{other("10.244.1.5", "10.244.2.9:80", first-100e9)}, "route-missing"},
		{"later", []fact.Reach{other("10.244.1.5", "10.244.2.9:80", last+1e9)}, "route-missing"},
		{"by its neighbour", []fact.Reach{other("10.244.2.9", "10.244.2.8:80", first+1e9)}, "route-missing"},
		{"another pod that hangs", []fact.Reach{hung}, "route-missing"},
		{"the node itself", []fact.Reach{other("10.244.1.5", "192.168.1.11:80", first+1e9)}, "route-missing"},
	} {
		got := ""
		if r := New(&fact.Facts{Reach: x.ways}, snapshot.NewNames(world(lacks))).Find(arrives); r != nil {
			got = r.Kind
		}
		if got != x.want {
			t.Errorf("%s: %q, not %q", x.name, got, x.want)
		}
	}
	self := call("svc-hairpin-drop", fact.Leg{Node: "node1", Views: []fact.View{{Interface: 6, Hardware: 1, Dir: decode.DirIn, Role: fact.InterfaceRole{Kind: fact.Veth, Pod: addr("10.244.1.6")}}}})
	self.Client = addr("10.244.1.6")
	off := on("node1", links(cluster.Link{Index: 6, Name: "veth6", Kind: "veth", Master: "cni0", Hairpin: "off"}))
	for backend, want := range map[string]string{"10.244.1.6:8080": "contradicted", "10.244.2.8:8080": "hairpin-mode"} {
		r := New(&fact.Facts{Reach: []fact.Reach{other("10.244.1.6", backend, first+1e9)}}, snapshot.NewNames(world(off))).Find(self)
		if r == nil || r.Kind != want {
			t.Errorf("%s: %+v", backend, r)
		}
	}
	untranslated := call("svc-no-dnat")
	untranslated.Backend = netip.AddrPort{}
	translated := other("10.244.1.6", "10.244.2.8:8080", first+1e9)
	translated.Called, translated.Proto = port1("10.96.0.50:80"), fact.TCP
	elsewhere := translated
	elsewhere.Client = addr("10.244.2.9")
	lacking := on("node1", ruling(map[string]string{"10.96.0.10:53": "10.244.2.2:53"}))
	for want, way := range map[string]fact.Reach{"contradicted": translated, "proxy-stale": elsewhere} {
		if r := New(&fact.Facts{Reach: []fact.Reach{way}}, snapshot.NewNames(world(lacking))).Find(untranslated); r == nil || r.Kind != want {
			t.Errorf("%s: %+v", want, r)
		}
	}
	sends := call("cni-no-reply", seen("node1", decode.DirIn, fact.Veth))
	none := on("node1", dump.Dump{Kind: dump.Routes, Routes: []dump.Route{{Type: "unicast", To: prefix("10.244.3.0/24"), Device: "flannel.1"}}})
	for backend, want := range map[string]string{"10.244.2.9:80": "contradicted", "10.244.3.9:80": "route-missing"} {
		r := New(&fact.Facts{Reach: []fact.Reach{other("10.244.1.6", backend, first+1e9)}}, snapshot.NewNames(world(none))).Find(sends)
		if r == nil || r.Kind != want {
			t.Errorf("%s: %+v", backend, r)
		}
	}
}

// TestConfigured reads what ConfigMaps of usual CNIs say.
func TestConfigured(t *testing.T) {
	for _, x := range []struct {
		data map[string]string
		mtu  uint64
	}{
		{map[string]string{"net-conf.json": `{"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan", "MTU": 1500}}`}, 1500},
		{map[string]string{"net-conf.json": `{"Backend": {"Type": "vxlan"}}`}, 0},
		{map[string]string{"net-conf.json": "not JSON"}, 0},
		{map[string]string{"veth_mtu": "1440"}, 1440},
		{map[string]string{"veth_mtu": "0", "mtu": "8950"}, 8950},
		{map[string]string{"Corefile": "mtu"}, 0},
	} {
		a := &asked{Causes: &Causes{snapshot: &snapshot.Snapshot{Configs: []snapshot.ConfigMap{{Meta: meta("kube-system", "cni", ""), Data: x.data}}}}}
		if m, mtu := a.configured(); mtu != x.mtu || (m != nil) != (x.mtu != 0) {
			t.Errorf("%v: %v, %d", x.data, m, mtu)
		}
	}
}
