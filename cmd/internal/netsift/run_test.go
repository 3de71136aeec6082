package netsift

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/netsift/netsift/analyze"
)

// testEnv is an Env with these files, whose clock advances by step with every look at it.
func testEnv(files fstest.MapFS, step time.Duration) (e *Env, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	now := time.Unix(1795404972, 0)
	return &Env{
		Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr,
		Getenv: func(string) string { return "" },
		Stat:   func(name string) (fs.FileInfo, error) { return fs.Stat(files, name) },
		Open:   func(name string) (io.ReadCloser, error) { return files.Open(name) },
		Create: func(name string, _ making) (made, error) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		},
		ReadDir:  func(name string) ([]fs.DirEntry, error) { return fs.ReadDir(files, name) },
		SameFile: os.SameFile,
		Limits:   noLimits(),
		Now:      func() time.Time { now = now.Add(step); return now },
		After:    time.After,
		Every: func(time.Duration) (<-chan time.Time, func()) {
			ticks := make(chan time.Time, 1)
			ticks <- now
			return ticks, func() {}
		},
	}, stdout, stderr
}

func TestHostileFileName(t *testing.T) {
	for _, verb := range []string{"analyze", "flows", "trace", "dns", "stats"} {
		name := "\x1b]0;owned\a\u202e.pcap"
		e, stdout, stderr := testEnv(fstest.MapFS{name: {Data: pcap(linkRaw)}}, 0)
		if code := Run(context.Background(), e, []string{verb, name, "missing\x1b[2J\r"}); code != ExitOK {
			t.Errorf("%s: exit code %d", verb, code)
		}
		if code := Run(context.Background(), e, []string{verb, "--\x1b[2J"}); code != ExitUsage {
			t.Errorf("%s: exit code %d", verb, code)
		}
		for line := range strings.Lines(stdout.String() + stderr.String()) {
			if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%s: %q", verb, line)
			}
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, verb := range []string{"analyze", "flows", "trace", "dns", "stats"} {
		e, stdout, stderr := testEnv(fstest.MapFS{"a.pcap": {Data: pcap(linkRaw, echo(1))}}, 0)
		if code := Run(ctx, e, []string{verb, "a.pcap"}); code != ExitInterrupted {
			t.Errorf("%s: exit code %d", verb, code)
		}
		if stdout.Len() > 0 || stderr.String() != "netsift: interrupted\n" {
			t.Errorf("%s: %q, %q", verb, stdout, stderr)
		}
	}
}

func TestCannotWrite(t *testing.T) {
	for _, verb := range []string{"analyze", "flows", "trace", "dns", "stats"} {
		e, stdout, stderr := testEnv(fstest.MapFS{"a.pcap": {Data: pcap(linkRaw, echo(1))}}, 0)
		if code := Run(context.Background(), e, []string{verb, "a.pcap", "-w", "out"}); code != ExitFailed {
			t.Errorf("%s: exit code %d", verb, code)
		}
		if stdout.Len() > 0 || !strings.Contains(stderr.String(), "can't write the result: open out: permission denied") {
			t.Errorf("%s: %q, %q", verb, stdout, stderr)
		}
	}
}

func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name  string
		tty   bool
		width int
		step  time.Duration
		want  []string
	}{
		{"long run on a terminal", true, 0, time.Second, []string{"1,000 packets/s", "25%", "1.0/4.0 kB"}},
		{"narrow terminal", true, 80, time.Second, []string{"1,000 packets/s", "25%", "1.0/4.0 kB"}},
		{"too narrow a terminal", true, 71, time.Second, nil},
		{"short run", true, 0, time.Millisecond, nil},
		{"no terminal", false, 0, time.Second, nil},
	} {
		e, _, stderr := testEnv(fstest.MapFS{"x.pcap": {Data: make([]byte, 4000)}}, c.step)
		e.StderrTTY, e.Width = c.tty, c.width
		in := []analyze.Input{input(e, "x.pcap")}
		p := newProgress(e, in)
		for range 2 { // looked at first, and read then
			r, err := in[0].Open()
			if err != nil {
				t.Fatal(err)
			}
			io.ReadFull(r, make([]byte, 1000))
			if p.read.Load() > 1000 {
				t.Errorf("%s: %d bytes counted", c.name, p.read.Load())
			}
			p.frames(1000)
			r.Close()
		}
		p.clear()
		got := stderr.String()
		if len(c.want) == 0 && got != "" {
			t.Errorf("%s: %q", c.name, got)
		}
		for line := range strings.SplitSeq(got, "\r") {
			if n := utf8.RuneCountInString(line); c.width > 0 && n >= c.width {
				t.Errorf("%s: %d columns: %q", c.name, n, line)
			}
		}
		for _, s := range c.want {
			if !strings.Contains(got, s) {
				t.Errorf("%s: %q lacks %q", c.name, got, s)
			}
		}
	}
}
