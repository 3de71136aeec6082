package build

import "net/netip"

// The packet types of Linux cooked captures.
const (
	typeHost     = 0 // to us
	typeOther    = 3 // to another host, as a bridge port shows its pod's packets
	typeOutgoing = 4
)

// fate is the end of a transmitted packet's way.
type fate struct {
	to Host // the receiver; nil for none
	p  packet
	// icmp is the error that some host got about it, at is that host.
	icmp *message
	at   Host
}

// send transmits a packet and follows it to its end.
func (c *Cluster) send(from Host, p packet) fate {
	c.last = fate{}
	from.transmit(p)
	return c.last
}

// deliver hands a packet to a host's protocol stack.
func (c *Cluster) deliver(h Host, p packet) {
	if p.icmp != nil && p.icmp.quote != nil {
		c.last.icmp, c.last.at = p.icmp, h
		return
	}
	if p.torn {
		return
	}
	c.last.to, c.last.p = h, p
}

func (p *Pod) transmit(k packet) {
	c, n := p.c, p.Node
	k.from = p
	kind := uint8(typeOther)
	if n.bridge == nil {
		kind = typeHost
	}
	if !p.askGateway() {
		return
	}
	p.shows(leaving, typeOutgoing, p.veth.mac, k.frames(c.opt.PodMTU)...)
	n.see(p.veth, kind, p.veth.mac, &k)
	if c.faulty(OnVeth, n, &k) || n.waits(&k) {
		return
	}
	n.fromPod(k, p)
}

// fromPod is the way of a pod's packet into its node, by the bridge if there is one.
func (n *Node) fromPod(p packet, pod *Pod) {
	c := n.c
	asSent := p
	early := n.bridge == nil || !c.opt.NoBridgeNetfilter // does conntrack see it before the bridge decides?
	var k tracked
	if early || !n.podRange.Contains(p.dst.Addr()) {
		k = n.trackUnlessInvalid(&p, pod)
	}
	if !(k.flow != nil && k.ipvs && !k.reply) {
		k.before(&p)
	}
	onBridge := n.bridge != nil && n.podRange.Contains(p.dst.Addr()) && p.dst.Addr() != n.bridgeAddr && p.dst.Addr() != n.tunnelAddr
	if onBridge && (early || asSent.dst == p.dst) && !(k.flow != nil && (k.reject || k.drop || k.ipvs && !k.reply)) {
		n.bridged(p, k, pod)
		return
	}
	if n.bridge != nil {
		seen := &p
		if !early {
			seen = &asSent
		}
		n.see(n.bridge, typeHost, pod.veth.mac, seen)
	}
	if k.flow != nil && k.ipvs && !k.reply {
		k.before(&p)
	}
	n.route(p, k, Forward)
}

// trackUnlessInvalid is track, but for packets that a fault makes INVALID: conntrack leaves those alone.
func (n *Node) trackUnlessInvalid(p *packet, pod *Pod) tracked {
	if n.c.faulty(Conntrack, n, p) {
		return tracked{}
	}
	if p.icmp != nil && p.icmp.quote != nil {
		return n.trackError(p)
	}
	return n.track(p, pod, false)
}

// bridged carries a packet from one bridge port to another: not routed, so the TTL stays.
func (n *Node) bridged(p packet, k tracked, from *Pod) {
	c := n.c
	to := n.podAt(p.dst.Addr())
	if to == from && c.opt.NoHairpin {
		return
	}
	// The first packet to a neighbour takes the way through the bridge device; IPVS' replies always do.
	if !n.neighbours[p.dst.Addr()] || c.opt.Proxy == IPVS {
		n.neighbours[p.dst.Addr()] = true
		n.see(n.bridge, typeOutgoing, n.bridge.mac, &p)
	}
	k.after(&p)
	n.toPort(p, to, from.veth.mac)
}

