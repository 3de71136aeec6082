package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze/fact"
)

var dnsNXDomain = Rule{
	ID: "dns-nxdomain", Layer: LayerDNS, Severity: Warning, Since: "0.1.0",
	Title: "a name does not exist as written",
	Text: "Every candidate name of a lookup was answered with NXDOMAIN: the server works but knows no such name. In a cluster the reason is " +
		"mostly the namespace: a short name is looked up in the client's own, NAME.NAMESPACE reaches another one, and the " +
		"full form is NAME.NAMESPACE.svc.cluster.local. Or the name is misspelt, or the Service does not exist (yet).",
	Needs:    "NXDOMAIN for every candidate of a lookup of addresses, none of them unanswered",
	Explains: []string{"dns-search-expansion"},
	ToldFrom: []string{
		"dns-search-expansion: there the search ends with an answer, and its NXDOMAINs are no fault",
		"dns-no-response: a timeout cuts the search short, and the NXDOMAIN for the bare name says nothing",
		"NODATA: the name exists and has no record of the type",
		"reverse lookups, blocklists, and names that programs ask for to learn where they run: there NXDOMAIN is an answer",
	},
	NextSteps: []string{
		"kubectl get pods -A -o wide --field-selector status.podIP={client}   # who asks, in which namespace?",
		"kubectl get svc -A   # is there a Service of that name, in which namespace?",
		"kubectl exec -n {client-pod} -- cat /etc/resolv.conf   # the search list that {name} walks",
		debugClient + "cat /etc/resolv.conf   # the same where the image has no cat (distroless)",
		debugClient + "dig @{server-ip} +search -q {name}   # with the pod's search list",
	},
	Sources: []string{
		"https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/", "https://github.com/kubernetes/dns/blob/master/docs/specification.md",
		"RFC 1035, section 4.1.1", "RFC 8020", "glibc resolv/res_query.c",
	},
	judge: judgeNXDomain,
}

// maxNames is how many names that do not exist get a finding of their own; all others share one.
const maxNames = 10

func judgeNXDomain(r *Rule, s *scene) []Finding {
	k := newKnownNames(s)
	var cs dnsCauses
	for _, l := range s.openLookups(r, func(l *fact.Lookup) bool { return missing(l) && s.wholeSearch(l) && !s.remains(l) }) {
		key := meant(l).String()
		if cs.byKey[key] == nil && len(cs.list) >= maxNames {
			key = "more"
		}
		cs.add(key, dnsHit{lookup: l, place: byName(l)})
	}
	var list []Finding
	for _, c := range cs.list {
		f := c.finding(r, s)
		l := c.hits[0].lookup
		names := c.names()
		what := fmt.Sprintf("the name %s does not exist", several(names))
		if len(names) > 1 {
			what = fmt.Sprintf("the names %s do not exist", several(names))
		}
		f.Title = what + ": NXDOMAIN for every candidate"
		f.Explanation = fmt.Sprintf("%s by %s ended in NXDOMAIN; the names tried were %s.", count(f.Count, "lookup", "lookups"), several(c.clients()), several(tried(l)))
		f.Because = []string{fmt.Sprintf("%s answered with NXDOMAIN, none unanswered", count(uint64(l.Wasted), "query", "queries"))}
		if c.key != "more" {
			if hint, why := k.suggest(l); hint != "" {
				f.Title = fmt.Sprintf("%s; probably meant: %s", what, clip(hint))
				f.Explanation += " " + why
			}
			for _, h := range c.hits {
				if at := k.existed(h.lookup); at > f.Last {
					f.Recovered = at
					f.Explanation += " Later in the capture the same name was answered: it was created meanwhile, or the server's backends disagree."
					break
				}
			}
		}
		list = append(list, f.fill())
	}
	return list
}

// tried lists the names that a lookup asked for.
func tried(l *fact.Lookup) []string {
	var list []string
	for i := range l.Candidates {
		list = append(list, clip(l.Candidates[i].QName))
	}
	return list
}

