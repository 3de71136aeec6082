package root

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

// noSuchService tells that no Service has the address that was called, or that it came later.
func noSuchService(a *asked) *fact.Root {
	at := a.finding.Service
	if !a.listsServices() || a.names.Denied(at.Addr()) {
		return nil
	}
	if list := a.names.ServicesAt(at.Addr()); len(list) > 0 {
		s := list[0]
		if len(list) > 1 || s.Created <= a.span.Last {
			return nil
		}
		if a.translates(at) {
			return root(unbelieved, &s.Meta, object("Service", &s.Meta), fmt.Sprintf(
				"Service %s, which has %s, was created at %s, but other connections to it were translated before.", nameOf(&s.Meta), at.Addr(), clock(s.Created)))
		}
		return root("no-such-service", &s.Meta, object("Service", &s.Meta), fmt.Sprintf(
			"Service %s, which has %s, was created at %s, after the connection.", nameOf(&s.Meta), at.Addr(), clock(s.Created)))
	}
	if !a.amongServices(at.Addr()) || a.snapshot.Taken < a.span.First-soon { // it may have come after the snapshot
		return nil
	}
	kind, text := "no-such-service", fmt.Sprintf("No Service in the snapshot has %s: it was deleted, or the client got the address from elsewhere.", at.Addr())
	if a.translates(at) {
		kind, text = unbelieved, fmt.Sprintf("No Service in the snapshot has %s, but other connections to it are translated.", at.Addr())
	}
	var objects []fact.Object
	if o := a.names.Client(a.finding.Client, a.span); o != nil {
		objects = append(objects, *o)
	}
	return a.absent(kind, text, objects...)
}

// absent makes a cause of it that no Service is there.
func (a *asked) absent(kind, text string, objects ...fact.Object) *fact.Root {
	return &fact.Root{Kind: kind, Text: text, Objects: append([]fact.Object{}, objects...), Source: a.snapshot.Services[0].File + ": Services"}
}

// listsServices reports whether the snapshot has the Services of more than one namespace: that there is none of an address, or of a name, a part of
// them does not tell. Each cluster has default/kubernetes, and one for DNS elsewhere.
func (a *asked) listsServices() bool { return len(a.services) > 1 }

// translates reports whether connections to the address of a Service that began with the finding or after it were translated and answered.
func (a *asked) translates(at netip.AddrPort) bool {
	return a.answered(func(y *fact.Reach) bool {
		return y.Called == at && y.Proto == a.proto && y.Backend.IsValid() && y.Backend != at && y.LastStart >= a.span.First
	})
}

// amongServices reports whether an address lies among those of the snapshot's Services, and no pod's or node's are there.
func (a *asked) amongServices(x netip.Addr) bool {
	return a.names.AmongServices(x) && !a.names.Held(x) && a.nodeOf(x) == nil && a.facts.Role(x) != fact.RolePod && a.facts.Role(x) != fact.RoleNode
}
