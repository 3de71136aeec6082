package analyze

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// coverage watches what kinds of frames a capture holds, because what it lacks tells how it was filtered: a rule that rests
// on something missing must know whether it would have been seen.
type coverage struct {
	in, out, portless, tunnelled uint64
	// hosts are the addresses that every IP packet so far had in common.
	hosts   [2]wire.Addr
	started bool
	// apart says that the packets have no address in common.
	apart bool
	// stretches counts stretches of ten seconds, each of which begins with a frame; the current one ends at until.
	stretches int
	until     int64
	// interfaces is a set of the interfaces' indexes, folded into 64 bits.
	interfaces uint64
}

// stretch is the length of a stretch, in nanoseconds.
const stretch = 10e9

func (c *coverage) see(p *decode.Packet, data []byte, stacks *decode.Stacks) {
	if p.Time >= c.until {
		c.stretches++
		c.until = p.Time + stretch
	}
	switch p.Direction {
	case decode.DirIn:
		c.in++
	case decode.DirOut:
		c.out++
	}
	c.interfaces |= 1 << (p.Interface & 63)
	if p.Has&decode.HasPorts == 0 && p.Stop.Reason == decode.StopNone && p.FragOffset == 0 || p.Proto == wire.ProtoICMP || p.Proto == wire.ProtoICMPv6 {
		c.portless++
	}
	src, dst := p.Src, p.Dst
	switch p.Network {
	case decode.NetIPv4, decode.NetIPv6:
	case decode.NetARP: // a filter for a host lets through what asks for it, or says where it is
		b := wire.ARP(data[p.Inner:])
		if !b.IsIPv4() {
			return
		}
		src, dst = b.Sender(), b.Target()
	default:
		return
	}
	if c.apart {
		if p.Stack != 0 {
			c.tunnelled++
		}
		return
	}
	if p.Stack != 0 {
		c.tunnelled++ // a filter of tcpdump sees the outer addresses only
		e := stacks.Get(p.Stack).Encaps[0]
		src, dst = e.Src, e.Dst
	}
	if !c.started {
		c.started, c.hosts = true, [2]wire.Addr{src, dst}
		return
	}
	for i, h := range c.hosts {
		if h != src && h != dst {
			c.hosts[i] = wire.Addr{}
		}
	}
	c.apart = c.hosts[0].IsZero() && c.hosts[1].IsZero()
}

// describe enters what was found into the description of the capture.
func (c *coverage) describe(f *fact.Capture) {
	f.In, f.Out, f.Portless, f.Tunnelled, f.Stretches = c.in, c.out, c.portless, c.tunnelled, c.stretches
	for _, h := range c.hosts {
		if !h.IsZero() && !f.CommonHost.IsValid() {
			f.CommonHost = h.Netip()
		}
	}
	for n := c.interfaces; n != 0; n &= n - 1 {
		f.Interfaces++
	}
}
