package plugin

import (
	"os"
	"path/filepath"
	"testing"
)

// TestBundleStays: what a node is called leads to no file outside of the bundle.
func TestBundleStays(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "case")
	b, err := newBundle(folder)
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{"node1.pcapng": true, "node1/ip-addr.txt": true, "../x.pcapng": false, "/tmp/x": false, "a/../../x": false} {
		if err := b.write(name, []byte("x")); (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := os.ReadDir(filepath.Dir(folder)); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}
