package root

import (
	"fmt"
	"net/netip"
	"slices"

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
	for _, p := range a.policies[subject.Namespace] {
		about, rules := p.Ingress, p.IngressRules
		if egress {
			about, rules = p.Egress, p.EgressRules
		}
		if !about || p.Created > a.span.Last || !p.Pods.Matches(subject.Labels) {
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
	if labels, ok := a.labels[name]; ok {
		return labels, true
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
	far, passed := a.reach(client, server), a.passed()
	return firstOf(func() *fact.Root {
		list := a.blocked(server, from, where, false)
		if far == stay || list == nil || client == nil && a.isNode(f.Client) {
			return nil
		}
		return a.policyRoot(list, server, fmt.Sprintf("none of its ingress rules allows %s", a.conversation(where)), passed)
	}, func() *fact.Root {
		list := a.blocked(client, to, where, true)
		if list == nil {
			return nil
		}
		got := passed
		if got == "" && far == arrive {
			got = "the packets reach " + server.Node
		}
		return a.policyRoot(list, client, fmt.Sprintf("none of its egress rules allows %s", a.conversation(where)), got)
	})
}

// passed says how packets show that no policy of either side stops them, "" where they don't. What is captured on its way out to a pod's own
// interface is behind all that enforces policies on the node (net/core/dev.c: queueing disciplines and their filters come before packet sockets).
func (a *asked) passed() string {
	f, c := a.finding, a.finding.Example
	if c != nil && c.Outcome == fact.Hang && c.Flow[fact.ToClient].Packets > 0 {
		return "the backend answers"
	}
	if w, ok := a.way(); ok && w.flow == fact.ToServer && w.delivered {
		return "the packets reach the pod's own interface"
	}
	if a.worked(a.span.First, func(y *fact.Reach) bool { return y.Client == f.Client && y.Backend == f.Backend && y.Proto == a.proto }) {
		return "other connections between the two work"
	}
	return ""
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

// policyRoot makes a cause of policies that select a pod and do not allow a conversation, contradicted if something got through. Policies that came
// shortly before, or meanwhile, are neither a cause of what got through nor contradicted by it.
func (a *asked) policyRoot(list []*snapshot.NetworkPolicy, pod *snapshot.Pod, text, through string) *fact.Root {
	first := list[0]
	var more []fact.Object
	for _, p := range list[1:] {
		more = append(more, object("NetworkPolicy", &p.Meta))
	}
	subject := fmt.Sprintf("NetworkPolicy %s selects pod %s", nameOf(&first.Meta), nameOf(&pod.Meta))
	if len(list) > 1 {
		subject = fmt.Sprintf("%d NetworkPolicies select pod %s, such as %s", len(list), nameOf(&pod.Meta), nameOf(&first.Meta))
	}
	r := root("network-policy", &first.Meta, object("NetworkPolicy", &first.Meta), subject+", and "+text+".", append(more, pod.Object())...)
	if through == "" {
		return r
	}
	if slices.ContainsFunc(list, func(p *snapshot.NetworkPolicy) bool { return p.Created+settles > a.span.First }) {
		return nil
	}
	return contradicted(r, through)
}
