package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
)

var (
	le = binary.LittleEndian
	be = binary.BigEndian
)

// fileHeader builds a pcap file header.
func fileHeader(o binary.AppendByteOrder, magic uint32, major, minor uint16, snaplen, link uint32) []byte {
	p := o.AppendUint32(nil, magic)
	p = o.AppendUint16(p, major)
	p = o.AppendUint16(p, minor)
	p = append(p, make([]byte, 8)...)
	p = o.AppendUint32(p, snaplen)
	return o.AppendUint32(p, link)
}

// record builds a pcap record of data, whole.
func record(o binary.AppendByteOrder, sec, frac uint32, data string) []byte {
	return recordOf(o, sec, frac, uint32(len(data)), uint32(len(data)), data)
}

// recordOf builds a pcap record whose third and fourth number are what they are.
func recordOf(o binary.AppendByteOrder, sec, frac, third, fourth uint32, data string) []byte {
	p := o.AppendUint32(nil, sec)
	p = o.AppendUint32(p, frac)
	p = o.AppendUint32(p, third)
	p = o.AppendUint32(p, fourth)
	return append(p, data...)
}

// pcapFile builds a little-endian Ethernet capture of n records of about a hundred bytes, a millisecond apart.
func pcapFile(n int) []byte {
	p := fileHeader(le, magicMicro, 2, 4, 262144, 1)
	for i := range n {
		p = append(p, numbered(i)...)
	}
	return p
}

// numbered is record i of pcapFile.
func numbered(i int) []byte { return record(le, 1700000000, uint32(i)*1000, payload(i)) }

// payload is a packet that holds nothing like a record: all its bytes are 0xa5 but the first, which tells it apart.
func payload(i int) string {
	return string(byte(i)) + string(bytes.Repeat([]byte{0xa5}, 90+i%17))
}

// block builds a pcapng block around body, which is padded.
func block(o binary.AppendByteOrder, kind uint32, body ...[]byte) []byte {
	p := padded(bytes.Join(body, nil))
	n := uint32(len(p) + 12)
	b := o.AppendUint32(nil, kind)
	b = o.AppendUint32(b, n)
	b = append(b, p...)
	return o.AppendUint32(b, n)
}

func padded(p []byte) []byte { return append(p, make([]byte, -len(p)&3)...) }

// section builds a section header block of unknown length.
func section(o binary.AppendByteOrder, options ...[]byte) []byte {
	p := o.AppendUint32(nil, byteOrderMagic)
	p = o.AppendUint16(p, 1)
	p = o.AppendUint16(p, 0)
	p = o.AppendUint64(p, 1<<64-1)
	return block(o, blockSHB, append([][]byte{p}, options...)...)
}

// described builds an interface description block.
func described(o binary.AppendByteOrder, link uint16, snaplen uint32, options ...[]byte) []byte {
	p := o.AppendUint16(nil, link)
	p = o.AppendUint16(p, 0)
	p = o.AppendUint32(p, snaplen)
	return block(o, blockIDB, append([][]byte{p}, options...)...)
}

func option(o binary.AppendByteOrder, code uint16, value []byte) []byte {
	p := o.AppendUint16(nil, code)
	p = o.AppendUint16(p, uint16(len(value)))
	return padded(append(p, value...))
}

// enhanced builds an enhanced packet block of data, whole.
func enhanced(o binary.AppendByteOrder, iface uint32, ticks uint64, data string, options ...[]byte) []byte {
	return enhancedOf(o, iface, ticks, uint32(len(data)), uint32(len(data)), data, options...)
}

func enhancedOf(o binary.AppendByteOrder, iface uint32, ticks uint64, n, wire uint32, data string, options ...[]byte) []byte {
	p := o.AppendUint32(nil, iface)
	p = o.AppendUint32(p, uint32(ticks>>32))
	p = o.AppendUint32(p, uint32(ticks))
	p = o.AppendUint32(p, n)
	p = o.AppendUint32(p, wire)
	p = padded(append(p, data...))
	return block(o, blockEPB, append([][]byte{p}, options...)...)
}

// simple builds a simple packet block.
func simple(o binary.AppendByteOrder, wire uint32, data string) []byte {
	return block(o, blockSPB, append(o.AppendUint32(nil, wire), data...))
}

func join(p ...[]byte) []byte { return bytes.Join(p, nil) }

// flip returns p with 32 bits at an offset replaced.
func flip(p []byte, at int, v uint32) []byte {
	p = bytes.Clone(p)
	le.PutUint32(p[at:], v)
	return p
}

// seen is a frame with its bytes.
type seen struct {
	Frame
	Data string
}

// result is all that a Reader reports on a file.
type result struct {
	Format     string
	Frames     []seen
	Interfaces []Interface
	Damage     []Damage
	Err        error
}

// all reads a file to its end.
func all(t testing.TB, r io.Reader) result {
	t.Helper()
	var res result
	c, err := NewReader(r)
	if err != nil {
		res.Err = err
		return res
	}
	defer c.Close()
	var b Block
	for {
		err := c.Read(&b)
		if err != nil {
			if len(b.Frames) > 0 {
				t.Errorf("Read returned %d frames together with %v", len(b.Frames), err)
			}
			if !errors.Is(err, io.EOF) {
				res.Err = err
			}
			break
		}
		if len(b.Frames) == 0 {
			t.Fatal("Read returned no frame and no error")
		}
		for i := range b.Frames {
			f := b.Frames[i]
			s := seen{f, string(b.Bytes(&f))}
			s.Offset = 0 // the frame's place in its block does not matter
			res.Frames = append(res.Frames, s)
		}
	}
	if err := c.Read(&b); !errors.Is(err, io.EOF) && res.Err == nil {
		t.Errorf("Read after the end returned %v", err)
	}
	res.Format = c.Format()
	res.Interfaces = slices.Clone(c.Interfaces())
	res.Damage = slices.Clone(c.Damage())
	return res
}
