package build

import (
	"net/netip"
	"time"
)

// Send transfers n bytes from the client to the server: in super-packets as offload makes them, each acknowledged, lost ones
// sent again. It reports whether all of it arrived.
func (k *Conn) Send(n int) bool {
	return k.ends() && k.transfer(k.Client, k.Server, body(n, k.Client.seq))
}

// SendBytes is Send with certain bytes.
func (k *Conn) SendBytes(b []byte) bool { return k.ends() && k.transfer(k.Client, k.Server, b) }

// Reply transfers n bytes from the server to the client.
func (k *Conn) Reply(n int) bool {
	return k.ends() && k.ReplyBytes(body(n, k.Server.seq))
}

// ReplyBytes is Reply with certain bytes.
func (k *Conn) ReplyBytes(b []byte) bool {
	if !k.ends() {
		return false
	}
	k.c.now += k.c.think * 5
	return k.transfer(k.Server, k.Client, b)
}

// ends reports whether there is a connection to send on.
func (k *Conn) ends() bool { return k.End == Unfinished || k.End == OK }

func (k *Conn) transfer(from, to *Endpoint, data []byte) bool {
	c := k.c
	for len(data) > 0 {
		n := min(len(data), from.limit*from.mss)
		f := from.data(from.seq, data[:n], n == len(data))
		if k.End == Reset {
			return false
		}
		if from.learns(f) {
			continue
		}
		if f.to == nil {
			var ok bool
			if n, ok = k.recover(from, to, data, n); !ok {
				if k.End != Reset {
					k.End = Hang
				}
				return false
			}
		}
		data = data[n:]
		from.seq += uint32(n)
		to.ack = from.seq
		c.now += c.think / 3
		to.emit(segment{flags: flagACK})
		if k.End == Reset {
			return false
		}
	}
	return true
}

// learns takes a fragmentation-needed to heart: smaller segments from now on.
func (e *Endpoint) learns(f fate) bool {
	if f.icmp == nil || f.at != e.Host || f.to != nil {
		return false
	}
	if !(f.icmp.kind == 3 && f.icmp.code == 4 || f.icmp.kind == 2) {
		return false
	}
	head := 52
	if e.Local.Addr().Is6() {
		head = 72
	}
	smaller := int(f.icmp.word) - head
	if smaller >= e.mss {
		return false
	}
	e.mss = smaller
	return true
}

// Linux suspects a black hole after as many timeouts (net.ipv4.tcp_retries1), and goes on with a base MSS (net.ipv4.tcp_base_mss).
const probesAfter, baseMSS = 3, 1024

// recover sends data again whose first n bytes were lost, as Linux does: more data while the window allows, a tail-loss probe,
// then the first segment at doubling intervals. It returns how many bytes arrived at last.
func (k *Conn) recover(from, to *Endpoint, data []byte, n int) (int, bool) {
	c := k.c
	sent := n
	if sent < len(data) {
		more := min(len(data)-sent, from.limit*from.mss)
		f := from.data(from.seq+uint32(sent), data[sent:sent+more], sent+more == len(data))
		if f.to != nil {
			// The receiver tells of the hole, and the sender fills it at once.
			to.sack = [][2]uint32{{from.seq + uint32(sent), from.seq + uint32(sent+more)}}
			to.emit(segment{flags: flagACK})
			to.sack = nil
			c.now += int64(time.Millisecond)
			if f := from.data(from.seq, data[:n], false); f.to != nil {
				return sent + more, true
			}
		}
		sent += more
	}
	if sent > from.mss && from.mss < sent {
		c.now += int64(4500 * time.Microsecond)
		tail := (sent - 1) / from.mss * from.mss
		if f := from.data(from.seq+uint32(tail), data[tail:sent], false); f.to != nil {
			to.sack = [][2]uint32{{from.seq + uint32(tail), from.seq + uint32(sent)}}
			to.emit(segment{flags: flagACK})
			to.sack = nil
		}
	}
	rto := 204 * time.Millisecond
	first := min(n, from.mss)
	for i := range k.patience {
		c.now += int64(rto)
		rto *= 2
		if from.Probing && i == probesAfter {
			from.mss, from.limit = baseMSS, 1
			first = min(first, baseMSS)
		}
		f := from.data(from.seq, data[:first], first == len(data))
		if k.End == Reset {
			return 0, false
		}
		if from.learns(f) {
			first = min(n, from.mss)
			continue
		}
		if f.to != nil {
			return first, true
		}
	}
	return 0, false
}

// data sends payload at a sequence number, in any state of the endpoint.
func (e *Endpoint) data(seq uint32, payload []byte, push bool) fate {
	s := segment{flags: flagACK, seq: seq, payload: payload}
	if push {
		s.flags |= flagPSH
	}
	return e.emit(s)
}

// Close ends the connection in order, the server first, as a web server does.
func (k *Conn) Close() { k.close(k.Server, k.Client) }

// CloseByClient ends the connection in order, the client first.
func (k *Conn) CloseByClient() { k.close(k.Client, k.Server) }

func (k *Conn) close(first, second *Endpoint) {
	if !k.ends() {
		return
	}
	k.c.now += k.c.think
	if !first.Fin() || k.End == Reset {
		return
	}
	k.c.now += k.c.think
	second.Fin()
	k.c.now += k.c.think
	first.Ack()
	if k.End != Reset {
		k.End = OK
	}
}

