// Package netsift_test holds the rules of the house: which package may know which, where the outside world is touched, and
// what needs a comment. They are tests, so that nobody has to remember them.
package netsift_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/netsift/netsift"

// source is one parsed Go file. Dir is its folder relative to the module, with slashes.
type source struct {
	path string
	dir  string
	test bool
	file *ast.File
}

func (s *source) complain(at token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", s.path, fset.Position(at).Line, fmt.Sprintf(format, args...))
}

// fset is of all files: those of a package are looked at together.
var fset = token.NewFileSet()

func parse(t *testing.T, name string, text []byte) *source {
	t.Helper()
	f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return &source{path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), file: f}
}

// sources parses every Go file of the module, regardless of build constraints.
func sources(t *testing.T) []*source {
	t.Helper()
	var all []*source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != "." && (base == "testdata" || base[0] == '.' || base[0] == '_') {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		all = append(all, parse(t, filepath.ToSlash(name), text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("found only %d Go files: not run in the module's root?", len(all))
	}
	return all
}

// checks are the rules that look at one file.
var checks = []struct {
	name  string
	check func(*source) []string
}{
	{"imports", checkImports},
	{"outside world", checkWorld},
	{"unsafe", checkUnsafe},
	{"goroutines", checkGoroutines},
	{"documentation", checkDocumentation},
	{"names", checkNames},
}

// packageChecks are the rules that look at files beside each other.
var packageChecks = []struct {
	name  string
	check func([]*source) []string
}{
	{"package comments", checkPackageComments},
	{"rules' files", checkRuleFiles},
}

func TestHouse(t *testing.T) {
	all := sources(t)
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			for _, s := range all {
				for _, complaint := range c.check(s) {
					t.Error(complaint)
				}
			}
		})
	}
	for _, c := range packageChecks {
		t.Run(c.name, func(t *testing.T) {
			for _, complaint := range c.check(all) {
				t.Error(complaint)
			}
		})
	}
}

// inside reports whether the folder dir is one of roots or below one.
func inside(dir string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return dir == root || strings.HasPrefix(dir, root+"/")
	})
}

// ours lists, for the folders that are bound to few packages of this module, which ones. A folder that is not here may
// import any package that makes no cycle. Tests may import more: they compare.
var ours = []struct {
	dir     string
	allowed []string
	why     string
}{
	{"decode/capture", []string{"decode/terse"}, "reading files knows nothing of packets, but for the coding of facts files"},
	{"decode/terse", []string{"decode/wire"}, "coding knows headers, and not what they mean"},
	{"decode/wire", nil, "header views stand alone"},
	{"decode", []string{"decode"}, "decoding knows nothing of connections"},
	{"analyze/fact", []string{"decode"}, "facts are plain values"},
	{"analyze/kube", nil, "the vocabulary of Kubernetes stands alone"},
	{"analyze/cluster", []string{"decode", "analyze/fact", "analyze/kube"}, "what the cluster is follows from facts, and packets are not asked"},
	{
		"analyze/life",
		[]string{"decode", "analyze/fact", "analyze/sight", "analyze/prefetch"},
		"a life is followed from its own packets, and whose they are is for join to say",
	},
	{
		"analyze/join",
		[]string{"decode", "analyze/fact", "analyze/life", "analyze/sight", "analyze/slab", "analyze/prefetch"},
		"join tells what it sees and asks nobody what the cluster is",
	},
	{"analyze", []string{"decode", "analyze"}, "analysis states facts and judges nothing"},
	{"rules/policy", []string{"analyze/fact", "analyze/kube", "rules", "rules/spelling"}, "a policy is about rules and facts and sees nothing else"},
	{"rules", []string{"analyze/fact", "analyze/kube", "rules/spelling"}, "rules judge facts and see nothing else"},
	{
		"cmd/internal/report",
		[]string{"decode", "analyze/fact", "analyze/kube", "rules", "rules/policy", "cmd/internal/report", "cmd/internal/dissect"},
		"a report shows facts and findings, and looks nothing up",
	},
	{"cmd/internal/redact", []string{"decode", "analyze/fact", "analyze/kube", "analyze/snapshot", "analyze/snapshot/dump", "rules"}, "facts, snapshots and frames are redacted, and nobody is asked what they mean"},
	{"cmd/internal/dissect", []string{"decode"}, "a frame is taken apart by its bytes alone"},
	// corpus/score, corpus/lab and the tests of corpus/traffic run the engine.
	{"corpus/build", nil, "captures are built without what reads them, whose mistakes they would repeat"},
	{"corpus/cases", []string{"analyze/fact", "corpus/build", "rules"}, "a case says what happens and what is to be found; corpus/score runs the engine"},
}

