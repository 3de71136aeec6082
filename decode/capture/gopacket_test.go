package capture

import (
	"bytes"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"
)

// Another reader's opinion on what both can read. gopacket v1.1.19 can't read link types above 255 (LINUX_SLL2 is
// 276), the modified, old and Ixia variants, obsolete and simple packet blocks of a cut packet, sections of another
// link type (it stops with an error), an empty pcapng file; and it keeps times in a resolution of 2^-n to the second's
// nearest microsecond.
func TestAgainstGopacket(t *testing.T) {
	type reader interface {
		ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
	}
	openPcap := func(p []byte) (reader, error) { return pcapgo.NewReader(bytes.NewReader(p)) }
	openPcapng := func(p []byte) (reader, error) {
		return pcapgo.NewNgReader(bytes.NewReader(p), pcapgo.NgReaderOptions{WantMixedLinkType: true})
	}
	for _, row := range []struct {
		name string
		in   []byte
		open func([]byte) (reader, error)
	}{
		{"pcap little-endian", pcapFile(1000), openPcap},
		{"pcap big-endian", bigEndianPcap(1000), openPcap},
		{"pcap nanoseconds", join(fileHeader(le, magicNano, 2, 4, 100, 101), record(le, 1, 2, "abc"), recordOf(le, 3, 4, 5, 60, "abcde")), openPcap},
		{
			"pcapng", join(section(le), described(le, 1, 0, option(le, ifTsresol, []byte{9}), option(le, ifName, []byte("eth0"))), described(le, 101, 0),
				enhanced(le, 0, 1_700_000_000_123_456_789, "abc"), enhanced(le, 1, 1_700_000_000_123_456, "defgh", option(le, 1, []byte("comment"))), enhancedOf(le, 0, 5, 3, 60, "abc")),
			openPcapng,
		},
		{
			"pcapng sections", join(section(be), described(be, 1, 0), enhanced(be, 0, 5_000_000, "abc"), section(le), described(le, 1, 0), enhanced(le, 0, 6_000_000, "defgh")),
			openPcapng,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			theirs, err := row.open(row.in)
			if err != nil {
				t.Fatal(err)
			}
			ours := all(t, bytes.NewReader(row.in))
			if len(ours.Frames) == 0 || len(ours.Damage) > 0 {
				t.Fatalf("%d frames, damage %v", len(ours.Frames), ours.Damage)
			}
			for _, f := range ours.Frames {
				data, info, err := theirs.ReadPacketData()
				if err != nil {
					t.Fatalf("frame %d: %v", f.Number, err)
				}
				if string(data) != f.Data || info.Timestamp.UnixNano() != f.Time || info.CaptureLength != int(f.Cap) || info.Length != int(f.Wire) {
					t.Errorf("frame %d: %v %q, gopacket has %v %q", f.Number, f.Frame, f.Data, info, data)
				}
			}
			if _, _, err := theirs.ReadPacketData(); err == nil {
				t.Error("gopacket has more frames")
			}
		})
	}
}
