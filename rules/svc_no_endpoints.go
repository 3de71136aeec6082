package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var svcNoEndpoints = Rule{
	ID: "svc-no-endpoints", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "a Service has no ready endpoints",
	Text: "The node itself refused connections to a Service: kube-proxy found no ready endpoint to translate them to, and its " +
		"REJECT rule answered with ICMP port-unreachable or a RST. The packets never left the node.",
	Needs:    "the ICMP error or RST, made by the node, to a SYN whose destination was never translated",
	Explains: []string{"app-refused", "cni-reject", "cni-no-reply", "svc-no-dnat"},
	ToldFrom: []string{
		"app-refused: there the backend's own RST answers a translated SYN",
		"cni-reject: there a policy refuses a pod's address, not a Service's",
	},
	NextSteps: []string{
		"kubectl get svc -A -o wide | grep -wF {service-shown}   # which Service is it (NAMESPACE, NAME), and which SELECTOR has it?",
		"kubectl get endpointslices -n {service-namespace} -l kubernetes.io/service-name={service-name} -o 'custom-columns=ADDRESSES:.endpoints[*].addresses,READY:.endpoints[*].conditions.ready,NODES:.endpoints[*].nodeName'   # does it list any, and is one ready?",
		"kubectl get pods -n {service-namespace} -l SELECTOR -o wide   # 0/1 READY: the readiness probe fails; none listed: the selector matches no pod of that namespace",
	},
	Sources: []string{
		"kubernetes pkg/proxy/iptables/proxier.go (has no endpoints)", "RFC 792",
		"kernel Documentation/networking/ip-sysctl.rst (icmp_ratelimit: one error a second to an address, after a burst)",
	},
	judge: judgeNoEndpoints,
}

func judgeNoEndpoints(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Outcome == fact.Refused }) {
		c := example(x, func(c *fact.Connection) bool { return c.KnownBy == fact.RejectedByNode })
		if c == nil || c.Reset != nil && !s.whole(c) {
			// A RST that seems to be the node's may be a backend's, if a filter removed its other sightings.
			continue
		}
		cs.add(x.Called.String(), hit{x, c, Place{Client: x.Client, Service: x.Called}})
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		call := h.reach.Proto.Terms()
		how, by := call.AnAbort(), ""
		for _, e := range h.conn.Errors {
			if e.PortUnreachable() {
				how, by = "ICMP port-unreachable", fmt.Sprintf(" from %s", e.Src)
			}
		}
		f.Title = fmt.Sprintf("Service %s has no ready endpoints: the node refuses connections to it", f.Service)
		f.Explanation = fmt.Sprintf("%s to %s got %s%s from the client's own node. Their destination was never translated to a "+
			"pod, so kube-proxy had none to choose.", count(f.Count, "connection", "connections"), f.Service, how, by)
		f.Because = []string{
			fmt.Sprintf("%s answers the %s and originates on the node: its TTL is still the initial one", how, call.Open),
			"the " + call.Open + " is never seen with a destination other than the Service",
		}
		if s.neighbourWorks(h.reach) {
			f.Because = append(f.Because, "other Services are translated on the same node, so kube-proxy works")
		}
		if n := s.refusedInSilence(c, &f); n > 0 {
			f.Explanation += fmt.Sprintf(" %d more got no answer: a kernel sends about one ICMP error per second to an address and drops the rest silently.", n)
		}
		list = append(list, f.fill())
	}
	return list
}

// errorPause is how long before the first refusal and after the last one a connection may have been refused without an answer, in nanoseconds: a client
// sends its SYN again after a second, and may get one then.
const errorPause = 3e9

// refusedInSilence has a finding cover the connections that the node refused, too, but had no ICMP error left for: of the same clients to the same Service
// at the same time, and never translated. It returns how many there are.
func (s *scene) refusedInSilence(c *cause, f *Finding) (n uint64) {
	clients := map[netip.Addr]bool{}
	for _, h := range c.hits {
		if h.conn.Reset == nil {
			clients[h.reach.Client] = true
		}
	}
	for _, x := range index(s, newUntranslated)[c.hits[0].reach.Called] {
		if clients[x.Client] && x.Proto == c.hits[0].reach.Proto && x.First > f.First-errorPause && x.LastStart < f.Last+errorPause {
			f.covers = append(f.covers, x)
			n += x.Count
			for i := 0; i < len(x.Examples) && len(f.Connections) < maxConnections; i++ {
				f.Connections = append(f.Connections, x.Examples[i].ID)
			}
		}
	}
	return n
}

// untranslatedCalls are the ways on which connections were never translated nor answered, by what they called.
type untranslatedCalls map[netip.AddrPort][]*fact.Reach

func newUntranslated(s *scene) untranslatedCalls {
	m := untranslatedCalls{}
	for i := range s.Reach {
		if x := &s.Reach[i]; x.Outcome == fact.Hang && x.Phase == fact.PhaseHandshake && !x.Backend.IsValid() {
			m[x.Called] = append(m[x.Called], x)
		}
	}
	return m
}

// neighbourWorks reports whether other Services were translated for anybody.
func (s *scene) neighbourWorks(x *fact.Reach) bool {
	_, ok := index(s, newTranslatedServices).besides(x.Called)
	return ok
}

// translatedServices has the addresses of Services that were translated and worked.
type translatedServices struct{ latest[netip.AddrPort] }

func newTranslatedServices(s *scene) *translatedServices {
	t := &translatedServices{}
	for i := range s.Reach {
		if r := &s.Reach[i]; r.Outcome == fact.OK && r.Service.IsValid() && r.Backend.IsValid() {
			t.see(r.Called, r.Last)
		}
	}
	return t
}
