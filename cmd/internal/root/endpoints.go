package root

import (
	"fmt"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/rules/spelling"
)

// endpoint is an endpoint of a Service and the slice that has it.
type endpoint struct {
	*snapshot.Endpoint
	slice *snapshot.EndpointSlice
}

// endpoints returns the endpoints of a Service for one of its ports.
func (a *asked) endpoints(s *snapshot.Service, port int) (list []endpoint) {
	for _, slice := range a.slices[named{s.Namespace, s.Name}] {
		if port >= 0 && !slices.ContainsFunc(slice.Ports, func(p snapshot.SlicePort) bool { return p.Name == s.Ports[port].Name && p.Port != 0 }) {
			continue
		}
		for k := range slice.Endpoints {
			list = append(list, endpoint{&slice.Endpoints[k], slice})
		}
	}
	return list
}

// selected returns the pods that a Service selects and that were there when the finding was seen.
func (a *asked) selected(s *snapshot.Service) (list []*snapshot.Pod) {
	for _, p := range a.pods[s.Namespace] {
		if s.Selects(p) && !p.Over() && p.Since() <= a.span.Last {
			list = append(list, p)
		}
	}
	return list
}

// noEndpoints tells why a Service had no endpoint.
func noEndpoints(a *asked) *fact.Root {
	s, port := a.names.Service(a.finding.Service, a.proto, a.span)
	if s == nil || len(s.Selector) == 0 {
		return nil
	}
	r := a.unendpointed(s, port)
	if r == nil || r.Kind == "proxy-stale" || r.Kind == "local-policy" { // others may well be answered
		return r
	}
	if a.worked(a.span.Last, func(y *fact.Reach) bool {
		return y.Called == a.finding.Service && y.Proto == a.proto && y.Backend.IsValid()
	}) {
		return contradicted(r, "it answers afterwards")
	}
	return r
}

