package fact

import (
	"net/netip"

	"github.com/netsift/netsift/decode"
)

// Proto is the transport protocol of a connection.
type Proto uint8

// The protocols whose conversations are followed.
const (
	TCP Proto = iota + 1
	UDP
	ICMP // echo, ICMP and ICMPv6
	SCTP
)

// String returns tcp, udp, icmp or sctp.
func (p Proto) String() string { return [...]string{"", "tcp", "udp", "icmp", "sctp"}[p] }

// Opens reports whether connections of the protocol are opened by a handshake, and closed: TCP, and SCTP, whose INIT, INIT-ACK, SHUTDOWN and ABORT
// stand wherever SYN, SYN-ACK, FIN and RST are said of a connection.
func (p Proto) Opens() bool { return p == TCP || p == SCTP }

// Outcome is what the socket of the client lived through.
type Outcome uint8

// The outcomes of a connection.
const (
	Unfinished   Outcome = iota // still going when the capture ended
	OK                          // closed in order, or (UDP, ICMP) answered
	Refused                     // the SYN was answered by RST or ICMP port-unreachable
	Unreachable                 // another ICMP error reached the client
	ResetOutcome                // a RST ended it before its exchange was finished
	Hang                        // no usable answer: to the SYN, or later to data sent again and again
	OneWay                      // UDP that only ever went one way and asked for no answer
)

// String returns the outcome's name in output.
func (o Outcome) String() string {
	return [...]string{"unfinished", "ok", "refused", "unreachable", "reset", "hang", "one-way"}[o]
}

// Phase says how far a connection came.
type Phase uint8

// The phases of a connection.
const (
	PhaseHandshake Phase = iota
	PhaseEstablished
	PhaseClosed
)

// String returns handshake, established or closed.
func (p Phase) String() string { return [...]string{"handshake", "established", "closed"}[p] }

// ServiceEvidence says why the address called is taken for a Service's.
type ServiceEvidence uint8

// The kinds of evidence, best first.
const (
	NotAService     ServiceEvidence = iota
	Translated                      // this connection was translated to a backend
	RejectedByNode                  // the node itself refused it
	OtherConnection                 // another connection to it was translated or refused, or it lies in the range of such
	DNSAnswer                       // a DNS answer gave the address for a Service's name
	Snapshot                        // a snapshot of the cluster says so
)

// String returns the evidence's name in output; "" for NotAService.
func (e ServiceEvidence) String() string {
	return [...]string{"", "translated", "rejected-by-node", "other-connection", "dns-answer", "snapshot"}[e]
}

// Direction indexes what a connection has per direction.
type Direction uint8

// The two directions of a connection.
const (
	ToServer Direction = iota
	ToClient
)