// foreign lists modules with places of their own: folders, or single files.
var foreign = []struct {
	prefix string
	places []string
	why    string
}{
	{"github.com/google/gopacket", []string{"corpus", "cmd/internal/dissect"}, "it builds packets, is an oracle for tests, and takes frames apart for people; it is too slow to read with"},
	{"github.com/charmbracelet/", []string{"cmd"}, "only the program writes to a terminal"},
	{"charm.land/", []string{"cmd"}, "only the program writes to a terminal"},
	{"github.com/urfave/cli", commandLine, "a command line is read once, and a verb sees no flags"},
	{"k8s.io/client-go", plugin, "netsift itself asks no cluster"},
	{"k8s.io/cli-runtime", plugin, "netsift itself asks no cluster"},
	{"k8s.io/api/", plugin, "netsift itself asks no cluster"},
	{"github.com/spf13/", plugin, "only kubectl's plugin has kubectl's flags"},
	{module + "/cmd/internal/plugin", plugin, "what has the plugin in it has client-go in it"},
	{"github.com/expr-lang/expr", []string{"rules/policy"}, "only users' rules are expressions"},
	{"go.yaml.in/yaml", []string{"rules/policy", "analyze/snapshot"}, "only a policy and the objects of Kubernetes are written in YAML"},
}

// plugin is kubectl netsift.
var plugin = []string{"cmd/internal/plugin", "cmd/kubectl-netsift"}

// commandLine are the files that describe the command line and take it apart.
var commandLine = []string{
	"cmd/internal/netsift/app.go", "cmd/internal/netsift/args.go", "cmd/internal/netsift/commands.go", "cmd/internal/netsift/completion.go", "cmd/internal/netsift/flags.go",
	"cmd/internal/netsift/help.go", "cmd/internal/netsift/line.go", "cmd/internal/netsift/man.go",
}

func checkImports(s *source) (complaints []string) {
	for _, spec := range s.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if dir, mine := strings.CutPrefix(name, module+"/"); mine && !s.test {
			for _, o := range ours {
				if !inside(s.dir, o.dir) {
					continue
				}
				if dir != s.dir && !slices.ContainsFunc(o.allowed, func(a string) bool {
					// rules may import analyze/fact and nothing below analyze besides: only a whole tree is named by its root.
					return dir == a || (a == "decode" || a == "analyze") && inside(dir, a)
				}) {
					complaints = append(complaints, s.complain(spec.Pos(), "%s imports %s: %s", s.dir, dir, o.why))
				}
				break // the first line that names the folder decides
			}
			if inside(dir, "corpus") && !inside(s.dir, "corpus", "cmd") {
				complaints = append(complaints, s.complain(spec.Pos(), "%s imports %s: the corpus is for tests", s.dir, dir))
			}
		}
		for _, f := range foreign {
			if strings.HasPrefix(name, f.prefix) && !inside(s.path, f.places...) && !s.test {
				complaints = append(complaints, s.complain(spec.Pos(), "%s imports %s: %s", s.dir, name, f.why))
			}
		}
	}
	return complaints
}

// worldly are the folders that may touch the outside: the program, the lab, which takes captures from a running kernel, and what makes releases.
var worldly = []string{"cmd", "corpus/lab", "corpus/traffic/gen", "tools"}

