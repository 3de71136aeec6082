package build

import "net/netip"

// Service is a Kubernetes Service: an address that the proxy translates to one of its endpoints.
type Service struct {
	c         *Cluster
	name      string
	proto     uint8
	vip       netip.AddrPort
	nodePort  uint16
	local     bool
	endpoints []netip.AddrPort
	next      int
	born      int64
}

// Service adds a TCP Service, UDP where the port is 53, with its ClusterIP and port.
func (c *Cluster) Service(name, vip string) *Service {
	s := &Service{c: c, name: name, proto: protoTCP, vip: netip.MustParseAddrPort(vip), born: c.birth()}
	if s.vip.Port() == 53 {
		s.proto = protoUDP
	}
	c.services = append(c.services, s)
	return s
}

// UDP makes it a UDP Service.
func (s *Service) UDP() *Service { s.proto = protoUDP; return s }

// SCTP makes it an SCTP Service.
func (s *Service) SCTP() *Service { s.proto = protoSCTP; return s }

// Endpoints sets the backends, in the order in which connections get them.
func (s *Service) Endpoints(to ...netip.AddrPort) *Service {
	s.endpoints = to
	s.next = 0
	return s
}

// NodePort opens a port on every node.
func (s *Service) NodePort(port uint16) *Service { s.nodePort = port; return s }

// Local sets externalTrafficPolicy to Local.
func (s *Service) Local() *Service { s.local = true; return s }

// Name is the Service's namespace and name.
func (s *Service) Name() string { return s.name }

// VIP is the ClusterIP and port.
func (s *Service) VIP() netip.AddrPort { return s.vip }

// On is the NodePort on a node.
func (s *Service) On(n *Node) netip.AddrPort { return netip.AddrPortFrom(n.addr, s.nodePort) }

// pick returns the endpoint of the next connection, from among those that allowed accepts; ok is false without one.
func (s *Service) pick(allowed func(netip.AddrPort) bool) (netip.AddrPort, bool) {
	for range s.endpoints {
		e := s.endpoints[s.next%len(s.endpoints)]
		s.next++
		if allowed == nil || allowed(e) {
			return e, true
		}
	}
	return netip.AddrPort{}, false
}

// serviceAt finds the Service that a packet on node n addresses, and whether by its NodePort.
func (c *Cluster) serviceAt(n *Node, proto uint8, dst netip.AddrPort) (s *Service, external bool) {
	for _, s := range c.services {
		if s.proto != proto && !(s.vip.Port() == 53 && proto == protoTCP) {
			continue
		}
		if s.vip == dst {
			return s, false
		}
		if s.nodePort != 0 && dst.Port() == s.nodePort && dst.Addr() == n.addr {
			return s, true
		}
	}
	return nil, false
}
