package plugin

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sockets are as a node lists them: the kubelet's and the container runtime's listening ones, one connection of the API server to the kubelet, which
// is in tcp6 as an IPv4 address, and the one over loopback, both ends of it; and some that carry nothing of the capture.
const socketLists = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:A1B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 26331 1 0000000000000000 100 0 0 10 0
   1: 0100007F:C35A 0100007F:A1B3 01 00000000:00000000 00:00000000 00000000     0        0 26400 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:A1B3 0100007F:C35A 01 00000000:00000000 00:00000000 00000000     0        0 26401 1 0000000000000000 20 4 30 10 -1
   3: 0A4DA8C0:9C40 024DA8C0:192B 01 00000000:00000000 02:00000371 00000000     0        0 26111 2 0000000000000000 20 4 30 10 -1
   4: 0100007F:C35C 0100007F:A1B3 06 00000000:00000000 03:00000371 00000000     0        0 0 3 0000000000000000
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:280A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 26344 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000A4DA8C0:280A 0000000000000000FFFF0000024DA8C0:DDD5 01 00000000:00000000 00:00000000 00000000     0        0 26555 1 0000000000000000 20 4 30 10 -1
broken line
   2: 00:280A 0:DDD5 01
`

func TestSockets(t *testing.T) {
	got := readSockets(socketLists)
	want := []socket{
		{netip.MustParseAddrPort("127.0.0.1:41395"), netip.MustParseAddrPort("0.0.0.0:0"), listening},
		{netip.MustParseAddrPort("127.0.0.1:50010"), netip.MustParseAddrPort("127.0.0.1:41395"), established},
		{netip.MustParseAddrPort("127.0.0.1:41395"), netip.MustParseAddrPort("127.0.0.1:50010"), established},
		{netip.MustParseAddrPort("192.168.77.10:40000"), netip.MustParseAddrPort("192.168.77.2:6443"), established},
		{netip.MustParseAddrPort("127.0.0.1:50012"), netip.MustParseAddrPort("127.0.0.1:41395"), 6},
		{netip.MustParseAddrPort("[::]:10250"), netip.MustParseAddrPort("[::]:0"), listening},
		{netip.MustParseAddrPort("192.168.77.10:10250"), netip.MustParseAddrPort("192.168.77.2:56789"), established},
	}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b socket) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

func TestOwnStream(t *testing.T) {
	list := readSockets(socketLists)
	var many []socket
	for port := range uint16(maxPairs + 1) {
		many = append(many, socket{netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 2379), netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 40000+port), established})
	}
	many = append(many, socket{netip.MustParseAddrPort("127.0.0.1:2379"), netip.MustParseAddrPort("0.0.0.0:0"), listening})
	node := netip.MustParseAddr("192.168.77.10")
	for _, x := range []struct {
		name    string
		own     ownStream
		sockets []socket
		want    string
	}{
		{"a node", ownStream{kubelet: 10250}, list, "not (tcp port 10250 and (port 56789)) and not (tcp and net 127.0.0.0/8 and port 41395 and port 50010)"},
		{"no list", ownStream{kubelet: 10250}, nil, "not (tcp port 10250) and not (tcp and net 127.0.0.0/8)"},
		{"another port", ownStream{kubelet: 10350}, list, "not (tcp port 10350) and not (tcp and net 127.0.0.0/8 and port 41395 and port 50010)"},
		{"very many over loopback", ownStream{kubelet: 10250}, many, "not (tcp port 10250) and not (tcp and net 127.0.0.0/8)"},
		{
			"an API server",
			ownStream{
				kubelet: 10250, relay: true, api: []netip.AddrPort{netip.AddrPortFrom(node, 6443)},
				cluster: []netip.Prefix{netip.PrefixFrom(node, 32), netip.MustParsePrefix("192.168.77.11/32"), netip.MustParsePrefix("10.244.1.0/24"), netip.MustParsePrefix("fd00::/64")},
			},
			list,
			"not (tcp port 10250) and not (tcp and net 127.0.0.0/8 and port 41395 and port 50010) and " +
				"not (tcp port 6443 and host 192.168.77.10 and not (net 192.168.77.11/32 or net 10.244.1.0/24))",
		},
		{"an agent", ownStream{kubelet: 10250, relay: true, agent: true}, nil, "not (tcp port 10250) and not (tcp and net 127.0.0.0/8) and not (tcp port 8132)"},
	} {
		if got := x.own.filter(x.sockets); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.name, got, x.want)
		}
	}
}
