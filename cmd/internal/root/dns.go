package root

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// settles is how long it takes until nodes and servers follow what a condition says: kubelet, the API server and kube-proxy one after the other.
const settles = 30e9

// dnsNoResponse tells why a DNS server keeps silent: its pods, or the server that it asks itself.
func dnsNoResponse(a *asked) *fact.Root {
	if r := a.dnsNotReady(); r != nil {
		return r
	}
	return dnsUpstream(a)
}

// dnsNotReady tells that the pods of the DNS server that was asked were not ready, or were restarted meanwhile.
func (a *asked) dnsNotReady() *fact.Root {
	s, _ := a.names.Service(a.finding.Server, a.proto, a.span)
	if s == nil {
		return nil
	}
	pods := a.selected(s)
	if b := a.finding.Backend; b.IsValid() {
		p := a.names.Pod(b.Addr(), a.span)
		pods = slices.DeleteFunc(pods, func(x *snapshot.Pod) bool { return x != p })
	}
	pods = slices.DeleteFunc(pods, func(p *snapshot.Pod) bool { return a.ends(p) })
	if len(pods) == 0 {
		return nil
	}
	me := object("Service", &s.Meta)
	for _, p := range pods {
		for _, c := range p.Containers {
			if c.Restarts > 0 && c.State.Started >= a.span.First && c.State.Started <= a.span.Last+settles {
				return root("dns-not-ready", &p.Meta, p.Object(), fmt.Sprintf("Container %s of pod %s, a DNS server of Service %s, was restarted at %s%s.",
					c.Name, nameOf(&p.Meta), nameOf(&s.Meta), clock(c.State.Started), prefixed("; it had ended with ", c.Last.Reason)), me)
			}
		}
	}
	for _, p := range pods {
		if a.unready(p) == nil {
			return nil
		}
	}
	p, from := pods[0], int64(0)
	for _, x := range pods {
		from = max(from, a.unready(x).Since)
	}
	if a.dnsAnswers(from + settles) {
		return root(unbelieved, &p.Meta, p.Object(), fmt.Sprintf("Pod %s, a DNS server of Service %s, is not ready%s, but %s answers.",
			nameOf(&p.Meta), nameOf(&s.Meta), since(a.unready(p).Since), a.finding.Server), me)
	}
	whose := fmt.Sprintf("None of the %s of Service %s was ready", times(len(pods), "DNS server"), nameOf(&s.Meta))
	if len(pods) == 1 {
		whose = fmt.Sprintf("The DNS server of Service %s was not ready", nameOf(&s.Meta))
	}
	return root("dns-not-ready", &p.Meta, p.Object(), fmt.Sprintf("%s: %s is not ready%s%s.", whose, nameOf(&p.Meta), since(a.unready(p).Since), prefixed(": ", why(p))), me)
}

// dnsAnswers reports whether the server of a finding, and the backend if there is one, answered questions put after a time, but before the finding
// was over.
func (a *asked) dnsAnswers(after int64) bool {
	of := func(server, backend netip.AddrPort) bool {
		return server == a.finding.Server && (!a.finding.Backend.IsValid() || backend == a.finding.Backend)
	}
	in := func(t int64) bool { return t > after && t <= a.span.Last }
	for i := range a.facts.Lookups {
		for _, c := range a.facts.Lookups[i].Candidates {
			for _, q := range c.Queries {
				if q.Rcode != "" && in(q.Sent) && of(q.Server, q.Backend) {
					return true
				}
			}
		}
	}
	for i := range a.facts.Plain {
		for _, b := range a.facts.Plain[i].Backends {
			if in(b.Last) && of(a.facts.Plain[i].Server, b.Backend) {
				return true
			}
		}
	}
	return false
}

// lookup returns a lookup that a finding is about for which something holds, nil without one.
func (a *asked) lookup(is func(*fact.Lookup) bool) *fact.Lookup {
	f := a.finding
	for i := range a.facts.Lookups {
		l := &a.facts.Lookups[i]
		if l.Client == f.Client && (f.Name == "" || l.Name == f.Name) && l.Start >= a.span.First && l.Start <= a.span.Last && is(l) {
			return l
		}
	}
	return nil
}

// dnsNdots tells which ndots the client's pod has.
func dnsNdots(a *asked) *fact.Root {
	p := a.names.Pod(a.finding.Client, a.span)
	if p == nil {
		return nil
	}
	n, err := strconv.Atoi(p.Ndots)
	says := fmt.Sprintf("Pod %s sets ndots:%d (dnsConfig)", nameOf(&p.Meta), n)
	switch {
	case p.Ndots == "" && cmp.Or(p.DNSPolicy, "ClusterFirst") == "ClusterFirst":
		n, says = fact.MaxNdots, fmt.Sprintf("Pod %s does not set ndots (dnsConfig): kubelet sets %d", nameOf(&p.Meta), fact.MaxNdots)
	case p.Ndots == "" || err != nil || n < 0:
		return nil
	}
	if l := a.lookup(func(l *fact.Lookup) bool { return l.NdotsMin > n || l.NdotsMax >= 0 && l.NdotsMax < n }); l != nil {
		return root(unbelieved, &p.Meta, p.Object(), fmt.Sprintf("%s, but its lookup of %s shows %s.", says, l.Name, ndotsText(l)))
	}
	if n == 0 {
		return nil
	}
	return root("ndots", &p.Meta, p.Object(), fmt.Sprintf("%s. Names with fewer dots are tried with each search domain first.", says))
}

func ndotsText(l *fact.Lookup) string {
	switch {
	case l.NdotsMax < 0:
		return fmt.Sprintf("%d or more", l.NdotsMin)
	case l.NdotsMin <= 0:
		return fmt.Sprintf("%d or fewer", l.NdotsMax)
	case l.NdotsMin == l.NdotsMax:
		return strconv.Itoa(l.NdotsMin)
	}
	return fmt.Sprintf("%d to %d", l.NdotsMin, l.NdotsMax)
}
