package netsift

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/cluster"
	"github.com/netsift/netsift/analyze/snapshot"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/cmd/internal/report"
	"github.com/netsift/netsift/cmd/internal/report/text"
	"github.com/netsift/netsift/rules/policy"
)

// request is what a command line asks for. It is read once, and a verb sees no flag. A verb that can be asked for more has a request of
// its own around this one.
type request struct {
	// in are the captures, and engine says how they are read; a verb adds what it wants to see of them.
	in     []analyze.Input
	engine analyze.Config
	// before is what the captures' files looked like when they were opened.
	before looks
	// form is that of the result, text says how it looks as text, and out takes it.
	form string
	text text.Options
	out  *output
	// hidden replaces names and addresses, nil where the result shows things as they are.
	hidden *redact.Redaction
	// names tells which objects of the cluster addresses belong to, as they are shown, nil without a snapshot. known are the same as they
	// are, not redacted.
	names, known *snapshot.Names
	// judge is nil for verbs that judge nothing.
	judge *judge
}

// A command line is read in this order: the values of flags, the files that it names, the secret of a redaction. So no file is opened
// for a line that is wrong, and no secret is made for captures that are not there.

// request reads the flags of all verbs that make a result of captures, in one of these forms.
func (l *line) request() *request {
	q := l.result()
	q.engine = l.engine()
	return q
}

// result reads what form the result takes, where it goes and how text looks there.
func (l *line) result() *request {
	q := &request{form: l.choice("output"), out: l.output(l.String("write"))}
	q.text = text.Options{
		Color: q.out.colours(l.choice("color")), Width: l.number("width", "the number of columns"), Redacted: l.redacts(),
		Long: l.Bool("verbose"),
	}
	if q.text.Width == 0 && q.out.terminal() {
		q.text.Width = l.env.Width
	}
	return q
}

// output returns where the result goes: to a file, or to standard output where it has no name. A result that nobody gets is no success, unless there
// is something else to have of the run.
func (l *line) output(file string) *output {
	if file == "" && l.env.StdoutClosed && !slices.ContainsFunc([]string{"fail-on", "evidence", "metrics"}, l.IsSet) {
		l.fail(&exitError{ExitFailed, "standard output is closed; write the result to a file (-w FILE), throw it away (> /dev/null), or ask for the exit code alone (--fail-on)"})
	}
	return newOutput(l.env, file)
}

// memory reads how much memory an analysis may take. It follows the control group's limit.
func (l *line) memory() int64 {
	n := l.size("max-memory", minMemory, math.MaxInt64, "a size of 128MB or more, such as 512MB or 4GB")
	most := l.env.Limits.memory
	if n <= most-outside {
		return n
	}
	if l.IsSet("max-memory") {
		l.fail(&exitError{ExitFailed, fmt.Sprintf("--max-memory %s: the control group allows %d MB, of which analysis may take %d MB",
			l.String("max-memory"), most>>20, (most-outside)>>20)})
	}
	return most - outside
}

// engine reads how captures are to be read.
func (l *line) engine() analyze.Config {
	return analyze.Config{
		Jobs:      l.number("jobs", "0 or more"),
		MaxMemory: l.memory(),
		Ports:     l.tunnelPorts(),
	}
}

// open opens what the line names: the captures, unless the request has them already, the lists of interfaces, and the secret.
func (l *line) open(q *request) {
	if l.err == nil && q.in == nil {
		q.in = l.inputs(q.out.path)
	}
	if l.err == nil {
		q.before = lookAt(l.env, q.in)
		q.engine.Links = l.links()
	}
	if l.err == nil {
		q.hidden = l.redaction(q.in)
	}
	if l.err == nil {
		l.snapshot(q)
	}
}

// openJudged is open for a verb that judges, as flags and a policy have it.
func (l *line) openJudged(q *request) {
	show := l.severity("min-severity")
	fail, unexplained := l.failOn()
	p := l.policyFor(q)
	if l.open(q); l.err == nil {
		q.judge = newJudge(l.env, p, q.hidden, show, fail)
		q.judge.failUnexplained, q.judge.names, q.judge.known = unexplained, q.names, q.known
	}
}

