package redact

import "net/netip"

// class is what an address is for. A redacted address is of the class of its original, because what a packet means
// depends on it: masquerade is between private and public, and an answer from a public address is none from a pod.
type class struct {
	name string
	// The bits of an address from first to last, exclusive, are replaced; none are where both are 0.
	first, last int
}

// block is a range of addresses that is a class.
type block struct {
	prefix netip.Prefix
	class
}

func keep(prefix string) block {
	return block{netip.MustParsePrefix(prefix), class{name: prefix}}
}

func within(prefix string, last int) block {
	p := netip.MustParsePrefix(prefix)
	return block{p, class{prefix, p.Bits(), last}}
}

// unicastGroup keeps a group's scope, which is in the second byte, and its id.
func unicastGroup(prefix string) block {
	return block{netip.MustParsePrefix(prefix), class{prefix, 16, 96}}
}

// The first block that holds an address is its class (RFC 6890 and the registries that it began). No block is smaller
// than 2^16 addresses, except for single ones, which is why prefixes of IPv4 are preserved exactly from 16 bits on: see Key.
var blocks4 = []block{
	keep("0.0.0.0/8"),
	keep("127.0.0.0/8"),
	keep("169.254.0.0/16"), // chosen at random, or for all nodes of all clusters: node-local DNS, metadata, Calico's gateway
	keep("224.0.0.0/4"),
	keep("255.255.255.255/32"),
	within("10.0.0.0/8", 32),
	within("172.16.0.0/12", 32),
	within("192.168.0.0/16", 32),
	within("100.64.0.0/10", 32),
	within("240.0.0.0/4", 32), // reserved, and used for pods where private addresses have run out
	within("0.0.0.0/0", 32),
}

var blocks6 = []block{
	keep("::/128"),
	keep("::1/128"),
	keep("::ffff:0:0/96"), // is IPv4 when it comes in, so nothing may become it
	within("2000::/3", 128),
	within("fc00::/8", 128),
	within("fd00::/8", 128),
	within("fe80::/64", 128),
	within("fe80::/10", 128), // 54 bits that should be zero (RFC 4291, section 2.5.6) and are not
	// A solicited-node group is the last 24 bits of a unicast address (RFC 4291, section 2.7.1). They are replaced without the
	// others, so that it is no longer the group of what that address becomes.
	within("ff02::1:ff00:0/104", 128),
	// Groups with the P flag contain a unicast prefix, or a router's address (RFC 3306; RFC 3956). Their last 32 bits are
	// in the link-layer address too (RFC 2464, section 7) and stay.
	unicastGroup("ff20::/12"),
	unicastGroup("ff30::/12"),
	unicastGroup("ff60::/12"),
	unicastGroup("ff70::/12"),
	keep("ff00::/8"),
	within("::/0", 128),
}

// eui64 are link-local addresses that were made of a MAC address.
var eui64 = class{name: "EUI-64"}

func classOf(a netip.Addr) class {
	blocks := blocks6
	if a.Is4() {
		blocks = blocks4
	}
	for _, b := range blocks {
		if b.prefix.Contains(a) {
			if b.prefix == linkLocal && isEUI64(a.As16()) {
				return eui64
			}
			return b.class
		}
	}
	return class{} // an address without zone is in one of them
}

var linkLocal = netip.MustParsePrefix("fe80::/64")
