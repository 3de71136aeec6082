package role

import (
	"net/netip"
	"testing"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

func addr(s string) wire.Addr { return wire.AddrFrom(netip.MustParseAddr(s)) }

// hop is a passage in the short form that the tests' tables have.
type hop struct {
	index uint32
	dir   decode.Direction
	ttl   uint8
	depth int
}

const in, out = decode.DirIn, decode.DirOut

func way(src, dst string, hops ...hop) []Passage {
	var list []Passage
	for _, h := range hops {
		list = append(list, Passage{
			Place: Place{Index: h.index, Hardware: 1}, Direction: h.dir, TTL: h.ttl, Depth: h.depth, Src: addr(src), Dst: addr(dst),
		})
	}
	return list
}

func TestInterfaces(t *testing.T) {
	const lo, eth0, cni0, flannel, veth5, veth6 = 1, 2, 3, 4, 5, 6
	const pod, sibling, remote, outside, node = "10.244.1.5", "10.244.1.6", "10.244.2.8", "203.0.113.7", "192.168.1.10"
	overVXLAN := [][]Passage{
		way(pod, remote, hop{veth5, in, 64, 0}, hop{cni0, in, 64, 0}, hop{flannel, out, 63, 0}, hop{eth0, out, 63, 1}),
		way(remote, pod, hop{eth0, in, 63, 1}, hop{flannel, in, 63, 0}, hop{cni0, out, 62, 0}, hop{veth5, out, 62, 0}),
	}
	for _, c := range []struct {
		name string
		ways [][][]Passage // of connections
		want map[uint32]string
	}{
		{"nothing seen", nil, map[uint32]string{eth0: ""}},
		{"tunnel", [][][]Passage{overVXLAN}, map[uint32]string{veth5: "veth 10.244.1.5", cni0: Bridge, flannel: Tunnel, eth0: Uplink}},
		{"same node, bridged", [][][]Passage{{
			way(pod, sibling, hop{veth5, in, 64, 0}, hop{cni0, out, 64, 0}, hop{veth6, out, 64, 0}),
			way(sibling, pod, hop{veth6, in, 64, 0}, hop{veth5, out, 64, 0}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", veth6: "veth 10.244.1.6", cni0: Bridge}},
		{"flooded to every port", [][][]Passage{overVXLAN, {
			way(remote, sibling, hop{eth0, in, 63, 1}, hop{flannel, in, 63, 0}, hop{cni0, out, 62, 0}, hop{veth5, out, 62, 0}, hop{veth6, out, 62, 0}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", cni0: Bridge}},
		{"routed veths, no bridge", [][][]Passage{{
			way(pod, remote, hop{veth5, in, 64, 0}, hop{flannel, out, 63, 0}, hop{eth0, out, 63, 1}),
			way(remote, pod, hop{eth0, in, 63, 1}, hop{flannel, in, 63, 0}, hop{veth5, out, 62, 0}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", flannel: Tunnel, eth0: Uplink}},
		{"no tunnel", [][][]Passage{{
			way(pod, outside, hop{veth5, in, 64, 0}, hop{eth0, out, 63, 0}),
			way(outside, pod, hop{eth0, in, 55, 0}, hop{veth5, out, 54, 0}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", eth0: Uplink}},
		{"the node's own packets", [][][]Passage{{
			way(node, outside, hop{eth0, out, 64, 0}), way(outside, node, hop{eth0, in, 55, 0}),
		}}, map[uint32]string{eth0: Uplink}},
		{"a host beside the node", [][][]Passage{
			{way(node, "192.168.1.1", hop{eth0, out, 64, 0}), way("192.168.1.1", node, hop{eth0, in, 64, 0})},
			{way("192.168.1.100", pod, hop{eth0, in, 64, 0}, hop{veth5, out, 63, 0})},
		}, map[uint32]string{eth0: Uplink}},
		{"dual stack", [][][]Passage{overVXLAN, {
			way("fd00:10:244:1::5", "fd00:10:244:2::8", hop{veth5, in, 64, 0}, hop{cni0, in, 64, 0}, hop{flannel, out, 63, 0}, hop{eth0, out, 63, 1}),
		}}, map[uint32]string{veth5: "veth 10.244.1.5", flannel: Tunnel, eth0: Uplink}},
		{"a tunnel in a tunnel", [][][]Passage{{
			way(pod, remote, hop{veth5, in, 64, 0}, hop{7, out, 63, 0}, hop{flannel, out, 63, 1}, hop{eth0, out, 63, 2}),
		}}, map[uint32]string{7: Tunnel, flannel: Tunnel, eth0: Uplink}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, roles := NewInterfaces(), New()
			for _, ways := range c.ways {
				x.Enter(ways)
			}
			for index, want := range c.want {
				if got := x.Role(Place{Index: index, Hardware: 1}, roles); got != want {
					t.Errorf("interface %d: %q, want %q", index, got, want)
				}
			}
		})
	}
}

func TestRoleByHardware(t *testing.T) {
	x := NewInterfaces()
	for hardware, want := range map[uint16]string{1: "", 768: Tunnel, 769: Tunnel, 772: Loopback, 776: Tunnel, 778: Tunnel, 65534: Tunnel} {
		if got := x.Role(Place{Hardware: hardware, Mixed: true}, New()); got != want {
			t.Errorf("ARPHRD %d: %q, want %q", hardware, got, want)
		}
	}
}

func TestInterfacesAreBounded(t *testing.T) {
	x := NewInterfaces()
	for i := range uint32(2 * maxInterfaces) {
		x.Enter([][]Passage{way("10.0.0.1", "10.0.0.2", hop{i, in, 64, 0}, hop{i + 1<<20, out, 63, 0})})
	}
	if n := len(x.seen); n > maxInterfaces {
		t.Errorf("%d interfaces are kept", n)
	}
}
