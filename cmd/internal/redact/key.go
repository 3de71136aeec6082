package redact

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
)

// Key replaces what identifies a network, consistently, and irreversibly without the secret. It is not for use by
// several goroutines.
//
// Addresses stay in their class (private, shared, public, unique local, link-local), and the prefix of a class stays.
// Below it prefixes are preserved: any two addresses of a class have as many bits in common afterwards as before. For
// public IPv4 addresses that holds where they have 16 bits or more in common, or none of both is affected by this: one
// that would become private is replaced once more, until it is public (cycle walking, Black and Rogaway, 2002), so that
// it is still one to one. A private block has at least 2^16 addresses; those that share 16 bits walk together.
type Key struct {
	v4, v6 *pan
	link   cipher.Block
	names  []byte
	cache  addrCache
}

// NewKey returns the Key of a secret, which should be 32 random bytes, made for one report and then forgotten.
func NewKey(secret []byte) *Key {
	link, err := aes.NewCipher(derive(secret, "link-layer address"))
	if err != nil {
		panic(err) // of the key's length only
	}
	return &Key{
		v4:    newPAN([panKeyLen]byte(derive(secret, "IPv4"))),
		v6:    newPAN([panKeyLen]byte(derive(secret, "IPv6"))),
		link:  link,
		names: derive(secret, "name"),
	}
}

// derive returns the 32 bytes of a secret that are for one purpose, so that none tells about another.
func derive(secret []byte, purpose string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("netsift redact " + purpose))
	return h.Sum(nil)
}

// Addr returns what stands for an address. IPv4 in IPv6's mapped form becomes plain IPv4; a zone, which is the name of an
// interface, is dropped.
func (k *Key) Addr(a netip.Addr) netip.Addr {
	if !a.IsValid() {
		return a
	}
	a = a.Unmap().WithZone("")
	c := classOf(a)
	if c.last == 0 && c != eui64 {
		return a
	}
	if out, ok := k.cache.get(a); ok {
		return out
	}
	out := k.permute(a, c)
	for classOf(out) != c {
		out = k.permute(out, c)
	}
	k.cache.put(a, out)
	return out
}

// permute is one to one among all addresses that share the prefix of class c, of which not all need be of that class.
func (k *Key) permute(a netip.Addr, c class) netip.Addr {
	switch {
	case c == eui64:
		return netip.AddrFrom16(k.eui64(a.As16()))
	case a.Is4():
		var b [16]byte
		*(*[4]byte)(b[:]) = a.As4()
		b = k.v4.permute(b, c.first, c.last)
		return netip.AddrFrom4([4]byte(b[:4]))
	}
	return netip.AddrFrom16(k.v6.permute(a.As16(), c.first, c.last))
}

// AddrPort returns what stands for an address, with the port as it is. The zero AddrPort stays.
func (k *Key) AddrPort(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(k.Addr(a.Addr()), a.Port())
}

// Prefix returns what stands for a subnet: the one that holds what its addresses became, as far as they are of one class.
func (k *Key) Prefix(p netip.Prefix) netip.Prefix {
	if !p.IsValid() {
		return p
	}
	a, bits := p.Masked().Addr(), p.Bits()
	if a.Is4In6() {
		bits -= 96
	}
	return netip.PrefixFrom(k.Addr(a), bits).Masked()
}
