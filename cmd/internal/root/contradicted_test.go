package root

import (
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/rules"
)

// went is a connection that began and went well.
func went(client, called, backend string, begun int64) fact.Facts {
	return fact.Facts{Reach: []fact.Reach{{
		Client: addr(client), Called: port1(called), Backend: port1(backend), Proto: fact.TCP, Outcome: fact.OK, Signs: fact.SignAnswered,
		First: begun, LastStart: begun, Last: begun + 1e9,
	}}}
}

// TestPolicyHeldAgainst: a policy is a cause only where packets vanish as it would have them.
func TestPolicyHeldAgainst(t *testing.T) {
	const created = first - 600e9
	deny := func(app string, egress bool, at int64) func(*snapshot.Snapshot) {
		return func(s *snapshot.Snapshot) {
			p := snapshot.NetworkPolicy{Meta: meta("shop", "deny", ""), Pods: snapshot.Selector{Labels: map[string]string{"app": app}}, Ingress: !egress, Egress: egress}
			p.Created = at
			s.Policies = append(s.Policies, p)
		}
	}
	in, out := snapped(deny("web", false, created)), snapped(deny("client", true, created))
	vanishes := func(node string) *rules.Finding {
		f := call("cni-no-reply", seen("node1", decode.DirIn, fact.Veth))
		f.Where = &fact.Where{Flow: fact.ToServer, After: fact.Viewpoint{Node: node}}
		return f
	}
	delivered := seen("node2", decode.DirOut, fact.Veth)
	delivered.Views[0].Role.Pod = addr("10.244.2.8")
	gets := call("cni-no-reply", seen("node1", decode.DirIn, fact.Veth), delivered)
	answers := vanishes("node2")
	answers.Example.Flow[fact.ToClient].Packets = 1
	between := func(begun int64) fact.Facts { return went("10.244.1.5", "10.96.0.50:80", "10.244.2.8:8080", begun) }
	tell(t, []told{
		{name: "ingress, on the backend's node", finding: vanishes("node2"), snapshot: in, want: "network-policy"},
		{name: "ingress, on the client's", finding: vanishes("node1"), snapshot: in},
		{name: "egress, on the client's", finding: vanishes("node1"), snapshot: out, want: "network-policy"},
		{name: "egress, on the backend's", finding: vanishes("node2"), snapshot: out, want: "contradicted", says: "reach node2"},
		{name: "both, on the backend's", finding: vanishes("node2"), snapshot: snapped(deny("client", true, created), deny("web", false, created)), want: "network-policy", says: "ingress"},
		{name: "both, on the client's", finding: vanishes("node1"), snapshot: snapped(deny("client", true, created), deny("web", false, created)), want: "network-policy", says: "egress"},
		{name: "ingress, delivered", finding: gets, snapshot: in, want: "contradicted", says: "own interface"},
		{name: "ingress, answered", finding: answers, snapshot: in, want: "contradicted", says: "the backend answers"},
		{name: "egress, answered", finding: answers, snapshot: out, want: "contradicted", says: "the backend answers"},
		{name: "ingress, others pass", finding: vanishes("node2"), facts: between(first + 1e9), snapshot: in, want: "contradicted", says: "other connections"},
		{name: "ingress, others passed before", finding: vanishes("node2"), facts: between(first - 1e9), snapshot: in, want: "network-policy"},
		{name: "ingress, others pass after the snapshot", finding: vanishes("node2"), facts: between(last + 3600e9), snapshot: in, want: "network-policy"},
		{name: "ingress, of another client", finding: vanishes("node2"), facts: went("10.244.1.6", "10.96.0.50:80", "10.244.2.8:8080", first+1e9), snapshot: in, want: "network-policy"},
		{name: "answered, and created meanwhile", finding: answers, snapshot: snapped(deny("web", false, first+1e9))},
		{name: "created later", finding: vanishes("node2"), snapshot: snapped(deny("web", false, last+1e9))},
	})
}

