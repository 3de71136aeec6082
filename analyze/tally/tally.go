// Package tally counts the contents of a capture: the numbers of "netsift stats".
//
// Every frame counts once, by its innermost packet; a tunnel counts once for each frame that it carries, regardless of the
// number of its layers of one kind.
package tally

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Tally adds up one capture. The zero Tally is empty and ready.
type Tally struct {
	counts fact.Counts
	flows  flowSet
}

// Counts returns the numbers so far.
func (t *Tally) Counts() fact.Counts {
	c := t.counts
	c.Flows.AtLeast = t.flows.full
	return c
}

// Add counts a decoded frame. data are its captured bytes.
func (t *Tally) Add(p *decode.Packet, data []byte) {
	c := &t.counts
	c.Frames++
	c.Bytes += uint64(p.Wire)
	if p.Encaps != 0 {
		addTunnels(&c.Tunnels, p.Encaps)
	}
	switch p.Network {
	case decode.NetIPv4:
		c.Network.IPv4++
	case decode.NetIPv6:
		c.Network.IPv6++
	case decode.NetARP:
		c.Network.ARP++
		return
	default:
		c.Network.Other++
		return
	}
	if p.FragOffset != 0 {
		c.Transport.Fragment++
		return
	}
	switch p.Proto {
	case wire.ProtoTCP:
		c.Transport.TCP++
		if p.Has&decode.HasPorts != 0 && t.flows.add(p) {
			c.Flows.TCP++
		}
	case wire.ProtoUDP:
		c.Transport.UDP++
		if p.Has&decode.HasPorts != 0 && t.flows.add(p) {
			c.Flows.UDP++
		}
		if p.SrcPort == wire.DNSPort || p.DstPort == wire.DNSPort {
			addDNS(&c.DNS, p, data)
		}
	case wire.ProtoICMP:
		c.Transport.ICMP++
	case wire.ProtoICMPv6:
		c.Transport.ICMPv6++
	case wire.ProtoSCTP:
		c.Transport.SCTP++
	default:
		c.Transport.Other++
	}
}

func addTunnels(t *fact.TunnelCounts, s decode.EncapSet) {
	for k := range s.All() {
		t[k]++
	}
}

func addDNS(d *fact.DNSCounts, p *decode.Packet, data []byte) {
	h := wire.DNS(data[p.Payload : p.Payload+p.PayloadCap])
	switch {
	case p.Stop.Reason != decode.StopNone || !h.Valid():
	case h.Flags()&wire.DNSResponse == 0:
		d.Queries++
	default:
		d.Responses++
		if h.Flags().RCode() == wire.DNSNameError {
			d.NXDomain++
		}
	}
}
