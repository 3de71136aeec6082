package snapshot

import (
	"archive/tar"
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestHostile: what could repeat itself without end is left out, and said.
func TestHostile(t *testing.T) {
	pack := func(name string, content []byte) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		w.Write(content)
		w.Close()
		return b.Bytes()
	}
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\n"
	for _, x := range []struct {
		name, content, warning string
		pods                   int
	}{
		{"a pod in an archive", string(pack("a.yaml", []byte(pod))), "", 1},
		{"an archive in an archive", string(pack("a.tar", pack("a.yaml", []byte(pod)))), "an archive in an archive", 0},
		{"aliases", pod + "spec: {x: &x long, y: [*x, *x]}\n", "aliases", 0},
		{"a star and an ampersand in words", pod + "spec: {nodeName: \"*&\"}\n", "", 1},
	} {
		s := Read([]File{{Name: "f", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(x.content)), nil }}})
		warned := strings.Join(s.Warnings, "\n")
		if len(s.Pods) != x.pods || x.warning == "" && warned != "" || !strings.Contains(warned, x.warning) {
			t.Errorf("%s: %d pods, %q", x.name, len(s.Pods), warned)
		}
	}
}
