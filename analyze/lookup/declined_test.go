package lookup

import "testing"

func TestDeclined(t *testing.T) {
	check(t, []situation{
		{
			"an answer from a wrong address, and one to the resend", `
			0ms    pod:40001 > dns 11 A web.default.svc.cluster.local
			120ms  pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			121ms  pod:40001 ! dns 11
			121ms  pod:40001 ! dns 11
			5005ms pod:40001 > dns 11 A web.default.svc.cluster.local resend
			5006ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50`,
			"pod web ? q1 w0 r1 answered c1",
		},
		{
			"answers from a wrong address alone", `
			0ms    pod:40001 > dns 11 A web.default.svc.cluster.local
			1ms    pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			1ms    pod:40001 ! dns 11
			5000ms pod:40001 > dns 11 A web.default.svc.cluster.local resend
			5001ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			5001ms pod:40001 ! dns 11`,
			"pod web ? q1 w0 r1 timeout c1",
		},
		{
			"a client that has enough closes its socket", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local
			0ms pod:40001 > dns 12 AAAA web.default.svc.cluster.local
			1ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			2ms pod:40001 < dns 12 AAAA web.default.svc.cluster.local ok
			2ms pod:40001 - dns 12`,
			"pod web glibc q2 w0 r0 answered c1",
		},
		{
			"the answer to the first transmission was taken, that to the second not", `
			0ms    pod:40001 > dns 11 A web.default.svc.cluster.local
			5000ms pod:40001 > dns 11 A web.default.svc.cluster.local resend
			5001ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			5002ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			5002ms pod:40001 - dns 11`,
			"pod web ? q1 w0 r1 answered c1",
		},
		{
			"answered when the program had given up", `
			0ms    pod:40001 > dns 11 A web.default.svc.cluster.local
			2000ms pod:40001 > dns 11 A web.default.svc.cluster.local resend
			4500ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			4500ms pod:40001 - dns 11`,
			"pod web ? q1 w0 r1 timeout c1",
		},
	})
}

func TestLastWord(t *testing.T) {
	check(t, []situation{
		{
			"SERVFAIL, and the capture ends", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local
			1ms pod:40001 < dns 11 A web.default.svc.cluster.local SERVFAIL
			2ms end`,
			"pod web ? q1 w0 r0 servfail c1",
		},
		{
			"the first of a list does not exist, and the capture ends", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local
			1ms pod:40001 < dns 11 A web.default.svc.cluster.local NXDOMAIN
			2ms end`,
			"pod web.default.svc.cluster.local ? q1 w1 r0 unfinished c1",
		},
		{
			"truncated, without a record", `
			0ms pod:40001 > dns 11 A many.default.svc.cluster.local
			1ms pod:40001 < dns 11 A many.default.svc.cluster.local ok tc`,
			"pod many ? q1 w0 r0 truncated c1",
		},
		{
			"an error that is truncated, too", `
			0ms pod:40001 > dns 11 A many.default.svc.cluster.local
			1ms pod:40001 < dns 11 A many.default.svc.cluster.local SERVFAIL tc`,
			"pod many ? q1 w0 r0 servfail c1",
		},
	})
}

// TestRhythm: a resolver that gives up one socket goes on with another when its next attempt is due.
func TestRhythm(t *testing.T) {
	check(t, []situation{
		{
			"with a new id, at the interval of its resends", `
			0s       pod:40001 > dns 11 A db.example.com
			2s       pod:40001 > dns 11 A db.example.com resend
			4s       pod:40001 > dns 11 A db.example.com resend
			6005ms   pod:50001 > dns 12 A db.example.com
			6006ms   pod:50001 < dns 12 A db.example.com 203.0.113.7`,
			"pod db.example.com ? q1 w0 r3 answered c1",
		},
		{
			"another program, in between", `
			0s       pod:40001 > dns 11 A db.example.com
			2s       pod:40001 > dns 11 A db.example.com resend
			3500ms   pod:50001 > dns 12 A db.example.com
			3501ms   pod:50001 < dns 12 A db.example.com 203.0.113.7`,
			`pod db.example.com ? q1 w0 r1 timeout c1
			pod db.example.com ? q1 w0 r0 answered c1`,
		},
	})
}

// TestSumsAgree: what servers were asked is what lookups asked.
func TestSumsAgree(t *testing.T) {
	_, tr := played(t, `
		0ms    pod:40001 > dns 11 A web.default.svc.cluster.local
		0ms    pod:40001 > dns 12 AAAA web.default.svc.cluster.local
		1ms    pod:40001 < dns 12 AAAA web.default.svc.cluster.local ok
		5000ms pod:40001 > dns 11 A web.default.svc.cluster.local resend
		5001ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
		20s    pod:40003 > dns 13 A many.default.svc.cluster.local
		20s    pod:40003 < dns 13 A many.default.svc.cluster.local ok tc
		20s    pod:40004 > dns 13 A many.default.svc.cluster.local tcp
		20s    pod:40004 < dns 13 A many.default.svc.cluster.local 10.96.0.51 tcp
		30s    pod:40005 < dns 14 A late.default.svc.cluster.local 10.96.0.52
		40s    pod:40006 > dns 15 A gone.default.svc.cluster.local
		45s    pod:40006 > dns 15 A gone.default.svc.cluster.local resend
		70s    pod:40007 > dns 16 A declined.default.svc.cluster.local
		70001ms pod:40007 < dns 16 A declined.default.svc.cluster.local 10.96.0.53
		70001ms pod:40007 ! dns 16`)
	c, servers := tr.Costs(), tr.Servers()
	if len(servers) != 1 {
		t.Fatalf("%d servers", len(servers))
	}
	s := servers[0]
	if s.Queries != c.Queries || s.Retries != c.Retries || s.Unanswered != c.Unanswered || s.Answers+s.Unanswered != s.Queries {
		t.Errorf("a server with %d queries, %d again, %d answers, %d unanswered; lookups with %d queries, %d again, %d unanswered",
			s.Queries, s.Retries, s.Answers, s.Unanswered, c.Queries, c.Retries, c.Unanswered)
	}
	if s.Queries != 6 || s.Retries != 2 || s.Unanswered != 2 {
		t.Errorf("got %+v", s)
	}
	if _, tr := played(t, "0s pod:40001 > dns 11 A web.default.svc.cluster.local"); tr.Servers()[0].Median != -1 {
		t.Errorf("without an answer the median is %d", tr.Servers()[0].Median)
	}
}
