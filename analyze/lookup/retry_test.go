package lookup

import (
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

func TestRetry(t *testing.T) {
	check(t, []situation{
		{
			"lost query, same id and port after five seconds", `
			0s     pod:40001 > dns 11 A web.default.svc.cluster.local
			0s     pod:40001 > dns 9000 AAAA web.default.svc.cluster.local
			1ms    pod:40001 < dns 9000 AAAA web.default.svc.cluster.local ok
			5s     pod:40001 > dns 11 A web.default.svc.cluster.local resend
			5.001s pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			5.002s pod:40001 > dns 9000 AAAA web.default.svc.cluster.local resend
			5.003s pod:40001 < dns 9000 AAAA web.default.svc.cluster.local ok`,
			"pod web glibc q2 w0 r2 answered c1",
		},
		{
			"another sighting of the query is no retry", `
			0s     pod:40001 > dns 11 A web.default.svc.cluster.local
			0.05ms pod:40001 > dns 11 A web.default.svc.cluster.local
			1ms    pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			1.1ms  pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50`,
			"pod web ? q1 w0 r0 answered c1",
		},
		{
			"answer lost behind the capture: asked again though answered", `
			0s     pod:40001 > dns 11 A web.default.svc.cluster.local
			1ms    pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			5s     pod:40001 > dns 11 A web.default.svc.cluster.local resend
			5.001s pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50`,
			"pod web ? q1 w0 r1 answered c1",
		},
		{
			"glibc from new ports after its first timeout", `
			0s     pod:40001 > dns 11 A web.default.svc.cluster.local
			0.1ms  pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			0.2ms  pod:40001 > dns 9000 AAAA web.default.svc.cluster.local
			5s     pod:40002 > dns 11 A web.default.svc.cluster.local
			5.001s pod:40002 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			5.001s pod:40003 > dns 9000 AAAA web.default.svc.cluster.local
			5.002s pod:40003 < dns 9000 AAAA web.default.svc.cluster.local ok`,
			"pod web glibc q2 w0 r2 answered c1",
		},
		{
			"the bare name after timeouts belongs to the search", `
			0s      pod:40001 > dns 11 A web.default.svc.cluster.local
			0s      pod:40001 > dns 9000 AAAA web.default.svc.cluster.local
			5s      pod:40001 > dns 11 A web.default.svc.cluster.local resend
			5s      pod:40001 > dns 9000 AAAA web.default.svc.cluster.local resend
			10s     pod:40002 > dns 12 A web
			10s     pod:40002 > dns 9100 AAAA web
			15s     pod:40002 > dns 12 A web resend
			15s     pod:40002 > dns 9100 AAAA web resend`,
			"pod web glibc q4 w0 r4 timeout c2",
		},
		{
			"and its NXDOMAIN is what the program gets", `
			0s      pod:40001 > dns 11 A web.default.svc.cluster.local
			5s      pod:40001 > dns 11 A web.default.svc.cluster.local resend
			10s     pod:40002 > dns 12 A web
			10.001s pod:40002 < dns 12 A web NXDOMAIN`,
			"pod web glibc q2 w1 r1 nxdomain c2",
		},
		{"a bare name while the other call still waits is someone else's", `
			0ms    pod:40001 > dns 11 A web.default.svc.cluster.local
			300ms  pod:40002 > dns 12 A web
			301ms  pod:40002 < dns 12 A web NXDOMAIN
			302ms  pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50`, `
			pod web ? q1 w0 r0 answered c1
			pod web ? q1 w1 r0 nxdomain c1`},
		{"socket kept open, new id each time: a lookup each", `
			0s     pod:34567 > dns 200 A web.default.svc.cluster.local
			1.5s   pod:34567 > dns 201 A web.default.svc.cluster.local
			3s     pod:34567 > dns 202 A web.default.svc.cluster.local`, `
			pod web ? q1 w0 r0 timeout c1
			pod web ? q1 w0 r0 timeout c1
			pod web ? q1 w0 r0 timeout c1`},
		{"another program's question at a whole second", `
			0s     pod:34567 > dns 200 A web.default.svc.cluster.local
			3s     pod:40001 > dns 11 A web.default.svc.cluster.local
			3s     pod:40001 > dns 9000 AAAA web.default.svc.cluster.local
			3.001s pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			3.001s pod:40001 < dns 9000 AAAA web.default.svc.cluster.local ok`, `
			pod web ? q1 w0 r0 timeout c1
			pod web glibc q2 w0 r0 answered c1`},
		{
			"SERVFAIL, asked again at once", `
			0ms pod:40001 > dns 11 A api.example.com
			1ms pod:40001 < dns 11 A api.example.com SERVFAIL
			1ms pod:40001 > dns 11 A api.example.com resend
			2ms pod:40001 < dns 11 A api.example.com SERVFAIL`,
			"pod api.example.com ? q1 w0 r1 servfail c1",
		},
		{
			"SERVFAIL, then an answer", `
			0ms pod:40001 > dns 11 A api.example.com
			1ms pod:40001 < dns 11 A api.example.com SERVFAIL
			1ms pod:40001 > dns 11 A api.example.com resend
			2ms pod:40001 < dns 11 A api.example.com 203.0.113.7`,
			"pod api.example.com ? q1 w0 r1 answered c1",
		},
		{
			"second server after silence", `
			0s     pod:40001 > dns  11 A web.default.svc.cluster.local
			5s     pod:40002 > dns2 11 A web.default.svc.cluster.local
			5.001s pod:40002 < dns2 11 A web.default.svc.cluster.local 10.96.0.50`,
			"pod web ? q1 w0 r1 answered c1",
		},
		{
			"second server goes on with the search", `
			0s      pod:40001 > dns  11 A web.default.svc.cluster.local
			5s      pod:40002 > dns2 11 A web.default.svc.cluster.local
			5.001s  pod:40002 < dns2 11 A web.default.svc.cluster.local NXDOMAIN
			5.001s  pod:40003 > dns  12 A web.svc.cluster.local
			10.001s pod:40004 > dns2 12 A web.svc.cluster.local
			10.002s pod:40004 < dns2 12 A web.svc.cluster.local 10.96.0.50`,
			"pod web ? q2 w1 r2 answered c2",
		},
		{
			"musl asks both servers at once", `
			0ms   pod:40001 > dns  1000 A web.default.svc.cluster.local
			0ms   pod:40001 > dns2 1000 A web.default.svc.cluster.local
			0ms   pod:40001 > dns  1200 AAAA web.default.svc.cluster.local
			0ms   pod:40001 > dns2 1200 AAAA web.default.svc.cluster.local
			1ms   pod:40001 < dns  1000 A web.default.svc.cluster.local NXDOMAIN
			1ms   pod:40001 < dns  1200 AAAA web.default.svc.cluster.local NXDOMAIN
			1.1ms pod:40002 > dns  2000 A web.svc.cluster.local
			1.1ms pod:40002 > dns2 2000 A web.svc.cluster.local
			1.1ms pod:40002 > dns  2200 AAAA web.svc.cluster.local
			1.1ms pod:40002 > dns2 2200 AAAA web.svc.cluster.local
			2ms   pod:40002 < dns2 2000 A web.svc.cluster.local 10.96.0.50
			2ms   pod:40002 < dns2 2200 AAAA web.svc.cluster.local ok`,
			"pod web musl q4 w2 r0 answered c2",
		},
		{
			"Go's second attempt has a new id and port", `
			0s     pod:40001 > dns 11 A web.default.svc.cluster.local edns=1232
			0s     pod:40002 > dns 12 AAAA web.default.svc.cluster.local edns=1232
			5.001s pod:40003 > dns 13 A web.default.svc.cluster.local edns=1232
			5.001s pod:40004 > dns 14 AAAA web.default.svc.cluster.local edns=1232
			5.002s pod:40003 < dns 13 A web.default.svc.cluster.local 10.96.0.50
			5.002s pod:40004 < dns 14 AAAA web.default.svc.cluster.local ok`,
			"pod web go q2 w0 r2 answered c1",
		},
		{
			"truncated, then over TCP", `
			0ms   pod:40001 > dns 11 A many.default.svc.cluster.local
			0ms   pod:40001 > dns 9000 AAAA many.default.svc.cluster.local
			1ms   pod:40001 < dns 11 A many.default.svc.cluster.local 10.244.9.1,10.244.9.2 tc
			1ms   pod:40001 < dns 9000 AAAA many.default.svc.cluster.local ok
			1.2ms pod:50001 > dns 11 A many.default.svc.cluster.local tcp
			1.2ms pod:50001 > dns 9000 AAAA many.default.svc.cluster.local tcp
			2ms   pod:50001 < dns 11 A many.default.svc.cluster.local 10.244.9.1,10.244.9.2,10.244.9.3 tcp
			2ms   pod:50001 < dns 9000 AAAA many.default.svc.cluster.local ok tcp`,
			"pod many glibc q2 w0 r0 answered c1",
		},
		{
			"and once more with more room", `
			0ms   pod:40001 > dns 11 A many.default.svc.cluster.local
			0ms   pod:40001 > dns 9000 AAAA many.default.svc.cluster.local
			1ms   pod:40001 < dns 11 A many.default.svc.cluster.local 10.244.9.1 tc
			1ms   pod:40001 < dns 9000 AAAA many.default.svc.cluster.local ok
			1.2ms pod:50001 > dns 11 A many.default.svc.cluster.local tcp
			1.2ms pod:50001 > dns 9000 AAAA many.default.svc.cluster.local tcp
			2ms   pod:50001 < dns 11 A many.default.svc.cluster.local 10.244.9.1,10.244.9.3 tcp
			2ms   pod:50001 < dns 9000 AAAA many.default.svc.cluster.local ok tcp
			2.1ms pod:40002 > dns 12 A many.default.svc.cluster.local
			2.1ms pod:40002 > dns 9001 AAAA many.default.svc.cluster.local
			2.5ms pod:40002 < dns 12 A many.default.svc.cluster.local 10.244.9.1 tc
			2.5ms pod:40002 < dns 9001 AAAA many.default.svc.cluster.local ok
			2.6ms pod:50002 > dns 12 A many.default.svc.cluster.local tcp
			2.6ms pod:50002 > dns 9001 AAAA many.default.svc.cluster.local tcp
			3ms   pod:50002 < dns 12 A many.default.svc.cluster.local 10.244.9.1,10.244.9.3 tcp
			3ms   pod:50002 < dns 9001 AAAA many.default.svc.cluster.local ok tcp`,
			"pod many glibc q2 w0 r0 answered c1",
		},
		{"asked for again by the program a little later", `
			0ms   pod:40001 > dns 11 A many.default.svc.cluster.local
			1ms   pod:40001 < dns 11 A many.default.svc.cluster.local 10.244.9.1 tc
			1.2ms pod:50001 > dns 11 A many.default.svc.cluster.local tcp
			2ms   pod:50001 < dns 11 A many.default.svc.cluster.local 10.244.9.1,10.244.9.3 tcp
			52ms  pod:40002 > dns 12 A many.default.svc.cluster.local
			53ms  pod:40002 < dns 12 A many.default.svc.cluster.local 10.244.9.1`, `
			pod many ? q1 w0 r0 answered c1
			pod many ? q1 w0 r0 answered c1`},
		{
			"truncated and left at that (musl before 1.2.4)", `
			0ms   pod:40001 > dns 1000 A many.default.svc.cluster.local
			0ms   pod:40001 > dns 1150 AAAA many.default.svc.cluster.local
			1ms   pod:40001 < dns 1000 A many.default.svc.cluster.local ok tc
			1ms   pod:40001 < dns 1150 AAAA many.default.svc.cluster.local ok`,
			"pod many musl q2 w0 r0 truncated c1",
		},
		{
			"port unreachable", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local
			1ms pod:40001 x dns 11`,
			"pod web ? q1 w0 r0 servfail c1",
		},
		{
			"port unreachable for one server, answered by the other", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local
			1ms pod:40001 x dns 11
			1ms pod:40002 > dns2 11 A web.default.svc.cluster.local
			2ms pod:40002 < dns2 11 A web.default.svc.cluster.local 10.96.0.50`,
			"pod web ? q1 w0 r1 answered c1",
		},
		{
			"input ends while it waits", `
			0ms pod:40001 > dns 11 A web.default.svc.cluster.local
			2s  end`,
			"pod web ? q1 w0 r0 unfinished c1",
		},
		{
			"input ends when it has waited long enough", `
			0s pod:40001 > dns 11 A web.default.svc.cluster.local
			5s pod:40001 > dns 11 A web.default.svc.cluster.local resend
			6s end`,
			"pod web ? q1 w0 r1 timeout c1",
		},
		{
			"input ends in the middle of a search", `
			0ms pod:40001 > dns 11 A api.example.com.default.svc.cluster.local
			1ms pod:40001 < dns 11 A api.example.com.default.svc.cluster.local NXDOMAIN
			2ms end`,
			"pod api.example.com.default.svc.cluster.local ? q1 w1 r0 unfinished c1",
		},
		{
			"answer long after", `
			0s   pod:40001 > dns 11 A web.default.svc.cluster.local
			20s  pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50`,
			"pod web ? q1 w0 r0 timeout c1",
		},
		{
			"only answers are seen", `
			0ms   pod:40001 < dns 11 A api.shop.default.svc.cluster.local NXDOMAIN
			0ms   pod:40001 < dns 9000 AAAA api.shop.default.svc.cluster.local NXDOMAIN
			0.5ms pod:40002 < dns 12 A api.shop.svc.cluster.local 10.96.0.70
			0.5ms pod:40002 < dns 9001 AAAA api.shop.svc.cluster.local ok`,
			"pod api.shop ? q4 w2 r0 answered c2",
		},
		{
			"answer before its query, by the clocks", `
			0ms    pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50
			0.02ms pod:40001 > dns 11 A web.default.svc.cluster.local`,
			"pod web ? q1 w0 r0 answered c1",
		},
	})
}

func TestRetryInDetail(t *testing.T) {
	l := play(t, `
		0s  pod:40001 > dns 11 A web.default.svc.cluster.local
		0s  pod:40001 > dns 9000 AAAA web.default.svc.cluster.local
		5s  pod:40001 > dns 11 A web.default.svc.cluster.local resend
		5s  pod:40001 > dns 9000 AAAA web.default.svc.cluster.local resend
		10s pod:40002 > dns 12 A web
		10s pod:40002 > dns 9100 AAAA web`)[0]
	if l.Timeout != 5*second || l.Attempts != 2 || l.Unanswered != 4 || !l.CutShort || l.Messages != 6 {
		t.Errorf("timeout %d, attempts %d, unanswered %d, cut short %v, messages %d", l.Timeout, l.Attempts, l.Unanswered, l.CutShort, l.Messages)
	}
	if q := l.Candidates[0].Queries[0]; q.ResendRef.Frame != 3 || q.Retries != 1 || q.Duration != -1 || q.LastSent != epoch+5*second {
		t.Errorf("query %+v", q)
	}
	l = play(t, `
		0ms   pod:40001 > dns 11 A many.default.svc.cluster.local
		1ms   pod:40001 < dns 11 A many.default.svc.cluster.local ok tc
		1.2ms pod:50001 > dns 11 A many.default.svc.cluster.local tcp
		2ms   pod:50001 < dns 11 A many.default.svc.cluster.local 10.244.9.1,10.244.9.3 tcp`)[0]
	if q := l.Candidates[0].Queries; !l.TCP || len(q) != 2 || !q[0].Truncated || q[1].Again != fact.OverTCP || len(l.Answer) != 2 || l.Candidates[0].NoData {
		t.Errorf("TCP %v, answer %v, %+v", l.TCP, l.Answer, q)
	}
	l = play(t, `
		0ms pod:40001 < dns 11 A web.default.svc.cluster.local 10.96.0.50`)[0]
	if q := l.Candidates[0].Queries[0]; !l.Headless || q.Sent != 0 || q.Duration != -1 || q.Rcode != "NOERROR" || l.First.Frame != 1 || l.Messages != 0 {
		t.Errorf("headless %v, first %v, messages %d, %+v", l.Headless, l.First, l.Messages, q)
	}
	l = play(t, `
		0ms pod:40001 > dns 11 A web.default.svc.cluster.local
		1ms pod:40001 x dns 11`)[0]
	if q := l.Candidates[0].Queries[0]; !q.Refused || q.ErrorRef.Frame != 2 || l.Unanswered != 1 {
		t.Errorf("unanswered %d, %+v", l.Unanswered, q)
	}
}
