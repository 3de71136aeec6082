package root

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/kube"
	"github.com/netsift/netsift/analyze/snapshot"
)

// untranslated tells why the node did not translate calls to a Service's address.
func untranslated(a *asked) *fact.Root {
	f := a.finding
	s, port := a.names.Service(f.Service, a.proto, a.span)
	if s == nil {
		return a.noSuchService(f.Service)
	}
	if port < 0 {
		return root("port-mismatch", &s.Meta, object("Service", &s.Meta), fmt.Sprintf("Service %s has no port %d.", nameOf(&s.Meta), f.Service.Port()))
	}
	return nil // what the node's rules say, only their dump tells
}

// noSuchService tells that no Service had an address then: none of the snapshot has it, although some have others near it, or one that was created
// later.
func (a *asked) noSuchService(to netip.AddrPort) *fact.Root {
	if !to.IsValid() {
		return nil
	}
	network := kube.ServiceNetwork(to.Addr())
	var near *snapshot.Service
	for i := range a.snapshot.Services {
		s := &a.snapshot.Services[i]
		for _, x := range s.Addresses {
			switch {
			case x == to.Addr() && s.Created > a.span.First:
				return root("rule-later", &s.Meta, object("Service", &s.Meta), fmt.Sprintf("Service %s was created at %s, after the first packet to it.", nameOf(&s.Meta), clock(s.Created)))
			case network.Contains(x):
				near = s
			}
		}
	}
	if near == nil || a.names.Held(to.Addr()) {
		return nil
	}
	return &fact.Root{
		Kind: "no-such-service", Source: near.File + ": Services", Objects: []fact.Object{},
		Text: fmt.Sprintf("No Service of the snapshot has the address %s. A client that keeps an address goes on calling it when the Service is gone.", to.Addr()),
	}
}
