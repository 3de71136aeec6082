// Package tally counts what is in a capture at all: the numbers of "netsift stats".
//
// Every frame counts once, by its innermost packet; a tunnel counts once for each frame that it carries, whatever the
// number of its layers of one kind.
package tally

import (
	"strconv"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// Counts are the numbers of one capture. Its JSON form is that of the contract's "netsift stats -o json".
type Counts struct {
	Frames uint64 `json:"frames"`
	// Bytes is the sum of the frames' lengths on the wire.
	Bytes     uint64    `json:"bytes"`
	Network   Network   `json:"network"`
	Transport Transport `json:"transport"`
	Tunnels   Tunnels   `json:"tunnels"`
	DNS       DNS       `json:"dns"`
	Flows     Flows     `json:"flows"`
}

// Network counts frames by the network protocol of their innermost packet. Other holds what is neither IP nor ARP, what
// could not be read that far, and tunnels in which no such packet was found.
type Network struct {
	IPv4  uint64 `json:"ipv4"`
	IPv6  uint64 `json:"ipv6"`
	ARP   uint64 `json:"arp"`
	Other uint64 `json:"other"`
}

// Transport counts innermost IP packets by what follows their header and its extensions, cut or not. Fragment holds
// fragments but the first: what follows their header is no transport header.
type Transport struct {
	TCP      uint64 `json:"tcp"`
	UDP      uint64 `json:"udp"`
	ICMP     uint64 `json:"icmp"`
	ICMPv6   uint64 `json:"icmpv6"`
	SCTP     uint64 `json:"sctp"`
	Fragment uint64 `json:"fragment"`
	Other    uint64 `json:"other"`
}

// Tunnels counts frames by the encapsulations that they have. A decode.EncapKind is the index.
type Tunnels [decode.EncapKinds]uint64

// MarshalJSON implements json.Marshaler: an object with the word of each kind that is unwrapped.
func (t Tunnels) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for k := range decode.Unwrapped().All() {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, k.String())
		b = append(b, ':')
		b = strconv.AppendUint(b, t[k], 10)
	}
	return append(b, '}'), nil
}

// DNS counts innermost UDP packets with port 53 on either side and a whole DNS header.
type DNS struct {
	Queries   uint64 `json:"queries"`
	Responses uint64 `json:"responses"`
	// NXDomain are the responses that say that the name does not exist.
	NXDomain uint64 `json:"nxdomain"`
}

// Flows counts distinct innermost 5-tuples, both directions together.
type Flows struct {
	TCP uint64 `json:"tcp"`
	UDP uint64 `json:"udp"`
	// AtLeast: there were more than MaxFlows, and the numbers are lower bounds.
	AtLeast bool `json:"at_least,omitempty"`
}

// Tally adds up one capture. The zero Tally is empty and ready.
type Tally struct {
	counts Counts
	flows  flowSet
}

// Counts returns the numbers so far.
func (t *Tally) Counts() Counts {
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
		c.Tunnels.add(p.Encaps)
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
			c.DNS.add(p, data)
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

func (t *Tunnels) add(s decode.EncapSet) {
	for k := range s.All() {
		t[k]++
	}
}

func (d *DNS) add(p *decode.Packet, data []byte) {
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
