package decode

import (
	"encoding/binary"
	"hash/maphash"
)

// maxNameLen is the largest length of a domain name in wire form, in bytes (RFC 1035, section 2.3.4).
const maxNameLen = 255

// Name is a domain name: its labels in wire form, in lower case, since case does not matter (RFC 4343).
// It is comparable, and the bytes behind the name are always zero. The zero Name is no name; the root is one zero byte.
type Name struct {
	data [maxNameLen]byte
	len  uint8
}

// nameSeed keeps a hostile capture from choosing names that collide.
var nameSeed = maphash.MakeSeed()

// Wire returns the name in wire form: length-prefixed labels in lower case and the root's zero byte; nil for the zero
// Name. It must not be changed.
func (n *Name) Wire() []byte { return n.data[:n.len:n.len] }

// Hash returns a hash that is the same for equal names within one run of the program, and not beyond.
func (n *Name) Hash() uint64 { return maphash.Bytes(nameSeed, n.Wire()) }

// Labels returns the number of labels, 0 for the root.
func (n *Name) Labels() int {
	labels := 0
	for i := 0; i < int(n.len) && n.data[i] != 0; i += 1 + int(n.data[i]) {
		labels++
	}
	return labels
}

// String returns the name as in a zone file, without the last dot, "." for the root, "" for the zero Name. An
// unprintable byte is escaped as \DDD, a dot or backslash inside a label by a backslash (RFC 1035, section 5.1), so that no name
// can send an escape sequence to a terminal.
func (n *Name) String() string { return string(n.AppendText(nil)) }

// AppendText appends what String returns to b.
func (n *Name) AppendText(b []byte) []byte {
	if n.len == 1 {
		return append(b, '.')
	}
	for i := 0; i < int(n.len) && n.data[i] != 0; {
		end := i + 1 + int(n.data[i])
		if i > 0 {
			b = append(b, '.')
		}
		for _, c := range n.data[i+1 : end] {
			b = appendEscaped(b, c)
		}
		i = end
	}
	return b
}

func appendEscaped(b []byte, c byte) []byte {
	switch {
	case c <= ' ' || c > '~':
		return append(b, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
	case c == '.' || c == '\\' || c == '"' || c == ';' || c == '(' || c == ')':
		return append(b, '\\', c)
	}
	return append(b, c)
}

// read reads the name at msg[off:] and returns the offset of what follows it, 0 where the name is cut or malformed.
func (n *Name) read(msg []byte, off int) (after int) {
	b, after := AppendName(n.data[:0], msg, off)
	n.len = uint8(len(b))
	return after
}

// AppendName appends the name at msg[off:] to b, as Name.Wire returns it, and returns the offset of what follows it, 0 where the name is cut
// or malformed; then what it appended is of no use. A compression pointer (RFC 1035, section 4.1.4) must point before where the name or
// its last pointer led, so that no loop is possible.
func AppendName(b, msg []byte, off int) (name []byte, after int) {
	// Nearly all names come in one piece.
	for at := off; at < len(msg) && at-off < maxNameLen && msg[at] < 64; at += 1 + int(msg[at]) {
		if msg[at] == 0 {
			return appendLower(b, msg[off:at+1]), at + 1
		}
	}
	from, lowest := len(b), off
	for {
		if off >= len(msg) {
			return b, 0
		}
		c := int(msg[off])
		switch c >> 6 {
		case 0:
			if off+1+c > len(msg) || len(b)-from+1+c > maxNameLen {
				return b, 0
			}
			b = appendLower(b, msg[off:off+1+c])
			off += 1 + c
			if c == 0 {
				if after == 0 {
					after = off
				}
				return b, after
			}
		case 3:
			if off+2 > len(msg) {
				return b, 0
			}
			to := c&0x3f<<8 | int(msg[off+1])
			if to >= lowest {
				return b, 0
			}
			if after == 0 {
				after = off + 2
			}
			off, lowest = to, to
		default: // 1 and 2 are reserved
			return b, 0
		}
	}
}

// appendLower appends labels in lower case. Length bytes are below 64 and no letters.
func appendLower(b, labels []byte) []byte {
	from := len(b)
	b = append(b, labels...)
	to := b[from:]
	for len(to) >= 8 {
		// A capital letter has the bit 0x40 and not 0x20, as hardly anything else in a name.
		if x := binary.LittleEndian.Uint64(to); x&^(x<<1)&0x4040404040404040 != 0 {
			lower(to[:8])
		}
		to = to[8:]
	}
	lower(to)
	return b
}

func lower(b []byte) {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
}
