package netsift

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
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

// TestTold holds that a report tells nobody where files lie on the machine that it was made on.
func TestTold(t *testing.T) {
	files := strings.Fields("/home/ann/1/any.pcap /home/ann/2/any.pcap /home/ann/x.pcap")
	for _, x := range [][2]string{
		{"analyze -o html -w /home/ann/r.html /home/ann/x.pcap", "analyze -o html x.pcap"},
		{"analyze --write=/home/ann/r.html -w=/r --config /home/ann/p.yaml --cluster=/home/ann/snap/ -", "analyze --config p.yaml --cluster=snap -"},
		{"analyze --config /dev/null /home/ann/1/any.pcap /home/ann/2/any.pcap", "analyze --config /dev/null 1/any.pcap 2/any.pcap"},
		{"analyze --node a=/home/ann/1/any.pcap,/home/ann/x.pcap --node=b=/home/ann/2/any.pcap", "analyze --node a=1/any.pcap,x.pcap --node=b=2/any.pcap"},
		{"analyze --filter 10.0.0.0/8 -- /home/ann/x.pcap", "analyze --filter 10.0.0.0/8 -- x.pcap"},
		{"analyze /home/ann/x.pcap -w", "analyze x.pcap"},
	} {
		if got := strings.Join(told(strings.Fields(x[0]), files), " "); got != x[1] {
			t.Errorf("%s: %s, want %s", x[0], got, x[1])
		}
	}
}
