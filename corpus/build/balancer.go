package build

import "net/netip"

// Balancer is a load balancer beside the nodes that keeps its clients' addresses: what it sends on has another destination, and answers have
// the right source again when they reach the client.
type Balancer struct {
	at      netip.AddrPort
	targets []*Node
	port    uint16
	flows   map[tuple]*Node
	// Plain makes it send packets on as they are.
	Plain bool
}

// balancerMAC is the link-layer address of all load balancers.
var balancerMAC = [6]byte{2, 0x42, 192, 168, 1, 200}

// Balancer adds a load balancer that spreads connections over a port of nodes, in turn.
func (c *Cluster) Balancer(at string, port uint16, targets ...*Node) *Balancer {
	b := &Balancer{at: netip.MustParseAddrPort(at), targets: targets, port: port, flows: map[tuple]*Node{}}
	c.balancers = append(c.balancers, b)
	return b
}

// At is its address, to be dialled.
func (b *Balancer) At() netip.AddrPort { return b.at }

// balance takes a packet from the nodes' network that is for a load balancer, or that is an answer to one of its clients.
func (c *Cluster) balance(p *packet) (to *Node, ok bool) {
	for _, b := range c.balancers {
		if p.dst == b.at {
			n := b.flows[p.tuple()]
			if n == nil {
				n = b.targets[len(b.flows)%len(b.targets)]
				b.flows[p.tuple()] = n
			}
			if p.ttl--; !b.Plain {
				p.dst = netip.AddrPortFrom(n.addr, b.port)
			}
			return n, true
		}
		if n := b.flows[tuple{p.proto, p.dst, b.at}]; n != nil && p.src == netip.AddrPortFrom(n.addr, b.port) {
			p.src = b.at
		}
	}
	return nil, false
}
