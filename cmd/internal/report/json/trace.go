package json

import (
	"io"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/report"
)

// TraceSchema names the form of `netsift trace -o json`.
const TraceSchema = "netsift.trace/v1"

// Trace is the packet walk of one connection: the object that `netsift trace -o json` prints.
type Trace struct {
	Schema  string `json:"schema"`
	Netsift string `json:"netsift"`
	// Chosen says why this connection was taken, null where the user named it.
	Chosen *string `json:"chosen"`
	// Redacted says that addresses and names are replaced by others.
	Redacted bool `json:"redacted"`
	// Conclusions say in sentences what arrived, and where the rest vanished.
	Conclusions []string    `json:"conclusions"`
	Connection  *Connection `json:"connection"`
	ToServer    Way         `json:"to_server"`
	ToClient    Way         `json:"to_client"`
	Cost        Cost        `json:"cost"`
	// Unkept counts sightings beyond those that the walk is made of.
	Unkept uint64 `json:"unkept_frames"`
}

// Way is the walk of one direction's packets.
type Way struct {
	// Packets counts transmissions; Again those of them that sent data once more; Bytes is payload in sequence space.
	Packets int    `json:"packets"`
	Again   int    `json:"retransmissions"`
	Bytes   uint64 `json:"payload_bytes"`
	// Arrived, Lost and Unknown add up to Packets: seen in the last view; vanished before or behind it; of which the
	// captures can't say it.
	Arrived int `json:"arrived"`
	Lost    int `json:"lost"`
	Unknown int `json:"unknown"`
	// End is unseen, delivered, here, leaves, vanishes, refused, loops or open.
	End string `json:"end"`
	// Next names the view in which packets that vanish would have been seen next.
	Next  *string `json:"next"`
	Loops uint64  `json:"loops"`
	// Hops are the views in the order of the path, Copies those that showed flooded copies.
	Hops   []Hop `json:"hops"`
	Copies []Hop `json:"copies"`
}

// Hop is one view that packets went through.
type Hop struct {
	Node      string    `json:"node"`
	File      string    `json:"file"`
	Interface Interface `json:"interface"`
	// MTU is the interface's, where --links says it, in bytes.
	MTU *uint32 `json:"mtu"`
	// Direction is in or out.
	Direction *string `json:"direction"`
	Src       string  `json:"src"`
	Dst       string  `json:"dst"`
	Encap     []Encap `json:"encap"`
	// Others counts packets with other addresses than these in this view, of which OtherSrc and OtherDst are an example.
	Others   int     `json:"other_packets"`
	OtherSrc *string `json:"other_src"`
	OtherDst *string `json:"other_dst"`
	TTL      *uint8  `json:"ttl"`
	Packets  int     `json:"packets"`
	Frames   uint64  `json:"frames"`
	// FirstFrame is the first one's number in the file.
	FirstFrame uint64 `json:"first_frame"`
	// LargestBytes is the longest innermost IP packet that was no GSO packet, LargestOuterBytes that of the outermost.
	LargestBytes      *uint32 `json:"largest_bytes"`
	LargestOuterBytes *uint32 `json:"largest_outer_bytes"`
	GSO               bool    `json:"gso"`
	// Step is what lies between the view before and this one, null for the first.
	Step *Step `json:"step"`
}

// Step is what was done to packets between two views, and how long it took.
type Step struct {
	Translated bool    `json:"translated"`
	Wrapped    []Encap `json:"wrapped"`
	Unwrapped  []Encap `json:"unwrapped"`
	// Wire says that they went to another node, Hidden that they did so encrypted.
	Wire   bool `json:"wire"`
	Hidden bool `json:"hidden"`
	// Back says that they had left the node and came back.
	Back bool `json:"back"`
	// MedianMicros and WorstMicros are null where unknown or below ErrorMicros, the clocks' error.
	MedianMicros *number `json:"median_us"`
	WorstMicros  *number `json:"worst_us"`
	ErrorMicros  number  `json:"error_us"`
	// Lost counts packets that vanished here; LostBytes are the lengths of the shortest and the longest of them.
	Lost      int        `json:"lost"`
	LostBytes *[2]uint32 `json:"lost_bytes"`
	LostFirst *Evidence  `json:"lost_first"`
	Unknown   int        `json:"unknown"`
	Split     bool       `json:"split"`
	Merged    bool       `json:"merged"`
}

