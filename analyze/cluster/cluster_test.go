package cluster

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// machines are a node, another one, and a host.
const node1, node2, host = 0, 1, 2

// room is how many entries a half of the tables has in tests.
const room = 1 << 10

// threeMachines is a Cluster with a capture of each of the machines.
func threeMachines() *Cluster {
	var list []Source
	for i, name := range []string{"node1", "node2", "host"} {
		list = append(list, Source{Machine: uint16(i), Node: name, Link: func(uint32) Link { return Link{} }})
	}
	return New(list, DefaultNodePorts, room)
}

// conn is a connection from client to called of which nothing was seen yet.
func conn(proto fact.Proto, client, called string) *fact.Connection {
	c := &fact.Connection{Proto: proto, Client: netip.MustParseAddrPort(client), Called: netip.MustParseAddrPort(called)}
	c.Destination = c.Called
	return c
}

// leg adds a leg to a connection, in a capture and a tunnel, seen in views of the form "INTERFACE in|out TTL", or "back INTERFACE ..." for
// those of the server's packets.
func leg(c *fact.Connection, src, dst string, capture uint16, tunnel []fact.Encap, views ...string) {
	l := fact.Leg{Src: netip.MustParseAddrPort(src), Dst: netip.MustParseAddrPort(dst), Encap: tunnel}
	for n, text := range views {
		f := strings.Fields(text)
		v := fact.View{Capture: capture, Hardware: 1, Frames: 1, After: -1, Dir: decode.DirIn, First: int64(len(c.Legs)*100 + n)}
		if f[0] == "back" {
			v.Flow, f = fact.ToClient, f[1:]
			v.First = 10_000 - v.First
		}
		v.Interface = uint32(f[0][0])
		if f[1] == "out" {
			v.Dir = decode.DirOut
		}
		v.TTL = map[string]uint8{"64": 64, "63": 63, "62": 62}[f[2]]
		l.Views = append(l.Views, v)
		c.Flow[v.Flow].Packets = 1
	}
	c.Legs = append(c.Legs, l)
	c.Destination = l.Dst
	if l.Src != c.Client {
		c.SNAT = l.Src
	}
}

const pod, sibling, remote, vip, outside = "10.244.1.5:40000", "10.244.1.6:8080", "10.244.2.8:8080", "10.96.0.50:80", "192.168.1.100:50000"

// viaService is a call of a pod's to a Service with a backend on the same node.
func viaService() *fact.Connection {
	c := conn(fact.TCP, pod, vip)
	leg(c, pod, vip, node1, nil, "5 in 64", "back 5 out 64")
	leg(c, pod, sibling, node1, nil, "b out 64", "6 out 64", "back 6 in 64")
	return c
}

// overTunnel is a call of a pod's to a pod on another node.
func overTunnel() *fact.Connection {
	c := conn(fact.TCP, pod, remote)
	vxlan := []fact.Encap{{Kind: decode.EncapVXLAN, Src: netip.MustParseAddr("192.168.1.10"), Dst: netip.MustParseAddr("192.168.1.11")}}
	leg(c, pod, remote, node1, nil, "5 in 64", "f out 63", "back f in 62", "back 5 out 62")
	leg(c, pod, remote, node1, vxlan, "e out 63", "back e in 63")
	return c
}

// untranslated is a call to a Service's address of which the capture shows the client's end only.
func untranslated(called string) *fact.Connection {
	c := conn(fact.TCP, pod, called)
	leg(c, pod, called, node1, nil, "5 in 64")
	return c
}

// refusedBy is a call that a machine refuses with ICMP, before anything translates it.
func refusedBy(capture int, called string) *fact.Connection {
	c := untranslated(called)
	c.Outcome = fact.Refused
	c.Errors = []fact.ICMPError{{Type: 3, Code: 3, ToClient: true, MadeHere: true, Ref: fact.Ref{Capture: capture}}}
	return c
}

// toAPIServer is a watch that began before the capture, at a server on the nodes' network, reached under the node's address.
func toAPIServer() *fact.Connection {
	c := conn(fact.TCP, pod, "10.96.0.1:443")
	c.Midstream = true
	leg(c, pod, "10.96.0.1:443", node1, nil, "5 in 64", "back 5 out 62")
	leg(c, "192.168.1.10:40000", "192.168.1.2:6443", node1, nil, "e out 63", "back e in 64")
	return c
}

