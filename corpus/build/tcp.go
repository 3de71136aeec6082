package build

import "net/netip"

// Endpoint is one end of a TCP connection: a socket, with its own idea of both addresses.
type Endpoint struct {
	Host          Host
	Local, Remote netip.AddrPort
	conn          *Conn
	// seq is the next sequence number to send, ack the next one expected.
	seq, ack   uint32
	id         uint16
	mss        int
	window     uint16
	scale      uint8
	timestamps bool
	tsRecent   uint32
	sack       [][2]uint32
	limit      int  // most segments of a super-packet
	forgotten  bool // the host has no such socket any more
	// Probing says that its kernel suspects black holes (net.ipv4.tcp_mtu_probing).
	Probing bool
}

// End is how a connection went, from its client's point of view.
type End string

// The ends of a connection, as a truth has them.
const (
	OK          End = "ok"
	Refused     End = "refused"
	Unreachable End = "unreachable"
	Reset       End = "reset"
	Hang        End = "hang"
	Unfinished  End = "unfinished"
)

// Conn is a TCP connection.
type Conn struct {
	c *Cluster
	// Client and Server are its ends; Server is nil until a SYN arrived somewhere.
	Client, Server *Endpoint
	// Called is the address that the client called.
	Called netip.AddrPort
	// End is how it went so far.
	End End
	// patience is how often data is sent again before the script goes on.
	patience int
}

// Dialer is how a connection is opened. Dial uses its zero value.
type Dialer struct {
	// Port is the client's port; 0 takes the next one.
	Port uint16
	// Tries is the number of SYNs, 5 by default; Patience the number of times that data is sent again, 5 by default.
	Tries, Patience int
	// NoTimestamps leaves out the TCP timestamp option.
	NoTimestamps bool
	// ISN is the client's initial sequence number; 0 takes one by chance.
	ISN uint32
	// Doubling makes each pause between two SYNs twice as long as the one before, as Linux did before 6.5 (net.ipv4.tcp_syn_linear_timeouts).
	Doubling bool
	// MSS that the client announces, by default the most its MTU allows.
	MSS int
	// FastOpen puts so many bytes of data into the SYN, with a cookie (RFC 7413).
	FastOpen int
	// Check answers the SYN-ACK with a RST, as a load balancer does that only wants to know whether a port is open.
	Check bool
	// Quiet makes only the sockets: the handshake was before the capture began.
	Quiet bool
}

// Dial opens a connection from the pod.
func (p *Pod) Dial(to netip.AddrPort) *Conn { return p.c.Dial(p, to, Dialer{}) }

// Dial opens a connection from the node's own network namespace.
func (n *Node) Dial(to netip.AddrPort) *Conn { return n.c.Dial(n, to, Dialer{}) }

// Dial opens a connection from outside of the cluster.
func (e *External) Dial(to netip.AddrPort) *Conn { return e.c.Dial(e, to, Dialer{}) }

// Get opens a connection, exchanges a request of 68 bytes and a response of 190, and closes it.
func (c *Cluster) Get(from Host, to netip.AddrPort) *Conn {
	k := c.Dial(from, to, Dialer{})
	k.Send(68)
	k.Reply(190)
	k.Close()
	return k
}

// Get is Cluster.Get from the pod.
func (p *Pod) Get(to netip.AddrPort) *Conn { return p.c.Get(p, to) }

// Dial opens a connection as d says.
func (c *Cluster) Dial(from Host, to netip.AddrPort, d Dialer) *Conn {
	if d.Tries == 0 {
		d.Tries = 5
	}
	if d.Patience == 0 {
		d.Patience = 5
	}
	if d.Port == 0 {
		d.Port = from.base().newPort()
	}
	if c.opt.Proxy == EBPF {
		// connect(2) itself is led to a backend: the socket never sends to the Service's address.
		if s, _ := c.serviceAt(c.Nodes[0], protoTCP, to); s != nil {
			if b, ok := s.pick(nil); ok {
				to = b
			}
		}
	}
	k := &Conn{c: c, Called: to, End: Hang, patience: d.Patience}
	k.Client = c.endpoint(k, from, netip.AddrPortFrom(c.sourceFor(from, to.Addr()), d.Port), to)
	k.Client.timestamps = !d.NoTimestamps
	if d.MSS != 0 {
		k.Client.mss = d.MSS
	}
	if d.ISN != 0 {
		k.Client.seq = d.ISN
	}
	if d.Quiet {
		c.unseen(func() { k.handshake(d) })
		return k
	}
	k.handshake(d)
	return k
}

