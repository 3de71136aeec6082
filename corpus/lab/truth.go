package main

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// truth is the content of truth.json in a folder of captures. Nothing in it comes from a capture: the lab's hosts report
// it.
type truth struct {
	Scenario    string                       `json:"scenario"`
	About       string                       `json:"about"`
	How         string                       `json:"how"`
	Captures    []captureTruth               `json:"captures"`
	Addresses   map[string]any               `json:"addresses"`
	Interfaces  map[string]map[string]string `json:"interfaces"`
	Layer       string                       `json:"cause_layer"`
	Expect      []expectation                `json:"expect"`
	Allow       []string                     `json:"allow"`
	Forbid      []string                     `json:"forbid"`
	Connections []*connection                `json:"connections"`
	Lookups     []lookup                     `json:"dns"`
}

type captureTruth struct {
	File    string `json:"file"`
	Node    string `json:"node"`
	Link    string `json:"link"`
	Packets int    `json:"packets"`
	Command string `json:"command"`
}

// expectation is a finding that must be there. Capture names the file that must be enough for it.
type expectation struct {
	Rule    string         `json:"rule"`
	Client  netip.Addr     `json:"client,omitzero"`
	Service netip.AddrPort `json:"service,omitzero"`
	Backend netip.AddrPort `json:"backend,omitzero"`
	Server  netip.AddrPort `json:"server,omitzero"`
	Name    string         `json:"name,omitempty"`
	Nodes   []netip.Addr   `json:"nodes,omitempty"`
	Capture string         `json:"capture,omitempty"`
}

// connection is one as its ends saw it.
type connection struct {
	Proto    string         `json:"proto"`
	Client   netip.AddrPort `json:"client"`
	Service  netip.AddrPort `json:"service,omitzero"`
	Backend  netip.AddrPort `json:"backend,omitzero"`
	SNAT     netip.Addr     `json:"snat,omitzero"`
	SNATPort uint16         `json:"snat_port,omitempty"`
	Encap    string         `json:"encap,omitempty"`
	Outcome  string         `json:"outcome"`
}

// lookup is one as the server saw it.
type lookup struct {
	Client   netip.Addr `json:"client"`
	Name     string     `json:"name"`
	Queries  int        `json:"queries"`
	Wasted   int        `json:"wasted"`
	Retries  int        `json:"retries"`
	Outcome  string     `json:"outcome"`
	Answer   netip.Addr `json:"answer,omitzero"`
	Resolver string     `json:"resolver"`
}

// truthFile is the file's name.
const truthFile = "truth.json"

func (t *truth) write(dir string) error {
	text, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, truthFile), append(text, '\n'), 0o644)
}

func readTruth(dir string) (*truth, error) {
	text, err := os.ReadFile(filepath.Join(dir, truthFile))
	if err != nil {
		return nil, err
	}
	t := new(truth)
	return t, json.Unmarshal(text, t)
}

// mild are the rules that may speak as info where they are expected.
var mild = []string{"svc-hairpin", "svc-snat-client-lost", "dns-search-expansion", "dns-tcp-fallback", "dns-slow", "app-keepalive-race"}

// expected is an expectation as corpus/score compares it.
func (e *expectation) expected() cases.Expected {
	x := cases.Expected{
		Rule:     e.Rule,
		Place:    rules.Place{Client: e.Client, Service: e.Service, Backend: e.Backend, Server: e.Server, Name: e.Name},
		Severity: rules.Warning,
		Nodes:    e.Nodes,
	}
	if slices.Contains(mild, e.Rule) {
		x.Severity = rules.Info
	}
	return x
}

// compared is the truth as corpus/score compares it.
func (t *truth) compared() *cases.Truth {
	c := &cases.Truth{Layer: rules.Layer(t.Layer), Allow: t.Allow, Forbid: t.Forbid}
	if t.Layer == "none" {
		c.Layer = ""
	}
	onlyMild := true
	for i := range t.Expect {
		c.Expect = append(c.Expect, t.Expect[i].expected())
		onlyMild = onlyMild && slices.Contains(mild, t.Expect[i].Rule)
	}
	// A finding of severity info has a layer, and the verdict may still be that nothing is wrong.
	c.LayerOpen = onlyMild && t.Expect != nil
	for _, k := range t.Connections {
		if k.Proto != "tcp" {
			continue // only TCP's are compared
		}
		x := cases.Connection{Client: k.Client, Service: k.Service, Backend: k.Backend, Outcome: k.Outcome}
		if k.SNAT.IsValid() {
			x.SNAT = netip.AddrPortFrom(k.SNAT, k.SNATPort)
		}
		c.Connections = append(c.Connections, x)
	}
	for _, l := range t.Lookups {
		libc := build.Glibc
		if l.Resolver == "musl" {
			libc = build.Musl
		}
		c.Lookups = append(c.Lookups, &build.Lookup{
			Client: l.Client, Name: l.Name, Queries: l.Queries, Wasted: l.Wasted, Retries: l.Retries, Outcome: l.Outcome, Libc: libc,
		})
	}
	return c
}

// client is the address that the filtered captures are filtered by.
func (t *truth) client() netip.Addr {
	for _, e := range t.Expect {
		if e.Client.IsValid() {
			return e.Client
		}
	}
	for _, k := range t.Connections {
		return k.Client.Addr()
	}
	return netip.Addr{}
}