// toNodePort is the call of a client outside, which was captured there, too.
func toNodePort() *fact.Connection {
	c := conn(fact.TCP, outside, "192.168.1.10:30080")
	leg(c, outside, "192.168.1.10:30080", host, nil, "u out 64", "back u in 62")
	leg(c, outside, "192.168.1.10:30080", node1, nil, "e in 64", "back e out 62")
	leg(c, "10.244.1.1:50000", sibling, node1, nil, "b out 63", "6 out 63", "back 6 in 64")
	return c
}

// TestCluster lets a Cluster learn of connections in every order, and asks it what addresses are and how each connection is named.
func TestCluster(t *testing.T) {
	for _, c := range []struct {
		name  string
		learn []*fact.Connection
		roles map[string]string // by address
		names []string          // of each connection: Service, backend and evidence
	}{
		{
			name: "a Service, and others in its range", learn: []*fact.Connection{viaService(), untranslated("10.96.3.1:443"), untranslated("10.97.0.1:443")},
			roles: map[string]string{"10.96.0.50": "service", "10.244.1.6": "pod", "10.96.3.1": "", "10.244.1.5": "pod"},
			names: []string{vip + " " + sibling + " translated", "10.96.3.1:443 - other-connection", "- 10.97.0.1:443 "},
		},
		{
			name: "a Service that the node refuses", learn: []*fact.Connection{refusedBy(node1, "10.96.0.60:80"), untranslated("10.96.0.61:80"), overTunnel()},
			roles: map[string]string{"10.96.0.60": "service", "192.168.1.10": "node"},
			names: []string{"10.96.0.60:80 - rejected-by-node", "10.96.0.61:80 - other-connection", "- " + remote + " "},
		},
		{
			name: "a pod that a policy refuses", learn: []*fact.Connection{refusedBy(node1, "10.244.2.9:80"), overTunnel(), viaService()},
			roles: map[string]string{"10.244.2.9": ""}, // nobody spoke from it
			names: []string{"- 10.244.2.9:80 ", "- " + remote + " ", vip + " " + sibling + " translated"},
		},
		{
			name: "a backend on the nodes' network", learn: []*fact.Connection{toAPIServer(), untranslated("192.168.1.77:5432"), viaService()},
			roles: map[string]string{"192.168.1.2": "", "192.168.1.77": "", "10.96.0.1": "service"},
			names: []string{"10.96.0.1:443 192.168.1.2:6443 translated", "- 192.168.1.77:5432 ", vip + " " + sibling + " translated"},
		},
		{
			name: "a client outside that was captured", learn: []*fact.Connection{toNodePort(), overTunnel(), viaService()},
			roles: map[string]string{"192.168.1.100": "", "192.168.1.10": "node", "10.244.1.6": "pod"},
			names: []string{"192.168.1.10:30080 " + sibling + " translated", "- " + remote + " ", vip + " " + sibling + " translated"},
		},
		{
			name: "the node's own connections", learn: []*fact.Connection{func() *fact.Connection {
				c := conn(fact.TCP, "192.168.1.10:41000", "192.168.1.2:6443")
				leg(c, "192.168.1.10:41000", "192.168.1.2:6443", node1, nil, "e out 64", "back e in 64")
				return c
			}(), overTunnel()},
			roles: map[string]string{"192.168.1.10": "node", "192.168.1.2": ""},
			names: []string{"- 192.168.1.2:6443 ", "- " + remote + " "},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			orders(len(c.learn), func(order []int) {
				k := threeMachines()
				for _, i := range order {
					x := *c.learn[i]
					k.Learn(&x)
					for _, l := range x.Legs {
						for _, e := range l.Encap {
							k.Tunnel(e.Src, e.Dst, 63)
						}
					}
				}
				f := fact.Facts{Addresses: k.Addresses()}
				for a, want := range c.roles {
					if got := f.Role(netip.MustParseAddr(a)).String(); got != want {
						t.Errorf("learned in the order %v, %s is a %q, want %q", order, a, got, want)
					}
				}
				for i, want := range c.names {
					x := *c.learn[i]
					k.Name(&x)
					if got := words(x.Service) + " " + words(x.Backend) + " " + x.KnownBy.String(); got != want {
						t.Errorf("learned in the order %v, %v to %v is named %q, want %q", order, x.Client, x.Called, got, want)
					}
				}
			})
		})
	}
}

