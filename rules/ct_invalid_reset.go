package rules

import (
	"fmt"
	"slices"

	"github.com/netsift/netsift/analyze/fact"
)

var ctInvalidReset = Rule{
	ID: "ct-invalid-reset", Layer: LayerService, Severity: Critical, Since: "0.1.0",
	Title: "replies reached the client untranslated, and it reset the connection",
	Text: "An answer of the backend was not translated back: the client saw the pod's address where it had called the " +
		"Service's, knew no such connection and answered with a RST (UDP: ICMP port-unreachable). Conntrack does so with " +
		"packets that it takes for INVALID, outside of the window; with answers that come after the entry was deleted, as " +
		"kube-proxy does with UDP when an endpoint goes; and with all of them where pods on one bridge talk through a Service " +
		"and bridge netfilter is off.",
	Needs: "the untranslated answer at the client's interface, and the client's RST or ICMP error",
	Explains: []string{
		"app-refused", "tcp-loss", "ct-stale-reset", "ct-stale-udp", "cni-no-reply", "dns-no-response", "dns-intermittent-timeout", "cni-reject",
	},
	ToldFrom: []string{
		"ct-stale-reset: there the server's side sends the RST",
		"ct-stale-udp: there the backend is gone, and answers nothing",
		"app-refused: there the backend answers the SYN with a RST",
	},
	NextSteps: []string{
		"conntrack -S   # on the client's node: does `invalid` grow?",
		"iptables-save | grep 'ctstate INVALID' ; nft list ruleset | grep 'ct state invalid'   # kube-proxy's KUBE-FORWARD drops INVALID packets; is its rule there and reached?",
		"sysctl net.bridge.bridge-nf-call-iptables   # must be 1 where pods share a bridge",
		"sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1   # CAREFUL: for all connections of the node, until it boots: packets outside of the window are valid then",
	},
	Sources: []string{"kubernetes #74839", "kubernetes #45976", "linux net/netfilter/nf_conntrack_proto_tcp.c tcp_in_window"},
	judge:   judgeInvalidReset,
}

func judgeInvalidReset(r *Rule, s *scene) []Finding {
	var cs causes
	for _, x := range s.open(r, func(x *fact.Reach) bool { return true }) {
		c := example(x, rejectedUntranslated)
		if c == nil {
			continue
		}
		p := placeOf(c)
		if !p.Service.IsValid() && c.Backend != c.Called {
			p.Service = c.Called
		}
		if e := declined(c); e != nil {
			p.Backend = e.QuotedSrc // the socket may have another one by now
		}
		cs.add(x.Called.String()+p.Backend.String(), hit{x, c, p})
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r)
		h := c.hits[0]
		answer := "a RST"
		if h.reach.Proto == fact.UDP {
			answer = "ICMP port-unreachable"
		}
		if !slices.ContainsFunc(c.hits, func(h hit) bool { return h.reach.Outcome != fact.OK }) {
			f.Severity = Warning // answers to what was sent again came through
		}
		f.Title = fmt.Sprintf("%s rejects answers of Service %s: they arrive with source %s", f.Client, f.Service, f.Backend)
		f.Explanation = fmt.Sprintf("%s called %s and got an answer from %s, which it never called; it sent %s. The node did not "+
			"translate the answer back.", f.Client, f.Service, f.Backend, answer)
		f.Because = []string{
			fmt.Sprintf("an answer with source %s goes out to the client's interface", f.Backend),
			fmt.Sprintf("the client answers it with %s", answer),
		}
		list = append(list, f.fill())
	}
	return list
}

// rejectedUntranslated reports whether an untranslated reply reached the client, and the client refused it.
func rejectedUntranslated(c *fact.Connection) bool {
	if !c.Untranslated {
		return false
	}
	if c.Proto == fact.TCP {
		return c.Reset != nil && c.Reset.From == fact.ToServer
	}
	return declined(c) != nil
}

// declined returns the ICMP error by which a client refused a datagram from an address that it had not called, nil without one. An error
// that quotes the address called refuses what came too late.
func declined(c *fact.Connection) *fact.ICMPError {
	for i := range c.Errors {
		if e := &c.Errors[i]; e.Flow == fact.ToClient && e.PortUnreachable() && e.QuotedSrc != c.Called {
			return e
		}
	}
	return nil
}
