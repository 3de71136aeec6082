package trace

import (
	"encoding/binary"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// FuzzBuild makes walks of arbitrary sightings: in any capture, every transmission arrived, was lost, or has an
// unknown fate.
func FuzzBuild(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef0123456789abcdef"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewRecorder()
		for n := uint64(1); len(b) >= 16 && n < 400; n++ {
			p := decode.Packet{
				Frame: n, Time: int64(binary.LittleEndian.Uint16(b)) * milli, Interface: uint32(b[2] & 7), Hardware: uint16(b[2] >> 7),
				Direction: decode.Direction(b[3] % 3), TTL: b[4], Proto: wire.ProtoTCP, Network: decode.NetIPv4,
				Src: wire.Addr4(uint32(b[5] & 3)), Dst: wire.Addr4(uint32(b[5] >> 6)), Has: decode.HasPorts | decode.Has(b[6])&(decode.HasTCP|decode.HasTimestamps),
				Seq: uint32(b[7]) << 24, PayloadLen: uint32(b[8]) << (b[9] & 31), Flags: wire.TCPFlags(b[10]), IPID: uint32(b[11]), TSVal: uint32(b[12]),
				IPLen: uint32(b[13]) << 8, OuterIPLen: uint32(b[13])<<8 + 50,
			}
			x := join.Sighting{
				Packet: &p, Key: uint32(b[14]), Flow: fact.Direction(b[15] & 1), Repeat: sight.Repeat(b[15] >> 1 & 7),
				Origin: sight.Origin{Capture: uint16(b[15] >> 4 & 1), Node: uint16(b[15] >> 5 & 1), Mixed: b[15]>>6&1 == 1},
			}
			if b[15]>>7 == 1 {
				x.Tunnel, x.Encaps = 1, []decode.Encap{{Kind: decode.Encap4in4, Src: p.Src, Dst: p.Dst}}
			}
			r.See(&x)
			b = b[16:]
		}
		walk := Build(connection(), facts(), r)
		for i := range walk.Ways {
			w := &walk.Ways[i]
			if w.Arrived+w.Lost+w.Unknown != w.Packets || w.Arrived < 0 || w.Lost < 0 {
				t.Errorf("%d arrived, %d lost, %d unknown of %d", w.Arrived, w.Lost, w.Unknown, w.Packets)
			}
			if (len(w.Hops) == 0) != (w.End == fact.EndUnseen) {
				t.Errorf("%d hops, end %v", len(w.Hops), w.End)
			}
		}
	})
}
