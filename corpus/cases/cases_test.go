package cases

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/decode"
	"github.com/netsift/netsift/decode/capture"
	"github.com/netsift/netsift/rules"
)

// TestCases plays every case: its truth rests on that. Package score judges netsift's answers.
func TestCases(t *testing.T) {
	names := map[string]bool{}
	for _, c := range All() {
		t.Run(c.Name, func(t *testing.T) {
			if names[c.Name] {
				t.Error("two cases have this name")
			}
			names[c.Name] = true
			if !strings.HasSuffix(c.About, ".") {
				t.Error("About is no sentence")
			}
			s, again := c.Play(), c.Play()
			files, same := s.Files(), again.Files()
			total := 0
			for i, f := range files {
				total += len(f.Data)
				if !bytes.Equal(f.Data, same[i].Data) {
					t.Errorf("%s differs between two runs", f.Name)
				}
			}
			if total < 500 && c.Name != "form-empty" {
				t.Errorf("the captures have only %d bytes", total)
			}
			if len(s.Truth.Expect) == 0 && len(s.Truth.Forbid) == 0 {
				t.Error("the truth neither expects nor forbids anything")
			}
		})
	}
}

// TestEveryRule wants, for each rule of the catalogue, a case in which it must speak and one in which it must not. The
// needs of rules about captures (cap-*) are not built here.
func TestEveryRule(t *testing.T) {
	must, mustNot := map[string]bool{}, map[string]bool{}
	for _, c := range All() {
		s := c.Play()
		expected := func(rule string) bool {
			return slices.ContainsFunc(s.Truth.Expect, func(e Expected) bool { return e.Rule == rule })
		}
		for _, e := range s.Truth.Expect {
			must[e.Rule] = true
		}
		for _, r := range rules.Catalogue() {
			named := slices.Contains(s.Truth.Forbid, r.ID)
			all := slices.Contains(s.Truth.Forbid, "*") && !slices.Contains(s.Truth.Allow, r.ID)
			if (named || all) && !expected(r.ID) {
				mustNot[r.ID] = true
			}
		}
	}
	for _, r := range rules.Catalogue() {
		if strings.HasPrefix(r.ID, "cap-") {
			continue
		}
		if !must[r.ID] {
			t.Errorf("no case expects %s", r.ID)
		}
		if !mustNot[r.ID] {
			t.Errorf("no case forbids %s", r.ID)
		}
	}
}

// TestEveryTunnel wants a case for each tunnel over UDP.
func TestEveryTunnel(t *testing.T) {
	var shown decode.EncapSet
	d := decode.New(decode.Options{}, decode.NewStacks())
	for _, c := range All() {
		for _, f := range c.Play().Files() {
			r, err := capture.NewReader(bytes.NewReader(f.Data))
			if err != nil {
				continue // some files are damaged on purpose
			}
			var b capture.Block
			for err == nil {
				err = r.Read(&b)
				for i := range b.Frames {
					var p decode.Packet
					frame := &b.Frames[i]
					d.Decode(&p, r.Interfaces()[frame.Interface].Link, b.Bytes(frame), frame.Wire)
					shown |= p.Encaps
				}
			}
			r.Close()
		}
	}
	for k := range decode.UDPTunnels().All() {
		if !shown.Has(k) {
			t.Errorf("no case shows %s", k)
		}
	}
}
