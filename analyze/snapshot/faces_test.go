package snapshot

import (
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// veth is the interface of what has an address.
func veth(ip string) fact.InterfaceRole { return fact.InterfaceRole{Kind: fact.Veth, Pod: addr(ip)} }

// behind returns who is behind an interface, "" for who has no name.
func behind(r fact.InterfaceRole) string {
	if r.Object == nil {
		return ""
	}
	return r.Object.String()
}

func TestFaces(t *testing.T) {
	n := NewNames(small())
	captures := []fact.Capture{{Frames: 9, First: at("04:20:00"), Last: at("04:21:00")}, {}}
	f := &fact.Facts{Captures: captures, Interfaces: []fact.Interface{
		{Role: veth("10.244.1.5")}, {Role: veth("10.244.1.8")}, {Role: veth("10.244.1.9")}, {Role: veth("192.168.1.11")}, {Role: fact.InterfaceRole{Kind: fact.Bridge}},
	}, DNS: fact.DNSTotals{Servers: []fact.DNSServer{{Server: addrPort("10.96.0.10:53")}, {Server: addrPort("8.8.8.8:53")}}}}
	before, servers := f.Interfaces, f.DNS.Servers
	n.Facts(f)
	var got []string
	for i := range f.Interfaces {
		got = append(got, behind(f.Interfaces[i].Role))
	}
	// Two pods in turn are told apart, two at once are not named, and a node is no pod.
	if want := []string{"shop/client", "shop/second", "", "", ""}; !slices.Equal(got, want) {
		t.Errorf("interfaces of %q, want %q", got, want)
	}
	if o := f.DNS.Servers[0].Object; o == nil || o.String() != "svc kube-system/kube-dns" || f.DNS.Servers[1].Object != nil {
		t.Errorf("servers %+v", f.DNS.Servers)
	}
	if before[0].Role.Object != nil || servers[0].Object != nil {
		t.Error("a list that others may have was changed")
	}

	next := fact.Interface{Role: veth("10.244.1.5")}
	w := &fact.Walk{Connection: &fact.Connection{Client: addrPort("10.244.1.8:40000"), Start: at("04:05:00"), End: at("04:06:00")}}
	w.Ways[0] = fact.Way{Hops: []fact.Hop{{Role: veth("10.244.1.8")}}, Copies: []fact.Hop{{Role: veth("10.244.1.5")}}, Next: &next}
	n.Walk(w)
	if got := behind(w.Ways[0].Hops[0].Role); got != "shop/first" || w.Connection.Objects.Client.Name != "first" {
		t.Errorf("the client's interface is of %q", got)
	}
	if behind(w.Ways[0].Copies[0].Role) != "shop/client" || behind(w.Ways[0].Next.Role) != "shop/client" || next.Role.Object != nil {
		t.Errorf("copies of %q, next %q", behind(w.Ways[0].Copies[0].Role), behind(w.Ways[0].Next.Role))
	}
	n.Walk(&fact.Walk{}) // of captures without a connection

	where := &fact.Where{After: fact.Viewpoint{Role: veth("10.244.1.5")}}
	n.Where(where, Span{at("04:05:00"), at("04:06:00")})
	n.Where(nil, Span{})
	if behind(where.After.Role) != "shop/client" || where.Before.Role.Object != nil {
		t.Errorf("vanish after %q", behind(where.After.Role))
	}
}

func TestListing(t *testing.T) {
	s := small()
	s.Pods[0].Maker = Owner{"Deployment", "client"}
	s.Workloads = []Workload{{Meta: Meta{Namespace: "shop", Name: "web"}, Kind: "Deployment"}, {Meta: Meta{Namespace: "shop", Name: "log"}, Kind: "DaemonSet"}}
	for kind, want := range map[string][]string{
		"Pod": {
			"shop/client", "shop/db-0", "shop/first", "shop/gone", "shop/proxy", "shop/second", "shop/twin-a", "shop/twin-b", "shop/unlisted",
		},
		"Service":     {"kube-system/kube-dns", "other/web", "shop/clash-a", "shop/clash-b", "shop/web"},
		"Node":        {"node1", "node2"},
		"Namespace":   {"kube-system", "other", "shop"},
		"Deployment":  {"shop/client", "shop/web"},
		"DaemonSet":   {"shop/log"},
		"StatefulSet": nil,
	} {
		if got := s.Listing(kind); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}