// unseen lets something happen before captures begin.
func (c *Cluster) unseen(do func()) {
	frames := map[*machine]int{}
	for _, h := range c.hosts {
		frames[h.base()] = len(h.base().frames)
	}
	do()
	for m, kept := range frames {
		m.frames = m.frames[:kept]
	}
	for _, n := range c.Nodes {
		clear(n.resolved)
	}
}

// sourceFor is the address that a host's routing table prefers towards dst.
func (c *Cluster) sourceFor(from Host, dst netip.Addr) netip.Addr {
	if n, ok := from.(*Node); ok {
		switch owner := c.podNode(dst); {
		case owner == n && n.bridge != nil:
			return n.bridgeAddr
		case owner != nil && owner != n && n.tunnel != nil:
			return n.tunnelAddr
		}
	}
	return from.Addr()
}

func (c *Cluster) endpoint(k *Conn, h Host, local, remote netip.AddrPort) *Endpoint {
	mtu := c.opt.UplinkMTU
	if _, pod := h.(*Pod); pod {
		mtu = c.opt.PodMTU
	}
	mss := mtu - 40
	if local.Addr().Is6() {
		mss = mtu - 60
	}
	return &Endpoint{
		Host: h, Local: local, Remote: remote, conn: k, seq: c.rng.Uint32(), id: uint16(c.rng.Uint32()), mss: mss,
		window: 64, scale: 10, timestamps: true, limit: 5,
	}
}

func (k *Conn) handshake(d Dialer) {
	c, cl := k.c, k.Client
	syn := segment{flags: flagSYN, mss: uint16(cl.mss), scale: cl.scale}
	if d.FastOpen > 0 {
		syn.cookie = []byte{1, 2, 3, 4, 5, 6, 7, 8}
		syn.payload = body(d.FastOpen, 0)
	}
	for try := range d.Tries {
		if try > 0 {
			pause := int64(1_024_000_000)
			if d.Doubling {
				pause <<= try - 1
			}
			c.now += pause + int64(c.rng.IntN(4000))*1000
			syn.cookie, syn.payload = nil, nil // Linux leaves Fast Open out of the second try
		}
		f := cl.emit(syn)
		if f.icmp != nil && f.at == cl.Host {
			k.End = Unreachable
			if f.icmp.code == 3 && f.icmp.kind == 3 || f.icmp.code == 4 && f.icmp.kind == 1 {
				k.End = Refused
			}
			return
		}
		if f.to == nil {
			continue
		}
		if f.p.tcp.flags&flagRST != 0 { // somebody on the way refuses in the server's name
			k.End = Refused
			return
		}
		c.now += c.think
		if f.to.base().refused[f.p.dst.Port()] {
			k.End = Refused
			c.sendReset(f.to, f.p)
			return
		}
		if k.Server == nil {
			k.Server = c.endpoint(k, f.to, f.p.dst, f.p.src)
			k.Server.timestamps = cl.timestamps
		}
		sv := k.Server
		sv.ack = cl.seq + 1 + uint32(len(syn.payload))
		sv.tsRecent = f.p.tcp.tsval
		back := sv.emit(segment{flags: flagSYN | flagACK, mss: uint16(sv.mss), scale: sv.scale})
		if back.to == nil {
			continue
		}
		cl.seq += 1 + uint32(len(syn.payload))
		sv.seq++
		cl.ack = sv.seq
		// Both send segments that both can take, as they were told.
		m := min(cl.mss, sv.mss, int(f.p.tcp.mss), int(back.p.tcp.mss))
		cl.mss, sv.mss = m, m
		if cl.timestamps {
			cl.mss, sv.mss = m-12, m-12
		}
		k.End = Unfinished
		c.now += c.think / 2
		if d.Check {
			cl.emit(segment{flags: flagRST})
			k.End = OK
			return
		}
		cl.emit(segment{flags: flagACK})
		return
	}
	c.now += 1_024_000_000 // it waits for an answer to its last SYN as well
}

