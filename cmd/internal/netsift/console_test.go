package netsift

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/corpus/cases"
)

// docFiles are the captures that the documentation's examples read: the demo's, and some of the corpus.
func docFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{"node1.pcap.zst": {Data: demoNode1}, "node2.pcap.zst": {Data: demoNode2}, "cluster.json": {Data: demoCluster}}
	for _, c := range cases.All() {
		name, wanted := map[string]string{"dns-search-expansion": "dns", "ok-vxlan": "healthy", "svc-no-endpoints": "refused"}[c.Name]
		if !wanted {
			continue
		}
		for _, f := range c.Play().Files() {
			files[name+"-"+f.Node+".pcap"] = &fstest.MapFile{Data: f.Data}
		}
	}
	return files
}

// console finds the blocks of a page that show a session: a command behind "$ netsift", then what it prints.
var console = regexp.MustCompile("(?ms)^```console\n(\\$ netsift [^\n]*)\n(.*?)^```$")

// play returns what a command line of the documentation prints on a terminal of 100 columns, without colour. It may end in "| head -N".
func play(t *testing.T, files fstest.MapFS, line string) string {
	t.Helper()
	command, head, cut := strings.Cut(strings.TrimPrefix(line, "$ netsift "), " | head -")
	args := strings.Fields(command)
	e, stdout, stderr := testEnv(files, 0)
	e.Args, e.StdoutTTY, e.Width = args, true, 100
	e.Random = bytes.NewReader(secret) // the same each time
	created := map[string]*file{}
	e.Create = func(name string, _ making) (made, error) {
		created[name] = new(file)
		return created[name], nil
	}
	e.Getenv = func(name string) string { return map[string]string{"NO_COLOR": "1"}[name] }
	if code := Run(context.Background(), e, args); code != ExitOK && code != ExitFinding {
		t.Errorf("%s: exit code %d, %s", line, code, stderr)
	}
	for name, f := range created { // the next example may read it
		files[name] = &fstest.MapFile{Data: f.Bytes()}
	}
	out := stderr.String() + stdout.String()
	if !cut {
		return out
	}
	n, err := strconv.Atoi(head)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	lines := strings.SplitAfter(out, "\n")
	return strings.Join(lines[:min(n, len(lines))], "")
}

// TestConsole holds every example of the documentation against what the program prints today. With -update it writes the pages
// anew.
func TestConsole(t *testing.T) {
	pages, err := filepath.Glob("../../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	files := savedFiles(t)
	examples := 0
	for _, page := range append(pages, "../../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		want := console.ReplaceAllStringFunc(string(text), func(block string) string {
			examples++
			line := console.FindStringSubmatch(block)[1]
			return "```console\n" + line + "\n" + play(t, files, line) + "```"
		})
		if want == string(text) {
			continue
		}
		if flag.Lookup("update").Value.String() == "true" {
			if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("%s is stale (-page +program); make docs writes it anew:\n%s", page, cmp.Diff(string(text), want))
	}
	if examples == 0 {
		t.Error("no page has an example")
	}
}
