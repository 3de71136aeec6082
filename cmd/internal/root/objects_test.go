package root

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/rules"
)

// told is a finding, facts and a snapshot, and the kind of root that is to come of them; says is a part of its text.
type told struct {
	name     string
	finding  *rules.Finding
	facts    fact.Facts
	snapshot *snapshot.Snapshot
	want     string
	says     string
}

func tell(t *testing.T, list []told) {
	t.Helper()
	for _, x := range list {
		got, text := "", ""
		if r := New(&x.facts, snapshot.NewNames(x.snapshot)).Find(x.finding); r != nil {
			got, text = r.Kind, r.Text
			if r.Source == "" || len(r.Objects) == 0 || !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %+v", x.name, r)
			}
		}
		if got != x.want || !strings.Contains(text, x.says) {
			t.Errorf("%s: %q, not %q with %q (%s)", x.name, got, x.want, x.says, text)
		}
	}
}

// snapped is the world with Services of two namespaces, taken shortly after the packets, and changed.
func snapped(change ...func(*snapshot.Snapshot)) *snapshot.Snapshot {
	s := world()
	s.Taken = last + 60e9
	s.Services = append(s.Services, snapshot.Service{
		Meta: meta("kube-system", "kube-dns", ""), Addresses: []netip.Addr{addr("10.96.0.10")}, Selector: map[string]string{"app": "dns"},
		Ports: []snapshot.ServicePort{{Port: 53, Target: snapshot.PortOrName{Port: 53}, Protocol: "UDP"}},
	})
	for _, c := range change {
		c(s)
	}
	return s
}

func TestNoSuchService(t *testing.T) {
	called := func(rule, at string) *rules.Finding {
		f := call(rule)
		f.Service, f.Backend = port1(at), netip.AddrPort{}
		return f
	}
	translated := func(start int64) fact.Facts {
		return fact.Facts{Reach: []fact.Reach{{
			Client: addr("10.244.1.6"), Called: port1("10.96.0.99:80"), Backend: port1("10.244.2.8:8080"), Proto: fact.TCP, Signs: fact.SignAnswered,
			First: start, LastStart: start, Last: start + 1e9,
		}}}
	}
	created := func(at int64) func(*snapshot.Snapshot) {
		return func(s *snapshot.Snapshot) { s.Services[0].Created = at }
	}
	tell(t, []told{
		{name: "none", finding: called("svc-no-dnat", "10.96.0.99:80"), snapshot: snapped(), want: "no-such-service", says: "10.96.0.99"},
		{name: "none, of a SYN that lasts", finding: called("ct-syn-stale", "10.96.0.99:80"), snapshot: snapped(), want: "no-such-service"},
		{name: "there is one", finding: called("svc-no-dnat", "10.96.0.50:80"), snapshot: snapped()},
		{name: "far from Services", finding: called("svc-no-dnat", "172.20.0.99:80"), snapshot: snapped()},
		{name: "a node's", finding: called("svc-no-dnat", "192.168.1.10:80"), snapshot: snapped()},
		{name: "a snapshot from long before", finding: called("svc-no-dnat", "10.96.0.99:80"), snapshot: snapped(func(s *snapshot.Snapshot) { s.Taken = first - 700e9 })},
		{name: "Services of one namespace", finding: called("svc-no-dnat", "10.96.0.99:80"), snapshot: snapped(func(s *snapshot.Snapshot) { s.Services = s.Services[:2] })},
		{name: "no Services", finding: called("svc-no-dnat", "10.96.0.99:80"), snapshot: snapped(func(s *snapshot.Snapshot) { s.Services = nil })},
		{name: "created later", finding: called("svc-no-dnat", "10.96.0.50:80"), snapshot: snapped(created(last + 5e9)), want: "no-such-service", says: "was created at"},
		{name: "created meanwhile", finding: called("svc-no-dnat", "10.96.0.50:80"), snapshot: snapped(created(first + 5e9))},
		{name: "others are translated", finding: called("svc-no-dnat", "10.96.0.99:80"), facts: translated(first + 1e9), snapshot: snapped(), want: "contradicted"},
		{name: "others were, before", finding: called("svc-no-dnat", "10.96.0.99:80"), facts: translated(first - 9e9), snapshot: snapped(), want: "no-such-service"},
	})
}

