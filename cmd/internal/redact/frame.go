package redact

import (
	"slices"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// Frames redacts captured frames. Headers stay where they are, with other addresses, and the bytes behind the
// innermost transport header are cut off, as a small snaplen would do.
//
// These stay as they are, because they show what happened to a connection: ports, sequence numbers, windows, flags,
// MSS, timestamps and SACK of TCP; TTL, IP id, flow label, lengths and fragment offsets; ICMP types with MTU and pointer;
// VLAN, VNI, PPPoE and MPLS numbers; the interface's index and hardware type of Linux's cooked header.
//
// Bytes that no header view knows are cut off: an unknown EtherType or protocol, a later fragment, ESP, a message of
// WireGuard behind its type. Unknown fields inside a known header become zero or padding.
//
// Checksums that were right are right, for the new addresses and the payload that was cut. So they reveal 16 bits of
// the payload, enough to confirm a guess of something short. See sum for the others.
type Frames struct {
	rewrite rewrite
}

// NewFrames returns Frames that replaces addresses by k and finds tunnels as a Decoder with the same options does.
func NewFrames(k *Key, o decode.Options) *Frames {
	return &Frames{rewrite{key: k, ports: decode.NewTunnelPorts(o)}}
}

// Redact returns what may be shown of a frame's captured bytes; wire is its length on the wire, which stays what it was.
// The result is as long as data or shorter, and valid until the next call.
func (f *Frames) Redact(link capture.LinkType, data []byte, wire uint32) []byte {
	w := &f.rewrite
	w.data, w.out, w.sums, w.depth = data, w.out[:0], w.sums[:0], 0
	w.limit, w.end = len(data), max(int(wire), len(data))
	for next := w.link(link); next != nil; {
		next = next(w)
	}
	for _, s := range slices.Backward(w.sums) { // the inner ones lie in what the outer ones count
		s.fix(w.data, w.out)
	}
	w.data = nil
	return w.out
}