// TestContradicted: what a snapshot says of pods and nodes is not believed where packets show otherwise.
func TestContradicted(t *testing.T) {
	nodeDown := func(since int64) func(*snapshot.Snapshot) {
		return func(s *snapshot.Snapshot) {
			s.Nodes[1].Conditions = []snapshot.Condition{{Type: "Ready", Status: "Unknown", Since: since}}
		}
	}
	publishes := func(s *snapshot.Snapshot) { s.Services[0].PublishNotReady = true }
	none := call("svc-no-endpoints")
	none.Backend = netip.AddrPort{}
	gone := call("cni-no-reply")
	gone.Backend = port1("10.244.2.77:8080")
	refused := call("app-refused")
	refused.Backend = port1("10.244.2.8:8081")
	ports := func(s *snapshot.Snapshot) {
		s.Pods[1].Containers = []snapshot.Container{{Name: "main", Ports: []snapshot.ContainerPort{{Port: 8080, Protocol: "TCP"}}}}
	}
	service := func(begun int64) fact.Facts { return went("10.244.1.6", "10.96.0.50:80", "10.244.2.8:8080", begun) }
	to := func(backend string, begun int64) fact.Facts { return went("10.244.1.6", backend, backend, begun) }
	tell(t, []told{
		{name: "not ready", finding: none, snapshot: snapped(unreadySince(first - 60e9)), want: "not-ready"},
		{name: "not ready, and answers", finding: none, facts: service(first + 5e9), snapshot: snapped(unreadySince(first - 60e9)), want: "contradicted"},
		{name: "not ready, and answered before", finding: none, facts: service(first - 70e9), snapshot: snapped(unreadySince(first - 60e9)), want: "not-ready"},
		{name: "not ready, and answered shortly after", finding: none, facts: service(first + 5e9), snapshot: snapped(unreadySince(first + 1e9)), want: "not-ready"},
		{name: "not ready, and published", finding: none, snapshot: snapped(unreadySince(first-60e9), publishes)},
		{name: "no pods, and answered afterwards", finding: none, facts: service(last + 5e9), snapshot: snapped(func(s *snapshot.Snapshot) { s.Pods[1].Labels = nil }), want: "contradicted"},
		{name: "no pods, and answered before", finding: none, facts: service(first - 5e9), snapshot: snapped(func(s *snapshot.Snapshot) { s.Pods[1].Labels = nil }), want: "no-pods"},
		{name: "a node", finding: call("cni-no-reply"), snapshot: snapped(nodeDown(first - 60e9)), want: "node-not-ready"},
		{name: "a node whose pods answer", finding: call("cni-no-reply"), facts: to("10.244.2.8:80", first+5e9), snapshot: snapped(nodeDown(first - 60e9)), want: "contradicted"},
		{name: "a node whose pods answered before", finding: call("cni-no-reply"), facts: to("10.244.2.8:80", first-90e9), snapshot: snapped(nodeDown(first - 60e9)), want: "node-not-ready"},
		{name: "another node's pods answer", finding: call("cni-no-reply"), facts: to("10.244.1.6:80", first+5e9), snapshot: snapped(nodeDown(first - 60e9)), want: "node-not-ready"},
		{name: "a node, later", finding: call("cni-no-reply"), snapshot: snapped(nodeDown(last + 1e9))},
		{name: "gone", finding: gone, snapshot: snapped(), want: "pod-gone"},
		{name: "gone, and answers afterwards", finding: gone, facts: to("10.244.2.77:8080", last+1e9), snapshot: snapped(), want: "contradicted"},
		{name: "gone, and answered before", finding: gone, facts: to("10.244.2.77:8080", first-1e9), snapshot: snapped(), want: "pod-gone"},
		{name: "another port", finding: refused, snapshot: snapped(ports), want: "port-mismatch"},
		{name: "another port, where others are answered", finding: refused, facts: to("10.244.2.8:8081", first+1e9), snapshot: snapped(ports), want: "contradicted"},
	})
}

