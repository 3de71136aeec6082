package redact

// isEUI64 reports whether the last 64 bits of an address were made of a MAC address (RFC 4291, appendix A).
func isEUI64(a [16]byte) bool { return a[11] == 0xff && a[12] == 0xfe }

// eui64 returns the address of the same prefix that the redacted MAC address makes, so that an address and its
// interface still belong together.
func (k *Key) eui64(a [16]byte) [16]byte {
	mac := k.MAC([6]byte{a[8] ^ 2, a[9], a[10], a[13], a[14], a[15]}) // the local bit is inverted
	a[8], a[9], a[10] = mac[0]^2, mac[1], mac[2]
	a[13], a[14], a[15] = mac[3], mac[4], mac[5]
	return a
}
