package report

import (
	"net/netip"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/rules"
)

// Title returns the title of a finding with the names of its objects: each address of its place has its name before it where it comes first,
// "default/web-1 (10.244.2.8:8080) never answers default/client (10.244.1.5)".
func Title(f *rules.Finding) string {
	if f.Objects == nil {
		return f.Title
	}
	o, p := f.Objects, &f.Place
	named := map[string]bool{}
	name := func(address string) string {
		a, err := netip.ParseAddrPort(address)
		alone, err2 := netip.ParseAddr(address)
		if err2 == nil {
			a = netip.AddrPortFrom(alone, 0)
		} else if err != nil {
			return address
		}
		is := func(b netip.AddrPort) bool { return a == b || err2 == nil && alone == b.Addr() }
		for _, x := range []struct {
			object *fact.Object
			is     bool
		}{{o.Service, is(p.Service)}, {o.Backend, is(p.Backend)}, {o.Server, is(p.Server)}, {o.Client, a.Addr() == p.Client}} {
			if x.is && x.object != nil && !named[address] {
				named[address] = true
				return Named(x.object, address)
			}
		}
		return address
	}
	words := strings.Split(f.Title, " ")
	for i, w := range words {
		core := strings.TrimRight(w, ".,;:")
		named := name(core)
		if i > 0 && words[i-1] == "Service" {
			named = strings.TrimPrefix(named, "svc ")
		}
		words[i] = named + w[len(core):]
	}
	return strings.Join(words, " ")
}
