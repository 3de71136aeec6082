package build

import "encoding/binary"

// record is a packet of a file.
type record struct {
	time  int64
	iface int
	data  []byte
}

// iface is an interface of a pcapng file.
type iface struct {
	name string
	link Link
}

// pcap writes the format of draft-ietf-opsawg-pcap, little-endian as tcpdump does on most machines.
func pcap(form Form, records []record) []byte {
	magic, unit := uint32(0xa1b2c3d4), int64(1000)
	if form.Nanoseconds {
		magic, unit = 0xa1b23c4d, 1
	}
	snaplen := uint32(262144)
	if form.Snaplen > 0 {
		snaplen = uint32(form.Snaplen)
	}
	le := binary.LittleEndian
	b := le.AppendUint32(nil, magic)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(b, snaplen)
	b = le.AppendUint32(b, uint32(form.Link))
	for _, r := range records {
		kept := r.data[:min(len(r.data), int(snaplen))]
		b = le.AppendUint32(b, uint32(r.time/1e9))
		b = le.AppendUint32(b, uint32(r.time%1e9/unit))
		b = le.AppendUint32(b, uint32(len(kept)))
		b = le.AppendUint32(b, uint32(len(r.data)))
		b = append(b, kept...)
	}
	return b
}

// pcapng writes one section with its interfaces (draft-ietf-opsawg-pcapng).
func pcapng(form Form, interfaces []iface, records []record) []byte {
	le := binary.LittleEndian
	block := func(b []byte, kind uint32, body []byte) []byte {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		b = le.AppendUint32(b, kind)
		b = le.AppendUint32(b, uint32(12+len(body)))
		b = append(b, body...)
		return le.AppendUint32(b, uint32(12+len(body)))
	}
	option := func(b []byte, code uint16, value []byte) []byte {
		b = le.AppendUint16(b, code)
		b = le.AppendUint16(b, uint16(len(value)))
		b = append(b, value...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
		return b
	}
	section := le.AppendUint32(nil, 0x1a2b3c4d)
	section = le.AppendUint16(section, 1)
	section = le.AppendUint16(section, 0)
	section = le.AppendUint64(section, 1<<64-1)
	b := block(nil, 0x0a0d0d0a, section)

	unit := int64(1000)
	for _, i := range interfaces {
		d := le.AppendUint16(nil, uint16(i.link))
		d = le.AppendUint16(d, 0)
		d = le.AppendUint32(d, uint32(form.Snaplen))
		d = option(d, 2, []byte(i.name))
		if form.Nanoseconds {
			d = option(d, 9, []byte{9})
			unit = 1
		}
		b = block(b, 1, option(d, 0, nil))
	}
	for _, r := range records {
		kept := r.data
		if form.Snaplen > 0 {
			kept = kept[:min(len(kept), form.Snaplen)]
		}
		t := uint64(r.time / unit)
		p := le.AppendUint32(nil, uint32(r.iface))
		p = le.AppendUint32(p, uint32(t>>32))
		p = le.AppendUint32(p, uint32(t))
		p = le.AppendUint32(p, uint32(len(kept)))
		p = le.AppendUint32(p, uint32(len(r.data)))
		b = block(b, 6, append(p, kept...))
	}
	return b
}
