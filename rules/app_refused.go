package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var appRefused = Rule{
	ID: "app-refused", Layer: LayerApp, Severity: Critical, Since: "0.1.0",
	Title: "nothing listens on the backend's port",
	Text: "The backend's own kernel answered the SYN with a RST: the pod is there and the network carries packets both ways, " +
		"but no process listens on that port. The application has not started, has crashed, or targetPort is wrong.",
	Needs: "a RST to a SYN, made by the backend itself",
	ToldFrom: []string{
		"svc-no-endpoints: there the node refuses, and the SYN is never translated",
		"ct-stale-reset: there the RST answers an established connection",
	},
	NextSteps: []string{
		"kubectl get pods -A -o wide --field-selector status.podIP={backend-ip}   # is it Ready, does it restart?",
		"kubectl exec -n NAMESPACE POD -- ss -ltn   # does anything listen on {backend-port}, and not on 127.0.0.1 only?",
		"kubectl get svc -A -o wide | grep {service-ip}   # does targetPort name the port that the container opens?",
	},
	Sources: []string{"RFC 9293, section 3.10.7.1"},
	judge: func(r *Rule, s *scene) []Finding {
		var cs causes
		for _, x := range s.open(r, func(x *fact.Reach) bool { return x.Outcome == fact.Refused && x.Proto == fact.TCP }) {
			c := example(x, func(c *fact.Connection) bool { return c.Reset != nil && c.Reset.InHandshake })
			if c == nil || c.Reset.ByNode && (!x.Backend.IsValid() || s.callsPod(c)) {
				continue // a node's: svc-no-endpoints or cni-reject, where the capture is whole; else nobody can tell
			}
			where := x.Backend
			if !where.IsValid() {
				where = x.Called
			}
			cs.add(where.Addr().String(), hit{x, c, placeOf(c)}) // one pod without its process, however many its ports
		}
		var list []Finding
		for _, c := range cs.list {
			f := c.finding(r)
			h := c.hits[0]
			where := h.reach.Backend
			if !where.IsValid() {
				where = h.reach.Called
				f.Certainty = Inferred
			}
			f.Title = fmt.Sprintf("nothing listens on %s: it answers SYNs with RST", where)
			f.Explanation = fmt.Sprintf("%s got a RST from %s (TTL %d at its first sighting). The way there and back works.",
				count(f.Count, "connection attempt", "connection attempts"), h.conn.Reset.Src, h.conn.Reset.TTL)
			f.Because = []string{"the RST comes from the backend's side, not from the client's node"}
			if !s.whole(h.conn) {
				f.Certainty = Possible
				f.Explanation += " The capture is filtered: that a firewall on the way made the RST can't be told from it."
			}
			if h.reach.Service.IsValid() && h.reach.Backend.IsValid() {
				f.Because = append(f.Because, fmt.Sprintf("Service %s was translated to it, so it counts as a ready endpoint", h.reach.Service))
			}
			if !h.reach.Service.IsValid() && !s.isPod(h.reach) {
				f.Severity = Warning // outside of the cluster, or a node
			}
			if s.outside(h.reach) {
				f.Severity = Info
				f.Explanation += " It is no part of the cluster."
			}
			if n := scanned(c); n >= scanPorts {
				f.Severity = Info
				f.Title = fmt.Sprintf("%s refuses connections to %d of its ports", where.Addr(), n)
				f.Explanation += fmt.Sprintf(" %s tried %d ports: that is a scan, and nothing that was missing.", f.Client, n)
			}
			if s.failsElsewhere(h.reach) && f.Severity > Warning {
				f.Severity = Warning
				f.Because = append(f.Because, "other backends of the same Service answer")
			}
			list = append(list, f.fill())
		}
		return list
	},
}

// scanPorts is how many ports of one address, called directly and all refused, are a scan.
const scanPorts = 8

// scanned returns how many ports were refused that no Service led to; 0 if one did.
func scanned(c *cause) int {
	ports := map[uint16]bool{}
	for _, h := range c.hits {
		if h.reach.Service.IsValid() {
			return 0
		}
		ports[h.reach.Called.Port()] = true
	}
	return len(ports)
}

// failsElsewhere reports whether the Service of x works by another backend, so that only some of its calls fail.
func (s *scene) failsElsewhere(x *fact.Reach) bool {
	if !x.Service.IsValid() {
		return false
	}
	for _, y := range s.byCalled[x.Called] {
		if y.Outcome == fact.OK && y.Backend.IsValid() && y.Backend != x.Backend {
			return true
		}
	}
	return false
}
