package analyze

import (
	"context"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// call plays connections of a pod to a Service, whose backend is behind VXLAN, as captures of both nodes show them: four places in each direction.
type call struct {
	e       *engine
	lead    *sight.Leader
	origin  sight.Origin
	stacks  [2]decode.StackID // there and back
	now     int64
	frame   uint64
	packets [1]decode.Packet
}

// newCall returns a call for an engine that reads nothing.
func newCall() *call {
	none := Input{Name: "a", Open: func() (io.ReadCloser, error) { return nil, errors.New("no file") }}
	c := &call{e: newEngine(context.Background(), []Input{none}, Config{}), now: 1e18}
	c.lead = c.e.join.Leader(c.origin)
	node := [2]wire.Addr{wire.Addr4(0xc0a8010a), wire.Addr4(0xc0a8010b)}
	for i := range c.stacks {
		var around [decode.MaxDepth]decode.Encap
		around[0] = decode.Encap{Kind: decode.EncapVXLAN, VNI: 1, Src: node[i], Dst: node[1-i], Port: 4789}
		c.stacks[i] = c.e.stacks.Intern(&around, 1)
	}
	return c
}

// The ends of a call, as wire.Addr4 has them: 10.244.1.5 calls 10.96.0.50, and 10.244.2.8 answers.
const callerAddr, serviceAddr, answererAddr = 0x0af40105, 0x0a600032, 0x0af40208

// packet shows a packet in its four places.
func (c *call) packet(port uint16, toServer bool, flags wire.TCPFlags, seq, ack, length uint32) {
	c.now += 20_000
	for i, x := range [...]struct {
		face        uint32
		dir         decode.Direction
		ttl         uint8
		dnat, vxlan bool
	}{{5, decode.DirIn, 64, false, false}, {2, decode.DirOut, 63, true, true}, {12, decode.DirIn, 63, true, true}, {15, decode.DirOut, 62, true, false}} {
		p := &c.packets[0]
		*p = decode.Packet{
			Time: c.now + int64(i)*1000, Network: decode.NetIPv4, Proto: wire.ProtoTCP, Has: decode.HasPorts | decode.HasTCP | decode.HasTimestamps,
			Src: wire.Addr4(callerAddr), SrcPort: port, Dst: wire.Addr4(serviceAddr), DstPort: 80, Flags: flags, Seq: seq, Ack: ack, TSVal: uint32(c.now / 1e6), TSEcr: 7, Window: 1 << 15, PayloadLen: length, IPLen: 52 + length,
			TTL: x.ttl, Interface: x.face, Direction: x.dir, Hardware: 1,
		}
		if x.dnat {
			p.Dst, p.DstPort = wire.Addr4(answererAddr), 8080
		}
		if x.vxlan {
			p.Stack, p.OuterIPLen = c.stacks[0], p.IPLen+50
		}
		if !toServer {
			p.Src, p.SrcPort, p.Dst, p.DstPort = p.Dst, p.DstPort, p.Src, p.SrcPort
			p.TTL, p.Direction = 126-x.ttl, decode.DirIn+decode.DirOut-x.dir
			p.Time = c.now + int64(3-i)*1000
			if x.vxlan {
				p.Stack = c.stacks[1]
			}
		}
		c.frame++
		p.Frame = c.frame
		var l sight.Lead
		c.lead.Lead(&l, p, nil, false)
		c.e.join.Track(p, nil, &c.origin, &l)
	}
}

// data exchanges a request and its answer, as often as it is told.
func (c *call) data(port uint16, n int) {
	for i := range uint32(n) {
		c.packet(port, true, wire.PSH|wire.ACK, 1001+100*i, 5001+200*i, 100)
		c.packet(port, false, wire.PSH|wire.ACK, 5001+200*i, 1101+100*i, 200)
	}
}

// connect opens a connection, close ends it after n exchanges.
func (c *call) connect(port uint16, isn uint32) {
	c.packet(port, true, wire.SYN, isn, 0, 0)
	c.packet(port, false, wire.SYN|wire.ACK, 5000, isn+1, 0)
	c.packet(port, true, wire.ACK, isn+1, 5001, 0)
}

func (c *call) close(port uint16, isn uint32) {
	c.packet(port, true, wire.FIN|wire.ACK, isn+1, 5001, 0)
	c.packet(port, false, wire.FIN|wire.ACK, 5001, isn+2, 0)
	c.packet(port, true, wire.ACK, isn+2, 5002, 0)
}

// TestCounted: a connection that is well and whose way has its examples is counted without an allocation.
func TestCounted(t *testing.T) {
	c := newCall()
	defer c.e.join.Release()
	c.e.reach.kept = manyExamples // as if there were many
	i := uint16(0)
	one := func() {
		i++
		c.connect(1024+i, uint32(i)*99_991)
		c.close(1024+i, uint32(i)*99_991)
		c.now += 1e3
	}
	for range 4000 {
		one()
	}
	if n := testing.AllocsPerRun(2000, one); n >= 0.5 {
		t.Errorf("%v allocations a connection", n)
	}
}

// BenchmarkConnection: what a connection through a Service and VXLAN costs that is opened, closed and forgotten. Its 24 frames cost what "frames"
// says of as many within one.
func BenchmarkConnection(b *testing.B) {
	b.Run("whole", func(b *testing.B) {
		c := newCall()
		defer c.e.join.Release()
		b.ReportAllocs()
		for i := range b.N {
			port, isn := uint16(1024+i%50_000), uint32(i)*99_991
			c.connect(port, isn)
			c.close(port, isn)
			c.now += 1e6
			if i%1024 == 0 {
				c.e.join.Tick(c.now)
			}
		}
	})
	b.Run("frames", func(b *testing.B) {
		c := newCall()
		defer c.e.join.Release()
		b.ReportAllocs()
		c.connect(1024, 1000)
		for range b.N {
			c.data(1024, 3)
		}
		c.e.join.Tick(math.MaxInt64 / 2)
	})
}
