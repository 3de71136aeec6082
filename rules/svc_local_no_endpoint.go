package rules

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var svcLocalNoEndpoint = Rule{
	ID: "svc-local-no-endpoint", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "a NodePort is dropped on a node that has no local backend",
	Text: "With externalTrafficPolicy Local a node passes connections to its own pods only, and silently drops those to a " +
		"NodePort (or load balancer) whose backends are elsewhere. The load balancer's health check should keep clients away.",
	Needs: "SYNs to the NodePort that come in on the node and end there, while its other traffic is seen to pass; the same " +
		"port answered on another node makes it sure",
	Explains: []string{"cni-no-reply", "svc-no-dnat"},
	ToldFrom: []string{
		"a port that nobody listens on: there the node answers with a RST",
		"a firewall in front of the node: there the SYNs don't arrive",
	},
	NextSteps: []string{
		"kubectl get svc -A -o 'custom-columns=NS:.metadata.namespace,NAME:.metadata.name,POLICY:.spec.externalTrafficPolicy,NODEPORTS:.spec.ports[*].nodePort,HEALTH:.spec.healthCheckNodePort' | grep -w {service-port}   # " + asksName,
		"kubectl get endpointslices -n {service-namespace} -l kubernetes.io/service-name={service-name} -o 'custom-columns=ADDRESSES:.endpoints[*].addresses,READY:.endpoints[*].conditions.ready,NODES:.endpoints[*].nodeName'   # on which nodes are its backends?",
		"iptables-save | grep -e KUBE-EXTERNAL-SERVICES -e {service-port} ; nft list ruleset | grep -e no-endpoint -e {service-port}   # on the node: which rule drops them?",
		"use a node with a backend, or externalTrafficPolicy: Cluster, and let the load balancer check healthCheckNodePort",
	},
	Sources: []string{"kubernetes pkg/proxy/iptables/proxier.go (has no local endpoints)"},
	judge:   judgeLocalNoEndpoint,
}

func judgeLocalNoEndpoint(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Outcome == fact.Hang && x.Proto.Opens() && s.Cluster.NodePorts.Contains(x.Called.Port()) && s.Role(x.Client) != fact.RolePod
	}) {
		c := example(x, func(c *fact.Connection) bool {
			return c.Phase == fact.PhaseHandshake && s.onlyComesIn(c) && c.Flow[fact.ToServer].Packets >= 2 && s.whole(c) && s.bothWays(c)
		})
		if c != nil && s.isNodeOf(x.Called.Addr(), c) && !s.opened(x) {
			cs.add(x.Called.String(), hit{x, c, Place{Client: x.Client, Service: x.Called}})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		call := h.reach.Proto.Terms()
		f.Title = fmt.Sprintf("connections to NodePort %s are dropped: externalTrafficPolicy Local, and no backend on that node", f.Service)
		f.Explanation = fmt.Sprintf("%s from %s to %s got as far as the node and ended there, neither translated nor refused.",
			count(f.Count, "connection", "connections"), f.Client, f.Service)
		f.Because = []string{
			fmt.Sprintf("%d %ss come in on the node's interface and are seen nowhere else", h.conn.Flow[fact.ToServer].Packets, call.Open),
			"nothing answers them: a closed port would answer with " + call.AnAbort(),
		}
		f.Certainty = Inferred
		if other := s.answersElsewhere(h.reach); other.IsValid() {
			f.Certainty = Shown
			f.Because = append(f.Because, fmt.Sprintf("the same port answers on another node, %s", other))
		}
		list = append(list, f.fill())
	}
	return list
}

// isNodeOf reports whether an address is that of the node which shows c: it shows other traffic there, or a neighbour in its own network has sent
// packets for it to that node, which no router has touched.
func (s *scene) isNodeOf(a netip.Addr, c *fact.Connection) bool {
	if s.Role(a) == fact.RoleNode {
		return true
	}
	for _, l := range c.Legs {
		for _, v := range l.Views {
			if v.In() && (s.lastSeen(a) != 0 || fact.Untouched(v.TTL) && sameNetwork(a, l.Src.Addr())) {
				return true
			}
		}
	}
	return false
}

// opened reports whether the NodePort of x is not one that is dropped for want of a local backend: it works at the same address later, or
// the node puts its own address in the place of clients' there (externalTrafficPolicy Cluster).
func (s *scene) opened(x *fact.Reach) bool {
	p := index(s, newOpenPorts)[x.Called]
	return p.last > x.LastStart || p.masqueraded
}

// openPorts has, by NodePort, when the last connection began that worked, and whether one is known to have been masqueraded.
type openPorts map[netip.AddrPort]struct {
	last        int64
	masqueraded bool
}

func newOpenPorts(s *scene) openPorts {
	m := openPorts{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if y.Outcome != fact.OK || !s.Cluster.NodePorts.Contains(y.Called.Port()) {
			continue
		}
		p := m[y.Called]
		p.last = max(p.last, y.LastStart)
		p.masqueraded = p.masqueraded || slices.ContainsFunc(y.Examples, func(c fact.Connection) bool {
			return c.SNAT.IsValid() && c.SNAT.Addr() != c.Client.Addr()
		})
		m[y.Called] = p
	}
	return m
}

// answersElsewhere returns the address on another node that answered on the same port.
func (s *scene) answersElsewhere(x *fact.Reach) netip.AddrPort {
	for _, a := range index(s, newAnsweringPorts)[x.Called.Port()] {
		if a != x.Called {
			return a
		}
	}
	return netip.AddrPort{}
}

// answeringPorts has the first two addresses at which a Service's port answered.
type answeringPorts map[uint16][]netip.AddrPort

func newAnsweringPorts(s *scene) answeringPorts {
	m := answeringPorts{}
	for i := range s.Reach {
		y := &s.Reach[i]
		if list := m[y.Called.Port()]; y.Outcome == fact.OK && y.Service.IsValid() && len(list) < 2 && !slices.Contains(list, y.Called) {
			m[y.Called.Port()] = append(list, y.Called)
		}
	}
	return m
}
