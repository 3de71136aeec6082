package wire

import "iter"

// SCTP is the common header of SCTP (RFC 9260, section 3.1).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-------------------------------+-------------------------------+
//	|      Source Port Number       |    Destination Port Number    |
//	+-------------------------------+-------------------------------+
//	|                       Verification Tag                        |
//	+---------------------------------------------------------------+
//	|                           Checksum                            |
//	+---------------------------------------------------------------+
//
// The accessors panic where Valid is false; the ports need four bytes only.
type SCTP []byte

// SCTPLen is the length of the header in bytes.
const SCTPLen = 12

// Valid reports whether the whole header is there.
func (b SCTP) Valid() bool { return len(b) >= SCTPLen }

// SrcPort returns the source port.
func (b SCTP) SrcPort() uint16 { return be.Uint16(b) }

// DstPort returns the destination port.
func (b SCTP) DstPort() uint16 { return be.Uint16(b[2:]) }

// Tag returns the verification tag, which names the association in one direction: what the receiver chose as its initiate tag. It is 0 with
// an INIT.
func (b SCTP) Tag() uint32 { return be.Uint32(b[4:]) }

// Chunks returns the chunks behind the header in their order, each without padding and as far as it was captured: of the last one at least
// the chunk's header. A chunk whose length is impossible ends them.
func (b SCTP) Chunks() iter.Seq[SCTPChunk] {
	return func(yield func(SCTPChunk) bool) {
		for rest := b[min(len(b), SCTPLen):]; len(rest) >= SCTPChunkLen; {
			n := int(be.Uint16(rest[2:]))
			if n < SCTPChunkLen || !yield(SCTPChunk(rest[:min(n, len(rest))])) {
				return
			}
			rest = rest[min((n+3)&^3, len(rest)):]
		}
	}
}

// SCTPChunk is a chunk (RFC 9260, section 3.2), as far as it was captured.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------+---------------+-------------------------------+
//	|  Chunk Type   |  Chunk Flags  |         Chunk Length          |
//	+---------------+---------------+-------------------------------+
//	|                          Chunk Value                          |
//
// Its header is always there.
type SCTPChunk []byte

// SCTPChunkLen is the length of a chunk's header in bytes; SCTPInitLen that of an INIT or INIT-ACK before its parameters, SCTPDataLen that of a
// DATA chunk before its data, SCTPSackLen that of a SACK without gaps.
const SCTPChunkLen, SCTPInitLen, SCTPDataLen, SCTPSackLen = 4, 20, 16, 16

// SCTPChunkType is the type of a chunk.
type SCTPChunkType uint8

// The types of chunks (RFC 9260, section 3.2; RFC 8260, section 2.1).
const (
	SCTPData             SCTPChunkType = 0
	SCTPInit             SCTPChunkType = 1
	SCTPInitAck          SCTPChunkType = 2
	SCTPSack             SCTPChunkType = 3
	SCTPHeartbeat        SCTPChunkType = 4
	SCTPHeartbeatAck     SCTPChunkType = 5
	SCTPAbort            SCTPChunkType = 6
	SCTPShutdown         SCTPChunkType = 7
	SCTPShutdownAck      SCTPChunkType = 8
	SCTPError            SCTPChunkType = 9
	SCTPCookieEcho       SCTPChunkType = 10
	SCTPCookieAck        SCTPChunkType = 11
	SCTPShutdownComplete SCTPChunkType = 14
	SCTPIData            SCTPChunkType = 64
)

var sctpChunkNames = map[SCTPChunkType]string{
	SCTPData: "DATA", SCTPInit: "INIT", SCTPInitAck: "INIT-ACK", SCTPSack: "SACK", SCTPHeartbeat: "HEARTBEAT", SCTPHeartbeatAck: "HEARTBEAT-ACK",
	SCTPAbort: "ABORT", SCTPShutdown: "SHUTDOWN", SCTPShutdownAck: "SHUTDOWN-ACK", SCTPError: "ERROR", SCTPCookieEcho: "COOKIE-ECHO",
	SCTPCookieAck: "COOKIE-ACK", SCTPShutdownComplete: "SHUTDOWN-COMPLETE", SCTPIData: "I-DATA",
}

// String returns the type's name as the RFC has it, "" for one that is not known.
func (t SCTPChunkType) String() string { return sctpChunkNames[t] }

// Type returns the chunk's type.
func (b SCTPChunk) Type() SCTPChunkType { return SCTPChunkType(b[0]) }

// Reflected returns the T bit of an ABORT or SHUTDOWN-COMPLETE: its sender knows no such association, and the verification tag is the one of the
// packet that it answers (RFC 9260, section 8.5.1).
func (b SCTPChunk) Reflected() bool { return b[1]&1 != 0 }

// Init returns the initiate tag and the initial TSN of an INIT or INIT-ACK, ok where they were captured.
func (b SCTPChunk) Init() (tag, tsn uint32, ok bool) {
	if len(b) < SCTPInitLen {
		return 0, 0, false
	}
	return be.Uint32(b[4:]), be.Uint32(b[16:]), true
}

// TSN returns the transmission sequence number of a DATA or I-DATA chunk, or the cumulative one that a SACK or SHUTDOWN acknowledges; ok where it
// was captured.
func (b SCTPChunk) TSN() (tsn uint32, ok bool) {
	if len(b) < SCTPChunkLen+4 {
		return 0, false
	}
	return be.Uint32(b[4:]), true
}
