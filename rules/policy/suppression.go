package policy

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/netsift/netsift/rules"
)

// Suppression says that findings are known and accepted.
type Suppression struct {
	// Rule is a rule's id, a pattern of ids, or the id of one finding.
	Rule string
	// Reason is required: there is no suppression without one.
	Reason string
	// Until is the end of the last day on which it holds, in nanoseconds since 1970-01-01 UTC; 0 for ever. It is compared
	// with the time of the finding, not with the present: the same capture gives the same report on any day.
	Until int64
	// Line is its line in the file.
	Line int

	place place
}

// matchesRule reports whether it is about findings of this rule and with this id.
func (s *Suppression) matchesRule(f *rules.Finding) bool {
	if strings.Contains(s.Rule, ":") {
		return f.Is(s.Rule)
	}
	return matches(s.Rule, f.Rule)
}

var suppressionKeys = []string{"rule", "client", "service", "backend", "server", "name", "reason", "until"}

func (r *reader) suppressions(n *yaml.Node, known []string) []Suppression {
	var list []Suppression
	for _, item := range r.sequence(n, "suppress") {
		if s, ok := r.suppression(item, known); ok {
			list = append(list, s)
		}
	}
	return list
}

func (r *reader) suppression(n *yaml.Node, known []string) (Suppression, bool) {
	s := Suppression{Line: n.Line}
	before := len(r.List)
	has := map[string]bool{}
	for _, f := range r.mapping(n, "a suppression", suppressionKeys) {
		has[f.name] = true
		text, ok := r.text(f.value, f.name)
		if !ok {
			continue
		}
		var err error
		switch f.name {
		case "rule":
			s.Rule = strings.ToLower(text)
			slug, _, _ := strings.Cut(s.Rule, ":")
			err = checkPattern(slug, known)
		case "reason":
			s.Reason = strings.Join(strings.Fields(text), " ")
		case "until":
			s.Until, err = parseDay(text)
		case "client":
			if s.place.client, err = parseAddresses(text); err == nil && s.place.client.port != 0 {
				err = fmt.Errorf("%q: findings don't tell clients by their ports; leave the port away", text)
			}
		case "service":
			s.place.service, err = parseAddresses(text)
		case "backend":
			s.place.backend, err = parseAddresses(text)
		case "server":
			s.place.server, err = parseAddresses(text)
		case "name":
			s.place.name, err = parseName(text)
		}
		if err != nil {
			r.at(f.value, "%s: %v", f.name, err)
		}
	}
	if n.Kind != yaml.MappingNode {
		if len(r.List) == before {
			r.at(n, "this suppression is empty; give it a rule and a reason, or remove it")
		}
		return s, false
	}
	if !has["rule"] {
		r.at(n, "this suppression has no rule; say which findings it is about, as in rule: cni-mtu-overrun")
	}
	if !has["reason"] {
		r.at(n, "this suppression has no reason; say why the finding is accepted, for whoever reads the report")
	}
	return s, len(r.List) == before
}

// parseDay returns the end of a day.
func parseDay(text string) (int64, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1970 || day.Year() > 2200 {
		return 0, fmt.Errorf("%q is no date: write the last day on which it holds as 2026-12-31", text)
	}
	return day.AddDate(0, 0, 1).UnixNano() - 1, nil
}
