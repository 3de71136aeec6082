package build

import (
	"fmt"
	"net/netip"
)

// Host has addresses and sockets: a pod, a node (the processes in its own network namespace), or a machine outside.
type Host interface {
	Addr() netip.Addr
	base() *machine
	transmit(p packet)
}

// machine is the state common to all hosts.
type machine struct {
	c       *Cluster
	addr    netip.Addr
	refused map[uint16]bool
	noSCTP  bool
	ids     map[netip.Addr]uint16
	tsBase  map[netip.Addr]uint32
	nextTCP uint16
	recorder
}

func newMachine(c *Cluster, a netip.Addr) machine {
	return machine{
		c: c, addr: a, refused: map[uint16]bool{}, ids: map[netip.Addr]uint16{}, tsBase: map[netip.Addr]uint32{}, nextTCP: c.port(),
	}
}

// Addr returns the host's address.
func (m *machine) Addr() netip.Addr { return m.addr }

func (m *machine) base() *machine { return m }

// Refuse makes the host answer SYNs to a port with RST, INITs with ABORT, and UDP with ICMP port-unreachable: nothing listens there.
func (m *machine) Refuse(port uint16) { m.refused[port] = true }

// WithoutSCTP makes the host answer SCTP with ICMP protocol-unreachable: its kernel has no SCTP.
func (m *machine) WithoutSCTP() { m.noSCTP = true }

// Listen takes Refuse back.
func (m *machine) Listen(port uint16) { delete(m.refused, port) }

// Port is an address to dial: the host itself, not by way of a Service.
func (m *machine) Port(port uint16) netip.AddrPort { return netip.AddrPortFrom(m.addr, port) }

// timestamp is the host's TCP timestamp clock towards a peer: milliseconds with a random offset per pair of addresses, as
// Linux has them.
func (m *machine) timestamp(peer netip.Addr) uint32 {
	b, ok := m.tsBase[peer]
	if !ok {
		b = m.c.rng.Uint32()
		m.tsBase[peer] = b
	}
	return b + uint32((m.c.now-epoch)/1e6)
}

// newPort is the next ephemeral port: they rise by small even steps.
func (m *machine) newPort() uint16 {
	m.nextTCP += uint16(2 + 2*m.c.rng.IntN(5))
	if m.nextTCP < 32768 {
		m.nextTCP += 32768
	}
	return m.nextTCP
}

// Pod is a pod with a network namespace of its own.
type Pod struct {
	machine
	Node *Node
	// veth is the node's end of the pair, eth0 the pod's.
	veth, eth0 *device
	gone       bool
	born       int64
}

// Name is what the pod is called.
func (p *Pod) Name() string {
	return fmt.Sprintf("pod-%d-%d", p.Node.num, p.addr.AsSlice()[p.addr.BitLen()/8-1])
}

// Remove takes the pod away: its veth vanishes, its address is no longer answered.
func (p *Pod) Remove() { p.gone = true }

// Replace removes the pod and starts another one with the same address, as a StatefulSet does.
func (p *Pod) Replace() *Pod {
	p.Remove()
	q := p.Node.addPod(p.addr)
	return q
}

// External is a machine outside of the cluster, on the nodes' network.
type External struct {
	machine
	eth0 *device
}

// External adds a machine outside of the cluster.
func (c *Cluster) External(addr string) *External {
	e := &External{machine: newMachine(c, netip.MustParseAddr(addr))}
	mac := gatewayMAC
	if nodeNetwork.Contains(e.addr) {
		a := e.addr.As4()
		mac = [6]byte{2, 0x42, a[0], a[1], a[2], a[3]}
	}
	e.addDevice("lo", 772, [6]byte{})
	e.eth0 = e.addDevice("eth0", 1, mac)
	e.far = c.Nodes[0].uplinkMAC
	c.hosts[e.addr] = e
	return e
}

// Node is a node with its interfaces and its connection tracking table.
type Node struct {
	machine
	Name string
	// num is the node's number, from 1: the third byte of its pods' addresses.
	num      int
	podRange netip.Prefix
	// bridgeAddr is cni0's, tunnelAddr that of the tunnel device.
	bridgeAddr, tunnelAddr       netip.Addr
	lo, uplink, bridge, tunnel   *device
	pods                         []*Pod
	flows                        map[tuple]*flow
	neighbours                   map[netip.Addr]bool
	resolved                     map[asked]int64
	tunnelPorts                  map[tuple]uint16
	clock                        clock
	outerID                      uint16
	loop                         *Node
	beside                       map[*Node]bool
	strict                       bool
	flood                        bool
	uplinkMAC, tunnelMAC, podMAC [6]byte
}

