package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules/spelling"
)

// meant returns the target that a name that was not found would have: a Service in another namespace, one in the client's
// own, or (all in name) something outside of the cluster. Different spellings of one target give the same result.
func meant(l *fact.Lookup) serviceName {
	labels := strings.Split(l.Name, ".")
	if n, ok := serviceOf(l.Name); ok {
		return serviceName{host: n.host, name: n.name, namespace: n.namespace}
	}
	switch own := ownNamespace(l); {
	case len(labels) == 1 && own != "":
		return serviceName{name: l.Name, namespace: own}
	case len(labels) == 2 && own != "", len(labels) == 3 && labels[2] == "svc":
		return serviceName{name: labels[0], namespace: labels[1]}
	}
	return serviceName{name: l.Name}
}

// knownNames are the names that exist by the evidence of this capture.
type knownNames struct {
	// services and others in order, others those that are no Services'; at says when each was last answered.
	services []serviceName
	others   []string
	at       map[string]int64
}

// maxKnown names are compared with each one that was not found.
const maxKnown = 4096

func newKnownNames(s *scene) *knownNames {
	k := &knownNames{at: map[string]int64{}}
	answered := func(name string, at int64) {
		if _, ok := k.at[name]; ok || len(k.at) < maxKnown {
			k.at[name] = max(k.at[name], at)
		}
	}
	for i := range s.Lookups {
		l := &s.Lookups[i]
		for j := range l.Candidates {
			c := &l.Candidates[j]
			if c.Rcode == "NOERROR" && (c.Start != 0 || len(c.Queries) > 0) {
				answered(c.QName, c.Start+max(c.Duration, 0))
			}
		}
	}
	for i := range s.Plain {
		if p := &s.Plain[i]; p.Full != "" {
			answered(p.Full, p.Last)
		}
	}
	for name := range k.at {
		if n, ok := serviceOf(name); ok {
			k.services = append(k.services, n)
		} else {
			k.others = append(k.others, name)
		}
	}
	slices.SortFunc(k.services, func(a, b serviceName) int { return cmp.Compare(a.String(), b.String()) })
	slices.Sort(k.others)
	return k
}

// existed returns when a candidate of a lookup that failed was answered in another one, 0 for never.
func (k *knownNames) existed(l *fact.Lookup) (at int64) {
	for i := range l.Candidates {
		at = max(at, k.at[l.Candidates[i].QName])
	}
	return at
}

// suggest returns the name that was probably meant, and the reason to think so; both "" if no evidence hints at one.
func (k *knownNames) suggest(l *fact.Lookup) (name, why string) {
	m := meant(l)
	found := func(n serviceName, format string, args ...any) (string, string) {
		return n.String(), fmt.Sprintf(format, args...) + fmt.Sprintf(" %s was answered in this capture.", clip(n.String()))
	}
	if m.namespace != "" {
		for _, n := range k.services {
			switch {
			case n.name == m.name && n.namespace != m.namespace && n.host == m.host:
				return found(n, "The lookup was for %s in namespace %s; a Service of that name is in namespace %s.", clip(m.name), clip(m.namespace), clip(n.namespace))
			case n.name == m.namespace && n.namespace == m.name:
				return found(n, "Service and namespace seem to be swapped.")
			}
		}
		for _, n := range k.services {
			if n.namespace == m.namespace && alike(n.name, m.name) {
				return found(n, "Namespace %s has a Service with a similar name.", clip(n.namespace))
			}
			if n.name == m.name && alike(n.namespace, m.namespace) {
				return found(n, "There is a namespace with a similar name.")
			}
		}
	}
	for i := range l.Candidates {
		asked := strings.Split(l.Candidates[i].QName, ".")
		for _, n := range k.services {
			known := strings.Split(n.String(), ".")
			if label := oneMore(asked, known); label != "" {
				return found(n, "The name has one label too many, %s.", clip(label))
			}
			if label := oneMore(known, asked); label != "" {
				return found(n, "The name lacks a label, %s.", clip(label))
			}
			if i == len(l.Candidates)-1 && alike(n.String(), l.Candidates[i].QName) {
				return found(n, "There is a similar name.")
			}
		}
	}
	for _, known := range k.others {
		if strings.Count(known, ".") == strings.Count(l.Name, ".") && strings.Contains(known, ".") && alike(known, l.Name) {
			return known, fmt.Sprintf("It is similar to %s, which was answered in this capture.", clip(known))
		}
	}
	if m.namespace != "" {
		for _, n := range k.services {
			if n.namespace == m.namespace {
				return "", ""
			}
		}
	}
	return "", ""
}

// oneMore returns the label that long has and short lacks, the rest being equal; "" if more differs. The first label
// of a name that is longer does not count: a host in a Service has one more.
func oneMore(long, short []string) string {
	if len(long) != len(short)+1 {
		return ""
	}
	i := 0
	for i < len(short) && long[i] == short[i] {
		i++
	}
	if !slices.Equal(long[i+1:], short[i:]) {
		return ""
	}
	return long[i]
}

// alike reports whether two words differ by a slip of the hand: one letter more, less or other, or two that changed places;
// two slips in longer ones. Short words and numbers at the end differ for other reasons.
func alike(a, b string) bool {
	const longest = 128
	if a == b || len(a) > longest || len(b) > longest || min(len(a), len(b)) < 3 {
		return false
	}
	if strings.TrimRight(a, "0123456789") == strings.TrimRight(b, "0123456789") {
		return false // web-1 and web-2
	}
	allowed := 1
	if min(len(a), len(b)) >= 8 {
		allowed = 2
	}
	return spelling.Slips(a, b, allowed) <= allowed
}
