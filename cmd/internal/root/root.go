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
	"svc-no-endpoints":         noEndpoints,
	"svc-local-no-endpoint":    localNoEndpoint,
	"svc-endpoint-terminating": endpointTerminating,
	"cni-no-reply":             noReply,
	"cni-reject":               noReply,
	"app-refused":              appRefused,
	"ct-stale-reset":           stale,
	"ct-stale-blackhole":       stale,
	"ct-stale-udp":             stale,
	"svc-no-dnat":              noSuchService,
	"ct-syn-stale":             noSuchService,
	"cni-duplicate-ip":         duplicateAddress,
	"cni-tunnel-oneway":        portConfig,
	"cni-tunnel-rejected":      portConfig,
	"dns-no-response":          dnsNoResponse,
	"dns-intermittent-timeout": dnsNoResponse,
	"dns-servfail":             dnsUpstream,
	"dns-slow":                 dnsUpstream,
	"dns-nxdomain":             dnsNoSuchName,
	"dns-search-expansion":     dnsNdots,
}

// Find returns the cause of a finding, nil where the snapshot tells none.
func (c *Causes) Find(f *rules.Finding) *fact.Root {
	tell, witness, s := tellers[f.Rule], witnesses[f.Rule], c.snapshot
	if s == nil {
		return nil
	}
	a := &asked{Causes: c, finding: f, span: snapshot.Span{First: f.First, Last: f.Last}}
	if f.Example != nil {
		a.proto = f.Example.Proto
	}
	var r *fact.Root
	if tell != nil {
		r = tell(a)
	}
	switch {
	case witness == nil || len(s.Dumps) == 0:
		return r
	case r != nil && r.Kind == unbelieved:
		return firstOf(func() *fact.Root { return witness(a, nil) }, func() *fact.Root { return r })
	}
	return witness(a, r)
}

// asked is a finding that a cause is asked for, and all that it may be told from.
type asked struct {
	*Causes
	finding *rules.Finding
	span    snapshot.Span
	proto   fact.Proto
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

// clockOf words a time that may not be known.
func clockOf(ns int64) string {
	if ns == 0 {
		return ""
	}
	return clock(ns)
}

// since words the time of a condition.
func since(ns int64) string {
	return prefixed(" since ", clockOf(ns))
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