// unendpointed is noEndpoints for one port of a Service, -1 for one that it has not.
func (a *asked) unendpointed(s *snapshot.Service, port int) *fact.Root {
	pods := a.selected(s)
	if len(pods) == 0 {
		return a.noPods(s)
	}
	if r := a.noSuchPort(s, port, pods); r != nil {
		return r
	}
	if r := a.readyAll(s, port); r != nil {
		return r
	}
	if slices.ContainsFunc(pods, func(p *snapshot.Pod) bool { return !a.ends(p) && a.ready(p) }) {
		return nil
	}
	ending := 0
	for _, p := range pods {
		if a.ends(p) {
			ending++
		} else if c := a.unready(p); c != nil && !s.PublishNotReady {
			r := root("not-ready", &p.Meta, p.Object(), fmt.Sprintf("Service %s has %s and none was ready: %s is not ready%s%s.",
				nameOf(&s.Meta), times(len(pods), "pod"), nameOf(&p.Meta), since(c.Since), words("", prefixed(": ", why(p)))), object("Service", &s.Meta))
			if a.worked(max(a.span.First, c.Since+settles), func(y *fact.Reach) bool {
				return y.Called == a.finding.Service && slices.Contains(p.Addresses, y.Backend.Addr())
			}) {
				return contradicted(r, "it does answer for the Service")
			}
			return r
		}
	}
	if ending == len(pods) {
		p := pods[0]
		return root("terminating", &p.Meta, p.Object(), fmt.Sprintf("Service %s has %s, all terminating: %s was to be gone by %s.",
			nameOf(&s.Meta), times(len(pods), "pod"), nameOf(&p.Meta), clock(p.Deleted)), object("Service", &s.Meta))
	}
	return nil
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// noPods tells why a selector selects nothing.
func (a *asked) noPods(s *snapshot.Service) *fact.Root {
	selector := snapshot.Selector{Labels: s.Selector}
	for i := range a.snapshot.Pods {
		if p := &a.snapshot.Pods[i]; p.Namespace != s.Namespace && !p.Over() && selector.Matches(p.Labels) && !a.served(p) {
			return root("other-namespace", &p.Meta, p.Object(), fmt.Sprintf("Service %s selects %s, which no pod in its namespace matches; one in namespace %s does: %s.",
				nameOf(&s.Meta), labelText(s.Selector), p.Namespace, p.Name), object("Service", &s.Meta))
		}
	}
	text := fmt.Sprintf("Service %s selects %s, which no pod in its namespace matches.", nameOf(&s.Meta), labelText(s.Selector))
	if p := a.nearest(s); p != nil {
		text += fmt.Sprintf(" The closest is pod %s with %s.", p.Name, labelText(p.Labels))
		return root("no-pods", &s.Meta, object("Service", &s.Meta), text, p.Object())
	}
	return root("no-pods", &s.Meta, object("Service", &s.Meta), text)
}

// served reports whether a Service of its own namespace selects a pod: it is no stray then, but that one's.
func (a *asked) served(p *snapshot.Pod) bool {
	return slices.ContainsFunc(a.snapshot.Services, func(s snapshot.Service) bool { return s.Selects(p) })
}

// labelText writes labels as kubectl does.
func labelText(l map[string]string) string {
	var list []string
	for k, v := range l {
		list = append(list, k+"="+v)
	}
	slices.Sort(list)
	return strings.Join(list, ",")
}

// nearest returns the pod whose labels are nearest to a selector: values that differ by two letters at most, nil where there is none.
func (a *asked) nearest(s *snapshot.Service) (best *snapshot.Pod) {
	const most = 2
	least := most + 1
	for _, p := range a.pods[s.Namespace] {
		if p.Over() {
			continue
		}
		sum := 0
		for k, v := range s.Selector {
			has, ok := p.Labels[k]
			if !ok {
				sum = least
				break
			}
			sum += spelling.Slips(v, has, most)
		}
		if sum < least {
			best, least = p, sum
		}
	}
	return best
}

// noSuchPort tells that no pod has the port that a Service's leads to by name.
func (a *asked) noSuchPort(s *snapshot.Service, port int, pods []*snapshot.Pod) *fact.Root {
	me := object("Service", &s.Meta)
	if port < 0 {
		return root("port-mismatch", &s.Meta, me, fmt.Sprintf("Service %s has no port %d.", nameOf(&s.Meta), a.finding.Service.Port()))
	}
	sp := &s.Ports[port]
	if sp.Target.Name == "" || slices.ContainsFunc(pods, func(p *snapshot.Pod) bool { return p.PodPort(sp.Target, sp.Protocol) != 0 }) {
		return nil
	}
	return root("port-mismatch", &s.Meta, me, fmt.Sprintf("Port %d of Service %s leads to the port named %s, but no container of its %s has a port of that name.",
		sp.Port, nameOf(&s.Meta), sp.Target.Name, times(len(pods), "pod")), pods[0].Object())
}

// readyAll tells what it means that a Service had ready endpoints all the time: a traffic policy that leaves none for the client's node, or a
// kube-proxy that has not got them.
func (a *asked) readyAll(s *snapshot.Service, port int) *fact.Root {
	var ready []endpoint
	for _, e := range a.endpoints(s, port) {
		if e.Ready && !e.Terminating && len(e.Addresses) > 0 {
			if p := a.names.Pod(e.Addresses[0], a.span); e.Pod != "" && (p == nil || !a.ready(p)) {
				continue // whether it was ready then is not known
			}
			ready = append(ready, e)
		}
	}
	if len(ready) == 0 {
		return nil
	}
	if node := a.callersNode(); s.InternalPolicy == "Local" && !slices.ContainsFunc(ready, func(e endpoint) bool { return e.Node == node }) {
		if node == "" {
			return nil // it may have none there
		}
		return root("local-policy", &s.Meta, object("Service", &s.Meta), fmt.Sprintf(
			"Service %s has internalTrafficPolicy Local and no endpoint on the client's node, %s; it has some on %s.", nameOf(&s.Meta), node, nodesOf(ready)))
	}
	e := ready[0]
	return root("proxy-stale", &e.slice.Meta, object("EndpointSlice", &e.slice.Meta), fmt.Sprintf(
		"Service %s has %s ready, such as %s, but the node's rules don't have them: kube-proxy or its replacement lags or hangs.",
		nameOf(&s.Meta), times(len(ready), "endpoint"), e.Addresses[0]), object("Service", &s.Meta))
}

// nodesOf lists the nodes of endpoints.
func nodesOf(list []endpoint) string {
	var nodes []string
	for _, e := range list {
		if e.Node != "" && !slices.Contains(nodes, e.Node) {
			nodes = append(nodes, e.Node)
		}
	}
	slices.Sort(nodes)
	return strings.Join(nodes, ", ")
}

// localNoEndpoint tells where the endpoints are that externalTrafficPolicy Local leaves out.
func localNoEndpoint(a *asked) *fact.Root {
	s, port := a.names.Service(a.finding.Service, a.proto, a.span)
	if s == nil || s.ExternalPolicy != "Local" {
		return nil
	}
	text := fmt.Sprintf("Service %s has externalTrafficPolicy Local: only nodes with an endpoint of it answer.", nameOf(&s.Meta))
	if nodes := nodesOf(a.endpoints(s, port)); nodes != "" {
		text = strings.TrimSuffix(text, ".") + ", which are " + nodes + "."
	}
	return root("traffic-policy", &s.Meta, object("Service", &s.Meta), text)
}
