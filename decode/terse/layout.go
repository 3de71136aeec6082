package terse

import (
	"encoding/binary"
	"slices"

	"github.com/netsift/netsift/decode/wire"
)

// slot says what a field is, whatever its place in the header.
type slot uint8

// The fields of IP headers come four to a layer, the innermost first. Those of the innermost transport header follow.
const (
	slotLen  slot = iota // IPv4 total length, IPv6 payload length
	slotID               // IPv4 identification
	slotTTL              // or hop limit
	slotUDP              // UDP length
	perLayer             // the same of the layer around it
)

// layers is how many IP headers of a frame have fields. Around them, all bytes count as the track's.
const layers = 4

const (
	slotSeq slot = layers*perLayer + iota // TCP, or an ICMP echo's
	slotAck
	slotFlags
	slotWindow
	slotTSVal
	slotTSEcr
	slotSACK                // the first of eight words: four blocks
	slotForm = slotSACK + 8 // the number of a form
	slots    = slotForm + 1
)

// field is where a slot stands in a header.
type field struct {
	at   uint16
	size uint8
	slot slot
}

// get reads the field.
func (f field) get(b []byte) uint32 {
	switch b = b[f.at:]; f.size {
	case 1:
		return uint32(b[0])
	case 2:
		return uint32(binary.BigEndian.Uint16(b))
	}
	return binary.BigEndian.Uint32(b)
}

// set writes the field.
func (f field) set(b []byte, v uint32) {
	switch b = b[f.at:]; f.size {
	case 1:
		b[0] = byte(v)
	case 2:
		binary.BigEndian.PutUint16(b, uint16(v))
	default:
		binary.BigEndian.PutUint32(b, v)
	}
}

// layer is where an IP header stands, and the ports behind it.
type layer struct {
	at, end uint16 // of the IP header
	v6      bool
	// ports is where both ports are, 0 without any; udp says that they are UDP's.
	ports uint16
	udp   bool
}

// addresses returns where both addresses of a layer are, and how long one is.
func (l layer) addresses() (src, dst, n int) {
	if l.v6 {
		return int(l.at) + 8, int(l.at) + 24, 16
	}
	return int(l.at) + 12, int(l.at) + 16, 4
}

// layout is the structure of a header. It depends on the bytes outside of the fields alone, so that it is the same for all frames of a track.
type layout struct {
	fields []field
	layers []layer // outermost first
	// checksums is where those stand that are left out: of UDP and TCP, and of ICMP echoes, which cover bytes that are not kept.
	checksums []uint16
	len       int // of the headers, in bytes; of TCP's without options
	// tcp is where a TCP header begins, 0 without one. Its length and options are a form of their own.
	tcp int
	// proto is the innermost protocol.
	proto uint8
}

// maxHeader bounds the headers of a track: longer ones are as rare as they are strange.
const maxHeader = 512

// walker finds the layouts of frames.
type walker struct {
	*layout
	b []byte
	// own are the fields of layers: how many of these are around each is known when the walk has ended.
	own []owned
}

// owned is a field of a layer that is counted from outside.
type owned struct {
	field
	layer int
}

// walk sets l to the layout of a frame of the link type.
func (w *walker) walk(l *layout, b []byte, link uint16) {
	l.fields, l.layers, l.checksums, l.len, l.proto = l.fields[:0], l.layers[:0], l.checksums[:0], 0, 0
	l.tcp = 0
	w.layout, w.b, w.own = l, b[:min(len(b), maxHeader)], w.own[:0]
	w.link(link)
	innermost := len(l.layers) - 1
	for _, o := range w.own {
		if depth := innermost - o.layer; depth < layers {
			o.slot += slot(depth) * perLayer
			l.fields = append(l.fields, o.field)
		}
	}
}

// equal reports whether two layouts are the same.
func (l *layout) equal(o *layout) bool {
	return l.len == o.len && l.tcp == o.tcp && l.proto == o.proto && slices.Equal(l.fields, o.fields) && slices.Equal(l.layers, o.layers) &&
		slices.Equal(l.checksums, o.checksums)
}

// clone returns a layout of its own.
func (l *layout) clone() *layout {
	c := *l
	c.fields, c.layers, c.checksums = slices.Clone(l.fields), slices.Clone(l.layers), slices.Clone(l.checksums)
	return &c
}

// need reports whether n more bytes are there.
func (w *walker) need(n int) bool { return len(w.b)-w.len >= n }

// be16 reads a word of the header that begins here.
func (w *walker) be16(at int) uint16 { return binary.BigEndian.Uint16(w.b[w.len+at:]) }

