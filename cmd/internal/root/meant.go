package root

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/rules/spelling"
)

// dnsNoSuchName tells which Service was meant by a name that does not exist.
func dnsNoSuchName(a *asked) *fact.Root {
	dns, _ := a.names.Service(a.finding.Server, a.proto, a.span)
	x, full := a.asksFor()
	if dns == nil || x.name == "" || !a.listsServices() {
		return nil
	}
	for _, s := range a.services[x.namespace] {
		if s.Name != x.name {
			continue
		}
		switch {
		case s.Created > a.span.Last:
			return root("no-such-service", &s.Meta, object("Service", &s.Meta), fmt.Sprintf("Service %s was created at %s, after the lookup.",
				nameOf(&s.Meta), clock(s.Created)))
		case s.Created > a.span.First-settles || s.Type == "ExternalName" || s.Headless():
			return nil // its names are its pods', or another's
		}
		return root(unbelieved, &s.Meta, object("Service", &s.Meta), fmt.Sprintf("Service %s exists%s, but the DNS server says its name does not: the server does not know of it.",
			nameOf(&s.Meta), since(s.Created)))
	}
	if r := a.elsewhere(x); r != nil {
		return r
	}
	if a.snapshot.Taken < a.span.First-soon { // it may have come after the snapshot
		return nil
	}
	if s := a.nearly(x); s != nil {
		return root("no-such-service", &s.Meta, object("Service", &s.Meta), fmt.Sprintf("There is no Service %s/%s; the most similar name is %s.", x.namespace, x.name, nameOf(&s.Meta)))
	}
	if _, there := a.services[x.namespace]; !full || !there {
		return nil
	}
	return a.absent("no-such-service", fmt.Sprintf("Namespace %s has no Service %s.", x.namespace, x.name), fact.Object{Kind: "Namespace", Name: x.namespace})
}

// asksFor returns the Service that a finding's name is the name of: of one label in the client's own namespace, of two in a namespace that is
// there, or in full. Zero where it is something outside of the cluster; full says that it names a namespace.
func (a *asked) asksFor() (x named, full bool) {
	labels := strings.Split(a.finding.Name, ".")
	client := a.names.Pod(a.finding.Client, a.span)
	if i := slices.Index(labels, "svc"); i >= 0 {
		if i != 2 {
			return x, false // a host in a Service, or none
		}
		return named{labels[1], labels[0]}, true
	}
	switch {
	case client == nil:
	case len(labels) == 1:
		return named{client.Namespace, labels[0]}, false
	case len(labels) == 2 && (len(a.services[labels[1]]) > 0 || a.labels[labels[1]] != nil):
		return named{labels[1], labels[0]}, true
	}
	return x, false
}

// elsewhere tells that a Service of the name is in another namespace.
func (a *asked) elsewhere(x named) *fact.Root {
	var list []*snapshot.Service
	for _, namespace := range slices.Sorted(maps.Keys(a.services)) {
		for _, s := range a.services[namespace] {
			if s.Name == x.name && namespace != x.namespace && s.Created <= a.span.Last {
				list = append(list, s)
				break
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	const most = 3
	var names []string
	var more []fact.Object
	for i, s := range list[:min(len(list), most)] {
		names = append(names, s.Namespace)
		if i > 0 {
			more = append(more, object("Service", &s.Meta))
		}
	}
	s, where := list[0], "namespace "+names[0]
	if len(list) > 1 {
		where = fmt.Sprintf("%d other namespaces: %s", len(list), strings.Join(names, ", "))
	}
	return root("other-namespace", &s.Meta, object("Service", &s.Meta), fmt.Sprintf("The lookup was for Service %s in namespace %s; there is one with that name in %s.",
		x.name, x.namespace, where), more...)
}

// nearly returns the Service of a namespace whose name is nearly the one asked for, nil where there is none. Short words, and numbers at the end, differ
// for other reasons.
func (a *asked) nearly(x named) (best *snapshot.Service) {
	near := func(asked, has string) int {
		const short, long, longest = 4, 8, 63 // a label has 63 bytes at most (RFC 1035, section 2.3.4)
		most := 1
		switch n := min(len(asked), len(has)); {
		case n < short || len(asked) > longest || strings.TrimRight(asked, "0123456789") == strings.TrimRight(has, "0123456789"):
			return longest
		case n >= long:
			most = 2
		}
		if d := spelling.Slips(asked, has, most); d <= most {
			return d
		}
		return longest
	}
	least := 3
	for _, s := range a.services[x.namespace] {
		if d := near(x.name, s.Name); d < least && s.Created <= a.span.Last {
			best, least = s, d
		}
	}
	return best
}