// Connection is one conversation with all legs on which it was seen. The joiner sets the observed facts.
// Naming (analyze/cluster) adds those that only other connections show: Service, Backend and KnownBy, ByNode of Reset and Errors, and
// Name and Role of each View.
type Connection struct {
	// ID is the label of the capture and the frame where it was first seen: "node1:57".
	ID      string
	Proto   Proto
	Outcome Outcome
	Phase   Phase
	// KnownBy is the evidence for Service.
	KnownBy ServiceEvidence
	// Midstream says that it began before the capture.
	Midstream bool
	// Untranslated says that a reply reached the client with the backend's address instead of the one called.
	Untranslated bool
	// DNS says that it carries DNS messages, by its port or by what they are.
	DNS bool
	// Chosen says that it is asked for, where a part of the captures was (Facts.Part).
	Chosen bool
	// Client started it. Called is the address as the client addressed it. Destination is the one that its packets had on the last leg
	// that was seen: Called again, if nothing translated them.
	Client, Called, Destination netip.AddrPort
	// Service is Called if it is known to be a Service's, by KnownBy; else zero.
	Service netip.AddrPort
	// Backend is Destination where the connection was translated, or Called if that is no Service; zero where never translated or not
	// seen.
	Backend netip.AddrPort
	// Former is the destination that it was translated to before Destination, nil where there was none.
	Former *Turn
	// SNAT is the source as the backend sees it, where it was rewritten; else zero.
	SNAT netip.AddrPort
	// Start and End are the times of its first and last frame.
	Start, End int64
	// Frames counts all sightings.
	Frames uint64
	// Flow holds what was counted per direction in the view nearest the sender, indexed by Direction.
	Flow [2]Flow
	// Handshake is the time from the client's first SYN to its first acknowledgement of the SYN-ACK; -1 where not seen.
	Handshake int64
	// Reused is when the client's socket was last used for an earlier connection to the same destination, 0 where that is not known.
	Reused int64
	// Older says, of a connection that was not opened, that a SYN's timestamp (RFC 7323) was older than that of the latest connection which the
	// server had taken, within a minute before, from the same address as the SYN has there, and that it was not seen to take older ones.
	Older bool
	// Idle is the latest silence that something new ended, nil where there was none of a second or more.
	Idle *Idle
	// Crossed says that the client sent data before it could know of the server's FIN, and the server had not got it when it sent the FIN.
	Crossed bool
	// Unheard counts the times that the server sent its SYN-ACK again though the client had acknowledged it, at most 255.
	Unheard int
	// Corrupt counts sightings that came in by a tunnel in a packet whose outer UDP checksum is wrong, of SYNs and of the first packets
	// of legs: no other is looked at. At most 255.
	Corrupt int
	// Incomplete says that one came in with a checksum that a network card would have completed (decode.ChecksumPartial).
	Incomplete bool
	// Loops is how often one packet came around again with a lower TTL; the most of any packet.
	Loops uint64
	// Legs in the order of the client's packets: the client's leg first.
	Legs []Leg
	// Reset describes the RST that ended it, nil without one.
	Reset *Reset
	// Handshakes are those of WireGuard, by the direction of their initiations, nil where none was seen: in each direction the longest run of
	// initiations that led to nothing.
	Handshakes *[2]Handshakes
	// Errors are the ICMP errors that quoted one of its packets, at most 8, in order of time.
	Errors []ICMPError
	// Notice is the notification by which a session of BGP was ended, nil without one.
	Notice *Notice
	// Marks are frames worth citing, in order of time, at most 16.
	Marks []Mark
	// Objects are its parties as a snapshot of the cluster names them, nil without one.
	Objects *Objects
}

// Turn is a destination that a connection was translated to for a time, and then to another one.
type Turn struct {
	To netip.AddrPort
	// First and Last are the times of the first and the last packet to it, Unanswered that of the first one after its last answer, 0 where
	// it owed none.
	First, Last, Unanswered int64
}

// Mute reports whether the destination had ceased to answer: packets went on to it for longer than an answer takes.
func (t *Turn) Mute() bool {
	const answer = 1e9
	return t.Unanswered != 0 && t.Last > t.Unanswered+answer
}

// Failed reports whether the connection did not get what its client wanted: it was refused, unreachable or reset, or hung. An echo is no
// connection.
func (c *Connection) Failed() bool { return failed(c.Proto, c.Outcome) }

func failed(p Proto, o Outcome) bool {
	return p != ICMP && (o == Refused || o == Unreachable || o == ResetOutcome || o == Hang)
}

// Late reports whether the connection was opened only after a resend of its SYN or SYN-ACK, and went well then.
func (c *Connection) Late() bool {
	return c.Proto.Opens() && c.Phase != PhaseHandshake && !c.Midstream && (c.Flow[ToServer].SYNs > 1 || c.Flow[ToClient].SYNs > 1) && !c.Failed()
}

// Losses returns how many packets of both directions had to be sent again, and how many were sent. SYNs are no losses: a full listen queue
// or a collision in conntrack drops them, too. Neither is data that no peer was there to take.
func (c *Connection) Losses() (lost, sent uint64) {
	if c.Proto != TCP || c.Phase == PhaseHandshake {
		return 0, c.Flow[ToServer].Packets + c.Flow[ToClient].Packets
	}
	for _, f := range c.Flow {
		n := f.Retransmissions
		n -= min(n, uint64(max(f.SYNs, 1)-1))
		if f.Stall != nil && (!f.Stall.Acked || f.Stall.Probe) {
			n -= min(n, uint64(f.Stall.Sends-1))
		}
		lost += n
		sent += f.Packets
	}
	return lost, sent
}

