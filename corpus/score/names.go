package score

import (
	"net/netip"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/cases"
)

// names wants every party of a connection to have its name and no other, where the snapshot has all objects that there were.
func (r *Result) names(s *cases.Scene, a *Answer) {
	for _, remark := range a.Remarks {
		if !strings.Contains(remark, "names are marked") {
			r.complain("of the snapshot: %s", remark)
		}
	}
	for i := range a.Connections {
		c := &a.Connections[i]
		if c.Objects == nil {
			c.Objects = &fact.Objects{}
		}
		r.name(s, "client", c, c.Client, c.Objects.Client)
		r.name(s, "Service", c, c.Service, c.Objects.Service)
		r.name(s, "backend", c, c.Backend, c.Objects.Backend)
	}
}

func (r *Result) name(s *cases.Scene, what string, c *fact.Connection, at netip.AddrPort, got *fact.Object) {
	want, name := s.Known.NameOf(at, c.Start), ""
	if got != nil {
		name = strings.TrimSuffix(got.String(), "?") // whether it is doubtful is the snapshot's time alone
	}
	if what == "backend" && got != nil && got.Kind == "Node" { // the NodePort of a Service that a balancer sends to
		return
	}
	if want != name {
		r.complain("the %s of %s > %s, %s, is named %q, want %q", what, c.Client, c.Called, at, name, want)
	}
}
