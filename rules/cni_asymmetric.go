package rules

import (
	"fmt"
	"net/netip"

	"github.com/netsift/netsift/analyze/fact"
)

var cniAsymmetric = Rule{
	ID: "cni-asymmetric", Layer: LayerCNI, Severity: Critical, Since: "0.1.0",
	Title: "packets and their answers take different ways, and one of these drops them",
	Text: "Packets come in to a node by one interface, and the node sends to where they come from by another one: beside the tunnel, or by the other " +
		"network card. A kernel with a strict rp_filter drops such packets where they come in. A stateful firewall or a cloud's network on the way " +
		"back drops the answers, of which it never saw the beginning. Routes that a node has lost, a pod's address on a second network card " +
		"without a routing rule of its own, or nodes that disagree on whether there is a tunnel between them.",
	Needs: "both ways: the packet that comes in by one interface and is not seen again, and packets that the same node sends to its origin by another " +
		"one; or an answer that leaves by another interface than its request came by, is sent again and again and never acknowledged",
	Explains: []string{"cni-no-reply", "cni-tunnel-oneway", "svc-local-no-endpoint", "tcp-loss"},
	ToldFrom: []string{
		"direct server return, or an asymmetry that nobody minds: there the client acknowledges what came by the other path",
		"cni-no-reply: there nothing shows that answers take another path",
		"cni-tunnel-oneway: there the packets never come out of the tunnel",
	},
	NextSteps: []string{
		"ip rule ; ip route get {client} ; ip route get {backend-ip}   # on the node where they end: by which interface does it send there?",
		"sysctl -a | grep '[.]rp_filter'   # on that node: 1 is strict; the larger of `all` and the interface's own counts",
		"nstat -az TcpExtIPReversePathFilter   # on that node: it counts the packets dropped so",
		"iptables-save | grep -i -e rpfilter -e INVALID ; nft list ruleset | grep -e fib -e invalid   # on that node: rules that ask the same",
		"ip route ; bridge fdb show   # on both nodes: is the pods' network of the other one routed into the tunnel?",
		"where the answers leave by another network card: a routing rule for the pod's address, or masquerading (AWS VPC CNI: " +
			"AWS_VPC_CNI_NODE_PORT_SUPPORT, AWS_VPC_K8S_CNI_EXTERNALSNAT); the cloud's source/destination check",
	},
	Sources: []string{
		"linux net/ipv4/fib_frontend.c (fib_validate_source)", "linux Documentation/networking/ip-sysctl.rst (rp_filter)", "RFC 3704, section 2.2",
		"https://github.com/aws/amazon-vpc-cni-k8s/issues/231",
		"https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/#direct-server-return-dsr",
	},
	judge: judgeAsymmetric,
}

// twoWays is what shows that the packets of a connection and their answers take different ways on a node.
type twoWays struct {
	node string
	// flow is the direction that is lost, from its sender's address.
	flow fact.Direction
	from netip.Addr
	// in is where packets come in, out is where the node sends to their origin; nil where no packet of the other direction passes the node.
	in, out *fact.View
	// ends says that the packets end where they come in; else they leave by out, and end further on.
	ends bool
}

