package rules

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

var appRefused = Rule{
	ID: "app-refused", Layer: LayerApp, Severity: Critical, Since: "0.1.0",
	Title: "nothing listens on the backend's port",
	Text: "The backend's own kernel answered the SYN with a RST (of SCTP: the INIT with an ABORT): the pod is there and the network carries packets both ways, " +
		"but no process listens on that port. The application has not started, has crashed, or targetPort is wrong.",
	Needs: "a RST to a SYN, made by the backend itself; of SCTP also ICMP protocol unreachable",
	ToldFrom: []string{
		"svc-no-endpoints: there the node refuses, and the SYN is never translated",
		"ct-stale-reset: there the RST answers an established connection",
		"an endpoint that ends: there it had worked until just before, and other backends take over",
		"two hosts with one address: there the same place refuses and accepts in turns",
	},
	NextSteps: []string{
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # is it Ready, does it restart?",
		"kubectl exec -n {backend-pod} -- ss -ltn   # does anything listen on {backend-port}, and not on 127.0.0.1 only?",
		debugBackend + "ss -ltn   # the same where the image has no ss (distroless)",
		"kubectl get svc -A -o wide | grep -wF {service-shown}   # " + asksName,
		"kubectl get svc -n {service-namespace} {service-name} -o yaml   # does targetPort name the port that the container opens?",
	},
	Sources: []string{
		"RFC 9293, section 3.10.7.1", "RFC 9260, section 8.4", "RFC 1413",
		"https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination", "kubernetes pkg/probe",
	},
	judge: judgeAppRefused,
}

