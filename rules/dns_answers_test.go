package rules

import (
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

func servfails(client netip.Addr, name string, at int64, up *fact.Upstream) fact.Lookup {
	a := ask(client, name, at).try(name, "SERVFAIL", 2*ms)
	a.Upstream = up
	return a.ends(fact.LookupServfail)
}

var errorsAnswered = []situation{
	{"the upstream refuses", func() *fact.Facts {
		up := &fact.Upstream{Client: pod1, Server: outer, Name: "api.example.com", Queries: 2, Failed: 2, Duration: -1, Unreachable: true, Ref: fact.Ref{Frame: 9}}
		return with(captured(), answered(alice, "web", 0), servfails(alice, "api.example.com", sec, up), servfails(alice, "www.example.com", 2*sec, nil))
	}, []string{"dns-servfail critical 2"}, []string{"its upstream 192.168.1.100:53 can't be reached", "the same server answers for names of the cluster"}},
	{"the upstream is silent", func() *fact.Facts {
		up := &fact.Upstream{Client: pod1, Server: outer, Queries: 2, Failed: 2, Duration: -1}
		return with(captured(), servfails(alice, "api.example.com", 0, up))
	}, []string{"dns-servfail critical 1"}, []string{"does not answer"}},
	{"the upstream says so itself", func() *fact.Facts {
		up := &fact.Upstream{Client: pod1, Server: outer, Queries: 1, Failed: 1, Duration: ms, Rcode: "SERVFAIL"}
		return with(captured(), servfails(alice, "api.example.com", 0, up))
	}, []string{"dns-servfail critical 1"}, []string{"192.168.1.100:53 answers SERVFAIL"}},
	{"AAAA alone", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, ms)
		a.Candidates[0].Queries[1].Rcode = "SERVFAIL"
		return with(captured(), a.ends(fact.LookupAnswered))
	}, []string{"dns-servfail warning 1"}, []string{"AAAA of api.example.com"}},
	{"healed by another attempt", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, ms)
		q := a.Candidates[0].Queries[1]
		a.Candidates[0].Queries[1].Rcode = "SERVFAIL"
		q.Again = fact.NewAttempt
		a.Candidates[0].Queries = append(a.Candidates[0].Queries, q)
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
	{"FORMERR for an OPT record", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, ms)
		q := a.Candidates[0].Queries[0]
		q.Again = fact.NewAttempt
		a.Candidates[0].Queries[0].Rcode = "FORMERR"
		a.Candidates[0].Queries = append(a.Candidates[0].Queries, q)
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
	{"NOTIMP for HTTPS beside addresses", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, ms)
		q := a.Candidates[0].Queries[0]
		q.Type, q.Rcode = "HTTPS", "NOTIMP"
		a.Candidates[0].Queries = append(a.Candidates[0].Queries, q)
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
	{"SERVFAIL for HTTPS beside addresses", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, ms)
		q := a.Candidates[0].Queries[0]
		q.Type, q.Rcode = "HTTPS", "SERVFAIL"
		a.Candidates[0].Queries = append(a.Candidates[0].Queries, q)
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
	{"REFUSED", func() *fact.Facts {
		return with(captured(), ask(alice, "api.example.com", 0).try("api.example.com", "REFUSED", ms).ends(fact.LookupServfail))
	}, []string{"dns-servfail critical 1"}, []string{"serves no zone"}},
}

// nowhere is a lookup that goes through the whole list in vain.
func nowhere(client netip.Addr, name string, at int64) fact.Lookup {
	return searches(client, name, at, ms).try(name, "NXDOMAIN", ms).ends(fact.LookupNXDomain)
}

// knows adds the answer that a Service exists.
func knows(service, namespace string) fact.Lookup {
	name := service + "." + namespace + ".svc.cluster.local"
	return ask(bob, name, 0).try(name, "NOERROR", ms).ends(fact.LookupAnswered)
}

