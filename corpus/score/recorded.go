package score

import (
	"bytes"
	"context"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/netsift/netsift/corpus/cases"
)

// clockOffset is how far the second node's clock is ahead in mode Shifted.
const clockOffset = 37400 * time.Millisecond

// Recorded is a situation that a kernel played: its captures are little-endian pcap files with LINUX_SLL2, one a node.
type Recorded struct {
	Truth *cases.Truth
	Files []cases.File
	// Client is the address that the filtered captures are filtered by.
	Client netip.Addr
	// Nearest has the name of the file that must be enough for an expected finding, in the order of Truth.Expect.
	Nearest []string
}

// Run compares netsift's answers on the captures in one way. Other than a case's captures, one alone has to be enough for
// the findings that are nearest to it.
func (r *Recorded) Run(ctx context.Context, mode Mode) (Result, error) {
	switch mode {
	case Together, Shifted:
		files := slices.Clone(r.Files)
		if mode == Shifted && len(files) > 1 {
			files[1].Data = shifted(files[1].Data, clockOffset)
		}
		a, err := Ask(ctx, files, How{Jobs: 1})
		if err != nil {
			return Result{}, err
		}
		return Compare(r.Truth, a), nil
	}
	var all Result
	for _, f := range r.Files {
		part := r.part(f.Name)
		if mode == Filtered {
			f.Data = filtered(f.Data, func(d []byte) bool { return passes(d, r.Client, 80, 53) })
			part.Expect, part.LayerOpen = nil, true
		}
		a, err := Ask(ctx, []cases.File{f}, How{Jobs: 1})
		if err != nil {
			return Result{}, err
		}
		all.add(f.Name, Compare(part, a))
	}
	return all, nil
}

// part is the truth as one capture by itself shows it: some findings must be made, the others may.
func (r *Recorded) part(file string) *cases.Truth {
	t := *r.Truth
	t.Connections, t.Lookups, t.Expect, t.Allow = nil, nil, nil, slices.Clone(t.Allow)
	for i, e := range r.Truth.Expect {
		t.Allow = append(t.Allow, e.Rule)
		if r.Nearest[i] == file {
			t.Expect = append(t.Expect, e)
		}
	}
	t.LayerOpen = t.LayerOpen || len(t.Expect) != len(r.Truth.Expect)
	return &t
}

// add takes up the result for one of several captures.
func (r *Result) add(file string, of Result) {
	r.Found = append(r.Found, of.Found...)
	r.Missed = append(r.Missed, of.Missed...)
	r.False = append(r.False, of.False...)
	for _, complaint := range of.Complaints {
		r.complain("%s: %s", file, complaint)
	}
}

// The headers of a pcap file, of its records, and of LINUX_SLL2.
const (
	fileHeader   = 24
	recordHeader = 16
	cookedHeader = 20
)

// records calls each for every record of a pcap file: the whole record, and its packet.
func records(file []byte, each func(record, packet []byte)) {
	for at := fileHeader; at+recordHeader <= len(file); {
		end := at + recordHeader + int(binary.LittleEndian.Uint32(file[at+8:]))
		if end > len(file) || end < at {
			return
		}
		each(file[at:end], file[at+recordHeader:end])
		at = end
	}
}

// shifted is a pcap file whose clock was ahead by d.
func shifted(file []byte, d time.Duration) []byte {
	moved := bytes.Clone(file)
	unit := time.Microsecond
	if binary.LittleEndian.Uint32(moved) == 0xa1b23c4d {
		unit = time.Nanosecond
	}
	records(moved, func(record, _ []byte) {
		at := time.Duration(binary.LittleEndian.Uint32(record))*time.Second + time.Duration(binary.LittleEndian.Uint32(record[4:]))*unit + d
		binary.LittleEndian.PutUint32(record, uint32(at/time.Second))
		binary.LittleEndian.PutUint32(record[4:], uint32(at%time.Second/unit))
	})
	return moved
}

// filtered is a pcap file as a capture filter would have left it; keep gets the packet below the cooked header.
func filtered(file []byte, keep func([]byte) bool) []byte {
	left := bytes.Clone(file[:fileHeader])
	records(file, func(record, packet []byte) {
		if len(packet) > cookedHeader && keep(packet[cookedHeader:]) {
			left = append(left, record...)
		}
	})
	return left
}
