package netsift

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/netsift/netsift/analyze/filter"
	"github.com/netsift/netsift/analyze/trace"
	"github.com/netsift/netsift/rules"
	"github.com/netsift/netsift/rules/policy"
)

// analyze reads a request for analyze.
func (l *line) analyze() *analyzeRequest {
	q := &analyzeRequest{request: l.request(), chosen: l.selection(), expression: l.String("filter")}
	l.openJudged(q.request)
	l.checkNames(q.chosen.filter, q.request)
	if q.origin = saysOrigin(q.form); q.origin {
		q.command = told(l.env.Args, append(l.Args().Slice(), filesOf(l.StringSlice("node"))...))
		if q.hidden != nil {
			q.command = l.redactedCommand(q.hidden.Files())
		}
	}
	return q
}

// redactedCommand returns arguments that say what was done, without names. It keeps only flags whose values name nobody, and
// captures appear under their redacted names.
func (l *line) redactedCommand(files []string) []string {
	args := []string{l.Command.Name, "--redact"}
	for _, flag := range tellable {
		if !l.IsSet(flag) {
			continue
		}
		values := l.StringSlice(flag)
		if values == nil {
			values = []string{fmt.Sprint(l.Value(flag))}
		}
		for _, v := range values {
			args = append(args, "--"+flag, v)
		}
	}
	if l.IsSet("filter") {
		args = append(args, "--filter", policy.Hidden)
	}
	return append(args, files...)
}

// demo reads a request for demo: analyze of captures that are part of the program, by the rules as they are. Files in
// the current directory have no say in it.
func (l *line) demo() *analyzeRequest {
	if l.Args().Present() {
		l.failf("demo takes no file; to analyze one: netsift analyze %s", l.Args().First())
	}
	q := l.result()
	q.in, l.rest = demoInputs(), demoSnapshot()
	l.open(q)
	q.judge = newJudge(l.env, policy.New(), q.hidden, 0, 0)
	q.judge.names, q.judge.known = q.names, q.known
	return &analyzeRequest{request: q, frame: demoFrame}
}

// live reads a request for live.
func (l *line) live() *liveRequest {
	q := &liveRequest{request: l.request(), metrics: l.String("metrics"), evidence: l.String("evidence"), facts: l.String("facts")}
	if q.evidence != "" {
		q.memory = l.size("evidence-memory", 1<<20, 1<<40, "a size of 1MB or more")
	}
	if l.Bool("until-finding") {
		if q.until = l.severity("min-severity"); !l.IsSet("min-severity") {
			q.until = rules.Warning
		}
	}
	q.out.how = growing // events are followed
	q.text.Once = true
	q.in = l.streams()
	if q.facts != "" {
		l.checkFacts(q.facts)
	}
	l.openJudged(q.request)
	return q
}

// checkFacts refuses a file for the facts of a live stream that is the stream itself, or where the result goes.
func (l *line) checkFacts(name string) {
	args := l.Args().Slice()
	if len(args) > 1 {
		l.failf("--facts is for one stream; of several, each node writes its own: netsift live --facts node1.facts FILE")
		return
	}
	for _, arg := range args {
		_, file, named := strings.Cut(arg, "=")
		if overwrites(l.env, name, arg) || named && overwrites(l.env, name, file) {
			l.failf("--facts %s would overwrite the capture; choose another name", name)
		}
	}
	if w := l.String("write"); w != "" && overwrites(l.env, name, w) {
		l.failf("--facts and --write can't go to one file: %s", name)
	}
}

// flows reads a request for flows. Of the policy only the settings of the cluster count, unless a finding is named.
func (l *line) flows() *flowsRequest {
	q := &flowsRequest{
		request: l.request(), chosen: l.selection(), finding: l.String("finding"),
		byStart: l.choice("sort") == "start", limit: l.number("limit", "a number of connections, 0 for all"),
	}
	if q.byService = l.IsSet("by"); q.byService {
		l.choice("by")
		for _, other := range []string{"sort", "limit"} {
			if l.IsSet(other) {
				l.failf("--%s is for single connections, --by adds them up; leave one of them out", other)
			}
		}
	}
	l.openJudged(q.request)
	l.checkNames(q.chosen.filter, q.request)
	return q
}

// selection reads which connections are meant.
func (l *line) selection() *selection {
	return &selection{filter: l.filter(), since: l.moment("since"), until: l.moment("until"), from: math.MinInt64, to: math.MaxInt64}
}

// filter reads the expression that selects.
func (l *line) filter() filter.Filter {
	f, err := filter.Parse(l.String("filter"))
	var wrong *filter.Error
	if errors.As(err, &wrong) {
		err = usagef("--filter, %v", wrong)
	}
	l.fail(err)
	return f
}

// trace reads a request for trace. A policy has no say in a connection that is named.
func (l *line) trace() *traceRequest {
	named := l.String("conn") != ""
	if named && (l.IsSet("client") || l.IsSet("service") || l.IsSet("filter") || l.IsSet("finding")) {
		l.failf("--conn names one connection; leave --client, --service, --filter and --finding out")
	}
	q := &traceRequest{
		request: l.request(), conn: l.String("conn"), finding: l.String("finding"), wanted: trace.Wanted{Client: l.address("client"), Service: l.address("service")},
		filter: l.filter(),
	}
	kind := l.choice("borders")
	q.text.Plain = kind == "plain" || kind == "auto" && !q.out.draws()
	if named {
		l.open(q.request)
	} else {
		l.openJudged(q.request)
	}
	l.checkNames(q.filter, q.request)
	return q
}

