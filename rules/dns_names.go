package rules

import (
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// serviceName is the name of a Service, or of something in it: HOST.NAME.NAMESPACE.svc.ZONE.
type serviceName struct{ host, name, namespace, zone string }

// String returns the name in full, as far as it is known.
func (n serviceName) String() string {
	s := n.name
	if n.host != "" {
		s = n.host + "." + s
	}
	if n.namespace != "" {
		s += "." + n.namespace
	}
	if n.zone != "" {
		s += ".svc." + n.zone
	}
	return s
}

// serviceOf takes apart a full name of a Service.
func serviceOf(full string) (serviceName, bool) {
	labels := strings.Split(full, ".")
	i := slices.Index(labels, "svc")
	if i < 2 || i == len(labels)-1 {
		return serviceName{}, false
	}
	return serviceName{
		host: strings.Join(labels[:i-2], "."), name: labels[i-2], namespace: labels[i-1], zone: strings.Join(labels[i+1:], "."),
	}, true
}

// ownNamespace returns the namespace of a lookup's client by its search list, "" where that does not show it.
func ownNamespace(l *fact.Lookup) string {
	for _, domain := range l.Search {
		if labels := strings.Split(strings.Trim(domain, "."), "."); len(labels) > 2 && labels[1] == "svc" {
			return labels[0]
		}
	}
	for i := range l.Candidates {
		rest, ok := strings.CutPrefix(l.Candidates[i].QName, l.Name+".")
		if labels := strings.Split(rest, "."); ok && len(labels) > 2 && labels[1] == "svc" {
			return labels[0]
		}
	}
	return ""
}

// inCluster reports whether a candidate is a name that the cluster's DNS answers for by itself.
func inCluster(l *fact.Lookup, c *fact.Candidate) bool {
	if _, ok := serviceOf(c.QName); ok || strings.HasSuffix(c.QName, ".cluster.local") {
		return true
	}
	return c.QName != l.Name && strings.HasPrefix(c.QName, l.Name+".") && ownNamespace(l) != ""
}

// fullName returns the name that answered a lookup, "" if none did.
func fullName(l *fact.Lookup) string {
	for i := len(l.Candidates) - 1; i >= 0; i-- {
		if c := &l.Candidates[i]; c.Rcode == "NOERROR" && !c.NoData {
			return c.QName
		}
	}
	return ""
}

// dots counts the dots of a name as ndots does; an escaped one is none.
func dots(name string) int {
	return strings.Count(name, ".") - strings.Count(name, `\.`)
}
