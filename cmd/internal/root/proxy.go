package root

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot/dump"
)

// ruled is what the rules of a node do with what is for a Service.
type ruled struct {
	// dump has the rules, nil where there is no dump of them. service is nil where they have nothing on the address.
	dump    *dump.Dump
	service *dump.Service
}

// rules returns what the rules of the caller's node do with what is for the finding's Service.
func (a *asked) rules() (r ruled) {
	node, at := a.callersNode(), a.finding.Service
	for i := range a.snapshot.Dumps {
		d := &a.snapshot.Dumps[i]
		if node == "" || d.Node != node || !d.Kind.Rules() || at.Addr().Is4() && !d.IPv4 || at.Addr().Is6() && !d.IPv6 {
			continue
		}
		s := d.Find(a.protocolWord(), at)
		if r.dump == nil || s != nil && r.service == nil {
			r = ruled{d, s}
		}
	}
	return r
}

// leads returns the first backend that the rules translate to, zero where they translate to none.
func (r *ruled) leads() (first netip.AddrPort) {
	if r.service != nil && len(r.service.Backends) > 0 {
		first = r.service.Backends[0].AddrPort
	}
	return first
}

// leadsTo reports whether the rules translate to a backend.
func (r *ruled) leadsTo(b netip.AddrPort) bool {
	return r.service != nil && slices.ContainsFunc(r.service.Backends, func(x dump.Backend) bool { return x.AddrPort == b })
}

// refusedByRules says of a kube-proxy that is behind what the node's rules have.
func refusedByRules(a *asked, told *fact.Root) *fact.Root {
	r := a.rules()
	if told == nil || told.Kind != "proxy-stale" || r.dump == nil || a.before(r.dump) {
		return told
	}
	at := a.finding.Service
	if to := r.leads(); to.IsValid() {
		return a.with(told, r.dump, fmt.Sprintf("When dumped, the rules on %s had caught up: they send %s to %s.", r.dump.Node, at, to))
	}
	if r.service != nil && r.service.Refused {
		return a.with(told, r.dump, fmt.Sprintf("The rules on %s refuse packets to %s.", r.dump.Node, at))
	}
	return a.with(told, r.dump, fmt.Sprintf("The rules on %s have nothing for %s.", r.dump.Node, at))
}

// notInRules tells why a node does not translate a Service's address.
func notInRules(a *asked, told *fact.Root) *fact.Root {
	r := a.rules()
	if told != nil && told.Kind != "proxy-stale" || r.dump == nil {
		return told
	}
	s, _ := a.names.Service(a.finding.Service, a.proto, a.span)
	if s == nil || !slices.Contains(s.Addresses, a.finding.Service.Addr()) { // for an outer address a load balancer may answer, and no rule
		return told
	}
	at, me := a.finding.Service, object("Service", &s.Meta)
	to := r.leads()
	switch {
	case r.service == nil && a.answered(func(y *fact.Reach) bool {
		return y.Called == at && y.Proto == a.proto && y.Backend.IsValid() && a.placeOf(y.Client) == r.dump.Node
	}):
		return a.dumped(unbelieved, r.dump, fmt.Sprintf("The rules on %s have nothing for %s, but other connections to it are translated.", r.dump.Node, at), me)
	case to.IsValid() && a.later(r.dump):
		return a.dumped("rule-later", r.dump, fmt.Sprintf(
			"The rules on %s send %s to %s, but came after the packets: kube-proxy or its replacement lagged.", r.dump.Node, at, to), me)
	case r.service == nil && told != nil:
		return a.with(told, r.dump, fmt.Sprintf("The rules on %s have nothing for %s.", r.dump.Node, at))
	case r.service == nil:
		return a.dumped("proxy-stale", r.dump, fmt.Sprintf(
			"Service %s has had %s%s, but the rules on %s have nothing for it: kube-proxy or its replacement lags or hangs.",
			nameOf(&s.Meta), at, since(s.Created), r.dump.Node), me)
	}
	return told
}

// rulesChanged tells how a node's rules have changed since a connection's first SYN, whose translation conntrack keeps.
func rulesChanged(a *asked, told *fact.Root) *fact.Root {
	r := a.rules()
	to, backend := r.leads(), a.finding.Backend
	if told != nil && told.Kind != "rule-later" && told.Kind != "proxy-stale" || !to.IsValid() || a.before(r.dump) {
		return told
	}
	s, _ := a.names.Service(a.finding.Service, a.proto, a.span)
	if s == nil {
		return told
	}
	text := fmt.Sprintf("The rules on %s send %s to %s. They came after the first SYN, and its conntrack entry ignores them.", r.dump.Node, a.finding.Service, to)
	switch {
	case backend.IsValid() && r.leadsTo(backend):
		return told // one of several, perhaps
	case backend.IsValid():
		text = fmt.Sprintf("The rules on %s send %s to %s, no longer to %s. They changed after the first SYN, and its conntrack entry keeps the old backend.",
			r.dump.Node, a.finding.Service, to, backend)
	}
	root := a.dumped("rule-later", r.dump, text, object("Service", &s.Meta))
	if told != nil {
		root = a.with(told, r.dump, text)
	}
	if e, d := a.entry(); e != nil {
		root = a.with(root, d, entryText(d, e))
	}
	return root
}
