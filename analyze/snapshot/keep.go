package snapshot

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// groups are the API groups of the kinds that are kept: others have kinds of the same name.
var groups = map[string]string{
	"Node": "", "Namespace": "", "Pod": "", "Service": "", "ConfigMap": "", "EndpointSlice": "discovery.k8s.io",
	"NetworkPolicy": "networking.k8s.io", "Deployment": "apps", "ReplicaSet": "apps", "StatefulSet": "apps", "DaemonSet": "apps",
}

// known reports whether an object is of a kind that is kept.
func (o *object) known() bool {
	group, ok := groups[o.Kind]
	version := o.APIVersion
	if i := strings.LastIndexByte(version, '/'); i >= 0 {
		return ok && version[:i] == group
	}
	return ok && (group == "" || version == "")
}

// keep adds an object, if it is of a kind that is kept.
func (r *reader) keep(o *object) error {
	if !o.known() {
		return nil
	}
	if o.Metadata.Name == "" {
		return fmt.Errorf("a %s without a name", o.Kind)
	}
	m := r.meta(o)
	s := r.snapshot
	switch o.Kind {
	case "Node":
		n := Node{Meta: m, Conditions: r.conditions(o), PodNetworks: networks(append(o.Spec.PodCIDRs, o.Spec.PodCIDR)...)}
		slices.SortFunc(n.PodNetworks, func(a, b netip.Prefix) int { return a.Compare(b) })
		n.PodNetworks = slices.Compact(n.PodNetworks)
		for _, a := range o.Status.Addresses {
			n.Addresses = append(n.Addresses, addresses(a.Address)...)
		}
		s.Nodes = append(s.Nodes, n)
	case "Namespace":
		s.Namespaces = append(s.Namespaces, Namespace{m})
	case "Pod":
		s.Pods = append(s.Pods, r.pod(m, o))
	case "Service":
		sv, err := service(m, o)
		if err != nil {
			return err
		}
		s.Services = append(s.Services, sv)
	case "EndpointSlice":
		s.Slices = append(s.Slices, slice(m, o))
	case "NetworkPolicy":
		p, err := policy(m, o)
		if err != nil {
			return err
		}
		s.Policies = append(s.Policies, p)
	case "ConfigMap":
		if len(o.Data) > 0 {
			s.Configs = append(s.Configs, ConfigMap{m, o.Data})
		}
	default:
		w := Workload{Meta: m, Kind: o.Kind, Template: o.Spec.Template.Metadata.Labels}
		if len(o.Spec.Selector) > 0 {
			var l labelSelector
			if err := json.Unmarshal(o.Spec.Selector, &l); err != nil {
				return err
			}
			w.Pods = Selector(l)
		}
		s.Workloads = append(s.Workloads, w)
	}
	return nil
}

func (r *reader) meta(o *object) Meta {
	x := &o.Metadata
	m := Meta{
		Namespace: x.Namespace, Name: x.Name, UID: x.UID, Labels: x.Labels, Created: int64(x.Created), Deleted: int64(x.Deleted), File: r.file,
	}
	for _, owner := range x.Owners {
		if owner.Controller {
			m.Owner = Owner{owner.Kind, owner.Name}
		}
	}
	r.saw(x.Created)
	return m
}

// saw remembers a time that lies in the past of the snapshot.
func (r *reader) saw(m moment) { r.snapshot.Taken = max(r.snapshot.Taken, int64(m)) }

func (r *reader) conditions(o *object) (out []Condition) {
	for _, c := range o.Status.Conditions {
		r.saw(c.Changed)
		r.saw(c.Heartbeat)
		r.snapshot.Heard = max(r.snapshot.Heard, int64(c.Heartbeat))
		out = append(out, Condition{c.Type, c.Status, c.Reason, int64(c.Changed)})
	}
	return out
}

func (r *reader) pod(m Meta, o *object) Pod {
	p := Pod{
		Meta: m, Node: o.Spec.NodeName, HostNetwork: o.Spec.HostNetwork, Phase: o.Status.Phase, Started: int64(o.Status.StartTime),
		Conditions: r.conditions(o), GracePeriod: o.Spec.GracePeriod, DNSPolicy: o.Spec.DNSPolicy, Searches: o.Spec.DNSConfig.Searches,
	}
	r.saw(o.Status.StartTime)
	list := []string{o.Status.PodIP}
	for _, a := range o.Status.PodIPs {
		list = append(list, a.IP)
	}
	p.Addresses = addresses(list...)
	for _, option := range o.Spec.DNSConfig.Options {
		if option.Name == "ndots" {
			p.Ndots = option.Value
		}
	}
	states := map[string]*containerStatus{}
	for _, list := range [][]containerStatus{o.Status.InitContainers, o.Status.Containers} {
		for i := range list {
			states[list[i].Name] = &list[i]
		}
	}
	for i := range o.Spec.InitContainers {
		if c := &o.Spec.InitContainers[i]; c.RestartPolicy == "Always" {
			p.Containers = append(p.Containers, r.container(c, states[c.Name]))
		}
	}
	for i := range o.Spec.Containers {
		c := &o.Spec.Containers[i]
		p.Containers = append(p.Containers, r.container(c, states[c.Name]))
	}
	return p
}

