package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"time"
)

// clusterCIDR is the pods' network; each node has a /24 of it.
const clusterCIDR = "10.244.0.0/16"

// shape is how a cluster is built where it is not built as usual.
type shape struct {
	// podMTU is the pods' and the bridge's, 1450 by default.
	podMTU int
	// tunnelMTU is flannel.1's, 1450 by default: 50 bytes less than the underlay's.
	tunnelMTU int
	// noOffload has the underlay carry each segment by itself, as a network card without offloads does.
	noOffload bool
	// noHairpin leaves hairpin mode off on the bridge's ports.
	noHairpin bool
	// noBridgeNetfilter lets bridged packets pass iptables and conntrack by.
	noBridgeNetfilter bool
}

// host is a network namespace with a process in it.
type host struct {
	netns
	*agent
	name string
	addr netip.Addr
}

// node is a host with pods.
type node struct {
	host
	// number is the third byte of its pods' addresses.
	number int
	mac    string // flannel.1's
	pods   []*pod
}

// pod is a host behind a node's bridge. Port is the name of its bridge port.
type pod struct {
	host
	node *node
	port string
}

// cluster is two nodes and a host outside, on one underlay: the network of a data centre, which is a bridge here.
type cluster struct {
	shape
	scenario string
	underlay netns
	nodes    []*node
	outside  *host
	services []*service
	spaces   []netns
}

// The underlay's addresses. The outside host is also everybody's way to the rest of the world, where packets get lost.
const (
	node1Addr, node2Addr = "192.168.1.10", "192.168.1.11"
	outsideAddr          = "192.168.1.100"
	gatewayAddr          = "192.168.1.1"
)

// build makes the cluster without pods.
func (c *cluster) build(ctx context.Context) (err error) {
	if c.podMTU == 0 {
		c.podMTU = 1450
	}
	if c.tunnelMTU == 0 {
		c.tunnelMTU = 1450
	}
	if c.underlay, err = c.space(ctx, "underlay"); err != nil {
		return err
	}
	if err := c.underlay.ip(ctx, "link add fabric type bridge", "link set fabric up"); err != nil {
		return err
	}
	for i, addr := range []string{node1Addr, node2Addr} {
		n := &node{number: i + 1, mac: fmt.Sprintf("5e:0a:f4:%02x:00:01", i+1)}
		if n.host, err = c.attach(ctx, fmt.Sprintf("node%d", i+1), addr); err != nil {
			return err
		}
		c.nodes = append(c.nodes, n)
	}
	outside, err := c.attach(ctx, "ext", outsideAddr)
	if err != nil {
		return err
	}
	c.outside = &outside
	if err := c.outside.ip(ctx, "address add "+gatewayAddr+"/24 dev eth0"); err != nil {
		return err
	}
	for i, n := range c.nodes {
		if err := c.furnish(ctx, n, c.nodes[1-i]); err != nil {
			return err
		}
	}
	return nil
}

// space makes a namespace that goes with the cluster.
func (c *cluster) space(ctx context.Context, name string) (netns, error) {
	n, err := makeNetns(ctx, namespaceName(c.scenario, name))
	c.spaces = append(c.spaces, n)
	return n, err
}

// attach makes a host on the underlay.
func (c *cluster) attach(ctx context.Context, name, addr string) (h host, err error) {
	h.name, h.addr = name, netip.MustParseAddr(addr)
	if h.netns, err = c.space(ctx, name); err != nil {
		return h, err
	}
	if err := h.ip(ctx,
		fmt.Sprintf("link add eth0 type veth peer name %s netns %s", name, c.underlay.name),
		fmt.Sprintf("address add %s/24 dev eth0", addr),
		"link set eth0 up",
	); err != nil {
		return h, err
	}
	if err := c.underlay.ip(ctx, "link set "+name+" master fabric", "link set "+name+" up"); err != nil {
		return h, err
	}
	h.agent, err = startAgent(h.netns)
	return h, err
}

// furnish gives a node its bridge, tunnel and rules, as flannel with VXLAN and kube-proxy do.
func (c *cluster) furnish(ctx context.Context, n, peer *node) error {
	netfilter := 1
	if c.noBridgeNetfilter {
		netfilter = 0
	}
	if err := n.sysctl(ctx, "net.ipv4.ip_forward=1", "net.ipv4.conf.all.route_localnet=1",
		fmt.Sprintf("net.bridge.bridge-nf-call-iptables=%d", netfilter)); err != nil {
		return err
	}
	device := "dev eth0"
	if c.tunnelMTU > 1450 {
		device = "" // bound to a device, it would not let itself be given an MTU that is too large
	}
	if err := n.ip(ctx,
		"route add default via "+gatewayAddr,
		fmt.Sprintf("link add cni0 address 5e:0b:f4:%02x:00:01 type bridge", n.number),
		fmt.Sprintf("address add 10.244.%d.1/24 dev cni0", n.number),
		fmt.Sprintf("link set cni0 mtu %d up", c.podMTU),
		fmt.Sprintf("link add flannel.1 address %s type vxlan id 1 local %s %s dstport 8472 nolearning", n.mac, n.addr, device),
		fmt.Sprintf("address add 10.244.%d.0/32 dev flannel.1", n.number),
		fmt.Sprintf("link set flannel.1 mtu %d up", c.tunnelMTU),
		fmt.Sprintf("route add 10.244.%d.0/24 via 10.244.%d.0 dev flannel.1 onlink", peer.number, peer.number),
		fmt.Sprintf("neighbour add 10.244.%d.0 lladdr %s dev flannel.1 nud permanent", peer.number, peer.mac),
	); err != nil {
		return err
	}
	if c.noOffload {
		if err := n.ip(ctx, "link set eth0 gso_max_segs 1"); err != nil {
			return err
		}
	}
	_, err := run(ctx, "", "bridge", "-n", n.netns.name, "fdb", "add", peer.mac, "dev", "flannel.1", "dst", peer.addr.String(), "self", "permanent")
	return err
}

