package snapshot

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze/fact"
)

func addr(s string) netip.Addr         { return netip.MustParseAddr(s) }
func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// onePod returns a pod that runs from a time on.
func onePod(name, ip, from string) Pod {
	return Pod{
		Meta: Meta{Namespace: "shop", Name: name, UID: name + from, Created: at(from), Labels: map[string]string{"app": "web"}}, Node: "node1",
		Addresses: []netip.Addr{addr(ip)}, Phase: "Running", Containers: []Container{{Name: "main", Ports: []ContainerPort{{"http", 8080, 0, "TCP"}}}},
	}
}

// ended makes of a pod one that ended at a time.
func ended(p Pod, at int64) Pod {
	p.Phase = "Succeeded"
	p.Containers = []Container{{State: ContainerState{Kind: "terminated", Finished: at}}}
	return p
}

// small is a small cluster.
func small() *Snapshot {
	host := onePod("proxy", "192.168.1.10", "04:00:00")
	host.HostNetwork, host.Containers[0].Ports[0] = true, ContainerPort{"metrics", 9100, 9100, "TCP"}
	again := onePod("db-0", "10.244.1.20", "04:00:00")
	anew := onePod("db-0", "10.244.1.21", "04:30:00")
	return &Snapshot{
		Nodes: []Node{{Meta: Meta{Name: "node1"}, Addresses: []netip.Addr{addr("192.168.1.10")}}, {Meta: Meta{Name: "node2"}, Addresses: []netip.Addr{addr("192.168.1.11")}}},
		Pods: []Pod{
			onePod("client", "10.244.1.5", "04:00:00"),
			ended(onePod("first", "10.244.1.8", "04:00:00"), at("04:10:00")), onePod("second", "10.244.1.8", "04:20:00"),
			onePod("twin-a", "10.244.1.9", "04:00:00"), onePod("twin-b", "10.244.1.9", "04:00:00"),
			host, again, anew,
		},
		Services: []Service{
			{
				Meta: Meta{Namespace: "shop", Name: "web"}, Addresses: []netip.Addr{addr("10.96.0.50")}, External: []netip.Addr{addr("203.0.113.7")},
				Selector: map[string]string{"app": "web"}, Ports: []ServicePort{{"http", 80, PortOrName{Port: 8080}, 30080, "TCP"}},
			},
			{Meta: Meta{Namespace: "other", Name: "web"}, Addresses: []netip.Addr{addr("10.96.0.51")}, External: []netip.Addr{addr("203.0.113.7")}, Ports: []ServicePort{{"alt", 81, PortOrName{}, 0, "TCP"}}},
			{Meta: Meta{Namespace: "kube-system", Name: "kube-dns"}, Addresses: []netip.Addr{addr("10.96.0.10")}, Ports: []ServicePort{{"dns", 53, PortOrName{}, 0, "UDP"}, {"dns-tcp", 53, PortOrName{}, 0, "TCP"}}},
			{Meta: Meta{Namespace: "shop", Name: "clash-a"}, Ports: []ServicePort{{"", 80, PortOrName{}, 30090, "TCP"}}},
			{Meta: Meta{Namespace: "shop", Name: "clash-b"}, Ports: []ServicePort{{"", 80, PortOrName{}, 30090, "TCP"}}},
		},
		Slices: []EndpointSlice{{Meta: Meta{Namespace: "shop", Name: "web-x"}, Service: "web", Endpoints: []Endpoint{
			{Addresses: []netip.Addr{addr("10.244.2.77")}, Node: "node2", Pod: "gone"},
			{Addresses: []netip.Addr{addr("10.244.1.99")}, Pod: "client"},
			{Addresses: []netip.Addr{addr("192.168.1.11")}, Pod: "unlisted"},
		}}},
	}
}

// twins adds to a cluster, before and behind what it has, namespaces in which pods, Services and EndpointSlices have the same names, and addresses of their own.
func twins(s *Snapshot) *Snapshot {
	move := func(by byte, list []netip.Addr) (out []netip.Addr) {
		for _, a := range list {
			b := a.As4()
			b[2] += by
			out = append(out, netip.AddrFrom4(b))
		}
		return out
	}
	out := &Snapshot{Nodes: s.Nodes, Pods: s.Pods, Services: s.Services, Slices: s.Slices}
	for by, namespace := range []string{100: "before", 150: "behind"} {
		if namespace == "" {
			continue
		}
		var pods []Pod
		for _, p := range s.Pods {
			if !p.HostNetwork {
				p.Namespace, p.UID, p.Addresses = namespace, p.UID+namespace, move(byte(by), p.Addresses)
				pods = append(pods, p)
			}
		}
		var services []Service
		for _, x := range s.Services {
			x.Namespace, x.Addresses, x.External = namespace, move(byte(by), x.Addresses), nil
			x.Ports = slices.Clone(x.Ports)
			for i := range x.Ports {
				x.Ports[i].NodePort = 0
			}
			services = append(services, x)
		}
		var list []EndpointSlice
		for _, x := range s.Slices {
			x.Namespace, x.Endpoints = namespace, slices.Clone(x.Endpoints)
			for i := range x.Endpoints {
				x.Endpoints[i].Addresses = move(byte(by), x.Endpoints[i].Addresses)
			}
			list = append(list, x)
		}
		if namespace == "before" {
			pods, services, list, out.Pods, out.Services, out.Slices = out.Pods, out.Services, out.Slices, pods, services, list
		}
		out.Pods, out.Services, out.Slices = slices.Concat(out.Pods, pods), slices.Concat(out.Services, services), slices.Concat(out.Slices, list)
	}
	return out
}

// TestNames asks for names, also where other namespaces have the same.
func TestNames(t *testing.T) {
	t.Run("alone", func(t *testing.T) { testNames(t, NewNames(small())) })
	t.Run("twins", func(t *testing.T) { testNames(t, NewNames(twins(small()))) })
}

func testNames(t *testing.T, n *Names) {
	t.Helper()
	tests := []struct {
		role, address string
		proto         fact.Proto
		from, to      string
		want          string // kind namespace/name port, "" for none
	}{
		{"client", "10.244.1.5:0", 0, "04:05:00", "04:06:00", "Pod shop/client "},
		{"client", "10.244.1.5:0", 0, "03:59:59", "04:06:00", ""}, // before it was there
		{"backend", "10.244.1.5:8080", fact.TCP, "04:05:00", "04:06:00", "Pod shop/client http"},
		{"backend", "10.244.1.5:8080", fact.UDP, "04:05:00", "04:06:00", "Pod shop/client "},
		{"backend", "10.244.1.8:8080", fact.TCP, "04:05:00", "04:06:00", "Pod shop/first "},
		{"backend", "10.244.1.8:8080", fact.TCP, "04:25:00", "04:26:00", "Pod shop/second http"},
		{"backend", "10.244.1.8:8080", fact.TCP, "04:15:00", "04:15:00", ""}, // between the two
		{"backend", "10.244.1.8:8080", fact.TCP, "04:05:00", "04:26:00", ""}, // of both
		{"backend", "10.244.1.9:8080", fact.TCP, "04:05:00", "04:06:00", ""}, // two at once
		{"backend", "10.244.1.20:8080", fact.TCP, "04:05:00", "04:06:00", "Pod shop/db-0 http"},
		{"backend", "10.244.1.20:8080", fact.TCP, "04:35:00", "04:36:00", ""}, // made anew elsewhere
		{"backend", "10.244.2.77:8080", fact.TCP, "04:05:00", "04:06:00", "Pod shop/gone "},
		{"backend", "10.244.1.99:8080", fact.TCP, "04:05:00", "04:06:00", ""}, // the pod has another address
		{"backend", "192.168.1.10:9100", fact.TCP, "04:05:00", "04:06:00", "Pod shop/proxy metrics"},
		{"backend", "192.168.1.10:9101", fact.TCP, "04:05:00", "04:06:00", "Node /node1 "},
		{"client", "192.168.1.10:0", 0, "04:05:00", "04:06:00", "Node /node1 "},
		{"backend", "192.168.1.11:8080", fact.TCP, "04:05:00", "04:06:00", "Node /node2 "},
		{"service", "10.96.0.50:80", fact.TCP, "04:05:00", "04:06:00", "Service shop/web http"},
		{"service", "10.96.0.50:81", fact.TCP, "04:05:00", "04:06:00", "Service shop/web "},
		{"service", "192.168.1.11:30080", fact.TCP, "04:05:00", "04:06:00", "Service shop/web http"},
		{"service", "192.168.1.11:30090", fact.TCP, "04:05:00", "04:06:00", ""}, // two of them
		{"service", "192.0.2.1:30080", fact.TCP, "04:05:00", "04:06:00", ""},    // no node's address
		{"service", "203.0.113.7:80", fact.TCP, "04:05:00", "04:06:00", "Service shop/web http"},
		{"service", "203.0.113.7:81", fact.TCP, "04:05:00", "04:06:00", "Service other/web alt"},
		{"service", "10.244.1.5:8080", fact.TCP, "04:05:00", "04:06:00", ""}, // a pod is no Service
		{"server", "10.96.0.10:53", fact.UDP, "04:05:00", "04:06:00", "Service kube-system/kube-dns dns"},
		{"server", "10.96.0.10:53", 0, "04:05:00", "04:06:00", "Service kube-system/kube-dns "},
		{"client", "10.96.0.50:0", 0, "04:05:00", "04:06:00", ""}, // a Service does not speak
		{"backend", "203.0.113.99:443", fact.TCP, "04:05:00", "04:06:00", ""},
	}
	for _, test := range tests {
		a, span := addrPort(test.address), Span{at(test.from), at(test.to)}
		var none netip.AddrPort
		var got *fact.Object
		var o *fact.Objects
		switch test.role {
		case "client":
			if o = n.Objects(a.Addr(), none, none, none, test.proto, span); o != nil {
				got = o.Client
			}
		case "service":
			if o = n.Objects(netip.Addr{}, a, none, none, test.proto, span); o != nil {
				got = o.Service
			}
		case "backend":
			if o = n.Objects(netip.Addr{}, none, a, none, test.proto, span); o != nil {
				got = o.Backend
			}
		case "server":
			if o = n.Objects(netip.Addr{}, none, none, a, test.proto, span); o != nil {
				got = o.Server
			}
		}
		text := ""
		if got != nil {
			text = fmt.Sprintf("%s %s/%s %s", got.Kind, got.Namespace, got.Name, got.Port)
		}
		if text != test.want {
			t.Errorf("%s %s, %s to %s: %q, not %q", test.role, test.address, test.from, test.to, text, test.want)
		}
	}
}

