package join

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// The chunks of an association between tags aaaa0001 (the client's) and bbbb0001, whose first TSNs are 100 and 200.
const (
	initChunk   = "01 00 0014 aaaa0001 0001a000 000affff 00000064"
	initAck     = "02 00 0014 bbbb0001 0001a000 000affff 000000c8"
	cookieEcho  = "0a 00 0008 01020304"
	cookieAck   = "0b 00 0004"
	heartbeat   = "04 00 0008 00010004"
	abort       = "06 00 0004"
	abortT      = "06 01 0004"
	shutdownAck = "08 00 0004"
	complete    = "0e 00 0004"
	first       = "00 03 0014 00000064 0000 0000 00000000 41414141"
	reply       = "00 03 0014 000000c8 0000 0000 00000000 42424242"
	sackFirst   = "03 00 0010 00000064 0001a000 00000000"
	sackReply   = "03 00 0010 000000c8 0001a000 00000000"
	shutdown    = "07 00 0008 000000c8"
	server      = 0xbbbb0001
	client      = 0xaaaa0001
)

// sctpPacket is one as the decoder hands it on, with its bytes.
type sctpPacket struct {
	p    decode.Packet
	data []byte
}

func sctpOf(src, dst string, tag uint32, chunks string) sctpPacket {
	a, b := ep(src), ep(dst)
	body, err := hex.DecodeString(strings.Join(strings.Fields(chunks), ""))
	if err != nil {
		panic(err)
	}
	data := append([]byte{
		byte(a.Port() >> 8), byte(a.Port()), byte(b.Port() >> 8), byte(b.Port()), byte(tag >> 24), byte(tag >> 16), byte(tag >> 8), byte(tag), 0, 0, 0, 0,
	}, body...)
	n := uint32(len(data))
	return sctpPacket{decode.Packet{
		Network: decode.NetIPv4, Proto: wire.ProtoSCTP, Has: decode.HasPorts,
		Src: wire.AddrFrom(a.Addr()), SrcPort: a.Port(), Dst: wire.AddrFrom(b.Addr()), DstPort: b.Port(),
		TTL: 64, IPLen: 20 + n, Cap: n, Wire: n, Payload: wire.SCTPLen, PayloadCap: n - wire.SCTPLen, PayloadLen: n - wire.SCTPLen,
		Interface: 1, Direction: decode.DirIn,
	}, data}
}

// shows shows a packet after a pause in milliseconds.
func (w *world) shows(pause int64, x sctpPacket) {
	w.now += pause * 1e6
	w.frame++
	x.p.Time, x.p.Frame = w.now, w.frame
	var l sight.Lead
	o := sight.Origin{}
	w.j.Leader(o).Lead(&l, &x.p, x.data, o.Mixed)
	w.j.Track(&x.p, x.data, &o, &l)
}

const sctpClient, sctpServer = "10.244.1.5:41000", "10.96.0.70:38412"

func up(tag uint32, chunks string) sctpPacket { return sctpOf(sctpClient, sctpServer, tag, chunks) }

func down(tag uint32, chunks string) sctpPacket {
	x := sctpOf(sctpServer, sctpClient, tag, chunks)
	x.p.Interface, x.p.Direction, x.p.TTL = 1, decode.DirOut, 62
	return x
}

// step is a packet after a pause in milliseconds.
type step struct {
	pause int64
	x     sctpPacket
}

var opened = []step{{0, up(0, initChunk)}, {1, down(client, initAck)}, {1, up(server, cookieEcho)}, {1, down(client, cookieAck)}}

func then(more ...step) []step { return append(opened[:len(opened):len(opened)], more...) }

