package rules

import "github.com/netsift/netsift/analyze/fact"

// What rules from outside of the catalogue, as users write them, share with those in it.

// MaxAffected, MaxConnections and MaxEvidence bound the lists of a finding.
const (
	MaxAffected    = maxAffected
	MaxConnections = maxConnections
	MaxEvidence    = maxEvidence
)

// Identify returns the id of a rule's finding about the cause that key names: the same in every run.
func Identify(rule, key string) string { return identify(rule, key) }

// EvidenceOf returns the marked frames of a connection, and what to see in each.
func EvidenceOf(c *fact.Connection) []Evidence {
	var list []Evidence
	for _, m := range c.Marks {
		if text := note(c, m); text != "" {
			list = append(list, Evidence{Ref: m.Ref, Note: text})
		}
	}
	return list
}
