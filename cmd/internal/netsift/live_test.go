package netsift

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/corpus/traffic"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/rules"
)

// liveEnv is an Env for netsift live that reads stdin and tells how it stands with each tick.
func liveEnv(stdin io.Reader, ticks <-chan time.Time) (e *Env, stdout, stderr *bytes.Buffer) {
	e, stdout, stderr = testEnv(nil, 0)
	e.Stdin, e.StdinTTY = stdin, false
	e.Every = func(time.Duration) (<-chan time.Time, func()) { return ticks, func() {} }
	e.After = func(time.Duration) <-chan time.Time {
		now := make(chan time.Time)
		close(now)
		return now
	}
	return e, stdout, stderr
}

// endOf returns the report of the last event.
func endOf(t *testing.T, events []byte) any {
	t.Helper()
	lines := bytes.Split(bytes.TrimSpace(events), []byte("\n"))
	var end struct {
		Type   string
		Report any
	}
	if err := json.Unmarshal(lines[len(lines)-1], &end); err != nil || end.Type != "end" {
		t.Fatalf("%v; the last event: %.200s", err, lines[len(lines)-1])
	}
	return end.Report
}

// TestLiveReport: live's final report is analyze's of the same bytes.
func TestLiveReport(t *testing.T) {
	for _, c := range cases.Some(testing.Short()) {
		for _, f := range c.Play().Files() {
			e, stdout, stderr := liveEnv(bytes.NewReader(f.Data), nil)
			if code := Run(context.Background(), e, []string{"live", "-o", "json"}); code != ExitOK {
				t.Errorf("%s, %s: exit code %d, %s", c.Name, f.Name, code, stderr)
				continue
			}
			got := endOf(t, stdout.Bytes())
			e, stdout, stderr = liveEnv(bytes.NewReader(f.Data), nil)
			if code := Run(context.Background(), e, []string{"analyze", "-o", "json", "-"}); code != ExitOK {
				t.Errorf("%s, %s: exit code %d, %s", c.Name, f.Name, code, stderr)
				continue
			}
			var want any
			if err := json.Unmarshal(stdout.Bytes(), &want); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s, %s: -analyze +live\n%s", c.Name, f.Name, d)
			}
		}
	}
}