// Dropped reports whether a RST of the server's side ended a conversation that this side had taken part in and not closed: it had sent
// data, or acknowledged some, by the very leg that the RST took. A kernel acknowledges a handshake's SYN before the application has
// the connection, and may never give it to it (net/ipv4/tcp_minisocks.c, tcp_abort_on_overflow).
func (c *Connection) Dropped() bool {
	r, down := c.Reset, &c.Flow[ToClient]
	return r != nil && r.From == ToClient && !r.InHandshake && !r.Stray && !down.FIN && !c.Untranslated &&
		(down.Bytes > 0 || c.Flow[ToServer].MaxAcked > 0)
}

// Flow is one direction of a connection.
type Flow struct {
	// Packets counts packets, not sightings; a GSO super-packet is one. Bytes is payload in sequence space: data sent
	// again counts once.
	Packets, Bytes uint64
	// Resets counts the packets that are RSTs.
	Resets uint32
	// Retransmissions counts packets whose bytes had been sent before in the same view and had been lost, or had been lost before this
	// view, as the timestamp or IP id of what filled the hole shows. Needless ones,
	// which the receiver answered with D-SACK (tail-loss probes mostly, RFC 8985, section 7.4), count in Needless instead.
	// Ambiguous counts those that may as well have been sightings in views that the capture can't tell apart.
	Retransmissions, Needless, Ambiguous uint64
	// SYNs counts the transmissions of the client's SYN or of the server's SYN-ACK, each at its first sighting: 1 in a handshake without
	// loss, in whatever captures and however many. 0 where the beginning was not seen, at most 255.
	SYNs int
	// Stall is the longest run of retransmissions of the same sequence number, nil where there was none of two or more.
	Stall *Stall
	// Tail is when this direction's last packet was seen, 0 for never.
	Tail int64
	// MaxIPLen is the largest IP packet sent; MaxAcked the largest known segment size of which the other side
	// acknowledged data. Both may be GSO super-packets.
	MaxIPLen, MaxAcked uint32
	// Gap is set where the receiver's side of the network saw that data is missing which was never delivered: sequence
	// space that the sender went past (by its acknowledgements or FIN) without any view of the capture showing it.
	Gap uint32
	// Shut is the longest time for which this direction's sender announced a receive window of zero, nil where it never did.
	Shut *Shut
	// Hole is what the receiver waits for to the end although it knows of later data; nil without it.
	Hole *Hole
	// MSS is the maximum segment size announced by this direction's sender, as the other end was told: clamping lowers it on the way. 0 where
	// not seen.
	MSS uint16
	// FIN says that this direction's sender closed it.
	FIN bool
}

// Hole is data that never arrived, while later data or the sender's later sequence numbers did.
type Hole struct {
	// Seq is its sequence number, Missing its length in bytes.
	Seq, Missing uint32
	// Beyond is how many bytes beyond it the receiver has, by its selective acknowledgements (RFC 2018): no packet of them was longer.
	// 0 where nothing but sequence numbers says that data is missing.
	Beyond uint32
	// Since is when the receiver first said so, 0 where Beyond is.
	Since int64
}

// Stall is data that was sent again and again.
type Stall struct {
	// Seq is its sequence number, IPLen the length of the resent IP packet, DF whether it must not be fragmented.
	Seq   uint32
	IPLen uint32
	DF    bool
	// Sends counts the transmissions, the first included; First and Last are the times of the first and the last. Where the sender went on
	// before it sent the data again, First is when it last sent something new; where nothing new was seen, the second transmission's time.
	Sends       int
	First, Last int64
	// Acked says that the data was acknowledged in the end.
	Acked bool
	// Shrunk is the length of a packet with which the sender tried it at last, much smaller than all before (packetization layer path MTU
	// discovery, RFC 4821; Linux net/ipv4/tcp_timer.c, tcp_mtu_probing); 0 without one. IPLen is that of those before.
	Shrunk uint32
	// PeerAlive says that the receiver sent something on this connection, other than a plain repetition, after the
	// second transmission without acknowledging it.
	PeerAlive bool
	// Probe says that it is a keepalive, a zero-window probe or a FIN (at most one byte of data). A SYN is none.
	Probe bool
}

// Leg is a connection's 5-tuple at one stretch of its path, in one encapsulation, on one node.
type Leg struct {
	// Src and Dst are oriented from client to server.
	Src, Dst netip.AddrPort
	Node     string
	Encap    []Encap // outermost first
	// Views lists where the leg's packets were seen, in path order of the client's packets.
	Views  []View
	Frames uint64
	// After is the median delay of its packets after the connection's first leg; -1 where unknown or below the clocks' error.
	After int64
	// Seen counts packets per direction, indexed by Direction: a reply may take another leg than its request.
	Seen [2]uint64
}