func judgeAsymmetric(r *Rule, s *scene) []Finding {
	var cs causes
	var known *roads
	ways := map[string]twoWays{}
	for _, x := range s.open(r, func(x *fact.Reach) bool {
		return x.Proto == fact.TCP && x.Outcome == fact.Hang && x.Phase == fact.PhaseHandshake &&
			x.Signs&(fact.SignStranded|fact.SignDetour) != 0 && x.Signs&fact.SignUntranslated == 0
	}) {
		if known == nil {
			all := s.roads()
			known = &all
		}
		var w twoWays
		c := example(x, func(c *fact.Connection) (ok bool) {
			w, ok = s.twoWays(known, x, c)
			return ok
		})
		if c == nil {
			continue
		}
		key := fmt.Sprint(w.node, " ", w.in.Interface, " ", w.ends)
		if _, ok := ways[key]; !ok {
			ways[key] = w
		}
		cs.add(key, hit{x, c, placeOf(c)})
	}
	var list []Finding
	for _, c := range cs.list {
		f, w := c.finding(r), ways[c.key]
		f.Certainty = Inferred
		f.Nodes = tunnelEnds(c.hits[0].conn)
		what := count(f.Count, "connection", "connections")
		switch {
		case w.ends && w.out == nil:
			f.Title = fmt.Sprintf("answers to %s come to %s, which their requests never passed, and end there", f.Client, w.node)
			f.Explanation = fmt.Sprintf("The SYN-ACKs of %s come in to %s and are not seen again, while the SYNs took a way on which that node does not lie: "+
				"a firewall that saw only half of a connection drops it (conntrack: INVALID).", what, w.node)
			f.Because = []string{fmt.Sprintf("SYN-ACKs come in to %s by %s, and are seen nowhere further; no SYN is", w.node, interfaceName(w.in))}
		case w.ends:
			f.Title = fmt.Sprintf("%s drops packets from %s: they come in by %s, and it would answer by %s", w.node, w.from, interfaceName(w.in), interfaceName(w.out))
			f.Explanation = fmt.Sprintf("Packets of %s come in to %s by %s and are not seen again, while that node sends to where they come from by %s: "+
				"%s drops them.", what, w.node, interfaceName(w.in), interfaceName(w.out), reversePathFilter(w.from))
			f.Because = []string{
				fmt.Sprintf("packets from %s come in to %s by %s, and are seen nowhere further", w.from, w.node, interfaceName(w.in)),
				fmt.Sprintf("packets for %s, or for its network, leave %s by %s, and none by the other path", w.from, w.node, interfaceName(w.out)),
			}
		default:
			f.Title = fmt.Sprintf("answers from %s to %s leave %s by another path than the requests take, and are lost", addrPort(f.Backend), f.Client, w.node)
			f.Explanation = fmt.Sprintf("The SYNs of %s come in to %s by %s, and the SYN-ACKs leave it by %s. The client never acknowledges one and sends its SYN "+
				"again: on that path they are dropped, by the next machine's reverse path filter (rp_filter), by a firewall that saw only half, or by "+
				"the cloud's source check.", what, w.node, interfaceName(w.in), interfaceName(w.out))
			f.Because = []string{
				fmt.Sprintf("on %s the SYNs come in by %s, and the SYN-ACKs go out by %s", w.node, interfaceName(w.in), interfaceName(w.out)),
				"the SYN-ACK is sent again and again, and not acknowledged",
			}
		}
		list = append(list, f.fill())
	}
	return list
}

// twoWays returns how a connection that got no answer shows two ways, false where it does not.
func (s *scene) twoWays(r *roads, x *fact.Reach, c *fact.Connection) (twoWays, bool) {
	lost := fact.ToServer
	if x.Signs&fact.SignAnswered != 0 {
		lost = fact.ToClient
	}
	if l, v := c.Stranded(lost); v != nil && !inward(v) && s.wholeNode(r, v) {
		w := twoWays{node: l.Node, flow: lost, from: l.Src.Addr(), in: v, ends: true}
		if lost == fact.ToClient {
			w.from = l.Dst.Addr()
		}
		w.out = r.back(c, v, l.Node, w.from)
		if !r.works[gateOf(v)][network(w.from)] && (w.out != nil || lost == fact.ToClient && outward(v) && s.passesBy(c, l.Node, v)) {
			return w, true
		}
	}
	in, out := c.Detour()
	if lost == fact.ToServer || out == nil || inward(in) || inward(out) || !outward(in) && !outward(out) && !r.round[gateOf(in)][x.Client] ||
		r.detours[[2]gate{gateOf(in), gateOf(out)}] || x.Signs&fact.SignSYNResend == 0 {
		return twoWays{}, false
	}
	return twoWays{node: s.Captures[in.Capture].Node, flow: lost, from: c.Client.Addr(), in: in, out: out}, true
}

// reversePathFilter names what asks a packet whether its way back is the way that it came. For IPv6 the kernel has no such setting.
func reversePathFilter(a netip.Addr) string {
	if a.Is4() {
		return "a strict reverse path filter (rp_filter)"
	}
	return "a firewall's reverse path filter (ip6tables -m rpfilter, nft fib)"
}

// wholeNode reports whether the capture of a view would show it if the packet went on: it has pods' interfaces, and no filter.
func (s *scene) wholeNode(r *roads, v *fact.View) bool {
	at := &s.Captures[v.Capture]
	return at.Whole() && !at.Host && r.inside[v.Capture]
}

// passesBy reports whether a connection's SYNs were seen, and not on a node whose capture was running then.
func (s *scene) passesBy(c *fact.Connection, node string, at *fact.View) bool {
	if c.Flow[fact.ToServer].SYNs == 0 || c.Midstream || s.Captures[at.Capture].First-s.Captures[at.Capture].Clock.Offset > c.Start {
		return false
	}
	for i := range c.Legs {
		if c.Legs[i].Node == node && c.Legs[i].Seen[fact.ToServer] > 0 {
			return false
		}
	}
	return true
}

// interfaceName names the interface of a view, by what it does if it has no name.
func interfaceName(v *fact.View) string {
	switch {
	case v.Name != "":
		return v.Name
	case outward(v):
		return "its " + v.Role.String()
	}
	return fmt.Sprintf("interface %d", v.Interface)
}