func TestMaker(t *testing.T) {
	p := onePod("web-7d9c-x2", "10.244.1.5", "04:00:00")
	p.Owner = Owner{"ReplicaSet", "web-7d9c"}
	hashed := p
	hashed.Labels = map[string]string{templateLabel: "7d9c"}
	set := Workload{Meta: Meta{Namespace: "shop", Name: "web-7d9c", Owner: Owner{"Deployment", "front"}}, Kind: "ReplicaSet"}
	lone := set
	lone.Owner = Owner{}
	for _, test := range []struct {
		pod  Pod
		sets []Workload
		want string
	}{
		{p, nil, "ReplicaSet/web-7d9c"},
		{p, []Workload{set}, "Deployment/front"},
		{hashed, nil, "Deployment/web"},
		{hashed, []Workload{lone}, "ReplicaSet/web-7d9c"},
		{Pod{}, nil, ""},
	} {
		s := &Snapshot{Pods: []Pod{test.pod}, Workloads: test.sets}
		s.findMakers()
		if got := s.Pods[0].Maker.String(); got != test.want {
			t.Errorf("%q, not %q", got, test.want)
		}
	}
}

// seen are facts in which a client spoke to a Service on a node of the small cluster.
func seen() *fact.Facts {
	return &fact.Facts{
		Captures: []fact.Capture{{Frames: 1, First: at("04:05:00"), Last: at("04:06:00")}},
		Addresses: []fact.Address{
			{Addr: addr("10.96.0.50"), Role: fact.RoleService},
			{Addr: addr("10.244.1.5"), Role: fact.RolePod, Sent: 3},
			{Addr: addr("10.244.1.20"), Role: fact.RolePod, Sent: 3},
			{Addr: addr("192.168.1.10"), Role: fact.RoleNode, Sent: 5},
			{Addr: addr("192.168.1.11"), Role: fact.RoleNode, Sent: 5},
			{Addr: addr("10.244.1.8"), Role: fact.RolePod, Sent: 1},
		},
		Reach:   []fact.Reach{{Client: addr("10.244.1.5"), Service: addrPort("10.96.0.50:80"), Backend: addrPort("10.244.1.20:8080"), First: at("04:05:00"), Last: at("04:06:00")}},
		Tunnels: []fact.Tunnel{{Encap: fact.Encap{Src: addr("192.168.1.10"), Dst: addr("192.168.1.11")}}},
	}
}

