package netsift

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/decode/capture"
)

// continued returns a capture of what one case shows on a node, and half a minute after its end what another one does. It was begun anew between,
// unless anew is false.
func continued(t *testing.T, before, after []byte, anew bool) []byte {
	t.Helper()
	var b bytes.Buffer
	var w *capture.Writer
	var last, shift int64
	for part, file := range [][]byte{before, after} {
		r, err := capture.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if w == nil || anew {
			if w != nil {
				w.Flush()
			}
			w = capture.NewWriter(&b, "", "")
			w.AddInterface(r.Interfaces()[0])
		}
		for block := (capture.Block{}); ; {
			if err := r.Read(&block); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			for i := range block.Frames {
				f := &block.Frames[i]
				if part == 1 && shift == 0 {
					shift = last + 30e9 - f.Time
				}
				last = f.Time + shift
				w.Write(0, last, f.Wire, block.Bytes(f), "")
			}
		}
	}
	w.Flush()
	return b.Bytes()
}

// TestOutage: what had no answer when a capture ended is no fault if that was begun anew half a minute later, as it is none if nothing follows. Of a
// capture that just went on it would be one.
func TestOutage(t *testing.T) {
	filesOf := func(name string) map[string][]byte {
		files := map[string][]byte{}
		for _, c := range cases.Some(false) {
			if c.Name == name {
				for _, f := range c.Play().Files() {
					files[f.Name] = f.Data
				}
			}
		}
		if len(files) == 0 {
			t.Fatalf("there is no case %s", name)
		}
		return files
	}
	for _, x := range []struct{ verb, before, after, fault string }{
		{"flows", "syn-unfinished", "ok-vxlan", `"outcome":"hang"`},
		{"dns", "dns-unfinished", "dns-first-candidate", `"outcome":"timeout"`},
	} {
		before, after := filesOf(x.before), filesOf(x.after)
		for _, anew := range []bool{true, false} {
			args, captures := []string{x.verb, "-o", "json"}, fstest.MapFS{}
			for name, file := range before {
				captures[name] = &fstest.MapFile{Data: continued(t, file, after[name], anew)}
				args = append(args, name)
			}
			slices.Sort(args[3:])
			for _, jobs := range []string{"1", "2"} {
				e, stdout, stderr := liveEnv(bytes.NewReader(nil), nil)
				e.Stat = func(name string) (fs.FileInfo, error) { return fs.Stat(captures, name) }
				e.Open = func(name string) (io.ReadCloser, error) { return captures.Open(name) }
				if code := Run(context.Background(), e, append(args, "--jobs", jobs)); code != ExitOK {
					t.Fatalf("exit code %d, %s", code, stderr)
				}
				if anew == strings.Contains(stdout.String(), x.fault) || !strings.Contains(stdout.String(), `"outcome":"unfinished"`) == anew {
					t.Errorf("%s, then %s, anew %v: %s", x.before, x.after, anew, stdout)
				}
			}
		}
	}
}
