package lookup

import (
	"slices"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// externalSearch is api.example.com from a pod with three search domains and ndots:5.
const externalSearch = `
	0ms    pod:40001 > dns 11 A    api.example.com.default.svc.cluster.local
	0.1ms  pod:40001 > dns 9012 AAAA api.example.com.default.svc.cluster.local
	1ms    pod:40001 < dns 9012 AAAA api.example.com.default.svc.cluster.local NXDOMAIN
	1.1ms  pod:40001 < dns 11 A    api.example.com.default.svc.cluster.local NXDOMAIN
	1.2ms  pod:40002 > dns 13 A    api.example.com.svc.cluster.local
	1.3ms  pod:40002 > dns 8014 AAAA api.example.com.svc.cluster.local
	2ms    pod:40002 < dns 13 A    api.example.com.svc.cluster.local NXDOMAIN
	2.1ms  pod:40002 < dns 8014 AAAA api.example.com.svc.cluster.local NXDOMAIN
	2.2ms  pod:40003 > dns 15 A    api.example.com.cluster.local
	2.3ms  pod:40003 > dns 7016 AAAA api.example.com.cluster.local
	3ms    pod:40003 < dns 15 A    api.example.com.cluster.local NXDOMAIN
	3.1ms  pod:40003 < dns 7016 AAAA api.example.com.cluster.local NXDOMAIN
	3.2ms  pod:40004 > dns 17 A    api.example.com
	3.3ms  pod:40004 > dns 6018 AAAA api.example.com
	9ms    pod:40004 < dns 17 A    api.example.com 203.0.113.7
	9.1ms  pod:40004 < dns 6018 AAAA api.example.com ok
`

func TestSearch(t *testing.T) {
	check(t, []situation{
		{
			"short name hits the first candidate", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local
			0ms pod:40001 > dns 9000 AAAA web.default.svc.cluster.local
			1ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			1ms pod:40001 < dns 9000 AAAA web.default.svc.cluster.local ok`,
			"pod web glibc q2 w0 r0 answered c1",
		},
		{
			"pod of a StatefulSet keeps its Service", `
			0ms pod:40001 > dns 11 A web-0.web.default.svc.cluster.local
			1ms pod:40001 < dns 11 A web-0.web.default.svc.cluster.local 10.244.2.8`,
			"pod web-0.web ? q1 w0 r0 answered c1",
		},
		{
			"external name, searched for in the whole list", externalSearch,
			"pod api.example.com glibc q8 w6 r0 answered c4",
		},
		{
			"external name with trailing dot does not", `
			0ms pod:40001 > dns 11 A www.example.com
			0ms pod:40001 > dns 9000 AAAA www.example.com
			1ms pod:40001 < dns 11 A www.example.com 203.0.113.8
			1ms pod:40001 < dns 9000 AAAA www.example.com ok`,
			"pod www.example.com glibc q2 w0 r0 answered c1",
		},
		{
			"name in another namespace hits the second", `
			0ms pod:40001 > dns 11 A api.shop.default.svc.cluster.local
			1ms pod:40001 < dns 11 A api.shop.default.svc.cluster.local NXDOMAIN
			1ms pod:40002 > dns 12 A api.shop.svc.cluster.local
			2ms pod:40002 < dns 12 A api.shop.svc.cluster.local 10.96.0.70`,
			"pod api.shop ? q2 w1 r0 answered c2",
		},
		{
			"full name without trailing dot is searched for, too", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local.default.svc.cluster.local
			1ms pod:40001 < dns 11 A web.default.svc.cluster.local.default.svc.cluster.local NXDOMAIN
			1ms pod:40002 > dns 12 A web.default.svc.cluster.local.svc.cluster.local
			2ms pod:40002 < dns 12 A web.default.svc.cluster.local.svc.cluster.local NXDOMAIN
			2ms pod:40003 > dns 13 A web.default.svc.cluster.local.cluster.local
			3ms pod:40003 < dns 13 A web.default.svc.cluster.local.cluster.local NXDOMAIN
			3ms pod:40004 > dns 14 A web.default.svc.cluster.local
			4ms pod:40004 < dns 14 A web.default.svc.cluster.local 10.96.0.50`,
			"pod web.default.svc.cluster.local ? q4 w3 r0 answered c4",
		},
		{"full name with trailing dot, other namespace than the client's", externalSearch + `
			1s     pod:40011 > dns 21 A web.payments.svc.cluster.local
			1.001s pod:40011 < dns 21 A web.payments.svc.cluster.local 10.96.0.51`, `
			pod api.example.com glibc q8 w6 r0 answered c4
			pod web.payments.svc.cluster.local ? q1 w0 r0 answered c1`},
		{
			"full name that does not exist and is not searched for", `
			0ms pod:40001 > dns 11 A web.payments.svc.cluster.local
			1ms pod:40001 < dns 11 A web.payments.svc.cluster.local NXDOMAIN`,
			"pod web.payments.svc.cluster.local ? q1 w1 r0 nxdomain c1",
		},
		{
			"host's search domain after the cluster's", `
			0ms pod:40001 > dns 11 A db.default.svc.cluster.local
			1ms pod:40001 < dns 11 A db.default.svc.cluster.local NXDOMAIN
			1ms pod:40002 > dns 12 A db.svc.cluster.local
			2ms pod:40002 < dns 12 A db.svc.cluster.local NXDOMAIN
			2ms pod:40003 > dns 13 A db.cluster.local
			3ms pod:40003 < dns 13 A db.cluster.local NXDOMAIN
			3ms pod:40004 > dns 14 A db.us-east-1.compute.internal
			4ms pod:40004 < dns 14 A db.us-east-1.compute.internal 172.31.0.9`,
			"pod db ? q4 w3 r0 answered c4",
		},
		{"cluster domain of another name", `
			0ms pod:40001 > dns 11 A db.default.svc.k8s.corp
			1ms pod:40001 < dns 11 A db.default.svc.k8s.corp NXDOMAIN
			1ms pod:40002 > dns 12 A db.svc.k8s.corp
			2ms pod:40002 < dns 12 A db.svc.k8s.corp NXDOMAIN
			2ms pod:40003 > dns 13 A db.k8s.corp
			3ms pod:40003 < dns 13 A db.k8s.corp 10.9.9.9
			1s  pod:40004 > dns 14 A web.default.svc.k8s.corp
			1.001s  pod:40004 < dns 14 A web.default.svc.k8s.corp 10.9.9.8`, `
			pod db ? q3 w2 r0 answered c3
			pod web ? q1 w0 r0 answered c1`},
		{
			"the name itself first, the list thereafter", `
			0ms pod:40001 > dns 11 A a.b.c.d.e.f
			1ms pod:40001 < dns 11 A a.b.c.d.e.f NXDOMAIN
			1ms pod:40002 > dns 12 A a.b.c.d.e.f.default.svc.cluster.local
			2ms pod:40002 < dns 12 A a.b.c.d.e.f.default.svc.cluster.local NXDOMAIN
			2ms pod:40003 > dns 13 A a.b.c.d.e.f.svc.cluster.local
			3ms pod:40003 < dns 13 A a.b.c.d.e.f.svc.cluster.local NXDOMAIN`,
			"pod a.b.c.d.e.f ? q3 w3 r0 nxdomain c3",
		},
		{"with trailing dot, then without: two lookups", `
			0ms pod:40001 > dns 11 A nosuch.com
			1ms pod:40001 < dns 11 A nosuch.com NXDOMAIN
			1ms pod:40002 > dns 12 A nosuch.com.default.svc.cluster.local
			2ms pod:40002 < dns 12 A nosuch.com.default.svc.cluster.local NXDOMAIN
			2ms pod:40003 > dns 13 A nosuch.com
			3ms pod:40003 < dns 13 A nosuch.com NXDOMAIN`, `
			pod nosuch.com ? q1 w1 r0 nxdomain c1
			pod nosuch.com ? q2 w2 r0 nxdomain c2`},
		{"unknown suffixes: a list only when two names show it", `
			0ms   pod:40001 > dns 11 A db.prod.corp
			1ms   pod:40001 < dns 11 A db.prod.corp NXDOMAIN
			1ms   pod:40002 > dns 12 A db.stage.corp
			2ms   pod:40002 < dns 12 A db.stage.corp 10.9.9.9
			100ms pod:40003 > dns 13 A web.prod.corp
			101ms pod:40003 < dns 13 A web.prod.corp NXDOMAIN
			101ms pod:40004 > dns 14 A web.stage.corp
			102ms pod:40004 < dns 14 A web.stage.corp 10.9.9.8`, `
			pod db.prod.corp ? q1 w1 r0 nxdomain c1
			pod db.stage.corp ? q1 w0 r0 answered c1
			pod web ? q2 w1 r0 answered c2`},
		{"names that merely begin alike", `
			0ms pod:40001 > dns 11 A www.example.com.default.svc.cluster.local
			1ms pod:40001 < dns 11 A www.example.com.default.svc.cluster.local NXDOMAIN
			1ms pod:40002 > dns 12 A www.example.org.default.svc.cluster.local
			2ms pod:40002 < dns 12 A www.example.org.default.svc.cluster.local 10.9.9.9`, `
			pod www.example.com.default.svc.cluster.local ? q1 w1 r0 nxdomain c1
			pod www.example.org ? q1 w0 r0 answered c1`},
		{"too late to be the same call", `
			0ms    pod:40001 > dns 11 A web.default.svc.cluster.local
			1ms    pod:40001 < dns 11 A web.default.svc.cluster.local NXDOMAIN
			2000ms pod:40002 > dns 12 A web.svc.cluster.local
			2001ms pod:40002 < dns 12 A web.svc.cluster.local NXDOMAIN`, `
			pod web.default.svc.cluster.local ? q1 w1 r0 nxdomain c1
			pod web.svc.cluster.local ? q1 w1 r0 nxdomain c1`},
		{
			"the search goes on after NODATA, which is the result", `
			0ms pod:40001 > dns 11 AAAA web.default.svc.cluster.local
			1ms pod:40001 < dns 11 AAAA web.default.svc.cluster.local ok
			1ms pod:40002 > dns 12 AAAA web.svc.cluster.local
			2ms pod:40002 < dns 12 AAAA web.svc.cluster.local NXDOMAIN
			2ms pod:40003 > dns 13 AAAA web.cluster.local
			3ms pod:40003 < dns 13 AAAA web.cluster.local NXDOMAIN
			3ms pod:40004 > dns 14 AAAA web
			4ms pod:40004 < dns 14 AAAA web NXDOMAIN`,
			"pod web ? q4 w3 r0 nodata c4",
		},
		{
			"CNAME chain with an address", `
			0ms pod:40001 > dns 11 A www.example.com
			1ms pod:40001 < dns 11 A www.example.com CNAME=edge.example.net,203.0.113.9`,
			"pod www.example.com ? q1 w0 r0 answered c1",
		},
		{
			"CNAME that leads nowhere", `
			0ms pod:40001 > dns 11 A www.example.com
			1ms pod:40001 < dns 11 A www.example.com CNAME=edge.example.net`,
			"pod www.example.com ? q1 w0 r0 nodata c1",
		},
		{
			"PTR", `
			0ms pod:40001 > dns 11 PTR 50.0.96.10.in-addr.arpa
			1ms pod:40001 < dns 11 PTR 50.0.96.10.in-addr.arpa PTR=web.default.svc.cluster.local`,
			"pod 50.0.96.10.in-addr.arpa ? q1 w0 r0 answered c1",
		},
		{"SRV and then its target are two", `
			0ms pod:40001 > dns 11 SRV _http._tcp.web.default.svc.cluster.local
			1ms pod:40001 < dns 11 SRV _http._tcp.web.default.svc.cluster.local ok
			2ms pod:40002 > dns 12 A web.default.svc.cluster.local
			3ms pod:40002 < dns 12 A web.default.svc.cluster.local 10.96.0.50`, `
			pod _http._tcp.web ? q1 w0 r0 nodata c1
			pod web ? q1 w0 r0 answered c1`},
		{
			"HTTPS beside A and AAAA", `
			0ms pod:40001 > dns 11 A www.example.com
			0ms pod:40002 > dns 12 AAAA www.example.com
			0ms pod:40003 > dns 13 HTTPS www.example.com
			1ms pod:40001 < dns 11 A www.example.com 203.0.113.8
			1ms pod:40002 < dns 12 AAAA www.example.com ok
			1ms pod:40003 < dns 13 HTTPS www.example.com ok`,
			"pod www.example.com other q3 w0 r0 answered c1",
		},
		{
			"over IPv6", `
			0ms pod6:40001 > dns6 11 A web.default.svc.cluster.local
			1ms pod6:40001 < dns6 11 A web.default.svc.cluster.local 10.96.0.50`,
			"pod6 web ? q1 w0 r0 answered c1",
		},
		{
			"NodeLocal DNSCache", `
			0ms   pod:40001 > local 11 A www.example.com
			0.2ms node:50001 > dns 11 A www.example.com
			0.4ms coredns:50002 > upstream 11 A www.example.com
			2ms   coredns:50002 < upstream 11 A www.example.com 203.0.113.8
			3ms   node:50001 < dns 11 A www.example.com 203.0.113.8 from=coredns
			4ms   pod:40001 < local 11 A www.example.com 203.0.113.8`,
			"pod www.example.com ? q1 w0 r0 answered c1",
		},
	})
}

func TestSearchInDetail(t *testing.T) {
	l := play(t, externalSearch)[0]
	if got := l.Search; !slices.Equal(got, []string{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"}) {
		t.Errorf("search list %q", got)
	}
	if l.NdotsMin != 3 || l.NdotsMax != -1 {
		t.Errorf("ndots %d..%d, want 3..-1", l.NdotsMin, l.NdotsMax)
	}
	if want := int64(9_100_000); l.Duration != want {
		t.Errorf("duration %d, want %d", l.Duration, want)
	}
	// Wall time of the three candidates, not the sum of A and AAAA: 1.1 + 0.9 + 0.9 ms.
	if want := int64(2_900_000); l.WastedTime != want {
		t.Errorf("wasted time %d, want %d", l.WastedTime, want)
	}
	if len(l.Answer) != 1 || l.Answer[0].String() != "203.0.113.7" {
		t.Errorf("answer %v", l.Answer)
	}
	c := l.Candidates[0]
	if c.QName != "api.example.com.default.svc.cluster.local" || c.Rcode != "NXDOMAIN" || !slices.Equal(c.Types, []string{"A", "AAAA"}) || c.Duration != 1_100_000 {
		t.Errorf("first candidate %+v", c)
	}
	if l.First.Frame != 1 || l.Marks[0].Kind != fact.MarkQuery || l.Marks[len(l.Marks)-1].Kind != fact.MarkReply {
		t.Errorf("first %v, marks %v", l.First, l.Marks)
	}
	l = play(t, `
		0ms pod:40001 > dns 11 A a.b.c
		1ms pod:40001 < dns 11 A a.b.c NXDOMAIN
		1ms pod:40002 > dns 12 A a.b.c.corp.example
		2ms pod:40002 < dns 12 A a.b.c.corp.example 10.9.9.9`)[0]
	if l.NdotsMin != -1 || l.NdotsMax != 2 || l.Name != "a.b.c" {
		t.Errorf("%s: ndots %d..%d, want -1..2", l.Name, l.NdotsMin, l.NdotsMax)
	}
}
