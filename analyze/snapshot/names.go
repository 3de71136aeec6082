package snapshot

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

// Names tells which object an address belonged to. It gives an unambiguous answer or none.
type Names struct {
	snapshot *Snapshot
	holders  map[netip.Addr][]holder
	nodes    map[netip.Addr]*Node
	services map[netip.Addr][]*Service
	external map[end][]*Service
	// nodePorts are Services by their NodePort, host the pods in the network of their node by its name and their ports.
	nodePorts map[portOf][]*Service
	host      map[hostPort][]*Pod
	byName    map[objectName]*Pod
	// podNetworks and serviceNetworks are where pods and Services have their addresses.
	podNetworks, serviceNetworks map[netip.Prefix]bool
	// denied are addresses that packets show to be something else than the snapshot says. Where foreign is set, all are: it is of
	// another cluster.
	denied  map[netip.Addr]bool
	foreign bool
	// doubtful says that the snapshot is of another time than the packets.
	doubtful bool
	// remarks are what holding the snapshot against packets brought up.
	remarks []string
}

// holder is an object that had an address from one time to another, 0 for no end.
type holder struct {
	pod         *Pod
	object      fact.Object
	from, until int64
}

// end is an address and port of a protocol.
type end struct {
	netip.AddrPort
	protocol string
}

type portOf struct {
	port     uint16
	protocol string
}

type hostPort struct {
	node string
	portOf
}

type objectName struct{ kind, namespace, name string }

// Span is the time that a name is asked for: the name has to hold for all of it. Both ends are Unix nanoseconds.
type Span struct{ First, Last int64 }

// NewNames returns the names that a snapshot gives.
func NewNames(s *Snapshot) *Names {
	n := &Names{
		snapshot: s, holders: map[netip.Addr][]holder{}, nodes: map[netip.Addr]*Node{}, services: map[netip.Addr][]*Service{}, external: map[end][]*Service{},
		nodePorts: map[portOf][]*Service{}, host: map[hostPort][]*Pod{}, byName: map[objectName]*Pod{},
		podNetworks: map[netip.Prefix]bool{}, serviceNetworks: map[netip.Prefix]bool{}, denied: map[netip.Addr]bool{},
	}
	for i := range s.Nodes {
		n.enterNode(&s.Nodes[i])
	}
	if len(s.Nodes) == 0 {
		n.enterDumps()
	}
	n.enterPods()
	n.enterEndpoints()
	for i := range s.Services {
		n.enterService(&s.Services[i])
	}
	n.enterNetworks()
	return n
}

// enterNode enters a node by its addresses.
func (n *Names) enterNode(node *Node) {
	for _, a := range node.Addresses {
		if other, ok := n.nodes[a]; ok && (other == nil || other.Name != node.Name) {
			n.nodes[a] = nil // two nodes with one address: neither is named
			continue
		}
		n.nodes[a] = node
	}
}

// enterDumps enters nodes by the addresses that their dumps name, which is all that tells of them where the snapshot has no Nodes.
func (n *Names) enterDumps() {
	for i := range n.snapshot.Dumps {
		d := &n.snapshot.Dumps[i]
		if d.Node == "" {
			continue
		}
		node := &Node{Meta: Meta{Name: d.Node, File: d.File}}
		for _, a := range d.Local {
			if !a.IsLinkLocalUnicast() { // each link has such ones, whatever the cluster
				node.Addresses = append(node.Addresses, a)
			}
		}
		n.enterNode(node)
	}
}

// enterPods enters pods by their addresses. A pod that was made anew under its old name has ended the one before.
func (n *Names) enterPods() {
	s := n.snapshot
	next := map[*Pod]int64{}
	for i := range s.Pods {
		p := &s.Pods[i]
		key := objectName{"Pod", p.Namespace, p.Name}
		other := n.byName[key]
		switch {
		case other == nil || other.UID == p.UID:
			n.byName[key] = p // the same in a later file
		case other.Created < p.Created:
			next[other], n.byName[key] = p.Created, p
		default:
			next[p] = other.Created
		}
	}
	for i := range s.Pods {
		p := &s.Pods[i]
		until := p.ended()
		if other := n.byName[objectName{"Pod", p.Namespace, p.Name}]; other != p && other.UID == p.UID {
			continue
		}
		if t := next[p]; t != 0 && (until == 0 || t < until) {
			until = t
		}
		if p.HostNetwork {
			for _, c := range p.Containers {
				for _, port := range c.Ports {
					key := hostPort{p.Node, portOf{port.Port, port.Protocol}}
					n.host[key] = append(n.host[key], p)
				}
			}
			continue
		}
		for _, a := range p.Addresses {
			n.holders[a] = append(n.holders[a], holder{p, podObject(p), p.since(), until})
		}
	}
}

// since is when a pod may have had its address at the earliest: its kubelet sets its network up once it has taken it over.
func (p *Pod) since() int64 { return max(p.Created, p.Started) }

