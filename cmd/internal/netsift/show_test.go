package netsift

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/corpus/cases"
)

func TestParseFrames(t *testing.T) {
	for _, c := range []struct {
		arg  string
		want string
		ok   bool
	}{
		{"12", "[{ 12 12}]", true},
		{"15-20", "[{ 15 20}]", true},
		{"3,4,9-11", "[{ 3 3} { 4 4} { 9 11}]", true},
		{"1-1000", "[{ 1 1000}]", true},
		{"node1.pcap", "[]", false},
		{"", "[]", false},
		{"0", `frame "0": write numbers from 1 on, as 12 15-20 3,4`, true},
		{"20-15", `frame "20-15": write numbers`, true},
		{"3,,4", `frame "": write numbers`, true},
		{"5-", `frame "5-": write numbers`, true},
		{"1-2-3", `frame "1-2-3": write numbers`, true},
		{"99999999999999999999", `frame "99999999999999999999": write numbers`, true},
		{"1-1001", "frames 1-1001 are 1001; show takes 1000 at most", true},
	} {
		list, ok, err := parseFrames(c.arg)
		got := fmt.Sprint(list)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) || ok != c.ok {
			t.Errorf("%q: %s, %v, want %s, %v", c.arg, got, ok, c.want, c.ok)
		}
	}
}

func TestWantFrames(t *testing.T) {
	in := []analyze.Input{{Name: "a/node1.pcap"}, {Name: "b/node1.pcap"}, {Name: "node2.pcap.zst"}}
	for _, c := range []struct {
		file string
		want string
	}{
		{"b/node1.pcap", "1"},
		{"node2.pcap.zst", "2"},
		{"node2", "2"}, // as in the ids of connections
		{"node1.pcap", "several captures are called so; write a/node1.pcap:7"},
		{"node3", "no capture that was given is called so"},
		{"", "of which capture? write a/node1.pcap:7"},
	} {
		w, err := wantFrames(in, []frameRange{{c.file, 7, 7}})
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.ranges[0].capture)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.file, got, c.want)
		}
	}
	if _, err := wantFrames(in[:1], []frameRange{{"", 1, 600}, {"", 1001, 1500}}); err == nil {
		t.Error("1,100 frames are not too many")
	}
	w, err := wantFrames(in[2:], []frameRange{{"", 1, 5}, {"", 3, 3}, {"", 9, 9}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range uint64(8) {
		if got := w.has(fact.Ref{Frame: n}); got != (n >= 1 && n <= 5) {
			t.Errorf("frame %d: %v", n, got)
		}
	}
	if err := w.missing([]fact.Capture{{File: "node2.pcap.zst", Frames: 7}}); err == nil || err.Error() != "no frame 9: node2.pcap.zst has 7" {
		t.Error(err)
	}
}

// shownText returns what show says.
func shownText(t *testing.T, files fstest.MapFS, args ...string) string {
	t.Helper()
	e, stdout, stderr := redactEnv(files)
	if code := Run(context.Background(), e, append([]string{"show"}, args...)); code != ExitOK {
		t.Fatalf("%q: exit code %d, %s", args, code, stderr)
	}
	return stdout.String()
}

// readings returns what netsift makes of frames, by file and number, from show's JSON.
func readings(t *testing.T, said string) map[string]string {
	t.Helper()
	var doc struct {
		Frames []struct {
			File    string
			Frame   uint64
			Reading struct{ Text string }
		}
	}
	if err := json.Unmarshal([]byte(said), &doc); err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for _, f := range doc.Frames {
		list[fmt.Sprintf("%s frame %d", f.File, f.Frame)] = f.Reading.Text
	}
	return list
}

// TestShowAgrees holds that show says of a frame what extract writes beside it, however many workers read.
func TestShowAgrees(t *testing.T) {
	files := docFiles(t)
	args := []string{"node1.pcap.zst", "node2.pcap.zst", "node1.pcap.zst:1-295", "node2.pcap.zst:1-326", "-o", "json", "-x"}
	said := shownText(t, files, append(args, "--jobs", "1")...)
	if again := shownText(t, files, append(args, "--jobs", "2")...); again != said {
		t.Error("it depends on --jobs")
	}
	shown := readings(t, said)
	if len(shown) != 295+326 {
		t.Fatalf("%d frames", len(shown))
	}
	for _, id := range []string{"node1:150", "node1:222"} {
		data, stderr, code := extracted(t, files, "node1.pcap.zst", "node2.pcap.zst", "--conn", id, "-w", "x.pcapng")
		if code != ExitOK {
			t.Fatal(stderr)
		}
		said := comments(t, data)[1:]
		if len(said) < 20 {
			t.Fatalf("%d comments", len(said))
		}
		for _, c := range said {
			frame, want, _ := strings.Cut(c, ": ")
			if shown[frame] != want {
				t.Errorf("%s: %q, and extract has %q", frame, shown[frame], want)
			}
		}
	}
}

// TestShowRedacted holds that no frame shows what was replaced.
func TestShowRedacted(t *testing.T) {
	ours := said(t)
	key := redact.NewKey(secret)
	for i, c := range cases.All() {
		if i%24 != 0 && c.Name != "dns-search-expansion" {
			continue
		}
		f := c.Play().Files()[0]
		name := company + ".pcap"
		o := &originals{map[string]bool{}, map[string]bool{}}
		o.read(t, key, []analyze.Input{{Name: "x.pcap", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(f.Data))), nil }}})
		for w := range o.words {
			if within(ours, w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
				delete(o.words, w)
			}
		}
		files := fstest.MapFS{name: {Data: f.Data}}
		e, stdout, _ := redactEnv(files)
		if Run(context.Background(), e, []string{"show", name, "1-100"}) != ExitOK {
			continue // it is no capture, on purpose
		}
		if len(o.leaks(stdout.String())) < 2 {
			t.Errorf("%s: what is not redacted seems to be", c.Name)
		}
		for _, form := range []string{"text", "json"} {
			if list := o.leaks(shownText(t, files, name, "1-100", "--redact", "-o", form)); len(list) > 0 {
				t.Errorf("%s, %s: it says %q", c.Name, form, list)
			}
		}
	}
}

// TestShowHostile holds that a terminal gets printable text, whatever a packet holds.
func TestShowHostile(t *testing.T) {
	payload := "GET /\x1b]0;owned\a HTTP/1.1\r\nx\x1b[31m: \u202e\xff\r\n\r\n"
	packet := append([]byte{0x45, 0, 0, byte(40 + len(payload)), 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, 0xc3, 0x50, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 1, 0, 0, 0, 0, 0)
	packet = append(packet, payload...)
	dns := append([]byte{0x45, 0, 0, 28 + 12 + 14, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, 0xc3, 0x50, 0, 53, 0, 8+12+14, 0, 0)
	dns = append(dns, "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x08\x1b[2J\x9b\x00\r\n\x00\x00\x01\x00\x01"...)
	files := fstest.MapFS{"x\x1b[2J.pcap": {Data: pcap(linkRaw, packet, dns, packet[:30], echo(1))}}
	for _, args := range [][]string{{"-x"}, {"-x", "--width", "40"}, {"-o", "json", "-x"}} {
		for line := range strings.Lines(shownText(t, files, append([]string{"x\x1b[2J.pcap", "1-4"}, args...)...)) {
			if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q: %q", args, line)
			}
		}
	}
}
