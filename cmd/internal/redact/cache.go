package redact

import "net/netip"

// cacheLen is the number of addresses of one generation of an addrCache; with two of them it is some 7 MB at most.
const cacheLen = 1 << 15

// addrCache remembers what addresses became: an IPv6 address costs up to 125 AES blocks. It forgets the older half when
// it is full, so that a scan through all addresses costs time and not memory. The zero addrCache is empty.
type addrCache struct {
	young, old map[netip.Addr]netip.Addr
}

func (c *addrCache) get(a netip.Addr) (netip.Addr, bool) {
	if out, ok := c.young[a]; ok {
		return out, true
	}
	out, ok := c.old[a]
	if ok {
		c.put(a, out)
	}
	return out, ok
}

func (c *addrCache) put(a, out netip.Addr) {
	if c.young == nil || len(c.young) >= cacheLen {
		c.old, c.young = c.young, make(map[netip.Addr]netip.Addr)
	}
	c.young[a] = out
}

func (c *addrCache) len() int { return len(c.young) + len(c.old) }
