package policy

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/netsift/netsift/rules"
)

// Policy holds a user's choices about the rules. The zero value has none, and no thresholds; New has the usual ones.
type Policy struct {
	// File is the file that it comes from, "" for none.
	File string
	// Select says which rules are on; Severity has other severities than the rules' own, Off those that are turned off.
	Select   Selection
	Severity map[string]rules.Severity
	Off      map[string]bool
	// MinSeverity and FailOn are those of the file, 0 if it has none.
	MinSeverity, FailOn rules.Severity
	Limits              Limits
	Suppressions        []Suppression
	Rules               []*UserRule

	// flag is set if Select was given with the call; then it overrides Off.
	flag bool
}

// New returns the policy that is in force without a file.
func New() *Policy {
	return &Policy{Limits: defaultLimits()}
}

// MaxFile is how large a policy file may be, in bytes.
const MaxFile = 256 << 10

var severities = map[string]rules.Severity{"info": rules.Info, "warning": rules.Warning, "critical": rules.Critical}

var fileKeys = []string{"select", "min_severity", "fail_on", "severity", "thresholds", "suppress", "rules"}

// Parse reads a policy file's text. The error is a *Problems with all mistakes.
func Parse(name string, text []byte) (*Policy, error) {
	r := &reader{Problems: Problems{File: name}}
	if len(text) > MaxFile {
		r.add(0, 0, "has more than %d KiB; is it a policy file?", MaxFile>>10)
		return nil, r.err()
	}
	if at := invalid(text); at >= 0 {
		r.add(1+strings.Count(string(text[:at]), "\n"), 1, "is no text at byte %d (it must be UTF-8 without control characters); is it a policy file?", at)
		return nil, r.err()
	}
	r.lines = strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	p := New()
	p.File = name
	if root := r.parse(text); root != nil {
		r.policy(p, root)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return p, nil
}

// invalid returns the first byte that belongs to no character, or to one that no text has; -1 without one.
func invalid(text []byte) int {
	for i := 0; i < len(text); {
		c, n := utf8.DecodeRune(text[i:])
		if c == utf8.RuneError && n == 1 || c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return i
		}
		i += n
	}
	return -1
}

// parse returns the tree of a file, nil if it is empty.
func (r *reader) parse(text []byte) *yaml.Node {
	var doc yaml.Node
	err := yaml.Load(text, &doc)
	if err == nil {
		if len(doc.Content) == 0 || isNull(doc.Content[0]) {
			return nil
		}
		return doc.Content[0]
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.Contains(message, "no documents in stream") {
		return nil
	}
	if strings.Contains(message, "found multiple") {
		// Only the last can be told from the text without reading it.
		line := len(r.lines)
		for line > 1 && !strings.HasPrefix(r.lines[line-1], "---") {
			line--
		}
		r.add(line, 1, "holds several documents; put all into one, without --- between")
		return nil
	}
	line, column := 0, 0
	var at *yaml.LoadError
	if errors.As(err, &at) {
		message, line, column = at.Message, at.Mark.Line, at.Mark.Column
		if at.ContextMsg != "" {
			message += " " + at.ContextMsg
		}
	}
	r.add(line, column, "%s (this is no YAML; are the indentation and the quotes right?)", message)
	return nil
}

func (r *reader) policy(p *Policy, root *yaml.Node) {
	fields := map[string]*yaml.Node{}
	for _, f := range r.mapping(root, "the file", fileKeys) {
		fields[f.name] = f.value
	}
	if v := fields["rules"]; v != nil {
		p.Rules = r.userRules(v)
	}
	known := p.ids()
	if v := fields["rules"]; v != nil { // a rule that can't be used is known all the same
		known = append(known, r.ids(v)...)
	}
	if v := fields["select"]; v != nil {
		p.Select = r.selection(v, known)
	}
	if v := fields["min_severity"]; v != nil {
		s, _ := r.oneOf(v, "min_severity", "info", "warning", "critical")
		p.MinSeverity = severities[s]
	}
	if v := fields["fail_on"]; v != nil {
		s, _ := r.oneOf(v, "fail_on", "info", "warning", "critical")
		p.FailOn = severities[s]
	}
	if v := fields["severity"]; v != nil {
		r.severities(p, v, known)
	}
	if v := fields["thresholds"]; v != nil {
		r.thresholds(p, v)
	}
	if v := fields["suppress"]; v != nil {
		p.Suppressions = r.suppressions(v, known)
	}
}

// ids returns the ids of all rules.
func (p *Policy) ids() []string {
	var list []string
	for _, r := range rules.Catalogue() {
		list = append(list, r.ID)
	}
	for _, u := range p.Rules {
		list = append(list, u.Rule.ID)
	}
	return list
}

// ids returns the ids in a list of rules, and ignores everything else in it.
func (r *reader) ids(n *yaml.Node) []string {
	var list []string
	for _, item := range n.Content {
		for i := 0; i+1 < len(item.Content) && item.Kind == yaml.MappingNode; i += 2 {
			if item.Content[i].Value == "id" {
				list = append(list, item.Content[i+1].Value)
			}
		}
	}
	return list
}

// selection reads a text like --rules has it, or a list of its parts.
func (r *reader) selection(n *yaml.Node, known []string) Selection {
	var s Selection
	for _, item := range r.texts(n, "select") {
		one, err := ParseSelection(item.Value, known)
		if err != nil {
			r.at(item, "select: %v", err)
		}
		s.terms = append(s.terms, one.terms...)
	}
	return s
}

func (r *reader) severities(p *Policy, n *yaml.Node, known []string) {
	p.Severity, p.Off = map[string]rules.Severity{}, map[string]bool{}
	for _, f := range r.mapping(n, "severity", nil) {
		id := f.key.Value
		if !slices.Contains(known, id) {
			r.at(f.key, "unknown rule %q%s (netsift rules lists them)", id, suggest(id, known))
			continue
		}
		switch s, _ := r.oneOf(f.value, "severity of "+id, "off", "info", "warning", "critical"); s {
		case "":
		case "off":
			p.Off[id] = true
		default:
			p.Severity[id] = severities[s]
		}
	}
}

func (r *reader) thresholds(p *Policy, n *yaml.Node) {
	lines := map[string]*yaml.Node{}
	for _, f := range r.mapping(n, "thresholds", thresholdNames()) {
		lines[f.name] = f.value
		text, ok := r.text(f.value, f.name)
		if !ok {
			continue
		}
		i := slices.IndexFunc(thresholds, func(t Threshold) bool { return t.Name == f.name })
		if err := thresholds[i].value.set(&p.Limits, strings.TrimSpace(text)); err != nil {
			r.at(f.value, "%s %q: %v", f.name, text, err)
		}
	}
	if t := &p.Limits.NodePorts; t.First > t.Last {
		at := lines["node_port_first"]
		if at == nil {
			at = lines["node_port_last"]
		}
		r.at(at, "node_port_first %d comes after node_port_last %d; set both", t.First, t.Last)
	}
}
