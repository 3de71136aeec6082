package lookup

import "strings"

// Names are kept in wire form: labels, each after its length, without the root's zero (RFC 1035, section 3.1). Whole
// labels compare as plain prefixes then, with any bytes in them.

// labels counts the labels of a name. The dots that ndots speaks of are one fewer.
func labels(name string) int {
	n := 0
	for at := 0; at < len(name); at += 1 + int(name[at]) {
		n++
	}
	return n
}

// shared returns how many bytes the leading labels take that two names have in common.
func shared(a, b string) int {
	at := 0
	for at < len(a) && at < len(b) {
		end := at + 1 + int(a[at])
		if end > len(b) || a[at:end] != b[at:end] {
			break
		}
		at = end
	}
	return at
}

// first returns the first label with its length.
func first(name string) string {
	if name == "" {
		return ""
	}
	return name[:1+int(name[0])]
}

// drop returns name without its first n labels.
func drop(name string, n int) string {
	for ; n > 0 && name != ""; n-- {
		name = name[1+int(name[0]):]
	}
	return name
}

// cutSuffix returns name without the trailing labels suffix, if it ends in them and has others before.
func cutSuffix(name, suffix string) (string, bool) {
	at := len(name) - len(suffix)
	if at <= 0 || suffix == "" || name[at:] != suffix {
		return "", false
	}
	for i := 0; i <= at; i += 1 + int(name[i]) {
		if i == at {
			return name[:at], true
		}
	}
	return "", false
}

// text returns a name as zone files write it, without trailing dot; the root is ".". Bytes that could be mistaken for
// something else are escaped (RFC 1035 section 5.1, RFC 4343 section 2.1): names come from strangers.
func text(name string) string {
	if name == "" {
		return "."
	}
	var b strings.Builder
	b.Grow(len(name))
	for at := 0; at < len(name); {
		end := at + 1 + int(name[at])
		if at > 0 {
			b.WriteByte('.')
		}
		for _, c := range []byte(name[at+1 : end]) {
			switch {
			case c <= ' ' || c > '~':
				b.Write([]byte{'\\', '0' + c/100, '0' + c/10%10, '0' + c%10})
			case strings.IndexByte(`.\"();@$`, c) >= 0:
				b.WriteByte('\\')
				b.WriteByte(c)
			default:
				b.WriteByte(c)
			}
		}
		at = end
	}
	return b.String()
}

// suffix kinds of a cluster's search list, as kubelet writes it (pkg/kubelet/network/dns, generateSearchesForDNSClusterFirst).
const (
	notUsual   = iota
	ofPods     // NAMESPACE.svc.ZONE
	ofServices // svc.ZONE
)

const (
	svc         = "\x03svc"
	clusterZone = "\x07cluster\x05local"
)

// usual returns the place in a cluster's search list that a suffix has by its form. The zone itself, the third place, has
// none: any domain can be it.
func usual(suffix string) (kind int, zone string) {
	if suffix == "" {
		return notUsual, ""
	}
	if strings.HasPrefix(suffix, svc) {
		return ofServices, suffix[len(svc):]
	}
	if rest := drop(suffix, 1); strings.HasPrefix(rest, svc) && len(rest) > len(svc) {
		return ofPods, rest[len(svc):]
	}
	return notUsual, ""
}

// byNamespace splits NAME.NAMESPACE.svc.cluster.local behind NAME.
func byNamespace(name string) (base, suffix string, ok bool) {
	b, ok := cutSuffix(name, svc+clusterZone)
	if !ok {
		return "", "", false
	}
	n := labels(b)
	if n < 2 {
		return "", "", false
	}
	suffix = drop(name, n-1)
	return name[:len(name)-len(suffix)], suffix, true
}
