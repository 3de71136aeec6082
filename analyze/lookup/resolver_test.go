package lookup

import "testing"

func TestResolver(t *testing.T) {
	check(t, []situation{
		{
			"glibc: one port, ids unrelated", `
			0ms pod:40001 > dns 46884 A www.example.com
			0ms pod:40001 > dns 17705 AAAA www.example.com
			1ms pod:40001 < dns 46884 A www.example.com 203.0.113.8
			1ms pod:40001 < dns 17705 AAAA www.example.com ok`,
			"pod www.example.com glibc q2 w0 r0 answered c1",
		},
		{
			"glibc with options edns0", `
			0ms pod:40001 > dns 46884 A www.example.com edns=1200
			0ms pod:40001 > dns 17705 AAAA www.example.com edns=1200`,
			"pod www.example.com glibc q2 w0 r0 timeout c1",
		},
		{
			"musl: the second id a little above the first, across zero too", `
			0ms pod:40001 > dns 65500 A www.example.com
			0ms pod:40001 > dns 164 AAAA www.example.com
			1ms pod:40001 < dns 65500 A www.example.com 203.0.113.8
			1ms pod:40001 < dns 164 AAAA www.example.com ok`,
			"pod www.example.com musl q2 w0 r0 answered c1",
		},
		{
			"musl on a busy machine", `
			0ms pod:40001 > dns 10622 A www.example.com
			0ms pod:40001 > dns 11163 AAAA www.example.com
			1ms pod:40001 < dns 10622 A www.example.com 203.0.113.8
			1ms pod:40001 < dns 11163 AAAA www.example.com ok`,
			"pod www.example.com musl q2 w0 r0 answered c1",
		},
		{
			"musl, whose process had to wait once between its two questions", `
			0ms pod:40001 > dns 1000 A web.default.svc.cluster.local
			0ms pod:40001 > dns 1200 AAAA web.default.svc.cluster.local
			1ms pod:40001 < dns 1000 A web.default.svc.cluster.local NXDOMAIN
			1ms pod:40001 < dns 1200 AAAA web.default.svc.cluster.local NXDOMAIN
			1ms pod:40002 > dns 3000 A web.svc.cluster.local
			1ms pod:40002 > dns 9000 AAAA web.svc.cluster.local
			2ms pod:40002 < dns 3000 A web.svc.cluster.local NXDOMAIN
			2ms pod:40002 < dns 9000 AAAA web.svc.cluster.local NXDOMAIN
			2ms pod:40003 > dns 7000 A web.cluster.local
			2ms pod:40003 > dns 7150 AAAA web.cluster.local
			3ms pod:40003 < dns 7000 A web.cluster.local 10.96.0.50
			3ms pod:40003 < dns 7150 AAAA web.cluster.local ok`,
			"pod web musl q6 w4 r0 answered c3",
		},
		{
			"the second id a little below is chance", `
			0ms pod:40001 > dns 1200 A www.example.com
			0ms pod:40001 > dns 1000 AAAA www.example.com
			1ms pod:40001 < dns 1200 A www.example.com 203.0.113.8
			1ms pod:40001 < dns 1000 AAAA www.example.com ok`,
			"pod www.example.com glibc q2 w0 r0 answered c1",
		},
		{
			"one pair of a search near, another not: chance", `
			0ms pod:40001 > dns 1000 A web.default.svc.cluster.local
			0ms pod:40001 > dns 1200 AAAA web.default.svc.cluster.local
			1ms pod:40001 < dns 1000 A web.default.svc.cluster.local NXDOMAIN
			1ms pod:40001 < dns 1200 AAAA web.default.svc.cluster.local NXDOMAIN
			1ms pod:40002 > dns 3000 A web.svc.cluster.local
			1ms pod:40002 > dns 9000 AAAA web.svc.cluster.local
			2ms pod:40002 < dns 3000 A web.svc.cluster.local 10.96.0.50
			2ms pod:40002 < dns 9000 AAAA web.svc.cluster.local ok`,
			"pod web glibc q4 w2 r0 answered c2",
		},
		{
			"Go: two ports and an OPT record, the order does not matter", `
			0ms   pod:40001 > dns 1000 AAAA www.example.com edns=1232
			0.1ms pod:40002 > dns 1100 A www.example.com edns=1232
			1ms   pod:40002 < dns 1100 A www.example.com 203.0.113.8
			1ms   pod:40001 < dns 1000 AAAA www.example.com ok`,
			"pod www.example.com go q2 w0 r0 answered c1",
		},
		{
			"one port and Go's OPT record: c-ares", `
			0ms   pod:40001 > dns 1000 AAAA www.example.com edns=1232
			0.1ms pod:40001 > dns 1100 A www.example.com edns=1232`,
			"pod www.example.com other q2 w0 r0 timeout c1",
		},
		{
			"two ports without OPT record are several's", `
			0ms   pod:40001 > dns 1000 A www.example.com
			0.1ms pod:40002 > dns 9100 AAAA www.example.com`,
			"pod www.example.com ? q2 w0 r0 timeout c1",
		},
		{
			"mixed case", `
			0ms pod:40001 > dns 1000 A wWw.eXample.com
			0ms pod:40001 > dns 9100 AAAA WwW.exAmple.com
			1ms pod:40001 < dns 1000 A wWw.eXample.com 203.0.113.8`,
			"pod www.example.com other q2 w0 r0 answered c1",
		},
		{
			"a program that spells a name so", `
			0ms pod:40001 > dns 1000 A WWW.Example.com
			0ms pod:40001 > dns 9100 AAAA WWW.Example.com
			1ms pod:40001 < dns 1000 A WWW.Example.com 203.0.113.8`,
			"pod www.example.com glibc q2 w0 r0 answered c1",
		},
		{
			"A alone tells nothing", `
			0ms pod:40001 > dns 1000 A www.example.com
			1ms pod:40001 < dns 1000 A www.example.com 203.0.113.8`,
			"pod www.example.com ? q1 w0 r0 answered c1",
		},
	})
}

