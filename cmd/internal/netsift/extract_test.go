package netsift

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/analyze/join"
	"github.com/netsift/netsift/analyze/sight"
	"github.com/netsift/netsift/cmd/internal/redact"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/decode/wire"
)

// readFrame is a frame as a file has it.
type readFrame struct {
	link capture.LinkType
	time int64
	wire uint32
	data string
}

// readFrames returns the frames of a capture, which must be whole, by number from 1 on, and its interfaces.
func readFrames(t *testing.T, data []byte) ([]readFrame, []capture.Interface) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	list := []readFrame{{}}
	for block := (capture.Block{}); ; {
		if err := r.Read(&block); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for i := range block.Frames {
			f := &block.Frames[i]
			list = append(list, readFrame{r.Interfaces()[f.Interface].Link, f.Time, f.Wire, string(block.Bytes(f))})
		}
	}
	if d := r.Damage(); len(d) > 0 && !r.Torn() {
		t.Fatalf("damaged: %v", d)
	}
	return list, r.Interfaces()
}

// comments returns the comments of a pcapng file: that of the section, then one for each frame. The capture reader has no use
// for them.
func comments(t *testing.T, b []byte) []string {
	t.Helper()
	le := binary.LittleEndian
	var list []string
	for len(b) > 0 {
		kind, n := le.Uint32(b), le.Uint32(b[4:])
		options := n // of other blocks none are wanted
		switch kind {
		case 0x0a0d0d0a:
			options = 24
		case 6:
			options = 28 + (le.Uint32(b[20:])+3)&^3
		}
		said := ""
		for o := b[min(options, n-4) : n-4]; len(o) >= 4; {
			code, length := le.Uint16(o), int(le.Uint16(o[2:]))
			if code == 1 {
				said = string(o[4 : 4+length])
			}
			o = o[4+(length+3)&^3:]
		}
		if options < n {
			list = append(list, said)
		}
		b = b[n:]
	}
	return list
}

// extracted runs extract and returns what it wrote and said.
func extracted(t *testing.T, files fstest.MapFS, args ...string) (data []byte, stderr string, code int) {
	t.Helper()
	e, stdout, errs := testEnv(files, 0)
	out := new(file)
	e.Create = func(string, making) (made, error) { return out, nil }
	code = Run(context.Background(), e, append([]string{"extract"}, args...))
	if stdout.Len() > 0 {
		t.Errorf("%q: the result went to standard output", args)
	}
	return out.Bytes(), errs.String(), code
}

var cited = regexp.MustCompile(`^(\S+) frame (\d+): .`)

// checkExcerpt holds what was extracted against the captures that it came from, and returns the frames that it has.
func checkExcerpt(t *testing.T, what string, files fstest.MapFS, data []byte) map[string]bool {
	t.Helper()
	got, _ := readFrames(t, data)
	said := comments(t, data)
	if len(said) != len(got) || said[0] == "" {
		t.Fatalf("%s: %d comments of %d frames, %q", what, len(said)-1, len(got)-1, said[0])
	}
	frames := map[string]bool{}
	originals := map[string][]readFrame{}
	for i := 1; i < len(got); i++ {
		m := cited.FindStringSubmatch(said[i])
		if m == nil || files[m[1]] == nil {
			t.Fatalf("%s: frame %d says %q", what, i, said[i])
		}
		if originals[m[1]] == nil {
			originals[m[1]], _ = readFrames(t, files[m[1]].Data)
		}
		n, _ := strconv.Atoi(m[2])
		if got[i] != originals[m[1]][n] {
			t.Errorf("%s: %s: %+v, was %+v", what, said[i], got[i], originals[m[1]][n])
		}
		key := m[1] + ":" + m[2]
		if frames[key] {
			t.Errorf("%s: %s is there twice", what, key)
		}
		frames[key] = true
	}
	return frames
}

