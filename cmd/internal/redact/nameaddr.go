package redact

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// address replaces the address that a name begins with, and returns the labels that are still to be replaced.
func (k *Key) address(labels []string) (rest []string) {
	for i, label := range labels[1:] { // wherever it is: a search domain may be behind it
		if label != "arpa" {
			continue
		}
		switch before := labels[:i]; labels[i] {
		case "in-addr":
			k.reverse(before, decimal)
			return labels[i:]
		case "ip6":
			k.reverse(before, nibbles)
			return labels[i:]
		}
	}
	if k.quad(labels) {
		return labels[4:]
	}
	return labels
}

// quad replaces an IPv4 address at the beginning of a name. Such names are asked for if a program takes an address
// for a name, and the resolver appends its search domains.
func (k *Key) quad(labels []string) bool {
	if len(labels) < 4 {
		return false
	}
	a, err := netip.ParseAddr(strings.Join(labels[:4], "."))
	if err != nil || !a.Is4() {
		return false
	}
	copy(labels, strings.Split(k.Addr(a).String(), "."))
	return true
}

// dashed replaces an address in a label: 10-244-1-5 and fd00-10--5 of pods (Kubernetes' DNS specification, section 2.3),
// ip-10-0-0-1 of cloud nodes.
func (k *Key) dashed(label string) (string, bool) {
	prefix := ""
	if rest, ok := strings.CutPrefix(label, "ip-"); ok {
		prefix, label = "ip-", rest
	}
	a, err := netip.ParseAddr(strings.ReplaceAll(label, "-", "."))
	if err != nil || !a.Is4() {
		if a, err = netip.ParseAddr(strings.ReplaceAll(label, "-", ":")); err != nil {
			return "", false
		}
	}
	// Written out, because a label does not begin with a dash.
	return prefix + strings.NewReplacer(".", "-", ":", "-").Replace(k.Addr(a).StringExpanded()), true
}

// notation is how the labels of a reverse name spell an address: numbers of so many bits, the last first.
type notation struct{ base, width, bits int }

var (
	decimal = notation{base: 10, width: 8, bits: 32}  // RFC 1035, section 3.5
	nibbles = notation{base: 16, width: 4, bits: 128} // RFC 3596, section 2.5
)

// reverse replaces the address in front of in-addr.arpa or ip6.arpa: a whole one, or the subnet that a zone is for.
// Labels before it (RFC 2317) are replaced as in any other name.
func (k *Key) reverse(labels []string, n notation) {
	var b [16]byte
	read := 0
	for read < len(labels) && read < n.bits/n.width {
		v, err := strconv.ParseUint(labels[len(labels)-1-read], n.base, n.width)
		if err != nil {
			break
		}
		b[read*n.width/8] |= byte(v) << (8 - n.width - read*n.width%8)
		read++
	}
	a := netip.AddrFrom16(b)
	if n == decimal {
		a = netip.AddrFrom4([4]byte(b[:4]))
	}
	b = k.Prefix(netip.PrefixFrom(a, read*n.width)).Addr().As16()
	out := b[16-n.bits/8:]
	spelled := labels[len(labels)-read:]
	for i := range spelled {
		v := out[i*n.width/8] >> (8 - n.width - i*n.width%8) & (1<<n.width - 1)
		spelled[i] = strconv.FormatUint(uint64(v), n.base)
	}
	slices.Reverse(spelled)
	for i, label := range labels[:len(labels)-read] {
		labels[i] = k.label(label)
	}
}
