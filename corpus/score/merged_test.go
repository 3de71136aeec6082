package score

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
)

// TestMerged: what is concluded from the facts of captures is what is concluded from the captures, to the last number.
func TestMerged(t *testing.T) {
	for _, c := range cases.Some(testing.Short()) {
		files := c.Play().Files()
		var merged []cases.File
		for _, f := range files {
			merged = append(merged, cases.File{Name: f.Name, Node: f.Node, Data: factsOf(t, f.Data)})
		}
		want, got := answered(t, files), answered(t, merged)
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%s: %s", c.Name, difference(want.digest(), got.digest()))
		}
	}
}

// TestFactsOfFacts: a facts file is all that its own facts can be made of.
func TestFactsOfFacts(t *testing.T) {
	for _, c := range cases.Some(true) {
		for _, f := range c.Play().Files() {
			once := factsOf(t, f.Data)
			if twice := factsOf(t, once); len(once) > 0 && !bytes.Equal(once[8:], twice[8:]) {
				t.Errorf("%s %s: %d bytes, and made again %d", c.Name, f.Name, len(once), len(twice))
			}
		}
	}
}

// answered returns the answer to captures without what tells facts from captures.
func answered(t *testing.T, files []cases.File) *Answer {
	t.Helper()
	a, err := Ask(t.Context(), files, How{Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Facts.Captures {
		c := &a.Facts.Captures[i]
		c.Format, c.Of = "", ""
		if c.CopyOf != "" { // nothing was read of it
			c.LinkTypes, c.Snaplen = nil, 0
		}
	}
	return a
}

// factsOf returns a capture as a facts file; as it is where it can't be read.
func factsOf(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(data))
	if err != nil {
		return data
	}
	defer r.Close()
	var to bytes.Buffer
	w := capture.NewFactsWriter(&to, capture.FactsAbout{})
	if _, err := decode.Facts(t.Context(), r, w, decode.FactsOptions{}); err != nil {
		t.Fatal(err)
	}
	return to.Bytes()
}
