package decode_test

import (
	"testing"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// TestEncapSet holds that a set has room for every kind: a bit too few would lose the last one without a word.
func TestEncapSet(t *testing.T) {
	var all decode.EncapSet
	n := 0
	for k := range decode.EncapKind(decode.EncapKinds) {
		s := k.Set()
		if k == decode.EncapNone {
			if s != 0 {
				t.Errorf("the set of no encapsulation is %b", s)
			}
			continue
		}
		if s == 0 || !s.Has(k) || all&s != 0 {
			t.Errorf("the set of %s is %b, those before it are %b", k, s, all)
		}
		all |= s
		for only := range s.All() {
			if n++; only != k {
				t.Errorf("the set of %s holds %s", k, only)
			}
		}
	}
	if all != decode.AllEncaps || n != decode.EncapKinds-1 {
		t.Errorf("%d kinds make %b, not %b", n, all, decode.AllEncaps)
	}
}

// TestEncaps checks that each row of the table has all that other code needs.
func TestEncaps(t *testing.T) {
	words, ports := map[string]bool{"": true}, map[uint16]bool{}
	for k := range decode.AllEncaps.All() {
		if words[k.String()] || k.Name() == "" || k.Proto() == 0 {
			t.Errorf("kind %d: word %q, name %q, protocol %d", k, k, k.Name(), k.Proto())
		}
		words[k.String()] = true
		if (k.Proto() == wire.ProtoUDP) != (len(k.Ports()) > 0) {
			t.Errorf("%s: protocol %d with ports %v", k, k.Proto(), k.Ports())
		}
		for _, port := range k.Ports() {
			if ports[port] {
				t.Errorf("%s: port %d has a kind already", k, port)
			}
			ports[port] = true
		}
	}
}