func TestAssociations(t *testing.T) {
	for name, row := range map[string]struct {
		steps   []step
		outcome fact.Outcome
		phase   fact.Phase
		syns    int
	}{
		"opened": {opened, fact.Unfinished, fact.PhaseEstablished, 1},
		"used and closed": {then(step{5, up(server, first)}, step{1, down(client, sackFirst+reply)}, step{1, up(server, sackReply)},
			step{9, up(server, shutdown)}, step{1, down(client, shutdownAck)}, step{1, up(server, complete)}), fact.OK, fact.PhaseClosed, 1},
		"closed, the last packet not seen": {then(step{9, up(server, shutdown)}, step{1, down(client, shutdownAck)}), fact.OK, fact.PhaseClosed, 1},
		"data with the cookie":             {[]step{opened[0], opened[1], {1, up(server, cookieEcho+first)}}, fact.Unfinished, fact.PhaseHandshake, 1},
		"data with the cookie, taken":      {[]step{opened[0], opened[1], {1, up(server, cookieEcho+first)}, {1, down(client, cookieAck+sackFirst)}}, fact.Unfinished, fact.PhaseEstablished, 1},
		"never answered":                   {[]step{opened[0], {3000, up(0, initChunk)}, {6000, up(0, initChunk)}}, fact.Hang, fact.PhaseHandshake, 3},
		"answered late":                    {append([]step{opened[0], {2996, up(0, initChunk)}}, opened[1:]...), fact.Unfinished, fact.PhaseEstablished, 2},
		"cookie never taken": {
			[]step{opened[0], opened[1], {1, up(server, cookieEcho)}, {3000, up(server, cookieEcho)}, {3000, up(server, cookieEcho)}},
			fact.Hang, fact.PhaseHandshake, 1,
		},
		"refused":            {[]step{opened[0], {1, down(client, abort)}}, fact.Refused, fact.PhaseHandshake, 1},
		"refused the cookie": {[]step{opened[0], opened[1], opened[2], {1, down(client, abortT)}}, fact.Refused, fact.PhaseHandshake, 1},
		"given up by the server": {
			then(step{5, up(server, first)}, step{1, down(client, sackFirst)}, step{9, down(client, abort)}),
			fact.ResetOutcome, fact.PhaseEstablished, 1,
		},
		"unknown to the server": {then(step{5, up(server, first)}, step{1, down(server, abortT)}), fact.ResetOutcome, fact.PhaseEstablished, 1},
		"ended by the client": {
			then(step{5, up(server, first)}, step{1, down(client, sackFirst)}, step{9, up(server, abort)}),
			fact.OK, fact.PhaseClosed, 1,
		},
		"given up by the client": {then(step{5, up(server, first)}, step{9, up(server, abort)}), fact.ResetOutcome, fact.PhaseEstablished, 1},
		"never acknowledged": {
			then(step{5, up(server, first)}, step{1000, up(server, first)}, step{2000, up(server, first)}),
			fact.Hang, fact.PhaseEstablished, 1,
		},
		"acknowledged in the end": {
			then(step{5, up(server, first)}, step{1000, up(server, first)}, step{2000, up(server, first)}, step{1, down(client, sackFirst)}),
			fact.Unfinished, fact.PhaseEstablished, 1,
		},
		"heartbeats": {then(step{30000, up(server, heartbeat)}, step{30000, up(server, heartbeat)}), fact.Unfinished, fact.PhaseEstablished, 1},
		"opened by both": {
			[]step{opened[0], {0, down(0, strings.Replace(initChunk, "aaaa0001", "bbbb0001", 1))}, {1, down(client, initAck)}, opened[2], opened[3]},
			fact.Unfinished, fact.PhaseEstablished, 1,
		},
	} {
		w := newWorld()
		for _, s := range row.steps {
			w.shows(s.pause, s.x)
		}
		got := w.end()
		if len(got) != 1 {
			t.Errorf("%s: %d associations", name, len(got))
			continue
		}
		c := got[0]
		if c.Outcome != row.outcome || c.Phase != row.phase || c.Flow[fact.ToServer].SYNs != row.syns || c.Proto != fact.SCTP || c.Midstream ||
			c.Client != ep(sctpClient) || c.Frames != uint64(len(row.steps)) || c.Flow[0].Packets+c.Flow[1].Packets != c.Frames {
			t.Errorf("%s: %v %v %v, %d INITs, from %v, %d frames, %d and %d packets", name, c.Proto, c.Outcome, c.Phase,
				c.Flow[fact.ToServer].SYNs, c.Client, c.Frames, c.Flow[0].Packets, c.Flow[1].Packets)
		}
	}
}

// TestUnacknowledged: what is said of data sent again and again.
func TestUnacknowledged(t *testing.T) {
	w := newWorld()
	for _, s := range then(step{5, up(server, first)}, step{1000, up(server, first)}, step{2000, up(server, first)}) {
		w.shows(s.pause, s.x)
	}
	x := w.end()[0].Flow[fact.ToServer].Stall
	if x == nil || x.Seq != 100 || x.Sends != 3 || x.Last-x.First != 3e9 || x.Acked || x.PeerAlive || x.Probe {
		t.Errorf("got %+v", x)
	}
}

// translated is a packet a hop farther on, with both its ends or one of them translated.
func translated(x sctpPacket, src, dst string) sctpPacket {
	a, b := ep(src), ep(dst)
	x.p.Src, x.p.SrcPort, x.p.Dst, x.p.DstPort = wire.AddrFrom(a.Addr()), a.Port(), wire.AddrFrom(b.Addr()), b.Port()
	x.p.Interface, x.p.Direction = 2, decode.DirOut
	x.p.TTL--
	return x
}

