package policy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"go.yaml.in/yaml/v4"

	"github.com/netsift/netsift/rules"
)

// The values of UserRule.Over.
const (
	overConnections = "connections"
	overLookups     = "lookups"
	overFindings    = "findings"
)

// UserRule is a rule of the user's own.
type UserRule struct {
	// Rule is its documentation, as that of the catalogue's rules.
	Rule rules.Rule
	// Over is connections, lookups or findings; When the condition as it is written, Line its line in the file.
	Over, When string
	Line       int
	// AtLeast is how often it must have been met for a finding.
	AtLeast uint64
	// GroupBy lists the fields that tell one finding of it from another.
	GroupBy []string

	when        program
	title, text template
	steps       []template
}

// maxUserRules bounds the cost of each connection.
const maxUserRules = 100

var userRuleKeys = []string{"id", "over", "when", "severity", "layer", "title", "explanation", "next_steps", "group_by", "at_least"}

// groups are the fields by which findings can be told apart.
var groups = map[string][]string{
	overConnections: {"client", "service", "backend"},
	overLookups:     {"client", "server", "backend", "name"},
	overFindings:    {"client", "service", "backend", "server", "name"},
}

// userID is the form of a user rule's id.
var userID = regexp.MustCompile(`^user-[a-z0-9]+(-[a-z0-9]+)*$`)

func (r *reader) userRules(n *yaml.Node) []*UserRule {
	var list []*UserRule
	lines := map[string]int{}
	for _, item := range r.sequence(n, "rules") {
		u, ok := r.userRule(item)
		if id := u.Rule.ID; id != "" {
			if line, again := lines[id]; again {
				r.at(item, "rule %s stands here a second time, first in line %d; give it another id", id, line)
			}
			lines[id] = item.Line
		}
		if ok {
			list = append(list, u)
		}
		if len(lines) > maxUserRules {
			r.at(item, "more than %d rules; join some with or", maxUserRules)
			break
		}
	}
	return list
}

// userRule reads a rule. The result has its id even if it can't be used.
func (r *reader) userRule(n *yaml.Node) (*UserRule, bool) {
	before := len(r.List)
	u := &UserRule{Line: n.Line, AtLeast: 1}
	fields := map[string]*yaml.Node{}
	for _, f := range r.mapping(n, "a rule", userRuleKeys) {
		fields[f.name] = f.value
	}
	if n.Kind != yaml.MappingNode {
		if len(r.List) == before {
			r.at(n, "this rule is empty; give it an id, over, when, severity, layer and title, or remove it")
		}
		return u, false
	}
	needed := []string{"id", "over", "when", "severity", "layer", "title"}
	missing := slices.DeleteFunc(slices.Clone(needed), func(key string) bool { return fields[key] != nil })
	if len(missing) > 0 {
		r.at(n, "this rule has no %s; every rule needs %s", strings.Join(missing, ", "), strings.Join(needed, ", "))
	}
	r.identity(u, fields)
	if v := fields["over"]; v != nil {
		u.Over, _ = r.oneOf(v, "over", overConnections, overLookups, overFindings)
	}
	if v := fields["at_least"]; v != nil {
		u.AtLeast = r.atLeast(v)
	}
	if u.Over == "" {
		return u, false // the names in expressions depend on it
	}
	if v := fields["when"]; v != nil {
		if text, ok := r.text(v, "when"); ok {
			u.When = text
			u.when, _ = r.compile(v, text, 0, u.Over, expr.AsBool())
		}
	}
	r.words(u, fields)
	return u, len(r.List) == before
}

func (r *reader) identity(u *UserRule, fields map[string]*yaml.Node) {
	if v := fields["id"]; v != nil {
		if id, ok := r.text(v, "id"); ok {
			switch {
			case rules.Find(id) != nil:
				r.at(v, "%s is a rule of netsift's own; change its severity under severity, and begin a rule of yours with user-", id)
			case !userID.MatchString(id):
				r.at(v, "id %q: the id of a rule of yours begins with user- and goes on with lower-case words and hyphens, as user-slow-handshake", id)
			default:
				u.Rule.ID = id
			}
		}
	}
	if v := fields["severity"]; v != nil {
		if s, ok := r.oneOf(v, "severity", "info", "warning", "critical"); ok {
			u.Rule.Severity = severities[s]
		}
	}
	if v := fields["layer"]; v != nil {
		s, _ := r.oneOf(v, "layer", "dns", "service", "cni", "app", "capture")
		u.Rule.Layer = rules.Layer(s)
	}
}

func (r *reader) words(u *UserRule, fields map[string]*yaml.Node) {
	if v := fields["title"]; v != nil {
		u.title, _ = r.template(v, "title", u.Over)
		u.Rule.Title = strings.Join(strings.Fields(v.Value), " ")
	}
	if v := fields["explanation"]; v != nil {
		u.text, _ = r.template(v, "explanation", u.Over)
		u.Rule.Text = strings.Join(strings.Fields(v.Value), " ")
	}
	if v := fields["next_steps"]; v != nil {
		for _, item := range r.texts(v, "next_steps") {
			t, _ := r.template(item, "a next step", u.Over)
			u.steps = append(u.steps, t)
			u.Rule.NextSteps = append(u.Rule.NextSteps, item.Value)
		}
	}
	u.Rule.Needs = u.Over + " for which this holds: " + strings.Join(strings.Fields(u.When), " ")
	u.GroupBy = []string{"service"}
	if u.Over != overConnections {
		u.GroupBy = nil
	}
	if v := fields["group_by"]; v != nil {
		u.GroupBy = nil
		for _, item := range r.texts(v, "group_by") {
			if item.Value == "nothing" {
				continue
			}
			if !slices.Contains(groups[u.Over], item.Value) {
				r.at(item, "group_by %q: a rule over %s has one finding for each %s, or together for nothing", item.Value, u.Over, strings.Join(groups[u.Over], ", "))
				continue
			}
			u.GroupBy = append(u.GroupBy, item.Value)
		}
	}
}

func (r *reader) atLeast(n *yaml.Node) uint64 {
	s, ok := r.text(n, "at_least")
	if !ok {
		return 1
	}
	v, err := strconv.ParseUint(s, 10, 32)
	if err != nil || v == 0 {
		r.at(n, "at_least %q: give a number from 1 on", s)
		return 1
	}
	return v
}
