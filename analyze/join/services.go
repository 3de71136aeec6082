package join

import (
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/role"
	"github.com/netsift/netsift/decode/wire"
)

// maxServices bounds what is remembered of addresses called.
const maxServices = 1 << 16

// services is what is known of the addresses that are called.
type services struct {
	// server holds endpoints that accepted connections, vip those that were translated or refused by the node.
	server map[endpoint]bool
	vip    map[endpoint]fact.ServiceEvidence
	// ports holds the ports of VIPs that are addresses of nodes: NodePorts, the same on every node.
	ports map[uint16]bool
	// ranges holds the networks in which ClusterIPs lie, see network.
	ranges map[wire.Addr]bool
	// named holds addresses that DNS gave for names of Services.
	named map[wire.Addr]bool
}

func newServices() services {
	return services{
		server: map[endpoint]bool{}, vip: map[endpoint]fact.ServiceEvidence{},
		ports: map[uint16]bool{}, ranges: map[wire.Addr]bool{}, named: map[wire.Addr]bool{},
	}
}

func (s *services) accepts(e endpoint) {
	if len(s.server) < maxServices {
		s.server[e] = true
	}
}

// Kubernetes' default range for NodePorts, --service-node-port-range.
const firstNodePort, lastNodePort = 30000, 32767

func isNodePort(port uint16) bool { return port >= firstNodePort && port <= lastNodePort }

// learn enters an endpoint that is a Service's.
func (s *services) learn(e endpoint, by fact.ServiceEvidence, roles *role.Tracker) {
	if len(s.vip) >= maxServices {
		return
	}
	if old, ok := s.vip[e]; !ok || by < old {
		s.vip[e] = by
	}
	if isNodePort(e.port) {
		s.ports[e.port] = true
		return
	}
	if r, _ := roles.Of(e.addr); r == fact.RoleNode {
		return
	}
	roles.Service(e.addr)
	s.ranges[network(e.addr)] = true
}

// name enters an address that DNS gave for a Service's name. That of a headless Service is a pod's, which shows elsewhere.
func (s *services) name(a wire.Addr) {
	if len(s.named) < maxServices {
		s.named[a] = true
	}
}

// of returns why an endpoint that was not translated is taken for a Service's.
func (s *services) of(e endpoint, roles *role.Tracker) fact.ServiceEvidence {
	if by, ok := s.vip[e]; ok {
		return max(by, fact.OtherConnection)
	}
	if s.ports[e.port] {
		if r, _ := roles.Of(e.addr); r == fact.RoleNode || !roles.Speaks(e.addr) {
			return fact.OtherConnection
		}
	}
	if s.named[e.addr] && !roles.NearPods(e.addr) {
		return fact.DNSAnswer
	}
	if s.ranges[network(e.addr)] && !roles.Speaks(e.addr) && !roles.NearPods(e.addr) {
		if r, _ := roles.Of(e.addr); r == fact.RoleUnknown || r == fact.RoleService {
			return fact.OtherConnection
		}
	}
	return fact.NotAService
}

// network returns the network around a Service's address in which others are taken for Services' too: a /20, the smallest
// range that managed clusters give them, or a /112 of IPv6. A larger one would take hosts outside of the cluster for Services.
func network(a wire.Addr) wire.Addr {
	if a.Is4() {
		return wire.Addr{Lo: a.Lo &^ 0xfff}
	}
	return wire.Addr{Hi: a.Hi, Lo: a.Lo &^ 0xffff}
}
