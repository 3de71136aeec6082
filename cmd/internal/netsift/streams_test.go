package netsift

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/corpus/cases"
)

// halting is a stream that comes in pieces, and lets others run in between.
type halting struct {
	io.Reader
	random *rand.Rand
}

func (h *halting) Read(b []byte) (int, error) {
	for range h.random.IntN(8) {
		runtime.Gosched()
	}
	return h.Reader.Read(b[:min(len(b), 1+h.random.IntN(4096))])
}

func (h *halting) Close() error { return nil }

// judgedOf runs a command line over files, and returns findings and verdict of its report.
func judgedOf(t *testing.T, files fstest.MapFS, seed uint64, args ...string) map[string]any {
	t.Helper()
	e, stdout, stderr := liveEnv(bytes.NewReader(nil), nil)
	e.Stat = func(name string) (fs.FileInfo, error) { return fs.Stat(files, name) }
	e.Open = func(name string) (io.ReadCloser, error) {
		f, err := files.Open(name)
		if err != nil || args[0] != "live" {
			return f, err
		}
		return &halting{f, rand.New(rand.NewPCG(seed, uint64(len(name))))}, nil
	}
	e.After = func(time.Duration) <-chan time.Time { return nil }
	if code := Run(context.Background(), e, append(args, "-o", "json")); code != ExitOK {
		t.Fatalf("%v: exit code %d, %s", args, code, stderr)
	}
	var report any
	if args[0] == "live" {
		report = endOf(t, stdout.Bytes())
	} else if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	r := report.(map[string]any)
	for _, c := range r["captures"].([]any) {
		delete(c.(map[string]any), "stream")
	}
	return map[string]any{"captures": r["captures"], "findings": r["findings"], "verdict": r["verdict"]}
}

// TestStreams: the report on several streams is that on the captures of the same packets, also where the clocks of the nodes are seconds apart.
func TestStreams(t *testing.T) {
	played := 0
	apart := []time.Duration{40 * time.Millisecond, 7 * time.Second, -7 * time.Second}
	for n, c := range cases.Some(testing.Short()) {
		if c.Name == "form-twice" {
			continue // that a stream has another's packets is not known when it begins
		}
		for _, ahead := range []time.Duration{0, apart[n%len(apart)]} {
			s := c.Play()
			s.Shift(ahead)
			captures := fstest.MapFS{}
			stored, streams := []string{"analyze"}, []string{"live"}
			for _, f := range s.Files() {
				captures[f.Name] = &fstest.MapFile{Data: f.Data}
				stored, streams = append(stored, f.Name), append(streams, f.Name)
			}
			if len(captures) < 2 {
				continue
			}
			played++
			want, got := judgedOf(t, captures, 0, stored...), judgedOf(t, captures, uint64(n), streams...)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s, %s ahead: -analyze +live\n%s", c.Name, ahead, d)
			}
		}
	}
	if played == 0 {
		t.Error("no case has several captures")
	}
}
