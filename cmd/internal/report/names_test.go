package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/netsift/netsift/analyze/fact"
)

func TestShortPaths(t *testing.T) {
	for _, x := range [][2]string{
		{"/home/ann/node1.pcap caps/node2.pcap", "node1.pcap node2.pcap"},
		{"/home/ann/node1/any.pcap /home/ann/node2/any.pcap x/any.pcapng", "node1/any.pcap node2/any.pcap any.pcapng"},
		{"/a/1/x/any.pcap /b/1/x/any.pcap /b/2/any.pcap", "a/1/x/any.pcap b/1/x/any.pcap 2/any.pcap"},
		{"/a/any.pcap /a/any.pcap", "any.pcap any.pcap"},
		{"any.pcap ./any.pcap /any.pcap", "any.pcap any.pcap any.pcap"},
		{".. ./ / -", ".. . / -"},
	} {
		if got := strings.Join(ShortPaths(strings.Fields(x[0])), " "); got != x[1] {
			t.Errorf("%s: %s, want %s", x[0], got, x[1])
		}
	}
	if got := ShortPaths([]string{"", "a"}); !slices.Equal(got, []string{"", "a"}) {
		t.Errorf("an empty one: %q", got)
	}
}

func TestWithoutDirectories(t *testing.T) {
	r := &Report{Config: "/home/ann/netsift.yaml", Facts: &fact.Facts{Captures: []fact.Capture{
		{File: "/home/ann/node1.pcap"},
		{File: "/home/ann/copy.pcap", CopyOf: "/home/ann/node1.pcap"},
		{File: "/home/ann/none.pcap", Error: "open /home/ann/none.pcap: no such file or directory"},
	}}}
	out := WithoutDirectories(r)
	c := out.Facts.Captures
	if got := strings.Join([]string{out.Config, c[0].File, c[1].CopyOf, c[2].Error}, ", "); got != "netsift.yaml, node1.pcap, node1.pcap, open none.pcap: no such file or directory" {
		t.Errorf("there is %s", got)
	}
	if r.Facts.Captures[0].File != "/home/ann/node1.pcap" || r.Config != "/home/ann/netsift.yaml" {
		t.Error("the report itself is changed")
	}
}
