package plugin

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/netsift/netsift/decode/capture"
)

// records takes the output of one tcpdump apart, a pcap stream (draft-ietf-opsawg-pcap) that comes in pieces of any size, and hands its frames
// on. The last one may be torn: it is never handed on.
type records struct {
	order   binary.ByteOrder
	digits  int
	pending []byte
	// begin is told what the header says, before the first frame.
	begin func(capture.Interface)
	// frame is told of each frame; data is valid during the call only.
	frame func(time int64, wire uint32, data []byte)
}

const (
	pcapHeader, pcapRecord = 24, 16
	// longestFrame is more than the largest snap length that tcpdump takes.
	longestFrame = 1 << 19
)

var errNoPcap = errors.New("what comes is no capture")

// Write implements io.Writer.
func (r *records) Write(b []byte) (int, error) {
	n := len(b)
	if len(r.pending) > 0 {
		b = append(r.pending, b...)
	}
	if r.order == nil {
		if len(b) < pcapHeader {
			r.pending = append(r.pending[:0], b...)
			return n, nil
		}
		if err := r.header(b); err != nil {
			return 0, err
		}
		b = b[pcapHeader:]
	}
	for len(b) >= pcapRecord {
		size := r.order.Uint32(b[8:])
		if size > longestFrame {
			return 0, fmt.Errorf("%w: a packet of %d bytes", errNoPcap, size)
		}
		end := pcapRecord + int(size)
		if len(b) < end {
			break
		}
		fraction := int64(r.order.Uint32(b[4:]))
		if r.digits == 6 {
			fraction *= 1000
		}
		r.frame(int64(r.order.Uint32(b))*1e9+fraction, r.order.Uint32(b[12:]), b[pcapRecord:end])
		b = b[end:]
	}
	r.pending = append(r.pending[:0], b...)
	return n, nil
}

func (r *records) header(b []byte) error {
	r.digits = 6
	switch binary.LittleEndian.Uint32(b) {
	case 0xa1b2c3d4:
		r.order = binary.LittleEndian
	case 0xd4c3b2a1:
		r.order = binary.BigEndian
	case 0xa1b23c4d:
		r.order, r.digits = binary.LittleEndian, 9
	case 0x4d3cb2a1:
		r.order, r.digits = binary.BigEndian, 9
	default:
		return errNoPcap
	}
	r.begin(capture.Interface{Link: capture.LinkType(r.order.Uint32(b[20:])), Snaplen: r.order.Uint32(b[16:]), Digits: r.digits})
	return nil
}
