package build

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// shape prints a packet for an engineer: interface, direction, addresses, TTL, flags. Outer headers come first.
func shape(h Host) []string {
	var lines []string
	for _, f := range h.base().frames {
		if f.data[0]>>4 == 0 {
			continue // ARP
		}
		dir := map[uint8]string{typeHost: "In", typeOther: "P", typeOutgoing: "Out"}[f.kind]
		name := f.dev.name
		if strings.HasPrefix(name, "veth") {
			name = fmt.Sprintf("veth%d", f.dev.index)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", name, dir, describe(f.data)))
	}
	return lines
}

// describe reads a packet with gopacket, which shares nothing with this package.
func describe(data []byte) string {
	first := gopacket.Decoder(layers.LayerTypeIPv4)
	if data[0]>>4 == 6 {
		first = layers.LayerTypeIPv6
	}
	p := gopacket.NewPacket(data, first, gopacket.NoCopy)
	var words []string
	var src, dst, ttl string
	for _, l := range p.Layers() {
		switch l := l.(type) {
		case *layers.IPv4:
			src, dst, ttl = l.SrcIP.String(), l.DstIP.String(), fmt.Sprint(l.TTL)
			if l.Protocol == layers.IPProtocolIPv4 {
				words = append(words, fmt.Sprintf("[%s>%s]", src, dst))
			}
		case *layers.IPv6:
			src, dst, ttl = l.SrcIP.String(), l.DstIP.String(), fmt.Sprint(l.HopLimit)
		case *layers.UDP:
			if l.DstPort == 8472 {
				words = append(words, fmt.Sprintf("[%s>%s]", src, dst))
				return strings.Join(words, " ") + " " + strings.TrimPrefix(describe(l.Payload[8+14:]), " ")
			}
			if l.DstPort == 4789 || l.DstPort == 6081 {
				words = append(words, fmt.Sprintf("[%s>%s]", src, dst))
				continue
			}
			words = append(words, fmt.Sprintf("%s:%d>%s:%d ttl%s udp", src, l.SrcPort, dst, l.DstPort, ttl))
		case *layers.TCP:
			flags := ""
			for _, f := range []struct {
				on bool
				c  string
			}{{l.SYN, "S"}, {l.FIN, "F"}, {l.RST, "R"}, {l.PSH, "P"}, {l.ACK, "."}} {
				if f.on {
					flags += f.c
				}
			}
			words = append(words, fmt.Sprintf("%s:%d>%s:%d ttl%s %s %d", src, l.SrcPort, dst, l.DstPort, ttl, flags, len(l.Payload)))
		case *layers.ICMPv4:
			words = append(words, fmt.Sprintf("%s>%s ttl%s icmp %d/%d", src, dst, ttl, l.TypeCode.Type(), l.TypeCode.Code()))
		case *gopacket.DecodeFailure:
			words = append(words, "FAILED "+l.Error().Error())
		}
	}
	return strings.Join(words, " ")
}

// The patterns below are those of captures taken from a kernel: flannel, kube-proxy's iptables rules, tcpdump -i any.
func TestPatterns(t *testing.T) {
	port := func(c *Cluster, from Host, to netip.AddrPort) *Conn {
		return c.Dial(from, to, Dialer{Port: 40000, Tries: 1})
	}
	for _, tc := range []struct {
		name   string
		opt    Options
		script func(c *Cluster, client, same, other *Pod, web *Service)
		want   map[string][]string // the first lines
	}{
		{
			name: "ClusterIP across nodes",
			script: func(c *Cluster, client, _, other *Pod, web *Service) {
				web.Endpoints(other.Port(8080))
				port(c, client, web.VIP())
			},
			want: map[string][]string{
				"node1": {
					"veth5 P 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
					"cni0 In 10.244.1.5:40000>10.244.2.8:8080 ttl64 S 0",
					"flannel.1 Out 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
					"eth0 Out [192.168.1.10>192.168.1.11] 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
					"eth0 In [192.168.1.11>192.168.1.10] 10.244.2.8:8080>10.244.1.5:40000 ttl63 S. 0",
					"flannel.1 In 10.244.2.8:8080>10.244.1.5:40000 ttl63 S. 0",
					"cni0 Out 10.96.0.50:80>10.244.1.5:40000 ttl62 S. 0",
					"veth5 Out 10.96.0.50:80>10.244.1.5:40000 ttl62 S. 0",
				},
				"node2": {
					"eth0 In [192.168.1.10>192.168.1.11] 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
					"flannel.1 In 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
					"cni0 Out 10.244.1.5:40000>10.244.2.8:8080 ttl62 S 0",
					"veth5 Out 10.244.1.5:40000>10.244.2.8:8080 ttl62 S 0",
					"veth5 P 10.244.2.8:8080>10.244.1.5:40000 ttl64 S. 0",
					"cni0 In 10.244.2.8:8080>10.244.1.5:40000 ttl64 S. 0",
					"flannel.1 Out 10.244.2.8:8080>10.244.1.5:40000 ttl63 S. 0",
					"eth0 Out [192.168.1.11>192.168.1.10] 10.244.2.8:8080>10.244.1.5:40000 ttl63 S. 0",
				},
			},
		},
		{
			name: "ClusterIP on one node",
			script: func(c *Cluster, client, same, _ *Pod, web *Service) {
				web.Endpoints(same.Port(8080))
				port(c, client, web.VIP())
			},
			want: map[string][]string{"node1": {
				"veth5 P 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
				"cni0 Out 10.244.1.5:40000>10.244.1.6:8080 ttl64 S 0",
				"veth6 Out 10.244.1.5:40000>10.244.1.6:8080 ttl64 S 0",
				"veth6 P 10.244.1.6:8080>10.244.1.5:40000 ttl64 S. 0",
				"cni0 Out 10.244.1.6:8080>10.244.1.5:40000 ttl64 S. 0",
				"veth5 Out 10.96.0.50:80>10.244.1.5:40000 ttl64 S. 0",
				"veth5 P 10.244.1.5:40000>10.96.0.50:80 ttl64 . 0",
				"veth6 Out 10.244.1.5:40000>10.244.1.6:8080 ttl64 . 0",
			}},
		},
		{
			name: "IPVS",
			opt:  Options{Proxy: IPVS},
			script: func(c *Cluster, client, _, other *Pod, web *Service) {
				web.Endpoints(other.Port(8080))
				port(c, client, web.VIP())
			},
			want: map[string][]string{"node1": {
				"veth5 P 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
				"cni0 In 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
				"flannel.1 Out 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
			}},
		},
		{
			name: "IPVS hairpin",
			opt:  Options{Proxy: IPVS},
			script: func(c *Cluster, client, _, _ *Pod, web *Service) {
				web.Endpoints(client.Port(8080))
				port(c, client, web.VIP())
			},
			want: map[string][]string{"node1": {
				"veth5 P 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
				"cni0 In 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
				"cni0 Out 10.244.1.1:40000>10.244.1.5:8080 ttl63 S 0",
				"veth5 Out 10.244.1.1:40000>10.244.1.5:8080 ttl63 S 0",
				"veth5 P 10.244.1.5:8080>10.244.1.1:40000 ttl64 S. 0",
				"cni0 Out 10.244.1.5:8080>10.244.1.5:40000 ttl64 S. 0",
				"veth5 Out 10.96.0.50:80>10.244.1.5:40000 ttl64 S. 0",
			}},
		},
		{
			name: "IP in IP",
			opt:  Options{CNI: IPIP},
			script: func(c *Cluster, client, _, other *Pod, web *Service) {
				web.Endpoints(other.Port(8080))
				port(c, client, web.VIP())
			},
			want: map[string][]string{
				"node1": {
					"veth4 In 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
					"tunl0 Out 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
					"eth0 Out [192.168.1.10>192.168.1.11] 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
				},
				"node2": {
					"eth0 In [192.168.1.10>192.168.1.11] 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
					"tunl0 In 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
					"veth4 Out 10.244.1.5:40000>10.244.2.8:8080 ttl62 S 0",
				},
			},
		},
		{
			name: "no endpoints",
			script: func(c *Cluster, client, _, _ *Pod, web *Service) {
				port(c, client, web.VIP())
			},
			want: map[string][]string{"node1": {
				"veth5 P 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
				"cni0 In 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
				"cni0 Out 10.244.1.1>10.244.1.5 ttl64 icmp 3/3",
				"veth5 Out 10.244.1.1>10.244.1.5 ttl64 icmp 3/3",
			}},
		},
		{
			name: "hairpin mode off",
			opt:  Options{NoHairpin: true},
			script: func(c *Cluster, client, _, _ *Pod, web *Service) {
				web.Endpoints(client.Port(8080))
				port(c, client, web.VIP())
			},
			want: map[string][]string{"node1": {"veth5 P 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0"}},
		},
		{
			name: "refused by the pod",
			script: func(c *Cluster, client, _, other *Pod, web *Service) {
				other.Refuse(8080)
				web.Endpoints(other.Port(8080))
				port(c, client, web.VIP())
			},
			want: map[string][]string{"node1": {
				"veth5 P 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
				"cni0 In 10.244.1.5:40000>10.244.2.8:8080 ttl64 S 0",
				"flannel.1 Out 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
				"eth0 Out [192.168.1.10>192.168.1.11] 10.244.1.5:40000>10.244.2.8:8080 ttl63 S 0",
				"eth0 In [192.168.1.11>192.168.1.10] 10.244.2.8:8080>10.244.1.5:40000 ttl63 R. 0",
				"flannel.1 In 10.244.2.8:8080>10.244.1.5:40000 ttl63 R. 0",
				"cni0 Out 10.96.0.50:80>10.244.1.5:40000 ttl62 R. 0",
				"veth5 Out 10.96.0.50:80>10.244.1.5:40000 ttl62 R. 0",
			}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := New(tc.opt)
			client, same, other := c.Nodes[0].Pod(5), c.Nodes[0].Pod(6), c.Nodes[1].Pod(8)
			tc.script(c, client, same, other, c.Service("default/web", "10.96.0.50:80"))
			for i, n := range c.Nodes {
				got := shape(n)
				want := append([]string{}, tc.want[fmt.Sprintf("node%d", i+1)]...)
				if d := cmp.Diff(want, append([]string{}, got[:min(len(got), len(want))]...)); d != "" {
					t.Errorf("node%d (-want +got):\n%s", i+1, d)
				}
			}
		})
	}
}

// TestNodePort has masqueraded sources with random ports, so it looks at addresses only.
func TestNodePort(t *testing.T) {
	c := New(Options{})
	other := c.Nodes[1].Pod(8)
	web := c.Service("default/web", "10.96.0.50:80").NodePort(30080).Endpoints(other.Port(8080))
	c.Get(c.External("192.168.1.100"), web.On(c.Nodes[0]))
	want := []string{
		"eth0 In 192.168.1.100 192.168.1.10 ttl64", "flannel.1 Out 10.244.1.0 10.244.2.8 ttl63", "eth0 Out",
		"eth0 In", "flannel.1 In 10.244.2.8 10.244.1.0 ttl63", "eth0 Out 192.168.1.10 192.168.1.100 ttl62",
	}
	for i, line := range shape(c.Nodes[0])[:len(want)] {
		for _, word := range strings.Fields(want[i]) {
			if !strings.Contains(line, word) {
				t.Errorf("line %d is %q, want %q in it", i, line, word)
			}
		}
	}
}

// TestBackendOnMachine has a Service whose backend is a process of a machine outside of the pods' networks, as kube-apiserver is:
// packets from pods leave the cluster, so they are masqueraded too.
func TestBackendOnMachine(t *testing.T) {
	c := New(Options{})
	api := c.Service("default/kubernetes", "10.96.0.1:443").Endpoints(c.External("192.168.1.2").Port(6443))
	k := c.Nodes[0].Pod(5).Get(api.VIP())
	if k.End != OK || k.Backend().String() != "192.168.1.2:6443" || k.SNAT().Addr() != c.Nodes[0].Addr() {
		t.Errorf("from a pod: %s, backend %s, snat %s", k.End, k.Backend(), k.SNAT())
	}
	if k := c.Get(c.Nodes[0], api.VIP()); k.End != OK || k.SNAT().Addr() != c.Nodes[0].Addr() {
		t.Errorf("from a node: %s, snat %s", k.End, k.SNAT())
	}
}

// TestOtherPlaces has the views of a pod and of a machine outside of a connection that a node translates.
func TestOtherPlaces(t *testing.T) {
	c := New(Options{})
	client, other, outside := c.Nodes[0].Pod(5), c.Nodes[1].Pod(8), c.External("192.168.1.100")
	web := c.Service("default/web", "10.96.0.50:80").NodePort(30080).Local().Endpoints(other.Port(8080))
	c.Dial(client, web.VIP(), Dialer{Port: 40000})
	c.Dial(outside, web.On(c.Nodes[1]), Dialer{Port: 40000})
	for _, tc := range []struct {
		at   Host
		want []string
	}{
		{client, []string{
			"eth0 Out 10.244.1.5:40000>10.96.0.50:80 ttl64 S 0",
			"eth0 In 10.96.0.50:80>10.244.1.5:40000 ttl62 S. 0",
			"eth0 Out 10.244.1.5:40000>10.96.0.50:80 ttl64 . 0",
		}},
		{other, []string{
			"eth0 In 10.244.1.5:40000>10.244.2.8:8080 ttl62 S 0",
			"eth0 Out 10.244.2.8:8080>10.244.1.5:40000 ttl64 S. 0",
			"eth0 In 10.244.1.5:40000>10.244.2.8:8080 ttl62 . 0",
			"eth0 In 192.168.1.100:40000>10.244.2.8:8080 ttl63 S 0",
			"eth0 Out 10.244.2.8:8080>192.168.1.100:40000 ttl64 S. 0",
			"eth0 In 192.168.1.100:40000>10.244.2.8:8080 ttl63 . 0",
		}},
		{outside, []string{
			"eth0 Out 192.168.1.100:40000>192.168.1.11:30080 ttl64 S 0",
			"eth0 In 192.168.1.11:30080>192.168.1.100:40000 ttl63 S. 0",
			"eth0 Out 192.168.1.100:40000>192.168.1.11:30080 ttl64 . 0",
		}},
	} {
		if d := cmp.Diff(tc.want, shape(tc.at)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.at.Addr(), d)
		}
	}
	// The two ends of a veth pair show a packet one after the other, in the order of its way.
	for _, p := range []*Pod{client, other} {
		i := 0
		for _, f := range p.Node.frames {
			if f.dev != p.veth {
				continue
			}
			g := p.frames[i]
			i++
			if leaves := f.kind != typeOutgoing; !bytes.Equal(f.data, g.data) || leaves != (g.time < f.time) || leaves != (g.kind == typeOutgoing) {
				t.Errorf("%s: frame %d is at %d in the pod and at %d on the node, or differs", p.Addr(), i, g.time, f.time)
			}
			if i > 1 && g.time < p.frames[i-2].time {
				t.Errorf("%s: frame %d goes back in time", p.Addr(), i)
			}
		}
		if i != len(p.frames) {
			t.Errorf("%s shows %d frames, its veth %d", p.Addr(), len(p.frames), i)
		}
	}
}