// ended is when a pod gave its address back, 0 where it has not.
func (p *Pod) ended() int64 {
	if p.Phase != "Succeeded" && p.Phase != "Failed" {
		return 0
	}
	until := p.since()
	for _, c := range p.Containers {
		until = max(until, c.State.Finished)
	}
	return until
}

// enterEndpoints enters pods that only a slice still speaks of.
func (n *Names) enterEndpoints() {
	s := n.snapshot
	for i := range s.Slices {
		slice := &s.Slices[i]
		for _, e := range slice.Endpoints {
			if e.Pod == "" || n.byName[objectName{"Pod", slice.Namespace, e.Pod}] != nil {
				continue
			}
			for _, a := range e.Addresses {
				if n.nodes[a] != nil {
					continue // in the network of its node
				}
				o := fact.Object{Kind: "Pod", Namespace: slice.Namespace, Name: e.Pod, Node: e.Node}
				n.holders[a] = append(n.holders[a], holder{nil, o, slice.Created, 0})
			}
		}
	}
}

func (n *Names) enterService(s *Service) {
	for _, a := range s.Addresses {
		n.services[a] = append(n.services[a], s)
	}
	for _, p := range s.Ports {
		for _, a := range s.External {
			key := end{netip.AddrPortFrom(a, p.Port), p.Protocol}
			n.external[key] = append(n.external[key], s)
		}
		if p.NodePort != 0 {
			key := portOf{p.NodePort, p.Protocol}
			n.nodePorts[key] = append(n.nodePorts[key], s)
		}
	}
}

func podObject(p *Pod) fact.Object {
	return fact.Object{Kind: "Pod", Namespace: p.Namespace, Name: p.Name, Owner: p.Maker.String(), Node: p.Node}
}

// unknown reports whether nothing is to be said of an address.
func (n *Names) unknown(a netip.Addr) bool { return n.foreign || n.denied[a] }

// pod returns the only one that had an address all the time, nil if there is none, or more.
func (n *Names) pod(a netip.Addr, t Span) *holder {
	var only *holder
	for i := range n.holders[a] {
		h := &n.holders[a][i]
		if h.from > t.First || h.until != 0 && h.until < t.Last {
			continue
		}
		if only != nil && (only.object.Namespace != h.object.Namespace || only.object.Name != h.object.Name || only.pod != h.pod) {
			return nil
		}
		only = h
	}
	return only
}

// Client returns the object that an address which speaks belongs to.
func (n *Names) Client(a netip.Addr, t Span) *fact.Object {
	return n.speaker(netip.AddrPortFrom(a, 0), fact.Proto(0), t)
}

// speaker returns the pod or node that an address belongs to, of a node's own the pod that has the port.
func (n *Names) speaker(a netip.AddrPort, proto fact.Proto, t Span) *fact.Object {
	addr := a.Addr()
	if n.unknown(addr) || len(n.services[addr]) > 0 {
		return nil
	}
	node := n.nodes[addr]
	if _, named := n.nodes[addr]; !named {
		if h := n.pod(addr, t); h != nil {
			o := h.object
			o.Port, o.Container, o.Doubtful = h.pod.port(a.Port(), proto), h.pod.container(a.Port(), proto), n.doubtful
			return &o
		}
		return nil
	}
	if node == nil || node.Created > t.First {
		return nil
	}
	if p := n.onHost(node.Name, a.Port(), proto, t); p != nil {
		o := podObject(p)
		o.Port, o.Container, o.Doubtful = p.port(a.Port(), proto), p.container(a.Port(), proto), n.doubtful
		return &o
	}
	return &fact.Object{Kind: "Node", Name: node.Name, Doubtful: n.doubtful}
}

// onHost returns the only pod that says it listens on a port of a node.
func (n *Names) onHost(node string, port uint16, proto fact.Proto, t Span) (only *Pod) {
	for _, protocol := range protocols(proto) {
		for _, p := range n.host[hostPort{node, portOf{port, protocol}}] {
			if p.since() > t.First || p.ended() != 0 {
				continue
			}
			if only != nil && only != p {
				return nil
			}
			only = p
		}
	}
	return only
}

// protocols are Kubernetes' names for a protocol, for none all of them.
func protocols(p fact.Proto) []string {
	if p == 0 || p == fact.ICMP {
		return []string{"TCP", "UDP", "SCTP"}
	}
	return []string{strings.ToUpper(p.String())}
}

// port returns the name that a pod gives a port, "" where it gives none or several.
func (p *Pod) port(port uint16, proto fact.Proto) string {
	if p == nil || port == 0 {
		return ""
	}
	name := ""
	for _, protocol := range protocols(proto) {
		for _, c := range p.Containers {
			for _, x := range c.Ports {
				if x.Port == port && x.Protocol == protocol && x.Name != name {
					if name != "" {
						return ""
					}
					name = x.Name
				}
			}
		}
	}
	return name
}

// container returns the name of the container that has a port, or of the only one; "" where that is none, or several.
func (p *Pod) container(port uint16, proto fact.Proto) string {
	if p == nil {
		return ""
	}
	if len(p.Containers) == 1 {
		return p.Containers[0].Name
	}
	name := ""
	for _, protocol := range protocols(proto) {
		for _, c := range p.Containers {
			for _, x := range c.Ports {
				if x.Port != port || x.Protocol != protocol || c.Name == name {
					continue
				}
				if name != "" {
					return ""
				}
				name = c.Name
			}
		}
	}
	return name
}

// Called returns the object of an address that was called as a Service's: a Service, or else a node.
func (n *Names) Called(a netip.AddrPort, proto fact.Proto, t Span) *fact.Object {
	if n.unknown(a.Addr()) {
		return nil
	}
	if list, ok := n.services[a.Addr()]; ok {
		return n.onlyService(list, a.Port(), proto, t, false)
	}
	var list []*Service
	_, ofNode := n.nodes[a.Addr()]
	for _, protocol := range protocols(proto) {
		list = append(list, n.external[end{a, protocol}]...)
		if ofNode {
			list = append(list, n.nodePorts[portOf{a.Port(), protocol}]...)
		}
	}
	if len(list) > 0 {
		return n.onlyService(list, a.Port(), proto, t, ofNode)
	}
	if ofNode {
		return n.speaker(a, proto, t)
	}
	return nil
}

// onlyService returns the Service that all entries are of, with the name of its port.
func (n *Names) onlyService(list []*Service, port uint16, proto fact.Proto, t Span, nodePort bool) *fact.Object {
	var only *Service
	for _, s := range list {
		if s.Created > t.First {
			continue
		}
		if only != nil && (only.Namespace != s.Namespace || only.Name != s.Name) {
			return nil
		}
		only = s
	}
	if only == nil {
		return nil
	}
	o := &fact.Object{Kind: "Service", Namespace: only.Namespace, Name: only.Name, Doubtful: n.doubtful}
	for _, protocol := range protocols(proto) {
		for _, p := range only.Ports {
			if p.Protocol != protocol || p.Port != port && (!nodePort || p.NodePort != port) {
				continue
			}
			if o.Port != "" && o.Port != p.Name {
				o.Port = ""
				return o
			}
			o.Port = p.Name
		}
	}
	return o
}

// Reached returns the object of an address that packets were for: a pod, a node, or a Service whose address was not translated.
func (n *Names) Reached(a netip.AddrPort, proto fact.Proto, t Span) *fact.Object {
	if n.unknown(a.Addr()) {
		return nil
	}
	if len(n.services[a.Addr()]) > 0 {
		return n.Called(a, proto, t)
	}
	return n.speaker(a, proto, t)
}

// Objects names the parties of a connection, a lookup or a finding; a zero address is none. It returns nil where none has a name.
func (n *Names) Objects(client netip.Addr, service, backend, server netip.AddrPort, proto fact.Proto, t Span) *fact.Objects {
	var o fact.Objects
	if client.IsValid() {
		o.Client = n.Client(client, t)
	}
	if service.IsValid() {
		o.Service = n.Called(service, proto, t)
	}
	if backend.IsValid() {
		o.Backend = n.Reached(backend, proto, t)
	}
	if server.IsValid() {
		o.Server = n.Reached(server, proto, t)
	}
	if o == (fact.Objects{}) {
		return nil
	}
	return &o
}

// Connection names a connection's parties.
func (n *Names) Connection(c *fact.Connection) {
	c.Objects = n.Objects(c.Client.Addr(), c.Service, c.Backend, netip.AddrPort{}, c.Proto, Span{c.Start, c.End})
}

// Lookup names a lookup's parties.
func (n *Names) Lookup(l *fact.Lookup) {
	proto := fact.UDP
	if l.TCP {
		proto = 0
	}
	l.Objects = n.Objects(l.Client, netip.AddrPort{}, l.Backend, l.Server, proto, Span{l.Start, l.Start + max(l.Duration, 0)})
}

// Summary returns what is said of the snapshot.
func (n *Names) Summary() *fact.Snapshotted {
	s := n.snapshot
	out := &fact.Snapshotted{Taken: s.Taken, Nodes: len(s.Nodes), Objects: map[string]int{}, Warnings: slices.Concat(s.Warnings, n.remarks)}
	for kind, count := range map[string]int{
		"Node": len(s.Nodes), "Namespace": len(s.Namespaces), "Pod": len(s.Pods), "Service": len(s.Services), "EndpointSlice": len(s.Slices),
		"NetworkPolicy": len(s.Policies), "ConfigMap": len(s.Configs),
	} {
		if count > 0 {
			out.Objects[kind] = count
		}
	}
	for i := range s.Workloads {
		out.Objects[s.Workloads[i].Kind]++
	}
	return out
}
