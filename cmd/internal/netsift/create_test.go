package netsift

import (
	"context"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

func contents(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// filesIn lists a folder.
func filesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		names = append(names, x.Name())
	}
	return names
}

// TestReplacing: the older file is there until the new one is complete, and what was begun and given up leaves nothing.
func TestReplacing(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "out")
	for _, c := range []struct {
		text string
		keep bool
		want string
	}{{"first", false, ""}, {"second", true, "second"}, {"third", false, "second"}, {"4", true, "4"}} {
		f, err := create(name, replacing)
		if err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(name)
		if _, err := f.Write([]byte(c.text)); err != nil {
			t.Fatal(err)
		}
		if now, _ := os.ReadFile(name); string(now) != string(before) {
			t.Errorf("%s: the file is %q before it is complete", c.text, now)
		}
		if !c.keep {
			f.Discard()
		} else if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		var want []string
		if c.want != "" {
			want = []string{"out"}
			if got := contents(t, name); got != c.want {
				t.Errorf("%s: %q", c.text, got)
			}
		}
		if got := filesIn(t, dir); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: files %q", c.text, got)
		}
	}
}

// TestReplacingKeeps: a link that the user names is followed, a file keeps its mode, and one that may not be written stays.
func TestReplacingKeeps(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes and links as on Unix")
	}
	dir := t.TempDir()
	name, link := filepath.Join(dir, "out"), filepath.Join(dir, "link")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("out", link); err != nil {
		t.Fatal(err)
	}
	f, err := create(link, replacing)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("new"))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(name)
	if target, _ := os.Readlink(link); err != nil || target != "out" || contents(t, name) != "new" || info.Mode() != 0o640 {
		t.Errorf("link to %q, %v, %v", target, info.Mode(), err)
	}
	if f, err := create(os.DevNull, replacing); err != nil || f.Close() != nil {
		t.Errorf("%s: %v", os.DevNull, err)
	}
	if f, err := create(filepath.Join(dir, "none", "out"), replacing); f != nil || err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "none", "out")+":") {
		t.Errorf("in a folder that is missing: %v", err)
	}
}

// TestPrivate: evidence takes the place of a link, and leaves what it led to; nobody else may read it.
func TestPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes and links as on Unix")
	}
	dir := t.TempDir()
	victim, name := filepath.Join(dir, "victim"), filepath.Join(dir, "cni-mtu-blackhole-ea61.pcapng")
	if err := os.WriteFile(victim, []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, name); err != nil {
		t.Fatal(err)
	}
	f, err := create(name, private)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("packets"))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(name)
	if err != nil || info.Mode() != 0o600 || contents(t, name) != "packets" || contents(t, victim) != "dear" {
		t.Errorf("%v, %v; %q", info.Mode(), err, contents(t, victim))
	}
}

// fullFile is one on a full disk.
type fullFile struct {
	file
	discarded bool
}

func (*fullFile) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "out", Err: syscall.ENOSPC}
}

func (f *fullFile) Discard() { f.discarded = true }

// TestFullDisk: what can't be written whole is given up, with one line.
func TestFullDisk(t *testing.T) {
	for _, verb := range []string{"analyze", "flows", "dns", "stats"} {
		e, _, stderr := testEnv(fstest.MapFS{"a.pcap": {Data: pcap(linkRaw, echo(1))}}, 0)
		f := new(fullFile)
		e.Create = func(string, making) (made, error) { return f, nil }
		if code := Run(context.Background(), e, []string{verb, "a.pcap", "-w", "out"}); code != ExitFailed || !f.discarded {
			t.Errorf("%s: exit code %d, given up: %t", verb, code, f.discarded)
		}
		if stderr.String() != "netsift: can't write the result: write out: no space left on device\n" {
			t.Errorf("%s: %q", verb, stderr)
		}
	}
}

// TestClosedOutput: a result that nobody can get is a failure, in a line and before any work, unless the run has another purpose.
func TestClosedOutput(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
	}{
		{"analyze a.pcap", ExitFailed},
		{"analyze -o json a.pcap", ExitFailed},
		{"flows a.pcap", ExitFailed},
		{"dns a.pcap", ExitFailed},
		{"stats a.pcap", ExitFailed},
		{"live a.pcap", ExitFailed},
		{"extract --conn a:1 -w - a.pcap", ExitFailed},
		{"demo", ExitFailed},
		{"rules", ExitFailed},
		{"analyze -w out a.pcap", ExitOK},
		{"analyze --fail-on critical a.pcap", ExitOK},
		{"live --metrics 127.0.0.1:0 a.pcap", ExitOK},
	} {
		e, _, stderr := testEnv(fstest.MapFS{"a.pcap": {Data: pcap(linkRaw, echo(1))}}, 0)
		e.StdoutClosed = true
		e.Create = func(string, making) (made, error) { return new(file), nil }
		e.Listen = func(string) (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
		code := Run(context.Background(), e, strings.Fields(c.args))
		if said := stderr.String(); code != c.code || c.code == ExitFailed && (strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "netsift: standard output is closed; ")) {
			t.Errorf("%s: exit code %d, %q", c.args, code, said)
		}
	}
}