// TestAssociationLegs: tags join what NAT has rewritten, and nothing else.
func TestAssociationLegs(t *testing.T) {
	const pod, snat = "10.244.2.8:38412", "10.244.1.0:20001"
	again := func(tag string) sctpPacket { return up(0, strings.Replace(initChunk, "aaaa0001", tag, 1)) }
	other := func(x sctpPacket) sctpPacket {
		y := translated(x, sctpClient, "10.96.0.71:38412")
		y.p.Interface, y.p.Direction, y.p.TTL = 1, decode.DirIn, 64
		return y
	}
	for name, row := range map[string]struct {
		steps        []step
		associations int
		legs         int
		backend      string
	}{
		"one end": {[]step{
			opened[0],
			{0, translated(up(0, initChunk), sctpClient, pod)},
			{1, translated(down(client, initAck), pod, sctpClient)},
			{0, down(client, initAck)},
			opened[2],
			{0, translated(up(server, cookieEcho), sctpClient, pod)},
		}, 1, 2, pod},
		"both ends":            {[]step{opened[0], {0, translated(up(0, initChunk), snat, pod)}, {1, translated(down(client, initAck), pod, snat)}}, 1, 2, pod},
		"the answer first":     {[]step{{0, translated(down(client, initAck), pod, sctpClient)}, {0, down(client, initAck)}, opened[2]}, 1, 2, ""},
		"two INITs of one tag": {[]step{opened[0], {0, other(up(0, initChunk))}}, 2, 1, sctpServer},
		"another path":         {[]step{opened[0], {3000, other(up(0, initChunk))}}, 2, 1, sctpServer},
		"the port again, after the end": {then(step{9, up(server, shutdown)}, step{1, down(client, shutdownAck)}, step{1, up(server, complete)},
			step{1, again("aaaa0002")}, step{1, down(0xaaaa0002, initAck)}), 2, 1, sctpServer},
		"the port again, while it was opening": {[]step{opened[0], {100, again("aaaa0002")}}, 2, 1, sctpServer},
		"a restart":                            {then(step{9, again("aaaa0002")}, step{1, down(0xaaaa0002, initAck)}), 2, 1, sctpServer},
		"a restart that nobody answers":        {then(step{9, again("aaaa0002")}, step{3000, again("aaaa0002")}, step{6000, again("aaaa0002")}), 2, 1, sctpServer},
		"a stray INIT":                         {then(step{9, again("aaaa0002")}, step{1, up(server, first)}, step{1, down(client, sackFirst)}), 1, 1, sctpServer},
		"without its beginning":                {[]step{{0, up(server, first)}, {0, translated(up(server, first), sctpClient, pod)}, {1, down(client, sackFirst)}}, 1, 2, pod},
	} {
		w := newWorld()
		for _, s := range row.steps {
			w.shows(s.pause, s.x)
		}
		got := w.end()
		if len(got) != row.associations {
			t.Errorf("%s: %d associations, not %d", name, len(got), row.associations)
			continue
		}
		if c := got[0]; len(c.Legs) != row.legs || row.backend != "" && c.Destination != ep(row.backend) {
			t.Errorf("%s: %d legs, to %v", name, len(c.Legs), c.Destination)
		}
	}
}

// FuzzAssociations: whatever the chunks, nothing breaks, and nothing of an association is left at its end.
func FuzzAssociations(f *testing.F) {
	f.Add([]byte("\x00\x00\x10\x01\x00\x10\x02\x20\x00\x10\x03\x00\x00\x10\x04\x20\x00\x10"))
	kinds := []string{
		initChunk, initAck, cookieEcho, cookieAck, cookieEcho + first, first, reply, sackFirst, sackReply, sackFirst + reply, heartbeat, abort, abortT,
		shutdown, shutdownAck, complete,
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		w := newWorld()
		w.j.budget = 4 * (connBytes + legBytes + viewBytes)
		tags := []uint32{0, client, server}
		n := uint64(0)
		for ; len(b) >= 3; b = b[3:] {
			x := up(tags[int(b[1]&15)%3], kinds[b[0]&15])
			if b[0]&32 != 0 {
				x = down(tags[int(b[1]&15)%3], kinds[b[0]&15])
			}
			if b[0]&16 != 0 {
				x = translated(x, "10.244.1.0:20001", "10.244.2.8:38412")
			}
			if cut := uint32(b[1] >> 4); b[0]&64 != 0 && x.p.PayloadCap > cut { // as a snaplen leaves it
				x.p.PayloadCap -= cut
				x.p.Cap -= cut
				x.data = x.data[:x.p.Cap]
			}
			x.p.IPID = uint32(b[0] >> 7)
			w.shows(int64(b[2])*100, x)
			w.j.Tick(w.now)
			n++
		}
		w.j.Tick(w.now + 1e15)
		left := w.j.table.Len() + w.j.lives.Len() + len(w.j.tags) + len(w.j.births) + w.j.conns.Len()
		if left != 0 {
			t.Errorf("%d pieces of state left at the end", left)
		}
		frames := uint64(0)
		for _, c := range w.end() {
			frames += c.Frames
		}
		if frames != n {
			t.Errorf("%d frames in associations, %d shown", frames, n)
		}
	})
}