func TestDeterministic(t *testing.T) {
	script := func() map[string][]byte {
		c := New(Options{Seed: 7})
		other := c.Nodes[1].Pod(8)
		c.Service("default/web", "10.96.0.50:80").Endpoints(other.Port(8080))
		c.Nodes[0].Pod(5).Get(netip.MustParseAddrPort("10.96.0.50:80"))
		return c.Captures()
	}
	a, b := script(), script()
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
}

// TestBlackHole shows the sizes and times of the real one: two super-packets, a tail-loss probe, and the first segment again
// at doubling intervals, none of which leaves the node.
func TestBlackHole(t *testing.T) {
	c := New(Options{PodMTU: 1500, TunnelMTU: 1450, SilentMTU: true})
	other := c.Nodes[1].Pod(8)
	k := c.Nodes[0].Pod(5).Dial(other.Port(8080))
	if !k.Send(68) || k.Reply(20000) || k.End != Hang {
		t.Fatalf("small requests should pass and large responses hang; it ended %s", k.End)
	}
	var veth, tunnel []int
	for _, f := range c.Nodes[1].frames {
		if len(f.data) > 1000 && strings.HasPrefix(f.dev.name, "veth") {
			veth = append(veth, len(f.data))
		} else if len(f.data) > 1000 && f.dev.name == "flannel.1" {
			tunnel = append(tunnel, len(f.data))
		}
	}
	want := []int{52 + 5*1448, 52 + 5*1448, 1500, 1500, 1500, 1500, 1500, 1500}
	if d := cmp.Diff(want, veth); d != "" || tunnel != nil {
		t.Errorf("on the veth (-want +got):\n%s\non the tunnel: %v", d, tunnel)
	}
}

