package netsift_test

import (
	"strings"
	"testing"
)

// TestHouseCatches shows that the rules of the house report forbidden code, and let pass allowed code: a rule
// that never fires is no rule.
func TestHouseCatches(t *testing.T) {
	for _, c := range []struct {
		name, path, text string
		want             string // part of the complaint; "" for none
	}{
		{"rules know decode", "rules/x.go", `import "github.com/netsift/netsift/decode"`, "rules imports decode"},
		{"rules know join", "rules/x.go", `import "github.com/netsift/netsift/analyze/join"`, "rules imports analyze/join"},
		{"rules know fact", "rules/x.go", `import "github.com/netsift/netsift/analyze/fact"`, ""},
		{"capture knows decode", "decode/capture/x.go", `import "github.com/netsift/netsift/decode"`, "decode/capture imports decode"},
		{"wire knows capture", "decode/wire/x.go", `import "github.com/netsift/netsift/decode/capture"`, "decode/wire imports"},
		{"decode knows wire", "decode/x.go", `import "github.com/netsift/netsift/decode/wire"`, ""},
		{"decode knows analyze", "decode/x.go", `import "github.com/netsift/netsift/analyze"`, "decode imports analyze"},
		{"sight knows decode", "analyze/sight/x.go", `import "github.com/netsift/netsift/decode"`, ""},
		{"fact knows join", "analyze/fact/x.go", `import "github.com/netsift/netsift/analyze/join"`, "analyze/fact imports"},
		{"join asks the cluster", "analyze/join/x.go", `import "github.com/netsift/netsift/analyze/cluster"`, "analyze/join imports analyze/cluster"},
		{"cluster knows join", "analyze/cluster/x.go", `import "github.com/netsift/netsift/analyze/join"`, "analyze/cluster imports analyze/join"},
		{"vocabulary knows facts", "analyze/kube/x.go", `import "github.com/netsift/netsift/analyze/fact"`, "analyze/kube imports"},
		{"analyze knows rules", "analyze/x.go", `import "github.com/netsift/netsift/rules"`, "analyze imports rules"},
		{"report knows trace", "cmd/internal/report/x.go", `import "github.com/netsift/netsift/analyze/trace"`, "cmd/internal/report imports analyze/trace"},
		{"report knows the engine", "cmd/internal/report/json/x.go", `import "github.com/netsift/netsift/analyze"`, "cmd/internal/report/json imports analyze:"},
		{"report knows redact", "cmd/internal/report/x.go", `import "github.com/netsift/netsift/cmd/internal/redact"`, "looks nothing up"},
		{"report knows facts", "cmd/internal/report/html/x.go", `import "github.com/netsift/netsift/analyze/fact"`, ""},
		{"report knows policies", "cmd/internal/report/text/x.go", `import "github.com/netsift/netsift/rules/policy"`, ""},
		{"report in a test", "cmd/internal/report/html/x_test.go", `import "github.com/netsift/netsift/analyze/trace"`, ""},
		{"redact knows join", "cmd/internal/redact/x.go", `import "github.com/netsift/netsift/analyze/join"`, "cmd/internal/redact imports analyze/join"},
		{"redact knows the engine", "cmd/internal/redact/x.go", `import "github.com/netsift/netsift/analyze"`, "cmd/internal/redact imports analyze:"},
		{"redact knows wire", "cmd/internal/redact/x.go", `import "github.com/netsift/netsift/decode/wire"`, ""},
		{"build knows decode", "corpus/build/x.go", `import "github.com/netsift/netsift/decode"`, "corpus/build imports decode"},
		{"build knows the engine", "corpus/build/x.go", `import "github.com/netsift/netsift/analyze"`, "corpus/build imports analyze"},
		{"cases know the engine", "corpus/cases/x.go", `import "github.com/netsift/netsift/analyze"`, "corpus/cases imports analyze:"},
		{"cases know join", "corpus/cases/x.go", `import "github.com/netsift/netsift/analyze/join"`, "corpus/cases imports analyze/join"},
		{"cases know facts", "corpus/cases/x.go", `import "github.com/netsift/netsift/analyze/fact"`, ""},
		{"score knows the engine", "corpus/score/x.go", `import "github.com/netsift/netsift/analyze"`, ""},
		{"rules in a test", "rules/x_test.go", `import "github.com/netsift/netsift/corpus/cases"`, ""},
		{"gopacket in decode", "decode/x.go", `import "github.com/google/gopacket/layers"`, "imports github.com/google/gopacket"},
		{"gopacket in a test", "decode/x_test.go", `import "github.com/google/gopacket/layers"`, ""},
		{"gopacket where frames are taken apart", "cmd/internal/dissect/x.go", `import "github.com/google/gopacket/layers"`, ""},
		{"gopacket in the program", "cmd/internal/netsift/x.go", `import "github.com/google/gopacket/layers"`, "imports github.com/google/gopacket"},
		{"gopacket in the corpus", "corpus/build/x.go", `import "github.com/google/gopacket/layers"`, ""},
		{"lipgloss in rules", "rules/x.go", `import "github.com/charmbracelet/lipgloss"`, "only the program"},
		{"urfave in a verb", "cmd/internal/netsift/trace.go", `import "github.com/urfave/cli/v2"`, "a verb sees no flags"},
		{"urfave in a report", "cmd/internal/report/x.go", `import "github.com/urfave/cli/v2"`, "a verb sees no flags"},
		{"urfave in the command line", "cmd/internal/netsift/line.go", `import "github.com/urfave/cli/v2"`, ""},
		{"client-go in netsift", "cmd/internal/netsift/x.go", `import "k8s.io/client-go/kubernetes"`, "asks no cluster"},
		{"client-go in the plugin", "cmd/internal/plugin/x.go", `import "k8s.io/client-go/kubernetes"`, ""},
		{"the plugin in netsift", "cmd/netsift/main.go", `import "github.com/netsift/netsift/cmd/internal/plugin"`, "has client-go in it"},
		{"matchers in analyze", "analyze/snapshot/x.go", `import "k8s.io/apimachinery/pkg/labels"`, ""},
		{"lipgloss in cmd", "cmd/internal/report/x.go", `import "github.com/charmbracelet/lipgloss"`, ""},

		{"os in analyze", "analyze/x.go", `import "os"`, "may import os"},
		{"exec in rules", "rules/x.go", `import "os/exec"`, "may import os/exec"},
		{"os in cmd", "cmd/netsift/x.go", `import "os"`, ""},
		{"unsafe in decode", "decode/x.go", `import "unsafe"`, "may import unsafe"},
		{"unsafe in cmd", "cmd/netsift/x.go", `import "unsafe"`, "may import unsafe"},
		{"unsafe in slab", "analyze/slab/x.go", `import "unsafe"`, ""},
		{"clock", "analyze/x.go", "import \"time\"\nvar t = time.Now()", "time.Now"},
		{"renamed clock", "analyze/x.go", "import tm \"time\"\nvar t = tm.Since", "time.Since"},
		{"dot import", "analyze/x.go", "import . \"time\"\nvar t = Now()", "hides"},
		{"duration", "analyze/x.go", "import \"time\"\nconst t = time.Second", ""},
		{"print", "decode/x.go", "import \"fmt\"\nfunc f() { fmt.Println() }", "fmt.Println"},
		{"sprint", "decode/x.go", "import \"fmt\"\nvar s = fmt.Sprint()", ""},
		{"built-in print", "decode/x.go", "func f() { println() }", "println"},

		{"goroutine in sight", "analyze/sight/x.go", "func f() { go f() }", "a goroutine in analyze/sight"},
		{"goroutine in a closure", "rules/x.go", "var f = func() { go func() {}() }", "a goroutine in rules"},
		{"goroutine in analyze", "analyze/x.go", "func f() { go f() }", ""},
		{"goroutine in capture", "decode/capture/x.go", "func f() { go f() }", ""},

		{"bare function", "decode/x.go", "func F() {}", "F has no doc"},
		{"bare method", "decode/x.go", "func (t *T[A]) M() {}", "M has no doc"},
		{"method of a hidden type", "decode/x.go", "func (t *t) M() {}", ""},
		{"bare type", "decode/x.go", "type T int", "T has no doc"},
		{"type in a group", "decode/x.go", "// These are types.\ntype (\nT int\n)", "T has no doc"},
		{"bare constant", "decode/x.go", "const C = 1", "C has no doc"},
		{"constant in a group", "decode/x.go", "// The constants.\nconst (\nC = 1\n)", ""},
		{"directive", "decode/x.go", "//go:noinline\nfunc F() {}", "F has no doc"},

		{"vague file", "decode/string_utils.go", "", `"utils"`},
		{"vague folder", "analyze/common/x.go", "", `"common"`},
		{"clear name", "analyze/commonality.go", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.path, []byte("package p\n"+c.text))
			var got []string
			for _, check := range checks {
				got = append(got, check.check(s)...)
			}
			switch all := strings.Join(got, "\n"); {
			case c.want == "" && len(got) > 0:
				t.Errorf("unexpected: %s", all)
			case c.want != "" && !strings.Contains(all, c.want):
				t.Errorf("no complaint with %q; got %q", c.want, all)
			}
		})
	}
	t.Run("package comments", func(t *testing.T) {
		without := parse(t, "decode/a.go", []byte("package decode"))
		with := parse(t, "decode/b.go", []byte("// Package decode decodes.\npackage decode"))
		for want, files := range map[string][]*source{
			"no doc comment":     {without},
			"2 doc comments":     {with, with},
			"":                   {without, with},
			"package p has no d": {with, parse(t, "p/p.go", []byte("//go:build linux\n\npackage p"))},
		} {
			got := strings.Join(checkPackageComments(files), "\n")
			if (want == "") != (got == "") || !strings.Contains(got, want) {
				t.Errorf("want %q, got %q", want, got)
			}
		}
	})
	t.Run("rules' files", func(t *testing.T) {
		const kind = "package rules\ntype Rule struct{ ID string }\n"
		const rule = "package rules\nimport \"fmt\"\nvar one = Rule{ID: \"one\"}\n"
		const all = "package rules\nvar all = []*Rule{&one}\n"
		for _, c := range []struct {
			name, in, other string
			want            string // part of the complaint; "" for none
		}{
			{"function", "func f() string { return fmt.Sprint() }", "var x = f()", "f is in a rule's file and used in rules/two.go"},
			{"method", "func (r *Rule) f() {}", "func g(r *Rule) { r.f() }", "f is in"},
			{"generic function", "func f[T any](T) {}", "func g() { f(1) }", "f is in"},
			{"type", "type t struct{ n int }", "type u []t", "t is in"},
			{"constant", "const c = 1", "const d = c", "c is in"},
			{"field", "type t struct{ n int }\nfunc (r *Rule) t() t { return t{} }", "func g(r *Rule) int { return r.t().n }", "n is in"},
			{"same file", "func f() {}\nfunc g() { f() }", "", ""},
			{"another's local of that name", "func f() {}", "func g() { f := 1; _ = f }", ""},
			{"the rule itself", "", "var x = one.ID", ""},
		} {
			t.Run(c.name, func(t *testing.T) {
				got := strings.Join(checkRuleFiles([]*source{
					parse(t, "rules/rule.go", []byte(kind)), parse(t, "rules/one.go", []byte(rule+c.in)), parse(t, "rules/catalogue.go", []byte(all)),
					parse(t, "rules/two.go", []byte("package rules\n"+c.other)), parse(t, "rules/one_test.go", []byte("package rules\nvar y = f()")),
				}), "\n")
				if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
					t.Errorf("want %q, got %q", c.want, got)
				}
			})
		}
	})
}
