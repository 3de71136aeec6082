package traffic

import "github.com/netsift/netsift/decode/wire"

// flood shows the SYNs that are due by now: they come in by the uplink for a NodePort of this node, and nothing answers.
func (g *generator) flood() {
	for g.truth.SYNs*g.Frames < g.SYNs*g.truth.Frames || g.truth.Frames == 0 && g.SYNs > 0 && g.truth.SYNs == 0 {
		g.truth.SYNs++
		n := uint32(g.truth.SYNs)
		b := append(g.frame[:0], 8, 0, 0, 0, 0, 0, 0, uplink, 0, 1, sllIn, 6, 2, 0, 0, 0, 0, 9, 0, 0)
		b = appendIPv4(b, 40, uint16(n), 0x4000, 50, wire.ProtoTCP, 0x0b000000+n*2654435761%(1<<26), here)
		b = be.AppendUint16(b, uint16(1024+n%60000))
		b = be.AppendUint16(b, 30080)
		b = be.AppendUint32(b, n*2246822519)
		b = append(b, 0, 0, 0, 0, 5<<4, byte(wire.SYN), 0xff, 0xff, 0, 0, 0, 0)
		g.frame = b
		g.write(0, b)
	}
}