func TestPathMTUDiscovery(t *testing.T) {
	c := New(Options{PodMTU: 1500, TunnelMTU: 1450})
	k := c.Nodes[0].Pod(5).Dial(c.Nodes[1].Pod(8).Port(8080))
	if !k.Reply(20000) {
		t.Fatalf("the transfer ended %s", k.End)
	}
	if k.Server.mss != 1398 {
		t.Errorf("segments are %d bytes afterwards, want 1398", k.Server.mss)
	}
}

func TestOuterFragments(t *testing.T) {
	c := New(Options{PodMTU: 1500, TunnelMTU: 1500})
	if !c.Nodes[0].Pod(5).Dial(c.Nodes[1].Pod(8).Port(8080)).Reply(7240) {
		t.Fatal("fragments should arrive")
	}
	var sizes []int
	for _, f := range c.Nodes[1].frames {
		if f.dev.name == "eth0" && f.kind == typeOutgoing && f.data[0]>>4 == 4 && binary.BigEndian.Uint16(f.data[6:])&0x3fff != 0 {
			sizes = append(sizes, len(f.data))
		}
	}
	if d := cmp.Diff([]int{1500, 70, 1500, 70, 1500, 70, 1500, 70, 1500, 70}, sizes); d != "" {
		t.Errorf("outer fragments (-want +got):\n%s", d)
	}
}

