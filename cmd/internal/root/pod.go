package root

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
)

// noReply tells why a backend does not answer, or why a node rejects what is for it.
func noReply(a *asked) *fact.Root {
	if !a.finding.Backend.IsValid() {
		return nil
	}
	return firstOf(a.gone, a.nodeNotReady, a.networkPolicy)
}

// gone tells that no pod has the backend's address.
func (a *asked) gone() *fact.Root {
	to := a.finding.Backend.Addr()
	for _, p := range a.names.Holders(to) {
		if p.Over() && a.names.Pod(to, snapshot.Span{First: a.span.Last, Last: a.span.Last}) == nil {
			return root("pod-gone", &p.Meta, p.Object(), fmt.Sprintf("Pod %s, which had %s, has ended.", nameOf(&p.Meta), to))
		}
	}
	node := a.nodeOf(to)
	if a.names.Held(to) || node == nil || len(a.snapshot.Pods) == 0 {
		return nil
	}
	text := fmt.Sprintf("No pod in the snapshot has %s, an address of %s.", to, node.Name)
	s, port := a.names.Service(a.finding.Service, a.proto, a.span)
	r := root("pod-gone", &node.Meta, object("Node", &node.Meta), text)
	if s != nil {
		if list := a.endpoints(s, port); len(list) > 0 && len(list[0].Addresses) > 0 {
			text += fmt.Sprintf(" Service %s has others now, such as %s.", nameOf(&s.Meta), list[0].Addresses[0])
		}
		r = root("pod-gone", &s.Meta, object("Service", &s.Meta), text)
	}
	if a.worked(a.span.Last, func(y *fact.Reach) bool { return y.Backend.Addr() == to }) {
		return contradicted(r, fmt.Sprintf("%s answers afterwards", to))
	}
	return r
}

// nodeOf returns the node whose pods have addresses like this one, nil if that is not known.
func (a *asked) nodeOf(x netip.Addr) *snapshot.Node {
	for i := range a.snapshot.Nodes {
		n := &a.snapshot.Nodes[i]
		if slices.ContainsFunc(n.PodNetworks, func(p netip.Prefix) bool { return p.Contains(x) }) {
			return n
		}
	}
	return nil
}

// nodeNotReady tells that the backend's node is not ready.
func (a *asked) nodeNotReady() *fact.Root {
	p := a.names.Pod(a.finding.Backend.Addr(), a.span)
	if p == nil {
		return nil
	}
	for i := range a.snapshot.Nodes {
		n := &a.snapshot.Nodes[i]
		c := snapshot.ConditionOf(n.Conditions, "Ready")
		if n.Name != p.Node || c == nil || c.Status == "True" || c.Since > a.span.Last {
			continue
		}
		r := root("node-not-ready", &n.Meta, object("Node", &n.Meta), fmt.Sprintf("Node %s, where pod %s runs, is not ready%s%s.",
			n.Name, nameOf(&p.Meta), since(c.Since), prefixed(": ", c.Reason)), p.Object())
		if a.worked(max(a.span.First, c.Since+settles), func(y *fact.Reach) bool { return a.placeOf(y.Backend.Addr()) == n.Name }) {
			return contradicted(r, "pods on it answer other connections")
		}
		return r
	}
	return nil
}

// appRefused tells why nobody listens.
func appRefused(a *asked) *fact.Root {
	f := a.finding
	p := a.names.Pod(f.Backend.Addr(), a.span)
	if p == nil {
		return nil
	}
	answers := func(after int64) bool {
		return a.worked(max(a.span.First, after), func(y *fact.Reach) bool { return y.Backend == f.Backend && y.Proto == a.proto })
	}
	if r := a.restarting(p); r != nil {
		return r
	}
	return firstOf(func() *fact.Root {
		r := a.otherPort(p)
		if r != nil && answers(0) {
			return contradicted(r, "other connections to that port are answered")
		}
		return r
	}, func() *fact.Root {
		c := a.unready(p)
		if c == nil {
			return nil
		}
		r := root("not-ready", &p.Meta, p.Object(), fmt.Sprintf("Pod %s is not ready%s%s.", nameOf(&p.Meta), since(c.Since), prefixed(": ", why(p))))
		if answers(c.Since + settles) {
			return contradicted(r, "it answers other connections")
		}
		return r
	})
}

// restarting tells that the container that should listen was not there: it had ended, or came only later.
func (a *asked) restarting(p *snapshot.Pod) *fact.Root {
	of := p.Containers
	if i := slices.IndexFunc(of, func(c snapshot.Container) bool {
		return slices.ContainsFunc(c.Ports, func(x snapshot.ContainerPort) bool {
			return x.Port == a.finding.Backend.Port() && x.Protocol == a.protocol()
		})
	}); i >= 0 {
		of = of[i : i+1] // who says that it listens there
	}
	for _, c := range of {
		ended := c.State.Kind == "terminated" && c.State.Finished <= a.span.Last
		switch {
		case c.Restarts == 1 && c.Last.Finished > a.span.Last: // it ended later
			continue
		case ended, c.Restarts > 0 && (c.State.Kind != "running" || c.State.Started > a.finding.First):
		default:
			continue
		}
		text := fmt.Sprintf("Container %s of pod %s was restarted %s", c.Name, nameOf(&p.Meta), times(c.Restarts, "time"))
		if c.State.Kind != "running" {
			text += ", and is now " + words(": ", c.State.Kind, c.State.Reason)
		}
		if c.Last.Kind != "" {
			text += fmt.Sprintf("; its last exit code was %d%s", c.Last.ExitCode, prefixed(", ", c.Last.Reason))
		}
		return root("restarting", &p.Meta, p.Object(), text+".")
	}
	return nil
}