// addPod starts a pod on a node; its process listens on the given ports.
func (c *cluster) addPod(ctx context.Context, n *node, last int, ports ...uint16) (*pod, error) {
	p := &pod{node: n}
	p.host.name = fmt.Sprintf("pod-%d-%d", n.number, last)
	p.addr = netip.AddrFrom4([4]byte{10, 244, byte(n.number), byte(last)})
	var err error
	// A replacement has the address of its predecessor, and another everything else.
	generation := len(c.spaces)
	if p.netns, err = c.space(ctx, fmt.Sprintf("%s-%d", p.host.name, generation)); err != nil {
		return nil, err
	}
	h := fnv.New32a()
	fmt.Fprint(h, p.netns.name)
	p.port = fmt.Sprintf("veth%08x", h.Sum32())
	if err := p.ip(ctx,
		fmt.Sprintf("link add eth0 mtu %d type veth peer name %s mtu %d netns %s", c.podMTU, p.port, c.podMTU, n.netns.name),
	); err != nil {
		return nil, err
	}
	hairpin := "on"
	if c.noHairpin {
		hairpin = "off"
	}
	if err := n.ip(ctx, "link set "+p.port+" master cni0", "link set "+p.port+" type bridge_slave hairpin "+hairpin, "link set "+p.port+" up"); err != nil {
		return nil, err
	}
	if err := p.ip(ctx,
		fmt.Sprintf("address add %s/24 dev eth0", p.addr), "link set eth0 up",
		fmt.Sprintf("route add default via 10.244.%d.1", n.number),
	); err != nil {
		return nil, err
	}
	if p.agent, err = startAgent(p.netns); err != nil {
		return nil, err
	}
	n.pods = append(n.pods, p)
	for _, port := range ports {
		if err := p.order(ctx, order{Do: "listen", Port: port}); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// removePod takes a pod away as the CNI plugin and the container runtime do: first the link, then the process, so that none
// of its connections says goodbye.
func (c *cluster) removePod(ctx context.Context, p *pod) error {
	if err := p.node.ip(ctx, "link delete "+p.port); err != nil {
		return err
	}
	p.kill()
	p.node.pods = slices.DeleteFunc(p.node.pods, func(o *pod) bool { return o == p })
	c.spaces = slices.DeleteFunc(c.spaces, func(n netns) bool { return n == p.netns })
	return p.netns.remove()
}

// order is tell for orders that must not fail.
func (h *host) order(ctx context.Context, o order) error {
	r, err := h.tell(ctx, o)
	if err == nil && r.Failure != "" {
		err = fmt.Errorf("%s on %s: %s", o.Do, h.name, r.Failure)
	}
	return err
}

// reachable waits until a host answers another at all, with a connection or a RST: links need a moment.
func reachable(ctx context.Context, from *host, addr netip.AddrPort) error {
	for range 50 {
		r, err := from.tell(ctx, order{Do: "dial", Addr: addr, Conn: -1, Timeout: 200 * time.Millisecond})
		switch {
		case err != nil:
			return err
		case r.Failure == "":
			return from.order(ctx, order{Do: "close", Conn: -1})
		case r.Failure == "refused":
			return nil
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("%v cannot be reached from %s", addr, from.name)
}

// ready waits until every link works, as a kubelet's probes would find.
func (c *cluster) ready(ctx context.Context) error {
	for _, n := range c.nodes {
		for _, p := range n.pods {
			if err := reachable(ctx, &n.host, netip.AddrPortFrom(p.addr, 8080)); err != nil {
				return err
			}
		}
		if err := reachable(ctx, c.outside, netip.AddrPortFrom(n.addr, 10250)); err != nil {
			return err
		}
		if err := reachable(ctx, &n.host, netip.AddrPortFrom(c.outside.addr, 80)); err != nil {
			return err
		}
	}
	return reachable(ctx, &c.nodes[0].host, netip.AddrPortFrom(c.nodes[1].addr, 10250))
}

// remove ends all processes and deletes all namespaces, in any state.
func (c *cluster) remove() error {
	for _, n := range c.nodes {
		for _, p := range n.pods {
			p.kill()
		}
		if n.agent != nil {
			n.kill()
		}
	}
	if c.outside != nil && c.outside.agent != nil {
		c.outside.kill()
	}
	var all error
	for _, n := range c.spaces {
		all = errors.Join(all, n.remove())
	}
	return all
}
