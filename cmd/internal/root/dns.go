package root

import (
	"fmt"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/rules/spelling"
)

// dnsFails tells why a DNS server does not answer, or answers late or with an error: its pods, or what it forwards to.
func dnsFails(a *asked) *fact.Root {
	if r := a.dnsNotReady(); r != nil {
		return r
	}
	return a.upstream()
}

// dnsNotReady tells that the pods of the DNS server are not ready: the one that was asked, or all.
func (a *asked) dnsNotReady() *fact.Root {
	if p := a.names.Pod(a.finding.Backend.Addr(), a.span); p != nil {
		if c := a.unready(p); c != nil {
			return root("dns-not-ready", &p.Meta, p.Object(), fmt.Sprintf("DNS pod %s, which was asked, is not ready%s%s.", nameOf(&p.Meta), since(c.Since), prefixed(": ", why(p))))
		}
		return nil
	}
	s, _ := a.names.Service(a.finding.Server, fact.UDP, a.span)
	if s == nil || len(s.Selector) == 0 {
		return nil
	}
	pods := a.selected(s)
	var first *snapshot.Pod
	var at *snapshot.Condition
	for _, p := range pods {
		c := a.unready(p)
		if c == nil {
			return nil
		}
		if first == nil {
			first, at = p, c
		}
	}
	if first == nil {
		return a.noPods(s)
	}
	return root("dns-not-ready", &first.Meta, first.Object(), fmt.Sprintf("DNS is Service %s, which has %s, and none was ready: %s is not ready%s%s.",
		nameOf(&s.Meta), times(len(pods), "pod"), nameOf(&first.Meta), since(at.Since), prefixed(": ", why(first))), object("Service", &s.Meta))
}

// corefile returns the ConfigMap with the Corefile of a Service's namespace, nil where there is none or several.
func (a *asked) corefile(s *snapshot.Service) (only *snapshot.ConfigMap) {
	for i := range a.snapshot.Configs {
		if c := &a.snapshot.Configs[i]; c.Namespace == s.Namespace && c.Data["Corefile"] != "" {
			if only != nil {
				return nil
			}
			only = c
		}
	}
	return only
}

// directive returns the arguments of the first directive of a Corefile (coredns.io/manual/configuration), nil without one.
func directive(corefile, name string) []string {
	for line := range strings.Lines(corefile) {
		line, _, _ = strings.Cut(line, "#")
		if f := strings.Fields(strings.TrimSuffix(strings.TrimSpace(line), "{")); len(f) > 1 && f[0] == name {
			return f[1:]
		}
	}
	return nil
}

// upstream tells where names go that are none of the cluster's.
func (a *asked) upstream() *fact.Root {
	s, _ := a.names.Service(a.finding.Server, fact.UDP, a.span)
	name := strings.ToLower(strings.TrimSuffix(a.finding.Name, "."))
	if s == nil || !strings.Contains(name, ".") {
		return nil
	}
	c := a.corefile(s)
	if c == nil {
		return nil
	}
	if _, _, ok := a.serviceMeant(name); ok {
		return nil
	}
	zones := directive(c.Data["Corefile"], "kubernetes")
	if slices.ContainsFunc(zones, func(z string) bool { return strings.HasSuffix("."+name, "."+strings.Trim(strings.ToLower(z), ".")) }) {
		return nil
	}
	to := directive(c.Data["Corefile"], "forward")
	if len(to) < 2 {
		return nil
	}
	text := fmt.Sprintf("The name is none of the cluster's. DNS forwards such names to %s", strings.Join(to[1:], ", "))
	if slices.Contains(to, "/etc/resolv.conf") {
		text = "The name is none of the cluster's. DNS forwards such names to the servers of its node (/etc/resolv.conf)"
	}
	return root("upstream", &c.Meta, object("ConfigMap", &c.Meta), text+".", object("Service", &s.Meta))
}

// serviceMeant returns the Service and the namespace that a name speaks of: NAME in the client's namespace, NAME.NAMESPACE, or
// NAME.NAMESPACE.svc and what may follow (kubernetes.io/docs/concepts/services-networking/dns-pod-service).
func (a *asked) serviceMeant(name string) (service, namespace string, ok bool) {
	labels := strings.Split(name, ".")
	if i := slices.Index(labels, "svc"); i >= 2 {
		return labels[i-2], labels[i-1], true
	}
	switch len(labels) {
	case 1:
		p := a.names.Pod(a.finding.Client, a.span)
		return labels[0], namespaceOf(p), p != nil
	case 2:
		return labels[0], labels[1], a.hasNamespace(labels[1])
	}
	return "", "", false
}