// toPort is the last step to a pod.
func (n *Node) toPort(p packet, to *Pod, mac [6]byte) {
	c := n.c
	if c.faulty(Bridge, n, &p) {
		return
	}
	if to == nil || to.gone {
		if n.flood {
			for _, pod := range n.pods {
				if !pod.gone {
					pod.shows(coming, typeOther, mac, p.frames(c.opt.PodMTU)...)
					n.see(pod.veth, typeOutgoing, mac, &p)
				}
			}
		}
		return
	}
	to.shows(coming, typeHost, mac, p.frames(c.opt.PodMTU)...)
	if c.opt.Proxy != EBPF { // Cilium redirects past the host's end of the veth
		n.see(to.veth, typeOutgoing, mac, &p)
	}
	if c.faulty(InPod, n, &p) || p.src.Addr() == p.dst.Addr() {
		return // the latter is a martian to the pod: its own address from outside
	}
	c.deliver(to, p)
}

func (n *Node) podAt(a netip.Addr) *Pod {
	p, _ := n.c.hosts[a].(*Pod)
	return p
}

// route forwards a packet whose destination was translated. from is the point of entry: Forward for a local pod, Arrive for
// the tunnel and the uplink, fromHere for the node's own.
func (n *Node) route(p packet, k tracked, from Point) {
	c, dst := n.c, p.dst.Addr()
	if k.flow != nil && k.reject && !k.reply {
		if from != fromHere {
			p.ttl--
		}
		n.icmpError(PortUnreachable, p, k, 0)
		return
	}
	if k.flow != nil && k.drop {
		return
	}
	if h, ok := c.hosts[dst].(*Node); ok && h == n {
		if k.reply {
			k.after(&p) // to its own sockets too, a reply comes from the address that they called
		}
		c.deliver(n, p)
		return
	}
	if from != fromHere {
		if p.ttl <= 1 {
			p.ttl = 1
			n.icmpError(TimeExceeded, p, k, 0)
			return
		}
		p.ttl--
		if c.faulty(from, n, &p) {
			return
		}
	}
	to := c.podNode(dst)
	switch {
	case to == n && n.loop != nil && n.podAt(dst) == nil:
		n.toTunnel(p, k, n.loop)
	case to == n:
		k.after(&p)
		mac := n.podMAC
		if !n.askPod(n.podAt(dst)) {
			n.icmpError(HostUnreachable, p, k, 0)
			return
		}
		if n.bridge != nil {
			n.see(n.bridge, typeOutgoing, mac, &p)
		}
		n.toPort(p, n.podAt(dst), mac)
	case to != nil && !n.beside[to]:
		n.toTunnel(p, k, to)
	default:
		if n.tooBig(&p, k, c.opt.UplinkMTU) {
			return
		}
		k.after(&p)
		if !n.askMachine(c.hosts[dst]) {
			n.icmpError(HostUnreachable, p, k, 0)
			return
		}
		n.see(n.uplink, typeOutgoing, n.uplink.mac, &p)
		c.hop()
		if c.faulty(Uplink, n, &p) || n.pastPath(&p) {
			return
		}
		if target, ok := c.balance(&p); ok {
			target.fromUplink(p, balancerMAC)
		} else if other, ok := c.hosts[dst].(*Node); ok || to != nil {
			if to != nil {
				other = to
			}
			other.fromUplink(p, n.uplinkMAC)
		} else if e, ok := c.hosts[dst].(*External); ok {
			for _, b := range p.frames(c.opt.UplinkMTU) {
				e.note(frame{c.now, e.eth0, typeHost, n.uplinkMAC, b})
			}
			c.deliver(e, p)
		} else if h := c.hosts[dst]; h != nil {
			c.deliver(h, p)
		}
	}
}

// tooBig judges a packet against the MTU of the device it is to leave by, and tells the sender unless that is silenced.
func (n *Node) tooBig(p *packet, k tracked, mtu int) bool {
	if !p.df && (p.src.Addr().Is4() || p.udp != nil) || p.wireLen() <= mtu {
		return false
	}
	if !n.c.opt.SilentMTU {
		n.icmpError(FragmentationNeeded, *p, k, mtu)
	}
	return true
}

