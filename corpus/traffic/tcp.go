package traffic

import "github.com/netsift/netsift/decode/wire"

// conn is a TCP connection of a pod through a Service.
type conn struct {
	packet
	state         state
	long          bool   // one of Live
	left          int    // requests to come
	trip          int64  // to the backend and back, in nanoseconds
	seq, ack      uint32 // of the client: the next to be sent, and the next expected
	upID, downID  uint16
	base          uint32 // of both ends' timestamps
	lost          bool   // the request was lost
	length        int    // of the request
	echo, farEcho uint32 // the timestamps seen last, by the client and by the backend
}

type state uint8

const (
	closed state = iota
	synSent
	synReceived
	established
	requested
	answered
	finSent
	finReceived
)

// The lengths of requests and answers.
const minRequest, request, answer = 40, 200, 400

// connect returns a connection through a Service that has yet to begin.
func (g *generator) connect(node int, pod, service uint32, long bool) *conn {
	k := g.next
	c := &conn{long: long, base: k * 977, seq: uint32(g.random >> 7), ack: uint32(g.random >> 29)}
	c.left = 1 + g.below(max(g.Requests, 1))
	if long {
		c.left = g.Exchanges/2 + g.below(g.Exchanges/2+1)
	}
	c.trip = g.between(minRoundTrip, roundTrip)
	c.proto = wire.ProtoTCP
	c.of(node, pod)
	c.port = uint16(firstEphemeral + k/uint32(g.Pods*g.Nodes)%ephemerals)
	c.vip, c.called = vipNet+100+service, 80
	backend := service*uint32(g.Backends) + uint32(g.below(g.Backends))
	c.dest, c.farNode, c.far = farNet+10+backend, 1, 8080
	if g.Nodes > 1 {
		c.at((node+1+g.below(g.Nodes-1))%g.Nodes, backend)
	}
	c.upID, c.downID = uint16(g.below(1<<16)), uint16(g.below(1<<16))
	return c
}

func (c *conn) step(g *generator) (actor, int64) {
	switch c.state {
	case closed:
		g.truth.Connections++
		c.send(g, true, wire.SYN, 0, 0)
		c.state = synSent
		return c, c.trip
	case synSent:
		c.send(g, false, wire.SYN|wire.ACK, 0, 0)
		c.state = synReceived
	case synReceived:
		c.send(g, true, wire.ACK, 0, 0)
		c.state = established
		if c.long {
			return c, g.around(g.think)
		}
	case established:
		if c.left == 0 {
			c.send(g, true, wire.FIN|wire.ACK, 0, 0)
			c.state = finSent
			return c, c.trip
		}
		c.left--
		c.request(g)
		if c.lost {
			return c, rto
		}
		return c, c.trip + g.between(minServing, serving)
	case requested:
		if c.lost {
			c.resend(g)
			return c, c.trip + g.between(minServing, serving)
		}
		c.send(g, false, wire.PSH|wire.ACK, answer, 0)
		g.truth.ToClient += answer
		c.state = answered
	case answered:
		c.send(g, true, wire.ACK, 0, 0)
		c.state = established
		switch {
		case c.long:
			return c, g.around(g.think)
		case c.left > 0:
			return c, g.between(minShortThink, shortThink)
		}
	case finSent:
		c.send(g, false, wire.FIN|wire.ACK, 0, 0)
		c.state = finReceived
	case finReceived:
		c.send(g, true, wire.ACK, 0, 0)
		g.truth.Closed++
		if !c.long {
			return nil, 0
		}
		return g.begin(true), g.between(minReaction, reaction)
	}
	return c, g.between(minReaction, reaction)
}

// request sends a request, which may be lost: on the node, so that its veth alone shows it, or beyond.
func (c *conn) request(g *generator) {
	c.length = minRequest + g.below(request-minRequest)
	c.state = requested
	g.truth.ToServer += uint64(c.length)
	places := 0
	if c.lost = g.below(1000) < g.Losses; c.lost {
		if places = g.below(2); places == 0 { // the first alone, or all of the node
			places = len(g.places)
		}
	}
	c.send(g, true, wire.PSH|wire.ACK, c.length, places)
}

// resend sends a request once more: with another IP id and timestamp.
func (c *conn) resend(g *generator) {
	c.lost = false
	c.seq -= uint32(c.length)
	c.send(g, true, wire.PSH|wire.ACK, c.length, 0)
	g.truth.Retransmissions++
}

// send shows a segment in the first n places on its way, all for n = 0.
func (c *conn) send(g *generator, up bool, flags wire.TCPFlags, length, n int) {
	c.up = up
	clock := c.base + uint32((g.now-begin)/1e6)
	seq, ack, stamp, echo := c.seq, c.ack, clock, c.echo
	id := &c.upID
	if !up {
		seq, ack, stamp, echo = c.ack, c.seq, clock+31_000, c.farEcho
		id = &c.downID
	}
	if flags&wire.ACK == 0 {
		ack = 0
	}
	*id++
	if *id == 0 {
		*id = 1
	}
	c.id = *id
	b := append(g.body[:0], 0, 0, 0, 0)
	b = be.AppendUint32(b, seq)
	b = be.AppendUint32(b, ack)
	if flags&wire.SYN != 0 {
		if flags&wire.ACK != 0 {
			c.id = 0 // as Linux has it
		}
		b = append(b, 10<<4, byte(flags), 0xfa, 0xf0, 0, 0, 0, 0, 2, 4, 1410>>8, 1410&0xff, 4, 2, 8, 10)
		b = be.AppendUint32(b, stamp)
		b = be.AppendUint32(b, echo)
		b = append(b, 1, 3, 3, 7)
	} else {
		b = append(b, 8<<4, byte(flags), 1, 0xf6, 0, 0, 0, 0, 1, 1, 8, 10)
		b = be.AppendUint32(b, stamp)
		b = be.AppendUint32(b, echo)
	}
	b = append(b, text[:length]...)
	g.body, c.body = b, b
	g.show(&c.packet, n)
	space := uint32(length)
	if flags&(wire.SYN|wire.FIN) != 0 {
		space++
	}
	if up {
		c.seq += space
		if n == 0 && !c.lost {
			c.farEcho = stamp
		}
	} else {
		c.ack += space
		c.echo = stamp
	}
}

// text is the content of requests and answers.
var text = func() []byte {
	const line = "All animals are equal, but some packets are more equal than others.\n"
	var b []byte
	for len(b) < answer {
		b = append(b, line...)
	}
	return b
}()
