package redact

import (
	"net/netip"
	"testing"
)

func BenchmarkRedact(b *testing.B) {
	f := testFrames()
	all := examples()
	for i := range b.N {
		e := &all[i%len(all)]
		f.Redact(e.link, e.data, uint32(len(e.data)))
	}
}

func BenchmarkAddr(b *testing.B) {
	k := testKey(1)
	for i := range b.N {
		a := [16]byte{0xfd, 14: byte(i >> 8), 15: byte(i)}
		k.permute(netip.AddrFrom16(a), classOf(netip.AddrFrom16(a)))
	}
}
