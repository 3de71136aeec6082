package netsift

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

// TestChangedFiles: a capture that is written on, cut, overwritten or taken away while it is read is read as far as it goes, and that is said; its
// checksum is not told.
func TestChangedFiles(t *testing.T) {
	whole := pcap(linkRaw, echo(1), echo(2), echo(3))
	other := pcap(linkRaw, echo(1), echo(2), echo(4))
	for _, c := range []struct {
		name   string
		before []byte
		after  *fstest.MapFile // nil for none
		say    string
	}{
		{"as it was", whole, &fstest.MapFile{Data: whole}, ""},
		{"grows", whole[:len(whole)-40], &fstest.MapFile{Data: whole}, "the file was still growing while it was read"},
		{"is cut", whole, &fstest.MapFile{Data: whole[:len(whole)-40]}, "the file was cut while it was read"},
		{"is emptied", whole, &fstest.MapFile{}, "the file was cut while it was read"},
		{"is another", whole, &fstest.MapFile{Data: other, ModTime: time.Unix(1, 0)}, "the file was written to while it was read"},
		{"is gone", whole, nil, "the file was taken away while it was read"},
	} {
		for _, args := range []string{"analyze", "analyze -o json", "analyze -o sarif", "flows", "dns", "trace", "stats", "analyze b.pcap", "flows b.pcap"} {
			files := fstest.MapFS{"a.pcap": {Data: c.before}, "b.pcap": {Data: pcap(linkRaw, echo(7), echo(8))}}
			e, stdout, stderr := testEnv(files, 0)
			var one sync.Mutex // a checksum is computed beside
			open, stat, opened := e.Open, e.Stat, 0
			e.Stat = func(name string) (fs.FileInfo, error) {
				one.Lock()
				defer one.Unlock()
				return stat(name)
			}
			e.Open = func(name string) (io.ReadCloser, error) {
				one.Lock()
				defer one.Unlock()
				f, err := open(name)
				if name != "a.pcap" {
					return f, err
				}
				if opened++; opened == 2 { // the first is a look at whether it is a bundle
					if files[name] = c.after; c.after == nil {
						delete(files, name)
					}
				}
				return f, err
			}
			code := Run(context.Background(), e, append(strings.Fields(args), "a.pcap"))
			said := stderr.String()
			if code == ExitNoCapture && (args == "trace" || args == "analyze -o sarif") {
				continue // it reads twice, and has nothing to show of what is there no more
			}
			if code != ExitOK || !strings.Contains(said, c.say) || c.say == "" && strings.Contains(said, "while it was read") {
				t.Errorf("%s, %s: exit code %d, %q", c.name, args, code, said)
			}
			if told := strings.Contains(stdout.String(), "sha-256"); args == "analyze -o sarif" && told != (c.say == "") {
				t.Errorf("%s: a checksum is told: %t", c.name, told)
			}
		}
	}
}

// TestJoined: where another header comes in a file or stream, as when tcpdump is started again, another capture begins: of the same link type and
// format, of others, and behind one that was torn off.
func TestJoined(t *testing.T) {
	first := pcap(linkRaw, echo(1), echo(2))
	ethernet := func(frames ...[]byte) (list [][]byte) {
		for _, f := range frames {
			list = append(list, append(append(make([]byte, 12), 8, 0), f...))
		}
		return list
	}
	for _, c := range []struct {
		name   string
		parts  [][]byte
		frames int
	}{
		{"same", [][]byte{first, pcap(linkRaw, echo(3), echo(4), echo(5))}, 5},
		{"other link type", [][]byte{first, pcap(1, ethernet(echo(3), echo(4), echo(5))...)}, 5},
		{"other format", [][]byte{first, telling(t, pcap(linkRaw, echo(3), echo(4)))}, 4},
		{"and back", [][]byte{telling(t, first), first, pcap(1, ethernet(echo(3))...)}, 5},
		{"torn", [][]byte{first[:len(first)-9], pcap(linkRaw, echo(3), echo(4), echo(5))}, 5},
		{"a header and nothing else", [][]byte{first, pcap(linkRaw), pcap(linkRaw), first}, 4},
	} {
		data := bytes.Join(c.parts, nil)
		for _, args := range []string{"analyze -o json", "live -o json"} {
			e, stdout, stderr := liveEnv(bytes.NewReader(data), nil)
			if code := Run(context.Background(), e, append(strings.Fields(args), "-")); code != ExitOK {
				t.Errorf("%s, %s: exit code %d, %s", c.name, args, code, stderr)
			}
			if want := fmt.Sprintf(`"frames": ?%d\b`, c.frames); !regexp.MustCompile(want).Match(stdout.Bytes()) {
				t.Errorf("%s, %s: not %d frames: %.600s %s", c.name, args, c.frames, stdout, stderr)
			}
		}
	}
}
