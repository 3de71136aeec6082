package score

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// tape is a capture file that can be cut between its records, as corpus/build writes files: little-endian, and in pcapng nothing but
// enhanced packet blocks behind the interfaces.
type tape struct {
	head    []byte
	records [][]byte
	pcapng  bool
}

func newTape(t *testing.T, file []byte) *tape {
	t.Helper()
	if binary.LittleEndian.Uint32(file) != 0x0a0d0d0a {
		x := &tape{head: file[:fileHeader]}
		records(file, func(record, _ []byte) { x.records = append(x.records, record) })
		return x
	}
	x := &tape{pcapng: true}
	for at := 0; at < len(file); {
		kind, length := binary.LittleEndian.Uint32(file[at:]), int(binary.LittleEndian.Uint32(file[at+4:]))
		block := file[at : at+length]
		at += length
		switch {
		case kind == 6:
			x.records = append(x.records, block)
		case len(x.records) > 0:
			t.Fatalf("a block of type %d behind the first packet", kind)
		default:
			x.head = append(x.head, block...)
		}
	}
	return x
}

// stamped is a copy of a record that was captured at another time: by is a whole number of microseconds.
func (x *tape) stamped(record []byte, was, by int64) []byte {
	le := binary.LittleEndian
	moved := bytes.Clone(record)
	now := was + by
	if x.pcapng {
		ticks := uint64(le.Uint32(record[12:]))<<32 | uint64(le.Uint32(record[16:]))
		ticks = uint64(now) / (uint64(was) / ticks) // a tick is a microsecond or a nanosecond
		le.PutUint32(moved[12:], uint32(ticks>>32))
		le.PutUint32(moved[16:], uint32(ticks))
		return moved
	}
	unit := int64(1000)
	if le.Uint32(x.head) == 0xa1b23c4d {
		unit = 1
	}
	le.PutUint32(moved, uint32(now/1e9))
	le.PutUint32(moved[4:], uint32(now%1e9/unit))
	return moved
}

// file is the tape with other records.
func (x *tape) file(records [][]byte) []byte {
	return append(slices.Clone(x.head), bytes.Join(records, nil)...)
}
