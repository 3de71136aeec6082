package netsift

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/netsift/netsift/analyze"
)

func TestOrigin(t *testing.T) {
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-2, appendix B.1
	data := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte("abc"))), nil }
	broken := func() (io.ReadCloser, error) {
		return io.NopCloser(iotest.TimeoutReader(bytes.NewReader([]byte("abc")))), nil
	}
	in := []analyze.Input{
		{Name: "a.pcap", Open: data},
		{Name: "-", Open: data, Stream: true},
		{Name: "half", Open: data, Stream: true},
		{Name: "broken", Open: broken},
		{Name: "missing", Open: func() (io.ReadCloser, error) { return nil, errors.New("no such file") }},
	}
	o := newOrigin(context.Background(), []string{"analyze", "-o", "html", "a b.pcap", "it's", ""}, in)
	for i, n := range map[int]int{1: 10, 2: 2} { // what analysis reads of the streams
		f, err := in[i].Open()
		if err != nil {
			t.Fatal(err)
		}
		io.CopyN(io.Discard, f, int64(n))
	}
	r := o.report()
	for i, want := range []string{abc, abc, "", "", ""} {
		if got := r.SHA256[i]; got != want {
			t.Errorf("%s: %q, want %q", in[i].Name, got, want)
		}
	}
	if want := `netsift analyze -o html 'a b.pcap' 'it'\''s' ''`; r.Command != want {
		t.Errorf("command %s, want %s", r.Command, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r := newOrigin(ctx, nil, in[:1]).report(); r.SHA256[0] != "" {
		t.Error("an interrupted program goes on summing up")
	}
}