func (r *reader) container(c *container, s *containerStatus) Container {
	out := Container{Name: c.Name, PreStop: c.Lifecycle.PreStop != nil}
	for _, p := range c.Ports {
		out.Ports = append(out.Ports, ContainerPort{p.Name, p.Port, p.HostPort, cmp.Or(p.Protocol, "TCP")})
	}
	if p := c.Probe; p != nil {
		switch {
		case p.HTTP != nil:
			out.Probe = "HTTP GET " + p.HTTP.Path + " on port " + PortOrName(p.HTTP.Port).String()
		case p.TCP != nil:
			out.Probe = "TCP port " + PortOrName(p.TCP.Port).String()
		case p.GRPC != nil:
			out.Probe = "gRPC on port " + PortOrName(p.GRPC.Port).String()
		default:
			out.Probe = "a command" // which one is nobody's business
		}
	}
	if s != nil {
		out.Ready, out.Restarts, out.State, out.Last = s.Ready, s.Restarts, r.state(&s.State), r.state(&s.Last)
	}
	return out
}

func (r *reader) state(s *containerState) ContainerState {
	switch {
	case s.Running != nil:
		r.saw(s.Running.Started)
		return ContainerState{Kind: "running", Started: int64(s.Running.Started)}
	case s.Waiting != nil:
		return ContainerState{Kind: "waiting", Reason: s.Waiting.Reason}
	case s.Terminated != nil:
		t := s.Terminated
		r.saw(t.Finished)
		return ContainerState{"terminated", t.Reason, t.ExitCode, int64(t.Started), int64(t.Finished)}
	}
	return ContainerState{}
}

func service(m Meta, o *object) (Service, error) {
	x := &o.Spec
	s := Service{
		Meta: m, Type: cmp.Or(x.Type, "ClusterIP"), Addresses: addresses(append(x.ClusterIPs, x.ClusterIP)...), External: addresses(x.ExternalIPs...),
		InternalPolicy: cmp.Or(x.InternalPolicy, "Cluster"), ExternalPolicy: cmp.Or(x.ExternalPolicy, "Cluster"), PublishNotReady: x.PublishNotReady,
	}
	for _, in := range o.Status.LoadBalancer.Ingress {
		s.External = append(s.External, addresses(in.IP)...)
	}
	for _, p := range x.Ports {
		s.Ports = append(s.Ports, ServicePort{p.Name, p.Port, PortOrName(p.Target), p.NodePort, cmp.Or(p.Protocol, "TCP")})
	}
	if len(x.Selector) > 0 {
		return s, json.Unmarshal(x.Selector, &s.Selector)
	}
	return s, nil
}

// serviceLabel says which Service a slice belongs to (discovery/v1, LabelServiceName).
const serviceLabel = "kubernetes.io/service-name"

func slice(m Meta, o *object) EndpointSlice {
	s := EndpointSlice{Meta: m, Service: m.Labels[serviceLabel]}
	for _, p := range o.Ports {
		s.Ports = append(s.Ports, SlicePort{p.Name, cmp.Or(p.Protocol, "TCP"), p.Port})
	}
	for _, e := range o.Endpoints {
		c := &e.Conditions
		ready := c.Ready == nil || *c.Ready // discovery/v1: nil is to be taken as true, and serving as ready is
		out := Endpoint{
			Addresses: addresses(e.Addresses...), Node: e.Node, Ready: ready, Serving: c.Serving == nil && ready || c.Serving != nil && *c.Serving,
			Terminating: c.Terminating != nil && *c.Terminating,
		}
		if e.Target != nil && e.Target.Kind == "Pod" {
			out.Pod = e.Target.Name
		}
		s.Endpoints = append(s.Endpoints, out)
	}
	return s
}

func policy(m Meta, o *object) (NetworkPolicy, error) {
	x := &o.Spec
	p := NetworkPolicy{Meta: m, Pods: Selector(x.PodSelector)}
	p.Ingress = len(x.PolicyTypes) == 0 || slices.Contains(x.PolicyTypes, "Ingress")
	p.Egress = len(x.PolicyTypes) == 0 && len(x.Egress) > 0 || slices.Contains(x.PolicyTypes, "Egress")
	var err error
	if p.IngressRules, err = policyRules(x.Ingress); err == nil {
		p.EgressRules, err = policyRules(x.Egress)
	}
	return p, err
}

func policyRules(list []policyRule) (out []PolicyRule, err error) {
	for _, in := range list {
		var rule PolicyRule
		for _, p := range in.Ports {
			rule.Ports = append(rule.Ports, PolicyPort{cmp.Or(p.Protocol, "TCP"), PortOrName(p.Port), p.End})
		}
		for _, p := range append(in.From, in.To...) {
			peer := PolicyPeer{Pods: (*Selector)(p.Pods), Namespaces: (*Selector)(p.Namespaces)}
			if b := p.Block; b != nil {
				block := networks(b.CIDR)
				peer.Except = networks(b.Except...)
				if len(block) != 1 || len(peer.Except) != len(b.Except) {
					return nil, fmt.Errorf("%.60q is no block of addresses", append([]string{b.CIDR}, b.Except...))
				}
				peer.Block = block[0]
			}
			rule.Peers = append(rule.Peers, peer)
		}
		out = append(out, rule)
	}
	return out, nil
}
