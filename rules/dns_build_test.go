package rules

import (
	"net/netip"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

// Facts made by hand, for situations of which no capture is at hand.

const (
	ms  = int64(1e6)
	sec = int64(1e9)
	t0  = int64(1_800_000_000e9)
)

var (
	vip    = netip.MustParseAddrPort("10.96.0.10:53")
	pod1   = netip.MustParseAddrPort("10.244.2.3:53")
	pod2   = netip.MustParseAddrPort("10.244.1.3:53")
	outer  = netip.MustParseAddrPort("192.168.1.100:53")
	alice  = netip.MustParseAddr("10.244.1.5")
	bob    = netip.MustParseAddr("10.244.1.7")
	search = []string{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"}
)

// capture begins facts: one capture without a filter, in which the DNS Service is known.
func captured() *fact.Facts {
	return &fact.Facts{
		Captures: []fact.Capture{{File: "node1.pcap", Node: "node1", Frames: 1000, Portless: 10, In: 500, Out: 500}},
		Addresses: []fact.Address{
			{Addr: vip.Addr(), Role: fact.RoleService}, {Addr: pod1.Addr(), Role: fact.RolePod}, {Addr: pod2.Addr(), Role: fact.RolePod},
		},
	}
}

// filtered begins facts of a capture that a filter for ports was used for.
func filtered() *fact.Facts {
	f := captured()
	f.Captures[0].Portless = 0
	return f
}

// asked is a lookup in the making.
type asked struct {
	*fact.Lookup
	at    int64
	frame uint64
}

// ask begins a lookup; at is when, after t0.
func ask(client netip.Addr, name string, at int64) *asked {
	return &asked{&fact.Lookup{
		Client: client, Server: vip, Backend: pod1, Name: name, NdotsMin: -1, NdotsMax: -1, Start: t0 + at, Timeout: -1,
	}, t0 + at, uint64(1 + at/ms)}
}

// try adds a candidate: A and AAAA, with this response code ("" for silence) after a time.
func (a *asked) try(qname, rcode string, took int64) *asked {
	c := fact.Candidate{QName: qname, Types: []string{"A", "AAAA"}, Rcode: rcode, Start: a.at, Duration: took}
	if rcode == "" {
		c.Duration = -1
	}
	for _, typ := range c.Types {
		q := fact.Query{
			Type: typ, Client: netip.AddrPortFrom(a.Client, uint16(40000+a.frame%20000)), Server: a.Server, Backend: a.Backend,
			Sent: a.at, LastSent: a.at, Rcode: rcode, Duration: c.Duration, QueryRef: fact.Ref{Frame: a.frame},
		}
		if rcode != "" {
			q.AnswerRef = fact.Ref{Frame: a.frame + 1}
		}
		if rcode == "NOERROR" {
			q.Answers = 1
		}
		c.Queries = append(c.Queries, q)
	}
	a.Queries += 2
	switch rcode {
	case "NXDOMAIN":
		a.Wasted += 2
		a.WastedTime += took
	case "":
		a.Unanswered += 2
	}
	a.Candidates = append(a.Candidates, c)
	a.at += max(took, 0)
	a.frame += 2
	a.Duration = a.at - a.Start
	return a
}

// edit changes the queries of the last candidate.
func (a *asked) edit(f func(*fact.Query)) *asked {
	c := &a.Candidates[len(a.Candidates)-1]
	for i := range c.Queries {
		f(&c.Queries[i])
	}
	return a
}

// resent says that silence made the resolver send the last candidate's questions again, every five seconds.
func (a *asked) resent(times int) *asked {
	a.Timeout = 5 * sec
	a.Retries += 2 * times
	return a.edit(func(q *fact.Query) {
		q.Retries = times
		q.LastSent = q.Sent + int64(times)*5*sec
		q.ResendRef = fact.Ref{Frame: q.QueryRef.Frame + 1}
	})
}

func (a *asked) ends(o fact.LookupOutcome) fact.Lookup {
	a.Outcome = o
	return *a.Lookup
}

// answered is a lookup that its first candidate finds in a millisecond.
func answered(client netip.Addr, name string, at int64) fact.Lookup {
	return ask(client, name, at).try(name+"."+search[0], "NOERROR", ms).ends(fact.LookupAnswered)
}

// outside is a lookup of a name outside of the cluster, written with a trailing dot.
func outside(client netip.Addr, name string, at, took int64) *asked {
	return ask(client, name, at).try(name, "NOERROR", took)
}

// searches is a lookup that goes through the search list, each candidate taking so long, before it comes to the name itself.
func searches(client netip.Addr, name string, at, each int64) *asked {
	a := ask(client, name, at)
	a.Search = search
	a.NdotsMin = dots(name) + 1
	for _, domain := range search {
		a.try(name+"."+domain, "NXDOMAIN", each)
	}
	return a
}

// nobodyAnswers is a lookup whose two candidates each go unanswered twice.
func nobodyAnswers(client netip.Addr, name string, at int64) *asked {
	a := ask(client, name, at)
	a.try(name+"."+search[0], "", 0).resent(1)
	a.at += 10 * sec
	return a.try(name, "", 0).resent(1)
}

// loses is a lookup of which one question, or both, are answered only when sent again.
func loses(client netip.Addr, name string, at int64, both bool) *asked {
	a := ask(client, name, at).try(name+"."+search[0], "NOERROR", 5*sec+ms).resent(1)
	if !both {
		a.Candidates[0].Queries[0].Duration = ms
	}
	return a
}

// web is a connection of a client to a Service that works.
func web(client netip.Addr, at int64) fact.Reach {
	c := fact.Connection{
		ID: "node1:900", Proto: fact.TCP, Client: netip.AddrPortFrom(client, 33000), Called: netip.MustParseAddrPort("10.96.0.50:80"),
		Backend: netip.MustParseAddrPort("10.244.2.8:8080"), Outcome: fact.OK, Start: t0 + at, End: t0 + at + ms,
		Legs: []fact.Leg{{Node: "node1", Views: []fact.View{{Capture: 0}}}},
	}
	c.Service = c.Called
	c.Flow[fact.ToServer].Packets, c.Flow[fact.ToClient].Packets = 5, 5
	return reach(c)
}

func reach(c fact.Connection) fact.Reach {
	return fact.Reach{
		Client: c.Client.Addr(), Called: c.Called, Service: c.Service, Backend: c.Backend, Proto: c.Proto, Outcome: c.Outcome, Count: 1,
		First: c.Start, Last: c.End, Examples: []fact.Connection{c},
	}
}

// over is the UDP connection that a lookup's first query went over.
func over(l *fact.Lookup, outcome fact.Outcome) fact.Reach {
	q := &l.Candidates[0].Queries[0]
	c := fact.Connection{
		ID: "node1:" + q.Client.String(), Proto: fact.UDP, Client: q.Client, Called: q.Server, Service: q.Server, KnownBy: fact.Translated,
		Backend: q.Backend, Outcome: outcome, Start: q.Sent, End: q.LastSent,
		Legs: []fact.Leg{{Node: "node1", Dst: q.Backend, Views: []fact.View{{Capture: 0}}}},
	}
	c.Flow[fact.ToServer].Packets, c.Flow[fact.ToServer].Tail = 2, q.LastSent
	return reach(c)
}

// wellFormed checks the properties that every finding has.
func wellFormed(t *testing.T, f *Finding) {
	t.Helper()
	texts := append([]string{f.Title, f.Explanation}, f.Because...)
	texts = append(texts, f.NextSteps...)
	for _, e := range f.Evidence {
		texts = append(texts, e.Note)
		if e.Frame == 0 {
			t.Errorf("%s cites no frame for %q", f.Rule, e.Note)
		}
	}
	for _, text := range texts {
		if text == "" {
			t.Errorf("%s has an empty text", f.Rule)
		}
		for _, c := range text {
			if c < ' ' || c == 0x7f {
				t.Errorf("%s: control character in %q", f.Rule, text)
			}
		}
	}
	sum := uint64(0)
	for _, a := range f.Affected {
		sum += a.Count
	}
	if len(f.Affected) == 0 || f.Place != f.Affected[0].Place || f.AffectedTotal <= maxAffected && sum != f.Count {
		t.Errorf("%s: places %+v do not add up to %d", f.Rule, f.Affected, f.Count)
	}
	if len(f.Evidence) == 0 || len(f.Evidence) > maxEvidence || f.First == 0 || f.Last < f.First {
		t.Errorf("%s: evidence %d, from %d to %d", f.Rule, len(f.Evidence), f.First, f.Last)
	}
}
