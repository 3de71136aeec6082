package redact

import (
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/decode/capture"
)

// Facts returns a redacted copy of facts.
func (r *Redaction) Facts(f *fact.Facts) *fact.Facts {
	if f == nil {
		return nil
	}
	c := *f
	c.Captures = r.Captures(f.Captures)
	c.Reach = each(f.Reach, r.reach)
	c.Lookups = each(f.Lookups, r.lookup)
	c.Plain, c.Heard = each(f.Plain, r.plain), each(f.Heard, r.heard)
	c.DNS = *r.DNS(&f.DNS)
	c.Tunnels = each(f.Tunnels, r.tunnel)
	c.Neighbours = each(f.Neighbours, r.neighbour)
	c.Addresses = each(f.Addresses, r.address)
	slices.SortFunc(c.Addresses, func(a, b fact.Address) int { return a.Addr.Compare(b.Addr) }) // facts have them in order
	c.Interfaces = each(f.Interfaces, r.interfaceFact)
	c.Cluster.PodNetworks = each(f.Cluster.PodNetworks, r.network)
	slices.SortFunc(c.Cluster.PodNetworks, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	c.Timeline.Buckets = slices.Clone(f.Timeline.Buckets)
	if c.Part = clone(f.Part); c.Part != nil {
		c.Part.Addresses = each(f.Part.Addresses, r.Addr)
		slices.SortFunc(c.Part.Addresses, netip.Addr.Compare)
	}
	return &c
}

// Captures returns redacted copies of what is known of all captures.
func (r *Redaction) Captures(list []fact.Capture) []fact.Capture {
	out := make([]fact.Capture, len(list))
	for i := range list {
		out[i] = r.Capture(i, &list[i])
	}
	return out
}

// Capture returns a redacted copy of what is known of the capture with this index.
func (r *Redaction) Capture(i int, c *fact.Capture) fact.Capture {
	out := *c
	out.File, out.Node = r.files[i], r.node(c.Node)
	out.CommonHost = r.Addr(c.CommonHost)
	out.CopyOf = r.named[c.CopyOf]
	if c.Of != "" {
		out.Of = r.files[i]
	}
	out.LinkTypes, out.Error = slices.Clone(c.LinkTypes), unnamed(c.Error, c.File)
	out.Damage = each(c.Damage, func(d capture.Damage) capture.Damage {
		d.What = unnamed(d.What, c.File)
		return d
	})
	if c.Stream != nil {
		s := *c.Stream
		out.Stream = &s
	}
	return out
}

// unnamed returns why a file can't be read, which is said in netsift's words, or in those of the system: they may name it.
func unnamed(why, file string) string {
	if file != "-" && strings.Contains(why, path.Base(file)) {
		return "can't be read"
	}
	return why
}

func (r *Redaction) reach(x fact.Reach) fact.Reach {
	x.Client = r.Addr(x.Client)
	x.Former = r.AddrPort(x.Former)
	x.Called, x.Destination, x.Service, x.Backend = r.AddrPort(x.Called), r.AddrPort(x.Destination), r.AddrPort(x.Service), r.AddrPort(x.Backend)
	x.Examples = each(x.Examples, func(c fact.Connection) fact.Connection { return *r.Connection(&c) })
	return x
}

// DNS returns a redacted copy of what lookups cost.
func (r *Redaction) DNS(d *fact.DNSTotals) *fact.DNSTotals {
	c := *d
	c.Costs.Clients = each(d.Costs.Clients, func(x fact.DNSClientCost) fact.DNSClientCost {
		x.Client = r.Addr(x.Client)
		return x
	})
	c.Costs.Names = each(d.Costs.Names, func(x fact.DNSNameCost) fact.DNSNameCost {
		x.Name, x.Full = r.Name(x.Name), r.Name(x.Full)
		return x
	})
	c.Servers = each(d.Servers, func(x fact.DNSServer) fact.DNSServer {
		x.Server, x.Backends, x.Object = r.AddrPort(x.Server), each(x.Backends, r.AddrPort), r.object(x.Object)
		return x
	})
	return &c
}

func (r *Redaction) tunnel(x fact.Tunnel) fact.Tunnel {
	x.Encap = r.encap(x.Encap)
	x.Errors = each(x.Errors, r.icmpError)
	x.Marks = slices.Clone(x.Marks)
	return x
}

func (r *Redaction) address(x fact.Address) fact.Address {
	x.Addr, x.Node = r.Addr(x.Addr), r.node(x.Node)
	return x
}

func (r *Redaction) interfaceFact(x fact.Interface) fact.Interface {
	x.Name, x.Role = r.InterfaceName(x.Name), r.role(x.Role)
	return x
}

// network returns what stands for a network: addresses in it have their substitutes there.
func (r *Redaction) network(p netip.Prefix) netip.Prefix {
	return netip.PrefixFrom(r.Addr(p.Addr()), p.Bits()).Masked()
}
