package wire

// BGP is a message of BGP-4 (RFC 4271, section 4.1).
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+---------------------------------------------------------------+
//	|                   marker: 16 bytes of ones                    |
//	+-------------------------------+---------------+---------------+
//	|            length             |     type      |
//	+-------------------------------+---------------+
//
// The accessors panic where Valid is false.
type BGP []byte

// BGPPort is BGP's TCP port, BGPLen the length of a message's header in bytes.
const BGPPort, BGPLen = 179, 19

// BGPNotification is the type of the message by which a session ends: two bytes, code and subcode, follow its header (RFC 4271, section 4.5).
const BGPNotification = 3

// Valid reports whether a whole header is there, with its marker and a length that a message has (RFC 4271, section 6.1; RFC 8654).
func (b BGP) Valid() bool {
	return len(b) >= BGPLen && be.Uint64(b) == 1<<64-1 && be.Uint64(b[8:]) == 1<<64-1 && be.Uint16(b[16:]) >= BGPLen
}

// Type returns the message's type.
func (b BGP) Type() uint8 { return b[18] }

// Next returns what follows the message, nothing where it goes on in the next segment.
func (b BGP) Next() BGP { return b[min(int(be.Uint16(b[16:])), len(b)):] }

// Notification returns the code and the subcode of a notification, and whether b is a whole one.
func (b BGP) Notification() (code, subcode uint8, ok bool) {
	if !b.Valid() || b.Type() != BGPNotification || len(b) < BGPLen+2 {
		return 0, 0, false
	}
	return b[BGPLen], b[BGPLen+1], true
}
