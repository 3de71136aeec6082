package decode_test

import (
	"testing"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/wire"
)

// A port given to two kinds stays with the first.
func TestTunnelPortOfTwo(t *testing.T) {
	ports := decode.NewTunnelPorts(decode.Options{Ports: map[decode.EncapKind][]uint16{
		decode.EncapVXLAN: {6081, 7777}, decode.EncapGeneve: {4789, 7777},
	}})
	for port, want := range map[uint16]decode.EncapKind{
		4789: decode.EncapVXLAN, 6081: decode.EncapVXLAN, 7777: decode.EncapVXLAN, 53: decode.EncapNone, wire.WireGuardPort: decode.EncapNone,
	} {
		if got := ports.Kind(port); got != want {
			t.Errorf("port %d is of %q, want %q", port, got, want)
		}
	}
}
