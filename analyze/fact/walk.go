package fact

import (
	"net/netip"

	"github.com/netsift/netsift/decode"
)

// Walk is the way of a connection's packets, view by view (analyze/trace).
type Walk struct {
	Connection *Connection
	// Ways are the two directions, indexed by Direction.
	Ways [2]Way
	// Cost is what the path takes of each packet.
	Cost PathCost
	// Unkept counts sightings beyond those that were kept; the walk is that of the first ones then.
	Unkept uint64
	// Mixed says that a capture does not tell its interfaces apart: neighbouring views may be one interface or several.
	Mixed bool
	// Outline says that the walk was made of the connection's legs and views, and no packet was followed. Hop.Packets counts sightings,
	// no step has a time, and losses are not known.
	Outline bool
}

// Way is the walk of one direction's packets.
type Way struct {
	// Packets counts transmissions, those of data sent again included; Again counts the latter. Bytes is the payload sent,
	// in sequence space (UDP: of all datagrams).
	Packets, Again int
	Bytes          uint64
	// Hops are the views that the packets went through, in the order of their path.
	Hops []Hop
	// Copies are views that showed copies of the packets beside their path: a switch that does not know where the
	// receiver is floods them to all ports.
	Copies []Hop
	// Arrived counts the transmissions that the last hop showed, Lost those that vanished before. Unknown counts the rest:
	// a capture was not running then.
	Arrived, Lost, Unknown int
	End                    WayEnd
	// Next is, for EndVanish and EndLoop, the interface of the last hop's node that the packets would have been seen at next, in the
	// direction NextDir, if what is known of the node's interfaces says so; else nil.
	Next    *Interface
	NextDir decode.Direction
	// Answer is, for EndRefused, the ICMP error that came back; nil where it was a RST.
	Answer *ICMPError
	// Loops counts sightings of packets that came around again with a lower TTL.
	Loops uint64
}

// WayEnd is how a way ends, as far as the captures show it.
type WayEnd uint8

// The ends of a way.
const (
	// EndUnseen: no packet of this direction was seen.
	EndUnseen WayEnd = iota
	// EndDelivered: the last hop leads to the receiver.
	EndDelivered
	// EndHere: the packets are for the node itself, or its own proxy answers them.
	EndHere
	// EndLeaves: they leave the node, and no capture shows where they arrive.
	EndLeaves
	// EndVanish: they were seen coming to the last hop, and should have gone on.
	EndVanish
	// EndRefused: the node answered them with a RST or an ICMP error.
	EndRefused
	// EndLoop: they go around until their TTL is used up.
	EndLoop
	// EndOpen: their way on is not known, because the capture was filtered or shows one interface only.
	EndOpen
)

// String returns the end's name in output: unseen, delivered, here, leaves, vanishes, refused, loops, open.
func (e WayEnd) String() string {
	return [...]string{"unseen", "delivered", "here", "leaves", "vanishes", "refused", "loops", "open"}[e]
}

// Hop is one view of a way.
type Hop struct {
	Node string
	// Capture is the index of the file.
	Capture int
	// Interface is its index, Name and Role as in View; MTU as in the type Interface, in bytes, 0 if not known.
	Interface uint32
	Name      string
	Role      InterfaceRole
	MTU       uint32
	Dir       decode.Direction
	// Src and Dst are the packets' addresses here, inside of the encapsulations.
	Src, Dst netip.AddrPort
	// Other counts packets that had other addresses here, which were translated while most were not, or the other way round.
	// OtherSrc and OtherDst are those that the most of them had; zero without any.
	Other              int
	OtherSrc, OtherDst netip.AddrPort
	// Encap lists the encapsulations, outermost first.
	Encap []Encap
	// TTL is the one that most packets had here; 0 where it is not known, as in an outline.
	TTL uint8
	// Packets counts the transmissions seen here, Frames the sightings.
	Packets int
	Frames  uint64
	// Largest is the longest innermost IP packet that was no GSO packet, in bytes; LargestOuter that of the outermost
	// one around it. GSO says that larger ones were seen. LargestOn is the longest that went on to a later hop,
	// GSO packet or not. Each is 0 without one.
	Largest, LargestOuter, LargestOn uint32
	GSO                              bool
	// First is the first frame seen here; zero in an outline.
	First Ref
	// Step leads here from the hop before; it says nothing at the first hop, nor of a copy.
	Step Step
}

// Step is what lies between a hop and the one before it.
type Step struct {
	// Translated says that the addresses changed. Wrapped and Unwrapped are the encapsulations put on and taken off.
	Translated         bool
	Wrapped, Unwrapped []Encap
	// Wire says that the packets went to another node; Hidden that they did so inside of an encrypted tunnel, in which
	// nothing can be seen of them.
	Wire, Hidden bool
	// Back says that the packets had left the node and came back to it.
	Back bool
	// Median and Worst are the times that packets took, in nanoseconds; -1 where it is not known or below Error, the error of
	// the clocks in question.
	Median, Worst int64
	Error         int64
	// Lost counts transmissions that the hop before was the last to show. Smallest and Largest are the lengths of the lost IP
	// packets in bytes, LostFirst is the frame that showed the first of them last.
	Lost              int
	Smallest, Largest uint32
	LostFirst         Ref
	// Unknown counts those that this hop's capture may have missed.
	Unknown int
	// Split says that GSO packets were cut into segments here, Merged that segments were put together.
	Split, Merged bool
	// Errors are, where packets were lost, the ICMP errors about this direction's packets.
	Errors []ICMPError
}

// PathCost is what a path takes of each packet, and what it leaves.
type PathCost struct {
	// Overhead is what the largest encapsulation adds to each packet, in bytes.
	Overhead uint32
	// MSS are the maximum segment sizes announced by each direction's sender, 0 where not seen.
	MSS [2]uint16
	// Segment is the largest payload that was acknowledged and is no GSO packet's, in bytes, per direction; 0 where unknown.
	Segment [2]uint32
	// MTU is the smallest one that an ICMP error demanded, 0 without any; Of its sender.
	MTU uint32
	Of  netip.Addr
}
