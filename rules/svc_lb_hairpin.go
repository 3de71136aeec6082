package rules

import (
	"fmt"

	"github.com/netsift/netsift/analyze/fact"
)

var svcLBHairpin = Rule{
	ID: "svc-lb-hairpin", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "a load balancer hands a connection back to the node that it came from",
	Text: "A pod, or the node itself, called a load balancer outside of the cluster, which chose the caller's own node and kept the caller's address: the " +
		"SYN comes back in with the node's own address as its source. A kernel drops what comes from outside with an address of its own (a martian). " +
		"Where the balancer chooses among several nodes, a part of the calls works, and each node fails for itself only.",
	Needs: "the SYN that leaves the node, and the same one coming in again by the same interface with the same source, sent on to a port of the node " +
		"or as it was; or a SYN that comes in from outside with the same address at both ends",
	Explains: []string{"svc-hairpin-drop", "svc-local-no-endpoint", "svc-no-dnat", "cni-no-reply", "tcp-loss"},
	ToldFrom: []string{
		"svc-hairpin-drop: there the node's own proxy chose the client as the backend, and no packet left the node",
		"cni-routing-loop: there the packet goes on its way again, and comes by again and again",
		"a load balancer that puts its own address into the source: there the connection works",
	},
	NextSteps: []string{
		"kubectl get svc -A -o 'custom-columns=NS:.metadata.namespace,NAME:.metadata.name,POLICY:.spec.externalTrafficPolicy," +
			"NODEPORTS:.spec.ports[*].nodePort,LB:.status.loadBalancer.ingress[*]' | grep -wF {service-ip}   # whose is it? With a host name alone, kube-proxy can't know the address",
		"sysctl net.ipv4.conf.all.log_martians ; dmesg | grep -i martian   # on the client's node: with log_martians=1 the kernel tells what it drops",
		"call the Service by its name or ClusterIP from inside of the cluster, instead of by the load balancer",
		"AWS NLB: preserve_client_ip.enabled=false in the target group (service.beta.kubernetes.io/aws-load-balancer-target-group-attributes); elsewhere, " +
			"have the balancer put its own address into the source, and PROXY protocol in front where the client's matters",
	},
	Sources: []string{
		"linux net/ipv4/fib_frontend.c (fib_validate_source; accept_local)", "RFC 1812, section 5.3.7",
		"https://github.com/kubernetes/ingress-nginx/issues/3699",
		"https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-troubleshooting.html",
		"https://kubernetes.io/docs/concepts/services-networking/service/#load-balancer-ip-mode",
	},
	judge: judgeLBHairpin,
}

func judgeLBHairpin(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.TCP && x.Outcome == fact.Hang && x.Phase == fact.PhaseHandshake && x.Signs&(fact.SignAnswered|fact.SignLoop) == 0 &&
			(!hairpins(x) || s.Role(x.Client) == fact.RoleNode) // a pod's own address at both ends may be its node's doing
	}) {
		if c := example(x, s.handedBack); c != nil {
			p := placeOf(c)
			p.Service = x.Called
			cs.add(x.Called.String(), hit{x, c, p})
		}
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		left, back := h.conn.CameBack(s.ofHost)
		works := uint64(0)
		for _, y := range s.byCalled[h.reach.Called] {
			if y.Outcome == fact.OK {
				works += y.Count
			}
		}
		f.Title = fmt.Sprintf("load balancer %s hands connections of %s back to the node that they come from", h.reach.Called, h.reach.Client)
		what := count(f.Count, "connection", "connections")
		switch {
		case back == nil:
			f.Title = fmt.Sprintf("SYNs come in from outside with %s itself as their source", h.reach.Client)
			f.Explanation = fmt.Sprintf("The SYNs from %s to %s come in from outside with the node's own address as their source: a load balancer that keeps its "+
				"clients' addresses hands the node its own connections. Its kernel drops them as martians.", what, h.reach.Called)
			f.Because = []string{fmt.Sprintf("packets from %s to %s come in to %s", h.reach.Client, h.reach.Called, h.conn.Legs[0].Node)}
		case left == back:
			f.Certainty = Inferred
			f.Explanation = fmt.Sprintf("The SYNs of %s leave %s with %s as their source, and come back in by the same interface as they left, with a lower TTL: "+
				"whoever has the address %s hands them back. The kernel drops what comes from outside with a source of its own.",
				what, back.Node, back.Src.Addr(), h.reach.Called.Addr())
			f.Because = []string{fmt.Sprintf("the SYN from %s to %s goes out, and comes in again with a lower TTL", back.Src, back.Dst)}
			if !h.reach.Service.IsValid() && works == 0 {
				f.Certainty = Possible
				f.Explanation += " It may as well be a router that has no other route for it."
			}
		default:
			f.Explanation = fmt.Sprintf("The SYNs of %s leave %s with %s as their source, and come back in by the same interface, now for %s: the load balancer "+
				"chose the caller's own node and kept the source. The kernel drops what comes from outside with a source of its own.",
				what, back.Node, back.Src.Addr(), back.Dst)
			f.Because = []string{
				fmt.Sprintf("the SYN goes out as %s to %s, and comes in as %s to %s", left.Src, left.Dst, back.Src, back.Dst),
				"it is not seen after that, and never answered",
			}
		}
		if works > 0 {
			f.Because = append(f.Because, fmt.Sprintf("%s to the same address worked: the balancer chose other nodes", count(works, "connection", "connections")))
		}
		list = append(list, f.fill())
	}
	return list
}

// handedBack reports whether the client's packets came back to the node that they had left, and ended there; or came in from outside with
// the address that they are for as their source.
func (s *scene) handedBack(c *fact.Connection) bool {
	if _, back := c.CameBack(s.ofHost); back != nil {
		return !s.goesOn(c, back)
	}
	if c.Client.Addr() != c.Called.Addr() || len(c.Legs) != 1 || s.ofHost(uint16(s.captureOf(c))) || len(c.Legs[0].Encap) > 0 {
		return false
	}
	for i := range c.Legs[0].Views {
		if v := &c.Legs[0].Views[i]; !v.In() || v.Mixed || v.Role.Kind == fact.Loopback || v.Role.Kind == fact.Bridge || v.Role.Kind == fact.Veth {
			return false
		}
	}
	return true
}

// ofHost reports whether a capture is a mere host's. To a pod, all ways that bring its own packets back look alike: its node may have done it.
func (s *scene) ofHost(capture uint16) bool { return s.Captures[capture].Host }

// goesOn reports whether packets that came back were sent on by the node: to another place than their own sender, which drops them likewise.
func (s *scene) goesOn(c *fact.Connection, back *fact.Leg) bool {
	came := int64(0)
	for i := range back.Views {
		if v := &back.Views[i]; v.In() && v.Flow == fact.ToServer && (came == 0 || v.First < came) {
			came = v.First
		}
	}
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Views {
			v := &l.Views[k]
			if l.Node == back.Node && v.Flow == fact.ToServer && v.Out() && v.First >= came && !v.Role.LeadsTo(back.Src.Addr()) {
				return true
			}
		}
	}
	return false
}
