package redact

import (
	"slices"

	"github.com/netsift/netsift/analyze/snapshot/dump"
)

// dump returns a redacted copy of a dump of a node.
func (r *Redaction) dump(d dump.Dump) dump.Dump {
	d.File, d.Node, d.Local = "snapshot", r.nodeName(d.Node), each(d.Local, r.Addr)
	d.Links = slices.Clone(d.Links)
	for i := range d.Links {
		l := &d.Links[i]
		l.Name, l.Master, l.Under = r.InterfaceName(l.Name), r.InterfaceName(l.Master), r.InterfaceName(l.Under)
	}
	d.Routes = each(d.Routes, func(x dump.Route) dump.Route {
		if !x.Default() {
			x.To = r.network(x.To)
		}
		x.Via, x.Device = r.Addr(x.Via), r.InterfaceName(x.Device)
		return x
	})
	d.Neighbours = each(d.Neighbours, func(n dump.Neighbour) dump.Neighbour {
		n.Addr, n.Device, n.MAC = r.Addr(n.Addr), r.InterfaceName(n.Device), r.mac(n.MAC)
		return n
	})
	d.Forwards = each(d.Forwards, func(f dump.Forward) dump.Forward {
		f.MAC, f.Device, f.To = r.mac(f.MAC), r.InterfaceName(f.Device), r.Addr(f.To)
		return f
	})
	d.Services = each(d.Services, func(s dump.Service) dump.Service {
		s.At = r.AddrPort(s.At)
		s.Backends = each(s.Backends, func(b dump.Backend) dump.Backend {
			b.AddrPort = r.AddrPort(b.AddrPort)
			return b
		})
		return s
	})
	d.Entries = each(d.Entries, func(e dump.Entry) dump.Entry {
		e.Client, e.Called, e.Answers = r.AddrPort(e.Client), r.AddrPort(e.Called), r.AddrPort(e.Answers)
		return e
	})
	return d
}