// View is one place where the packets of a leg were seen.
type View struct {
	Interface uint32
	// Capture is the index of the file, Hardware the ARPHRD type of the interface, 0 where the capture has none.
	Capture, Hardware uint16
	// Dir is the direction on the interface, Flow that of the connection.
	Dir  decode.Direction
	Flow Direction
	// Mixed says that the capture does not tell its interfaces apart (LINUX_SLL): Interface says nothing then.
	Mixed bool
	// TTL is that of the latest packet, RSTs aside where others came before.
	TTL uint8
	// Frames counts the sightings, First and Last bound them; MaxIPLen is the length of the largest IP packet.
	Frames, MaxIPLen uint32
	// Fragmented counts the UDP datagrams whose first fragment was seen here, Torn those of them that lack others here: not for want of
	// time, and perhaps for the way in which the capture was taken, as a filter for ports lets no later fragment through.
	Fragmented, Torn uint32
	First, Last      int64
	// After is the median delay of the packets since their first sightings anywhere, in nanoseconds; -1 where unknown.
	After int64
	// Name and Role are the interface's name and its purpose, as far as they are known.
	Name string
	Role InterfaceRole
}

// In reports whether the view shows packets coming in to the node by its interface.
func (v *View) In() bool { return v.Dir == decode.DirIn }

// Out reports whether the view shows packets going out.
func (v *View) Out() bool { return v.Dir == decode.DirOut }

// Untouched reports whether no router has taken anything off a TTL: 64 is Linux' and the BSDs' default, 128 Windows', 255 that of
// network equipment.
func Untouched(ttl uint8) bool { return ttl == 64 || ttl == 128 || ttl == 255 }

// Reset describes a RST.
type Reset struct {
	// From is the direction it travelled in: ToClient for one sent by the server's side.
	From Direction
	// MadeHere says that it was first seen leaving the machine that captured it, with a TTL that no router touched.
	MadeHere bool
	// ByNode says that the machine where it was made is a node, or that it came out of a tunnel, or from a neighbour, with more TTL than pods'
	// packets have there. If the capture holds all that passes, the node made it itself.
	ByNode bool
	// Encap lists the encapsulations in which it was first seen, outermost first, as the RST travelled.
	Encap []Encap
	// Bare says that it carries no ACK flag: the answer of a host that has no such connection to a packet with ACK
	// (RFC 9293, section 3.5.2). AnswersAck says that its sequence number is the acknowledgement of the last packet
	// of the other side, as it is in such an answer.
	Bare, AnswersAck bool
	// InHandshake says that it answered a SYN.
	InHandshake bool
	// Stray says that nothing had come from its sender before on the leg that first showed it: it belongs to another translation of the
	// connection than what was exchanged.
	Stray bool
	// TTL and ID at the first sighting, and the TTL that earlier packets of the same sender had in that view (0: none).
	TTL, UsualTTL uint8
	ID            uint32
	// Src and Dst as they were at the first sighting.
	Src, Dst netip.AddrPort
	Time     int64
	Ref      Ref
}

// Handshakes are initiations of WireGuard that one side sent again and again, at short intervals, while its peer sent no data and it had no
// use for a response (https://www.wireguard.com/protocol/).
type Handshakes struct {
	// Initiations counts them, Responses those that were answered somewhere. First and Last bound the initiations.
	Initiations, Responses uint32
	First, Last            int64
	// Over is when a handshake of this side was of use after all; 0 for never.
	Over int64
}

// Fruitless reports whether the initiations were more, and went on for longer, than a lost one or two explain: they are repeated after 5 s
// (REKEY_TIMEOUT), for 90 s.
func (h *Handshakes) Fruitless() bool {
	const enough, long = 3, 9e9
	return h.Initiations >= enough && h.Last-h.First >= long
}

