package wire

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// sctpOf is an SCTP packet with chunks in hexadecimal.
func sctpOf(chunks string) SCTP {
	b, err := hex.DecodeString(strings.Join(strings.Fields("8462 96cc 0badcafe deadbeef"+chunks), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// said is what the chunks of a packet say.
func said(b SCTP) string {
	var list []string
	for x := range b.Chunks() {
		s := x.Type().String()
		if tag, tsn, ok := x.Init(); ok && (x.Type() == SCTPInit || x.Type() == SCTPInitAck) {
			s += fmt.Sprintf(" tag %#x tsn %d", tag, tsn)
		} else if tsn, ok := x.TSN(); ok {
			s += fmt.Sprintf(" %d", tsn)
		}
		if x.Reflected() && (x.Type() == SCTPAbort || x.Type() == SCTPShutdownComplete) {
			s += " reflected"
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}

func TestSCTPChunks(t *testing.T) {
	for name, row := range map[string]struct{ chunks, want string }{
		"none":                {"", ""},
		"init":                {"01 00 0014 0badf00d 0001a000 000affff 00000007", "INIT tag 0xbadf00d tsn 7"},
		"init, parameters":    {"01 00 001c 0badf00d 0001a000 000affff 00000007 00050008 0af40105", "INIT tag 0xbadf00d tsn 7"},
		"init, cut":           {"01 00 0014 0badf00d 0001a000 000affff", "INIT 195948557"},
		"init-ack":            {"02 00 0014 00000001 0001a000 000affff ffffffff", "INIT-ACK tag 0x1 tsn 4294967295"},
		"cookie and data":     {"0a 00 0005 01 000000 00 02 0011 00000009 0000 0000 00000000 41 000000", "COOKIE-ECHO, DATA 9"},
		"sack and data":       {"03 00 0010 00000008 0001a000 00000000 00 03 0011 00000009 0000 0000 00000000 41", "SACK 8, DATA 9"},
		"heartbeat":           {"04 00 000c 0001 0008 00000000", "HEARTBEAT 65544"},
		"abort":               {"06 01 0004", "ABORT reflected"},
		"shutdown":            {"07 00 0008 0000002a", "SHUTDOWN 42"},
		"shutdown-ack":        {"08 00 0004", "SHUTDOWN-ACK"},
		"complete":            {"0e 00 0004", "SHUTDOWN-COMPLETE"},
		"i-data":              {"40 03 0015 00000009 0000 0000 00000000 00000000 41", "I-DATA 9"},
		"unknown":             {"c1 00 0008 00000001", " 1"},
		"length 0":            {"06 00 0000 06 00 0004", ""},
		"length 3":            {"0b 00 0004 06 00 0003", "COOKIE-ACK"},
		"longer than packet":  {"0a 00 ffff 01020304", "COOKIE-ECHO 16909060"},
		"header cut":          {"0b 00 0004 06 00 00", "COOKIE-ACK"},
		"padding is no chunk": {"0a 00 0006 0102", "COOKIE-ECHO"},
	} {
		if got := said(sctpOf(row.chunks)); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
	if got := said(SCTP{1, 2, 3}); got != "" {
		t.Errorf("a cut header has chunks: %q", got)
	}
	b := sctpOf("")
	if b.SrcPort() != 0x8462 || b.DstPort() != 0x96cc || b.Tag() != 0x0badcafe || !b.Valid() || b[:11].Valid() {
		t.Errorf("the common header reads %d %d %#x", b.SrcPort(), b.DstPort(), b.Tag())
	}
}

// FuzzSCTPChunks: chunks lie within the packet, one after the other, and none is without a header.
func FuzzSCTPChunks(f *testing.F) {
	f.Add([]byte(sctpOf("03 00 0010 00000008 0001a000 00000000 00 03 0011 00000009 0000 0000 00000000 41")))
	f.Add([]byte(sctpOf("01 00 0014 0badf00d 0001a000 000affff 00000007")))
	f.Fuzz(func(t *testing.T, data []byte) {
		at := SCTPLen
		for x := range SCTP(data).Chunks() {
			if len(x) < SCTPChunkLen || at+len(x) > len(data) || !bytes.Equal(x, data[at:at+len(x)]) {
				t.Fatalf("%d bytes of %x at %d: %x", len(x), data, at, x)
			}
			at += (len(x) + 3) &^ 3
			x.Init()
			x.TSN()
			x.Reflected()
			_ = x.Type().String()
		}
	})
}
