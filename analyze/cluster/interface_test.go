package cluster

import (
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// oneMachine is a Cluster of one machine, of whose interfaces nothing is told.
func oneMachine() *Cluster {
	return New([]Source{{Node: "n", Link: func(uint32) Link { return Link{} }}}, DefaultNodePorts, 1<<10)
}

// hop is a passage in the short form that the tests' tables have.
type hop struct {
	index uint32
	dir   decode.Direction
	ttl   uint8
	depth int
}

const in, out = decode.DirIn, decode.DirOut

func way(src, dst string, hops ...hop) []passage {
	var list []passage
	for _, h := range hops {
		list = append(list, passage{
			place: place{index: h.index, hardware: 1}, dir: h.dir, ttl: h.ttl, depth: h.depth, src: addr(src), dst: addr(dst),
		})
	}
	return list
}

func TestInterfaces(t *testing.T) {
	const lo, eth0, cni0, flannel, veth5, veth6 = 1, 2, 3, 4, 5, 6
	const pod, sibling, remote, outside, node = "10.244.1.5", "10.244.1.6", "10.244.2.8", "203.0.113.7", "192.168.1.10"
	overVXLAN := [][]passage{
		way(pod, remote, hop{veth5, in, 64, 0}, hop{cni0, in, 64, 0}, hop{flannel, out, 63, 0}, hop{eth0, out, 63, 1}),
		way(remote, pod, hop{eth0, in, 63, 1}, hop{flannel, in, 63, 0}, hop{cni0, out, 62, 0}, hop{veth5, out, 62, 0}),
	}
	for _, c := range []struct {
		name string
		ways [][][]passage // of connections
		want map[uint32]string
	}{
		{"nothing seen", nil, map[uint32]string{eth0: ""}},
		{"tunnel", [][][]passage{overVXLAN}, map[uint32]string{veth5: "veth 10.244.1.5", cni0: "bridge", flannel: "tunnel device", eth0: "uplink"}},
		{"same node, bridged", [][][]passage{{
			way(pod, sibling, hop{veth5, in, 64, 0}, hop{cni0, out, 64, 0}, hop{veth6, out, 64, 0}),
			way(sibling, pod, hop{veth6, in, 64, 0}, hop{veth5, out, 64, 0}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", veth6: "veth 10.244.1.6", cni0: "bridge"}},
		{"flooded to every port", [][][]passage{overVXLAN, {
			way(remote, sibling, hop{eth0, in, 63, 1}, hop{flannel, in, 63, 0}, hop{cni0, out, 62, 0}, hop{veth5, out, 62, 0}, hop{veth6, out, 62, 0}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", cni0: "bridge"}},
		{"routed veths, no bridge", [][][]passage{{
			way(pod, remote, hop{veth5, in, 64, 0}, hop{flannel, out, 63, 0}, hop{eth0, out, 63, 1}),
			way(remote, pod, hop{eth0, in, 63, 1}, hop{flannel, in, 63, 0}, hop{veth5, out, 62, 0}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", flannel: "tunnel device", eth0: "uplink"}},
		{"no tunnel", [][][]passage{{
			way(pod, outside, hop{veth5, in, 64, 0}, hop{eth0, out, 63, 0}),
			way(outside, pod, hop{eth0, in, 55, 0}, hop{veth5, out, 54, 0}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", eth0: "uplink"}},
		{"the node's own packets", [][][]passage{{
			way(node, outside, hop{eth0, out, 64, 0}), way(outside, node, hop{eth0, in, 55, 0}),
		}}, map[uint32]string{eth0: "uplink"}},
		{"a host beside the node", [][][]passage{
			{way(node, "192.168.1.1", hop{eth0, out, 64, 0}), way("192.168.1.1", node, hop{eth0, in, 64, 0})},
			{way("192.168.1.100", pod, hop{eth0, in, 64, 0}, hop{veth5, out, 63, 0})},
		}, map[uint32]string{eth0: "uplink"}},
		{"dual stack", [][][]passage{overVXLAN, {
			way("fd00:10:244:1::5", "fd00:10:244:2::8", hop{veth5, in, 64, 0}, hop{cni0, in, 64, 0}, hop{flannel, out, 63, 0}, hop{eth0, out, 63, 1}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", flannel: "tunnel device", eth0: "uplink"}},
		{"a tunnel in a tunnel", [][][]passage{{
			way(pod, remote, hop{veth5, in, 64, 0}, hop{7, out, 63, 0}, hop{flannel, out, 63, 1}, hop{eth0, out, 63, 2}),
		}}, map[uint32]string{7: "tunnel device", flannel: "tunnel device", eth0: "uplink"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := oneMachine()
			for _, ways := range c.ways {
				k.enter(ways, 1)
			}
			for index, want := range c.want {
				if got := k.interfaceRole(place{index: index, hardware: 1}).String(); got != want {
					t.Errorf("interface %d: %q, want %q", index, got, want)
				}
			}
		})
	}
}

func TestRoleByHardware(t *testing.T) {
	k := oneMachine()
	for hardware, want := range map[uint16]fact.InterfaceKind{
		1: 0, 768: fact.TunnelDevice, 769: fact.TunnelDevice, 772: fact.Loopback, 776: fact.TunnelDevice, 778: fact.TunnelDevice,
		65534: fact.TunnelDevice,
	} {
		if got := k.interfaceRole(place{hardware: hardware, mixed: true}); got.Kind != want {
			t.Errorf("ARPHRD %d: %v, want %v", hardware, got, want)
		}
	}
}

func TestInterfacesAreBounded(t *testing.T) {
	k := oneMachine()
	for i := range uint32(1 << 10) {
		k.enter([][]passage{way("10.0.0.1", "10.0.0.2", hop{i, in, 64, 0}, hop{i + 1<<20, out, 63, 0})}, 1)
	}
	if n := len(k.interfaces.places()); n > 2*(1<<10)/interfacesIn {
		t.Errorf("%d interfaces are kept", n)
	}
	if k.interfaces.seen.find(place{index: 1<<10 - 1, hardware: 1}) == nil {
		t.Error("the latest is not among them")
	}
	// What leads to single addresses is counted for those that are kept: each of these interfaces has an address of its own.
	for i := range uint32(1 << 10) {
		from := netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)})
		k.enter([][]passage{way(from.String(), "10.0.0.2", hop{1<<21 + i, in, 64, 0}, hop{1<<22 + i, out, 63, 0})}, 1)
	}
	kept, counted := 0, 0
	k.interfaces.count()
	for _, x := range k.interfaces.seen.all() {
		if x.single().IsValid() {
			kept++
		}
	}
	for _, n := range k.interfaces.singles {
		counted += n.all
	}
	if kept == 0 || counted != kept {
		t.Errorf("%d interfaces lead to single addresses, %d are counted", kept, counted)
	}
}

func TestPodsBehindInterfaces(t *testing.T) {
	const eth0, cni0, veth5 = 2, 3, 5
	const pod, remote, outside = "10.244.1.5", "10.244.2.8", "192.168.1.100"
	for _, c := range []struct {
		name string
		ways [][]passage
		want map[string]bool
	}{
		{"behind a bridge's port", [][]passage{
			way(pod, outside, hop{veth5, in, 64, 0}, hop{cni0, in, 64, 0}, hop{eth0, out, 63, 0}),
			way(outside, pod, hop{eth0, in, 64, 0}, hop{cni0, out, 63, 0}, hop{veth5, out, 63, 0}),
		}, map[string]bool{"10.244.1.6": true, "192.168.1.7": false}},
		{"routed, beside an uplink", [][]passage{
			way(pod, remote, hop{veth5, in, 64, 0}, hop{eth0, out, 63, 0}),
			way(remote, pod, hop{eth0, in, 63, 0}, hop{veth5, out, 62, 0}),
		}, map[string]bool{"10.244.1.6": true, "10.244.2.9": false}},
		{"routed, and either may be the uplink", [][]passage{
			way(pod, outside, hop{veth5, in, 64, 0}, hop{eth0, out, 63, 0}),
			way(outside, pod, hop{eth0, in, 64, 0}, hop{veth5, out, 63, 0}),
		}, map[string]bool{"10.244.1.6": false, "192.168.1.7": false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := oneMachine()
			k.enter(c.ways, 1)
			for a, want := range c.want {
				if got := k.nearPods(addr(a)); got != want {
					t.Errorf("%s: %v, want %v", a, got, want)
				}
			}
		})
	}
}
