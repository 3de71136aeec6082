package rules

import "github.com/netsift/netsift/analyze/fact"

// Bounds that rules from outside of the catalogue, as users write them, share with those in it.

// MaxAffected, MaxConnections and MaxEvidence bound the lists of a finding.
const (
	MaxAffected    = maxAffected
	MaxConnections = maxConnections
	MaxEvidence    = maxEvidence
)

// Identify gives the findings of one rule their ids. keys are as many as findings, each names the cause of one.
func Identify(list []Finding, keys []string) {
	for i := range list {
		list[i].key = keys[i]
	}
	identify(list)
}

// EvidenceOf returns the marked frames of a connection, and a note on each.
func EvidenceOf(c *fact.Connection) []Evidence {
	var list []Evidence
	for _, m := range c.Marks {
		if text := note(c, m); text != "" {
			list = append(list, Evidence{Ref: m.Ref, Note: text})
		}
	}
	return list
}
