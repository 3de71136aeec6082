package lookup

import "bytes"

// Names are kept in wire form: labels, each after its length, without the root's zero (RFC 1035, section 3.1). Whole
// labels compare as plain prefixes then, with any bytes in them. They are read only.

// labels counts the labels of a name. The dots that ndots speaks of are one fewer.
func labels(name []byte) int {
	n := 0
	for at := 0; at < len(name); at += 1 + int(name[at]) {
		n++
	}
	return n
}

// shared returns how many bytes the leading labels take that two names have in common.
func shared(a, b []byte) int {
	at := 0
	for at < len(a) && at < len(b) {
		end := at + 1 + int(a[at])
		if end > len(b) || !bytes.Equal(a[at:end], b[at:end]) {
			break
		}
		at = end
	}
	return at
}

// first returns the first label with its length.
func first(name []byte) []byte {
	if len(name) == 0 {
		return nil
	}
	return name[:1+int(name[0])]
}

// drop returns name without its first n labels.
func drop(name []byte, n int) []byte {
	for ; n > 0 && len(name) > 0; n-- {
		name = name[1+int(name[0]):]
	}
	return name
}

// cutSuffix returns the length of name without the trailing labels suffix, 0 if it does not end in them or has no others before.
func cutSuffix(name, suffix []byte) int {
	at := len(name) - len(suffix)
	if at <= 0 || len(suffix) == 0 || !bytes.Equal(name[at:], suffix) {
		return 0
	}
	for i := 0; i <= at; i += 1 + int(name[i]) {
		if i == at {
			return at
		}
	}
	return 0
}

// appendText appends a name as zone files write it, without trailing dot; the root is ".". Bytes that could be mistaken for
// something else are escaped (RFC 1035 section 5.1, RFC 4343 section 2.1): names come from strangers.
func appendText(b, name []byte) []byte {
	if len(name) == 0 {
		return append(b, '.')
	}
	for at := 0; at < len(name); {
		end := at + 1 + int(name[at])
		if at > 0 {
			b = append(b, '.')
		}
		for _, c := range name[at+1 : end] {
			switch {
			case c <= ' ' || c > '~':
				b = append(b, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
			case c == '.' || c == '\\' || c == '"' || c == '(' || c == ')' || c == ';' || c == '@' || c == '$':
				b = append(b, '\\', c)
			default:
				b = append(b, c)
			}
		}
		at = end
	}
	return b
}

// suffix kinds of a cluster's search list, as kubelet writes it (pkg/kubelet/network/dns, generateSearchesForDNSClusterFirst).
const (
	notUsual   = iota
	ofPods     // NAMESPACE.svc.ZONE
	ofServices // svc.ZONE
)

var (
	svc         = []byte("\x03svc")
	clusterZone = []byte("\x07cluster\x05local")
	clusterSvc  = append(svc[:len(svc):len(svc)], clusterZone...)
)

// usual returns the place in a cluster's search list that a suffix has by its form. The zone itself, the third place, has
// none: any domain can be it.
func usual(suffix []byte) (kind int, zone []byte) {
	if len(suffix) == 0 {
		return notUsual, nil
	}
	if bytes.HasPrefix(suffix, svc) {
		return ofServices, suffix[len(svc):]
	}
	if rest := drop(suffix, 1); bytes.HasPrefix(rest, svc) && len(rest) > len(svc) {
		return ofPods, rest[len(svc):]
	}
	return notUsual, nil
}

// isService reports whether a name is NAME.NAMESPACE.svc.ZONE
// (https://github.com/kubernetes/dns/blob/master/docs/specification.md).
func isService(name []byte) bool {
	rest := drop(name, 2)
	return bytes.HasPrefix(rest, svc) && len(rest) > len(svc)
}

// byNamespace splits NAME.NAMESPACE.svc.cluster.local behind NAME: n is its length, 0 for other names.
func byNamespace(name []byte) (n int, suffix []byte) {
	b := cutSuffix(name, clusterSvc)
	if b == 0 {
		return 0, nil
	}
	k := labels(name[:b])
	if k < 2 {
		return 0, nil
	}
	n = b - len(drop(name[:b], k-1))
	return n, name[n:]
}