func (n *Node) toTunnel(p packet, k tracked, to *Node) {
	c := n.c
	mtu := c.opt.TunnelMTU
	if n.tunnel == nil {
		mtu = c.opt.UplinkMTU
	}
	if n.tooBig(&p, k, mtu) {
		return
	}
	k.after(&p)
	if c.opt.ClampMSS {
		p.clamp(mtu)
	}
	if n.tunnel != nil {
		n.see(n.tunnel, typeOutgoing, n.tunnel.mac, &p)
	}
	if c.faulty(Seal, n, &p) {
		return
	}
	parts := []packet{p}
	if c.opt.NoOffload || n.tunnel != nil && p.wireLen()+c.opt.CNI.overhead() > c.opt.UplinkMTU {
		parts = p.split()
	}
	if !n.askMachine(to) {
		if n.tunnel == nil {
			n.icmpError(HostUnreachable, p, k, 0)
		}
		return
	}
	var frames [][][]byte
	for i := range parts {
		frames = append(frames, n.encapsulate(&parts[i], to))
		for _, f := range frames[i] {
			n.seeRaw(n.uplink, typeOutgoing, n.uplink.mac, f)
		}
	}
	c.hop()
	for i := range parts {
		late := int64(0)
		switch f := c.fault(Uplink, n, &parts[i]); {
		case f == nil:
		case f.tears:
			parts[i].torn, frames[i] = len(frames[i]) > 1, frames[i][:1]
		case f.late == 0:
			continue
		default:
			late = f.late
		}
		if n.tunnel != nil && n.tunnelPastPath(frames[i][0]) {
			continue
		}
		c.now += late
		to.fromTunnel(parts[i], frames[i], n)
		c.now -= late
	}
}

// fromTunnel takes in a packet from another node; frames are its frames on the uplink.
func (n *Node) fromTunnel(p packet, frames [][]byte, from *Node) {
	c := n.c
	f := c.fault(Decap, n, &p)
	for _, b := range frames {
		if f != nil && f.spoils {
			b = spoiled(b)
		}
		n.seeRaw(n.uplink, typeHost, from.uplinkMAC, b)
	}
	if f != nil && f.tears {
		p.torn = len(frames) > 1
	} else if f != nil {
		if f.reject != 0 {
			n.rejectTunnel(f.reject, frames[0], from)
		}
		return
	}
	if p.torn && p.udp == nil {
		return // what was torn is the tunnel's own packet
	}
	if n.tunnel != nil {
		n.see(n.tunnel, typeHost, from.tunnelMAC, &p)
	}
	if n.waits(&p) || n.strict && n.beside[from] {
		return
	}
	p.from = nil
	k := n.trackUnlessInvalid(&p, nil)
	k.before(&p)
	n.route(p, k, Arrive)
}

// fromUplink takes in a packet that came without a tunnel.
func (n *Node) fromUplink(p packet, mac [6]byte) {
	n.see(n.uplink, typeHost, mac, &p)
	if n.waits(&p) {
		return
	}
	if p.src.Addr() == n.addr {
		return // a martian: the node's own address from outside
	}
	if from := n.c.podNode(p.src.Addr()); n.strict && n.tunnel != nil && from != nil && !n.beside[from] {
		return
	}
	p.from = nil
	k := n.trackUnlessInvalid(&p, nil)
	k.before(&p)
	n.route(p, k, Arrive)
}

// transmit sends from the node's own network namespace.
func (n *Node) transmit(p packet) {
	k := n.track(&p, nil, true)
	k.before(&p)
	n.route(p, k, fromHere)
}

var (
	// nodeNetwork is the network of the nodes' uplinks.
	nodeNetwork = netip.MustParsePrefix("192.168.1.0/24")
	// gatewayMAC is the link-layer address of everything beyond it.
	gatewayMAC = [6]byte{2, 0x42, 192, 168, 1, 100}
)

func (e *External) transmit(p packet) {
	c := e.c
	for _, b := range p.frames(c.opt.UplinkMTU) {
		e.note(frame{c.now, e.eth0, typeOutgoing, e.eth0.mac, b})
	}
	c.hop()
	for _, f := range c.faults {
		if f.at == FromOutside && f.match(p.view(nil)) {
			p.torn = p.udp != nil && !p.df
		}
	}
	if n, ok := c.hosts[p.dst.Addr()].(*Node); ok {
		n.fromUplink(p, e.eth0.mac)
		return
	}
	c.Nodes[0].fromUplink(p, e.eth0.mac) // the network's route to pods and Services, if somebody set one
}
