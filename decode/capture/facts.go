package capture

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/netsift/netsift/decode/terse"
)

// A facts file holds what analysis reads of a capture, and nothing else: the headers of its frames and what they are called by, DNS messages, what
// ICMP errors quote. docs/fleet.md describes the format. It begins with factsMagic and the version, and goes on in records: a byte for the kind, four
// for the payload's length (little-endian), the payload, and a CRC-32C of all that.
const (
	factsMagic   = "NSFACTS"
	factsVersion = 1
	factsHeader  = len(factsMagic) + 1
	factsHead    = 5 // of a record
	// maxFactsRecord bounds a record in bytes, maxFactsTexts all records of JSON together: what they say is remembered.
	maxFactsRecord, maxFactsTexts = 64 << 20, 16 << 20
	// cheapFrames is how many frames may cost nothing, and cheapestFrames how many a byte has beyond that: of traffic that is foretold in everything but
	// its times, one has some.
	cheapFrames, cheapestFrames = 1 << 24, 64
)

// The kinds of records. Others are skipped.
const (
	factsAbout     = 'A' // JSON: FactsAbout
	factsInterface = 'I' // JSON: factsFace
	factsBegin     = 'B' // a number: how many nanoseconds the unit of times has; what follows is coded anew
	factsFrames    = 'F' // a chunk of package terse
	factsEnd       = 'E' // JSON: factsTail
)

// ErrFactsVersion says that a facts file was written by a later netsift.
var ErrFactsVersion = errors.New("these facts are of a later version of netsift")

// FactsAbout says what a facts file was made of.
type FactsAbout struct {
	// Program is the one that wrote it, with its version.
	Program string `json:"program"`
	// File is the name of the capture, without its path, "" where it had none, and Format pcap, pcapng or facts.
	File   string `json:"file"`
	Format string `json:"format"`
	// Redacted says that names and addresses were replaced.
	Redacted bool `json:"redacted,omitempty"`
}

// factsFace describes an interface, before its first frame.
type factsFace struct {
	Link        LinkType `json:"link"`
	Name        string   `json:"name,omitempty"`
	Description string   `json:"description,omitempty"`
	Snaplen     uint32   `json:"snaplen"`
	Section     int      `json:"section,omitempty"`
	Digits      int      `json:"digits"`
}

// factsTail is what is known of a capture at its end.
type factsTail struct {
	// Counters are those of the interfaces, in their order.
	Counters []factsCounters `json:"counters"`
	Damage   []Damage        `json:"damage,omitempty"`
	Torn     bool            `json:"torn,omitempty"`
}

// factsCounters are those of one interface, see Interface.
type factsCounters struct {
	Received int64 `json:"received"`
	Dropped  int64 `json:"dropped"`
}

// castagnoli is the polynomial of the records' checksums.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Kept is what a facts file says of a frame beside the bytes that it has of it.
type Kept struct {
	// Captured is how many bytes the capture has.
	Captured uint32
	// Checksum is what the writer said of the frame: a decode.Checksum, of all its bytes. It is less than 128.
	Checksum uint8
	// Last says that it was the last of a batch. Frames that are not in the order of time are put in order in batches.
	Last bool
}

// lastOfBatch is Kept.Last in what is coded of a frame.
const lastOfBatch = 1 << 7

// facts reads a facts file.
type facts struct {
	r          io.Reader
	about      FactsAbout
	interfaces []Interface
	damages    damages
	torn       bool
	unit       int64 // of times, in nanoseconds; 0 where nothing can be decoded
	decoder    *terse.Decoder
	record     []byte
	off        int64
	frame      uint64 // the number of the last one
	frames     int64  // how many there were
	texts      int    // bytes of records of JSON
	ended      bool
	err        error
}

// isFacts reports whether a file that begins with head is a facts file.
func isFacts(head []byte) bool {
	return len(head) >= 4 && strings.HasPrefix(factsMagic, string(head[:min(len(head), len(factsMagic))]))
}

// newFacts reads the header.
func newFacts(r io.Reader) (*facts, error) {
	var b [factsHeader]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return nil, ErrHeaderCut
	}
	if v := b[factsHeader-1]; v > factsVersion {
		return nil, fmt.Errorf("%w: version %d, and this one reads %d; read them with the netsift that wrote them, or a newer one", ErrFactsVersion, v, factsVersion)
	}
	return &facts{r: r, off: int64(factsHeader)}, nil
}

// read fills b with the next frames, as Reader.Read does.
func (x *facts) read(b *Block) error {
	b.Frames, b.Data, b.Kept = b.Frames[:0], b.Data[:0], b.Kept[:0]
	if cap(b.Data) > keepSize {
		b.Data = nil
	}
	var f terse.Frame
	for {
		for x.decoder != nil && len(b.Frames) < maxFrames && len(b.Data) < blockSize {
			more, err := x.decoder.Next(&f)
			if err == nil && more {
				err = x.check(&f)
			}
			if err != nil {
				x.lose(0, "the facts don't make sense: "+err.Error())
				break
			}
			if !more {
				break
			}
			x.frame = f.Number
			x.frames++
			b.Frames = append(b.Frames, Frame{
				Number: f.Number, Time: f.Time, Offset: uint32(len(b.Data)), Cap: uint32(len(f.Data)), Wire: f.Wire, Interface: f.Interface,
			})
			b.Kept = append(b.Kept, Kept{f.Captured, f.Checksum &^ lastOfBatch, f.Checksum&lastOfBatch != 0})
			b.Data = append(b.Data, f.Data...)
			if f.Checksum&lastOfBatch != 0 {
				return nil
			}
		}
		if len(b.Frames) > 0 {
			return nil
		}
		if !x.next() {
			return x.err
		}
	}
}