// TestReplaced tells pods that ended, end, or came anew apart.
func TestReplaced(t *testing.T) {
	web := func(change func(*snapshot.Pod)) func(*snapshot.Snapshot) {
		return func(s *snapshot.Snapshot) { s.Pods[1].GracePeriod = 30; change(&s.Pods[1]) }
	}
	ended := web(func(p *snapshot.Pod) { p.Created, p.Phase = 1e9, "Succeeded" })
	later := func(at int64) func(*snapshot.Snapshot) {
		return func(s *snapshot.Snapshot) {
			p := s.Pods[1]
			p.Meta, p.Phase, p.Created = meta("shop", "web-2", "web"), "Running", at
			s.Pods = append(s.Pods, p)
		}
	}
	ends := func(at int64) func(*snapshot.Snapshot) {
		return web(func(p *snapshot.Pod) { p.Deleted = at })
	}
	for _, rule := range []string{"ct-stale-reset", "ct-stale-blackhole", "ct-stale-udp", "svc-endpoint-terminating"} {
		f := call(rule)
		list := []told{
			{name: rule + ", replaced", finding: f, snapshot: snapped(ended, later(first+2e9)), want: "pod-replaced", says: "before, pod shop/web of"},
			{name: rule + ", gone", finding: f, snapshot: snapped(ended), want: "pod-gone"},
			{name: rule + ", ends", finding: f, snapshot: snapped(ends(last + 20e9)), want: "terminating", says: "grace period is 30 s"},
		}
		if rule != "svc-endpoint-terminating" { // which says how pods of the Service end
			list = append(list, told{name: rule + ", ends later", finding: f, snapshot: snapped(ends(last + 90e9))},
				told{name: rule + ", is there", finding: f, snapshot: snapped()})
		}
		tell(t, list)
	}
	none := call("svc-no-endpoints")
	none.Backend = netip.AddrPort{}
	tell(t, []told{
		{name: "all end", finding: none, snapshot: snapped(ends(last+20e9), unreadySince(first-5e9)), want: "terminating"},
		{name: "all end later", finding: none, snapshot: snapped(ends(last+90e9), unreadySince(last+61e9))},
	})
}

// unreadySince makes pod web not ready since a time.
func unreadySince(at int64) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) {
		s.Pods[1].Conditions[0] = snapshot.Condition{Type: "Ready", Status: "False", Since: at}
		s.Slices[0].Endpoints[0].Ready = false
	}
}

// TestRestarting: the container that listens is the one that counts, and that it ended later is no cause.
func TestRestarting(t *testing.T) {
	waiting := snapshot.ContainerState{Kind: "waiting", Reason: "CrashLoopBackOff"}
	running := func(at int64) snapshot.ContainerState { return snapshot.ContainerState{Kind: "running", Started: at} }
	ended := func(at int64) snapshot.ContainerState {
		return snapshot.ContainerState{Kind: "terminated", Reason: "OOMKilled", ExitCode: 137, Finished: at}
	}
	listens := []snapshot.ContainerPort{{Port: 8080, Protocol: "TCP"}}
	with := func(list ...snapshot.Container) *snapshot.Snapshot {
		return snapped(func(s *snapshot.Snapshot) { s.Pods[1].Containers = list })
	}
	sidecar := snapshot.Container{Name: "sidecar", Restarts: 9, State: waiting}
	f := call("app-refused")
	tell(t, []told{
		{name: "waits", finding: f, snapshot: with(snapshot.Container{Name: "main", Restarts: 4, State: waiting, Last: ended(first - 9e9)}), want: "restarting", says: "code was 137, OOMKilled"},
		{name: "came back", finding: f, snapshot: with(snapshot.Container{Name: "main", Restarts: 1, State: running(first + 5e9), Last: ended(first - 1e9)}), want: "restarting"},
		{name: "came back before", finding: f, snapshot: with(snapshot.Container{Name: "main", Restarts: 1, State: running(first - 5e9), Last: ended(first - 9e9)})},
		{name: "ended later", finding: f, snapshot: with(snapshot.Container{Name: "main", Restarts: 1, State: running(last + 9e9), Last: ended(last + 5e9)})},
		{name: "ended for good", finding: f, snapshot: with(snapshot.Container{Name: "main", State: ended(first - 1e9)}), want: "restarting"},
		{name: "ended for good, later", finding: f, snapshot: with(snapshot.Container{Name: "main", State: ended(last + 1e9)})},
		{name: "never ran", finding: f, snapshot: with(snapshot.Container{Name: "main", State: snapshot.ContainerState{Kind: "waiting", Reason: "ContainerCreating"}})},
		{name: "another of the pod", finding: f, snapshot: with(sidecar, snapshot.Container{Name: "main", Ports: listens, State: running(1)})},
		{name: "this one of the pod", finding: f, snapshot: with(snapshot.Container{Name: "main", Ports: listens, Restarts: 2, State: waiting}, snapshot.Container{Name: "sidecar"}), want: "restarting", says: "main"},
	})
}