func TestFit(t *testing.T) {
	tests := []struct {
		name  string
		twist func(*fact.Facts, *Snapshot)
		want  []string
		named bool
	}{
		{"it fits", func(*fact.Facts, *Snapshot) {}, nil, true},
		{
			"other nodes", func(_ *fact.Facts, s *Snapshot) {
				s.Nodes[0].Addresses[0], s.Nodes[1].Addresses[0] = addr("172.18.0.2"), addr("172.18.0.3")
			},
			[]string{"no name is given: the snapshot has other nodes than the packets"},
			false,
		},
		{"nothing of it", func(f *fact.Facts, _ *Snapshot) {
			f.Addresses = []fact.Address{{Addr: addr("10.0.0.1"), Role: fact.RolePod, Sent: 1}}
			f.Reach, f.Tunnels = nil, nil
		}, []string{"no name is given: no object of the snapshot is in the packets"}, false},
		{"only what every cluster has", func(f *fact.Facts, _ *Snapshot) {
			f.Addresses = []fact.Address{{Addr: addr("10.96.0.10"), Role: fact.RoleService}}
			f.Reach, f.Tunnels = nil, nil
		}, []string{"no name is given: no object of the snapshot is in the packets"}, false},
		{
			"a Service that speaks", func(f *fact.Facts, _ *Snapshot) {
				f.Addresses[0] = fact.Address{Addr: addr("10.96.0.51"), Role: fact.RolePod, Sent: 3}
			},
			[]string{"packets contradict the snapshot about 1 of 6 addresses: those get no name"},
			true,
		},
		{"answers of a Service, as its client has them", func(f *fact.Facts, _ *Snapshot) {
			f.Addresses[0] = fact.Address{Addr: addr("10.96.0.50"), Sent: 3}
			f.Reach = append(f.Reach, fact.Reach{Client: addr("10.96.0.50"), Proto: fact.TCP, Signs: fact.SignMidstream})
		}, nil, true},
		{"a node whose NodePorts are called", func(f *fact.Facts, _ *Snapshot) { f.Addresses[3].Role = fact.RoleService }, nil, true},
		{
			"another target port", func(_ *fact.Facts, s *Snapshot) { s.Services[0].Ports[0].Target.Port = 9090 },
			[]string{"packets contradict the snapshot about 1 of 6 addresses: those get no name"},
			true,
		},
		{
			"a pod that is not selected", func(_ *fact.Facts, s *Snapshot) { s.Services[0].Selector["app"] = "db" },
			[]string{"packets contradict the snapshot about 1 of 6 addresses: those get no name"},
			true,
		},
		{"Services that speak", func(f *fact.Facts, _ *Snapshot) {
			f.Addresses[0] = fact.Address{Addr: addr("10.96.0.51"), Role: fact.RolePod, Sent: 3}
			f.Addresses[3] = fact.Address{Addr: addr("10.96.0.50"), Sent: 3}
			f.Reach = append(f.Reach, fact.Reach{Client: addr("10.96.0.50"), Proto: fact.TCP})
		}, []string{"no name is given: packets contradict the snapshot about 2 of 6 addresses; is it of another cluster?"}, false},
		{"nothing new for long", func(_ *fact.Facts, s *Snapshot) { s.Taken = at("04:00:00") - 3*86400e9 }, nil, true},
		{
			"far apart", func(_ *fact.Facts, s *Snapshot) {
				s.Taken, s.Heard = at("04:00:00")-3*86400e9, at("04:00:00")-3*86400e9
			},
			[]string{"the snapshot and the packets lie 3 days apart: addresses may have changed hands, and names are marked with ?"},
			true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, s := seen(), small()
			test.twist(f, s)
			n := NewNames(s)
			got := n.Fit(f)
			if again := n.Fit(f); !cmp.Equal(got, again) {
				t.Errorf("at first %q, then %q", got, again)
			}
			if !cmp.Equal(got, test.want) {
				t.Errorf("%q, not %q", got, test.want)
			}
			if o := n.Client(addr("10.244.1.5"), Span{at("04:05:00"), at("04:06:00")}); (o != nil) != test.named {
				t.Errorf("the client is %v", o)
			} else if o != nil && o.Doubtful != (test.name == "far apart") {
				t.Errorf("the client is %v", o)
			}
		})
	}
}