// otherPort tells that a pod says it listens on other ports. One that says nothing may listen on any.
func (a *asked) otherPort(p *snapshot.Pod) *fact.Root {
	var says []uint16
	for _, c := range p.Containers {
		for _, x := range c.Ports {
			if x.Protocol == a.protocol() {
				says = append(says, x.Port)
			}
		}
	}
	number := a.finding.Backend.Port()
	if len(says) == 0 || slices.Contains(says, number) {
		return nil
	}
	text := fmt.Sprintf("pod %s declares port %d, not %d.", nameOf(&p.Meta), says[0], number)
	if len(says) > 1 {
		text = fmt.Sprintf("pod %s declares ports %s, not %d.", nameOf(&p.Meta), joined(says), number)
	}
	s, port := a.names.Service(a.finding.Service, a.proto, a.span)
	if s == nil || port < 0 {
		return root("port-mismatch", &p.Meta, p.Object(), "The port differs: "+text)
	}
	return root("port-mismatch", &s.Meta, object("Service", &s.Meta), fmt.Sprintf("Service %s leads port %d to targetPort %s; %s",
		nameOf(&s.Meta), s.Ports[port].Port, s.Ports[port].Target, text), p.Object())
}

func joined(list []uint16) (s string) {
	for i, x := range list {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprint(x)
	}
	return s
}

// replacedWithin is how long before a finding a pod may have been created whose address a stale entry of conntrack leads to: entries of established
// connections are kept for days (nf_conntrack_tcp_timeout_established), but a connection that goes on notices at once.
const replacedWithin = 600e9

// stale tells what became of the pod that an entry of conntrack leads to.
func stale(a *asked) *fact.Root {
	if !a.finding.Backend.IsValid() {
		return nil
	}
	to := a.finding.Backend.Addr()
	for _, p := range a.names.Holders(to) {
		switch {
		case a.ends(p) && !p.Over():
			return a.ending(p)
		case !p.Over() && p.Since() <= a.span.Last && p.Since() >= a.span.First-replacedWithin:
			return a.replaced(to, p)
		}
	}
	return a.gone()
}

// replaced tells that an address has become another pod's, and which one had it before, where that is known.
func (a *asked) replaced(to netip.Addr, p *snapshot.Pod) *fact.Root {
	text := fmt.Sprintf("pod %[2]s has had %[1]s since %[3]s: the connection was with the pod that had it before", to, nameOf(&p.Meta), clock(p.Since()))
	var old *snapshot.Pod
	for _, x := range a.names.Holders(to) {
		if x != p && x.Since() < p.Since() && (old == nil || x.Since() > old.Since()) {
			old = x
		}
	}
	if old == nil {
		return root("pod-replaced", &p.Meta, p.Object(), text+".")
	}
	return root("pod-replaced", &p.Meta, p.Object(), fmt.Sprintf("%s, pod %s%s.", text, nameOf(&old.Meta), prefixed(" of ", clockOf(old.Created))), old.Object())
}

// ends reports whether a pod's end was asked for before the finding was over.
func (a *asked) ends(p *snapshot.Pod) bool {
	const rounding = 1e9 // of deletionTimestamp
	return p.Deleted != 0 && p.Deleted-p.GracePeriod*1e9 <= a.span.Last+rounding
}

// ending tells that a pod is being ended.
func (a *asked) ending(p *snapshot.Pod) *fact.Root {
	return root("terminating", &p.Meta, p.Object(), fmt.Sprintf("Pod %s is terminating, due to be gone by %s; %s.", nameOf(&p.Meta), clock(p.Deleted), farewell(p)))
}

// farewell says how a pod ends.
func farewell(p *snapshot.Pod) string {
	hook := "no container has a preStop hook"
	if slices.ContainsFunc(p.Containers, func(c snapshot.Container) bool { return c.PreStop }) {
		hook = "it has a preStop hook"
	}
	return fmt.Sprintf("%s; its grace period is %d s", hook, p.GracePeriod)
}

// endpointTerminating tells how the pods of a Service end.
func endpointTerminating(a *asked) *fact.Root {
	if a.finding.Backend.IsValid() {
		for _, p := range a.names.Holders(a.finding.Backend.Addr()) {
			if a.ends(p) {
				return a.ending(p)
			}
		}
		for _, p := range a.names.Holders(a.finding.Backend.Addr()) {
			if !p.Over() && p.Since() > a.span.First && p.Since() <= a.span.Last+replacedWithin {
				return a.replaced(a.finding.Backend.Addr(), p)
			}
			if p.Over() && a.names.Pod(a.finding.Backend.Addr(), snapshot.Span{First: a.span.Last, Last: a.span.Last}) == nil {
				return a.gone()
			}
		}
	}
	s, _ := a.names.Service(a.finding.Service, a.proto, a.span)
	if s == nil {
		return nil
	}
	for _, p := range a.pods[s.Namespace] {
		if !s.Selects(p) || p.Over() {
			continue
		}
		return root("terminating", &s.Meta, object("Service", &s.Meta), fmt.Sprintf("The pod is no longer in the snapshot. Of the other pods of Service %s, such as %s: %s.",
			nameOf(&s.Meta), nameOf(&p.Meta), farewell(p)), p.Object())
	}
	return nil
}
