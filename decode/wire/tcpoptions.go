package wire

// TCPOptionSet says which options there were.
type TCPOptionSet uint8

// The options that are read.
const (
	OptionMSS TCPOptionSet = 1 << iota
	OptionWindowScale
	OptionTimestamps
	OptionSACK
)

// TCPOptions are the options of a TCP header that say something about the path; a field is valid iff Set has its option.
type TCPOptions struct {
	TSVal, TSEcr uint32
	// SACKLeft and SACKRight are the edges of the first block.
	SACKLeft, SACKRight uint32
	MSS                 uint16
	WindowScale         uint8
	Set                 TCPOptionSet
}

// Kinds of TCP options.
const (
	tcpOptEnd         = 0
	tcpOptNop         = 1
	tcpOptMSS         = 2 // RFC 9293, section 3.7.1
	tcpOptWindowScale = 3 // RFC 7323, section 2.2
	tcpOptSACK        = 5 // RFC 2018, section 3
	tcpOptTimestamps  = 8 // RFC 7323, section 3.2
)

// timestampsWord is NOP, NOP, timestamps, length 10: how every sender that was seen begins the options of a segment
// that is no SYN (RFC 7323, appendix A).
const timestampsWord = tcpOptNop<<24 | tcpOptNop<<16 | tcpOptTimestamps<<8 | 10

const timestampsLen = 12

// TimestampsAlone returns the timestamps if b, the header's bytes after the first TCPLen, holds them and nothing else.
func TimestampsAlone(b []byte) (val, ecr uint32, ok bool) {
	if len(b) != timestampsLen || be.Uint32(b) != timestampsWord {
		return 0, 0, false
	}
	return be.Uint32(b[4:]), be.Uint32(b[8:]), true
}

// Read reads the options in b, the header's bytes after the first TCPLen, and adds them to o. Reading ends at the first
// malformed option; earlier ones stay.
func (o *TCPOptions) Read(b []byte) {
	for len(b) > 0 {
		switch b[0] {
		case tcpOptEnd:
			return
		case tcpOptNop:
			b = b[1:]
			continue
		}
		if len(b) < 2 {
			return
		}
		n := int(b[1])
		if n < 2 || n > len(b) {
			return
		}
		o.one(b[0], b[2:n])
		b = b[n:]
	}
}

func (o *TCPOptions) one(kind byte, v []byte) {
	switch {
	case kind == tcpOptMSS && len(v) == 2:
		o.MSS = be.Uint16(v)
		o.Set |= OptionMSS
	case kind == tcpOptWindowScale && len(v) == 1:
		o.WindowScale = v[0]
		o.Set |= OptionWindowScale
	case kind == tcpOptTimestamps && len(v) == 8:
		o.TSVal, o.TSEcr = be.Uint32(v), be.Uint32(v[4:])
		o.Set |= OptionTimestamps
	case kind == tcpOptSACK && len(v) >= 8 && len(v)%8 == 0:
		o.SACKLeft, o.SACKRight = be.Uint32(v), be.Uint32(v[4:])
		o.Set |= OptionSACK
	}
}