// ICMPError is an ICMP error about a packet of a connection.
type ICMPError struct {
	V6         bool
	Type, Code uint8
	// Src sent it, Dst received it, both as at its first sighting.
	Src, Dst netip.Addr
	// ToClient says that a sighting was addressed to the connection's client.
	ToClient bool
	// MadeHere, ByNode: as in Reset. In a capture that does not say which way packets go, MadeHere says that by its TTL, and by that of the packet
	// that it quotes, the first router made it.
	MadeHere, ByNode bool
	// MTU of a fragmentation-needed or packet-too-big message, else 0.
	MTU uint32
	// QuotedSrc and QuotedDst are the quoted tuple at the first sighting, QuotedLen the quoted IP packet's length.
	QuotedSrc, QuotedDst netip.AddrPort
	QuotedLen            uint32
	// Tunnel says that the quoted packet is an encapsulated one.
	Tunnel bool
	// In and Out have a bit for each of the first 64 captures: in which it came in to the machine, and in which it left by an interface,
	// quoting the packet as its sender knows it where that is the client.
	In, Out uint64
	// Flow is the direction of the packet that it quotes.
	Flow Direction
	// Time and Last are when the first and the last of Count such errors were seen.
	Time, Last int64
	Count      int
	Ref        Ref
}

// TooBig reports whether the error is fragmentation-needed (RFC 1191) or packet-too-big (RFC 4443, section 3.2).
func (e *ICMPError) TooBig() bool {
	return e.V6 && e.Type == 2 || !e.V6 && e.Type == 3 && e.Code == 4
}

// PortUnreachable reports whether a port is closed, or a REJECT rule feigns it (RFC 792; RFC 4443, section 3.1).
func (e *ICMPError) PortUnreachable() bool {
	return e.V6 && e.Type == 1 && e.Code == 4 || !e.V6 && e.Type == 3 && e.Code == 3
}

// Refuses reports whether the error shows the client a closed port, or a REJECT rule that feigns one.
func (e *ICMPError) Refuses() bool { return e.PortUnreachable() && e.ToClient && !e.Tunnel }

// Unreachable reports whether the error is any destination-unreachable.
func (e *ICMPError) Unreachable() bool {
	return e.V6 && e.Type == 1 || !e.V6 && e.Type == 3 && e.Code != 4
}

// NoProtocol reports whether the host that the packet came to does not know its protocol (RFC 792; RFC 4443, section 3.4).
func (e *ICMPError) NoProtocol() bool {
	return e.V6 && e.Type == 4 && e.Code == 1 || !e.V6 && e.Type == 3 && e.Code == 2
}

// Prohibited reports whether a filter says no (RFC 1812, section 5.2.7.1; RFC 4443, section 3.1).
func (e *ICMPError) Prohibited() bool {
	return e.V6 && e.Type == 1 && (e.Code == 1 || e.Code == 5 || e.Code == 6) || !e.V6 && e.Type == 3 && (e.Code == 9 || e.Code == 10 || e.Code == 13)
}

// TimeExceeded reports whether the packet's TTL was used up on the way.
func (e *ICMPError) TimeExceeded() bool {
	return e.Code == 0 && (e.V6 && e.Type == 3 || !e.V6 && e.Type == 11)
}

// MarkKind says what a marked frame shows.
type MarkKind uint8

// The kinds of marked frames.
const (
	MarkSYN MarkKind = iota + 1
	MarkSYNResend
	MarkSYNACK
	MarkTranslated   // first sighting on a translated leg
	MarkEncapsulated // first sighting in a tunnel
	MarkData         // first data
	MarkResend       // a retransmission
	MarkStall        // the latest retransmission of stalled data
	MarkReset
	MarkICMP
	MarkFIN
	MarkUntranslated // a reply seen with the backend's address where the client's leg is
	MarkQuery        // first UDP request
	MarkReply        // first UDP reply
	MarkLoop         // the same packet again in the same view with a lower TTL
	MarkShut         // a receive window of zero, or its opening
	MarkCorrupt      // a packet that came in by a tunnel with a wrong outer checksum
	MarkInitiation   // initiation of a WireGuard handshake
	MarkFragment     // the first fragment of a datagram, or of an encapsulated packet
)

// Mark is a frame worth citing.
type Mark struct {
	Kind MarkKind
	// Flow is the direction that the frame travels in, valid iff the mark is one of a connection.
	Flow Direction
	// Leg is the index in Connection.Legs of the leg that the frame shows, -1 for an ICMP error and for what is no connection's mark.
	Leg  int
	Ref  Ref
	Time int64
	// Count is what the kind counts: the ordinal of the transmission, the TTL of a loop sighting.
	Count uint32
	// IPLen is the length of the IP packet.
	IPLen uint32
}