func TestDuplicateAddress(t *testing.T) {
	f := &rules.Finding{Rule: "cni-duplicate-ip", First: first, Last: last}
	f.Backend = port1("10.244.2.8:0")
	second := func(change func(*snapshot.Pod)) func(*snapshot.Snapshot) {
		return func(s *snapshot.Snapshot) {
			p := s.Pods[1]
			p.Meta, p.Node = meta("other", "db", "db"), "node3"
			if change != nil {
				change(&p)
			}
			s.Pods = append(s.Pods, p)
		}
	}
	tell(t, []told{
		{name: "two pods", finding: f, snapshot: snapped(second(nil)), want: "duplicate-address", says: "other/db on node3"},
		{name: "one", finding: f, snapshot: snapped()},
		{name: "one that has ended", finding: f, snapshot: snapped(second(func(p *snapshot.Pod) { p.Created, p.Phase = 1, "Succeeded" }))},
		{name: "one that came later", finding: f, snapshot: snapped(second(func(p *snapshot.Pod) { p.Created = last + 1e9 }))},
		{name: "one in the network of its host", finding: f, snapshot: snapped(second(func(p *snapshot.Pod) { p.HostNetwork = true }))},
		{name: "the same in two files", finding: f, snapshot: snapped(func(s *snapshot.Snapshot) { s.Pods = append(s.Pods, s.Pods[1]) })},
		{
			name: "a node", finding: f, want: "duplicate-address", says: "node node3",
			snapshot: snapped(func(s *snapshot.Snapshot) { s.Nodes[2].Addresses = append(s.Nodes[2].Addresses, f.Backend.Addr()) }),
		},
	})
}

func TestPortConfig(t *testing.T) {
	f := &rules.Finding{Rule: "cni-tunnel-rejected", First: first, Last: last, Nodes: []netip.Addr{addr("192.168.1.10"), addr("192.168.1.11")}}
	sent := func(kind decode.EncapKind, port uint16, from, to string, back uint64) fact.Tunnel {
		return fact.Tunnel{Encap: fact.Encap{Kind: kind, Src: addr(from), Dst: addr(to), Port: port}, Sent: 5, Returned: back}
	}
	tunnels := func(list ...fact.Tunnel) fact.Facts { return fact.Facts{Tunnels: list} }
	config := func(data map[string]string) *snapshot.Snapshot {
		return snapped(func(s *snapshot.Snapshot) {
			s.Configs = []snapshot.ConfigMap{{Meta: meta("kube-flannel", "cfg", ""), Data: data}}
		})
	}
	flannel := config(map[string]string{"net-conf.json": `{"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan", "Port": 4789}}`})
	usual := config(map[string]string{"net-conf.json": `{"Backend": {"Type": "vxlan"}}`})
	cilium := config(map[string]string{"tunnel-protocol": "geneve", "tunnel-port": "6082", "routing-mode": "tunnel"})
	vxlan, geneve := decode.EncapVXLAN, decode.EncapGeneve
	there, back := sent(vxlan, 8472, "192.168.1.10", "192.168.1.11", 0), sent(vxlan, 8472, "192.168.1.11", "192.168.1.10", 0)
	tell(t, []told{
		{name: "flannel", finding: f, facts: tunnels(there), snapshot: flannel, want: "port-config", says: "Backend.Port"},
		{name: "the other way", finding: f, facts: tunnels(back), snapshot: flannel, want: "port-config", says: "node2"},
		{name: "flannel's usual", finding: f, facts: tunnels(there), snapshot: usual},
		{name: "not flannel's usual", finding: f, facts: tunnels(sent(vxlan, 4789, "192.168.1.10", "192.168.1.11", 0)), snapshot: usual, want: "port-config", says: "8472"},
		{name: "cilium", finding: f, facts: tunnels(sent(geneve, 6081, "192.168.1.10", "192.168.1.11", 0)), snapshot: cilium, want: "port-config", says: "tunnel-port"},
		{name: "cilium of another kind", finding: f, facts: tunnels(there), snapshot: cilium},
		{name: "cilium's own", finding: f, facts: tunnels(sent(geneve, 6082, "192.168.1.10", "192.168.1.11", 0)), snapshot: cilium},
		{name: "native routing", finding: f, facts: tunnels(there), snapshot: config(map[string]string{"tunnel-protocol": "vxlan", "tunnel-port": "1", "routing-mode": "native"})},
		{name: "of other nodes", finding: f, facts: tunnels(sent(vxlan, 8472, "192.168.1.10", "192.168.1.12", 0)), snapshot: flannel},
		{name: "works elsewhere", finding: f, facts: tunnels(there, sent(vxlan, 8472, "192.168.1.10", "192.168.1.12", 7)), snapshot: flannel, want: "contradicted"},
		{name: "not JSON", finding: f, facts: tunnels(there), snapshot: config(map[string]string{"net-conf.json": `{"Backend": 7`})},
	})
}
