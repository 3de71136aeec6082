package score

import (
	"bytes"
	"context"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
	"github.com/netsift/netsift/corpus/build"
	"github.com/netsift/netsift/corpus/cases"
	"github.com/netsift/netsift/rules"
)

// refused is a case as a kernel's captures would give it.
func refused() (*Recorded, *cases.Scene) {
	s := &cases.Scene{}
	s.Start(build.Options{})
	s.Other.Refuse(8080)
	k := s.Client.Dial(s.Web.VIP())
	s.Shown(k, s.Client.Dial(s.Web.VIP()), s.Client.Get(s.Other.Port(9090)))
	s.Truth.Layer = rules.LayerApp
	s.Expect("app-refused", rules.Place{Client: s.Client.Addr(), Service: s.Web.VIP()})
	return &Recorded{Truth: &s.Truth, Files: s.Files(), Client: s.Client.Addr(), Nearest: []string{"node1.pcap"}}, s
}

func TestRecorded(t *testing.T) {
	for _, mode := range Modes {
		r, _ := refused()
		got, err := r.Run(t.Context(), mode)
		if err != nil {
			t.Fatal(err)
		}
		want := 1
		if mode == Filtered {
			want = 0
		}
		if !got.Good() || len(got.Found) != want {
			t.Errorf("%s: found %v, complaints %q", mode, got.Found, got.Complaints)
		}
	}
	// The capture that is nearest has to be enough, and the other need not.
	r, _ := refused()
	r.Files[0].Data = r.Files[0].Data[:fileHeader]
	if got, err := r.Run(t.Context(), Alone); err != nil || len(got.Missed) != 1 {
		t.Errorf("without the nearest capture %v is missed (%v)", got.Missed, err)
	}
}

func TestShifted(t *testing.T) {
	r, _ := refused()
	before := ask(t, r.Files[1])
	after := ask(t, cases.File{Name: "moved", Node: "node2", Data: shifted(r.Files[1].Data, clockOffset)})
	if got := after.Captures[0].First - before.Captures[0].First; got != int64(clockOffset) {
		t.Errorf("the first frame moved by %d ns, want %d", got, int64(clockOffset))
	}
}

func ask(t *testing.T, f cases.File) *fact.Facts {
	t.Helper()
	a, err := Ask(context.Background(), []cases.File{f}, How{Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	return a.Facts
}

// TestFiltered compares a file filtered afterwards with one that was written so.
func TestFiltered(t *testing.T) {
	r, s := refused()
	keep := func(d []byte) bool { return passes(d, s.Client.Addr(), 80, 53) }
	want := s.FilesAs(func(string) build.Form { return build.Form{Filter: keep} })
	for i := range want {
		if !bytes.Equal(filtered(r.Files[i].Data, keep), want[i].Data) {
			t.Errorf("%s: the filtered file differs from the one that was written filtered", want[i].Name)
		}
	}
}
