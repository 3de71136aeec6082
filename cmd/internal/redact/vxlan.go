package redact

import (
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// vxlan goes into what package decode takes for VXLAN; bySource is its weaker hypothesis. The network's number and the
// flags stay, policies in the reserved bits don't.
func (w *rewrite) vxlan(bySource bool) step {
	b := wire.VXLAN(w.rest())
	if len(b) == 0 || !b.HasVNI() {
		return nil
	}
	if !b.Valid() {
		if !bySource {
			w.keep(1)
		}
		return nil
	}
	if plain := b.Plain(); !plain || bySource {
		if bySource && !plain || !decode.PlausibleEthernet(b[wire.VXLANLen:]) {
			return nil
		}
	}
	if !w.enter() {
		return nil
	}
	out := w.keep(wire.VXLANLen)
	clear(out[1:4])
	out[7] = 0
	return ethernet
}