func (c *Cluster) addNode(num int) {
	n := &Node{
		machine:    newMachine(c, netip.AddrFrom4([4]byte{192, 168, 1, byte(9 + num)})),
		Name:       fmt.Sprintf("node%d", num),
		num:        num,
		bridgeAddr: c.podAddr(num, 1),
		tunnelAddr: c.podAddr(num, 0),
		flows:      map[tuple]*flow{}, neighbours: map[netip.Addr]bool{}, resolved: map[asked]int64{}, tunnelPorts: map[tuple]uint16{},
		uplinkMAC: [6]byte{2, 0x42, 192, 168, 1, byte(9 + num)},
		tunnelMAC: [6]byte{0x5a, 0, 0, 0, 0, byte(num)},
		podMAC:    [6]byte{0x0a, 0x58, 10, 244, byte(num), 1},
	}
	n.outerID = uint16(c.rng.Uint32())
	n.far = n.podMAC
	bits := 24
	if c.opt.IPv6 {
		bits = 64
	}
	n.podRange = netip.PrefixFrom(n.tunnelAddr, bits)
	n.lo = n.addDevice("lo", 772, [6]byte{})
	n.uplink = n.addDevice("eth0", 1, n.uplinkMAC)
	switch {
	case c.opt.Proxy == EBPF:
		n.tunnel = n.addDevice("cilium_vxlan", 1, n.tunnelMAC)
	case c.opt.CNI == IPIP:
		n.tunnel = n.addDevice("tunl0", 768, [6]byte{})
	case c.opt.CNI == WireGuard:
		n.bridge = n.addDevice("cni0", 1, n.podMAC)
		n.tunnel = n.addDevice("flannel-wg", 65534, [6]byte{})
	case c.opt.CNI == HostGW:
		n.bridge = n.addDevice("cni0", 1, n.podMAC)
	default:
		n.bridge = n.addDevice("cni0", 1, n.podMAC)
		n.tunnel = n.addDevice(udpTunnels[c.opt.CNI].device, 1, n.tunnelMAC)
	}
	c.Nodes = append(c.Nodes, n)
	c.hosts[n.addr] = n
	c.hosts[n.tunnelAddr] = n
	c.hosts[n.bridgeAddr] = n
}

// Pod starts a pod on the node, with the address whose last part is last: Pod(5) is 10.244.1.5 on node1.
func (n *Node) Pod(last int) *Pod { return n.addPod(n.c.podAddr(n.num, last)) }

func (n *Node) addPod(a netip.Addr) *Pod {
	p := &Pod{machine: newMachine(n.c, a), Node: n, born: n.c.birth()}
	b := a.As16()
	mac := [6]byte{0x0a, 0x58, 10, 244, byte(n.num), b[15]}
	p.veth = n.addDevice(fmt.Sprintf("veth%08x", n.c.rng.Uint32()), 1, mac)
	p.addDevice("lo", 772, [6]byte{})
	p.eth0 = p.addDevice("eth0", 1, mac)
	p.far = n.podMAC
	n.pods = append(n.pods, p)
	n.c.hosts[a] = p
	return p
}

// SetClock sets how many nanoseconds the node's clock is ahead.
func (n *Node) SetClock(ahead int64) { n.clock.ahead = ahead }

// TurnClock puts the node's clock forward by so many nanoseconds, from now on.
func (n *Node) TurnClock(by int64) { n.clock.turned, n.clock.by = n.c.now, by }

// SetDrift sets how much faster than others the node's clock runs, in parts per million.
func (n *Node) SetDrift(ppm float64) { n.clock.ppm = ppm }

// clock is how far a machine's clock is wrong.
type clock struct {
	ahead int64
	ppm   float64
	// From turned on it is ahead by so many nanoseconds more; turned is 0 for never.
	turned, by int64
}

func (k clock) reads(now int64) int64 {
	t := now + k.ahead + int64(float64(now-epoch)*k.ppm/1e6)
	if k.turned != 0 && now >= k.turned {
		t += k.by
	}
	return t
}

// Flood makes the bridge send packets for unknown addresses to every port, as for the MAC of a dead pod.
func (n *Node) Flood() { n.flood = true }

// Misroute makes the node send packets for its own pods' addresses that no pod has to another node: a routing loop.
func (n *Node) Misroute(to *Node) { n.loop = to }

// Beside makes the node send to another one's pods by its uplink, outside of the tunnel, as if it had lost the route into it.
func (n *Node) Beside(to *Node) {
	if n.beside == nil {
		n.beside = map[*Node]bool{}
	}
	n.beside[to] = true
}

// Strict makes the node drop pods' packets that come in by another way than it would answer by (rp_filter=1).
func (n *Node) Strict() { n.strict = true }

// Merge adds the records of another cluster's node, as if both were one machine: its interfaces get other numbers.
func (n *Node) Merge(other *Node) {
	for _, f := range other.frames {
		if f.dev != other.uplink {
			d := *f.dev
			d.index += 100
			f.dev = &d
		}
		n.frames = append(n.frames, f)
	}
}
