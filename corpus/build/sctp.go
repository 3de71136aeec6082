package build

import (
	"encoding/binary"
	"hash/crc32"
	"net/netip"
)

// chunks is what an SCTP packet carries (RFC 9260, section 3).
type chunks struct {
	tag  uint32 // the verification tag
	body []byte
}

// The types of chunks.
const (
	chunkData             = 0
	chunkInit             = 1
	chunkInitAck          = 2
	chunkSack             = 3
	chunkHeartbeat        = 4
	chunkHeartbeatAck     = 5
	chunkAbort            = 6
	chunkShutdown         = 7
	chunkShutdownAck      = 8
	chunkCookieEcho       = 10
	chunkCookieAck        = 11
	chunkShutdownComplete = 14
)

// chunk is one chunk with its padding.
func chunk(kind, flags byte, value []byte) []byte {
	b := []byte{kind, flags, 0, 0}
	binary.BigEndian.PutUint16(b[2:], uint16(4+len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// bytes are the header and the chunks, with the checksum of RFC 9260, appendix A: the kernel makes it where no network card does.
func (s *chunks) bytes(src, dst netip.AddrPort) []byte {
	b := make([]byte, 12, 12+len(s.body))
	binary.BigEndian.PutUint16(b, src.Port())
	binary.BigEndian.PutUint16(b[2:], dst.Port())
	binary.BigEndian.PutUint32(b[4:], s.tag)
	b = append(b, s.body...)
	binary.LittleEndian.PutUint32(b[8:], crc32.Checksum(b, castagnoli))
	return b
}

// Association is an SCTP association between a client and whoever its INIT reaches.
type Association struct {
	c *Cluster
	// Client is one end with its address; Called is the address that it called.
	Client        Host
	Local, Called netip.AddrPort
	// Server is the other end, nil until an INIT arrived somewhere; seen is the packet as it came there.
	Server Host
	seen   packet
	// End is how it went so far.
	End End
	// tags and tsns are those of the client and of the server: the tag that each chose, and the next TSN that it sends.
	tags, tsns [2]uint32
	ids        [2]uint16
}

// Associator is how an association is opened. Associate uses its zero value.
type Associator struct {
	// Port is the client's port; 0 takes the next one.
	Port uint16
	// Tries is the number of INITs, 4 by default, the first three seconds apart (Linux, net.sctp.rto_initial).
	Tries int
	// ToMany is a one-to-many socket, whose packets have no IP id in Linux.
	ToMany bool
	// Quiet makes only the association: its beginning was before the capture began.
	Quiet bool
}

// Associate opens an association as d says.
func (c *Cluster) Associate(from Host, to netip.AddrPort, d Associator) *Association {
	if d.Tries == 0 {
		d.Tries = 4
	}
	if d.Port == 0 {
		d.Port = from.base().newPort()
	}
	a := &Association{c: c, Client: from, Called: to, Local: netip.AddrPortFrom(c.sourceFor(from, to.Addr()), d.Port), End: Hang}
	for i := range a.tags {
		a.tags[i], a.tsns[i] = c.rng.Uint32()|1, c.rng.Uint32()
		if !d.ToMany {
			a.ids[i] = uint16(c.rng.Uint32()) | 1
		}
	}
	if d.Quiet {
		c.unseen(func() { a.open(d.Tries) })
	} else {
		a.open(d.Tries)
	}
	return a
}

// Associate opens an association from the pod.
func (p *Pod) Associate(to netip.AddrPort) *Association { return p.c.Associate(p, to, Associator{}) }

func (a *Association) open(tries int) {
	c := a.c
	rto := int64(3_000_000_000)
	for try := range tries {
		if try > 0 {
			c.now += rto + int64(c.rng.IntN(4000))*1000
			rto *= 2
		}
		f := a.toServer(0, a.greeting(chunkInit, 0))
		if f.icmp != nil && f.at == a.Client {
			a.End = Unreachable
			if f.icmp.code == 3 && f.icmp.kind == 3 || f.icmp.code == 4 && f.icmp.kind == 1 {
				a.End = Refused
			}
			continue // Linux takes these errors for passing ones (net/sctp/input.c, sctp_v4_err)
		}
		if f.to == nil {
			continue
		}
		a.Server, a.seen = f.to, f.p
		c.now += c.think
		if f.to.base().noSCTP {
			if g := c.send(f.to, refuse(f.to, ProtocolUnreachable, f.p)); g.at == a.Client {
				a.End = Unreachable
				return // final for Linux (net/sctp/input.c, sctp_icmp_proto_unreachable)
			}
			continue
		}
		if f.to.base().refused[f.p.dst.Port()] {
			a.End = Refused
			a.toClient(a.tags[0], chunk(chunkAbort, 0, nil))
			return
		}
		if a.toClient(a.tags[0], a.greeting(chunkInitAck, 1)).to != a.Client {
			continue
		}
		c.now += c.think
		if a.toServer(a.tags[1], chunk(chunkCookieEcho, 0, body(120, a.tags[1]))).to == nil {
			continue
		}
		c.now += c.think
		a.toClient(a.tags[0], chunk(chunkCookieAck, 0, nil))
		a.End = Unfinished
		return
	}
	c.now += 3_000_000_000
}

// greeting is an INIT or INIT-ACK of one end. The address parameter is the sender's own.
func (a *Association) greeting(kind byte, end int) []byte {
	b := binary.BigEndian.AppendUint32(nil, a.tags[end])
	b = append(b, 0, 1, 0xa0, 0, 0, 10, 0xff, 0xff) // window, streams
	b = binary.BigEndian.AppendUint32(b, a.tsns[end])
	local := a.Local.Addr()
	if end == 1 {
		local = a.seen.dst.Addr()
	}
	if local.Is4() {
		b = append(append(b, 0, 5, 0, 8), local.AsSlice()...)
	} else {
		b = append(append(b, 0, 6, 0, 20), local.AsSlice()...)
	}
	if kind == chunkInitAck {
		b = append(append(b, 0, 7, 0, 124), body(120, a.tags[end])...)
	}
	return chunk(kind, 0, b)
}

func (a *Association) toServer(tag uint32, body []byte) fate {
	return a.emit(0, a.Client, packet{src: a.Local, dst: a.Called}, chunks{tag, body})
}

func (a *Association) toClient(tag uint32, body []byte) fate {
	return a.emit(1, a.Server, packet{src: a.seen.dst, dst: a.seen.src}, chunks{tag, body})
}

func (a *Association) emit(end int, from Host, p packet, s chunks) fate {
	p.proto, p.ttl, p.df, p.id, p.sctp = protoSCTP, 64, true, a.ids[end], &s
	if a.ids[end] != 0 {
		a.ids[end]++
	}
	if s.body[0] == chunkInitAck || s.body[0] == chunkAbort { // no socket sends these
		p.id = 0
	}
	return a.c.send(from, p)
}

// from sends chunks of one end, to the tag that the other one chose.
func (a *Association) from(end int, body []byte) fate {
	if a.Server == nil {
		return fate{}
	}
	if end == 0 {
		return a.toServer(a.tags[1], body)
	}
	return a.toClient(a.tags[0], body)
}

// Send sends so many bytes of data to the server, and again four times if nobody acknowledges them.
func (a *Association) Send(n int) { a.data(0, n) }

// Reply sends so many bytes of data to the client.
func (a *Association) Reply(n int) { a.data(1, n) }

func (a *Association) data(end, n int) {
	c := a.c
	b := binary.BigEndian.AppendUint32(nil, a.tsns[end])
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 60)
	b = chunk(chunkData, 3, append(b, body(n, a.tsns[end])...))
	rto := int64(1_000_000_000)
	for range 5 {
		f := a.from(end, b)
		if f.to != nil && f.to != a.end(1-end) { // it knows no such association (RFC 9260, section 8.4)
			tag := a.tags[1-end]
			c.now += c.think
			a.emit(1-end, f.to, packet{src: f.p.dst, dst: f.p.src}, chunks{tag, chunk(chunkAbort, 1, nil)})
			a.End = Reset
			return
		}
		if f.to != nil {
			a.tsns[end]++
			c.now += c.think
			a.from(1-end, a.sack(end))
			return
		}
		c.now += rto
		rto *= 2
	}
	a.End = Hang
}

func (a *Association) end(i int) Host {
	if i == 0 {
		return a.Client
	}
	return a.Server
}

// sack acknowledges all that one end sent.
func (a *Association) sack(end int) []byte {
	b := binary.BigEndian.AppendUint32(nil, a.tsns[end]-1)
	return chunk(chunkSack, 0, append(b, 0, 1, 0xa0, 0, 0, 0, 0, 0))
}

// Heartbeat lets the client ask whether the server is there.
func (a *Association) Heartbeat() {
	info := append([]byte{0, 1, 0, 44}, body(40, uint32(a.c.now/1e6))...)
	if a.from(0, chunk(chunkHeartbeat, 0, info)).to != nil {
		a.c.now += a.c.think
		a.from(1, chunk(chunkHeartbeatAck, 0, info))
	}
}

// Close shuts the association down from the client's side.
func (a *Association) Close() {
	if a.End != Unfinished {
		return
	}
	acked := binary.BigEndian.AppendUint32(nil, a.tsns[1]-1)
	a.from(0, chunk(chunkShutdown, 0, acked))
	a.c.now += a.c.think
	a.from(1, chunk(chunkShutdownAck, 0, nil))
	a.c.now += a.c.think
	a.from(0, chunk(chunkShutdownComplete, 0, nil))
	a.End = OK
}

// Abort lets the server give the association up.
func (a *Association) Abort() {
	a.from(1, chunk(chunkAbort, 0, nil))
	a.End = Reset
}

// Backend is the address that the packets arrived at, or that a node translated them to; zero where a Service's was translated to none.
func (a *Association) Backend() netip.AddrPort {
	if a.Server != nil {
		return a.seen.dst
	}
	for _, n := range a.c.Nodes {
		if f, ok := n.flows[tuple{protoSCTP, a.Local, a.Called}]; ok && f.out.dst != a.Called {
			return f.out.dst
		}
	}
	if a.c.IsService(a.Called) || isServiceAddr(a.Called.Addr()) {
		return netip.AddrPort{}
	}
	return a.Called
}

// SNAT is the source as the server sees it, where that was rewritten; else zero.
func (a *Association) SNAT() netip.AddrPort {
	if a.Server != nil && a.seen.src != a.Local {
		return a.seen.src
	}
	return netip.AddrPort{}
}