// TestLiveGivesUp: with more ways than there is room for live keeps to its bounds as analyze does, however often it is asked meanwhile how it
// stands, and counts what it gave up.
func TestLiveGivesUp(t *testing.T) {
	if testing.Short() {
		t.Skip("judges thousands of ways again and again")
	}
	limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	defer func() { // --max-memory changes them
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}()
	o := traffic.Churn
	o.Frames, o.SYNs, o.Live = 60_000, 20_000, 500
	var data bytes.Buffer
	if _, err := traffic.Write(&data, o); err != nil {
		t.Fatal(err)
	}
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() {
		for {
			select {
			case ticks <- time.Time{}:
			case <-done:
				return
			}
		}
	}()
	e, stdout, stderr := liveEnv(bytes.NewReader(data.Bytes()), ticks)
	code := Run(context.Background(), e, []string{"live", "-o", "json", "--max-memory", "128MB"})
	close(done)
	if code != ExitOK {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	got := endOf(t, stdout.Bytes())
	lines := bytes.Split(bytes.TrimSpace(stdout.Bytes()), []byte("\n"))
	var last struct {
		EvictedWays uint64 `json:"evicted_ways"`
		Connections uint64
	}
	for _, line := range lines {
		if bytes.HasPrefix(line, []byte(`{"type":"stats"`)) {
			if err := json.Unmarshal(line, &last); err != nil {
				t.Fatal(err)
			}
		}
	}
	if last.EvictedWays < 10_000 || last.EvictedWays > last.Connections {
		t.Errorf("%d ways of %d connections were given up", last.EvictedWays, last.Connections)
	}
	for _, x := range got.(map[string]any)["findings"].([]any) {
		if x.(map[string]any)["rule"] == "cap-state-evicted" {
			t.Error("ways on which nothing is wrong are missed by nobody")
		}
	}
	e, stdout, stderr = liveEnv(bytes.NewReader(data.Bytes()), nil)
	if code := Run(context.Background(), e, []string{"analyze", "-o", "json", "--max-memory", "128MB", "-"}); code != ExitOK {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	var want any
	if err := json.Unmarshal(stdout.Bytes(), &want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-analyze +live\n%s", d)
	}
}

// awaited is a standard output that tells when something was written.
type awaited struct {
	bytes.Buffer
	what string
	seen chan struct{}
}

func (a *awaited) Write(b []byte) (int, error) {
	if a.what != "" && bytes.Contains(b, []byte(a.what)) {
		close(a.seen)
		a.what = ""
	}
	return a.Buffer.Write(b)
}

// TestLiveInterrupted: Ctrl-C ends the input and not the analysis, also if the writer goes on or has not begun.
func TestLiveInterrupted(t *testing.T) {
	ping := pcap(linkRaw, echo(1), echo(2), echo(3))
	for _, x := range []struct {
		name    string
		written []byte
		code    int
		seen    string
		out     string
		err     string
	}{
		{"after packets", ping, ExitOK, `"frames":3`, `"frames":3,"bytes":84,"first"`, ""},
		{"after a header", ping[:24], ExitOK, `"frames":0`, `"file":"-","node":"stdin","format":"pcap"`, "netsift: -: holds no packets"},
		{"before anything", nil, ExitNoCapture, `"type":"config"`, "", "nothing had come in when this was interrupted"},
	} {
		r, w := io.Pipe()
		defer w.Close()
		ticks := make(chan time.Time)
		e, _, stderr := liveEnv(r, ticks)
		stdout := &awaited{what: x.seen, seen: make(chan struct{})}
		e.Stdout = stdout
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			defer cancel()
			if len(x.written) > 0 {
				w.Write(x.written)
			}
			for {
				select {
				case ticks <- time.Time{}:
				case <-stdout.seen:
					return
				}
			}
		}()
		if code := Run(ctx, e, []string{"live", "-o", "json"}); code != x.code {
			t.Errorf("%s: exit code %d, want %d", x.name, code, x.code)
		}
		if !strings.Contains(stdout.String(), x.out) || !strings.Contains(stderr.String(), x.err) {
			t.Errorf("%s: %s\n%s", x.name, stdout, stderr)
		}
		if x.code == ExitOK {
			endOf(t, stdout.Bytes())
		}
	}
}

// gone is a standard output that nobody reads any more after some bytes.
type gone struct{ left int }

func (g *gone) Write(b []byte) (int, error) {
	if g.left -= len(b); g.left < 0 {
		return 0, errors.New("broken pipe")
	}
	return len(b), nil
}

// TestLiveUnread: if nobody reads the events any more, the program ends, also if more packets come.
func TestLiveUnread(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	ticks := make(chan time.Time)
	e, _, stderr := liveEnv(r, ticks)
	e.Stdout = &gone{300}
	done := make(chan struct{})
	defer close(done)
	go w.Write(pcap(linkRaw, echo(1)))
	go func() {
		for {
			select {
			case ticks <- time.Time{}:
			case <-done:
				return
			}
		}
	}()
	if code := Run(context.Background(), e, []string{"live", "-o", "json"}); code != ExitFailed || !strings.Contains(stderr.String(), "can't write the result: broken pipe") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

// TestLiveEvidence: of every finding of the report there is a file that has all frames of its evidence, also of one that shows when the
// stream ends.
func TestLiveEvidence(t *testing.T) {
	written := 0
	for _, c := range cases.Some(testing.Short()) {
		for _, f := range c.Play().Files() {
			e, stdout, stderr := liveEnv(bytes.NewReader(f.Data), nil)
			folder := fstest.MapFS{"kept": {Mode: fs.ModeDir}}
			e.Stat = func(name string) (fs.FileInfo, error) { return fs.Stat(folder, name) }
			files := map[string]*file{}
			e.Create = func(name string, _ making) (made, error) {
				files[name] = new(file)
				return files[name], nil
			}
			if code := Run(context.Background(), e, []string{"live", "-o", "json", "--evidence", "kept"}); code != ExitOK {
				t.Errorf("%s, %s: exit code %d, %s", c.Name, f.Name, code, stderr)
				continue
			}
			for _, x := range endOf(t, stdout.Bytes()).(map[string]any)["findings"].([]any) {
				x := x.(map[string]any)
				if x["layer"] == string(rules.LayerCapture) {
					continue
				}
				id, want, got := x["id"].(string), len(x["evidence"].([]any)), 0
				name := "kept/" + strings.ReplaceAll(id, ":", "-") + ".pcapng"
				if files[name] == nil {
					t.Errorf("%s, %s: nothing was written of %s", c.Name, f.Name, id)
					continue
				}
				r, err := capture.NewReader(&files[name].Buffer)
				if err != nil {
					t.Fatal(err)
				}
				for b := (capture.Block{}); r.Read(&b) == nil; {
					got += len(b.Frames)
				}
				if got != want {
					t.Errorf("%s, %s: %d frames of %d are in the file of %s", c.Name, f.Name, got, want, id)
				}
				written++
			}
		}
	}
	if written < 50 && !testing.Short() {
		t.Errorf("%d files in all: the test is too small", written)
	}
}

// TestLiveEvidenceFails: live says that evidence can't be written, and reports nevertheless.
func TestLiveEvidenceFails(t *testing.T) {
	files := docFiles(t)
	files["kept"] = &fstest.MapFile{Mode: fs.ModeDir}
	e, stdout, stderr := testEnv(files, 0) // which lets nobody write
	if code := Run(context.Background(), e, []string{"live", "-o", "json", "--evidence", "kept", "node2.pcap.zst"}); code != ExitFailed {
		t.Errorf("exit code %d", code)
	}
	if n := strings.Count(stderr.String(), "netsift: can't write evidence: open kept"); n != 1 {
		t.Errorf("said %d times: %s", n, stderr)
	}
	endOf(t, stdout.Bytes())
}

// TestLiveUntilFinding: with --until-finding live ends a stream that goes on, by itself or through the one who has the stream.
func TestLiveUntilFinding(t *testing.T) {
	var file []byte
	for _, c := range cases.Some(false) {
		if c.Name == "app-refused" {
			file = c.Play().Files()[0].Data
		}
	}
	if file == nil {
		t.Fatal("there is no such case")
	}
	for _, severity := range []string{"", "info", "critical"} {
		for _, leave := range []bool{false, true} {
			r, w := io.Pipe()
			ticks, done := make(chan time.Time), make(chan struct{})
			e, stdout, stderr := liveEnv(r, ticks)
			left := 0
			if leave {
				e.Leave = func() { left++; w.Close() }
			}
			args := []string{"live", "--until-finding", "-o", "json"}
			if severity != "" {
				args = append(args, "--min-severity", severity)
			}
			go w.Write(file)
			go func() {
				for {
					select {
					case ticks <- time.Time{}:
					case <-done:
						return
					}
				}
			}()
			if code := Run(context.Background(), e, args); code != ExitOK {
				t.Errorf("%v: exit code %d, %s", args, code, stderr)
			}
			close(done)
			w.Close()
			if !strings.Contains(stdout.String(), `"state":"opened"`) || leave != (left == 1) {
				t.Errorf("%v: left %d times, %s", args, left, stdout)
			}
			endOf(t, stdout.Bytes())
		}
	}
}
