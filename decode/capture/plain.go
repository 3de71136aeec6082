package capture

import "io"

// Unpack returns what r holds without its compression: gzip or zstd, told by content, as captures are. closing ends the
// unpacking; r stays open.
func Unpack(r io.Reader) (plain io.Reader, closing func(), err error) {
	s, err := open(r)
	if err != nil {
		return nil, nil, err
	}
	return s, s.close, nil
}

// Is reports whether a file that begins with head is a capture, or its facts.
func Is(head []byte) bool { return len(head) >= 4 && magic(head) || isFacts(head) }