// orders calls f with all orders of n things.
func orders(n int, f func([]int)) {
	var all func(head, rest []int)
	all = func(head, rest []int) {
		if len(rest) == 0 {
			f(head)
		}
		for i := range rest {
			others := append(append([]int{}, rest[:i]...), rest[i+1:]...)
			all(append(append([]int{}, head...), rest[i]), others)
		}
	}
	var first []int
	for i := range n {
		first = append(first, i)
	}
	all(nil, first)
}

// words is an address and port in words, "-" for none.
func words(a netip.AddrPort) string {
	if !a.IsValid() {
		return "-"
	}
	return a.String()
}

// TestAbove: what lies above a cluster learns on its own.
func TestAbove(t *testing.T) {
	k := threeMachines()
	k.Learn(viaService())
	before := k.Addresses()
	c := k.Above()
	for _, x := range []*fact.Connection{overTunnel(), toNodePort(), refusedBy(node1, "10.96.0.60:80")} {
		c.Learn(x)
	}
	c.Tunnel(netip.MustParseAddr("192.168.1.10"), netip.MustParseAddr("192.168.1.11"), 63)
	if d := cmp.Diff(before, k.Addresses(), cmpopts.EquateComparable(netip.Addr{})); d != "" {
		t.Errorf("the one below learned: %s", d)
	}
	if len(k.tunnels.young) > 0 || len(k.interfaces.places()) >= len(c.interfaces.places()) || k.isHost(host) {
		t.Error("the one below learned what the one above was told")
	}
	for _, x := range []*fact.Connection{overTunnel(), toNodePort(), refusedBy(node1, "10.96.0.60:80")} {
		k.Learn(x)
	}
	k.Tunnel(netip.MustParseAddr("192.168.1.10"), netip.MustParseAddr("192.168.1.11"), 63)
	if d := cmp.Diff(k.Addresses(), c.Addresses(), cmpopts.EquateComparable(netip.Addr{})); d != "" {
		t.Errorf("told the same, the one above knows something else: %s", d)
	}
	if d := cmp.Diff(k.Interfaces(), c.Interfaces(), cmpopts.EquateComparable(netip.Addr{})); d != "" {
		t.Errorf("told the same, the one above knows other interfaces: %s", d)
	}
	x := untranslated("10.96.0.60:80")
	if k.Name(x); x.KnownBy != fact.OtherConnection {
		t.Errorf("named by %v", x.KnownBy)
	}
}

// TestBounded: a scan does not fill the memory, and what is learned last is known.
func TestBounded(t *testing.T) {
	k := threeMachines()
	k.Learn(viaService())
	last := netip.Addr{}
	for i := range uint32(2*room + 100) {
		a := netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)})
		b := netip.AddrFrom4([4]byte{byte(i>>16) + 12, byte(i >> 8), byte(i), 1})
		for _, x := range []netip.Addr{a, b} {
			c := refusedBy(node1, netip.AddrPortFrom(x, 80).String())
			k.Learn(c)
			k.NamedService(x)
			k.Tunnel(x, x, 64)
			last = x
		}
	}
	for name, n := range map[string]int{
		"addresses": entries(&k.addresses), "networks": entries(&k.networks), "owners": entries(&k.owners), "called": entries(&k.called),
		"ranges": entries(&k.ranges), "tunnels": entries(&k.tunnels),
	} {
		if n > 2*room || n < room && (name == "addresses" || name == "called" || name == "tunnels") {
			t.Errorf("%d %s are kept", n, name)
		}
	}
	if !k.seen(last).named || k.seen(netip.MustParseAddr("11.0.0.0")).named {
		t.Error("the first is kept, or the last is not")
	}
	if k.seen(viaService().Client.Addr()).sent == 0 {
		t.Error("an address that went on to speak was forgotten")
	}
}

func entries[K comparable, V any](t *table[K, V]) (n int) {
	for range t.all() {
		n++
	}
	return n
}