var absences = []situation{
	{"the wrong namespace, in two forms", func() *fact.Facts {
		return with(captured(), knows("web", "default"), nowhere(alice, "web.payments", sec), nowhere(alice, "web.payments.svc.cluster.local", 2*sec))
	}, []string{"dns-nxdomain warning 2"}, []string{"probably meant: web.default.svc.cluster.local", "in namespace payments"}},
	{"a short name of another namespace", func() *fact.Facts {
		return with(captured(), knows("db", "shop"), nowhere(alice, "db", sec))
	}, []string{"dns-nxdomain warning 1"}, []string{"probably meant: db.shop.svc.cluster.local"}},
	{"a slip of the hand", func() *fact.Facts {
		return with(captured(), knows("payments", "default"), nowhere(alice, "paymnets", sec))
	}, []string{"dns-nxdomain warning 1"}, []string{"probably meant: payments.default.svc.cluster.local"}},
	{"svc left out", func() *fact.Facts {
		return with(captured(), knows("web", "default"), nowhere(alice, "web.default.cluster.local", sec))
	}, []string{"dns-nxdomain warning 1"}, []string{"lacks a label, svc"}},
	{"a label too many", func() *fact.Facts {
		return with(captured(), knows("web", "default"), nowhere(alice, "web.default.svc.eu.cluster.local", sec))
	}, []string{"dns-nxdomain warning 1"}, []string{"one label too many, eu"}},
	{"service and namespace be swapped", func() *fact.Facts {
		return with(captured(), knows("web", "shop"), nowhere(alice, "shop.web", sec))
	}, []string{"dns-nxdomain warning 1"}, []string{"be swapped"}},
	{"an outside name misspelt", func() *fact.Facts {
		return with(captured(), outside(alice, "api.example.com", 0, ms).ends(fact.LookupAnswered), nowhere(alice, "api.exmaple.com", sec))
	}, []string{"dns-nxdomain warning 1"}, []string{"probably meant: api.example.com"}},
	{"no evidence, no suggestion", func() *fact.Facts {
		return with(captured(), knows("web", "default"), nowhere(alice, "ledger", sec))
	}, []string{"dns-nxdomain warning 1"}, []string{"NXDOMAIN for every candidate"}},
	{"it comes into being", func() *fact.Facts {
		return with(captured(), nowhere(alice, "web", 0), answered(alice, "web", 5*sec))
	}, []string{"dns-nxdomain warning 1"}, []string{"Later in the capture"}},
	{"half of a pair unanswered", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, ms)
		a.Candidates[0].Rcode, a.Candidates[0].Queries[0].Rcode = "NXDOMAIN", "NXDOMAIN"
		q := &a.Candidates[0].Queries[1]
		q.Rcode, q.Duration, q.AnswerRef, a.Unanswered = "", -1, fact.Ref{}, 1
		return with(captured(), a.ends(fact.LookupNXDomain))
	}, nil, nil},
	{"no record of the type", func() *fact.Facts {
		a := ask(alice, "web", 0).try("web."+search[0], "NOERROR", ms)
		a.Candidates[0].NoData = true
		return with(captured(), a.ends(fact.LookupNoData))
	}, nil, nil},
	{"reverse lookups, blocklists, probes", func() *fact.Facts {
		f := captured()
		for _, name := range []string{
			"5.1.244.10.in-addr.arpa", "4.3.2.1.zen.example.org", "metadata.google.internal", "_http._tcp.web", "wpad", "use-application-dns.net",
		} {
			f = with(f, nowhere(alice, name, 0))
		}
		return f
	}, nil, nil},
	{"another type than addresses", func() *fact.Facts {
		a := ask(alice, "web", 0).try("web", "NXDOMAIN", ms)
		a.Candidates[0].Types = []string{"SRV"}
		return with(captured(), a.ends(fact.LookupNXDomain))
	}, nil, nil},
	{"a part of a search, on the node of one of the server's pods", func() *fact.Facts {
		f := captured()
		a := ask(alice, "api.example.com", 0)
		a.Server, a.Backend = pod1, netip.AddrPort{}
		b := ask(alice, "www.example.com.cluster.local", sec)
		b.Server, b.Backend = pod1, netip.AddrPort{}
		return with(f, a.try("api.example.com.svc.cluster.local", "NXDOMAIN", ms).try("api.example.com.cluster.local", "NXDOMAIN", ms).ends(fact.LookupNXDomain),
			b.try("www.example.com.cluster.local", "NXDOMAIN", ms).ends(fact.LookupNXDomain))
	}, nil, nil},
	{"a thousand names are not a thousand findings", func() *fact.Facts {
		f := captured()
		for i := range 1000 {
			f = with(f, nowhere(alice, fmt.Sprintf("x%d.example.com", i), int64(i)*ms))
		}
		return f
	}, []string{
		"dns-nxdomain warning 990", "dns-nxdomain warning 1", "dns-nxdomain warning 1", "dns-nxdomain warning 1", "dns-nxdomain warning 1", "dns-nxdomain warning 1",
		"dns-nxdomain warning 1", "dns-nxdomain warning 1", "dns-nxdomain warning 1", "dns-nxdomain warning 1", "dns-nxdomain warning 1",
	}, nil},
}

