package netsift

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/corpus/cases"
)

// savedFiles are reports on a healthy cluster and on the demo's captures.
func savedFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	files := docFiles(t)
	for name, args := range map[string]string{
		"before.json": "healthy-node1.pcap healthy-node2.pcap", "after.json": "node1.pcap.zst node2.pcap.zst",
	} {
		e, stdout, stderr := testEnv(files, 0)
		if code := Run(context.Background(), e, strings.Fields("analyze -o json "+args)); code != ExitOK {
			t.Fatalf("analyze %s: exit code %d, %s", args, code, stderr)
		}
		files[name] = &fstest.MapFile{Data: stdout.Bytes()}
	}
	return files
}

// TestSavedReport holds that a saved report has all that text shows, and that other forms differ only where they say so.
func TestSavedReport(t *testing.T) {
	for i, c := range cases.All() {
		demo := i == 0 // and not the first case
		if i%12 != 0 {
			continue
		}
		files := fstest.MapFS{}
		var names []string
		if demo {
			files = docFiles(t)
			names = []string{"--cluster", "cluster.json", "node1.pcap.zst", "node2.pcap.zst"}
		} else {
			for _, f := range c.Play().Files() {
				files[f.Name] = &fstest.MapFile{Data: f.Data}
				names = append(names, f.Name)
			}
		}
		call := func(args ...string) string {
			e, stdout, stderr := testEnv(files, 0)
			e.Getenv = func(name string) string { return map[string]string{"TERM": "xterm"}[name] }
			if code := Run(context.Background(), e, args); code != ExitOK {
				t.Fatalf("%s, %q: exit code %d, %s", c.Name, args, code, stderr)
			}
			return stdout.String()
		}
		files["r.json"] = &fstest.MapFile{Data: []byte(call(append([]string{"analyze", "-o", "json"}, names...)...))}
		for _, form := range [][]string{{"-o", "json"}, {"-o", "text"}, {"-o", "text", "-v", "--width", "120", "--color", "always"}} {
			want := call(append(append([]string{"analyze"}, form...), names...)...)
			if got := call(append([]string{"report", "r.json"}, form...)...); got != want {
				t.Errorf("%s, %q: the saved report differs (-analyze +report):\n%s", c.Name, form, cmp.Diff(want, got))
			}
		}
		for _, form := range []string{"markdown", "html", "sarif", "junit"} {
			if got := call("report", "r.json", "-o", form); len(got) < 500 {
				t.Errorf("%s: as %s it is %q", c.Name, form, got)
			}
		}
	}
}

// TestSavedJUnit holds that a saved report passes and fails the tests that an analysis does, where no policy is in force.
func TestSavedJUnit(t *testing.T) {
	files := savedFiles(t)
	call := func(args string) string {
		e, stdout, stderr := testEnv(files, 0)
		if code := Run(context.Background(), e, strings.Fields(args)); code != ExitFinding {
			t.Errorf("%s: exit code %d, %s", args, code, stderr)
		}
		var kept []string
		for l := range strings.Lines(stdout.String()) {
			if !strings.Contains(l, `"sha256 `) {
				kept = append(kept, l)
			}
		}
		return strings.Join(kept, "")
	}
	flags := " -o junit --fail-on critical,unexplained"
	if diff := cmp.Diff(call("analyze node1.pcap.zst node2.pcap.zst"+flags), call("report after.json"+flags)); diff != "" {
		t.Error(diff)
	}
}
