package wire

import (
	"encoding/binary"
	"net/netip"
)

// Addr is an IP address as a comparable value of 16 bytes without pointers, so that packets and tables of them are
// invisible to the garbage collector (netip.Addr holds one). An IPv4 address is kept in its IPv4-mapped form
// (RFC 4291, section 2.5.5.2). The zero Addr means "no address"; so does the unspecified address ::
// (section 2.5.2), which is the same value.
type Addr struct{ Hi, Lo uint64 }

const v4Mapped = 0xffff << 32

// Addr4 returns the IPv4 address whose network-order bytes, read big-endian, are v.
func Addr4(v uint32) Addr { return Addr{Lo: v4Mapped | uint64(v)} }

// Addr6 returns the IPv6 address in the first 16 bytes of b.
func Addr6(b []byte) Addr {
	return Addr{Hi: binary.BigEndian.Uint64(b[:8]), Lo: binary.BigEndian.Uint64(b[8:16])}
}

// AddrFrom returns a as an Addr; the zone of an IPv6 address is dropped.
func AddrFrom(a netip.Addr) Addr {
	if !a.IsValid() {
		return Addr{}
	}
	b := a.As16()
	return Addr6(b[:])
}

// Is4 reports whether a is an IPv4 address.
func (a Addr) Is4() bool { return a.Hi == 0 && a.Lo>>32 == 0xffff }

// IsZero reports whether a is the zero Addr.
func (a Addr) IsZero() bool { return a == Addr{} }

// Netip returns a as a netip.Addr, IPv4-mapped addresses as plain IPv4; invalid for the zero Addr.
func (a Addr) Netip() netip.Addr {
	if a.IsZero() {
		return netip.Addr{}
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], a.Hi)
	binary.BigEndian.PutUint64(b[8:], a.Lo)
	return netip.AddrFrom16(b).Unmap()
}

// Less orders addresses bytewise.
func (a Addr) Less(b Addr) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }
