package build

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Objects are what kubectl get nodes,pods,services -A -o json prints of a cluster at a time.
type Objects struct {
	c     *Cluster
	taken int64
	lacks map[any]bool
	// only is the namespace that was asked for, "" for all.
	only string
}

// Objects are the cluster's as they are now.
func (c *Cluster) Objects() *Objects { return &Objects{c: c, taken: c.now, lacks: map[any]bool{}} }

// Taken sets when they were asked for, as time since the script began: what is newer is not among them.
func (o *Objects) Taken(d time.Duration) *Objects {
	o.taken = epoch + int64(d)
	return o
}

// Without leaves out pods and Services.
func (o *Objects) Without(list ...any) *Objects {
	for _, x := range list {
		o.lacks[x] = true
	}
	return o
}

// Of leaves out what is in other namespaces. Nodes are in none.
func (o *Objects) Of(namespace string) *Objects {
	o.only = namespace
	return o
}

// object is a Kubernetes object as far as it is printed here.
type object map[string]any

// JSON is the list as kubectl prints it.
func (o *Objects) JSON() []byte {
	var list []object
	for _, n := range o.c.Nodes {
		list = append(list, o.node(n))
		for _, p := range n.pods {
			if !p.gone && o.has(p, p.born) {
				list = append(list, o.pod(p))
			}
		}
	}
	api := &Service{c: o.c, name: "default/kubernetes", proto: protoTCP, vip: netip.MustParseAddrPort("10.96.0.1:443")}
	services := o.c.services
	if !slices.ContainsFunc(services, func(s *Service) bool { return s.vip == api.vip }) {
		services = append([]*Service{api}, services...)
	}
	for _, s := range services {
		if o.has(s, s.born) {
			list = append(list, o.service(s))
		}
	}
	data, err := json.MarshalIndent(object{"apiVersion": "v1", "kind": "List", "items": list}, "", "  ")
	if err != nil {
		panic(err) // of strings and numbers
	}
	return data
}

// before is how long before the script things were made that are there from its beginning.
const before = int64(time.Hour)

// birth is when something is made that is made now.
func (c *Cluster) birth() int64 {
	if c.now == epoch {
		return epoch - before
	}
	return c.now
}

func (o *Objects) meta(namespace, name string, born int64) object {
	m := object{"name": name, "creationTimestamp": timestamp(born)}
	if namespace != "" {
		m["namespace"] = namespace
	}
	return m
}

// timestamp is a time as the API has it: in whole seconds.
func timestamp(t int64) string { return time.Unix(0, t).UTC().Format(time.RFC3339) }

func (o *Objects) node(n *Node) object {
	return object{
		"apiVersion": "v1", "kind": "Node", "metadata": o.meta("", n.Name, epoch-before),
		"spec": object{"podCIDR": n.podRange.String()},
		"status": object{
			"addresses":  []object{{"type": "InternalIP", "address": n.addr.String()}, {"type": "Hostname", "address": n.Name}},
			"conditions": []object{{"type": "Ready", "status": "True", "lastHeartbeatTime": timestamp(o.taken)}},
		},
	}
}

func (o *Objects) pod(p *Pod) object {
	ports := []object{}
	for _, s := range o.c.services {
		for _, e := range s.endpoints {
			x := object{"name": "main", "containerPort": e.Port(), "protocol": protocolOf(s.proto)}
			if e.Addr() == p.addr && !slices.ContainsFunc(ports, func(y object) bool { return y["containerPort"] == x["containerPort"] }) {
				ports = append(ports, x)
			}
		}
	}
	meta := o.meta(o.namespaceOf(p), p.Name(), p.born)
	meta["ownerReferences"] = []object{{"kind": "DaemonSet", "name": "pod", "controller": true}}
	return object{
		"apiVersion": "v1", "kind": "Pod", "metadata": meta,
		"spec": object{"nodeName": p.Node.Name, "containers": []object{{"name": "main", "ports": ports}}},
		"status": object{
			"phase": "Running", "podIP": p.addr.String(), "podIPs": []object{{"ip": p.addr.String()}}, "startTime": timestamp(p.born),
			"containerStatuses": []object{{"name": "main", "ready": true, "state": object{"running": object{"startedAt": timestamp(p.born)}}}},
		},
	}
}

func (o *Objects) service(s *Service) object {
	namespace, name, _ := strings.Cut(s.name, "/")
	port := object{"name": "main", "port": s.vip.Port(), "protocol": protocolOf(s.proto)}
	if len(s.endpoints) > 0 {
		port["targetPort"] = s.endpoints[0].Port()
	}
	kind := "ClusterIP"
	if s.nodePort != 0 {
		kind, port["nodePort"] = "NodePort", s.nodePort
	}
	ports := []object{port}
	if s.vip.Port() == 53 {
		ports = append(ports, object{"name": "tcp", "port": port["port"], "protocol": "TCP", "targetPort": port["targetPort"]})
	}
	return object{
		"apiVersion": "v1", "kind": "Service", "metadata": o.meta(namespace, name, s.born),
		"spec": object{"type": kind, "clusterIP": s.vip.Addr().String(), "ports": ports},
	}
}

func protocolOf(proto uint8) string {
	return map[uint8]string{protoTCP: "TCP", protoUDP: "UDP", protoSCTP: "SCTP"}[proto]
}

// NameOf is what an address was called at a time as the objects have it: default/pod-1-5, svc default/web, node node1; "" where none is certain.
func (o *Objects) NameOf(a netip.AddrPort, at int64) string {
	for _, s := range o.c.services {
		if o.has(s, s.born) && s.born <= at && (s.vip.Addr() == a.Addr() || s.nodePort != 0 && s.nodePort == a.Port() && o.c.isNode(a.Addr())) {
			return "svc " + s.name
		}
	}
	name := ""
	for _, n := range o.c.Nodes {
		if n.addr == a.Addr() {
			return "node " + n.Name
		}
		for _, p := range n.pods {
			if p.addr != a.Addr() || !o.has(p, p.born) || p.gone || p.born > at {
				continue
			}
			other := name
			if name = o.namespaceOf(p) + "/" + p.Name(); other != "" && other != name {
				return ""
			}
		}
	}
	return name
}

func (c *Cluster) isNode(a netip.Addr) bool {
	return slices.ContainsFunc(c.Nodes, func(n *Node) bool { return n.addr == a })
}

func (o *Objects) has(x any, born int64) bool {
	return !o.lacks[x] && born <= o.taken && (o.only == "" || o.only == o.namespaceOf(x))
}

// namespaceOf is the namespace of a Service, and of the pod behind it; other pods are in default.
func (o *Objects) namespaceOf(x any) string {
	name := "default"
	switch x := x.(type) {
	case *Service:
		name = x.name
	case *Pod:
		for _, s := range o.c.services {
			if slices.ContainsFunc(s.endpoints, func(e netip.AddrPort) bool { return e.Addr() == x.addr }) {
				name = s.name
				break
			}
		}
	}
	name, _, _ = strings.Cut(name, "/")
	return name
}
