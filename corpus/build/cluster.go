package build

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Proxy is the mechanism that translates Service addresses.
type Proxy uint8

// The kinds of Service proxy.
const (
	IPTables Proxy = iota // DNAT in PREROUTING, by way of bridge netfilter
	IPVS                  // DNAT on local delivery
	NFTables              // as IPTables; addresses of the Service range without a Service are dropped on the node
	EBPF                  // translated in connect(2): no packet ever carries a Service address
	NoProxy               // nothing is programmed: Service addresses leave the node
)

// Options describe a cluster. The zero value is two flannel nodes with kube-proxy in iptables mode.
type Options struct {
	Seed  uint64
	CNI   CNI
	Proxy Proxy
	// Nodes is the number of nodes, 2 by default.
	Nodes int
	// PodMTU is the MTU of the pods' interfaces, by default UplinkMTU (1500) less the tunnel's headers. TunnelMTU is that
	// of the tunnel device, by default the same.
	PodMTU, TunnelMTU, UplinkMTU int
	// SilentMTU drops packets that are too big without telling the sender.
	SilentMTU bool
	// PathMTU is what the routers between machines carry, where that is less than UplinkMTU. One drops what is longer, and tells who sent it.
	PathMTU int
	// ClampMSS lowers the MSS of SYNs that go into the tunnel to what it carries (iptables TCPMSS --clamp-mss-to-pmtu).
	ClampMSS bool
	// NoOffload makes the uplink send segments one by one instead of the super-packets of a virtual network card.
	NoOffload bool
	// NoHairpin leaves the bridge ports' hairpin mode off, NoMasquerade a hairpin's source untranslated.
	NoHairpin, NoMasquerade bool
	// NoBridgeNetfilter lets replies between pods of one node pass by conntrack (bridge-nf-call-iptables=0).
	NoBridgeNetfilter bool
	// Distance is what the wire between two machines takes beyond the some ten microseconds of a switch.
	Distance time.Duration
	// NoTunnelChecksum leaves the outer UDP checksum out (RFC 7348, section 5).
	NoTunnelChecksum bool
	// VNI of the tunnel, 1 by default.
	VNI uint32
	// IPv6 gives pods and Services IPv6 addresses; the tunnel's outer addresses stay IPv4.
	IPv6 bool
}

// Cluster is a simulated cluster and the clock of its world.
type Cluster struct {
	opt       Options
	rng       *rand.Rand
	now       int64 // nanoseconds
	Nodes     []*Node
	services  []*Service
	balancers []*Balancer
	hosts     map[netip.Addr]Host
	faults    []*Fault
	// errorsSpent: see SpendErrors.
	errorsSpent bool
	// unanswered says which questions for neighbours get no answer.
	unanswered []func(who, whom netip.Addr) bool
	// Zone maps DNS names to addresses, for the cluster's DNS servers.
	Zone map[string][]netip.Addr
	// Replies after this many nanoseconds of processing, on every host.
	think int64
	last  fate
}

// epoch is the time when every script begins, so that captures do not depend on the present.
var epoch = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano()

// New returns a cluster with its nodes: node1 at 192.168.1.10, node2 at 192.168.1.11 and so on.
func New(opt Options) *Cluster {
	if opt.Nodes == 0 {
		opt.Nodes = 2
	}
	if opt.UplinkMTU == 0 {
		opt.UplinkMTU = 1500
	}
	if opt.VNI == 0 {
		opt.VNI = 1
	}
	if opt.TunnelMTU == 0 {
		opt.TunnelMTU = opt.UplinkMTU - opt.CNI.overhead()
	}
	if opt.PodMTU == 0 {
		opt.PodMTU = opt.TunnelMTU
	}
	c := &Cluster{
		opt:   opt,
		rng:   rand.New(rand.NewPCG(opt.Seed, 0x6e657473696674)),
		now:   epoch,
		hosts: map[netip.Addr]Host{},
		Zone:  map[string][]netip.Addr{},
		think: 30_000,
	}
	for i := range opt.Nodes {
		c.addNode(i + 1)
	}
	return c
}

// Wait lets time pass.
func (c *Cluster) Wait(d time.Duration) { c.now += int64(d) }

// Now is the time since the script began.
func (c *Cluster) Now() time.Duration { return time.Duration(c.now - epoch) }

// At sets the clock to a time since the script began, also backwards: that is how things happen at once.
func (c *Cluster) At(d time.Duration) { c.now = epoch + int64(d) }

// Think sets how long hosts take before they answer, 30 microseconds by default.
func (c *Cluster) Think(d time.Duration) { c.think = int64(d) }

// gap is the time from one interface to the next within a node: some microseconds, as measured.
func (c *Cluster) gap() { c.now += int64(1+c.rng.IntN(6)) * 1000 }

// hop is the time on the wire between two machines.
func (c *Cluster) hop() { c.now += int64(20+c.rng.IntN(40))*1000 + int64(c.opt.Distance) }

// port returns an ephemeral port as Linux hands them out.
func (c *Cluster) port() uint16 { return uint16(32768 + c.rng.IntN(28000)) }

// podAddr is the address of host number last in node's pod range.
func (c *Cluster) podAddr(node, last int) netip.Addr {
	if c.opt.IPv6 {
		return netip.MustParseAddr(fmt.Sprintf("fd00:10:244:%d::%x", node, last))
	}
	return netip.AddrFrom4([4]byte{10, 244, byte(node), byte(last)})
}

// isPod reports whether a lies in a node's pod range, and of which one.
func (c *Cluster) podNode(a netip.Addr) *Node {
	for _, n := range c.Nodes {
		if n.podRange.Contains(a) {
			return n
		}
	}
	return nil
}

// serviceRange holds the Service addresses that no rule has to be written for to know them.
var (
	serviceRange4 = netip.MustParsePrefix("10.96.0.0/16")
	serviceRange6 = netip.MustParsePrefix("fd00:10:96::/48")
)

func isServiceAddr(a netip.Addr) bool { return serviceRange4.Contains(a) || serviceRange6.Contains(a) }

// IsService reports whether an address is a Service's: a ClusterIP with its port, or a NodePort.
func (c *Cluster) IsService(a netip.AddrPort) bool {
	for _, n := range c.Nodes {
		for _, s := range c.services {
			if s.vip == a || s.nodePort != 0 && s.On(n) == a {
				return true
			}
		}
	}
	return false
}
