package hostile

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/netsift/netsift/decode/wire"
)

var be = binary.BigEndian

// tape writes frames of all interfaces of a node (LINUX_SLL2), a millisecond apart.
type tape struct {
	w   *bufio.Writer
	at  uint64 // microseconds since 1970
	gap uint64
	id  uint16
}

func newTape(w io.Writer) *tape {
	const microseconds, sll2 = 0xa1b2c3d4, 276
	t := &tape{w: bufio.NewWriter(w), at: 1_800_000_000_000_000, gap: 1000}
	h := be.AppendUint32(nil, microseconds)
	h = be.AppendUint16(be.AppendUint16(h, 2), 4)
	h = be.AppendUint32(be.AppendUint32(h, 0), 0)
	t.w.Write(be.AppendUint32(be.AppendUint32(h, 1<<18), sll2))
	return t
}

// The directions of a frame, as LINUX_SLL2 has them.
const in, out = 0, 4

// show writes a frame with the payload of an EtherType, seen on an interface.
func (t *tape) show(face uint32, direction byte, ether uint16, payload []byte) {
	t.at += t.gap
	b := be.AppendUint32(nil, uint32(t.at/1e6))
	b = be.AppendUint32(b, uint32(t.at%1e6))
	n := uint32(20 + len(payload))
	b = be.AppendUint32(be.AppendUint32(b, n), n)
	b = be.AppendUint16(be.AppendUint16(b, ether), 0)
	b = be.AppendUint32(b, face)
	b = append(be.AppendUint16(b, 1), direction, 6, 2, 0, 0, 0, 0, 1, 0, 0)
	t.w.Write(append(b, payload...))
}

// ip writes an IPv4 packet. Each gets an identification of its own.
func (t *tape) ip(face uint32, direction, ttl, proto byte, src, dst uint32, body []byte) {
	t.id++
	t.show(face, direction, wire.EtherTypeIPv4, packet(t.id, ttl, proto, src, dst, body))
}

func packet(id uint16, ttl, proto byte, src, dst uint32, body []byte) []byte {
	b := be.AppendUint16([]byte{0x45, 0}, uint16(wire.IPv4Len+len(body)))
	b = be.AppendUint16(be.AppendUint16(b, id), 0x4000)
	b = append(b, ttl, proto, 0, 0)
	return append(be.AppendUint32(be.AppendUint32(b, src), dst), body...)
}

// port is one of those that clients have.
func port(i int) uint16 { return uint16(32768 + i%28000) }

func segment(from, to uint16, seq, ack uint32, flags wire.TCPFlags, data ...byte) []byte {
	b := be.AppendUint16(be.AppendUint16(nil, from), to)
	b = be.AppendUint32(be.AppendUint32(b, seq), ack)
	return append(append(b, 5<<4, byte(flags), 4, 0, 0, 0, 0, 0), data...)
}

func datagram(from, to uint16, data []byte) []byte {
	b := be.AppendUint16(be.AppendUint16(nil, from), to)
	return append(be.AppendUint16(b, uint16(wire.UDPLen+len(data))), append([]byte{0, 0}, data...)...)
}

// inVXLAN returns what an Ethernet frame with an IPv4 packet is in a tunnel.
func inVXLAN(vni uint32, inner []byte) []byte {
	b := be.AppendUint32([]byte{8, 0, 0, 0}, vni<<8)
	b = append(b, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1)
	return append(be.AppendUint16(b, wire.EtherTypeIPv4), inner...)
}

// message is a DNS message with one question for an address.
func message(id, flags uint16, labels ...string) []byte {
	b := be.AppendUint16(be.AppendUint16(nil, id), flags)
	b = append(b, 0, 1, 0, 0, 0, 0, 0, 0)
	for _, l := range labels {
		b = append(append(b, byte(len(l))), l...)
	}
	return append(b, 0, 0, 1, 0, 1)
}

func arp(operation byte, mac uint16, from, to uint32) []byte {
	b := []byte{0, 1, 8, 0, 6, 4, 0, operation, 2, 0, 0, 0, byte(mac >> 8), byte(mac)}
	b = be.AppendUint32(b, from)
	return be.AppendUint32(append(b, 0, 0, 0, 0, 0, 0), to)
}
