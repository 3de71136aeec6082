package capture

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const second = int64(1_000_000_000)

// formats has each form of file that is read, undamaged.
var formats = []struct {
	name   string
	in     []byte
	format string
	// whole says that the form shows only in several records, so that nothing can be told from a pipe.
	whole      bool
	frames     []seen
	interfaces []Interface
}{
	{
		name: "pcap little-endian microseconds", format: "pcap",
		in:         join(fileHeader(le, magicMicro, 2, 4, 65535, 1), record(le, 1700000000, 123456, "abc"), record(le, 1700000001, 0, "defg")),
		frames:     []seen{frame(1, 1700000000*second+123456000, "abc"), frame(2, 1700000001*second, "defg")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap big-endian nanoseconds", format: "pcap",
		in:         join(fileHeader(be, magicNano, 2, 4, 65535, 276), record(be, 1700000000, 123456789, "abc")),
		frames:     []seen{frame(1, 1700000000*second+123456789, "abc")},
		interfaces: []Interface{{Link: LinkLinuxSLL2, Snaplen: 65535, Digits: 9, Dropped: -1}},
	},
	{
		name: "pcap link type with frame check sequence bits", format: "pcap",
		in:         join(fileHeader(le, magicMicro, 2, 4, 0, 0x24000001), record(le, 1, 0, "abc")),
		frames:     []seen{frame(1, second, "abc")},
		interfaces: []Interface{{Link: LinkEthernet, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap time after 2038 is unsigned", format: "pcap",
		in:         join(fileHeader(le, magicMicro, 2, 4, 0, 1), record(le, math.MaxUint32, 0, "abc")),
		frames:     []seen{frame(1, math.MaxUint32*second, "abc")},
		interfaces: []Interface{{Link: LinkEthernet, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap cut packet", format: "pcap",
		in:         join(fileHeader(le, magicMicro, 2, 4, 3, 1), recordOf(le, 1, 0, 3, 1500, "abc")),
		frames:     []seen{cut(frame(1, second, "abc"), 1500)},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 3, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap more captured than on the wire is read as Wireshark does", format: "pcap",
		in:         join(fileHeader(le, magicMicro, 2, 4, 65535, 1), recordOf(le, 1, 0, 3, 2, "abc"), record(le, 1, 0, "d")),
		frames:     []seen{cut(frame(1, second, "abc"), 2), frame(2, second, "d")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap empty packet", format: "pcap",
		in:         join(fileHeader(le, magicMicro, 2, 4, 65535, 1), recordOf(le, 1, 0, 0, 60, ""), record(le, 1, 0, "d")),
		frames:     []seen{cut(frame(1, second, ""), 60), frame(2, second, "d")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap without packets", format: "pcap",
		in:         fileHeader(le, magicMicro, 2, 4, 65535, 1),
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap 2.2 has the lengths swapped", format: "pcap",
		in:         join(fileHeader(be, magicMicro, 2, 2, 65535, 1), recordOf(be, 1, 0, 60, 3, "abc"), recordOf(be, 2, 0, 60, 2, "de")),
		frames:     []seen{cut(frame(1, second, "abc"), 60), cut(frame(2, 2*second, "de"), 60)},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap 2.3 has them either way", format: "pcap",
		in:         join(fileHeader(le, magicMicro, 2, 3, 65535, 1), recordOf(le, 1, 0, 60, 3, "abc"), recordOf(le, 2, 0, 2, 60, "de")),
		frames:     []seen{cut(frame(1, second, "abc"), 60), cut(frame(2, 2*second, "de"), 60)},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap of AIX has interface types and nanoseconds", format: "pcap",
		in:         join(fileHeader(be, magicMicro, 2, 2, 65535, 6), recordOf(be, 1, 5, 3, 3, "abc")),
		frames:     []seen{frame(1, second+5, "abc")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 9, Dropped: -1}},
	},
	{
		name: "pcap modified, 24-byte record headers", format: "pcap",
		in:         join(fileHeader(le, magicModified, 2, 4, 65535, 1), patchedRecord("abc", 8), patchedRecord("de", 8)),
		frames:     []seen{frame(1, second, "abc"), frame(2, second, "de")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap modified, 28-byte record headers", format: "pcap",
		in:         join(fileHeader(le, magicModified, 2, 4, 65535, 1), patchedRecord("abc", 12), patchedRecord("de", 12)),
		frames:     []seen{frame(1, second, "abc"), frame(2, second, "de")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap of Red Hat 6.1, 24-byte record headers and the standard magic number", format: "pcap", whole: true,
		in:         join(fileHeader(le, magicMicro, 2, 4, 65535, 1), patchedRecord("abc", 8), patchedRecord("de", 8)),
		frames:     []seen{frame(1, second, "abc"), frame(2, second, "de")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap of Nokia, 20-byte record headers", format: "pcap", whole: true,
		in: join(fileHeader(le, magicMicro, 2, 4, 65535, 1),
			recordOf(le, 1, 0, 30, 30, ""), le.AppendUint32(nil, 0x9fbfb601), bytes.Repeat([]byte("x"), 30),
			recordOf(le, 1, 0, 2, 2, ""), le.AppendUint32(nil, 0xbfbfd902), []byte("de")),
		frames:     []seen{frame(1, second, strings.Repeat("x", 30)), frame(2, second, "de")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1}},
	},
	{
		// What ends early has fewer records to be odd in: as Nokia's it has 7 odd things in 2 records, 8 in 3 as standard.
		name: "pcap of which every record is odd", format: "pcap", whole: true,
		in: join(fileHeader(le, magicMicro, 2, 4, 48, 1),
			recordOf(le, 1, odd, 48, odd, strings.Repeat("0", 48)), recordOf(le, 2, odd, 54, odd, strings.Repeat("0", 54)), recordOf(le, 3, odd, 60, odd, strings.Repeat("0", 60))),
		frames: []seen{
			cut(frame(1, second+odd*1000, strings.Repeat("0", 48)), odd), cut(frame(2, 2*second+odd*1000, strings.Repeat("0", 54)), odd),
			cut(frame(3, 3*second+odd*1000, strings.Repeat("0", 60)), odd),
		},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 48, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcap of Ixia, 28-byte file header", format: "pcap",
		in:         join(fileHeader(le, magicIxiaNano, 2, 4, 65535, 1), make([]byte, 4), record(le, 1, 5, "abc")),
		frames:     []seen{frame(1, second+5, "abc")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 65535, Digits: 9, Dropped: -1}},
	},
	{
		name: "pcap files one after the other", format: "pcap",
		in: join(fileHeader(le, magicMicro, 2, 4, 65535, 1), record(le, 1, 0, "abc"),
			fileHeader(le, magicMicro, 2, 4, 65535, 1), record(le, 2, 0, "de"),
			fileHeader(be, magicNano, 2, 4, 96, 276), record(be, 3, 1, "f"),
			fileHeader(le, magicMicro, 2, 4, 65535, 1), record(le, 4, 0, "g"),
			section(le), described(le, 101, 0), enhanced(le, 0, 5_000_000, "h"),
			fileHeader(le, magicMicro, 2, 4, 65535, 1), record(le, 6, 0, "i")),
		frames: []seen{
			frame(1, second, "abc"), frame(2, 2*second, "de"), on(1, frame(3, 3*second+1, "f")), frame(4, 4*second, "g"),
			on(2, frame(5, 5*second, "h")), frame(6, 6*second, "i"),
		},
		interfaces: []Interface{
			{Link: LinkEthernet, Snaplen: 65535, Digits: 6, Dropped: -1},
			{Link: LinkLinuxSLL2, Snaplen: 96, Digits: 9, Dropped: -1},
			{Link: LinkRaw, Digits: 6, Dropped: -1},
		},
	},
	{
		name: "pcapng little-endian", format: "pcapng",
		in:         join(section(le), described(le, 1, 262144), enhanced(le, 0, 1_700_000_000_123_456, "abc"), enhanced(le, 0, 1_700_000_000_123_457, "defg")),
		frames:     []seen{frame(1, 1700000000*second+123456000, "abc"), frame(2, 1700000000*second+123457000, "defg")},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 262144, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcapng big-endian, several interfaces, names, resolutions, counters", format: "pcapng",
		in: join(section(be, option(be, 1, []byte("a comment"))),
			described(be, 1, 262144, option(be, ifName, []byte("eth0")), option(be, ifTsresol, []byte{9}), option(be, 0, nil)),
			described(be, 276, 96, option(be, ifName, []byte("any\x00")), option(be, ifTsresol, []byte{0x80 | 10}), option(be, ifTsoffset, be.AppendUint64(nil, 100))),
			enhanced(be, 1, 5<<10|512, "abc", option(be, 1, []byte("a comment")), option(be, 2, []byte{0, 0, 0, 1}), option(be, 0, nil)),
			enhanced(be, 0, 7_000_000_001, "de"),
			block(be, blockISB, be.AppendUint32(nil, 0), make([]byte, 8), option(be, isbIfrecv, be.AppendUint64(nil, 10)), option(be, isbIfdrop, be.AppendUint64(nil, 3)), option(be, 0, nil)),
			block(be, blockISB, be.AppendUint32(nil, 0), make([]byte, 8), option(be, isbIfrecv, be.AppendUint64(nil, 20)), option(be, isbIfdrop, be.AppendUint64(nil, 4)), option(be, isbOsdrop, be.AppendUint64(nil, 5)))),
		frames: []seen{on(1, frame(1, 105*second+second/2, "abc")), frame(2, 7*second+1, "de")},
		interfaces: []Interface{
			{Link: LinkEthernet, Name: "eth0", Snaplen: 262144, Digits: 9, Received: 20, Dropped: 9},
			{Link: LinkLinuxSLL2, Name: "any", Snaplen: 96, Digits: 4, Dropped: -1},
		},
	},
	{
		name: "pcapng sections of both byte orders count their interfaces anew", format: "pcapng",
		in: join(section(le), described(le, 1, 0), described(le, 101, 0), enhanced(le, 1, 1_000_000, "abc"),
			section(be), described(be, 113, 0), enhanced(be, 0, 2_000_000, "de"),
			section(le), described(le, 1, 0), enhanced(le, 0, 3_000_000, "f")),
		frames: []seen{on(1, frame(1, second, "abc")), on(2, frame(2, 2*second, "de")), on(3, frame(3, 3*second, "f"))},
		interfaces: []Interface{
			{Link: LinkEthernet, Digits: 6, Dropped: -1},
			{Link: LinkRaw, Digits: 6, Dropped: -1},
			{Link: LinkLinuxSLL, Digits: 6, Section: 1, Dropped: -1},
			{Link: LinkEthernet, Digits: 6, Section: 2, Dropped: -1},
		},
	},
	{
		name: "pcapng simple packets have no time and are cut by the snaplen", format: "pcapng",
		in:         join(section(le), described(le, 1, 5), simple(le, 3, "abc"), simple(le, 100, "abcdefgh")),
		frames:     []seen{frame(1, 0, "abc"), cut(frame(2, 0, "abcde"), 100)},
		interfaces: []Interface{{Link: LinkEthernet, Snaplen: 5, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcapng obsolete packets", format: "pcapng",
		in: join(section(le), described(le, 1, 0), described(le, 1, 0),
			block(le, blockPacket, le.AppendUint16(nil, 1), le.AppendUint16(nil, 7), make([]byte, 4), le.AppendUint32(nil, 1_000_000), le.AppendUint32(nil, 3), le.AppendUint32(nil, 60), []byte("abc"))),
		frames:     []seen{cut(on(1, frame(1, second, "abc")), 60)},
		interfaces: []Interface{{Link: LinkEthernet, Digits: 6, Dropped: -1}, {Link: LinkEthernet, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcapng unknown blocks are skipped, those that Wireshark numbers are numbered", format: "pcapng",
		in: join(section(le), block(le, 0x12345678, bytes.Repeat([]byte{1}, 1000)), described(le, 1, 0), block(le, 10, []byte("a secret")),
			enhanced(le, 0, 0, "abc"), block(le, blockJournal, []byte("MESSAGE=hello")), block(le, blockCustom, make([]byte, 8)), enhanced(le, 0, 0, "de")),
		frames:     []seen{frame(1, 0, "abc"), frame(4, 0, "de")},
		interfaces: []Interface{{Link: LinkEthernet, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcapng block length without its padding", format: "pcapng",
		in:         join(section(le), described(le, 1, 0), unpadded(enhanced(le, 0, 0, "abc")), enhanced(le, 0, 0, "de")),
		frames:     []seen{frame(1, 0, "abc"), frame(2, 0, "de")},
		interfaces: []Interface{{Link: LinkEthernet, Digits: 6, Dropped: -1}},
	},
	{
		name: "pcapng without packets", format: "pcapng",
		in:         join(section(le), described(le, 1, 0)),
		interfaces: []Interface{{Link: LinkEthernet, Digits: 6, Dropped: -1}},
	},
}

// odd is a number that is neither a fraction of a second nor a length.
const odd = 0x30303030

// frame is a frame that was captured whole.
func frame(number uint64, time int64, data string) seen {
	return seen{Frame{Number: number, Time: time, Cap: uint32(len(data)), Wire: uint32(len(data))}, data}
}

func cut(s seen, wire uint32) seen {
	s.Wire = wire
	return s
}

func on(iface uint32, s seen) seen {
	s.Interface = iface
	return s
}

// patchedRecord has an interface, a protocol and a packet type in its header, and more up to extra bytes.
func patchedRecord(data string, extra int) []byte {
	x := le.AppendUint32(nil, 2)
	x = le.AppendUint16(x, 0x800)
	x = append(x, 4, 0, 0, 0, 0, 0)
	return join(record(le, 1, 0, data)[:recordHeader], x[:extra], []byte(data))
}

// unpadded takes the padding of one byte out of both lengths of a block.
func unpadded(p []byte) []byte {
	p = flip(p, 4, uint32(len(p))-1)
	return flip(p, len(p)-4, uint32(len(p))-1)
}

func TestFormats(t *testing.T) {
	for _, row := range formats {
		t.Run(row.name, func(t *testing.T) {
			want := result{Format: row.format, Frames: row.frames, Interfaces: row.interfaces}
			got := all(t, bytes.NewReader(row.in))
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateErrors()); d != "" {
				t.Error(d)
			}
			if row.whole {
				return
			}
			got = all(t, iotest.OneByteReader(bytes.NewReader(row.in)))
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateErrors()); d != "" {
				t.Error("byte by byte:", d)
			}
		})
	}
}

func TestClock(t *testing.T) {
	for _, row := range []struct {
		resolution byte
		offset     int64
		ticks      uint64
		want       int64
		digits     int
	}{
		{6, 0, 1_700_000_000_123_456, 1_700_000_000_123_456_000, 6},
		{9, 0, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789, 9},
		{0, 0, 1_700_000_000, 1_700_000_000_000_000_000, 0},
		{3, -1, 1500, second / 2, 3},
		{12, 0, 1_500_000_000_999, second*3/2 + 0, 9},
		{19, 0, 15_000_000_000_000_000_000, second * 3 / 2, 9},
		{20, 0, math.MaxUint64, 184_467_440, 9},
		{127, 0, math.MaxUint64, 0, 9},
		{0x80, 0, 5, 5 * second, 0},
		{0x80 | 32, 0, 1<<32 + 1<<31, second * 3 / 2, 9},
		{0x80 | 63, 0, 1<<63 | 1<<62, second * 3 / 2, 9},
		{0x80 | 64, 0, 1 << 63, second / 2, 9},
		{0x80 | 127, 0, math.MaxUint64, 0, 9},
		{0, 0, math.MaxUint64, math.MaxInt64, 0},
		{6, math.MaxInt64, 0, math.MaxInt64, 6},
		{6, math.MinInt64, 0, math.MinInt64, 6},
		{6, 0, math.MaxUint64, math.MaxInt64, 6},
		{9, 0, math.MaxInt64, math.MaxInt64, 9},
	} {
		t.Run(fmt.Sprintf("%#x/%d/%d", row.resolution, row.offset, row.ticks), func(t *testing.T) {
			c := newClock(row.resolution, row.offset)
			if got := c.time(row.ticks); got != row.want {
				t.Errorf("time %d, want %d", got, row.want)
			}
			if got := c.digits(); got != row.digits {
				t.Errorf("%d digits, want %d", got, row.digits)
			}
		})
	}
}

func TestNoCapture(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, row := range []struct {
		name string
		in   string
		want error
		says string
	}{
		{"empty", "", ErrEmpty, "empty"},
		{"half a magic number", "\xd4\xc3", ErrNotCapture, "d4 c3"},
		{"half a pcap header", string(pcapFile(0)[:23]), ErrHeaderCut, "no packet"},
		{"half a pcapng header", string(section(le)[:20]), ErrHeaderCut, "no packet"},
		{"zeros", strings.Repeat("\x00", 100), ErrNotCapture, "00 00"},
		{"pcapng without byte-order magic", "\n\r\r\n" + strings.Repeat("\x00", 100), ErrNotCapture, "0a 0d"},
		{"what tcpdump prints", "12:00:00.000000 IP 10.0.0.1 > 10.0.0.2", ErrNotCapture, "tcpdump -w"},
		{"snoop", "snoop\x00\x00\x00\x00\x00\x00\x02", ErrNotCapture, "editcap"},
		{"bzip2", "BZh91AY&SY", ErrCompression, "bzip2 -dc"},
		{"xz", "\xfd7zXZ\x00\x00\x00", ErrCompression, "xz -dc"},
		{"gzip of nothing", string(zipped(nil)), ErrEmpty, "empty"},
		{"gzip of text", string(zipped([]byte("hello, world"))), ErrNotCapture, "hello"},
		{"gzip cut in its header", string(zipped(pcapFile(1))[:5]), ErrUnpack, "ends early"},
		{"gzip cut in the capture's header", string(zipped(pcapFile(1))[:12]), ErrUnpack, "ends early"},
		{"three times compressed", string(zipped(zipped(zipped(pcapFile(1))))), ErrCompression, "2 times"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, r := range []struct {
				name string
				wrap func() result
			}{
				{"at once", func() result { return all(t, strings.NewReader(row.in)) }},
				{"byte by byte", func() result { return all(t, iotest.OneByteReader(strings.NewReader(row.in))) }},
			} {
				got := r.wrap()
				if !errors.Is(got.Err, row.want) || !strings.Contains(fmt.Sprint(got.Err), row.says) {
					t.Errorf("%s: error %q, want %q that says %q", r.name, got.Err, row.want, row.says)
				}
			}
		})
	}
	if got := all(t, iotest.ErrReader(broken)); !errors.Is(got.Err, broken) {
		t.Errorf("error %q, want the reader's own", got.Err)
	}
}
