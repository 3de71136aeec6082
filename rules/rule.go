package rules

// Rule is a finding class: its documentation, as data, and its judgement.
type Rule struct {
	// ID is the slug that never changes: "cni-mtu-blackhole".
	ID       string
	Layer    Layer
	Severity Severity
	// Title is one line. Text explains it in a few sentences. Needs is the positive evidence without which there is no finding.
	Title, Text, Needs string
	// Explains lists the rules whose findings about the same connections or lookups it takes the place of.
	Explains []string
	// ToldFrom lists look-alikes and the difference of each: "tcp-loss: ...".
	ToldFrom []string
	// NextSteps are the things to do, in order.
	NextSteps []string
	// Sources are the RFCs, kernel files and Kubernetes issues that it rests on.
	Sources []string
	// Since is the first version that has it.
	Since string

	judge func(*Rule, *scene) []Finding
}

// Catalogue returns all rules, in the order of their documentation.
func Catalogue() []*Rule { return catalogue }

// Find returns the rule with the given id, or nil.
func Find(id string) *Rule {
	for _, r := range catalogue {
		if r.ID == id {
			return r
		}
	}
	return nil
}
