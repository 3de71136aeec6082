package redact

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/netsift/netsift/analyze/snapshot"
)

// Snapshot returns a redacted copy of a snapshot of the cluster. So names and causes are told from what is redacted already, and no text can
// hold an original. Selectors still select what they did. A nil Redaction returns the snapshot itself.
func (r *Redaction) Snapshot(s *snapshot.Snapshot) *snapshot.Snapshot {
	if r == nil {
		return s
	}
	c := *s
	c.Nodes = each(s.Nodes, func(x snapshot.Node) snapshot.Node {
		x.Meta = r.meta("Node", x.Meta)
		x.Addresses, x.PodNetworks, x.Conditions = each(x.Addresses, r.Addr), each(x.PodNetworks, r.network), conditions(x.Conditions)
		return x
	})
	c.Namespaces = each(s.Namespaces, func(x snapshot.Namespace) snapshot.Namespace {
		return snapshot.Namespace{Meta: r.meta("Namespace", x.Meta)}
	})
	c.Pods = each(s.Pods, r.pod)
	c.Services = each(s.Services, func(x snapshot.Service) snapshot.Service {
		x.Meta = r.meta("Service", x.Meta)
		x.Addresses, x.External, x.Selector = each(x.Addresses, r.Addr), each(x.External, r.Addr), r.labelsOf(x.Selector)
		x.Ports = each(x.Ports, func(p snapshot.ServicePort) snapshot.ServicePort {
			p.Name, p.Target = r.portName(p.Name), r.port(p.Target)
			return p
		})
		return x
	})
	c.Slices = each(s.Slices, func(x snapshot.EndpointSlice) snapshot.EndpointSlice {
		x.Meta = r.meta("EndpointSlice", x.Meta)
		x.Service = r.Name(x.Service)
		x.Ports = each(x.Ports, func(p snapshot.SlicePort) snapshot.SlicePort {
			p.Name = r.portName(p.Name)
			return p
		})
		x.Endpoints = each(x.Endpoints, func(e snapshot.Endpoint) snapshot.Endpoint {
			e.Addresses, e.Node, e.Pod = each(e.Addresses, r.Addr), r.nodeName(e.Node), r.Name(e.Pod)
			return e
		})
		return x
	})
	c.Policies = each(s.Policies, func(x snapshot.NetworkPolicy) snapshot.NetworkPolicy {
		x.Meta = r.meta("NetworkPolicy", x.Meta)
		x.Pods, x.IngressRules, x.EgressRules = r.selector(x.Pods), each(x.IngressRules, r.policyRule), each(x.EgressRules, r.policyRule)
		return x
	})
	c.Workloads = each(s.Workloads, func(x snapshot.Workload) snapshot.Workload {
		x.Meta, x.Pods, x.Template = r.meta(x.Kind, x.Meta), r.selector(x.Pods), r.labelsOf(x.Template)
		return x
	})
	c.Dumps = each(s.Dumps, r.dump)
	c.Configs = each(s.Configs, r.config)
	if n := len(s.Warnings); n > 0 {
		c.Warnings = []string{fmt.Sprintf("%d files or objects of the snapshot could not be read", n)}
	}
	return &c
}

func (r *Redaction) meta(kind string, m snapshot.Meta) snapshot.Meta {
	m.Namespace, m.Name, m.UID, m.Labels = r.Name(m.Namespace), r.objectName(kind, m.Name), r.Name(m.UID), r.labelsOf(m.Labels)
	m.Owner.Name, m.File = r.objectName(m.Owner.Kind, m.Owner.Name), "snapshot"
	return m
}

func (r *Redaction) pod(p snapshot.Pod) snapshot.Pod {
	p.Meta = r.meta("Pod", p.Meta)
	p.Maker.Name, p.Node = r.objectName(p.Maker.Kind, p.Maker.Name), r.nodeName(p.Node)
	p.Addresses, p.Conditions, p.Searches = each(p.Addresses, r.Addr), conditions(p.Conditions), each(p.Searches, r.Name)
	p.Containers = each(p.Containers, func(c snapshot.Container) snapshot.Container {
		c.Name = r.Name(c.Name)
		c.Ports = each(c.Ports, func(x snapshot.ContainerPort) snapshot.ContainerPort {
			x.Name = r.portName(x.Name)
			return x
		})
		if c.Probe != "" {
			c.Probe = "a probe"
		}
		c.State.Reason, c.Last.Reason = reason(c.State.Reason), reason(c.Last.Reason)
		return c
	})
	return p
}