// missing reports whether a lookup says that a name for which somebody wants an address does not exist.
func missing(l *fact.Lookup) bool {
	if l.Outcome != fact.LookupNXDomain || l.CutShort || l.Unanswered > 0 || len(l.Candidates) == 0 || probe(l.Name) {
		return false
	}
	addresses := false
	for i := range l.Candidates {
		c := &l.Candidates[i]
		if c.Rcode != "NXDOMAIN" {
			return false
		}
		addresses = addresses || slices.Contains(c.Types, "A") || slices.Contains(c.Types, "AAAA")
	}
	return addresses
}

// wholeSearch reports whether all queries of a lookup are in sight. The resolver asks for each candidate from a new socket, and
// a Service may send each to another pod, so that one pod's node shows only a part of the search. The bare name at its end,
// which no resolver leaves out, proves that all names before failed. The client's own packets show everything.
func (s *scene) wholeSearch(l *fact.Lookup) bool {
	last := &l.Candidates[len(l.Candidates)-1]
	if l.Name == last.QName && (len(l.Candidates) > 1 || !inCluster(l, last)) {
		return true
	}
	return s.asCalled(l.Server) && (l.Name == last.QName || l.Name == l.Candidates[0].QName)
}

// remains reports whether a lookup is what a small snapshot length left of another one's search, or may be: the longer names were cut and can't be
// read, and the client asks for a name to which this one has a suffix more, or has had no time to.
func (s *scene) remains(l *fact.Lookup) bool {
	if len(l.Candidates) > 1 || !slices.ContainsFunc(s.Captures, func(c fact.Capture) bool { return c.CutFrames > 0 }) {
		return false
	}
	if end := l.Start + l.Duration + waitsForName; !slices.ContainsFunc(s.Captures, func(c fact.Capture) bool { return c.Last > end }) {
		return true
	}
	asked := index(s, newAskedNames)
	for i := range len(l.Name) {
		if l.Name[i] == '.' && asked[clientAndName{l.Client, l.Name[:i]}] {
			return true
		}
	}
	return false
}

// waitsForName is how long the answer to a search's next name may be waited for, in nanoseconds (resolv.conf(5), timeout).
const waitsForName = 5e9

// clientAndName is a client and a name that it looked up.
type clientAndName struct {
	client netip.Addr
	name   string
}

// askedNames has the names that each client looked up.
type askedNames map[clientAndName]bool

func newAskedNames(s *scene) askedNames {
	m := askedNames{}
	for i := range s.Lookups {
		m[clientAndName{s.Lookups[i].Client, s.Lookups[i].Name}] = true
	}
	for i := range s.Plain {
		m[clientAndName{s.Plain[i].Client, s.Plain[i].Name}] = true
	}
	return m
}

// probes are names that programs ask for to learn where they run: whether in some cloud, behind a proxy, or past a filter.
var probes = map[string]bool{
	"metadata.google.internal": true, "metadata": true, "instance-data": true, "instance-data.ec2.internal": true, "metadata.azure.internal": true,
	"wpad": true, "isatap": true, "use-application-dns.net": true, "localhost": true, "localhost.localdomain": true,
}

// WellKnown reports whether programs ask for a name in every network, so that it identifies none.
func WellKnown(name string) bool { return probes[name] }

// probe reports whether NXDOMAIN is an ordinary answer for a name: reverse lookups, service labels (_sip._tcp), blocklists,
// which are asked for an address turned round, and probes.
func probe(name string) bool {
	labels := strings.Split(name, ".")
	n := len(labels)
	switch {
	case name == "" || name == "." || probes[name] || strings.HasPrefix(name, "_"):
		return true
	case n > 1 && labels[n-1] == "arpa", labels[0] == "wpad":
		return true
	}
	numbers := 0
	for numbers < n && len(labels[numbers]) <= 3 && strings.Trim(labels[numbers], "0123456789") == "" && labels[numbers] != "" {
		numbers++
	}
	return numbers >= 4
}