// TestTogether has programs of one pod that resolve the same at the same time.
func TestTogether(t *testing.T) {
	check(t, []situation{
		{"same name, glibc twice", `
			0ms    pod:40001 > dns 11 A web.default.svc.cluster.local
			0.01ms pod:40002 > dns 12 A web.default.svc.cluster.local
			0.02ms pod:40001 > dns 9011 AAAA web.default.svc.cluster.local
			0.03ms pod:40002 > dns 9012 AAAA web.default.svc.cluster.local
			1ms    pod:40002 < dns 12 A web.default.svc.cluster.local 10.96.0.50
			1ms    pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			1ms    pod:40002 < dns 9012 AAAA web.default.svc.cluster.local ok
			1ms    pod:40001 < dns 9011 AAAA web.default.svc.cluster.local ok`, `
			pod web glibc q2 w0 r0 answered c1
			pod web glibc q2 w0 r0 answered c1`},
		{"same search, glibc and Go", `
			0ms    pod:40001 > dns 11 A x.default.svc.cluster.local
			0ms    pod:40001 > dns 9011 AAAA x.default.svc.cluster.local
			0.1ms  pod:40011 > dns 21 A x.default.svc.cluster.local edns=1232
			0.1ms  pod:40012 > dns 22 AAAA x.default.svc.cluster.local edns=1232
			1ms    pod:40001 < dns 11 A x.default.svc.cluster.local NXDOMAIN
			1ms    pod:40001 < dns 9011 AAAA x.default.svc.cluster.local NXDOMAIN
			1.1ms  pod:40011 < dns 21 A x.default.svc.cluster.local NXDOMAIN
			1.1ms  pod:40012 < dns 22 AAAA x.default.svc.cluster.local NXDOMAIN
			1.2ms  pod:40013 > dns 23 AAAA x.svc.cluster.local edns=1232
			1.2ms  pod:40014 > dns 24 A x.svc.cluster.local edns=1232
			1.3ms  pod:40002 > dns 12 A x.svc.cluster.local
			1.3ms  pod:40002 > dns 9012 AAAA x.svc.cluster.local
			2ms    pod:40002 < dns 12 A x.svc.cluster.local 10.96.0.70
			2ms    pod:40002 < dns 9012 AAAA x.svc.cluster.local ok
			2ms    pod:40013 < dns 23 AAAA x.svc.cluster.local ok
			2ms    pod:40014 < dns 24 A x.svc.cluster.local 10.96.0.70`, `
			pod x glibc q4 w2 r0 answered c2
			pod x go q4 w2 r0 answered c2`},
		{"a search, and the short name that its end looks like", `
			0ms   pod:40001 > dns 11 A web.default.svc.cluster.local.default.svc.cluster.local
			1ms   pod:40001 < dns 11 A web.default.svc.cluster.local.default.svc.cluster.local NXDOMAIN
			1ms   pod:40009 > dns 19 A web.default.svc.cluster.local
			1.1ms pod:40002 > dns 12 A web.default.svc.cluster.local.svc.cluster.local
			2ms   pod:40009 < dns 19 A web.default.svc.cluster.local 10.96.0.50
			2ms   pod:40002 < dns 12 A web.default.svc.cluster.local.svc.cluster.local NXDOMAIN
			2.1ms pod:40003 > dns 13 A web.default.svc.cluster.local.cluster.local
			3ms   pod:40003 < dns 13 A web.default.svc.cluster.local.cluster.local NXDOMAIN
			3.1ms pod:40004 > dns 14 A web.default.svc.cluster.local
			4ms   pod:40004 < dns 14 A web.default.svc.cluster.local 10.96.0.50`, `
			pod web.default.svc.cluster.local ? q4 w3 r0 answered c4
			pod web ? q1 w0 r0 answered c1`},
		{"equal ids and ports of two pods", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local
			0.1ms pod2:40001 > dns 11 A web.default.svc.cluster.local
			1ms pod2:40001 < dns 11 A web.default.svc.cluster.local NXDOMAIN
			2ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50`, `
			pod web ? q1 w0 r0 answered c1
			pod2 web.default.svc.cluster.local ? q1 w1 r0 nxdomain c1`},
		{"equal ids from one socket, other names", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local
			0.1ms pod:40001 > dns 11 A api.default.svc.cluster.local
			1ms pod:40001 < dns 11 A api.default.svc.cluster.local NXDOMAIN
			2ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50`, `
			pod web ? q1 w0 r0 answered c1
			pod api.default.svc.cluster.local ? q1 w1 r0 nxdomain c1`},
	})
}
