package capture

import (
	"bytes"
	"errors"
	"fmt"
)

// Errors of NewReader. Each says what is wrong with the input as a whole; test for them with errors.Is, the error
// itself says more.
var (
	// ErrEmpty says that there is not a single byte.
	ErrEmpty = errors.New("the file is empty: the capture was never written, or the program that wrote it still buffers (tcpdump -U does not)")
	// ErrNotCapture says that the first bytes are those of no capture format that is read here.
	ErrNotCapture = errors.New("not a pcap or pcapng capture")
	// ErrHeaderCut says that the file begins as a capture and ends before its header does.
	ErrHeaderCut = errors.New("the file ends inside the header of the capture: no packet was written")
	// ErrCompression says that the input is compressed in a way that is not read here.
	ErrCompression = errors.New("unsupported compression")
	// ErrUnpack says that the input is compressed and not even its first bytes can be unpacked.
	ErrUnpack = errors.New("the compressed file can't be unpacked")
)

// known tells formats that people mistake for readable captures, so that the error can say what to do.
var known = []struct {
	magic string
	err   error
	hint  string
}{
	{"BZh", ErrCompression, "bzip2; unpack it first: bzip2 -dc FILE | netsift analyze -"},
	{"\xfd7zXZ\x00", ErrCompression, "xz; unpack it first: xz -dc FILE | netsift analyze -"},
	{"\x04\x22\x4d\x18", ErrCompression, "lz4; unpack it first: lz4 -dc FILE | netsift analyze -"},
	{"\x89LZO\x00", ErrCompression, "lzop; unpack it first: lzop -dc FILE | netsift analyze -"},
	{"\x1f\x9d", ErrCompression, "compress (.Z); unpack it first: gzip -dc FILE | netsift analyze -"},
	{"PK\x03\x04", ErrCompression, "a zip archive; unpack it and give the captures in it"},
	{"7z\xbc\xaf\x27\x1c", ErrCompression, "a 7-Zip archive; unpack it and give the captures in it"},
	{"snoop\x00\x00\x00", ErrNotCapture, "a snoop capture; convert it first: editcap -F pcapng FILE OUT.pcapng"},
	{"GMBU", ErrNotCapture, "a Network Monitor capture; convert it first: editcap -F pcapng FILE OUT.pcapng"},
	{"RTSS", ErrNotCapture, "a Network Monitor capture; convert it first: editcap -F pcapng FILE OUT.pcapng"},
	{"\x7fELF", ErrNotCapture, "a program; give the file that tcpdump -w wrote"},
	{"<?xml", ErrNotCapture, "XML; give the capture itself, not an export of it"},
}

// notCapture explains why nothing can be read of a file that begins with head.
func notCapture(head []byte) error {
	for _, k := range known {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return fmt.Errorf("%w: this is %s", k.err, k.hint)
		}
	}
	if text(head) {
		return fmt.Errorf("%w: it begins with the text %q; give the file that tcpdump -w wrote, not what tcpdump prints", ErrNotCapture, head)
	}
	return fmt.Errorf("%w: it begins with the bytes % x; give the file that tcpdump -w wrote", ErrNotCapture, head)
}

func text(p []byte) bool {
	for _, c := range p {
		if c >= 0x7f || c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return len(p) > 0
}