// Fin sends a FIN; the other end does not answer by itself.
func (e *Endpoint) Fin() bool {
	ok := e.emitted(segment{flags: flagFIN | flagACK})
	e.seq++
	if ok {
		e.peer().ack = e.seq
	}
	return ok
}

// FinAgain sends the FIN again that the other end did not acknowledge.
func (e *Endpoint) FinAgain() bool {
	return e.emitted(segment{flags: flagFIN | flagACK, seq: e.seq - 1})
}

// CrossFIN has the server close, and hang up altogether, while n bytes of the client are on their way to it: neither end knows of the other's
// segment when it sends its own. A RST answers the client's.
func (k *Conn) CrossFIN(n int) {
	at, acked := k.c.now, k.Client.ack
	k.Server.Fin()
	k.Server.Forget()
	k.c.now, k.Client.ack = at, acked
	k.Client.Data(n)
}

// SYNACKAgain has a server that did not hear the client's acknowledgement send its SYN-ACK again.
func (e *Endpoint) SYNACKAgain() bool {
	return e.emitted(segment{flags: flagSYN | flagACK, seq: e.seq - 1, mss: uint16(e.mss), scale: e.scale})
}

// Unsend takes the last n bytes back, which nobody received, so that they are sent again next.
func (e *Endpoint) Unsend(n int) { e.seq -= uint32(n) }

// Ack sends a bare acknowledgement.
func (e *Endpoint) Ack() bool { return e.emitted(segment{flags: flagACK}) }

// Data sends n bytes once, without waiting for an acknowledgement.
func (e *Endpoint) Data(n int) bool {
	ok := e.data(e.seq, body(n, e.seq), true).to != nil
	e.seq += uint32(n)
	if ok {
		e.peer().ack = e.seq
	}
	return ok
}

// Forget takes the socket away: later segments for it are answered with RST.
func (e *Endpoint) Forget() { e.forgotten = true }

// Again sends the last n bytes again, as a tail-loss probe or a needless retransmission.
func (e *Endpoint) Again(n int) bool {
	seq := e.seq - uint32(n)
	return e.data(seq, body(n, seq), true).to != nil
}

// DSACK acknowledges and reports that the last n bytes came twice (RFC 2883).
func (e *Endpoint) DSACK(n int) bool {
	e.sack = [][2]uint32{{e.ack - uint32(n), e.ack}}
	defer func() { e.sack = nil }()
	return e.Ack()
}

// KeepAlive sends a probe: the byte before the next one, without data (RFC 9293, section 3.8.4).
func (e *Endpoint) KeepAlive() bool { return e.emitted(segment{flags: flagACK, seq: e.seq - 1}) }

// Window opens (true) or closes the endpoint's receive window from its next segment on.
func (e *Endpoint) Window(open bool) {
	e.window = 64
	if !open {
		e.window = zeroWindow
	}
}

// Reset aborts the connection.
func (e *Endpoint) Reset() bool {
	ok := e.emitted(segment{flags: flagRST | flagACK})
	e.conn.End = Reset
	return ok
}

// ResetByNode makes the client's node end a connection on its own: a RST from the Service's address that no backend sent.
func (k *Conn) ResetByNode(n *Node) {
	s := segment{flags: flagRST, seq: k.Client.ack}
	p := packet{proto: protoTCP, src: k.Called, dst: k.Client.Local, ttl: 64, df: true, tcp: &s}
	k.c.last = fate{}
	n.route(p, tracked{}, fromHere)
	k.End = Reset
}

// ResetOnPath makes a load balancer or firewall near the server end a connection: a RST in the server's name, with a TTL of its own.
func (k *Conn) ResetOnPath() {
	s := segment{flags: flagRST, seq: k.Server.seq}
	k.c.send(k.Server.Host, packet{proto: protoTCP, src: k.Server.Local, dst: k.Server.Remote, ttl: 255, df: true, tcp: &s})
	k.End = Reset
}

// SNAT is the client's address as the server sees it; zero where it is the client's own.
func (k *Conn) SNAT() netip.AddrPort {
	if k.Server == nil || k.Server.Remote == k.Client.Local {
		return netip.AddrPort{}
	}
	return k.Server.Remote
}

// Backend is the address that the connection arrived at, or that its SYN was translated to; zero where the proxy did not
// translate it to any.
func (k *Conn) Backend() netip.AddrPort {
	if k.Server != nil {
		return k.Server.Local
	}
	for _, n := range k.c.Nodes {
		if f, ok := n.flows[tuple{protoTCP, k.Client.Local, k.Called}]; ok && f.out.dst != k.Called {
			return f.out.dst
		}
	}
	if k.c.IsService(k.Called) || isServiceAddr(k.Called.Addr()) {
		return netip.AddrPort{}
	}
	return k.Called
}

// Stray sends a segment on the connection with a sequence number far off, as one that was delayed or belongs to an older
// incarnation: conntrack takes it for INVALID.
func (e *Endpoint) Stray(n int) {
	k := e.conn
	s := segment{flags: flagACK | flagPSH, seq: e.seq + 100_000_000, payload: body(n, 7)}
	f := k.c.Drop(Conntrack, nil)
	defer f.Heal()
	was := k.End
	e.emit(s)
	if k.End == Reset {
		k.End = was
	}
}
