package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// archived returns an archive. What has no content is a directory or a link.
func archived(t *testing.T, files ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range files {
		content := h.PAXRecords["NETSIFT.content"]
		h.PAXRecords, h.Size, h.Mode = nil, int64(len(content)), 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// in is a file in an archive.
func in(name string, content []byte) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeReg, PAXRecords: map[string]string{"NETSIFT.content": string(content)}}
}

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// said returns what netsift analyze writes to standard error.
func said(t *testing.T, args ...string) string {
	t.Helper()
	env := system()
	var b bytes.Buffer
	env.Context, env.Stdout, env.Stderr = t.Context(), io.Discard, &b
	if err := analyze(t.Context(), &env, args); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestArchive: an archive is read as netsift analyze reads it, with what lies in it beside captures, and what is left out of it; also one that ends early.
func TestArchive(t *testing.T) {
	folder := t.TempDir()
	files := nodes(t, folder, 3, 8_000)
	snapshot := []byte(`{"apiVersion":"v1","kind":"Service","metadata":{"name":"hot","namespace":"shop"},"spec":{"clusterIP":"10.96.0.100","ports":[{"port":80,"protocol":"TCP"}]}}`)
	whole := archived(t,
		tar.Header{Name: "a/", Typeflag: tar.TypeDir},
		in("a/node1.pcap", read(t, files[0])),
		tar.Header{Name: "link.pcap", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		tar.Header{Name: "tty", Typeflag: tar.TypeChar},
		in("../outside.pcap", read(t, files[0])),
		in("again.tgz", gzipped(t, archived(t, in("inner.pcap", read(t, files[0]))))),
		in("odd.pcap", read(t, files[0])[:12]),
		in("cluster.json", snapshot),
		in("b/node2.pcap.gz", gzipped(t, read(t, files[1]))),
		in("c/node3.facts", analyzed(t, "facts", "-w", "-", files[2])),
		in("notes", []byte("buy milk")),
	)
	packed := gzipped(t, whole)
	second := bytes.Index(whole, []byte("b/node2.pcap.gz"))
	for name, content := range map[string][]byte{
		"whole.tar": whole, "whole.tgz": packed,
		"facts.tar":            analyzed(t, "facts", "-w", "-", files[0], files[1]),
		"cut in a capture.tar": whole[:len(whole)/8], "cut in a compressed one.tar": whole[:second+20_000],
		"cut behind a capture.tar": whole[:second], "not an archive beyond.tar": append(bytes.Clone(whole[:second]), strings.Repeat("no", 700)...),
		"cut.tgz": packed[:len(packed)/2],
	} {
		t.Run(name, func(t *testing.T) {
			archive := filepath.Join(folder, name)
			spoil(t, archive, content)
			j := &job{globs: []string{archive}, output: filepath.Join(folder, "out")}
			if err := j.run(t.Context(), io.Discard); err != nil {
				t.Fatal(err)
			}
			differ(t, "report", alike(t, read(t, j.output+".json")), alike(t, analyzed(t, "analyze", "-o", "json", archive)))

			var b bytes.Buffer
			fault, err := (&FactsFn{}).write(t.Context(), &b, archive)
			if fault != nil || err != nil {
				t.Fatal(fault, err)
			}
			spoil(t, archive, b.Bytes())
			got := said(t, "analyze", archive)
			spoil(t, archive, content)
			differ(t, "what is said", reasonless(got), reasonless(said(t, "analyze", archive)))
			os.Remove(archive)
		})
	}
}

// reasonless returns what is said of an archive without why it is taken for damaged.
func reasonless(said string) string {
	before, rest, ok := strings.Cut(said, "the archive is damaged (")
	if !ok {
		return said
	}
	_, after, _ := strings.Cut(rest, ")")
	return before + after
}

// TestArchiveTooLarge: an archive that claims more than there is room for is not read.
func TestArchiveTooLarge(t *testing.T) {
	var b bytes.Buffer
	if err := tar.NewWriter(&b).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "zeros", Size: maxRest + 1}); err != nil {
		t.Fatal(err)
	}
	if err := (&FactsFn{}).archive(t.Context(), io.Discard, &b); err == nil || !strings.Contains(err.Error(), "8 GiB") {
		t.Errorf("it was read: %v", err)
	}
}
