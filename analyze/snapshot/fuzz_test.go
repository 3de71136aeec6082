package snapshot

import (
	"archive/tar"
	"bytes"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze/fact"
)

// FuzzRead reads any bytes: a snapshot comes of it that is the same each time, says little of what is wrong, and gives names.
func FuzzRead(f *testing.F) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	w.WriteHeader(&tar.Header{Name: "a.json", Size: int64(len(pod)), Typeflag: tar.TypeReg})
	w.Write([]byte(pod))
	w.Close()
	for _, text := range []string{
		list(pod, service1, slice1, policy1), pod, "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\n---\napiVersion: v1\nkind: List\nitems:\n- kind: Node\n  metadata: {name: n}\n",
		archive.String(), "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN\n", "default via 10.0.0.1 dev eth0\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := Read([]File{file("f", string(data))})
		if again := Read([]File{file("f", string(data))}); !cmp.Equal(s, again, byValue) {
			t.Errorf("twice the same, and %s", cmp.Diff(s, again, byValue))
		}
		if n := len(s.Warnings); n > maxWarnings+1 {
			t.Errorf("%d warnings", n)
		}
		n := NewNames(s)
		n.Client(netip.MustParseAddr("10.244.1.5"), Span{})
		n.Called(netip.MustParseAddrPort("10.96.0.50:80"), fact.TCP, Span{})
	})
}