// link begins the walk. The numbers are those of https://www.tcpdump.org/linktypes.html.
func (w *walker) link(link uint16) {
	switch link {
	case 1: // Ethernet
		w.ethernet()
	case 276: // LINUX_SLL2
		if w.need(wire.SLL2Len) {
			t := w.be16(0)
			w.len += wire.SLL2Len
			w.etherType(t)
		}
	case 113: // LINUX_SLL
		if w.need(wire.SLLLen) {
			t := w.be16(14)
			w.len += wire.SLLLen
			w.etherType(t)
		}
	case 0, 108: // NULL, LOOP
		if w.need(4) {
			w.len += 4
			w.ip()
		}
	case 12, 14, 101, 228, 229: // IP alone
		w.ip()
	}
}

func (w *walker) ethernet() {
	if !w.need(wire.EthernetLen) {
		return
	}
	t := w.be16(12)
	w.len += wire.EthernetLen
	w.etherType(t)
}

func (w *walker) etherType(t uint16) {
	for (t == wire.EtherTypeVLAN || t == wire.EtherTypeServiceVLAN) && w.need(4) {
		t = w.be16(2)
		w.len += 4
	}
	if t == wire.EtherTypeIPv4 || t == wire.EtherTypeIPv6 {
		w.ip()
	}
}

// add notes a field of the header that begins here.
func (w *walker) add(at int, size uint8, s slot) {
	w.own = append(w.own, owned{field{uint16(w.len + at), size, s}, len(w.layers) - 1})
}

func (w *walker) ip() {
	if !w.need(wire.IPv4Len) || len(w.layers) == 2*layers {
		return
	}
	switch w.b[w.len] >> 4 {
	case 4:
		n := int(w.b[w.len]&15) * 4
		if n < wire.IPv4Len || !w.need(n) {
			return
		}
		w.layers = append(w.layers, layer{at: uint16(w.len), end: uint16(w.len + n)})
		w.add(2, 2, slotLen)
		w.add(4, 2, slotID)
		w.add(8, 1, slotTTL)
		proto, fragment := w.b[w.len+9], w.be16(6)&0x1fff != 0
		w.len += n
		if !fragment {
			w.transport(proto)
		}
	case 6:
		if !w.need(wire.IPv6Len) {
			return
		}
		w.layers = append(w.layers, layer{at: uint16(w.len), end: uint16(w.len + wire.IPv6Len), v6: true})
		w.add(4, 2, slotLen)
		w.add(7, 1, slotTTL)
		proto := w.b[w.len+6]
		w.len += wire.IPv6Len
		w.transport(proto)
	}
}

func (w *walker) transport(proto uint8) {
	w.proto = proto
	last := &w.layers[len(w.layers)-1]
	switch proto {
	case wire.ProtoIPv4, wire.ProtoIPv6:
		w.ip()
	case wire.ProtoGRE:
		if w.need(4) && w.be16(0) == 0 {
			t := w.be16(2)
			w.len += 4
			if t == wire.EtherTypeBridging {
				w.ethernet()
				return
			}
			w.etherType(t)
		}
	case wire.ProtoUDP:
		if !w.need(wire.UDPLen) {
			return
		}
		last.ports, last.udp = uint16(w.len), true
		w.add(4, 2, slotUDP)
		w.checksums = append(w.checksums, uint16(w.len+6))
		port := w.be16(2)
		w.len += wire.UDPLen
		w.tunnel(port)
	case wire.ProtoTCP:
		w.tcp(last)
	case wire.ProtoICMP, wire.ProtoICMPv6:
		if w.need(8) && (w.b[w.len] == 8 || w.b[w.len] == 0 && proto == wire.ProtoICMP || w.b[w.len] == 128 || w.b[w.len] == 129) {
			w.checksums = append(w.checksums, uint16(w.len+2))
			w.add(6, 2, slotSeq)
			w.len += 8
		}
	}
}

// tunnel goes on behind a UDP header whose port says that it may carry packets.
func (w *walker) tunnel(port uint16) {
	switch port {
	case wire.VXLANPort, wire.VXLANLinuxPort:
		if w.need(wire.VXLANLen) && w.b[w.len] == 8 {
			w.len += wire.VXLANLen
			w.ethernet()
		}
	case wire.GenevePort:
		if n := wire.GeneveLen; w.need(n) && w.b[w.len]&0xc0 == 0 {
			n += int(w.b[w.len]&0x3f) * 4
			t := w.be16(2)
			if !w.need(n) {
				return
			}
			w.len += n
			if t == wire.EtherTypeBridging {
				w.ethernet()
				return
			}
			w.etherType(t)
		}
	}
}

func (w *walker) tcp(of *layer) {
	if !w.need(wire.TCPLen) {
		return
	}
	of.ports, w.layout.tcp = uint16(w.len), w.len
	w.add(4, 4, slotSeq)
	w.add(8, 4, slotAck)
	w.add(13, 1, slotFlags)
	w.add(14, 2, slotWindow)
	w.checksums = append(w.checksums, uint16(w.len+16))
	w.len += wire.TCPLen
}