// objectName returns what stands for the name of an object. Captures call a node by its name, too.
func (r *Redaction) objectName(kind, name string) string {
	if kind == "Node" {
		return r.nodeName(name)
	}
	return r.Name(name)
}

func (r *Redaction) nodeName(name string) string {
	if to, ok := r.nodes[name]; ok {
		return to
	}
	return r.Name(name)
}

// owner returns what stands for a kind and name.
func (r *Redaction) owner(owner string) string {
	kind, name, ok := strings.Cut(owner, "/")
	if !ok {
		return r.Name(owner)
	}
	return kind + "/" + r.objectName(kind, name)
}

// portName returns what stands for the name of a port: those of usual protocols stay.
func (r *Redaction) portName(name string) string {
	if services["_"+name] {
		return name
	}
	return r.Name(name)
}

func (r *Redaction) port(p snapshot.PortOrName) snapshot.PortOrName {
	p.Name = r.portName(p.Name)
	return p
}

// labelsOf returns what stands for labels. Keys of Kubernetes' own stay.
func (r *Redaction) labelsOf(labels map[string]string) map[string]string {
	if labels == nil {
		return nil
	}
	out := make(map[string]string, len(labels))
	for k, v := range labels {
		out[r.labelKey(k)] = r.Name(v)
	}
	return out
}

func (r *Redaction) labelKey(key string) string {
	domain, _, ok := strings.Cut(key, "/")
	if ok && (domain == "kubernetes.io" || strings.HasSuffix(domain, ".kubernetes.io")) {
		return key
	}
	return r.Name(key)
}

func (r *Redaction) selector(s snapshot.Selector) snapshot.Selector {
	return snapshot.Selector{Labels: r.labelsOf(s.Labels), Expressions: each(s.Expressions, func(e snapshot.Expression) snapshot.Expression {
		e.Key, e.Values = r.labelKey(e.Key), each(e.Values, r.Name)
		return e
	})}
}

func (r *Redaction) policyRule(x snapshot.PolicyRule) snapshot.PolicyRule {
	selector := func(s *snapshot.Selector) *snapshot.Selector {
		if s == nil {
			return nil
		}
		c := r.selector(*s)
		return &c
	}
	x.Ports = each(x.Ports, func(p snapshot.PolicyPort) snapshot.PolicyPort {
		p.Port = r.port(p.Port)
		return p
	})
	x.Peers = each(x.Peers, func(p snapshot.PolicyPeer) snapshot.PolicyPeer {
		p.Pods, p.Namespaces = selector(p.Pods), selector(p.Namespaces)
		if p.Block.IsValid() {
			p.Block = r.network(p.Block)
		}
		p.Except = each(p.Except, func(x netip.Prefix) netip.Prefix { return r.network(x) })
		return p
	})
	return x
}

// reasons are words of the kubelet. Others may be anybody's.
var reasons = set("CrashLoopBackOff ImagePullBackOff ErrImagePull ContainerCreating PodInitializing CreateContainerConfigError Error Completed OOMKilled " +
	"ContainersNotReady KubeletReady KubeletNotReady NodeStatusUnknown PodCompleted")

func reason(s string) string {
	if reasons[s] {
		return s
	}
	return ""
}

// conditions returns those that Kubernetes itself sets: a program's own may have any name.
func conditions(list []snapshot.Condition) (out []snapshot.Condition) {
	for _, c := range list {
		switch c.Type {
		case "Ready", "ContainersReady", "PodScheduled", "Initialized", "PodReadyToStartContainers", "DisruptionTarget":
			c.Reason = reason(c.Reason)
			out = append(out, c)
		}
	}
	return out
}