// show reads a request for show.
func (l *line) show() *showRequest {
	q := &showRequest{request: l.request(), hex: l.Bool("hex")}
	l.files, q.frames = l.frameArgs()
	if len(q.frames) == 0 && len(l.files) > 0 {
		l.failf("say which frames: netsift show %s 12 15-20", l.files[0])
	}
	l.openJudged(q.request)
	return q
}

// dns reads a request for dns.
func (l *line) dns() *dnsRequest {
	q := &dnsRequest{
		request: l.request(), match: lookupFilter(l.String("name"), l.prefix("client"), l.Bool("wasted")), filter: l.filter(),
	}
	l.open(q.request)
	l.checkNames(q.filter, q.request)
	return q
}

// stats reads a request for stats.
func (l *line) stats() *request {
	q := l.request()
	l.open(q)
	return q
}

// extract reads a request for extract. A policy has no say in a connection that is named.
func (l *line) extract() *extractRequest {
	finding, conn := l.String("finding"), l.String("conn")
	if (finding == "") == (conn == "") {
		l.failf("say what to extract: --finding ID or number, or --conn ID, and one of them only")
	}
	q := &extractRequest{request: &request{out: l.binary("the capture", "evidence.pcapng", "netsift extract ... -w - | tshark -r -"), engine: l.engine()}, finding: finding, conn: conn}
	q.form = "pcapng"
	switch {
	case l.IsSet("format"):
		q.form = l.choice("format")
	case path.Ext(q.out.path) == ".pcap":
		q.form = "pcap"
	}
	if finding != "" {
		q.policy = l.policy()
	}
	l.open(q.request)
	return q
}

// facts reads a request for facts.
func (l *line) facts() *request {
	q := &request{out: l.binary("the facts", "node1.facts", "netsift facts ... -w - | ssh HOST netsift analyze -"), engine: l.engine()}
	l.open(q)
	return q
}

// binary returns where a result goes that is not for reading, such as example; passed shows how it is passed on.
func (l *line) binary(what, example, passed string) *output {
	name := l.String("write")
	switch {
	case name == "":
		l.failf("say where to write %s: -w %s, or -w - to pass it on, as in: %s", what, example, passed)
	case name == "-" && l.env.StdoutTTY:
		l.failf("-w - would write %s to the terminal; pass it on to another program, or write a file: -w %s", what, example)
	case name == "-":
		name = ""
	}
	return l.output(name)
}

// report reads a request for a saved report.
func (l *line) report() *savedRequest {
	q := &savedRequest{analyzeRequest: &analyzeRequest{request: l.result()}, show: l.severity("min-severity")}
	q.fail, q.failUnexplained = l.failOn()
	q.fail = cmp.Or(q.fail, never)
	if l.NArg() != 1 {
		l.failf("give one report that netsift analyze -o json has written: netsift report r.json -o markdown")
		return q
	}
	q.name = l.saved(q.out, 0)
	return q
}

// diff reads a request to compare two saved reports.
func (l *line) diff() *diffRequest {
	q := &diffRequest{request: l.result(), least: l.severity("min-severity")}
	if l.NArg() != 2 {
		l.failf("give two reports that netsift analyze -o json has written: netsift diff before.json after.json")
		return q
	}
	q.before, q.after = l.saved(q.out, 0), l.saved(q.out, 1)
	if q.before == "-" && q.after == "-" {
		l.failf("standard input is one report; the other one must be a file")
	}
	return q
}

// saved returns the name of a saved report, which the result must not overwrite.
func (l *line) saved(to *output, i int) string {
	name := l.Args().Get(i)
	if name != "-" && overwrites(l.env, to.path, name) {
		l.failf("--write %s would overwrite the report; choose another name", to.path)
	}
	return name
}

// rules reads a request for rules.
func (l *line) rules() *rulesRequest {
	q := &rulesRequest{check: l.Bool("check-config"), ids: l.Args().Slice()}
	switch {
	case q.check && l.NArg() > 0:
		l.failf("--check-config takes no rule; name the file with --config %s", q.ids[0])
	case !q.check:
		q.request = l.result()
	}
	q.policy = l.policy()
	return q
}

// script returns the requested completion script.
func (l *line) script() string {
	script, ok := scripts[l.Args().First()]
	if !ok || l.NArg() != 1 {
		l.failf("give the shell: netsift completion bash, zsh or fish")
	}
	return script
}

// manual returns the manual page.
func (l *line) manual() string {
	if l.Args().Present() {
		l.failf("man takes no argument; netsift help %s explains a command", l.Args().First())
	}
	return manual(l.App)
}

// version returns what the program was built from.
func (l *line) version() string {
	if l.Args().Present() {
		l.failf("version takes no argument")
	}
	return BuildText(l.App.Name)
}
