package capture

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"slices"

	"github.com/netsift/netsift/decode/terse"
)

// coldStart is after how many frames coding begins anew, so that what is damaged in the middle of a file costs what follows up to there.
const coldStart = 1 << 23

// FactsWriter writes a facts file. Errors of the underlying writer are kept and returned by Flush and Close.
type FactsWriter struct {
	w          *bufio.Writer
	interfaces []Interface
	encoder    *terse.Encoder
	unit       int64
	coded      int
	// last is the number of the last frame, frames how many there were.
	last, frames uint64
	record       []byte
	err          error
}

// NewFactsWriter begins a facts file.
func NewFactsWriter(w io.Writer, about FactsAbout) *FactsWriter {
	x := &FactsWriter{w: bufio.NewWriterSize(w, 1<<16)}
	x.w.WriteString(factsMagic)
	x.w.WriteByte(factsVersion)
	x.json(factsAbout, about)
	return x
}

// AddInterface describes an interface, whose frames may follow. Interfaces are counted from 0. The counters of i are not written: Close takes them.
func (x *FactsWriter) AddInterface(i Interface) {
	x.interfaces = append(x.interfaces, i)
	unit := int64(1000)
	if i.Digits > 6 {
		unit = 1
	}
	if x.encoder == nil || unit < x.unit {
		x.flush()
		x.encoder, x.unit = nil, unit
	}
	x.json(factsInterface, factsFace{i.Link, i.Name, i.Description, i.Snaplen, i.Section, i.Digits})
}

// Write writes a frame of an interface that was described, of which data are the first bytes.
func (x *FactsWriter) Write(f *Frame, k Kept, data []byte) {
	if x.encoder == nil {
		x.encoder = terse.NewEncoder(x.unit)
		x.put(factsBegin, binary.AppendUvarint(nil, uint64(x.unit)))
	}
	said := k.Checksum
	if k.Last {
		said |= lastOfBatch
	}
	x.encoder.Add(terse.Frame{
		Number: f.Number, Time: f.Time, Wire: f.Wire, Captured: k.Captured, Checksum: said,
		Interface: f.Interface, Link: uint16(x.interfaces[f.Interface].Link), Data: data,
	})
	x.last = f.Number
	x.frames++
	if x.coded++; !x.encoder.Full() {
		return
	}
	x.flush()
	if x.coded >= coldStart {
		x.encoder, x.coded = nil, 0
	}
}

// flush writes the frames that are coded.
func (x *FactsWriter) flush() {
	if x.encoder == nil || x.encoder.Len() == 0 {
		return
	}
	x.record = x.encoder.Chunk(x.record[:0])
	x.put(factsFrames, x.record)
}

// Frames returns how many frames were written.
func (x *FactsWriter) Frames() uint64 { return x.frames }

// Err returns the first error of the underlying writer by now.
func (x *FactsWriter) Err() error { return x.err }

// Flush writes what was not yet written, and returns the first error there was.
func (x *FactsWriter) Flush() error {
	x.flush()
	if err := x.w.Flush(); x.err == nil {
		x.err = err
	}
	return x.err
}

// Close writes the end of the file: what r, from which the frames are, says of the capture when it has been read, and how reading it failed, nil
// where it did not. It does not close the underlying writer.
func (x *FactsWriter) Close(r *Reader, failed error) error {
	x.flush()
	t := factsTail{Counters: []factsCounters{}, Damage: slices.Clone(r.Damage()), Torn: r.Torn()}
	if failed != nil {
		// Offset -1: only the reader of the bytes knows where it broke off.
		t.Damage, t.Torn = append(t.Damage, Damage{Offset: -1, Skipped: -1, Frame: x.last + 1, What: failed.Error()}), false
	}
	for _, i := range r.Interfaces() {
		t.Counters = append(t.Counters, factsCounters{i.Received, i.Dropped})
	}
	x.json(factsEnd, t)
	return x.Flush()
}

// json writes a record of JSON.
func (x *FactsWriter) json(kind byte, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // none of the types has what JSON can't say
	}
	x.put(kind, b)
}

// put writes a record.
func (x *FactsWriter) put(kind byte, payload []byte) {
	head := binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	x.w.Write(head)
	x.w.Write(payload)
	sum := crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, payload)
	if _, err := x.w.Write(binary.LittleEndian.AppendUint32(nil, sum)); x.err == nil {
		x.err = err
	}
}