func TestSearchList(t *testing.T) {
	c := New(Options{})
	server := c.Nodes[1].Pod(3)
	dns := c.Service("kube-system/kube-dns", "10.96.0.10:53").Endpoints(server.Port(53))
	c.Zone["api.example.com"] = []netip.Addr{netip.MustParseAddr("203.0.113.7")}
	c.Zone["web.default.svc.cluster.local"] = []netip.Addr{netip.MustParseAddr("10.96.0.50")}
	r := c.Nodes[0].Pod(5).Resolver(dns.VIP())
	for _, tc := range []struct {
		name            string
		queries, wasted int
		outcome         string
	}{
		{"web", 2, 0, "answered"},
		{"api.example.com", 8, 6, "answered"},
		{"api.example.com.", 2, 0, "answered"},
		{"nowhere.example.com", 8, 8, "nxdomain"},
	} {
		l := r.Lookup(tc.name)
		if l.Queries != tc.queries || l.Wasted != tc.wasted || l.Outcome != tc.outcome {
			t.Errorf("%s: %d queries, %d wasted, %s; want %+v", tc.name, l.Queries, l.Wasted, l.Outcome, tc)
		}
	}
	c.Drop(OnVeth, nil)
	start := c.Now()
	l := r.Lookup("web")
	if l.Queries != 4 || l.Retries != 4 || l.Outcome != "timeout" || (c.Now()-start).Round(time.Second) != 20*time.Second {
		t.Errorf("blocked: %+v after %s", l, c.Now()-start)
	}
}