// TestExtractCorpus extracts every finding and a connection of every case: each frame is as in the captures, and all that were
// asked for are there.
func TestExtractCorpus(t *testing.T) {
	findings, connections := 0, 0
	for _, c := range cases.Some(testing.Short()) {
		files := fstest.MapFS{}
		var names []string
		for _, f := range c.Play().Files() {
			files[f.Name] = &fstest.MapFile{Data: f.Data}
			names = append(names, f.Name)
		}
		for i, f := range reported(t, files, names) {
			what := fmt.Sprintf("%s, %s", c.Name, f.ID)
			data, stderr, code := extracted(t, files, append(names, "--finding", strconv.Itoa(i+1), "-w", "out.pcapng")...)
			if len(f.Evidence) == 0 {
				if code != ExitUsage {
					t.Errorf("%s: exit code %d without evidence", what, code)
				}
				continue
			}
			if code != ExitOK {
				t.Errorf("%s: exit code %d, %s", what, code, stderr)
				continue
			}
			got := checkExcerpt(t, what, files, data)
			want := map[string]bool{}
			for _, e := range f.Evidence {
				want[fmt.Sprintf("%s:%d", e.File, e.Frame)] = true
				if s := strings.Join(comments(t, data), "\n"); !strings.Contains(s, e.Note) {
					t.Errorf("%s: nothing says %q", what, e.Note)
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: -evidence +written\n%s", what, d)
			}
			if s := comments(t, data)[0]; !strings.HasPrefix(s, f.ID+": ") {
				t.Errorf("%s: the file says that it is of %q", what, s)
			}
			findings++
		}
		id, frames := longest(t, files, names)
		if id == "" {
			continue
		}
		data, stderr, code := extracted(t, files, append(names, "--conn", id, "-w", "out.pcapng")...)
		if code != ExitOK {
			t.Errorf("%s, %s: exit code %d, %s", c.Name, id, code, stderr)
			continue
		}
		// ICMP errors are no sightings.
		if got := checkExcerpt(t, c.Name+", "+id, files, data); len(got) < frames {
			t.Errorf("%s, %s: %d frames of %d", c.Name, id, len(got), frames)
		}
		connections++
	}
	if (findings < 50 || connections < 50) && !testing.Short() {
		t.Errorf("only %d findings and %d connections", findings, connections)
	}
}

// reportedFinding is a finding as a report has it.
type reportedFinding struct {
	ID       string
	Evidence []struct {
		File  string
		Frame uint64
		Note  string
	}
}

// reported returns the findings of an analysis.
func reported(t *testing.T, files fstest.MapFS, names []string) []reportedFinding {
	t.Helper()
	e, stdout, stderr := testEnv(files, 0)
	if code := Run(context.Background(), e, append([]string{"analyze", "-o", "json"}, names...)); code != ExitOK {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	var r struct{ Findings []reportedFinding }
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r.Findings
}

// longest returns the id of the connection with the most frames, "" without one.
func longest(t *testing.T, files fstest.MapFS, names []string) (id string, frames int) {
	t.Helper()
	e, stdout, stderr := testEnv(files, 0)
	if code := Run(context.Background(), e, append([]string{"flows", "-o", "json"}, names...)); code != ExitOK {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	for d := json.NewDecoder(stdout); ; {
		var c struct {
			ID     string
			Frames int
		}
		if err := d.Decode(&c); err != nil {
			return id, frames
		}
		if c.Frames > frames {
			id, frames = c.ID, c.Frames
		}
	}
}

func TestExtractPlain(t *testing.T) {
	files := docFiles(t)
	for _, args := range [][]string{{"-w", "out.pcap"}, {"-w", "out", "--format", "pcap"}} {
		data, stderr, code := extracted(t, files, append([]string{"node1.pcap.zst", "node2.pcap.zst", "--finding", "1"}, args...)...)
		if code != ExitOK || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "plain pcap has no place for comments") {
			t.Errorf("%q: exit code %d, %s", args, code, stderr)
		}
		got, interfaces := readFrames(t, data)
		if len(got) != 13 || len(interfaces) != 1 || got[1].link != capture.LinkLinuxSLL2 {
			t.Errorf("%q: %d frames, %v", args, len(got)-1, interfaces)
		}
		first, _ := readFrames(t, demoNode1)
		if got[1] != first[150] {
			t.Errorf("%q: %+v, was %+v", args, got[1], first[150])
		}
	}
}

// TestExtractMixed: frames of two link types are no plain pcap.
func TestExtractMixed(t *testing.T) {
	x := newExcerpt(io.Discard, "pcap", "", &fact.Facts{Captures: make([]fact.Capture, 2)}, nil)
	ethernet, raw := frameHead{iface: capture.Interface{Link: capture.LinkEthernet}}, frameHead{ref: fact.Ref{Capture: 1}, iface: capture.Interface{Link: capture.LinkRaw}}
	if err := x.write(&ethernet, []byte("a"), ""); err != nil {
		t.Error(err)
	}
	err := x.write(&raw, []byte("b"), "")
	if exitCode(err) != ExitUsage || !strings.Contains(err.Error(), "EN10MB and RAW; write pcapng: --format pcapng") {
		t.Errorf("%v", err)
	}
}

// TestExtractStrangers: any names and descriptions are harmless in a comment, and any number of interfaces has room.
func TestExtractStrangers(t *testing.T) {
	var b bytes.Buffer
	x := newExcerpt(&b, "pcapng", "no \x1b[31m such name", &fact.Facts{Captures: make([]fact.Capture, 1)}, nil)
	for i := range uint32(2 * maxLinks) {
		f := frameHead{index: i, iface: capture.Interface{Link: capture.LinkLinuxSLL2, Description: "\u202egnp.exe\n"}}
		if err := x.write(&f, nil, "a\x00b\r"); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.to.Flush(); err != nil {
		t.Fatal(err)
	}
	_, interfaces := readFrames(t, b.Bytes())
	if n := len(interfaces); n != maxLinks+1 {
		t.Errorf("%d interfaces", n)
	}
	for _, s := range append(comments(t, b.Bytes())[:3], interfaces[0].Name, interfaces[0].Description) {
		if s == "" || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q", s)
		}
	}
}

func TestSightingTexts(t *testing.T) {
	texts := newSightingTexts(&fact.Connection{Proto: fact.TCP}, newLinkTexts(&fact.Facts{Captures: []fact.Capture{{Node: "node1"}}}))
	f := &frameHead{iface: capture.Interface{Name: "eth0"}}
	for _, c := range []struct {
		s    join.Sighting
		want string
	}{
		{join.Sighting{Packet: &decode.Packet{Has: decode.HasTCP, PayloadLen: 1, Flags: 0x11}, First: true, Key: 1}, "FIN with 1 byte of data from the client, at interface eth0, sighting 1 of the packet"},
		{join.Sighting{Packet: &decode.Packet{Has: decode.HasTCP, Flags: 0x10, Direction: decode.DirIn}, Key: 1, Flow: fact.ToClient}, "ACK from the server, in by interface eth0, sighting 2 of the packet"},
		{join.Sighting{Packet: &decode.Packet{Has: decode.HasTCP, Flags: 2}, Key: 1, First: true, Repeat: sight.Resend}, "SYN from the client, at interface eth0, sighting 1 of the packet; sent again"},
		{join.Sighting{Packet: &decode.Packet{Proto: 6}, Key: 2}, "cut segment from the client, at interface eth0, part of a packet seen before"},
		{join.Sighting{Packet: &decode.Packet{Proto: 58, ICMPType: 129}, Key: 1, Further: true}, "echo reply, on one more leg, at interface eth0, sighting 2 of the packet"},
	} {
		if got := texts.of(&c.s, f); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	for i := range uint32(3 * inFlight) {
		texts.of(&join.Sighting{Packet: &decode.Packet{}, Key: i, First: true}, f)
	}
	if len(texts.seen) != inFlight || len(texts.latest) != inFlight {
		t.Errorf("%d packets are remembered", len(texts.seen))
	}
}

// TestExtractOverwrite: an input is an input by any name.
func TestExtractOverwrite(t *testing.T) {
	e, _, stderr := testEnv(docFiles(t), 0)
	e.SameFile = func(a, b fs.FileInfo) bool { return a.Name() == "node2.pcap.zst" && b.Name() == "node1.pcap.zst" }
	if code := Run(context.Background(), e, []string{"extract", "node1.pcap.zst", "--finding", "1", "-w", "node2.pcap.zst"}); code != ExitUsage || !strings.Contains(stderr.String(), "would overwrite the capture") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestExtractFails(t *testing.T) {
	args := []string{"extract", "node1.pcap.zst", "--conn", "node1:20", "-w", "out.pcapng"}
	e, stdout, stderr := testEnv(docFiles(t), 0)
	if code := Run(context.Background(), e, args); code != ExitFailed || stdout.Len() > 0 ||
		stderr.String() != "netsift: can't write the result: open out.pcapng: permission denied\n" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e, stdout, stderr = testEnv(docFiles(t), 0)
	if code := Run(ctx, e, args); code != ExitInterrupted || stdout.Len() > 0 || stderr.String() != "netsift: interrupted\n" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	// A capture that is another one at the second reading.
	files := fstest.MapFS{"a.pcap": {Data: pcap(linkRaw, echo(1), echo(2))}}
	e, _, stderr = testEnv(files, 0)
	opened := 0
	e.Open = func(name string) (io.ReadCloser, error) {
		if opened++; opened > 2 { // after a look whether it is a bundle, and the first reading
			files["a.pcap"].Data = pcap(linkRaw, echo(1))
		}
		return files.Open(name)
	}
	if code := Run(context.Background(), e, []string{"extract", "a.pcap", "--conn", "a:1", "-w", "out.pcapng"}); code != ExitFailed ||
		stderr.String() != "netsift: a.pcap was changed while it was read; run it again, or copy the capture first\n" {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// TestSightingHides holds that no text about a sighting can hold an address or a name that was replaced, also in new fields.
func TestSightingHides(t *testing.T) {
	src, dst := wire.Addr4(0x0a0a0a01), wire.Addr4(0x0a0a0a02)
	is := join.Sighting{Packet: &decode.Packet{Src: src, Dst: dst, MAC: 7}, Encaps: []decode.Encap{{Src: src, Dst: dst}}}
	x := newExcerpt(io.Discard, "pcapng", "", &fact.Facts{}, newHiding(redact.New(redact.NewKey(secret), nil), analyze.Config{}))
	told := x.hidden.sighting(&is)
	for what, a := range map[string]wire.Addr{
		"Sighting.Packet.Src": told.Packet.Src, "Sighting.Packet.Dst": told.Packet.Dst, "Sighting.Encaps.Src": told.Encaps[0].Src, "Sighting.Encaps.Dst": told.Encaps[0].Dst,
	} {
		if a == src || a == dst || !a.Netip().IsValid() {
			t.Errorf("%s is %v", what, a.Netip())
		}
	}
	if told.Packet.MAC != 0 || is.Packet.Src != src || is.Packet.MAC != 7 || is.Encaps[0].Dst != dst {
		t.Error("the link-layer address stays, or the original was changed")
	}
	var names []string // fields that may identify somebody
	var look func(name string, of reflect.Type)
	look = func(name string, of reflect.Type) {
		switch {
		case of == reflect.TypeFor[wire.Addr](), of.Kind() == reflect.String, of.PkgPath() == "net/netip":
			names = append(names, name)
		case of.Kind() == reflect.Struct:
			for i := range of.NumField() {
				look(name+"."+of.Field(i).Name, of.Field(i).Type)
			}
		case of.Kind() == reflect.Pointer, of.Kind() == reflect.Slice, of.Kind() == reflect.Array:
			look(name, of.Elem())
		}
	}
	look("Sighting", reflect.TypeFor[join.Sighting]())
	if diff := cmp.Diff([]string{"Sighting.Packet.Src", "Sighting.Packet.Dst", "Sighting.Encaps.Src", "Sighting.Encaps.Dst"}, names); diff != "" {
		t.Errorf("what of these is to be replaced?\n%s", diff)
	}
}

// TestExcerptHides: an interface that is not in the facts, as one of the second file of a series, appears under its redacted
// name.
func TestExcerptHides(t *testing.T) {
	facts := &fact.Facts{Captures: []fact.Capture{{File: "a.pcap", Node: "a"}}}
	r := redact.New(redact.NewKey(secret), []redact.Source{{File: "a.pcap", Label: "a"}})
	var b bytes.Buffer
	x := newExcerpt(&b, "pcapng", "", r.Facts(facts), newHiding(r, analyze.Config{}))
	f := frameHead{iface: capture.Interface{Link: capture.LinkEthernet, Name: "acme-secret0", Description: "of acme"}}
	told := x.hidden.head(&f)
	if err := x.write(&f, make([]byte, 60), newSightingTexts(&fact.Connection{}, x.links).of(&join.Sighting{Packet: &decode.Packet{}}, &told)); err != nil {
		t.Fatal(err)
	}
	if err := x.to.Flush(); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "acme") || !strings.Contains(s, "if-") {
		t.Errorf("%q", s)
	}
}
