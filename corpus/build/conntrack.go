package build

import "net/netip"

// tuple is conntrack's key of a flow in one direction.
type tuple struct {
	proto    uint8
	src, dst netip.AddrPort
}

func (t tuple) mirror() tuple { return tuple{t.proto, t.dst, t.src} }

// flow is an entry of a node's connection tracking table: its tuple as it came, and as it leaves.
type flow struct {
	orig, out tuple
	// ipvs is set if the destination is translated on local delivery and not before routing.
	ipvs bool
	// reject and drop are the verdicts of a Service without endpoints, or without a local one.
	reject, drop bool
}

// tracked is a packet's relation to its flow: nil, or the direction.
type tracked struct {
	*flow
	reply bool
}

// track finds the packet's flow, or makes one for a first packet; from is the pod that sent it, nil for others.
func (n *Node) track(p *packet, from *Pod, local bool) tracked {
	t := p.tuple()
	if p.icmp != nil && p.icmp.quote != nil {
		return tracked{}
	}
	first := p.proto != protoTCP || p.tcp.flags&(flagSYN|flagACK) == flagSYN
	if f, ok := n.flows[t]; ok {
		reply := f.orig != t
		if !(first && !reply && p.proto == protoTCP && f.reject) {
			return tracked{f, reply}
		}
	}
	if !first {
		return tracked{} // conntrack picks up connections midway too, but translates nothing then
	}
	f := n.newFlow(t, from, local)
	n.flows[f.orig] = f
	if !f.reject && !f.drop {
		n.flows[f.out.mirror()] = f
	}
	return tracked{f, false}
}

// newFlow decides on the translation of a new flow as kube-proxy's and the CNI's rules would.
func (n *Node) newFlow(t tuple, from *Pod, local bool) *flow {
	f := &flow{orig: t, out: t}
	s, external := n.c.serviceAt(n, t.proto, t.dst)
	switch {
	case s != nil && n.c.opt.Proxy != NoProxy && n.c.opt.Proxy != EBPF:
		var allowed func(netip.AddrPort) bool
		if external && s.local {
			allowed = func(e netip.AddrPort) bool { return n.podRange.Contains(e.Addr()) }
		}
		backend, ok := s.pick(allowed)
		if !ok {
			f.reject = len(s.endpoints) == 0 && !n.c.errorsSpent
			f.drop = !f.reject
			return f
		}
		f.out.dst = backend
		f.ipvs = n.c.opt.Proxy == IPVS && !local
		switch {
		case from != nil && from.addr == backend.Addr():
			if !n.c.opt.NoMasquerade {
				f.out.src = n.masquerade(n.bridgeAddr)
				if f.ipvs {
					f.out.src = netip.AddrPortFrom(n.bridgeAddr, t.src.Port())
				}
			}
		case from == nil && !(external && s.local):
			// A packet not from a pod is masqueraded with the address of the interface it leaves by.
			f.out.src = n.masquerade(n.leavesAs(backend.Addr()))
		case from != nil && n.c.podNode(backend.Addr()) == nil:
			f.out.src = n.masquerade(n.addr) // the backend is a process of a machine, and no pod: it leaves the cluster
		}
	case s == nil && n.c.opt.Proxy == NFTables && isServiceAddr(t.dst.Addr()):
		f.drop = true
	case from != nil && n.c.podNode(t.dst.Addr()) == nil && t.dst.Addr() != n.addr:
		f.out.src = n.masquerade(n.addr) // leaves the cluster
	}
	if t.proto == protoICMP || t.proto == protoICMPv6 {
		f.out.src = netip.AddrPortFrom(f.out.src.Addr(), t.src.Port())
	}
	return f
}

// leavesAs is the address of the interface by which the node reaches a backend.
func (n *Node) leavesAs(backend netip.Addr) netip.Addr {
	switch n.c.podNode(backend) {
	case nil:
		return n.addr
	case n:
		return n.bridgeAddr
	}
	return n.tunnelAddr
}

// masquerade takes a free source port at random, as --random-fully does.
func (n *Node) masquerade(a netip.Addr) netip.AddrPort {
	return netip.AddrPortFrom(a, uint16(1024+n.c.rng.IntN(64000)))
}

// Forget deletes the node's conntrack entries whose destination was translated to a backend.
func (n *Node) Forget(backend netip.AddrPort) {
	for t, f := range n.flows {
		if f.out.dst == backend {
			delete(n.flows, t)
		}
	}
}

// Remasquerade gives a connection that leaves the node another source port: conntrack had forgotten it, and picks it up midway
// (net.netfilter.nf_conntrack_tcp_loose).
func (n *Node) Remasquerade(k *Conn) {
	t := tuple{protoTCP, k.Client.Local, k.Called}
	if f, ok := n.flows[t]; ok {
		delete(n.flows, f.out.mirror())
	}
	pod, _ := k.Client.Host.(*Pod)
	f := n.newFlow(t, pod, pod == nil)
	n.flows[t], n.flows[f.out.mirror()] = f, f
}

// before is the translation ahead of routing: the destination, forth or back.
func (k tracked) before(p *packet) {
	switch {
	case k.flow == nil:
	case k.reply:
		p.dst = k.orig.src
	default:
		p.dst = k.out.dst
	}
}

// after is the translation behind routing: the source, forth or back.
func (k tracked) after(p *packet) {
	switch {
	case k.flow == nil:
	case k.reply:
		p.src = k.orig.dst
	default:
		p.src = k.out.src
	}
}
