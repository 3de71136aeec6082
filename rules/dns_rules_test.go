package rules

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// situation is facts and the findings about name lookups that are right for them: "rule severity count".
type situation struct {
	name  string
	facts func() *fact.Facts
	want  []string
	// says are parts of the findings' texts.
	says []string
}

func with(f *fact.Facts, lookups ...fact.Lookup) *fact.Facts {
	f.Lookups = append(f.Lookups, lookups...)
	return f
}

func TestDNSRules(t *testing.T) {
	for _, group := range [][]situation{expansions, silences, lostOnce, errorsAnswered, absences, delays, others} {
		for _, x := range group {
			t.Run(x.name, func(t *testing.T) {
				found, verdict := Judge(x.facts())
				var got, texts []string
				worst := Info
				for i := range found {
					f := &found[i]
					texts = append(texts, f.Title, f.Explanation, strings.Join(f.Because, "; "), strings.Join(f.NextSteps, "\n"))
					if f.Layer == LayerDNS {
						wellFormed(t, f)
						worst = max(worst, f.Severity)
						got = append(got, fmt.Sprintf("%s %s %d", f.Rule, f.Severity, f.Count))
					}
				}
				if fmt.Sprint(got) != fmt.Sprint(x.want) {
					t.Errorf("got %q, want %q", got, x.want)
				}
				if (worst >= Warning) != (verdict.DNS == Failing) {
					t.Errorf("the verdict on DNS is %s", verdict.DNS)
				}
				all := strings.Join(texts, "\n")
				for _, part := range x.says {
					if !strings.Contains(all, part) {
						t.Errorf("nothing says %q:\n%s", part, all)
					}
				}
			})
		}
	}
}

var expansions = []situation{
	{"an outside name walks the list", func() *fact.Facts {
		f := with(captured(), searches(alice, "api.example.com", 0, ms).try("api.example.com", "NOERROR", ms).ends(fact.LookupAnswered))
		f.DNS.Costs.DNSCost = fact.DNSCost{Lookups: 1, Queries: 8, Needed: 2, Wasted: 6}
		f.DNS.Costs.Ndots[2] = fact.DNSSaving{Queries: 6, Time: 3 * ms}
		f.DNS.Costs.FullName = fact.DNSSaving{Queries: 6, Time: 3 * ms}
		return f
	}, []string{"dns-search-expansion info 1"}, []string{"6 of 8 queries", "4.0 times", "`ndots:2` would have saved 6 queries", "api.example.com."}},
	{"slow candidates", func() *fact.Facts {
		return with(captured(), searches(alice, "api.external.com", 0, 500*ms).try("api.external.com", "NOERROR", 50*ms).ends(fact.LookupAnswered))
	}, []string{"dns-search-expansion warning 1"}, []string{"1.5s"}},
	{"one slow search among many", func() *fact.Facts {
		f := with(captured(), searches(alice, "api.external.com", 0, 200*ms).try("api.external.com", "NOERROR", ms).ends(fact.LookupAnswered))
		for i := range 4 {
			f = with(f, searches(alice, "api.external.com", int64(1+i)*sec, ms).try("api.external.com", "NOERROR", ms).ends(fact.LookupAnswered))
		}
		return f
	}, []string{"dns-search-expansion info 5"}, nil},
	{"a candidate is lost", func() *fact.Facts {
		a := ask(alice, "api.example.com", 0)
		a.try("api.example.com."+search[0], "NXDOMAIN", 5*sec+ms).resent(1)
		return with(captured(), answered(bob, "web", 0), a.try("api.example.com", "NOERROR", ms).ends(fact.LookupAnswered))
	}, []string{"dns-intermittent-timeout warning 1", "dns-search-expansion warning 1"}, []string{"waited for a timeout"}},
	{"the first candidate hits", func() *fact.Facts { return with(captured(), answered(alice, "web", 0)) }, nil, nil},
	{"a trailing dot", func() *fact.Facts {
		return with(captured(), outside(alice, "api.example.com", 0, ms).ends(fact.LookupAnswered))
	}, nil, nil},
	{"the bare name first", func() *fact.Facts {
		return with(captured(), ask(alice, "api.shop", 0).try("api.shop", "NXDOMAIN", ms).try("api.shop.svc.cluster.local", "NOERROR", ms).ends(fact.LookupAnswered))
	}, nil, nil},
	{"names of many clients are one finding", func() *fact.Facts {
		f := captured()
		for i := range 300 {
			c := netip.AddrFrom4([4]byte{10, 244, 1, byte(i % 50)})
			f = with(f, searches(c, fmt.Sprintf("h%d.example.com", i%7), int64(i)*sec, ms).try("h.example.com", "NOERROR", ms).ends(fact.LookupAnswered))
		}
		return f
	}, []string{"dns-search-expansion info 300"}, []string{"lookups of 7 names go"}},
}