// inputs returns the captures that the line names: its arguments, and the files of --node that are not among them.
func (l *line) inputs(write string) []analyze.Input {
	nodes := map[string]string{}
	files := l.files
	if files == nil {
		files = l.Args().Slice()
	}
	var labelled []string // the files of --node, which may lie in a bundle
	for _, v := range l.StringSlice("node") {
		node, list, ok := strings.Cut(v, "=")
		if !ok || node == "" || list == "" {
			l.failf("--node %q: write it as --node NAME=a.pcap,b.pcap", v)
		}
		for f := range strings.SplitSeq(list, ",") {
			if other, ok := nodes[f]; ok && other != node {
				l.failf("--node: %s can't be of both %s and %s", f, other, node)
			}
			nodes[f] = node
			if !slices.Contains(files, f) {
				labelled = append(labelled, f)
			}
		}
	}
	if len(files)+len(labelled) == 0 {
		l.failf("no capture given; try: netsift %s node1.pcap node2.pcap, or: tcpdump -i any -s 256 -w - | netsift %[1]s -", l.Command.Name)
	}
	if l.err != nil {
		return nil
	}
	var list []analyze.Input
	has := func(name string) bool {
		return slices.ContainsFunc(list, func(in analyze.Input) bool { return in.Name == name })
	}
	for i, f := range slices.Concat(files, labelled) {
		if i >= len(files) && has(f) {
			continue
		}
		if slices.Contains(files[:min(i, len(files))], f) {
			l.failf("%s is given twice", f)
		}
		if f != "-" && overwrites(l.env, write, f) {
			l.failf("--write %s would overwrite the capture; choose another name", write)
		}
		if f == "-" {
			list = append(list, input(l.env, f))
			continue
		}
		for _, in := range l.named(f) {
			if l.isDirectory(f) && overwrites(l.env, write, in.Name) {
				l.failf("--write %s would overwrite the capture; choose another name", write)
			}
			list = append(list, in)
		}
	}
	for i := range list {
		list[i].Node = nodes[list[i].Name]
	}
	return list
}

// isDirectory reports whether a name is that of a directory.
func (l *line) isDirectory(name string) bool {
	info, err := l.env.Stat(name)
	return err == nil && info.IsDir()
}

// named returns the captures that a name stands for: one, or those of a bundle.
func (l *line) named(name string) []analyze.Input {
	b, err := l.bundle(name)
	if b == nil && err == nil {
		return []analyze.Input{input(l.env, name)}
	}
	if err == nil && len(b.captures) == 0 {
		err = errors.New("no capture in it; let this run while it fails, and stop it with Ctrl-C: tcpdump -i any -s 256 -w node1.pcap")
	}
	if err != nil {
		return []analyze.Input{{Name: name, Open: func() (io.ReadCloser, error) { return nil, err }}}
	}
	for _, remark := range b.remarks {
		fmt.Fprintf(l.env.Stderr, "netsift: %s: %s\n", report.Clean(name), report.Clean(remark))
	}
	l.rest = append(l.rest, b.rest...)
	return b.captures
}

// links reads the files of --links.
func (l *line) links() map[string][]cluster.Link {
	list := map[string][]cluster.Link{}
	for _, v := range l.StringSlice("links") {
		node, name, ok := strings.Cut(v, "=")
		if !ok || node == "" || name == "" {
			l.failf("--links %q: write it as --links NODE=FILE", v)
			return nil
		}
		if _, ok := list[node]; ok {
			l.failf("--links: %s is given twice", node)
			return nil
		}
		var err error
		if list[node], err = readLinks(l.env, name); err != nil {
			l.failf("--links %s: %v", name, err)
			return nil
		}
	}
	return list
}

// policy reads the policy that flags make, and the file that they name or that lies in the current directory.
func (l *line) policy() *policy.Policy {
	if l.err != nil {
		return nil
	}
	p, err := readPolicy(l.env, l.String("config"), l.IsSet("config"))
	if err == nil && l.IsSet("rules") {
		if p, err = p.WithSelection(l.String("rules")); err != nil {
			err = usagef("--rules: %v", err)
		}
	}
	l.fail(err)
	return p
}

// policyFor reads the policy, and has the captures read with its settings of the cluster.
func (l *line) policyFor(q *request) *policy.Policy {
	p := l.policy()
	if p != nil {
		q.engine.NodePorts = p.Limits.NodePorts
	}
	return p
}

// redacts reports whether the line asks for a redacted result.
func (l *line) redacts() bool { return l.Bool("redact") || l.IsSet("redact-key") }

// redaction returns what replaces names and addresses in the result of these captures, nil where nothing is to.
func (l *line) redaction(in []analyze.Input) *redact.Redaction {
	if !l.redacts() {
		return nil
	}
	var key *redact.Key
	var err error
	if l.IsSet("redact-key") {
		key, err = readRedactionKey(l.env, l.String("redact-key"))
	} else {
		key, err = newRedactionKey(l.env)
	}
	if err != nil {
		l.fail(err)
		return nil
	}
	return redactionOf(key, in)
}