func namespaceOf(p *snapshot.Pod) string {
	if p == nil {
		return ""
	}
	return p.Namespace
}

// hasNamespace reports whether the snapshot has a namespace, or anything in it that names are made of.
func (a *asked) hasNamespace(name string) bool {
	return slices.ContainsFunc(a.snapshot.Namespaces, func(n snapshot.Namespace) bool { return n.Name == name }) ||
		slices.ContainsFunc(a.snapshot.Services, func(s snapshot.Service) bool { return s.Namespace == name })
}

// noSuchName tells what a name was meant to be that does not exist: a Service of another namespace, or of nearly the same name.
func noSuchName(a *asked) *fact.Root {
	name := strings.ToLower(strings.TrimSuffix(a.finding.Name, "."))
	service, namespace, ok := a.serviceMeant(name)
	if !ok || len(a.snapshot.Services) == 0 {
		return nil
	}
	const most = 2
	var elsewhere, near *snapshot.Service
	least := most + 1
	for i := range a.snapshot.Services {
		s := &a.snapshot.Services[i]
		switch {
		case s.Namespace == namespace && s.Name == service:
			return a.existed(s)
		case s.Name == service && elsewhere == nil:
			elsewhere = s
		case s.Namespace == namespace:
			if n := spelling.Slips(service, s.Name, min(most, len(service)/2)); n < least && n <= len(service)/2 {
				near, least = s, n
			}
		}
	}
	if elsewhere != nil {
		return root("other-namespace", &elsewhere.Meta, object("Service", &elsewhere.Meta), fmt.Sprintf(
			"Namespace %s has no Service %s; namespace %s has one: from elsewhere it is called %s.%s.", namespace, service, elsewhere.Namespace, service, elsewhere.Namespace))
	}
	text := fmt.Sprintf("No Service %s/%s is in the snapshot", namespace, service)
	if near != nil {
		return root("no-such-service", &near.Meta, object("Service", &near.Meta), text+fmt.Sprintf("; the nearest is %s.", nameOf(&near.Meta)))
	}
	for i := range a.snapshot.Namespaces {
		if n := &a.snapshot.Namespaces[i]; n.Name == namespace {
			return root("no-such-service", &n.Meta, object("Namespace", &n.Meta), text+".")
		}
	}
	return nil // perhaps the snapshot does not have all namespaces
}

// existed tells what it means that a Service is there whose name DNS says does not exist. CoreDNS says so of headless ones without an endpoint,
// and of what an ExternalName leads to.
func (a *asked) existed(s *snapshot.Service) *fact.Root {
	me := object("Service", &s.Meta)
	switch {
	case s.Created > a.span.Last:
		return root("no-such-service", &s.Meta, me, fmt.Sprintf("Service %s was created at %s, after that.", nameOf(&s.Meta), clock(s.Created)))
	case s.Created != 0 && s.Created < a.span.First && len(s.Addresses) > 0:
		return root("contradicted", &s.Meta, me, fmt.Sprintf("Service %s is there since %s, and yet DNS says that there is no such name: the DNS server does not know all Services, or the name is not what it was asked for.",
			nameOf(&s.Meta), clock(s.Created)))
	}
	return nil
}

// ndots tells where the number of dots comes from below which a resolver walks its search list.
func ndots(a *asked) *fact.Root {
	p := a.names.Pod(a.finding.Client, a.span)
	if p == nil {
		return nil
	}
	text := fmt.Sprintf("Pod %s has dnsPolicy %s and no ndots of its own: names with fewer than 5 dots walk the search list.", nameOf(&p.Meta), p.DNSPolicy)
	switch {
	case p.Ndots != "":
		text = fmt.Sprintf("Pod %s sets ndots to %s in its dnsConfig: names with fewer dots walk the search list.", nameOf(&p.Meta), p.Ndots)
	case p.DNSPolicy != "ClusterFirst" && p.DNSPolicy != "ClusterFirstWithHostNet":
		return nil
	}
	return root("ndots", &p.Meta, p.Object(), text)
}
