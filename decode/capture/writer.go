package capture

import (
	"bufio"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf8"
)

// Values that are only written (draft-ietf-opsawg-pcapng, sections 3.5 and 4.1).
const (
	optComment       = 1
	shbUserAppl      = 4
	maxOption        = 1<<16 - 1
	sectionLengthAny = 1<<64 - 1
)

// Writer writes a capture in pcapng format, one section, little-endian. Errors of the underlying writer are kept and returned by
// Flush.
type Writer struct {
	w     *bufio.Writer
	units []int64 // nanoseconds of a tick, by interface
	b     []byte
}

// NewWriter begins a file. application and comment stand in its section header, each "" for none.
func NewWriter(w io.Writer, application, comment string) *Writer {
	x := &Writer{w: bufio.NewWriterSize(w, 1<<16)}
	b := x.begin(blockSHB)
	b = lsb.AppendUint32(b, byteOrderMagic)
	b = lsb.AppendUint32(b, 1) // version 1.0
	b = lsb.AppendUint64(b, sectionLengthAny)
	b = appendText(b, shbUserAppl, application)
	b = appendText(b, optComment, comment)
	x.end(b)
	return x
}

// AddInterface describes an interface and returns its index. The counters of i are not written (AddStatistics does); times are written in microseconds
// where i.Digits is 6 or less, else in nanoseconds.
func (x *Writer) AddInterface(i Interface) uint32 {
	b := x.begin(blockIDB)
	b = lsb.AppendUint32(b, uint32(uint16(i.Link)))
	b = lsb.AppendUint32(b, i.Snaplen)
	b = appendText(b, ifName, i.Name)
	b = appendText(b, ifDescription, i.Description)
	unit := int64(1000)
	if i.Digits > 6 {
		unit = 1
		b = appendOption(b, ifTsresol, []byte{9})
	}
	x.end(b)
	x.units = append(x.units, unit)
	return uint32(len(x.units) - 1)
}

// Write writes a frame of an interface that was described: when it was captured, in nanoseconds since 1970, how many bytes it had
// on the wire, those that were captured, and a comment, "" for none. Times before 1970 become 1970, which the format can't go
// beyond.
func (x *Writer) Write(iface uint32, time int64, wire uint32, data []byte, comment string) {
	ticks := uint64(max(time, 0) / x.units[iface])
	b := x.begin(blockEPB)
	b = lsb.AppendUint32(b, iface)
	b = lsb.AppendUint32(b, uint32(ticks>>32))
	b = lsb.AppendUint32(b, uint32(ticks))
	b = lsb.AppendUint32(b, uint32(len(data)))
	b = lsb.AppendUint32(b, wire)
	b = append(b, data...)
	b = pad(b)
	b = appendText(b, optComment, comment)
	x.end(b)
}

// AddStatistics writes the counters of an interface that was described, as they stand at a time in nanoseconds since 1970: how many frames its
// capture received, and how many its kernel had no room for (pcapng interface statistics block). Later counters of the same interface replace earlier ones.
func (x *Writer) AddStatistics(iface uint32, time int64, received, dropped uint64) {
	ticks := uint64(max(time, 0) / x.units[iface])
	b := x.begin(blockISB)
	b = lsb.AppendUint32(b, iface)
	b = lsb.AppendUint32(b, uint32(ticks>>32))
	b = lsb.AppendUint32(b, uint32(ticks))
	b = appendOption(b, isbIfrecv, lsb.AppendUint64(nil, received))
	b = appendOption(b, isbOsdrop, lsb.AppendUint64(nil, dropped))
	x.end(b)
}

// Flush writes what is buffered, and returns the first error there was.
func (x *Writer) Flush() error { return x.w.Flush() }

// begin begins a block whose length is not known yet.
func (x *Writer) begin(kind uint32) []byte {
	b := lsb.AppendUint32(x.b[:0], kind)
	return lsb.AppendUint32(b, 0)
}

// end ends the options and the block, and writes it.
func (x *Writer) end(b []byte) {
	b = lsb.AppendUint32(b, optEnd)
	n := uint32(len(b) + 4)
	lsb.PutUint32(b[4:], n)
	b = lsb.AppendUint32(b, n)
	x.w.Write(b)
	x.b = b
}

// appendText appends an option that is text, "" for none. Invalid UTF-8 is replaced; text too long for an option is cut.
func appendText(b []byte, code uint16, s string) []byte {
	if s == "" {
		return b
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) > maxOption {
		n := maxOption
		for !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return appendOption(b, code, []byte(s))
}

func appendOption(b []byte, code uint16, value []byte) []byte {
	b = lsb.AppendUint16(b, code)
	b = lsb.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...))
}

// pad fills up to a multiple of four bytes. Blocks begin at one.
func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// PcapWriter writes a capture in pcap format, little-endian.
type PcapWriter struct {
	w    *bufio.Writer
	unit int64
}

// NewPcapWriter begins a file of frames of one link type; i is as in Writer.AddInterface.
func NewPcapWriter(w io.Writer, i Interface) *PcapWriter {
	x := &PcapWriter{w: bufio.NewWriterSize(w, 1<<16), unit: 1000}
	magic := uint32(0xa1b2c3d4)
	if i.Digits > 6 {
		magic, x.unit = 0xa1b23c4d, 1
	}
	b := lsb.AppendUint32(nil, magic)
	b = lsb.AppendUint32(b, 2|4<<16) // version 2.4
	b = append(b, make([]byte, 8)...)
	b = lsb.AppendUint32(b, max(i.Snaplen, 1))
	b = lsb.AppendUint32(b, uint32(uint16(i.Link)))
	x.w.Write(b)
	return x
}

// Write writes a frame, as Writer.Write does. Times beyond 2106 come round, as the format has it.
func (x *PcapWriter) Write(time int64, wire uint32, data []byte) {
	time = max(time, 0)
	b := lsb.AppendUint32(make([]byte, 0, recordHeader), uint32(time/1e9))
	b = lsb.AppendUint32(b, uint32(time%1e9/x.unit))
	b = lsb.AppendUint32(b, uint32(len(data)))
	b = lsb.AppendUint32(b, wire)
	x.w.Write(b)
	x.w.Write(data)
}

// Flush writes what is buffered, and returns the first error there was.
func (x *PcapWriter) Flush() error { return x.w.Flush() }

// lsb is the byte order that is written.
var lsb = binary.LittleEndian
