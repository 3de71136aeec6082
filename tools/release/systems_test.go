package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestSystems type-checks both programs for the other systems that they are released for, and for each architecture. Building them there would show the
// same, and takes a quarter of an hour of a processor.
func TestSystems(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []target{{"windows", "amd64"}, {"darwin", "arm64"}} {
		t.Run(to.String(), func(t *testing.T) {
			for _, complaint := range typeErrors(t, root, to, "./cmd/netsift", "./cmd/kubectl-netsift") {
				t.Error(complaint)
			}
		})
	}
}

// TestSystemsCatch shows that what a system lacks is noticed.
func TestSystemsCatch(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module m\n\ngo 1.26\n", "m.go": "package main\n\nimport \"syscall\"\n\nfunc main() { println(syscall.SIGTERM, syscall.SIGUSR1) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := typeErrors(t, dir, target{"darwin", "arm64"}, "."); len(got) != 0 {
		t.Errorf("darwin: %v", got)
	}
	if got := typeErrors(t, dir, target{"windows", "amd64"}, "."); len(got) != 1 || !strings.Contains(got[0], "SIGUSR1") {
		t.Errorf("windows: %v, want SIGUSR1 to be missing", got)
	}
}

func typeErrors(t *testing.T, root string, to target, patterns ...string) (list []string) {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedTypesSizes,
		Dir:  root, Env: to.environ(),
		ParseFile: func(set *token.FileSet, name string, src []byte) (*ast.File, error) {
			f, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
			if f != nil && !strings.HasPrefix(name, root+string(filepath.Separator)) {
				for _, d := range f.Decls {
					if d, ok := d.(*ast.FuncDecl); ok {
						d.Body = nil // what others' functions do is for their tests
					}
				}
			}
			return f, err
		},
	}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	packages.Visit(loaded, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			if strings.HasPrefix(e.Pos, root) { // those without bodies have imports that they don't use
				list = append(list, e.Error())
			}
		}
	})
	return list
}