// check returns why a frame can't be one of a capture.
func (x *facts) check(f *terse.Frame) error {
	switch {
	case int(f.Interface) >= len(x.interfaces):
		return errors.New("a frame is of an interface that was not described")
	case f.Number <= x.frame:
		return errors.New("frames are not numbered upwards")
	case x.frames > cheapFrames && x.frames/cheapestFrames > x.off:
		return errBomb
	}
	return nil
}

// lose gives up what is coded up to the next beginning, and notes it.
func (x *facts) lose(skipped int64, what string) {
	x.damages.add(Damage{Offset: x.off, Skipped: skipped, Frame: x.frame + 1, What: what})
	x.drop()
}

// drop ends the decoder.
func (x *facts) drop() {
	x.unit = 0
	if x.decoder != nil {
		x.decoder.Close()
		x.decoder = nil
	}
}

// next reads a record, and reports false at the end.
func (x *facts) next() bool {
	var head [factsHead]byte
	n, err := io.ReadFull(x.r, head[:])
	if err != nil {
		x.end(n, err)
		return false
	}
	length := int64(binary.LittleEndian.Uint32(head[1:]))
	if length > maxFactsRecord {
		x.end(n, io.ErrUnexpectedEOF)
		return false
	}
	// It grows with what is there, not with what a length claims.
	buffer := growing{x.record[:0]}
	got, err := io.CopyN(&buffer, x.r, length+4)
	x.record = buffer.b
	if err != nil {
		x.end(n+int(got), err)
		return false
	}
	at := x.off
	x.off += int64(n) + got
	payload, sum := x.record[:length], binary.LittleEndian.Uint32(x.record[length:])
	if crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, payload) != sum {
		x.off = at
		x.lose(int64(n)+got, "the checksum of these facts is wrong")
		x.off = at + int64(n) + got
		return true
	}
	x.take(head[0], payload)
	return true
}

// growing is a buffer that is written to.
type growing struct{ b []byte }

func (g *growing) Write(p []byte) (int, error) {
	g.b = append(g.b, p...)
	return len(p), nil
}

// end notes how the file ends: with the record of the end, or by being cut within a record, of which there were n bytes.
func (x *facts) end(n int, err error) {
	x.drop()
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		x.err = err
		return
	}
	x.err = io.EOF
	if !x.ended {
		x.damages.add(Damage{Offset: x.off, Skipped: -1, Frame: x.frame + 1, What: "the facts end early: the file was cut, or is still being written"})
		x.torn = true
		x.ended = true
	}
}

// take takes in a record. One that does not make sense is passed over: its checksum says that it was written so.
func (x *facts) take(kind byte, payload []byte) {
	if kind == factsAbout || kind == factsInterface || kind == factsEnd {
		if x.texts += len(payload); x.texts > maxFactsTexts {
			return
		}
	}
	switch kind {
	case factsAbout:
		json.Unmarshal(payload, &x.about)
	case factsInterface:
		var f factsFace
		if json.Unmarshal(payload, &f) == nil && len(x.interfaces) < maxInterfaces {
			digits := 6
			if f.Digits > 6 {
				digits = 9
			}
			x.interfaces = append(x.interfaces, Interface{
				Link: f.Link, Name: f.Name, Description: f.Description, Snaplen: f.Snaplen, Section: f.Section, Digits: digits, Received: -1, Dropped: -1,
			})
		}
	case factsBegin:
		x.drop()
		if unit, n := binary.Uvarint(payload); n > 0 && unit > 0 && unit <= 1e9 {
			x.unit = int64(unit)
		}
	case factsFrames:
		if x.decoder == nil && x.unit > 0 {
			x.decoder = terse.NewDecoder(x.unit)
		}
		if x.decoder != nil {
			if err := x.decoder.Open(payload); err != nil {
				x.lose(0, "the facts don't make sense: "+err.Error())
			}
		}
	case factsEnd:
		var t factsTail
		if json.Unmarshal(payload, &t) != nil {
			return
		}
		x.ended, x.torn = true, t.Torn
		for i := range min(len(t.Counters), len(x.interfaces)) {
			x.interfaces[i].Received, x.interfaces[i].Dropped = max(-1, t.Counters[i].Received), max(-1, t.Counters[i].Dropped)
		}
		for _, d := range t.Damage {
			d.Offset, d.Skipped = max(-1, d.Offset), max(-1, d.Skipped)
			x.damages.add(d)
		}
	}
}
