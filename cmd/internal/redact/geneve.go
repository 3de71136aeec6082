package redact

import (
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// geneve goes into what package decode takes for Geneve; bySource is its weaker hypothesis. Options are
// blanked, because vendors put addresses and identities of pods there; their space stays.
func (w *rewrite) geneve(bySource bool) step {
	b := wire.Geneve(w.rest())
	if !b.Valid() {
		if len(b) > 0 && b.Version() == 0 && !bySource {
			w.keep(1)
		}
		return nil
	}
	n := b.HeaderLen()
	if b.Version() != 0 || b.Protocol() < wire.MinEtherType {
		return nil
	}
	if bySource && (len(b) < n || b.Protocol() != wire.EtherTypeBridging || !decode.PlausibleEthernet(b[n:])) {
		return nil
	}
	if !w.enter() {
		return nil
	}
	w.keep(wire.GeneveLen)[7] = 0 // reserved
	if len(b) < n {
		return nil
	}
	w.blank(n - wire.GeneveLen) // options of length 0, class 0 (RFC 8926, section 3.5)
	w.etherType = b.Protocol()
	return byEtherType
}
