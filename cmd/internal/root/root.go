// Package root tells the cause of a finding that left no packet: a pod that isn't ready, a selector that selects nothing, a policy. The
// snapshot of the cluster is a second witness: what packets contradict is not believed.
package root

import (
	"fmt"
	"strings"
	"time"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/rules"
)

// tellers are those of the rules, by id. Each returns nil where the snapshot says nothing.
var tellers = map[string]func(*asked) *fact.Root{
	"dns-no-response":          dnsFails,
	"dns-intermittent-timeout": dnsFails,
	"dns-servfail":             dnsFails,
	"dns-slow":                 dnsFails,
	"dns-nxdomain":             noSuchName,
	"dns-search-expansion":     ndots,
	"svc-no-dnat":              untranslated,
	"ct-syn-stale":             untranslated,
	"cni-duplicate-ip":         duplicateAddress,
	"cni-tunnel-oneway":        tunnelPort,
	"cni-tunnel-rejected":      tunnelPort,
	"svc-no-endpoints":         noEndpoints,
	"svc-local-no-endpoint":    localNoEndpoint,
	"svc-endpoint-terminating": endpointTerminating,
	"cni-no-reply":             noReply,
	"cni-reject":               noReply,
	"app-refused":              appRefused,
	"ct-stale-reset":           stale,
	"ct-stale-blackhole":       stale,
	"ct-stale-udp":             stale,
}

// Find returns the cause of a finding, nil where the snapshot tells none. The names must have been held against the facts.
func Find(f *rules.Finding, facts *fact.Facts, names *snapshot.Names) *fact.Root {
	tell, witness, s := tellers[f.Rule], witnesses[f.Rule], names.Snapshot()
	if s == nil {
		return nil
	}
	a := &asked{finding: f, facts: facts, names: names, snapshot: s, span: snapshot.Span{First: f.First, Last: f.Last}}
	if f.Example != nil {
		a.proto = f.Example.Proto
	}
	var r *fact.Root
	if tell != nil {
		r = tell(a)
	}
	if witness != nil && len(s.Dumps) > 0 {
		r = witness(a, r)
	}
	return r
}

// asked is a finding that a cause is asked for, and all that it may be told from.
type asked struct {
	finding  *rules.Finding
	facts    *fact.Facts
	names    *snapshot.Names
	snapshot *snapshot.Snapshot
	span     snapshot.Span
	proto    fact.Proto
}

// root makes a cause. The object that it is about comes first, and the file that has it is the source.
func root(kind string, m *snapshot.Meta, first fact.Object, text string, more ...fact.Object) *fact.Root {
	return &fact.Root{
		Kind: kind, Text: text, Objects: append([]fact.Object{first}, more...), Source: fmt.Sprintf("%s: %s %s", m.File, first.Kind, nameOf(m)),
	}
}

// nameOf returns the name of an object with its namespace.
func nameOf(m *snapshot.Meta) string {
	if m.Namespace == "" {
		return m.Name
	}
	return m.Namespace + "/" + m.Name
}

// object returns an object of a kind.
func object(kind string, m *snapshot.Meta) fact.Object {
	return fact.Object{Kind: kind, Namespace: m.Namespace, Name: m.Name}
}

// clock words a time.
func clock(ns int64) string { return time.Unix(0, ns).UTC().Format("2006-01-02 15:04:05") }

// since words the time of a condition.
func since(ns int64) string {
	if ns == 0 {
		return ""
	}
	return " since " + clock(ns)
}

// words joins what is to be said, as far as there is something.
func words(sep string, list ...string) string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, sep)
}
