// Package trace draws up the packet walk of one connection: through which views its packets went in each direction, what was
// done to them on the way, how long it took, and between which two views those that did not arrive were lost.
//
// A Recorder takes the sightings of the connection as the joiner tells them in a second pass; Build makes the walk of them.
// It works on transmissions: a packet sent again is another transmission, a GSO packet and its segments are one. What a
// hop shows of a transmission is matched by TCP's numbers and timestamps and by the IP id, or by the payload, all of
// which translation and tunnels leave alone.
//
// What can't be told stays open: a loss is only counted where the capture of the next hop was running, and no time is
// given that is below the error of the clocks it was measured with.
package trace

import (
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode"
)

// Trace is the packet walk of a connection.
type Trace struct {
	Connection *fact.Connection
	// Ways are the two directions, indexed by fact.Direction.
	Ways [2]Way
	// Cost is what the path takes of each packet.
	Cost Cost
	// Unkept counts sightings beyond those that were kept; the walk is that of the first ones then.
	Unkept uint64
	// Mixed says that a capture does not tell its interfaces apart: neighbouring views may be one interface or several.
	Mixed bool
	// Outline says that the walk was made by the function of that name, from what one pass keeps.
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
	// Arrived counts the transmissions that the last hop showed, Lost those that vanished before, Unknown those of which
	// the captures can't say it, because one of them was not running then.
	Arrived, Lost, Unknown int
	End                    End
	// Next names, for EndVanish, the view that the packets would have been seen in next, if another connection or the
	// node's interfaces say so; else "".
	Next string
	// Answer is, for EndRefused, the ICMP error that came back; nil where it was a RST.
	Answer *fact.ICMPError
	// Loops counts sightings of packets that came around again with a lower TTL.
	Loops uint64
}

// End is how a way ends, as far as the captures show it.
type End uint8

// The ends of a way.
const (
	// EndUnseen: no packet of this direction was seen.
	EndUnseen End = iota
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
	// EndOpen: where they went on to can't be told, because the capture was filtered or shows one interface only.
	EndOpen
)

// String returns the end's name in output.
func (e End) String() string {
	return [...]string{"unseen", "delivered", "here", "leaves", "vanishes", "refused", "loops", "open"}[e]
}

// Hop is one view of a way.
type Hop struct {
	Node    string
	Capture int
	// Interface is its index, Name and Role as in fact.View; MTU as fact.Interface has it, in bytes, 0 if not known.
	Interface uint32
	Name      string
	Role      fact.InterfaceRole
	MTU       uint32
	Dir       decode.Direction
	// Src and Dst are the packets' addresses here, inside of the encapsulations.
	Src, Dst netip.AddrPort
	// Other counts packets that had other addresses here, OtherSrc and OtherDst are those of the last one: what was
	// translated for some packets and not for others.
	Other              int
	OtherSrc, OtherDst netip.AddrPort
	Encap              []fact.Encap
	// TTL is the one that most packets had here.
	TTL uint8
	// Packets counts the transmissions seen here, Again those of them that were data sent again, Frames the sightings.
	Packets, Again int
	Frames         uint64
	// Largest is the longest innermost IP packet that was no GSO packet, in bytes; LargestOuter that of the outermost
	// one around it. GSO says that larger ones were seen. LargestOn is the longest that went on to a later hop,
	// GSO packet or not.
	Largest, LargestOuter, LargestOn uint32
	GSO                              bool
	First                            fact.Ref
	Step                             Step
}

// Step is what lies between a hop and the one before it.
type Step struct {
	// Translated says that the addresses changed. Wrapped and Unwrapped are the encapsulations put on and taken off.
	Translated         bool
	Wrapped, Unwrapped []fact.Encap
	// Wire says that the packets went to another node; Hidden that they did so inside of an encrypted tunnel, in which
	// nothing can be seen of them.
	Wire, Hidden bool
	// Back says that the packets had left the node and came back to it.
	Back bool
	// Median and Worst are the times that packets took, in nanoseconds, over Timed packets; -1 where it is not known or
	// below Error, the error of the clocks in question.
	Median, Worst int64
	Error         int64
	Timed         int
	// Lost counts transmissions that the hop before was the last to show, Data those of them with data or a SYN or FIN.
	// Smallest and Largest are the lengths of the lost IP packets in bytes.
	Lost, Data        int
	Smallest, Largest uint32
	LostFirst         fact.Ref
	// Unknown counts those that this hop's capture may have missed.
	Unknown int
	// Split says that GSO packets were cut into segments here, Merged that segments were put together.
	Split, Merged bool
	// Errors are the ICMP errors about lost packets, as in fact.Connection.
	Errors []fact.ICMPError
}

// Cost is what the path takes of each packet, and what it leaves.
type Cost struct {
	// Overhead is what the largest encapsulation adds to each packet, in bytes.
	Overhead uint32
	// MSS are the maximum segment sizes announced by each direction's sender, 0 where not seen.
	MSS [2]uint16
	// Segment is the largest payload that was acknowledged and is no GSO packet's, per direction; 0 where unknown.
	Segment [2]uint32
	// MTU is the smallest one that an ICMP error demanded, 0 without any; Of who sent it.
	MTU uint32
	Of  netip.Addr
}