// SimultaneousOpen lets two hosts connect to each other at once, both from and to the same port (RFC 9293, figure 7). The
// first is called the client.
func (c *Cluster) SimultaneousOpen(a, b Host, port uint16) *Conn {
	at, bt := a.base().Port(port), b.base().Port(port)
	k := &Conn{c: c, Called: bt, End: Unfinished, patience: 5}
	k.Client, k.Server = c.endpoint(k, a, at, bt), c.endpoint(k, b, bt, at)
	start := c.now
	for _, e := range []*Endpoint{k.Client, k.Server} {
		c.now = start
		e.emit(segment{flags: flagSYN, mss: uint16(e.mss), scale: e.scale})
	}
	k.Client.ack, k.Server.ack = k.Server.seq+1, k.Client.seq+1
	start = c.now
	for _, e := range []*Endpoint{k.Client, k.Server} {
		c.now = start
		e.emit(segment{flags: flagSYN | flagACK, mss: uint16(e.mss), scale: e.scale})
	}
	k.Client.seq++
	k.Server.seq++
	k.Client.mss -= 12
	k.Server.mss -= 12
	return k
}

// emit sends a segment with the endpoint's state in it and follows it.
func (e *Endpoint) emit(s segment) fate {
	k := e.conn
	c := k.c
	if s.seq == 0 {
		s.seq = e.seq
	}
	if s.flags&flagACK != 0 && s.ack == 0 {
		s.ack = e.ack
	}
	if s.window == 0 {
		s.window = e.window
		if s.flags&flagSYN != 0 {
			s.window = 46 * 1410
		}
	}
	if s.flags&flagRST == 0 {
		s.timestamps = e.timestamps
		s.tsval, s.tsecr = e.Host.base().timestamp(e.Remote.Addr()), e.tsRecent
		s.sack = e.sack
	}
	s.size = e.mss
	if e.window == zeroWindow {
		s.window = 0
	}
	p := packet{proto: protoTCP, src: e.Local, dst: e.Remote, ttl: 64, df: true, tcp: &s}
	if s.flags&(flagSYN|flagACK) != flagSYN|flagACK {
		p.id = e.id
		e.id += uint16(p.segments())
	}
	f := c.send(e.Host, p)
	peer := e.peer()
	switch {
	case f.to == nil:
	case peer == nil: // a SYN
	case !e.accepted(f) && s.flags&flagRST == 0:
		// It reached a host that has no such connection, or by way of an address that it does not know.
		c.now += c.think
		c.sendReset(f.to, f.p)
		if c.last.to == e.Host && s.flags&flagSYN == 0 {
			k.End = Reset
		}
		f.to = nil
	case s.flags&flagRST != 0:
		k.End = Reset
	default:
		if s.timestamps {
			peer.tsRecent = s.tsval
		}
	}
	return f
}

// zeroWindow marks a closed window, since 0 means the usual one.
const zeroWindow = 0xffff

// emitted is emit, but reports whether the segment arrived.
func (e *Endpoint) emitted(s segment) bool { return e.emit(s).to != nil }

func (e *Endpoint) peer() *Endpoint {
	if e == e.conn.Client {
		return e.conn.Server
	}
	return e.conn.Client
}

// accepted reports whether a packet came to the other end's socket.
func (e *Endpoint) accepted(f fate) bool {
	peer := e.peer()
	return !peer.forgotten && f.to == peer.Host && f.p.dst == peer.Local && f.p.src == peer.Remote
}

// sendReset is the answer of a host to a segment of a connection that it does not know (RFC 9293, section 3.5.2).
func (c *Cluster) sendReset(h Host, to packet) {
	t := to.tcp
	s := segment{flags: flagRST, seq: t.ack}
	if t.flags&flagACK == 0 {
		s = segment{flags: flagRST | flagACK, ack: t.seq + uint32(len(t.payload))}
		if t.flags&(flagSYN|flagFIN) != 0 {
			s.ack++
		}
	}
	c.send(h, packet{proto: protoTCP, src: to.dst, dst: to.src, ttl: 64, df: true, tcp: &s})
}

// body is text that differs from byte to byte, so that segments can be told apart.
func body(n int, seq uint32) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte((seq+uint32(i)*7+uint32(i>>8))%26)
	}
	return b
}