// Cost is what the path takes of each packet.
type Cost struct {
	// OverheadBytes is what encapsulation adds to a packet.
	OverheadBytes uint32 `json:"overhead_bytes"`
	// MSSClient and MSSServer are the segment sizes that each announced, SegmentClient and SegmentServer the largest
	// payloads they sent in one segment that were acknowledged.
	MSSClient     *uint32 `json:"mss_client"`
	MSSServer     *uint32 `json:"mss_server"`
	SegmentClient *uint32 `json:"largest_acked_client"`
	SegmentServer *uint32 `json:"largest_acked_server"`
	// ICMPMTU is the smallest MTU that an ICMP error demanded, ICMPFrom its sender.
	ICMPMTU  *uint32 `json:"icmp_mtu"`
	ICMPFrom *string `json:"icmp_from"`
}

// WriteTrace writes t.
func WriteTrace(w io.Writer, t *report.Walk) error {
	c := &t.Cost
	if t.Connection == nil {
		return write(w, &Trace{Schema: TraceSchema, Netsift: t.Version, Redacted: t.Redacted, Conclusions: []string{}, ToServer: newWay(t, fact.ToServer), ToClient: newWay(t, fact.ToClient)}, "  ")
	}
	return write(w, &Trace{
		Schema: TraceSchema, Netsift: t.Version, Chosen: text(t.Chosen), Redacted: t.Redacted, Conclusions: t.Conclusions(),
		Connection: newConnection(t.Connection), ToServer: newWay(t, fact.ToServer), ToClient: newWay(t, fact.ToClient),
		Cost: Cost{
			OverheadBytes: c.Overhead, MSSClient: positive(uint32(c.MSS[0])), MSSServer: positive(uint32(c.MSS[1])),
			SegmentClient: positive(c.Segment[0]), SegmentServer: positive(c.Segment[1]),
			ICMPMTU: positive(c.MTU), ICMPFrom: text(report.Addr(c.Of)),
		},
		Unkept: t.Unkept,
	}, "  ")
}

func newWay(t *report.Walk, flow fact.Direction) Way {
	w := &t.Ways[flow]
	hops := func(list []fact.Hop) []Hop {
		out := make([]Hop, len(list))
		for i := range list {
			out[i] = newHop(t, &list[i])
			if i == 0 {
				out[i].Step = nil
			}
		}
		return out
	}
	out := Way{
		Packets: w.Packets, Again: w.Again, Bytes: w.Bytes, Arrived: w.Arrived, Lost: w.Lost, Unknown: w.Unknown,
		End: w.End.String(), Next: text(report.Next(w)), Loops: w.Loops, Hops: hops(w.Hops), Copies: hops(w.Copies),
	}
	for i := range out.Copies {
		out.Copies[i].Step = nil
	}
	return out
}

func newHop(t *report.Walk, h *fact.Hop) Hop {
	proto := t.Connection.Proto
	out := Hop{
		Node: h.Node, File: report.File(t.Captures, h.Capture), MTU: positive(h.MTU), Direction: text(report.Way(h.Dir)),
		Interface: newInterface(&fact.View{Interface: h.Interface, Name: h.Name, Role: h.Role}),
		Src:       report.End(proto, h.Src), Dst: report.End(proto, h.Dst), Encap: each(h.Encap, newEncap),
		Others: h.Other, OtherSrc: text(report.End(proto, h.OtherSrc)), OtherDst: text(report.End(proto, h.OtherDst)),
		Packets: h.Packets, Frames: h.Frames, FirstFrame: h.First.Frame,
		LargestBytes: positive(h.Largest), LargestOuterBytes: positive(h.LargestOuter), GSO: h.GSO,
	}
	if h.TTL > 0 {
		out.TTL = &h.TTL
	}
	s := &h.Step
	out.Step = &Step{
		Translated: s.Translated, Wrapped: each(s.Wrapped, newEncap), Unwrapped: each(s.Unwrapped, newEncap),
		Wire: s.Wire, Hidden: s.Hidden, Back: s.Back, MedianMicros: duration(s.Median, micros), WorstMicros: duration(s.Worst, micros),
		ErrorMicros: micros(s.Error), Lost: s.Lost, Unknown: s.Unknown, Split: s.Split, Merged: s.Merged,
	}
	if s.Lost > 0 {
		out.Step.LostBytes = &[2]uint32{s.Smallest, s.Largest}
		out.Step.LostFirst = &Evidence{File: report.File(t.Captures, s.LostFirst.Capture), Frame: s.LostFirst.Frame, Note: "the first of them, where it was last seen"}
	}
	return out
}

// positive returns nil for 0.
func positive(n uint32) *uint32 {
	if n == 0 {
		return nil
	}
	return &n
}
