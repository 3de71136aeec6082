package redact

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// traces counts originals that are found in redacted frames.
type traces struct {
	k      *Key
	stacks *decode.Stacks
	d      *decode.Decoder
	v4, v6 map[netip.Addr]bool
	macs   map[[6]byte]bool
	// Counts of finds: addresses and payload by their place, and frames looked at.
	v4s, v6s, macsFound, payloads, frames int
	// checksums of IPv4 headers and whole segments that were right, and those that no longer are.
	sums, broken int
}

func (x *traces) address(a wire.Addr) {
	n := a.Netip()
	switch {
	case !n.IsValid() || x.k.Addr(n) == n:
	case n.Is4():
		x.v4[n] = true
	default:
		x.v6[n] = true
	}
}

func (x *traces) learn(link capture.LinkType, data []byte, length uint32) {
	var p, q decode.Packet
	x.d.Decode(&p, link, data, length)
	packets := []*decode.Packet{&p}
	if x.d.Quote(&p, data, &q) {
		packets = append(packets, &q)
	}
	for _, p := range packets {
		if p.Network == decode.NetIPv4 || p.Network == decode.NetIPv6 {
			x.address(p.Src)
			x.address(p.Dst)
		}
		for _, e := range x.stacks.Get(p.Stack).Encaps {
			x.address(e.Src)
			x.address(e.Dst)
		}
	}
	if link == capture.LinkEthernet && len(data) >= 12 {
		x.mac([6]byte(data))
		x.mac([6]byte(data[6:]))
	} else if p.MAC != 0 {
		x.mac([6]byte(binary.BigEndian.AppendUint64(nil, p.MAC)[2:]))
	}
}

func (x *traces) mac(mac [6]byte) {
	if x.k.MAC(mac) != mac {
		x.macs[mac] = true
	}
}

func (x *traces) look(data, out []byte) {
	x.frames++
	for i := range out {
		if b := out[i:]; len(b) >= 16 && x.v6[netip.AddrFrom16([16]byte(b))] {
			x.v6s++
		}
		if b := out[i:]; len(b) >= 6 && different(b[:6]) >= 4 && x.macs[[6]byte(b)] {
			x.macsFound++
		}
		if b := out[i:]; len(b) >= 4 && x.v4[netip.AddrFrom4([4]byte(b))] {
			x.v4s++
		}
		// Fewer than five different bytes are filling, or small numbers with zeros between.
		if b := out[i:]; len(b) >= 8 && different(b[:8]) >= 5 && bytes.Contains(data[len(out):], b[:8]) {
			x.payloads++
		}
	}
}

func different(b []byte) int {
	seen := map[byte]bool{}
	for _, x := range b {
		seen[x] = true
	}
	return len(seen)
}

// TestCaptures looks for originals in redacted captures of a folder.
func TestCaptures(t *testing.T) {
	folder := os.Getenv("NETSIFT_CAPTURES")
	if folder == "" {
		t.Skip("NETSIFT_CAPTURES names no folder of captures")
	}
	total := traces{}
	err := filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		file, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f := testFrames()
		s := decode.NewStacks()
		x := traces{
			k: f.rewrite.key, stacks: s, d: decode.New(testOptions, s),
			v4: map[netip.Addr]bool{}, v6: map[netip.Addr]bool{}, macs: map[[6]byte]bool{},
		}
		read(t, file, func(i capture.Interface, frame *capture.Frame, data []byte) { x.learn(i.Link, data, frame.Wire) })
		read(t, file, func(i capture.Interface, frame *capture.Frame, data []byte) {
			agree(t, f, i.Link, data, frame.Wire)
			out := f.Redact(i.Link, data, frame.Wire)
			x.look(data, out)
			whole := append(bytes.Clone(out), data[len(out):]...)
			for _, s := range f.rewrite.sums {
				if s.whole && s.over(data) == 0xffff && binary.BigEndian.Uint16(data[s.field:]) != 0 {
					if x.sums++; s.over(whole) != 0xffff {
						x.broken++
					}
				}
			}
		})
		if x.v6s+x.macsFound+x.v4s+x.payloads+x.broken > 0 {
			t.Logf("%s: of %d frames: %d IPv6 addresses, %d MAC addresses, %d IPv4 addresses, %d pieces of payload, %d of %d checksums broken",
				name, x.frames, x.v6s, x.macsFound, x.v4s, x.payloads, x.broken, x.sums)
		}
		total.frames += x.frames
		total.v6s += x.v6s
		total.macsFound += x.macsFound
		total.v4s += x.v4s
		total.payloads += x.payloads
		total.sums += x.sums
		total.broken += x.broken
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("in all: %d frames, %d checksums", total.frames, total.sums)
	// The others are found by accident, above all where a capture was damaged so that a header begins in another one:
	// check the log.
	if total.v6s+total.broken > 0 {
		t.Errorf("%d IPv6 addresses, %d broken checksums", total.v6s, total.broken)
	}
}
