package cluster

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze/fact"
)

const dump = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0
2: eth0@if5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP
    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff link-netns fabric promiscuity 0
    veth addrgenmode eui64
3: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN
    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff
    vxlan id 1 local 192.168.1.10 dev eth0 dstport 8472 nolearning
5: veth02e4c2e2@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue master cni0 state UP
    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff
    veth
    bridge_slave state forwarding priority 32 hairpin off guard off
6: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1480 qdisc noqueue state UNKNOWN
    link/ipip 0.0.0.0 brd 0.0.0.0
    ipip any remote any local any ttl inherit
`

func TestParseLinks(t *testing.T) {
	want := []Link{
		{Index: 1, Name: "lo", Kind: "loopback", MTU: 65536},
		{Index: 2, Name: "eth0", Kind: "veth", MTU: 1500},
		{Index: 3, Name: "flannel.1", Kind: "vxlan", MTU: 1450, Under: "eth0", Static: true},
		{Index: 5, Name: "veth02e4c2e2", Kind: "veth", Master: "cni0", MTU: 1450, Hairpin: "off"},
		{Index: 6, Name: "tunl0", Kind: "ipip", MTU: 1480},
	}
	inJSON := `[{"ifindex":1,"ifname":"lo","mtu":65536,"link_type":"loopback"},{},
		{"ifindex":2,"ifname":"eth0","mtu":1500,"link_type":"ether","linkinfo":{"info_kind":"veth"}},
		{"ifindex":3,"ifname":"flannel.1","mtu":1450,"linkinfo":{"info_kind":"vxlan","info_data":{"id":1,"link":"eth0","learning":false}}},
		{"ifindex":5,"ifname":"veth02e4c2e2","mtu":1450,"master":"cni0","linkinfo":{"info_kind":"veth","info_slave_data":{"hairpin":false}}},
		{"ifindex":6,"ifname":"tunl0","mtu":1480,"linkinfo":{"info_kind":"ipip"}}]`
	for name, text := range map[string]string{
		"text":            dump,
		"one line each":   strings.ReplaceAll(dump, "\n    ", `\    `),
		"carriage return": strings.ReplaceAll(dump, "\n", "\r\n"),
		"json":            inJSON,
	} {
		got, err := ParseLinks(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestParseLinksNot(t *testing.T) {
	for _, text := range []string{"", "\n", "To do: buy milk", "0: lo: <UP>", "1: : <UP>", "4294967296: a: <UP>", "[]", "[{}]"} {
		if _, err := ParseLinks(strings.NewReader(text)); !errors.Is(err, ErrNoLinks) {
			t.Errorf("%q: %v, want %v", text, err, ErrNoLinks)
		}
	}
	if _, err := ParseLinks(strings.NewReader(`[{"ifindex":-1}]`)); err == nil {
		t.Error("a negative index is taken")
	}
	if _, err := ParseLinks(strings.NewReader(strings.Repeat(" ", maxDump+1))); err == nil {
		t.Error("any amount of text is taken")
	}
}

func TestLinkRole(t *testing.T) {
	pod := fact.InterfaceRole{Kind: fact.Veth, Pod: netip.MustParseAddr("10.244.1.5")}
	is := func(k fact.InterfaceKind) fact.InterfaceRole { return fact.InterfaceRole{Kind: k} }
	for _, c := range []struct {
		link          Link
		passing, want fact.InterfaceRole
	}{
		{Link{}, is(fact.Uplink), is(fact.Uplink)},
		{Link{Kind: "bridge"}, is(0), is(fact.Bridge)},
		{Link{Kind: "vxlan"}, is(fact.Uplink), is(fact.TunnelDevice)},
		{Link{Kind: "veth", Master: "cni0"}, is(0), is(fact.Veth)},
		{Link{Kind: "veth", Master: "cni0"}, pod, pod},
		{Link{Kind: "veth"}, is(0), is(0)}, // of a node that is itself a container it may be the uplink
	} {
		if got := c.link.role(c.passing); got != c.want {
			t.Errorf("%+v, passing %v: %v, want %v", c.link, c.passing, got, c.want)
		}
	}
}

func FuzzParseLinks(f *testing.F) {
	f.Add(dump)
	f.Add(`[{"ifindex":1,"ifname":"lo"}]`)
	f.Add("1: a: <>\\    link/x\\ veth")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseLinks(strings.NewReader(text))
		if err == nil && len(list) == 0 {
			t.Error("neither links nor an error")
		}
		for _, l := range list {
			if l.Index == 0 || l.Name == "" || len(l.Name) > maxName {
				t.Errorf("%+v", l)
			}
			l.role(fact.InterfaceRole{})
		}
	})
}
