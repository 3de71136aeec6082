package netsift

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestShelf: the oldest files with evidence go first, by number and by size, also those of earlier runs, and no other file goes.
func TestShelf(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, age int) {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
			t.Fatal(err)
		}
		old := time.Unix(1795404972, 0).Add(-time.Duration(age) * time.Hour)
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	put("dns-nxdomain-1234.pcapng", 1)
	put("dns-nxdomain-00ff.pcapng", 2)
	for _, other := range []string{"dns-nxdomain-mine.pcapng", "capture-20261127.pcapng", "dns-nxdomain-12.pcap", "dns-nxdomain-.pcapng"} {
		put(other, 9)
	}
	if err := os.Symlink("capture-20261127.pcapng", filepath.Join(dir, "dns-nxdomain-9999.pcapng")); err != nil {
		t.Skip(err)
	}
	others := len(filesIn(t, dir)) - 2
	s := newShelf(&Env{ReadDir: os.ReadDir, Remove: os.Remove}, dir, []string{"dns-nxdomain", "dns"})
	if want := []shelved{{"dns-nxdomain-00ff.pcapng", 5}, {"dns-nxdomain-1234.pcapng", 5}}; !slices.Equal(s.files, want) || s.bytes != 10 {
		t.Fatalf("found %v, %d bytes", s.files, s.bytes)
	}
	s.most, s.room = 4, 100
	write := func(n int, size int64) {
		name := fmt.Sprintf("dns-%04x.pcapng", n)
		put(name, 0)
		if err := s.put(name, size); err != nil {
			t.Fatal(err)
		}
		if len(s.files) > s.most || s.bytes > s.room && len(s.files) > 1 || len(filesIn(t, dir)) != len(s.files)+others {
			t.Fatalf("after %d: %v, %d bytes, %d files", n, s.files, s.bytes, len(filesIn(t, dir)))
		}
	}
	for n := range 6 {
		write(n, 5)
	}
	write(3, 7) // written again, it is the latest
	if got := s.files[3]; got != (shelved{"dns-0003.pcapng", 7}) || s.bytes != 22 {
		t.Errorf("%v, %d bytes", s.files, s.bytes)
	}
	write(7, 95)
	if len(s.files) != 1 || s.bytes != 95 {
		t.Errorf("%v, %d bytes", s.files, s.bytes)
	}
	write(8, 1000) // a single one is kept whatever its size
}

func TestEvidenceName(t *testing.T) {
	names := map[string]string{}
	for _, id := range []string{
		"dns-nxdomain:ea61", "dns:nxdomain-ea61", "dns-nxdomain-ea61", "Dns-nxdomain:ea61", "dns_2d:1", "dns-:1", "dns:1-2", "dns-1:2", "dns:1_2d2",
		"../:1", "..\\:1", "a\x00:1", "é:1", "", ":", "con:1",
	} {
		name := evidenceName(id)
		if was, ok := names[name]; ok {
			t.Errorf("%q and %q are both %s", was, id, name)
		}
		names[name] = id
		if filepath.Base(name) != name {
			t.Errorf("%q is %s", id, name)
		}
	}
	if got := evidenceName("dns-nxdomain:ea61"); got != "dns-nxdomain-ea61.pcapng" {
		t.Error(got)
	}
	if !isEvidence(evidenceName("dns-nxdomain:ea61-2"), []string{"dns-nxdomain"}) {
		t.Error("a number more is not known again")
	}
}