var delays = []situation{
	{"the server is slow", func() *fact.Facts {
		f := captured()
		for i := range 3 {
			f = with(f, ask(alice, "web", int64(i)*3*sec).try("web."+search[0], "NOERROR", 1500*ms).ends(fact.LookupAnswered))
		}
		return f
	}, []string{"dns-slow warning 3"}, []string{"1.5s in the median"}},
	{"the upstream is slow", func() *fact.Facts {
		f := with(captured(), answered(alice, "web", 0))
		for i := range 3 {
			a := outside(alice, fmt.Sprintf("n%d.example.com", i), int64(i)*3*sec, 800*ms)
			a.Upstream = &fact.Upstream{Client: pod1, Server: outer, Duration: 799 * ms, Rcode: "NOERROR", Queries: 2}
			f = with(f, a.ends(fact.LookupAnswered))
		}
		return f
	}, []string{"dns-slow warning 3"}, []string{"upstream 192.168.1.100:53", "other names took a median of 1ms"}},
	{"a cold name among many quick ones", func() *fact.Facts {
		f := with(captured(), outside(alice, "cold.example.com", 0, 400*ms).ends(fact.LookupAnswered), outside(alice, "cold2.example.com", 0, 400*ms).ends(fact.LookupAnswered))
		for i := range 40 {
			f = with(f, outside(alice, "warm.example.com", int64(i)*sec, ms).ends(fact.LookupAnswered))
		}
		return f
	}, nil, nil},
	{"one cold name", func() *fact.Facts {
		return with(captured(), outside(alice, "cold.example.com", 0, 400*ms).ends(fact.LookupAnswered))
	}, nil, nil},
	{"times that nobody knows", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, 3*sec)
		a.Headless = true
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
}

var others = []situation{
	{"records for A, and no such name for AAAA", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, ms)
		a.Candidates[0].Queries[1].Rcode, a.Candidates[0].Queries[1].Answers = "NXDOMAIN", 0
		return with(captured(), a.ends(fact.LookupAnswered))
	}, []string{"dns-inconsistent info 1"}, []string{"has A records and does not exist for AAAA"}},
	{"records for A, none for AAAA", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, ms)
		a.Candidates[0].Queries[1].NoData, a.Candidates[0].Queries[1].Answers = true, 0
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
	{"none for A, and no such name for AAAA", func() *fact.Facts {
		a := outside(alice, "api.example.com", 0, ms)
		a.Candidates[0].Queries[0].NoData, a.Candidates[0].Queries[0].Answers = true, 0
		a.Candidates[0].Queries[1].Rcode, a.Candidates[0].Queries[1].Answers = "NXDOMAIN", 0
		return with(captured(), a.ends(fact.LookupNoData))
	}, nil, nil},
	{"nothing at all", captured, nil, nil},
}

