package redact

import "github.com/netsift/netsift/decode/wire"

// arpIPv4Len is the length of an ARP packet about IPv4 on Ethernet (RFC 826). Others keep what says so.
const arpIPv4Len = 28

func arp(w *rewrite) step {
	b := wire.ARP(w.rest())
	switch {
	case !b.Valid():
	case !b.IsIPv4():
		w.keep(wire.ARPLen)
	default:
		out := w.keep(arpIPv4Len)
		w.mac(out[8:])
		w.addr4(out[14:])
		w.mac(out[18:])
		w.addr4(out[24:])
	}
	return nil
}