var silences = []situation{
	{"a policy drops one client's", func() *fact.Facts {
		return with(captured(), nobodyAnswers(alice, "web", 0).ends(fact.LookupTimeout), answered(bob, "web", sec), answered(bob, "web", 30*sec))
	}, []string{"dns-no-response critical 1"}, []string{"10.244.1.5 gets no answers", "other clients do"}},
	{"CoreDNS is down", func() *fact.Facts {
		f := with(captured(), nobodyAnswers(alice, "web", 0).ends(fact.LookupTimeout), nobodyAnswers(bob, "web", sec).ends(fact.LookupTimeout))
		f.Reach = []fact.Reach{web(alice, 2*sec)}
		return f
	}, []string{"dns-no-response critical 2"}, []string{"10.96.0.10:53 never answers", "10.244.1.5 and 10.244.1.7"}},
	{"CoreDNS goes down", func() *fact.Facts {
		return with(captured(), answered(alice, "web", 0), nobodyAnswers(alice, "web", 10*sec).ends(fact.LookupTimeout))
	}, []string{"dns-no-response critical 1"}, []string{"no longer answers"}},
	{"nothing but unanswered queries", func() *fact.Facts { return with(captured(), nobodyAnswers(alice, "web", 0).ends(fact.LookupTimeout)) }, nil, nil},
	{"a filter for ports, other traffic both ways", func() *fact.Facts {
		f := with(filtered(), nobodyAnswers(alice, "web", 0).ends(fact.LookupTimeout))
		f.Reach = []fact.Reach{web(alice, sec)}
		return f
	}, nil, nil},
	{"a filter for ports, answers to others", func() *fact.Facts {
		return with(filtered(), nobodyAnswers(alice, "web", 0).ends(fact.LookupTimeout), answered(bob, "web", 5*sec))
	}, []string{"dns-no-response critical 1"}, nil},
	{"a filter for another host", func() *fact.Facts {
		f := with(captured(), nobodyAnswers(alice, "web", 0).ends(fact.LookupTimeout))
		f.Captures[0].CommonHost = bob
		f.Reach = []fact.Reach{web(bob, sec)}
		return f
	}, nil, nil},
	{"only others' traffic, nothing filtered", func() *fact.Facts {
		f := with(captured(), nobodyAnswers(alice, "web", 0).ends(fact.LookupTimeout))
		f.Reach = []fact.Reach{web(bob, sec)}
		return f
	}, []string{"dns-no-response critical 1"}, nil},
	{"answers in the other capture only", func() *fact.Facts {
		f := captured()
		f.Captures = append(f.Captures, f.Captures[0])
		b := ask(bob, "web", sec).try("web."+search[0], "NOERROR", ms).edit(func(q *fact.Query) { q.QueryRef.Capture, q.AnswerRef.Capture = 1, 1 })
		return with(f, nobodyAnswers(alice, "web", 0).ends(fact.LookupTimeout), b.ends(fact.LookupAnswered))
	}, nil, nil},
	{"the capture ends too soon", func() *fact.Facts {
		return with(captured(), answered(bob, "web", 0), ask(alice, "web", sec).try("web."+search[0], "", 0).ends(fact.LookupUnfinished))
	}, nil, nil},
	{"a single packet without an answer", func() *fact.Facts {
		a := ask(alice, "web", sec).try("web."+search[0], "", 0)
		a.Candidates[0].Queries = a.Candidates[0].Queries[:1]
		return with(captured(), answered(bob, "web", 0), answered(bob, "web", 9*sec), a.ends(fact.LookupTimeout))
	}, nil, nil},
	{"one lookup fails between others", func() *fact.Facts {
		return with(captured(), answered(alice, "web", 0), nobodyAnswers(alice, "web", sec).ends(fact.LookupTimeout), answered(alice, "web", 40*sec))
	}, []string{"dns-no-response critical 1"}, []string{"left 1 lookup without any answer", "answered nobody"}},
	{"a broadcast address", func() *fact.Facts {
		a := nobodyAnswers(alice, "web", 0)
		for i := range a.Candidates {
			for k := range a.Candidates[i].Queries {
				a.Candidates[i].Queries[k].Server = netip.MustParseAddrPort("255.255.255.255:53")
			}
		}
		return with(captured(), answered(alice, "web", 0), a.ends(fact.LookupTimeout))
	}, nil, nil},
	{"one of two backends is dead", func() *fact.Facts {
		f := captured()
		for i := range 3 {
			a := nobodyAnswers(alice, "web", int64(i)*20*sec)
			f = with(f, a.ends(fact.LookupTimeout))
			b := ask(alice, "web", int64(i)*20*sec+15*sec)
			b.Backend = pod2
			f = with(f, b.try("web."+search[0], "NOERROR", ms).ends(fact.LookupAnswered))
		}
		return f
	}, []string{"dns-no-response critical 3"}, []string{"10.244.2.3:53, one of 2 backends", "never answers"}},
	{"a dead backend, and the next attempt reaches the other", func() *fact.Facts {
		f := captured()
		for i := range 3 {
			a := ask(alice, "web", int64(i)*10*sec).try("web."+search[0], "NOERROR", 5*sec+ms)
			a.Timeout, a.Retries = 5*sec, 2
			c := &a.Candidates[0]
			for k := range c.Queries[:2] {
				q := c.Queries[k]
				q.Again, q.Backend, q.Sent, q.LastSent, q.Duration = fact.NewAttempt, pod2, q.Sent+5*sec, q.Sent+5*sec, ms
				c.Queries = append(c.Queries, q)
				c.Queries[k].Rcode, c.Queries[k].Duration, c.Queries[k].AnswerRef = "", -1, fact.Ref{}
			}
			f = with(f, a.ends(fact.LookupAnswered))
		}
		return f
	}, []string{"dns-no-response warning 3"}, []string{"one of 2 backends", "by another backend"}},
	{"nothing listens in the pod", func() *fact.Facts {
		a := nobodyAnswers(alice, "web", 0).edit(func(*fact.Query) {})
		for i := range a.Candidates {
			for k := range a.Candidates[i].Queries {
				a.Candidates[i].Queries[k].Refused = true
			}
		}
		f := with(captured(), a.ends(fact.LookupServfail))
		x := over(&f.Lookups[0], fact.Refused)
		x.Examples[0].Errors = []fact.ICMPError{{Type: 3, Code: 3, Src: pod1.Addr(), ToClient: true}}
		f.Reach = []fact.Reach{x}
		return f
	}, []string{"dns-no-response critical 1"}, []string{"ICMP port unreachable from 10.244.2.3"}},
	{"the Service has no endpoints", func() *fact.Facts {
		a := nobodyAnswers(alice, "web", 0)
		for i := range a.Candidates {
			for k := range a.Candidates[i].Queries {
				a.Candidates[i].Queries[k].Refused, a.Candidates[i].Queries[k].Backend = true, netip.AddrPort{}
			}
		}
		f := with(captured(), a.ends(fact.LookupServfail))
		x := over(&f.Lookups[0], fact.Refused)
		x.Examples[0].KnownBy = fact.RejectedByNode
		f.Reach = []fact.Reach{x}
		return f
	}, nil, nil},
	{"a dead first server of two", func() *fact.Facts {
		second := netip.MustParseAddrPort("10.96.0.11:53")
		f := captured()
		for i := range 2 {
			a := ask(alice, "web", int64(i)*10*sec).try("web."+search[0], "NOERROR", 5*sec+ms)
			a.Timeout, a.Retries = 5*sec, 2
			c := &a.Candidates[0]
			for k := range c.Queries[:2] {
				q := c.Queries[k]
				q.Again, q.Server, q.Backend, q.Sent, q.LastSent, q.Duration = fact.NextServer, second, second, q.Sent+5*sec, q.Sent+5*sec, ms
				c.Queries = append(c.Queries, q)
				c.Queries[k].Rcode, c.Queries[k].Duration, c.Queries[k].AnswerRef = "", -1, fact.Ref{}
			}
			f = with(f, a.ends(fact.LookupAnswered))
		}
		return f
	}, []string{"dns-no-response warning 2"}, []string{"DNS server 10.96.0.10:53 never answers"}},
	{"musl asks two servers and one keeps silent", func() *fact.Facts {
		a := ask(alice, "web", 0).try("web."+search[0], "NOERROR", ms)
		c := &a.Candidates[0]
		q := c.Queries[0]
		q.Again, q.Server, q.Rcode, q.Duration, q.AnswerRef = fact.OtherServer, netip.MustParseAddrPort("10.96.0.11:53"), "", -1, fact.Ref{}
		c.Queries = append(c.Queries, q)
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
	{"the bare name after a timeout does not exist", func() *fact.Facts {
		a := ask(alice, "web", 0)
		a.try("web."+search[0], "", 0).resent(1)
		a.at += 10 * sec
		a.CutShort = true
		return with(captured(), a.try("web", "NXDOMAIN", ms).ends(fact.LookupNXDomain))
	}, []string{"dns-no-response critical 1"}, nil},
	{"only answers were captured", func() *fact.Facts {
		a := ask(alice, "web", 0).try("web."+search[0], "NOERROR", -1).edit(func(q *fact.Query) { q.Sent, q.LastSent, q.QueryRef = 0, 0, fact.Ref{} })
		a.Headless = true
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
	{"a pod that answered a socket before, seen behind the translation", func() *fact.Facts {
		f := captured()
		for i := range 4 {
			rcode := ""
			if i == 0 {
				rcode = "NOERROR"
			}
			a := ask(alice, "web", int64(i)*sec)
			a.Server, a.Backend = pod1, netip.AddrPort{}
			a.try("web."+search[0], rcode, ms).edit(func(q *fact.Query) { q.Client = netip.AddrPortFrom(alice, 40000) })
			if i == 0 {
				f = with(f, a.ends(fact.LookupAnswered))
			} else {
				f = with(f, a.ends(fact.LookupTimeout))
			}
		}
		return f
	}, nil, nil},
}

var lostOnce = []situation{
	{"some are lost", func() *fact.Facts {
		return with(captured(), answered(alice, "web", 0), loses(alice, "web", sec, true).ends(fact.LookupAnswered), answered(alice, "web", 8*sec))
	}, []string{"dns-intermittent-timeout warning 1"}, []string{"1 of 3 lookups", "waited 5s"}},
	{"always one of a pair", func() *fact.Facts {
		return with(captured(), loses(alice, "web", 0, false).ends(fact.LookupAnswered), loses(bob, "web", 8*sec, false).ends(fact.LookupAnswered))
	}, []string{"dns-intermittent-timeout warning 2"}, []string{"in 2 lookups exactly one query of an A and AAAA pair", "conntrack race"}},
	{"some lose every attempt", func() *fact.Facts {
		return with(captured(), loses(alice, "web", 0, true).ends(fact.LookupAnswered), nobodyAnswers(alice, "web", 8*sec).ends(fact.LookupTimeout),
			answered(alice, "web", 40*sec))
	}, []string{"dns-intermittent-timeout critical 2"}, []string{"1 lookup lost every attempt"}},
	{"the upstream kept the server waiting", func() *fact.Facts {
		a := ask(alice, "api.example.com", 0).try("api.example.com", "NOERROR", 5*sec+400*ms).resent(1)
		a.Upstream = &fact.Upstream{Server: outer, Duration: 5*sec + 399*ms, Rcode: "NOERROR", Queries: 2}
		return with(captured(), answered(alice, "web", 0), a.ends(fact.LookupAnswered))
	}, []string{"dns-slow info 1"}, []string{"upstream 192.168.1.100:53"}},
	{"an answer long after the resend", func() *fact.Facts {
		return with(captured(), answered(alice, "web", 0), ask(alice, "db", 0).try("db."+search[0], "NOERROR", 7*sec).resent(1).ends(fact.LookupAnswered))
	}, []string{"dns-slow info 1"}, nil},
	{"an answered question sent again", func() *fact.Facts {
		a := ask(alice, "web", 0).try("web."+search[0], "NOERROR", ms).resent(1)
		a.Timeout = -1
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
	{"the second attempt over TCP", func() *fact.Facts {
		a := ask(alice, "many", 0).try("many."+search[0], "NOERROR", ms).edit(func(q *fact.Query) { q.Truncated = true })
		q := a.Candidates[0].Queries[0]
		q.TCP, q.Truncated, q.Again, q.Answers = true, false, fact.OverTCP, 60
		a.Candidates[0].Queries = append(a.Candidates[0].Queries, q)
		a.TCP = true
		return with(captured(), a.ends(fact.LookupAnswered))
	}, []string{"dns-tcp-fallback info 1"}, []string{"60 records", "512 bytes"}},
	{"truncated, and taken as it is", func() *fact.Facts {
		a := ask(alice, "many", 0).try("many."+search[0], "NOERROR", ms).edit(func(q *fact.Query) { q.Truncated = true })
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
	{"over TCP from the beginning", func() *fact.Facts {
		a := ask(alice, "web", 0).try("web."+search[0], "NOERROR", ms).edit(func(q *fact.Query) { q.TCP = true })
		return with(captured(), a.ends(fact.LookupAnswered))
	}, nil, nil},
}
