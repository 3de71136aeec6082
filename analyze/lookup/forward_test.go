package lookup

import (
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

func TestForward(t *testing.T) {
	check(t, []situation{
		{
			"CoreDNS passes it on with the client's id", `
			0ms pod:40001 > dns 11 A www.example.com
			1ms coredns:50001 > upstream 11 A www.example.com
			2ms coredns:50001 < upstream 11 A www.example.com 203.0.113.8
			3ms pod:40001 < dns 11 A www.example.com 203.0.113.8 from=coredns`,
			"pod www.example.com ? q1 w0 r0 answered c1",
		},
		{"another server has its own ids, and is known from its answers", `
			0ms  pod:40001 > dns 11 A web.default.svc.cluster.local
			1ms  pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50 from=coredns
			10ms pod:40002 > dns 12 A www.example.com
			11ms coredns:50001 > upstream 900 A www.example.com
			12ms coredns:50001 < upstream 900 A www.example.com 203.0.113.8
			13ms pod:40002 < dns 12 A www.example.com 203.0.113.8 from=coredns`, `
			pod web ? q1 w0 r0 answered c1
			pod www.example.com ? q1 w0 r0 answered c1`},
		{
			"or from its first answer, after it has asked", `
			0ms pod:40001 > dns 11 A www.example.com
			1ms coredns:50001 > upstream 900 A www.example.com
			2ms coredns:50001 < upstream 900 A www.example.com 203.0.113.8
			3ms pod:40001 < dns 11 A www.example.com 203.0.113.8 from=coredns`,
			"pod www.example.com ? q1 w0 r0 answered c1",
		},
		{"two pods that ask for the same are no forward", `
			0ms pod:40001 > dns 11 A www.example.com
			1ms pod2:40001 > dns 11 A www.example.com
			2ms pod:40001 < dns 11 A www.example.com 203.0.113.8
			2ms pod2:40001 < dns 11 A www.example.com 203.0.113.8`, `
			pod www.example.com ? q1 w0 r0 answered c1
			pod2 www.example.com ? q1 w0 r0 answered c1`},
		{"nor are two pods with two servers", `
			0ms pod:40001 > dns 11 A www.example.com
			1ms pod2:40001 > dns2 12 A www.example.com
			2ms pod:40001 < dns 11 A www.example.com 203.0.113.8
			2ms pod2:40001 < dns2 12 A www.example.com 203.0.113.8`, `
			pod www.example.com ? q1 w0 r0 answered c1
			pod2 www.example.com ? q1 w0 r0 answered c1`},
		{
			"upkeep: loop detection and health checks", `
			0ms coredns:50001 > upstream 11 HINFO 5577006791947779410.8674665223082153551
			1ms coredns:50001 < upstream 11 HINFO 5577006791947779410.8674665223082153551 NXDOMAIN
			2ms coredns:50002 > upstream 12 NS .
			3ms coredns:50002 < upstream 12 NS . ok`,
			"",
		},
		{"HINFO and NS of names are lookups", `
			0ms pod:40001 > dns 11 HINFO www.example.com
			1ms pod:40001 < dns 11 HINFO www.example.com ok
			2ms pod:40002 > dns 12 NS example.com
			3ms pod:40002 < dns 12 NS example.com ok`, `
			pod www.example.com ? q1 w0 r0 nodata c1
			pod example.com ? q1 w0 r0 nodata c1`},
	})
}

func TestUpstream(t *testing.T) {
	l := play(t, `
		0ms   pod:40001 > dns 11 A www.example.com
		1ms   coredns:50001 > upstream 11 A www.example.com
		501ms coredns:50001 < upstream 11 A www.example.com NXDOMAIN
		502ms pod:40001 < dns 11 A www.example.com NXDOMAIN from=coredns
		503ms pod:40002 > dns 12 A www.example.com.default.svc.cluster.local
		504ms pod:40002 < dns 12 A www.example.com.default.svc.cluster.local NXDOMAIN from=coredns`)[0]
	u := l.Upstream
	if u == nil || u.Server != host("upstream", 53) || u.Client != host("coredns:50001", 0) || u.Rcode != "NXDOMAIN" || u.Duration != 500*millisecond ||
		u.Queries != 1 || u.Failed != 0 || u.Ref.Frame != 2 {
		t.Errorf("slow: %+v", u)
	}
	l = play(t, `
		0ms pod:40001 > dns 11 A www.example.com
		1ms coredns:50001 > upstream 11 A www.example.com
		2ms coredns:50001 x upstream 11
		3ms pod:40001 < dns 11 A www.example.com SERVFAIL from=coredns`)[0]
	if u = l.Upstream; u == nil || !u.Unreachable || u.Rcode != "" || u.Duration != -1 || u.Failed != 1 || l.Outcome != fact.LookupServfail {
		t.Errorf("unreachable: %s, %+v", l.Outcome, u)
	}
	l = play(t, `
		0ms pod:40001 > dns 11 A web.default.svc.cluster.local
		1ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50 from=coredns`)[0]
	if l.Upstream != nil || l.Backend != host("coredns", 53) {
		t.Errorf("none: %+v, backend %v", l.Upstream, l.Backend)
	}
}
