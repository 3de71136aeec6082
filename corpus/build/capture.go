package build

import (
	"encoding/binary"
	"slices"
)

// Form is how captures are written.
type Form struct {
	// Link is the link type: LinuxSLL2 (0 means it), LinuxSLL, or Ethernet, which needs Interface.
	Link Link
	// Interface is the only one captured; "" for all.
	Interface string
	// Snaplen cuts packets; 0 keeps them whole.
	Snaplen int
	// Pcapng writes pcapng instead of pcap, with one interface: Interface, or "any".
	Pcapng bool
	// PerInterface writes pcapng with each interface by its name and with its own link type, as dumpcap with several -i.
	PerInterface bool
	// Nanoseconds writes timestamps with nine digits.
	Nanoseconds bool
	// Torn cuts the last record of a pcap, as it is when a stream is interrupted.
	Torn bool
	// Outgoing keeps outgoing packets only (tcpdump -Q out).
	Outgoing bool
	// Filter keeps the frames for which it returns true; nil keeps all. Data is an IP or ARP packet.
	Filter func(data []byte) bool
}

// Place is where one can capture: on a node, inside of a pod, or on a machine outside of the cluster.
type Place interface {
	Host
	// Capture writes the output of tcpdump -i any there.
	Capture(Form) []byte
}

// Link is a link type of capture files.
type Link uint32

// The link types that captures can be written with.
const (
	Ethernet  Link = 1
	Raw       Link = 101 // only with PerInterface, for devices without a link layer
	LinuxSLL  Link = 113
	LinuxSLL2 Link = 276
)

// Captures writes each node's capture as pcap with LINUX_SLL2, by the node's name.
func (c *Cluster) Captures() map[string][]byte {
	all := map[string][]byte{}
	for _, n := range c.Nodes {
		all[n.Name] = n.Capture(Form{})
	}
	return all
}

// Capture writes the node's capture.
func (n *Node) Capture(form Form) []byte { return n.written(form, n.clock) }

// Capture writes the capture inside of the pod's network namespace. The clock is its node's.
func (p *Pod) Capture(form Form) []byte { return p.written(form, p.Node.clock) }

// Capture writes the machine's own capture.
func (e *External) Capture(form Form) []byte { return e.written(form, clock{}) }

// written returns the recorded frames as a file, by a clock.
func (m *recorder) written(form Form, by clock) []byte {
	if form.Link == 0 {
		form.Link = LinuxSLL2
	}
	frames := slices.Clone(m.frames)
	slices.SortStableFunc(frames, func(a, b frame) int {
		switch {
		case a.time < b.time:
			return -1
		case a.time > b.time:
			return 1
		}
		return 0
	})
	var records []record
	for i := range frames {
		f := &frames[i]
		if form.Interface != "" && f.dev.name != form.Interface || form.Outgoing && f.kind != typeOutgoing || form.Filter != nil && !form.Filter(f.data) {
			continue
		}
		r := record{by.reads(f.time), 0, nil}
		switch {
		case !form.PerInterface:
			r.data = form.Link.bytes(m, f)
		case f.dev.hardware == 1:
			r.iface, r.data = int(f.dev.index)-1, Ethernet.bytes(m, f)
		default:
			r.iface, r.data = int(f.dev.index)-1, f.data // without a link header: Raw
		}
		records = append(records, r)
	}
	switch {
	case form.PerInterface:
		var all []iface
		for _, d := range m.devices {
			link := Ethernet
			if d.hardware != 1 {
				link = Raw
			}
			all = append(all, iface{d.name, link})
		}
		return pcapng(form, all, records)
	case form.Pcapng && form.Interface == "":
		return pcapng(form, []iface{{"any", form.Link}}, records)
	case form.Pcapng:
		return pcapng(form, []iface{{form.Interface, form.Link}}, records)
	}
	b := pcap(form, records)
	if form.Torn && len(records) > 0 {
		b = b[:len(b)-7]
	}
	return b
}

// bytes is the frame with its link header.
func (l Link) bytes(m *recorder, f *frame) []byte {
	proto := uint16(0x0800)
	switch f.data[0] >> 4 {
	case 6:
		proto = 0x86dd
	case 0:
		proto = 0x0806 // ARP begins with the hardware type, 1
	}
	length := byte(6)
	if f.dev.hardware != 1 {
		length = 0
	}
	var b []byte
	switch l {
	case Ethernet:
		b = append(b, f.dev.mac[:]...)
		if f.kind == typeOutgoing {
			b = append(b[:0], m.far[:]...)
		}
		b = append(b, f.mac[:]...)
		b = binary.BigEndian.AppendUint16(b, proto)
	case LinuxSLL:
		b = append(b, 0, f.kind)
		b = binary.BigEndian.AppendUint16(b, f.dev.hardware)
		b = append(b, 0, length)
		b = append(b, f.mac[:]...)
		b = append(b, 0, 0)
		b = binary.BigEndian.AppendUint16(b, proto)
	default:
		b = binary.BigEndian.AppendUint16(b, proto)
		b = append(b, 0, 0)
		b = binary.BigEndian.AppendUint32(b, f.dev.index)
		b = binary.BigEndian.AppendUint16(b, f.dev.hardware)
		b = append(b, f.kind, length)
		b = append(b, f.mac[:]...)
		b = append(b, 0, 0)
	}
	return append(b, f.data...)
}
