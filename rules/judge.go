package rules

import "github.com/netsift/netsift/analyze/fact"

// Judge runs all rules over facts. Findings come worst first, those that another one explains left out.
func Judge(f *fact.Facts) ([]Finding, Verdict) {
	return nil, Verdict{}
}

// Rule is a finding class: its documentation and its judgement.
type Rule struct {
	// ID is the slug that never changes: "cni-mtu-blackhole".
	ID       string
	Layer    Layer
	Severity Severity
	// Title is one line, Text what it means in a few sentences, Needs the positive evidence without which there is no finding.
	Title, Text, Needs string
	// Explains lists the rules whose findings about the same places it takes the place of.
	Explains []string
	// ToldFrom lists look-alikes and what tells them apart: "tcp-loss: ...".
	ToldFrom []string
	// NextSteps are what to do, in order.
	NextSteps []string
	// Sources are the RFCs, kernel files and Kubernetes issues that it rests on.
	Sources []string
	// Since is the version that it came with.
	Since string
}

// Catalogue returns all rules, in the order of their documentation.
func Catalogue() []*Rule { return nil }
