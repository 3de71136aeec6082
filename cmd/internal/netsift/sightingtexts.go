package netsift

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// sightingTexts describes each sighting of a connection: which packet it is, on which stretch of its way, and whether it was
// seen before.
type sightingTexts struct {
	conn  *fact.Connection
	links *linkTexts
	ordinals
}

func newSightingTexts(conn *fact.Connection, links *linkTexts) *sightingTexts {
	return &sightingTexts{conn, links, newOrdinals()}
}

// of says what a sighting shows. Sightings are to be shown to it in order.
func (t *sightingTexts) of(s *join.Sighting, f *frameHead) string { return t.say(s, f, t.count(s)) }

// say says what a sighting shows that is the nth of its packet, 0 if that is not known.
func (t *sightingTexts) say(s *join.Sighting, f *frameHead, n int) string {
	parts := []string{packetText(s.Packet)}
	if s.Further {
		parts = append(parts, "on one more leg")
	} else {
		parts[0] += " from the " + report.Sender(s.Flow)
		if who := t.sender(s.Flow); who != "" {
			parts[0] += " " + who
		}
		parts = append(parts, t.translation(s)...)
	}
	for _, e := range s.Encaps {
		parts = append(parts, fmt.Sprintf("inside %s from %s to %s", e.Kind, e.Src.Netip(), e.Dst.Netip()))
	}
	where := "at " + t.links.what(f)
	if way := report.Way(s.Packet.Direction); way != "" {
		where = way + " by " + t.links.what(f)
	}
	parts = append(parts, where)
	if n > 0 {
		parts = append(parts, fmt.Sprintf("sighting %d of the packet", n))
	} else if !s.Further {
		parts = append(parts, "part of a packet seen before")
	}
	said := strings.Join(parts, ", ")
	if r := repeatText(s.Repeat); r != "" {
		said += "; " + r
	}
	return said
}

// sender names the object that packets of a direction are from, "" where it has no name.
func (t *sightingTexts) sender(flow fact.Direction) string {
	o := report.Parties(t.conn.Objects)
	if flow == fact.ToServer {
		return report.Name(o.Client)
	}
	return report.Name(o.Backend)
}

// packetText says what kind of packet it is.
func packetText(p *decode.Packet) string {
	switch {
	case p.Has&decode.HasTCP != 0:
		return segmentText(p)
	case p.Proto == wire.ProtoTCP:
		return "cut segment"
	case p.Proto == wire.ProtoUDP:
		return fmt.Sprintf("datagram of %s", report.Many(uint64(p.PayloadLen), "byte"))
	case p.Proto == wire.ProtoSCTP:
		return fmt.Sprintf("SCTP packet with %s of chunks", report.Many(uint64(p.PayloadLen), "byte"))
	case p.Proto == wire.ProtoICMP && p.ICMPType == 8 || p.Proto == wire.ProtoICMPv6 && p.ICMPType == 128:
		return "echo request"
	case p.Proto == wire.ProtoICMP && p.ICMPType == 0 || p.Proto == wire.ProtoICMPv6 && p.ICMPType == 129:
		return "echo reply"
	}
	return "packet"
}

func segmentText(p *decode.Packet) string {
	var names []string
	switch f := p.Flags; {
	case f&wire.SYN != 0 && f&wire.ACK != 0:
		names = append(names, "SYN-ACK")
	case f&wire.SYN != 0:
		names = append(names, "SYN")
	case f&wire.RST != 0:
		names = append(names, "RST")
	case f&wire.FIN != 0:
		names = append(names, "FIN")
	}
	switch {
	case p.PayloadLen > 0:
		names = append(names, report.Many(uint64(p.PayloadLen), "byte")+" of data")
	case len(names) == 0:
		names = append(names, "ACK")
	}
	return strings.Join(names, " with ")
}

// translation says which translations were done, or undone, where the packet was seen; nothing where there are none on its way.
func (t *sightingTexts) translation(s *join.Sighting) []string {
	p, c := s.Packet, t.conn
	client, server := netip.AddrPortFrom(p.Src.Netip(), p.SrcPort), netip.AddrPortFrom(p.Dst.Netip(), p.DstPort)
	if s.Flow == fact.ToClient {
		client, server = server, client
	}
	var list []string
	say := func(what string, now, before, after netip.AddrPort) {
		if !after.IsValid() || before == after {
			return
		}
		switch {
		case now == before && s.Flow == fact.ToServer:
			list = append(list, "before "+what)
		case now == after && s.Flow == fact.ToServer:
			list = append(list, "after "+what)
		case now == before:
			list = append(list, what+" undone")
		case now == after:
			list = append(list, what+" not undone yet")
		}
	}
	say("DNAT", server, c.Called, c.Backend)
	say("SNAT", client, c.Client, c.SNAT)
	return list
}

// repeatText says what the view makes of a packet that it may have seen before, "" where there is nothing to say.
func repeatText(r sight.Repeat) string {
	switch r {
	case sight.Resend:
		return "sent again"
	case sight.Refill:
		return "sent again: the first transmission did not come as far as here"
	case sight.Late:
		return "overtaken by its own retransmission"
	case sight.Ambiguous:
		return "sent again, or the same packet once more"
	case sight.Again:
		return "the same packet once more in this place"
	case sight.Loop:
		return "it came around again"
	case sight.Probe:
		return "a keepalive or window probe"
	case sight.Fill:
		return "bytes that were missing here"
	}
	return ""
}
