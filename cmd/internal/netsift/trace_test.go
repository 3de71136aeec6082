package netsift

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/netsift/netsift/cmd/internal/report/golden"
)

// TestTraceLooks holds the drawing of the demo's captures, in which large packets vanish on node2, against files that
// people have looked at.
func TestTraceLooks(t *testing.T) {
	dir := t.TempDir()
	if err := writeCaptures(dir); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"trace-80.txt":    {"--width", "80", "--borders", "box"},
		"trace-160.txt":   {"--width", "160", "--borders", "box"},
		"trace-plain.txt": {},
		"trace-color.txt": {"--width", "80", "--borders", "box", "--color", "always"},
		"trace.json":      {"-o", "json"},
	} {
		var stdout, stderr bytes.Buffer
		e := &Env{
			Stdin: new(bytes.Buffer), Stdout: &stdout, Stderr: &stderr, Now: time.Now, Getenv: func(string) string { return "" }, Limits: noLimits(),
			Stat: func(name string) (fs.FileInfo, error) { return os.Stat(filepath.Join(dir, name)) },
			Open: func(name string) (io.ReadCloser, error) { return os.Open(filepath.Join(dir, name)) },
		}
		if code := Run(context.Background(), e, append([]string{"trace", "node1.zst", "node2.zst"}, args...)); code != 0 {
			t.Errorf("%s: exit code %d: %s", name, code, stderr.String())
		}
		golden.Check(t, name, stdout.Bytes())
	}
}
