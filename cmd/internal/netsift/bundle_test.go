package netsift

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// memory is a Spool that says whether it was closed.
type memory struct {
	bytes.Buffer
	closed bool
}

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(m.Bytes()).ReadAt(p, off)
}

func (m *memory) Close() error {
	m.closed = true
	return nil
}

// archived returns an archive; an entry without data is what its header says.
func archived(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range entries {
		h := entries[i]
		data := h.PAXRecords["NETSIFT.data"]
		h.PAXRecords, h.Size, h.Mode = nil, int64(len(data)), 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// entry is a file in an archive.
func entry(name string, data []byte) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeReg, PAXRecords: map[string]string{"NETSIFT.data": string(data)}}
}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

var objects = []byte(`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "ping", "namespace": "shop"}, "status": {"phase": "Running", "podIP": "10.0.0.1"}}`)

// TestBundle holds that captures and a snapshot in an archive are read as if they lay apart, and that nothing else of it is.
func TestBundle(t *testing.T) {
	ping := pcap(linkRaw, echo(1), echo(2))
	plain := archived(t,
		tar.Header{Name: "a/", Typeflag: tar.TypeDir},
		entry("a/node1.pcap", ping),
		entry("b/node2.pcap.gz", gzipped(pcap(linkRaw, echo(9)))),
		entry("cluster.json", objects),
		tar.Header{Name: "link.pcap", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		tar.Header{Name: "hard.pcap", Typeflag: tar.TypeLink, Linkname: "a/node1.pcap"},
		tar.Header{Name: "tty", Typeflag: tar.TypeChar},
		entry("../../outside.pcap", ping),
		entry("/etc/outside.pcap", ping),
		entry(`..\outside.pcap`, ping),
		entry("again.tar", archived(t, entry("inner.pcap", ping))),
		entry("again.tgz", gzipped(archived(t, entry("inner.pcap", ping)))),
	)
	for name, data := range map[string][]byte{"all.tar": plain, "all.tgz": gzipped(plain)} {
		e, stdout, stderr := testEnv(fstest.MapFS{name: {Data: data}}, 0)
		spool := &memory{}
		e.Spool = func() (Spool, error) { return spool, nil }
		if code := Run(context.Background(), e, []string{"flows", name, "-o", "csv"}); code != ExitOK {
			t.Fatalf("%s: exit code %d: %s", name, code, stderr)
		}
		if !spool.closed {
			t.Errorf("%s: the temporary file stays", name)
		}
		if got := strings.Count(stdout.String(), "\n"); got != 2 || !strings.Contains(stdout.String(), ",shop/ping,") {
			t.Errorf("%s: %s", name, stdout)
		}
		for _, want := range []string{
			"../../outside.pcap left out: its name leads out", "/etc/outside.pcap left out", `..\outside.pcap left out`, "again.tar left out: an archive in a bundle",
			"again.tgz left out", "links and devices left out: 3",
		} {
			if !strings.Contains(stderr.String(), want) {
				t.Errorf("%s: %q is not said: %s", name, want, stderr)
			}
		}
	}
}

func TestBundleNames(t *testing.T) {
	ping := pcap(linkRaw, echo(1))
	b := &bundle{}
	data := archived(t, entry("./x/../a/node1.pcap", ping), entry("node1.pcap", ping), entry("notes", []byte("buy milk")))
	if err := b.archive(bytes.NewReader(data), &memory{}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range b.captures {
		names = append(names, b.captures[i].Name)
		for range 2 { // the engine reads twice
			in, err := b.captures[i].Open()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, ping) {
				t.Errorf("%s: %d bytes, %v", names[i], len(got), err)
			}
		}
	}
	if want := []string{"a/node1.pcap", "node1.pcap"}; !slices.Equal(names, want) {
		t.Errorf("captures %q, want %q", names, want)
	}
	if len(b.rest) != 1 || b.rest[0].Name != "notes" {
		t.Errorf("the rest is %v", b.rest)
	}
}

// TestBundleBounds holds that an archive takes no more than it may, and that one that is damaged is read as far as it goes.
func TestBundleBounds(t *testing.T) {
	ping := pcap(linkRaw, echo(1))
	data := archived(t, entry("a.pcap", ping), entry("b.pcap", append(ping, make([]byte, 1<<20)...)))
	b, spool := &bundle{}, &memory{}
	if err := b.archive(&allowance{bytes.NewReader(data), 1 << 16}, spool); !errors.Is(err, errBundleTooLarge) || spool.Len() > 1<<16 {
		t.Errorf("%v after %d bytes", err, spool.Len())
	}
	for _, cut := range []int{1100, 2000, 1 << 19} {
		b := &bundle{}
		if err := b.archive(bytes.NewReader(data[:cut]), &memory{}); err != nil || len(b.captures) == 0 || len(b.remarks) != 1 {
			t.Errorf("cut after %d bytes: %v, %d captures, %q", cut, err, len(b.captures), b.remarks)
		}
	}
	full := errors.New("no space left on device")
	if err := (&bundle{}).archive(bytes.NewReader(data), broken{full}); !errors.Is(err, full) {
		t.Errorf("a disk that is full: %v", err)
	}
	many := make([]tar.Header, maxSnapshotFiles+1)
	for i := range many {
		many[i] = entry("a", nil)
	}
	if err := (&bundle{}).archive(bytes.NewReader(archived(t, many...)), &memory{}); err == nil {
		t.Error("too many files were read")
	}
	if !sparse(&tar.Header{PAXRecords: map[string]string{"GNU.sparse.major": "1"}}) {
		t.Error("a file with holes is taken for one without")
	}
}

// broken is a Spool that can't be written.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error)         { return 0, b.err }
func (b broken) ReadAt([]byte, int64) (int, error) { return 0, b.err }
func (b broken) Close() error                      { return nil }

// TestBundleWithout holds that an archive without a capture is an error of its own, beside other captures none.
func TestBundleWithout(t *testing.T) {
	files := fstest.MapFS{"none.tar": {Data: archived(t, entry("cluster.json", objects))}, "a.pcap": {Data: pcap(linkRaw, echo(1))}}
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"flows", "none.tar"}, ExitNoCapture},
		{[]string{"flows", "none.tar", "a.pcap"}, ExitOK},
	} {
		e, _, stderr := testEnv(files, 0)
		e.Spool = func() (Spool, error) { return &memory{}, nil }
		if code := Run(context.Background(), e, c.args); code != c.code || !strings.Contains(stderr.String(), "none.tar: no capture in it") {
			t.Errorf("%v: exit code %d, want %d: %s", c.args, code, c.code, stderr)
		}
	}
	e, _, stderr := testEnv(files, 0)
	e.Spool = func() (Spool, error) { return nil, fs.ErrPermission }
	if code := Run(context.Background(), e, []string{"flows", "none.tar"}); code != ExitNoCapture || !strings.Contains(stderr.String(), "no temporary file") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
