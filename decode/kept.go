package decode

import (
	"encoding/binary"

	"github.com/netsift/netsift/decode/wire"
)

const (
	// keptPayload is how many bytes of a payload tell a datagram from others.
	keptPayload = 16
	// keptMessage bounds what is kept of a payload that is read: a DNS message over UDP (RFC 6891 has senders ask for 4096 at most), an ICMP error's quote.
	keptMessage = 4096
	// keptUnread is how many bytes are kept behind a header that could not be read.
	keptUnread = 64
)

// Kept returns how many of a frame's bytes analysis reads, of a packet that was decoded from them: all headers, DNS messages, BGP's, what ICMP
// errors quote, and of other datagrams the first 16 bytes, which tell one from the other.
func Kept(p *Packet, data []byte) int {
	if p.Network != NetIPv4 && p.Network != NetIPv6 || p.Stop.Reason != StopNone {
		at := max(int(p.Stop.Offset)+int(p.Stop.Need), int(p.Payload), int(p.Inner))
		return min(len(data), at+keptUnread)
	}
	at := min(int(p.Payload), len(data))
	payload := data[at:min(at+int(p.PayloadCap), len(data))]
	return at + min(keptOf(p, payload), len(payload))
}

// keptOf returns how many bytes of a payload are kept.
func keptOf(p *Packet, payload []byte) int {
	if p.Has&HasPorts != 0 && (p.SrcPort == wire.DNSPort || p.DstPort == wire.DNSPort) {
		return keptMessage
	}
	switch p.Proto {
	case wire.ProtoTCP:
		switch {
		case p.Has&HasTCP == 0:
			return keptPayload
		case p.SrcPort == wire.BGPPort || p.DstPort == wire.BGPPort:
			return keptMessage
		case len(payload) > 2 && int(binary.BigEndian.Uint16(payload)) == len(payload)-2 && message(payload[2:]):
			return keptMessage // RFC 1035, section 4.2.2
		}
		return 0
	case wire.ProtoUDP:
		if message(payload) {
			return keptMessage
		}
		return keptPayload
	case wire.ProtoSCTP:
		return keptChunks(payload)
	case wire.ProtoICMP, wire.ProtoICMPv6:
		if p.Has&HasQuote != 0 || p.Proto == wire.ProtoICMPv6 && p.Has&HasPorts == 0 {
			return keptMessage
		}
		return keptPayload
	}
	return keptUnread
}

// message reports whether a payload could be a DNS message about one question (RFC 1035, section 4.1.1): wherever a resolver listens.
func message(payload []byte) bool {
	h := wire.DNS(payload)
	return h.Valid() && h.Questions() == 1
}

// keptChunks returns how many bytes there are up to the first chunk of data, and with its header.
func keptChunks(payload []byte) int {
	n := 0
	for n+wire.SCTPChunkLen <= len(payload) {
		length := int(binary.BigEndian.Uint16(payload[n+2:]))
		if t := wire.SCTPChunk(payload[n:]).Type(); t == wire.SCTPData || t == wire.SCTPIData || length < wire.SCTPChunkLen {
			break
		}
		n += (length + 3) &^ 3
	}
	return n + keptPayload
}
