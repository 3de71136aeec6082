package root

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// forward is what a Corefile says on where questions for zones go (https://coredns.io/plugins/forward/).
type forward struct {
	zones []string
	to    []string
}

// forwards returns what a Corefile forwards.
func forwards(corefile string) (list []forward) {
	depth := 0
	var zones []string
	for line := range strings.Lines(corefile) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		opens := len(words) > 0 && words[len(words)-1] == "{"
		if opens {
			words = words[:len(words)-1]
		}
		switch {
		case len(words) == 0:
		case words[0] == "}":
			depth = max(depth-1, 0)
		case depth == 0 && opens:
			zones = zones[:0:0]
			for _, w := range words {
				zones = append(zones, zone(w))
			}
		case depth == 1 && words[0] == "forward" && len(words) > 2:
			f := forward{zones: zones, to: words[2:]}
			if from := zone(words[1]); from != "" {
				f.zones = []string{from}
			}
			list = append(list, f)
		}
		if opens {
			depth++
		}
	}
	return list
}

// zone returns the zone that a server block or a plugin is for, without scheme, port and dots; "" for the root.
func zone(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s, _, _ = strings.Cut(strings.TrimSuffix(s, ","), ":")
	return strings.ToLower(strings.Trim(s, "."))
}

// forwardOf returns what a Corefile forwards a name by: that of the longest zone, nil for none.
func forwardOf(corefile, name string) (best *forward) {
	longest := -1
	list := forwards(corefile)
	for i := range list {
		for _, z := range list[i].zones {
			if len(z) > longest && (z == "" || name == z || strings.HasSuffix(name, "."+z)) {
				best, longest = &list[i], len(z)
			}
		}
	}
	return best
}

// server returns the address that a forward names, zero for a file or a name.
func server(to string) netip.Addr {
	if _, rest, ok := strings.Cut(to, "://"); ok {
		to = rest
	}
	if a, err := netip.ParseAddr(strings.Trim(to, "[]")); err == nil {
		return a.Unmap()
	}
	a, _ := netip.ParseAddrPort(to)
	return a.Addr().Unmap()
}

// dnsUpstream tells from where the Corefile has the server that did not answer well.
func dnsUpstream(a *asked) *fact.Root {
	s, _ := a.names.Service(a.finding.Server, a.proto, a.span)
	l := a.lookup(func(l *fact.Lookup) bool { return l.Upstream != nil && troubled(l.Upstream) })
	if s == nil || l == nil {
		return nil
	}
	u := l.Upstream
	if p := a.names.Pod(u.Client.Addr(), a.span); p == nil || !s.Selects(p) {
		return nil // another server's question: one on the node, say
	}
	c := a.corefile(s)
	if c == nil {
		return nil
	}
	to := forwardOf(c.Data["Corefile"], u.Name)
	if to == nil {
		return nil
	}
	me, targets := object("ConfigMap", &c.Meta), strings.Join(to.to, ", ")
	isFile := slices.ContainsFunc(to.to, func(x string) bool { return strings.HasPrefix(x, "/") })
	says := fmt.Sprintf("The Corefile (ConfigMap %s) forwards %s to %s", nameOf(&c.Meta), u.Name, targets)
	switch {
	case slices.ContainsFunc(to.to, func(x string) bool { return server(x) == u.Server.Addr() }):
		return root("upstream", &c.Meta, me, fmt.Sprintf("%s; %s %s.", says, u.Server.Addr(), trouble(u)), object("Service", &s.Meta))
	case isFile:
		return root("upstream", &c.Meta, me, fmt.Sprintf("%s, which lists the servers of the node that the DNS server's pod runs on; %s %s.", says, u.Server.Addr(), trouble(u)), object("Service", &s.Meta))
	case slices.ContainsFunc(to.to, func(x string) bool { return !server(x).IsValid() }):
		return nil
	}
	return root(unbelieved, &c.Meta, me, fmt.Sprintf("%s, but %s was asked.", says, u.Server.Addr()), object("Service", &s.Meta))
}

// slowUpstream is a wait for an upstream's answer that is a trouble, in nanoseconds.
const slowUpstream = 1e9

func troubled(u *fact.Upstream) bool {
	return u.Failed > 0 || u.Unreachable || u.Duration < 0 || u.Duration >= slowUpstream || u.Rcode != "" && u.Rcode != "NOERROR" && u.Rcode != "NXDOMAIN"
}

// trouble says what an upstream did wrong.
func trouble(u *fact.Upstream) string {
	switch {
	case u.Unreachable:
		return "was unreachable"
	case u.Rcode != "" && u.Rcode != "NOERROR" && u.Rcode != "NXDOMAIN":
		return "answered " + u.Rcode
	case u.Rcode == "" || u.Duration < 0:
		return "did not answer"
	case u.Duration >= slowUpstream:
		return fmt.Sprintf("took %.1f s", float64(u.Duration)/1e9)
	}
	return "failed at times"
}

// corefile returns the ConfigMap of a DNS Service's namespace that has a Corefile, nil where there is none, or several.
func (a *asked) corefile(s *snapshot.Service) (only *snapshot.ConfigMap) {
	for i := range a.snapshot.Configs {
		c := &a.snapshot.Configs[i]
		if c.Namespace != s.Namespace || c.Data["Corefile"] == "" {
			continue
		}
		if c.Name == "coredns" { // what kubeadm and most others call it
			return c
		}
		if only != nil {
			return nil
		}
		only = c
	}
	return only
}
