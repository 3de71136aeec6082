package root

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// peer is one end of a conversation as a policy sees it.
type peer struct {
	addr netip.Addr
	// pod is nil for what is no pod, or is one in the network of its host: of those policies know the address only.
	pod *snapshot.Pod
}

// port is what is spoken to.
type port struct {
	number   uint16
	protocol string
	// of is the pod that has it, which may have a name for it; nil for none.
	of *snapshot.Pod
}

// blocked returns the policies that select a pod for one direction, if none of them allows a conversation (networking/v1, NetworkPolicySpec: pods
// that no policy selects may speak with everybody, and what one policy allows is allowed).
func (a *asked) blocked(subject *snapshot.Pod, other peer, to port, egress bool) []*snapshot.NetworkPolicy {
	if subject == nil || subject.HostNetwork {
		return nil
	}
	var list []*snapshot.NetworkPolicy
	for i := range a.snapshot.Policies {
		p := &a.snapshot.Policies[i]
		about, rules := p.Ingress, p.IngressRules
		if egress {
			about, rules = p.Egress, p.EgressRules
		}
		if !about || p.Namespace != subject.Namespace || p.Created > a.span.Last || !p.Pods.Matches(subject.Labels) {
			continue
		}
		if slices.ContainsFunc(rules, func(r snapshot.PolicyRule) bool { return a.allows(p, &r, other, to) }) {
			return nil
		}
		list = append(list, p)
	}
	return list
}

// allows reports whether a rule allows a conversation: with one of its peers, on one of its ports.
func (a *asked) allows(p *snapshot.NetworkPolicy, r *snapshot.PolicyRule, other peer, to port) bool {
	return (len(r.Peers) == 0 || slices.ContainsFunc(r.Peers, func(x snapshot.PolicyPeer) bool { return a.isPeer(p, &x, other) })) &&
		(len(r.Ports) == 0 || slices.ContainsFunc(r.Ports, to.is))
}

func (a *asked) isPeer(p *snapshot.NetworkPolicy, x *snapshot.PolicyPeer, other peer) bool {
	if x.Block.IsValid() {
		return x.Block.Contains(other.addr) && !slices.ContainsFunc(x.Except, func(n netip.Prefix) bool { return n.Contains(other.addr) })
	}
	if other.pod == nil || x.Pods != nil && !x.Pods.Matches(other.pod.Labels) {
		return false
	}
	if x.Namespaces == nil {
		return other.pod.Namespace == p.Namespace
	}
	labels, known := a.namespaceLabels(other.pod.Namespace)
	return !known && !onlyByName(x.Namespaces) || x.Namespaces.Matches(labels) // labels that are not known may match
}

// onlyByName reports whether a selector of namespaces asks for nothing but their names.
func onlyByName(s *snapshot.Selector) bool {
	for key := range s.Labels {
		if key != nameLabel {
			return false
		}
	}
	return !slices.ContainsFunc(s.Expressions, func(x snapshot.Expression) bool { return x.Key != nameLabel })
}

// nameLabel is what the API server gives each namespace (core/v1, LabelMetadataName).
const nameLabel = "kubernetes.io/metadata.name"

// namespaceLabels returns the labels of a namespace, and whether the snapshot has it.
func (a *asked) namespaceLabels(name string) (labels map[string]string, known bool) {
	for i := range a.snapshot.Namespaces {
		if n := &a.snapshot.Namespaces[i]; n.Name == name {
			return n.Labels, true
		}
	}
	return map[string]string{nameLabel: name}, false
}

// is reports whether a port is one of a rule's.
func (t port) is(x snapshot.PolicyPort) bool {
	if x.Protocol != t.protocol {
		return false
	}
	switch {
	case x.Port.Name != "":
		return t.of != nil && t.of.PodPort(x.Port, t.protocol) == t.number
	case x.Port.Port == 0:
		return true
	case x.End != 0:
		return x.Port.Port <= t.number && t.number <= x.End
	}
	return x.Port.Port == t.number
}

// reaches says how far packets to a backend get: to its node, or not out of the client's.
type reaches uint8

const (
	anywhere  reaches = iota // the captures don't tell
	stay                     // they vanish on the client's node
	arrive                   // they are seen on the backend's
	sameNodes                // both are on one node
)

