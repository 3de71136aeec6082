package fact

import (
	"net/netip"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// Capture is one input file and what was read of it.
type Capture struct {
	// File is the name as the user gave it, Node the label of the node (or place) it was taken on.
	File, Node string
	// Format is "pcap", "pcapng" or "facts"; "" where nothing could be read, and then Error says why.
	Format string
	// Of is the name of the capture, without its path, that a facts file was made of: its frames have the numbers that they have there. It is ""
	// for a capture.
	Of        string
	LinkTypes []string
	Frames    uint64
	// Bytes counts the captured bytes of all frames.
	Bytes uint64
	// First and Last are the times of the earliest and the latest frame, as captured; 0 without frames.
	First, Last int64
	// Digits is the number of decimal digits of the timestamps: 6 or 9.
	Digits  int
	Snaplen uint32
	// CutFrames counts the frames of which fewer bytes were captured than were on the wire.
	CutFrames uint64
	// Stops counts the frames whose decoding ended early, by reason.
	Stops [decode.Reasons]uint64
	// Dropped is the capturing kernel's count of lost packets, -1 if the file has none.
	Dropped int64
	Damage  []capture.Damage
	// Torn says that the file ends in the middle of its last packet, as the stream of a program that was stopped does; Damage has it, too.
	Torn bool
	// CopyOf is the File of another capture that has all packets of this one; "" without one. Nothing is read of a copy.
	CopyOf string
	// Stretches counts the ten seconds in which a frame was seen, and the ten after the next one, and so on.
	Stretches int
	// In and Out count the frames by direction, where the link type tells it. Interfaces counts the interfaces seen.
	In, Out    uint64
	Interfaces int
	// Portless counts the frames that no filter for a port lets through: ARP, ICMP, MLD and the like. Tunnelled counts the
	// encapsulated ones. CommonHost is an address that every IP packet has, as a filter for a host makes it; zero where
	// there is none.
	Portless, Tunnelled uint64
	CommonHost          netip.Addr
	// Host says that the machine is a mere host, a pod or a client outside, and no node: packets of its own leave it, and none of
	// others pass through it.
	Host  bool
	Error string
	Clock Clock
	// SetBack is where its clock was first set back by more than an hour; zero where it never was.
	SetBack SetBack
	// Stream is nil unless it was one of several live ones.
	Stream *Stream
}

// SetBack says that a capture's clock went back by more than an hour: it was set, or captures were joined that don't follow each other.
type SetBack struct {
	// Frame is the first with an earlier time, By how much earlier it is than the one before, in nanoseconds, Times how often it happened.
	Frame uint64
	By    int64
	Times int
}

// Stream is how one of several live streams came in. Its times are those of the clock on the wall; packets do not count.
type Stream struct {
	// Ended says that it is over, Silent for how long nothing has come of it, or since when it is over, in nanoseconds.
	Ended  bool
	Silent int64
	// Pause is the longest time, in nanoseconds, that nothing came of it while the others went on without it; 0 if they never did.
	Pause int64
	// Late counts the packets that came when later ones of others had been analyzed already, so that they are out of order.
	Late uint64
}

// Whole reports whether nothing suggests that the capture was filtered, by port or by host. Only from such a capture can a
// rule conclude that something is missing.
func (c *Capture) Whole() bool {
	return !c.PortFiltered() && !c.CommonHost.IsValid()
}

// PortFiltered reports whether the capture may have been taken with a filter for ports: such a filter lets neither ARP, ICMP
// and the like through, nor both tunnels and what they carry. A capture without a filter may be too short or too quiet for these; see
// Quiet.
func (c *Capture) PortFiltered() bool {
	return c.Portless == 0 && (c.Tunnelled == 0 || c.Tunnelled == c.Frames)
}

// quietStretches is how many stretches of traffic are seen before one must see ARP or neighbour discovery. A kernel asks for a neighbour again
// at most 45 s after it was last confirmed (net/core/neighbour.c: base_reachable_time of 30 s, times 0.5 to 1.5), and 5 s after the next
// packet to it (DELAY_PROBE_TIME). What it forwards confirms nothing.
const quietStretches = 6

// Quiet reports whether a capture is too short to tell by what it lacks that it was filtered.
func (c *Capture) Quiet() bool { return c.Stretches < quietStretches }

// Clock is the estimate of how far a capture's clock is ahead of the first capture's.
type Clock struct {
	// Offset is to be subtracted from the capture's times, Error is the half width of the interval it is known to lie in.
	Offset, Error int64
	// DriftPPM is how fast the offset grows, in parts per million.
	DriftPPM float64
	// Samples counts the packets, seen in both captures, that the estimate rests on; 0: no estimate was possible, and where Offset is not 0, a live
	// stream was hours apart, and taken for as late as it came in.
	Samples int
}

// Ref points at a frame of a capture: evidence that a reader can open in Wireshark.
type Ref struct {
	// Capture is the index of the file, Frame the frame's number in it.
	Capture int
	Frame   uint64
}