func judgeAppRefused(r *Rule, s *scene) []Finding {
	var cs, strangers causes // strangers do not even know the protocol
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto.Opens() && (x.Outcome == fact.Refused || x.Outcome == fact.Unreachable && x.Signs&fact.SignNoProtocol != 0)
	}) {
		if x.Outcome == fact.Unreachable {
			if c := example(x, func(*fact.Connection) bool { return true }); c != nil {
				strangers.add(refuser(x).Addr().String()+" "+x.Proto.String(), hit{x, c, placeOf(c)})
			}
			continue
		}
		c := example(x, func(c *fact.Connection) bool { return c.Reset != nil && c.Reset.InHandshake })
		if c == nil || c.Reset.ByNode && (!x.Backend.IsValid() || s.callsPod(c)) {
			continue // a node's: svc-no-endpoints or cni-reject, where the capture is whole; else nobody can tell
		}
		key := refuser(x).Addr().String() // one pod without its process, however many its ports
		if x.Proto != fact.TCP {
			key += " " + x.Proto.String()
		}
		cs.add(key, hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, c := range strangers.list {
		list = append(list, s.protocolUnknown(r, c))
	}
	refusals := sweeps(cs.list)
	for _, c := range refusals {
		h := c.hits[0]
		call := h.reach.Proto.Terms()
		o := s.othersOf(c, share(len(refusals)))
		if o.inTurns() || o.ending() {
			continue
		}
		f := c.finding(r)
		where := refuser(h.reach)
		if !h.reach.Backend.IsValid() {
			f.Certainty = Inferred
		}
		f.Title = fmt.Sprintf("nothing listens on %s: it answers %ss with %s", where, call.Open, call.Abort)
		f.Explanation = fmt.Sprintf("%s got %s from %s (TTL %d at its first sighting). Packets pass in both directions.",
			count(f.Count, "connection attempt", "connection attempts"), call.AnAbort(), h.conn.Reset.Src, h.conn.Reset.TTL)
		f.Because = []string{"the " + call.Abort + " comes from the backend's side, not from the client's node"}
		if !s.whole(h.conn) {
			f.Certainty = Possible
			f.Explanation += " The capture is filtered: that a firewall on the way made the " + call.Abort + " can't be told from it."
		}
		if h.reach.Service.IsValid() && h.reach.Backend.IsValid() {
			f.Because = append(f.Because, fmt.Sprintf("Service %s was translated to it, so it counts as a ready endpoint", h.reach.Service))
		}
		if !h.reach.Service.IsValid() && !s.isPod(h.reach) {
			f.Severity = Warning // outside of the cluster, or a node
		}
		switch {
		case o.worksSince != 0:
			f.Recovered = o.worksSince
			f.Severity = min(f.Severity, Warning)
			f.Title = fmt.Sprintf("nothing listened on %s for %s: it answered %ss with %s", where, round(o.last-o.first), call.Open, call.Abort)
			f.Because = append(f.Because, "it accepts connections before or after")
		case o.workedUntil != 0:
			f.Explanation += fmt.Sprintf(" It had accepted connections until %s before.", round(o.first-o.workedUntil))
		}
		if s.outside(h.reach) {
			f.Severity = Info
			f.Explanation += " It is no part of the cluster."
		}
		if !slices.ContainsFunc(c.hits, func(h hit) bool { return !s.probes(h.reach) }) {
			f.Title = fmt.Sprintf("the kubelet's probes of %s are refused", where)
			f.Explanation = fmt.Sprintf("%s by the pod's own node got a RST: its process does not listen yet, ends, or restarts.",
				count(f.Count, "attempt to connect", "attempts to connect"))
			if f.Severity = Info; o.workedUntil == 0 && o.last-o.first > graceful {
				f.Severity = Warning // nor is it one that ends
			}
		}
		if where.Port() == identPort && !h.reach.Service.IsValid() {
			f.Severity = Info
			f.Explanation += " Mail and IRC servers ask for the user's name there, and go on without it (RFC 1413)."
		}
		if where.Port() == bgpPort && s.peersWith(f.Client, where.Addr()) {
			f.Severity = Info
			f.Explanation += " It is BGP, by which nodes tell each other their routes: no pod is seen to be unreachable for want of it."
		}
		if n := scanned(c); n >= scanPorts {
			f.Severity = Info
			f.Title = fmt.Sprintf("%s refuses connections to %d of its ports", where.Addr(), n)
			f.Explanation += fmt.Sprintf(" %s tried %d ports: that is a scan, and nothing that was missing.", f.Client, n)
		}
		if n := hosts(c); n >= sweepHosts {
			f.Severity = Info
			f.Title = fmt.Sprintf("%d hosts refuse connections of %s", n, f.Client)
			f.Explanation += fmt.Sprintf(" %s tried %d hosts: that is a sweep, and nothing that was missing.", f.Client, n)
		}
		if s.failsElsewhere(h.reach) && f.Severity > Warning {
			f.Severity = Warning
			f.Because = append(f.Because, "other backends of the same Service answer")
		}
		list = append(list, f.over(h.reach.Proto).fill())
	}
	return list
}

// protocolUnknown is the finding about a host that answers with ICMP that it does not know the protocol. Linux does so where SCTP's module is not
// loaded, as it is nowhere before something asks for it, and distributions may forbid it.
func (s *scene) protocolUnknown(r *Rule, c *cause) Finding {
	f := c.finding(r)
	h := c.hits[0]
	name := strings.ToUpper(h.reach.Proto.String())
	f.Title = fmt.Sprintf("the host at %s does not know %s: it answers %ss with ICMP protocol unreachable", refuser(h.reach), name, h.reach.Proto.Terms().Open)
	f.Explanation = fmt.Sprintf("%s got ICMP protocol unreachable from the host that was called. Packets pass in both directions; its kernel has no %s.",
		count(f.Count, "connection attempt", "connection attempts"), name)
	f.Because = []string{"the ICMP error has the address of who was called"}
	if !h.reach.Service.IsValid() && !s.isPod(h.reach) {
		f.Severity = Warning
	}
	f.NextSteps = []string{
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # on which node is it?",
		"lsmod | grep -w sctp ; grep -rw sctp /etc/modprobe.d   # on that node: is the module loaded, or forbidden?",
	}
	return f.fill()
}

// identPort is where a server asks who its client's user is (RFC 1413), which hardly anybody answers any more.
const identPort = 113

// scanPorts is how many ports of one address, called directly and all refused, are a scan; sweepHosts how many hosts are one.
const scanPorts, sweepHosts = 8, 8

// scanned returns how many ports of one address were refused that no Service led to; 0 if one did.
func scanned(c *cause) int {
	ports := map[uint16]bool{}
	for _, h := range c.hits {
		if h.reach.Service.IsValid() {
			return 0
		}
		ports[h.reach.Called.Port()] = true
	}
	if hosts(c) > 1 {
		return 0
	}
	return len(ports)
}

// hosts returns how many addresses are among those that a cause is about.
func hosts(c *cause) int {
	seen := map[netip.Addr]bool{}
	for _, h := range c.hits {
		seen[refuser(h.reach).Addr()] = true
	}
	return len(seen)
}

// sweeps makes one cause of what one client called directly on many hosts, and leaves the others alone.
func sweeps(list []*cause) []*cause {
	var kept []*cause
	byClient, ofOne := map[netip.Addr][]*cause{}, map[*cause]bool{}
	for _, c := range list {
		if client := c.hits[0].reach.Client; !slices.ContainsFunc(c.hits, func(h hit) bool { return h.reach.Service.IsValid() || h.reach.Client != client }) {
			byClient[client], ofOne[c] = append(byClient[client], c), true
		}
	}
	for _, c := range list {
		client := c.hits[0].reach.Client
		same := byClient[client]
		if len(same) < sweepHosts || !ofOne[c] {
			kept = append(kept, c)
			continue
		}
		if c == same[0] {
			all := &cause{key: client.String() + " sweeps"}
			for _, x := range same {
				all.hits = append(all.hits, x.hits...)
			}
			kept = append(kept, all)
		}
	}
	return kept
}

// failsElsewhere reports whether the Service of x works by another backend, so that only some of its calls fail.
func (s *scene) failsElsewhere(x *fact.Reach) bool {
	return x.Service.IsValid() && s.otherBackendWorks(x, math.MinInt64)
}