// reach tells how far the finding's packets got.
func (a *asked) reach(client, server *snapshot.Pod) reaches {
	w := a.finding.Where
	if w == nil || w.Flow != fact.ToServer || client == nil || server == nil {
		return anywhere
	}
	if client.Node == server.Node {
		return sameNodes
	}
	switch a.nodeCalled(w.After.Node) {
	case client.Node:
		return stay
	case server.Node:
		return arrive
	}
	return anywhere
}

// nodeCalled returns the name of the node that captures call so: by the pods that live there, or by the same name.
func (a *asked) nodeCalled(label string) string {
	for i := range a.facts.Addresses {
		x := &a.facts.Addresses[i]
		if x.Node != label || x.Role != fact.RolePod {
			continue
		}
		if p := a.names.Pod(x.Addr, a.span); p != nil && p.Node != "" {
			return p.Node
		}
	}
	return label
}

// protocol returns Kubernetes' name for the finding's protocol.
func (a *asked) protocol() string {
	switch a.proto {
	case fact.UDP:
		return "UDP"
	case fact.SCTP:
		return "SCTP"
	}
	return "TCP"
}

// networkPolicy tells whether policies forbid what the finding is about, and whether packets vanish where that would be.
func (a *asked) networkPolicy() *fact.Root {
	f := a.finding
	client, server := a.names.Pod(f.Client, a.span), a.names.Pod(f.Backend.Addr(), a.span)
	from, to := peer{f.Client, client}, peer{f.Backend.Addr(), server}
	if f.Example != nil && f.Example.SNAT.IsValid() {
		from = peer{addr: f.Example.SNAT.Addr()}
	}
	if client == nil && a.facts.Role(f.Client) == fact.RolePod || server == nil && a.facts.Role(f.Backend.Addr()) == fact.RolePod {
		return nil // a pod whose labels are not known
	}
	where := port{f.Backend.Port(), a.protocol(), server}
	far, delivered := a.reach(client, server), a.delivered()
	var passed *fact.Root
	if list := a.blocked(server, from, where, false); far != stay && list != nil && (client != nil || !a.isNode(f.Client)) {
		r := policyRoot(list, server, fmt.Sprintf("none of its ingress rules allows %s", a.conversation(where)))
		if !delivered {
			return r
		}
		passed = notEnforced(r, "go out to the pod")
	}
	if list := a.blocked(client, to, where, true); list != nil {
		r := policyRoot(list, client, fmt.Sprintf("none of its egress rules allows %s", a.conversation(where)))
		if far != arrive && !delivered {
			return r
		}
		passed = notEnforced(r, "leave the client's node")
	}
	return passed
}

// delivered reports whether packets of the client were seen to go out to the backend's own interface.
func (a *asked) delivered() bool {
	w, ok := a.way()
	return ok && (w.flow == fact.ToClient || w.delivered)
}

// notEnforced makes what contradicts packets of a policy that they pass.
func notEnforced(r *fact.Root, where string) *fact.Root {
	r.Kind = "contradicted"
	r.Text = strings.TrimSuffix(r.Text, ".") + fmt.Sprintf("; and yet the packets %s: the network does not enforce it, or the policy was another one then.", where)
	return r
}

// isNode reports whether an address is a node's: a pod's own node may always speak to it, because the kubelet has to.
func (a *asked) isNode(x netip.Addr) bool {
	o := a.names.Client(x, a.span)
	return o != nil && o.Kind == "Node"
}

func (a *asked) conversation(p port) string {
	name := func(x netip.Addr) string {
		if p := a.names.Pod(x, a.span); p != nil {
			return nameOf(&p.Meta)
		}
		return x.String()
	}
	return fmt.Sprintf("%s to %s, %s port %d", name(a.finding.Client), name(a.finding.Backend.Addr()), p.protocol, p.number)
}

func policyRoot(list []*snapshot.NetworkPolicy, pod *snapshot.Pod, text string) *fact.Root {
	first := list[0]
	var more []fact.Object
	for _, p := range list[1:] {
		more = append(more, object("NetworkPolicy", &p.Meta))
	}
	subject := fmt.Sprintf("NetworkPolicy %s selects pod %s", nameOf(&first.Meta), nameOf(&pod.Meta))
	if len(list) > 1 {
		subject = fmt.Sprintf("%d NetworkPolicies select pod %s, such as %s", len(list), nameOf(&pod.Meta), nameOf(&first.Meta))
	}
	return root("network-policy", &first.Meta, object("NetworkPolicy", &first.Meta), subject+", and "+text+".", append(more, pod.Object())...)
}
