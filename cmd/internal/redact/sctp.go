package redact

import "github.com/netsift/netsift/decode/wire"

// sctpStays is how many bytes of a chunk stay, by its type: what tells how an association went. Addresses are parameters of INIT and INIT-ACK, and
// in a HEARTBEAT, in what ABORT and ERROR give as the cause, and in cookies (RFC 9260, sections 3.3.2.1, 3.3.5 and 3.3.10). Of others the header
// alone stays.
var sctpStays = map[wire.SCTPChunkType]int{
	wire.SCTPInit: wire.SCTPInitLen, wire.SCTPInitAck: wire.SCTPInitLen,
	wire.SCTPData: wire.SCTPDataLen, wire.SCTPIData: wire.SCTPDataLen,
	wire.SCTPSack: wire.SCTPSackLen, wire.SCTPShutdown: wire.SCTPChunkLen + 4,
}

// sctp keeps the common header and the chunks, up to the first byte that may be about somebody. The checksum is one about the addresses in the
// chunks that are cut off, and 32 bits of them.
func sctp(w *rewrite) step {
	const checksum = 8
	b := wire.SCTP(w.rest())
	if out := w.keep(min(len(b), wire.SCTPLen)); len(out) > checksum {
		clear(out[checksum:])
	}
	for x := range b.Chunks() {
		stays := max(sctpStays[x.Type()], wire.SCTPChunkLen)
		w.keep(min(len(x), stays))
		if len(x) > stays || len(x)%4 != 0 {
			return nil
		}
	}
	return nil
}