// TestDNSExplained: queries over a socket whose translation is stale need no finding of their own; others do.
func TestDNSExplained(t *testing.T) {
	dead := nobodyAnswers(alice, "web", 10*sec)
	dead.edit(func(q *fact.Query) { q.Client = netip.AddrPortFrom(alice, uint16(40000+10001%20000)) })
	f := with(captured(), answered(bob, "web", 0), dead.ends(fact.LookupTimeout))
	f.Lookups[1].Candidates = f.Lookups[1].Candidates[:1]
	x := over(&f.Lookups[1], fact.Hang)
	f.Reach = []fact.Reach{x}
	s := newScene(f, DefaultThresholds())
	rule := Find("dns-no-response")
	all := func(*fact.Lookup) bool { return true }
	if n := len(s.openLookups(rule, all)); n != 2 {
		t.Fatalf("%d lookups are open, want 2", n)
	}
	s.explain(Find("ct-stale-udp"), &Finding{covers: []any{&f.Reach[0]}})
	if open := s.openLookups(rule, all); len(open) != 1 || open[0].Client != bob {
		t.Errorf("what went over an explained connection is judged again: %v", open)
	}
	f.Reach[0].Examples[0].Client = netip.AddrPortFrom(alice, 1)
	if n := len(s.openLookups(rule, all)); n != 2 {
		t.Error("what went over another socket is taken for explained")
	}
}

// TestDNSHostileNames: next steps are pasted into shells, and any sender of packets can choose names.
func TestDNSHostileNames(t *testing.T) {
	for _, name := range []string{
		"$(touch\\032x).example.com", "a'b;c.example.com", "-oProxyCommand.example.com", "{client}.{backend}.{node1}", "`id`", strings.Repeat("x\\000", 255),
		"a\nb", "'", "''", "a\\\"b", "*.example.com", "!.x", "~root", "#x",
	} {
		for _, l := range []fact.Lookup{nowhere(alice, name, 0), servfails(alice, name, sec, nil)} {
			found, _ := Judge(with(captured(), l))
			if len(found) != 1 {
				t.Fatalf("%q: %d findings", name, len(found))
			}
			for _, text := range append([]string{found[0].Title, found[0].Explanation}, found[0].Because...) {
				if strings.ContainsAny(text, "\n\r\x00\x1b") {
					t.Errorf("%q: control characters in %q", name, text)
				}
			}
			if !strings.Contains(strings.Join(found[0].NextSteps, "\n"), "-q "+ShellWord(name)) {
				t.Errorf("%q is not quoted in %q", name, found[0].NextSteps)
			}
			if len(found[0].NextSteps) < len(Find(found[0].Rule).NextSteps) {
				t.Errorf("%q: a step is missing from %q", name, found[0].NextSteps)
			}
		}
	}
}

// TestShellWord has a shell, if there is one, expand quoted names.
func TestShellWord(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	for _, name := range []string{"web", "a'b", "$(id)", "`id`", "a b", "*", "~", "#", `a\b`, "'", "-n"} {
		out, err := exec.Command(sh, "-c", "printf %s "+ShellWord(name)).Output()
		if err != nil || string(out) != name && name != "-n" {
			t.Errorf("%q came out as %q (%v)", name, out, err)
		}
	}
}

func TestOneOfPair(t *testing.T) {
	for both, want := range map[bool]bool{false: true, true: false} {
		if l := loses(alice, "web", 0, both).ends(fact.LookupAnswered); oneOfPair(&l) != want {
			t.Errorf("both lost %v: %v", both, !want)
		}
	}
}

func TestAlike(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want bool
	}{
		{"web", "wbe", true},
		{"payments", "paymnets", true},
		{"payments", "payment", true},
		{"web-1", "web-2", false},
		{"api.example.com", "app.example.com", true},
		{"a", "b", false},
		{"db", "dc", false},
		{"orders", "ledger", false},
		{"web", "web", false},
	} {
		if got := alike(x.a, x.b); got != x.want || alike(x.b, x.a) != got {
			t.Errorf("%s and %s: %v", x.a, x.b, got)
		}
	}
}