// daring are the folders that may use unsafe: state outside of the collected heap, and its prefetching; analyze asks how large values are.
var daring = []string{"analyze", "analyze/prefetch", "analyze/slab", "analyze/sight", "analyze/life", "analyze/join"}

// closed are packages that only those may import, clocks the functions of package time that depend on the present.
var (
	closed = []string{"os", "os/exec", "os/signal", "os/user", "syscall", "log", "log/slog", "flag", "net", "net/http", "plugin"}
	clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}
)

func checkUnsafe(s *source) (complaints []string) {
	if s.test || slices.Contains(daring, s.dir) {
		return nil
	}
	for _, spec := range s.file.Imports {
		if spec.Path.Value == `"unsafe"` {
			complaints = append(complaints, s.complain(spec.Pos(), "only %s may import unsafe", strings.Join(daring, ", ")))
		}
	}
	return complaints
}

func checkWorld(s *source) (complaints []string) {
	if s.test || inside(s.dir, worldly...) {
		return nil
	}
	local := map[string]string{} // import paths by their name in this file
	for _, spec := range s.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if name == "syscall" && s.dir == "analyze/slab" { // it asks the system for memory only
			continue
		}
		if slices.Contains(closed, name) || strings.HasPrefix(name, "golang.org/x/sys/") {
			complaints = append(complaints, s.complain(spec.Pos(), "only %s may import %s", strings.Join(worldly, " and "), name))
		}
		called := path.Base(name)
		if spec.Name != nil {
			called = spec.Name.Name
		}
		if called == "." && (name == "time" || name == "fmt") {
			complaints = append(complaints, s.complain(spec.Pos(), "import . %q hides what is used of it", name))
		}
		local[called] = name
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr: // any use, also as a value: now := time.Now
			x, ok := n.X.(*ast.Ident)
			if !ok {
				break
			}
			switch name := n.Sel.Name; {
			case local[x.Name] == "time" && slices.Contains(clocks, name):
				complaints = append(complaints, s.complain(n.Pos(), "time.%s: time is that of the capture, the present is for cmd", name))
			case local[x.Name] == "fmt" && (strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Scan")):
				complaints = append(complaints, s.complain(n.Pos(), "fmt.%s: only cmd has a terminal", name))
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
				complaints = append(complaints, s.complain(n.Pos(), "%s: only cmd has a terminal", f.Name))
			}
		}
		return true
	})
	return complaints
}

func checkGoroutines(s *source) (complaints []string) {
	if s.test || s.dir == "analyze" || s.dir == "decode/capture" || inside(s.dir, worldly...) {
		return nil
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			complaints = append(complaints, s.complain(g.Pos(), "a goroutine in %s: they belong to analyze, decode/capture (decompression) and cmd", s.dir))
		}
		return true
	})
	return complaints
}

func checkDocumentation(s *source) (complaints []string) {
	if s.test {
		return nil
	}
	undocumented := func(name *ast.Ident) {
		complaints = append(complaints, s.complain(name.Pos(), "%s has no doc comment", name.Name))
	}
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && !documented(d.Doc) && exportedReceiver(d) {
				undocumented(d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					// type ( ... ) groups are not documented as a whole.
					if spec.Name.IsExported() && !documented(spec.Doc) && (d.Lparen.IsValid() || !documented(d.Doc)) {
						undocumented(spec.Name)
					}
				case *ast.ValueSpec:
					// One comment may stand for a group of constants; of a group without one, each wants its own.
					for _, name := range spec.Names {
						if name.IsExported() && !documented(d.Doc) && !documented(spec.Doc) && !documented(spec.Comment) {
							undocumented(name)
						}
					}
				}
			}
		}
	}
	return complaints
}

// documented reports whether a comment says something to readers; directives like //go:embed don't.
func documented(c *ast.CommentGroup) bool { return c != nil && strings.TrimSpace(c.Text()) != "" }

// exportedReceiver reports whether d is a function, or a method that a reader of the package's documentation sees.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	for {
		switch y := x.(type) {
		case *ast.StarExpr:
			x = y.X
		case *ast.IndexExpr:
			x = y.X
		case *ast.IndexListExpr:
			x = y.X
		case *ast.Ident:
			return y.IsExported()
		default:
			return false
		}
	}
}

