package snapshot

import (
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// TestDumps: a dump is known by its content, and its node by the addresses in it, or else by its file's name.
func TestDumps(t *testing.T) {
	node := func(name, address string) string {
		return `{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "` + name + `"}, "status": {"addresses": [{"address": "` + address + `"}]}}`
	}
	objects := file("cluster.json", list(node("node1", "192.168.1.10"), node("node1.example.net", "192.168.1.11"), node("node3", "192.168.1.12"), pod))
	route := "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink\n"
	local := "192.168.1.0/24 dev eth0 proto kernel scope link src "
	for _, x := range []struct{ name, text, node, warning string }{
		{"node1.ip-route.txt", route, "node1", ""},
		{"node1-routes", route, "node1", ""},
		{"node1.example.net.ip-route.txt", route, "node1.example.net", ""},
		{"node2.ip-route.txt", route, "node2", ""}, // a pod's node
		{"routes", local + "192.168.1.11\n", "node1.example.net", ""},
		{"node1.ip-route.txt", local + "192.168.1.12\n", "node3", ""},
		{"node1.ip-route.txt", local + "192.168.1.12\n" + local + "192.168.1.10\n", "node1", ""},
		{"node10.ip-route.txt", route, "node10", "which node"},
		{"node1/routes.txt", route, "node1", ""},
		{"node2/ip-route.txt", route, "node2", ""},
		{"node2/node1.ip-route.txt", route, "node1", ""},
		{"node2/later/ip-route.txt", route, "node2", ""},
		{"node1/ip-route.txt", local + "192.168.1.12\n", "node3", ""},
		{"node1.conntrack.txt", "net.a = 1\nnet.b = " + strings.Repeat("1", 1<<21), "", "a line of more than"},
		{"node1.nstat.txt", "#kernel\nIpInReceives 1 0.0\n", "", ""},
		{"node1.notes.txt", "hello\n", "", "nor a dump"},
	} {
		s := Read([]File{objects, file(x.name, x.text)})
		got := ""
		for i := range s.Dumps {
			got += s.Dumps[i].Node
			if s.Dumps[i].File != x.name {
				t.Errorf("%s: file %q", x.name, s.Dumps[i].File)
			}
		}
		if warned := strings.Join(s.Warnings, "\n"); got != x.node || x.warning == "" && warned != "" || !strings.Contains(warned, x.warning) {
			t.Errorf("%s: %q, not %q; %q", x.name, got, x.node, warned)
		}
	}
}

// facts are those of addresses.
func facts(list []fact.Address) *fact.Facts { return &fact.Facts{Addresses: list} }

// TestDumpsAlone: without objects a path alone tells a node, and addresses in dumps show whether they are of the packets' cluster.
func TestDumpsAlone(t *testing.T) {
	local := "192.168.1.0/24 dev eth0 proto kernel scope link src "
	for _, x := range []struct{ name, node string }{
		{"node1.ip-route.txt", "node1"},
		{"node1/ip-route.txt", "node1"},
		{"dumps/node1.ip-route.txt", "node1"},
		{"/node1/ip_route", "node1"},
		{"ip-route.txt", ""},
	} {
		n := NewNames(Read([]File{file(x.name, local+"192.168.1.10\n")}))
		ours := facts([]fact.Address{{Addr: addr("192.168.1.10"), Role: fact.RoleNode, Sent: 9}, {Addr: addr("10.244.1.5"), Role: fact.RolePod, Sent: 9}})
		n.Fit(ours)
		got := ""
		if o := n.Client(addr("192.168.1.10"), Span{}); o != nil {
			got = o.Name
		}
		if got != x.node || (n.Snapshot() != nil) != (x.node != "") {
			t.Errorf("%s: node %q, not %q", x.name, got, x.node)
		}
		for _, theirs := range [][]fact.Address{
			{{Addr: addr("192.168.1.11"), Role: fact.RoleNode, Sent: 9}},
			{{Addr: addr("192.168.1.10"), Role: fact.RolePod, Sent: 9}},
		} {
			if n.Fit(facts(theirs)); n.Snapshot() != nil {
				t.Errorf("%s: of the cluster of %v", x.name, theirs)
			}
		}
	}
	same := NewNames(Read([]File{file("a/ip-route.txt", local+"192.168.1.10\n"), file("b/ip-route.txt", local+"192.168.1.10\n")}))
	same.Fit(facts([]fact.Address{{Addr: addr("192.168.1.10"), Role: fact.RoleNode, Sent: 9}}))
	if o := same.Client(addr("192.168.1.10"), Span{}); o != nil {
		t.Errorf("two nodes have the address, and it is called %s", o.Name)
	}
}

// TestNodesAlike: nodes at the same addresses make no snapshot that of the packets' cluster, where it knows none of its pods.
func TestNodesAlike(t *testing.T) {
	n := NewNames(small())
	node := fact.Address{Addr: addr("192.168.1.10"), Role: fact.RoleNode, Sent: 9}
	strange := []fact.Address{node, {Addr: addr("10.42.0.5"), Role: fact.RolePod, Sent: 9}, {Addr: addr("10.43.0.50"), Role: fact.RoleService}}
	for _, x := range []struct {
		more []fact.Address
		ours bool
	}{
		{nil, false},
		{[]fact.Address{{Addr: addr("10.96.0.10"), Role: fact.RoleService}}, false}, // which every cluster has
		{[]fact.Address{{Addr: addr("10.244.1.5"), Role: fact.RolePod, Sent: 9}}, true},
	} {
		if n.Fit(facts(append(x.more, strange...))); (n.Snapshot() != nil) != x.ours {
			t.Errorf("%v: ours: %v", x.more, !x.ours)
		}
	}
}
