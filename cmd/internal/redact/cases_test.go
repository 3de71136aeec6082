package redact

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze"
	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/corpus/score"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/rules"
)

// read calls f with each frame of a capture.
func read(t *testing.T, file []byte, f func(i capture.Interface, frame *capture.Frame, data []byte)) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		return // some files are damaged on purpose
	}
	defer r.Close()
	var b capture.Block
	for {
		err := r.Read(&b)
		for i := range b.Frames {
			frame := &b.Frames[i]
			f(r.Interfaces()[frame.Interface], frame, b.Bytes(frame))
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Log(err)
			}
			return
		}
	}
}

// redacted returns a capture with its frames redacted, in pcapng.
func redacted(t *testing.T, f *Frames, file []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := capture.NewWriter(&out, "", "")
	n := uint32(0)
	read(t, file, func(i capture.Interface, frame *capture.Frame, data []byte) {
		for ; n <= frame.Interface; n++ {
			i.Description = ""
			w.AddInterface(i)
		}
		agree(t, f, i.Link, data, frame.Wire)
		w.Write(frame.Interface, frame.Time, frame.Wire, f.Redact(i.Link, data, frame.Wire), "")
	})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// judged returns the facts of captures, and which rules speak, those about names not among them.
func judged(t *testing.T, files []cases.File) (*fact.Facts, []string) {
	t.Helper()
	facts, err := analyze.Run(t.Context(), score.Inputs(files), analyze.Config{Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	found, _ := rules.Judge(facts)
	var ids []string
	for _, f := range found {
		if !strings.HasPrefix(f.Rule, "dns-") {
			ids = append(ids, f.Rule)
		}
	}
	slices.Sort(ids)
	return facts, ids
}

// byName are the cases in which nothing but a DNS name says that an address is a Service's, or what a connection was opened for.
var byName = map[string]bool{"form-name-between": true, "dns-tcp-blocked": true}

// TestCases holds that a redacted capture shows the same faults, except those about names.
func TestCases(t *testing.T) {
	connections, findings := uint64(0), 0
	for _, c := range cases.All() {
		files := c.Play().Files()
		f := testFrames()
		changed := slices.Clone(files)
		for i := range changed {
			changed[i].Data = redacted(t, f, files[i].Data)
		}
		before, spoke := judged(t, files)
		after, speak := judged(t, changed)
		if before.Totals.Connections != after.Totals.Connections {
			t.Errorf("%s: %d connections became %d", c.Name, before.Totals.Connections, after.Totals.Connections)
		}
		if !slices.Equal(spoke, speak) && !byName[c.Name] {
			t.Errorf("%s: %q became %q", c.Name, spoke, speak)
		}
		connections += after.Totals.Connections
		findings += len(speak)
	}
	if connections < 200 || findings < 30 {
		t.Errorf("only %d connections and %d findings were compared", connections, findings)
	}
}