// vague are names that attract code without another place.
var vague = []string{"util", "utils", "common", "helper", "helpers", "manager", "misc", "shared", "base", "stuff"}

func checkNames(s *source) (complaints []string) {
	for _, part := range strings.Split(strings.TrimSuffix(s.path, ".go"), "/") {
		for _, word := range strings.FieldsFunc(part, func(r rune) bool { return r == '_' || r == '-' }) {
			if slices.Contains(vague, strings.ToLower(word)) {
				complaints = append(complaints, s.complain(s.file.Package, "%q says nothing about what is in it", word))
			}
		}
	}
	return complaints
}

func checkPackageComments(all []*source) (complaints []string) {
	type state struct {
		first *source
		n     int
	}
	packages := map[string]*state{}
	var order []string
	for _, s := range all {
		// A folder with nothing but tests, like this one, is held to it too.
		key := s.dir + " " + s.file.Name.Name
		if s.test && strings.HasSuffix(s.file.Name.Name, "_test") && s.dir != "." {
			continue
		}
		p := packages[key]
		if p == nil {
			p = &state{first: s}
			packages[key] = p
			order = append(order, key)
		}
		if documented(s.file.Doc) && (!s.test || s.dir == ".") {
			p.n++
		}
	}
	for _, key := range order {
		switch p := packages[key]; {
		case p.n == 0:
			complaints = append(complaints, p.first.complain(p.first.file.Package, "package %s has no doc comment", p.first.file.Name.Name))
		case p.n > 1:
			complaints = append(complaints, p.first.complain(p.first.file.Package, "package %s has %d doc comments: one is to be found", p.first.file.Name.Name, p.n))
		}
	}
	return complaints
}

// checkRuleFiles has a rule's file define nothing that another file uses, but for the rule: a reader of one rule opens no
// other's file. A rule's file is one of package rules that defines a Rule. The families (dns_, cni_) get no exception: code that
// they share is in a file named by its idea.
func checkRuleFiles(all []*source) (complaints []string) {
	byPath := map[string]*source{}
	var files []*ast.File
	for _, s := range all {
		if s.dir == "rules" && !s.test {
			byPath[s.path] = s
			files = append(files, s.file)
		}
	}
	info := types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	// Imports are left unknown, which is quick: only names of this package are asked for.
	cfg := types.Config{Importer: importsNothing{}, Error: func(error) {}}
	pkg, _ := cfg.Check(module+"/rules", fset, files, &info)
	fileOf := func(at token.Pos) string { return fset.Position(at).Filename }
	ofRule := map[string]bool{} // files that define a rule
	for _, name := range pkg.Scope().Names() {
		if o := pkg.Scope().Lookup(name); isRule(o) {
			ofRule[fileOf(o.Pos())] = true
		}
	}
	users := map[types.Object][]string{}
	for id, o := range info.Uses {
		if f, ok := o.(*types.Func); ok {
			o = f.Origin()
		}
		if o.Pkg() != pkg || isRule(o) {
			continue
		}
		if at := fileOf(o.Pos()); ofRule[at] && at != fileOf(id.Pos()) {
			users[o] = append(users[o], fileOf(id.Pos()))
		}
	}
	for o, in := range users {
		slices.Sort(in)
		s := byPath[fileOf(o.Pos())]
		complaints = append(complaints, s.complain(o.Pos(), "%s is in a rule's file and used in %s: it wants a file named by its idea",
			o.Name(), strings.Join(slices.Compact(in), ", ")))
	}
	slices.Sort(complaints)
	return complaints
}

// isRule reports whether o is a variable that holds a Rule.
func isRule(o types.Object) bool {
	v, ok := o.(*types.Var)
	return ok && types.TypeString(v.Type(), func(*types.Package) string { return "" }) == "Rule"
}

// importsNothing makes every import fail.
type importsNothing struct{}

func (importsNothing) Import(string) (*types.Package, error) { return nil, errors.New("not looked at") }
